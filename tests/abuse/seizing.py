"""What somebody has who took a stopped server, and all that they can make of it.

They have the application too, so they know how everything is made; what they do not have is what
people remember or keep on paper.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import quopri
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import quote, quote_plus

import psycopg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from psycopg import sql
from psycopg.rows import dict_row

from petitions.domain.sealing import address_context, person_context
from petitions.errors import CannotOpen, KeyMissing
from petitions.vault import KeyRing, Person, canonical_address, keyed_hash, open_with, sealing
from petitions.vault.custodians import public_of
from petitions.vault.sealing import open_data_key

KEY, NONCE, TAG = 32, 12, 16


@dataclass(frozen=True)
class Seized:
    """A database, a data directory and an environment."""

    rows: dict[str, list[dict[str, Any]]] = field(repr=False)
    raw: list[bytes] = field(repr=False)
    data_dir: Path
    environ: dict[str, str] = field(repr=False)

    # What lies open.

    def shows(self, needle: str) -> bool:
        """Whether a text can be found in any byte that was taken, however it is written down."""
        ways = [way.lower() for way in _written(needle)]
        return any(way in part for part in self._parts() for way in ways)

    def _parts(self) -> Iterator[bytes]:
        for part in self.raw:
            yield part.lower()
        for path in self.files():
            content = path.read_bytes()
            yield content.lower()
            if zipfile.is_zipfile(io.BytesIO(content)):
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    for name in archive.namelist():
                        yield archive.read(name).lower()
        yield json.dumps(self.environ).encode().lower()

    def files(self) -> list[Path]:
        return sorted(path for path in self.data_dir.rglob("*") if path.is_file())

    # What opens.

    @property
    def ring(self) -> KeyRing:
        vault_key = self.environ.get("PETITIONS_VAULT_KEY", "")
        return KeyRing(self.data_dir / "keys", vault_key)

    def private_keys(self) -> dict[int, bytes]:
        """Private keys of cases: whatever was taken is tried as one, each run of 32 bytes."""
        wanted = {bytes(row["public_key"]): row["case_id"] for row in self.rows["case_key"]}
        found = {}
        for candidate in set(self._candidates()):
            case_id = wanted.get(public_of(candidate))
            if case_id is not None:
                found[case_id] = candidate
        return found

    def _candidates(self) -> Iterator[bytes]:
        for material in self._material():
            for at in range(max(len(material) - KEY + 1, 0)):
                yield material[at : at + KEY]

    def _material(self) -> Iterator[bytes]:
        ring = self.ring
        for purpose in ("key ring", "mail", "suppressions", "audit reasons", "receipts"):
            yield ring.derived(purpose)
        for path in (self.data_dir / "keys").glob("*"):
            yield path.read_bytes()
            with suppress(KeyMissing):
                yield ring._read(path.name)
        for value in self.environ.values():
            yield value.encode()
            with suppress(ValueError):
                yield base64.urlsafe_b64decode(value.encode())
            with suppress(ValueError):
                yield bytes.fromhex(value)
        for table in ("case_key", "custodian", "data_key"):
            for row in self.rows[table]:
                yield from (bytes(value) for value in row.values() if _is_bytes(value))

    def persons(self) -> dict[int, Person]:
        """Whom the rows of signatures yield, by the number of the signature."""
        return {
            row["id"]: Person.decode(plain)
            for row, plain in self._opened("person_sealed", person_context)
        }

    def addresses(self) -> dict[int, str]:
        """The addresses that the rows of signatures yield."""
        return {
            row["id"]: plain.decode().rstrip()
            for row, plain in self._opened("address_sealed", address_context)
        }

    def _opened(self, column: str, context: Any) -> Iterator[tuple[dict[str, Any], bytes]]:
        keys = self.private_keys()
        data_keys = {row["id"]: row for row in self.rows["data_key"]}
        for row in self.rows["signature"]:
            data_key = data_keys.get(row["data_key_id"])
            if row[column] is None or data_key is None or data_key["case_id"] not in keys:
                continue
            with suppress(CannotOpen):
                opened = open_data_key(bytes(data_key["sealed_key"]), keys[data_key["case_id"]])
                bound = context(row["petition_id"], row["order_number"])
                yield row, opened.open(bytes(row[column]), bound)

    def queued(self) -> dict[int | None, str]:
        """The addresses in mails that wait, by the number of the signature that each is about."""
        found = {}
        for row in self.rows["mail"]:
            if row["address_sealed"] is not None:
                with suppress(CannotOpen):
                    bound = row["message_id"].encode()
                    plain = open_with(
                        self.ring.derived("mail"), bytes(row["address_sealed"]), bound
                    )
                    found[row["signature_id"]] = plain.decode().rstrip()
        return found

    def signature_of(self, address: str) -> int | None:
        """The number of the signature that a guessed address has, if that can be told."""
        for case in self.rows["case_key"]:
            with suppress(KeyMissing):
                key = self.ring.lookup_key(case["ref"])
                for petition in self.rows["petition"]:
                    lookup = keyed_hash(key, str(petition["id"]), canonical_address(address))
                    for row in self.rows["signature"]:
                        if row["lookup"] is not None and bytes(row["lookup"]) == lookup:
                            return int(row["id"])
        return None

    def opened(self) -> Iterator[bytes]:
        """Every sealed thing in any column, opened with every key there is, fitting or not.

        AES-GCM without its check is AES in counter mode: so what a thing is bound to need not be
        known, and whatever is nonsense is nonsense.
        """
        keys = self._keys()
        for rows in self.rows.values():
            for row in rows:
                for value in row.values():
                    if _is_bytes(value) and len(value) > NONCE + TAG:
                        sealed = bytes(value)
                        counter = sealed[:NONCE] + (2).to_bytes(4, "big")
                        for key in keys:
                            cipher = Cipher(AES(key), CTR(counter)).decryptor()
                            yield cipher.update(sealed[NONCE:-TAG])

    def _keys(self) -> list[bytes]:
        ring = self.ring
        purposes = ("key ring", "mail", "suppressions", "audit reasons", "receipts", "day keys")
        keys = [ring.derived(purpose) for purpose in purposes]
        private = self.private_keys()
        for row in self.rows["data_key"]:
            if row["case_id"] in private:
                mine = X25519PrivateKey.from_private_bytes(private[row["case_id"]])
                keys.append(sealing._SUITE.decrypt(bytes(row["sealed_key"]), mine, sealing._INFO))
        for case in self.rows["case_key"]:
            with suppress(KeyMissing):
                keys.append(ring.lookup_key(case["ref"]))
        return keys

    def tells(self, needle: str) -> bool:
        """Whether a text is in any byte that was taken, or comes out of anything that opens."""
        ways = [way.lower() for way in _written(needle)]
        return self.shows(needle) or any(
            way in plain.lower() for plain in self.opened() for way in ways
        )

    def reasons(self) -> list[str]:
        """What organisers wrote into the record of what was done."""
        key, found = self.ring.derived("audit reasons"), []
        for row in self.rows["audit_entry"]:
            if row["reason_sealed"] is not None:
                with suppress(CannotOpen):
                    plain = open_with(key, bytes(row["reason_sealed"]), b"audit reasons")
                    found.append(plain.decode().rstrip())
        return found


def seize(database_url: str, data_dir: Path, environ: dict[str, str], *logs: Path) -> Seized:
    """Take everything: the database's file or dump, the data directory, settings and logs."""
    rows, raw = _sqlite(database_url) if database_url.startswith("sqlite") else _dump(database_url)
    raw += [log.read_bytes() for log in logs]
    ours = {name: value for name, value in environ.items() if name.startswith("PETITIONS_")}
    return Seized(rows, raw, data_dir, ours)


