"""Synthetic signatures for demonstrations: confirmed, in many scripts, sealed like real ones.

Who the signers are follows from their number alone; keys, addresses and order stay random. The
names come from `sample_names.toml`.
"""

import hashlib
import secrets
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import func, insert, select

from petitions.domain.case_keys import lookup_key_of
from petitions.domain.names import NOT_SAID, suggested_initials
from petitions.domain.sealing import Sealer, person_context
from petitions.errors import NotFound, PetitionsError
from petitions.extensions import db
from petitions.models import (
    Appearance,
    ConsentVersion,
    Organisation,
    Petition,
    PetitionText,
    Signature,
    SignatureState,
    TextVersion,
    Verification,
)
from petitions.vault import KeyRing, Person, keyed_hash

BATCH = 1000
Progress = Callable[[int, int], None]
"""Called after each batch with how many are done, and of how many."""
_APPEARANCES = (Appearance.FULL,) * 6 + (Appearance.INITIALS,) * 2 + (Appearance.COUNTED,) * 2


class NotADemonstration(PetitionsError):
    """Invented signatures are refused on a site that is not a demonstration."""


@dataclass(frozen=True, slots=True)
class SampleSigner:
    """An invented signer."""

    name: str = field(repr=False)
    initials: str = field(repr=False)
    place: str = field(repr=False)
    country: str
    appearance: Appearance
    language: str
    script: str


def add_samples(
    petition: Petition,
    number: int,
    keyring: KeyRing,
    now: datetime,
    progress: Progress | None = None,
) -> int:
    """Add that many confirmed, invented signatures in batches; return how many were added.

    A repetition goes on with other signers where the last one ended. Raises NotADemonstration,
    NotFound (the petition has no text or consent yet), KeyMissing.
    """
    organisation = db.session.get(Organisation, 1)
    if organisation is None or not organisation.demonstration:
        raise NotADemonstration("sample signatures are for demonstrations only")
    same = _same_in_all_rows(petition, now)
    languages = _languages(same["text_version_id"])
    seal = _sealer_of(petition, keyring, now)
    there = select(func.count()).where(Signature.petition_id == petition.id)
    first = db.session.execute(there).scalar_one()
    for start in range(0, number, BATCH):
        stop = min(start + BATCH, number)
        signers = (sample_signer(first + index) for index in range(start, stop))
        rows = [same | _shown(signer, languages) | seal(signer) for signer in signers]
        db.session.execute(insert(Signature), rows)
        if progress is not None:
            progress(stop, number)
    return max(number, 0)


def sample_signer(index: int) -> SampleSigner:
    """Return the invented signer of a number: always the same one for the same number."""
    draw = _draws(index)
    pools = _pools()
    pool = pools[index % len(pools)]  # every script comes up early
    name = _name(pool, draw)
    country, _, place = _pick(pool["places"], draw).partition(" ")
    return SampleSigner(
        name=name,
        initials=suggested_initials(name) or NOT_SAID,
        place=place,
        country=country,
        appearance=_pick(_APPEARANCES, draw),
        language=pool["language"],
        script=pool["script"],
    )


@cache
def _pools() -> tuple[dict[str, Any], ...]:
    with files(__package__).joinpath("sample_names.toml").open("rb") as file:
        return tuple(tomllib.load(file)["pools"])


def _draws(index: int) -> Iterator[int]:
    """Give numbers that look random and follow from `index`."""
    digest = hashlib.blake2b(index.to_bytes(8, "big"), digest_size=32).digest()
    return (int.from_bytes(digest[i : i + 4], "big") for i in range(0, 32, 4))


def _pick(choices: Any, draw: Iterator[int]) -> Any:
    return choices[next(draw) % len(choices)]


def _name(pool: dict[str, Any], draw: Iterator[int]) -> str:
    mononyms = pool.get("mononyms", ())
    if "given" not in pool or (mononyms and next(draw) % 4 == 0):
        return str(_pick(mononyms, draw))
    parts = [_pick(pool["given"], draw), _pick(pool["family"], draw)]
    if pool.get("family_first", False):
        parts.reverse()
    return str(pool.get("joiner", " ").join(parts))


def _shown(signer: SampleSigner, languages: set[str]) -> dict[str, Any]:
    """Return what is kept of a signer in plain; the language is English if not theirs."""
    return {
        "appearance": signer.appearance,
        "country": signer.country,
        "language": signer.language if signer.language in languages else "en",
    }


def _sealer_of(
    petition: Petition, keyring: KeyRing, now: datetime
) -> Callable[[SampleSigner], dict[str, Any]]:
    """Return what seals signers as `signing` does; their addresses cannot exist (RFC 2606)."""
    lookup_key = lookup_key_of(petition.case_id, keyring)
    key_id, key = Sealer().data_key(petition.case_id, now)

    def seal(signer: SampleSigner) -> dict[str, Any]:
        person = Person.of(signer.name, signer.initials, signer.place)
        order = secrets.randbits(63)
        address = f"sample-{secrets.token_hex(16)}@example.invalid"
        return {
            "order_number": order,
            "lookup": keyed_hash(lookup_key, str(petition.id), address),
            "data_key_id": key_id,
            "person_sealed": key.seal(person.encode(), person_context(petition.id, order)),
        }

    return seal


def _same_in_all_rows(petition: Petition, now: datetime) -> dict[str, Any]:
    return {
        "petition_id": petition.id,
        "state": SignatureState.CONFIRMED,
        "text_version_id": _newest(TextVersion, petition.id),
        "consent_version_id": _newest(ConsentVersion, petition.id),
        "late": petition.is_past(now),
        "news": False,
        "verified_by": Verification.EMAIL,
        "created_at": now,
        "confirmed_at": now,
    }


def _newest(table: type[TextVersion] | type[ConsentVersion], petition_id: int) -> int:
    query = select(table.id).where(table.petition_id == petition_id).order_by(table.number.desc())
    found = db.session.execute(query.limit(1)).scalar_one_or_none()
    if found is None:
        raise NotFound("the petition has no text or no consent to sign yet")
    return found


def _languages(version_id: int) -> set[str]:
    query = select(PetitionText.language).where(PetitionText.text_version_id == version_id)
    return set(db.session.execute(query).scalars())
