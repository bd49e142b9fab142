"""Recovery codes, hashed before they are encrypted: nobody who has all our keys can read one.

A code has 48 random bits, few enough to be tried one by one, so the hash is argon2id's. All codes
of an account share one salt: whoever signs in waits for one hash, not for eight. Hashing is done
before the transaction that writes: signers of petitions wait for nobody's argon2.
"""

import base64
import hmac
import os
from typing import Any

from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import hash_secret
from flask import abort, current_app, g
from flask_security import MfRecoveryCodesUtil

from petitions.web.organiser.datastore import write_to

_SALT = 16


class HashedRecoveryCodes(MfRecoveryCodesUtil):
    """Keeps hashes; those of before, which are codes, work until new ones are made."""

    def create_recovery_codes(self, user: Any) -> list[str]:
        """Return new codes, to be shown once, and keep their hashes."""
        security = current_app.extensions["security"]
        number = current_app.config["SECURITY_MULTI_FACTOR_RECOVERY_CODES_N"]
        codes: list[str] = security.totp_factory.generate_recovery_codes(number)
        salt = os.urandom(_SALT)
        hashed = [PasswordHasher().hash(_typed(code), salt=salt) for code in codes]
        write_to(user)
        security.datastore.mf_set_recovery_codes(user, self._encrypt_codes(hashed))
        return codes

    def get_recovery_codes(self, _: Any) -> list[str]:
        """Return none: codes are shown when they are made, and never again."""
        return []

    def check_recovery_code(self, user: Any, code: str) -> bool:
        """Whether a code is one that is left."""
        return self._place_of(user, code) is not None

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """Take a code out: it was used. Answers 400 where another sign-in has just used it."""
        datastore = current_app.extensions["security"].datastore
        write_to(user)
        place = self._place_of(user, code)
        if place is None:  # the library would sign in all the same
            abort(400)
        return bool(datastore.mf_delete_recovery_code(user, place))

    def _place_of(self, user: Any, code: str) -> int | None:
        datastore = current_app.extensions["security"].datastore
        kept = self._decrypt_codes(datastore.mf_get_recovery_codes(user))
        # What is typed is hashed once in a request, and with its first look: no lock is held then.
        known: dict[tuple[str, str], str] = g.setdefault("hashed_recovery_codes", {})
        found = None
        for place, one in enumerate(kept):  # to the end: who measures, learns no place
            head, typed = one.rpartition("$")[0], _typed(code)
            if (head, typed) not in known:
                known[head, typed] = _as_there(one, head, typed)
            if hmac.compare_digest(known[head, typed].encode(), one.encode()):
                found = place
        return found


def _as_there(one: str, head: str, typed: str) -> str:
    """Return what was typed, hashed as a kept one was; one of before is no hash."""
    if not head:
        return typed
    how = extract_parameters(one)
    salt = head.rpartition("$")[2]
    return hash_secret(
        typed.encode(),
        base64.b64decode(salt + "=" * (-len(salt) % 4)),
        time_cost=how.time_cost,
        memory_cost=how.memory_cost,
        parallelism=how.parallelism,
        hash_len=how.hash_len,
        type=how.type,
        version=how.version,
    ).decode()


def _typed(code: str) -> str:
    return code.strip().lower()