def _sqlite(url: str) -> tuple[dict[str, list[dict[str, Any]]], list[bytes]]:
    file = Path(url.removeprefix("sqlite:///"))
    raw = [path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*"))]
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = {
            name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')]
            for (name,) in names
        }
    return rows, raw


def _dump(url: str) -> tuple[dict[str, list[dict[str, Any]]], list[bytes]]:
    rows, raw = {}, []
    with psycopg.connect(url, row_factory=dict_row) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        for table in tables:
            name = sql.Identifier(table["table_name"])
            query = sql.SQL("SELECT * FROM {}").format(name)
            rows[table["table_name"]] = connection.execute(query).fetchall()
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(name)) as copy:
                raw.append(b"".join(bytes(part) for part in copy))
    for values in rows.values():
        for row in values:
            raw += [bytes(value) for value in row.values() if _is_bytes(value)]
    return rows, raw


def _is_bytes(value: object) -> bool:
    return isinstance(value, bytes | memoryview)


def _written(text: str) -> Iterable[bytes]:
    """A text as files may hold it."""
    plain = text.encode()
    yield plain
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield json.dumps(text)[1:-1].encode()
    yield plain.hex().encode()
    yield quote(text).encode()
    yield quote_plus(text).encode()
    yield text.encode("ascii", "xmlcharrefreplace")
    yield quopri.encodestring(plain)
    yield normalize("NFD", text).encode()
    for digest in ("md5", "sha1", "sha256"):
        hashed = hashlib.new(digest, plain, usedforsecurity=False)
        yield hashed.hexdigest().encode()
        yield hashed.digest()
    for shift in range(3):  # base64 within something longer, wherever it begins
        coded = base64.b64encode(b"x" * shift + plain)
        yield coded[4 if shift else 0 : -4]
