"""Signatures of a petition by country, by language and by how they came: numbers alone.

One grouped query; nothing here opens a seal or names a signer.
"""

import enum
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from petitions.extensions import db
from petitions.models import Signature, SignatureState, Verification


class Source(enum.StrEnum):
    """How a signature came."""

    FORM = "form"
    SECOND = "second of a mailbox"
    ATTESTED = "attested"


@dataclass(slots=True)
class Row:
    """How many signatures of one kind are in each state. Expired ones are deleted, and in none."""

    key: str
    confirmed: int = 0
    pending: int = 0
    set_aside: int = 0
    withdrawn: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.confirmed + self.pending + self.set_aside + self.withdrawn


@dataclass(slots=True)
class Breakdown:
    """The same signatures, three times; the largest first."""

    by_country: list[Row] = field(default_factory=list)
    by_language: list[Row] = field(default_factory=list)
    by_source: list[Row] = field(default_factory=list)


_COLUMNS = {
    SignatureState.CONFIRMED: "confirmed",
    SignatureState.PENDING: "pending",
    SignatureState.SET_ASIDE: "set_aside",
    SignatureState.WITHDRAWN: "withdrawn",
    SignatureState.EXPIRED: "withdrawn",
}


def breakdown_of(petition_id: int) -> Breakdown:
    """Return the numbers of a petition."""
    columns = (
        Signature.country,
        Signature.language,
        Signature.verified_by,
        Signature.shares_mailbox,
        Signature.state,
    )
    query = select(*columns, func.count()).where(Signature.petition_id == petition_id)
    rows: tuple[dict[str, Row], ...] = tuple(_Rows() for _ in range(3))
    for country, language, verified, second, state, number in db.session.execute(
        query.group_by(*columns)
    ):
        keys = (country, language, _source(verified, second))
        for table, key in zip(rows, keys, strict=True):
            name = _COLUMNS[state]
            setattr(table[key], name, getattr(table[key], name) + number)
    return Breakdown(*(_largest_first(table) for table in rows))


class _Rows(defaultdict[str, Row]):
    def __missing__(self, key: str) -> Row:
        self[key] = Row(key)
        return self[key]


def _source(verified: Verification, second: bool) -> str:
    if verified is Verification.ATTESTED:
        return Source.ATTESTED
    return Source.SECOND if second else Source.FORM


def _largest_first(table: dict[str, Any]) -> list[Row]:
    return sorted(table.values(), key=lambda row: (-row.total, row.key))
