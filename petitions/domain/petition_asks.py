"""The asks of a petition: which there are, in which order, and at whom each is aimed.

Their words are written in `petition_words`. Like those, they change in the draft alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from petitions.domain import audit
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.petition_versions import (
    addressees_of,
    aims_of,
    asks_in,
    current,
    text_draft,
)
from petitions.domain.petition_words import words_of
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import (
    AddressedState,
    Addressee,
    Ask,
    AskAddressee,
    AskText,
    Case,
    Official,
    OfficialKind,
    Petition,
    TextVersion,
)

MOST_ASKS = 40
"""More than any letter holds, and few enough for a page."""


@dataclass(frozen=True, slots=True)
class Aim:
    """An ask as it should be. `place` is where it stands now, from 1 on; None for a new one."""

    place: int | None
    country: str
    addressees: frozenset[int]


def aims(version_id: int) -> tuple[Aim, ...]:
    """Return the asks of a text version as they are now."""
    aimed = aims_of(version_id)
    return tuple(
        Aim(place, ask.country, frozenset(aimed.get(ask.id, ())))
        for place, ask in enumerate(asks_in(version_id), start=1)
    )


def shown_asks(version_id: int, source: str) -> Mapping[str, Any]:
    """Return what the form of the asks shows, for a fingerprint."""
    told = [[one.country, sorted(one.addressees)] for one in aims(version_id)]
    return {"asks": told, "words": [list(voices) for voices in words_of(version_id, source).asks]}


def states_addressed(case_id: int) -> tuple[str, ...]:
    """Return the states that a case is addressed to."""
    query = select(AddressedState.country).where(AddressedState.case_id == case_id)
    return tuple(sorted(db.session.execute(query).scalars()))


def aimed_elsewhere(version_id: int) -> list[tuple[int, str]]:
    """Return (place, state) of each ask that has addressees, none of which belongs to its state.

    An embassy belongs to the state that it represents; an official without a country to any.
    """
    there = aims(version_id)
    states = _states_of(set[int]().union(*(one.addressees for one in there)))
    return [
        (one.place or 0, one.country)
        for one in there
        if one.addressees and not any(states[to] in {one.country, None} for to in one.addressees)
    ]


def _states_of(addressees: set[int]) -> dict[int, str | None]:
    query = (
        select(Addressee.id, Addressee.embassies_of, Official.kind)
        .add_columns(Official.country, Official.represents)
        .outerjoin(Official, Official.id == Addressee.official_id)
        .where(Addressee.id.in_(addressees))
    )
    return {
        row.id: row.embassies_of
        or (row.country if row.kind is OfficialKind.OFFICE else row.represents)
        for row in db.session.execute(query)
    }


def change_asks(
    petition: Petition, new: Sequence[Aim], *, seen: str, author: int, now: datetime
) -> bool:
    """Make the asks those given, in this order; return whether anything changed.

    An ask that is left out is deleted with its words, in the draft alone. Raises ChangedMeanwhile,
    Refused: 'too many asks', 'no such ask', 'state not addressed', 'no such addressee'.
    """
    source = db.session.get_one(Case, petition.case_id).source_language
    before = current(TextVersion, petition.id)
    refuse_changed(seen, shown_asks(before.id, source))
    old = aims(before.id)
    _check(petition, old, new)
    if tuple(new) == old:
        return False
    version = text_draft(petition, author, now)
    _rearrange(version, new)
    detail = {"version": version.number, "before": len(old), "after": len(new)}
    audit.record(f"organiser {author}", "asks changed", f"petition {petition.id}", detail, now)
    return True


def _check(petition: Petition, old: Sequence[Aim], new: Sequence[Aim]) -> None:
    if len(new) > MOST_ASKS:
        raise Refused("too many asks", "asks")
    places = [one.place for one in new if one.place is not None]
    if len(set(places)) != len(places) or not set(places) <= {one.place for one in old}:
        raise Refused("no such ask", "asks")
    # An ask keeps a state that was taken off the case since, until somebody aims it elsewhere.
    countries = {*states_addressed(petition.case_id), *(one.country for one in old)}
    if not all(one.country in countries for one in new):
        raise Refused("state not addressed", "asks")
    known = {addressee.id for addressee in addressees_of(petition.id)}
    if not all(one.addressees <= known for one in new):
        raise Refused("no such addressee", "asks")


def _rearrange(version: TextVersion, new: Sequence[Aim]) -> None:
    rows = dict(enumerate(asks_in(version.id), start=1))
    kept = {one.place for one in new}
    for place, ask in rows.items():
        if place not in kept:
            _delete(ask)
        ask.position = -place  # out of the way: a position is there once
    db.session.flush()
    for position, one in enumerate(new, start=1):
        ask = rows[one.place] if one.place else Ask(text_version_id=version.id)
        ask.position, ask.country = position, one.country
        db.session.add(ask)
        db.session.flush()
        db.session.execute(delete(AskAddressee).where(AskAddressee.ask_id == ask.id))
        for addressee_id in sorted(one.addressees):
            db.session.add(AskAddressee(ask_id=ask.id, addressee_id=addressee_id))
    db.session.flush()


def _delete(ask: Ask) -> None:
    for table in (AskAddressee, AskText):
        db.session.execute(delete(table).where(table.ask_id == ask.id))
    db.session.delete(ask)
