"""The addressees of a petition: who gets it, to whom names go, and which consent says so.

On a published petition each change holds at once, and whoever signs from then on reads a new
version of the consent: an office gets the signatures of those alone whose consent named it.
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
    copy_consent_words,
    draft,
    hold_offices,
    name_offices,
    offices_named,
    published,
)
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.i18n import countries
from petitions.models import (
    Addressee,
    AskAddressee,
    ConsentVersion,
    Official,
    OfficialKind,
    Part,
    Petition,
    PetitionState,
)

MOST_ADDRESSEES = 200
"""More than anybody writes to, and few enough for a page."""


@dataclass(frozen=True, slots=True)
class Place:
    """An addressee as it should be: its part, and whether names go there (and why, to a copy)."""

    id: int
    part: Part
    names_go: bool
    names_reason: str = ""


def places_of(petition_id: int) -> tuple[Place, ...]:
    """Return the addressees as they are now, in their order."""
    return tuple(
        Place(one.id, one.part, one.names_go, one.names_reason or "")
        for one in addressees_of(petition_id)
    )


def shown_addressees(petition_id: int) -> Mapping[str, Any]:
    """Return what the form of the addressees shows, for a fingerprint."""
    told = [[one.id, one.part, one.names_go, one.names_reason] for one in places_of(petition_id)]
    return {"addressees": told}


def add_official(
    petition: Petition, official_id: int, part: Part, *, author: int, now: datetime
) -> Addressee:
    """Add an official as the last addressee. Names go to `to` addressees.

    But never where the official takes none. Whoever was taken off comes back. Raises NotFound,
    Refused: 'addressee already', 'too many addressees'.
    """
    if db.session.get(Official, official_id) is None:
        raise NotFound("no such official")
    query = select(Addressee).where(
        Addressee.petition_id == petition.id, Addressee.official_id == official_id
    )
    row = db.session.execute(query).scalar_one_or_none()
    fresh = Addressee(petition_id=petition.id, official_id=official_id, part=part)
    names_go = _names_go_at_first(fresh)
    detail = {"official": official_id, "part": part, "names_go": names_go}
    return _add(petition, row, fresh, detail, author=author, now=now)


def add_embassies(petition: Petition, country: str, *, author: int, now: datetime) -> Addressee:
    """Add the rule 'the embassies of a state in the signer's country', without names.

    Raises Refused: 'no such country', 'addressee already', 'too many addressees'.
    """
    if country not in countries():
        raise Refused("no such country", "embassies_of")
    query = select(Addressee).where(
        Addressee.petition_id == petition.id, Addressee.embassies_of == country
    )
    row = db.session.execute(query).scalar_one_or_none()
    fresh = Addressee(petition_id=petition.id, embassies_of=country, part=Part.COPY)
    detail = {"embassies_of": country, "part": Part.COPY, "names_go": False}
    return _add(petition, row, fresh, detail, author=author, now=now)


def change_addressees(
    petition: Petition, new: Sequence[Place], *, seen: str, author: int, now: datetime
) -> bool:
    """Make the addressees those given, in this order; return whether anything changed.

    Who is left out is taken off: deleted while the petition is a draft, and otherwise kept for what
    was prepared for it. Raises ChangedMeanwhile, Refused: 'no such addressee', 'never names',
    'names need a reason' and 'embassies are copies' (these with the addressee's id as the field).
    """
    refuse_changed(seen, shown_addressees(petition.id))
    old = places_of(petition.id)
    rows = {one.id: one for one in addressees_of(petition.id)}
    _check(rows, new)
    new = [_without_needless_reason(one) for one in new]
    if tuple(new) == old:
        return False
    for addressee_id in rows.keys() - {one.id for one in new}:
        _take_off(petition, rows[addressee_id], now)
    for position, one in enumerate(new, start=1):
        row = rows[one.id]
        row.position, row.part, row.names_go = position, one.part, one.names_go
        row.names_reason = one.names_reason or None
    db.session.flush()
    detail = {"before": [_told(one) for one in old], "after": [_told(one) for one in new]}
    subject = f"petition {petition.id}"
    audit.record(f"organiser {author}", "addressees changed", subject, detail, now)
    keep_consent_in_step(petition, author=author, now=now)
    return True


def keep_consent_in_step(petition: Petition, *, author: int, now: datetime) -> bool:
    """Publish a new consent, in the same words, where a published one names other offices.

    Return whether there is a new one. A draft of the consent keeps its place behind it.
    """
    before = published(ConsentVersion, petition.id)
    rows = addressees_of(petition.id)
    if before is None or offices_named(before.id) == {one.id: one.names_go for one in rows}:
        return False
    number, waiting = before.number + 1, draft(ConsentVersion, petition.id)
    if waiting is not None:
        waiting.number = number + 1
        db.session.flush()
    version = ConsentVersion(
        petition_id=petition.id,
        number=number,
        created_at=now,
        published_at=now,
        written_by=list(before.written_by),
    )
    db.session.add(version)
    db.session.flush()
    copy_consent_words(before, version)
    hold_offices(rows)
    name_offices(version, rows)
    detail = {"version": number, "offices": {str(one.id): one.names_go for one in rows}}
    subject = f"petition {petition.id}"
    audit.record(f"organiser {author}", "consent renewed for offices", subject, detail, now)
    return True


def officials_to_choose(petition_id: int) -> list[Official]:
    """Return the officials that are not addressees of a petition, those of one country together."""
    taken = select(Addressee.official_id).where(
        Addressee.petition_id == petition_id,
        Addressee.removed_at.is_(None),
        Addressee.official_id.is_not(None),
    )
    query = select(Official).where(Official.id.not_in(taken))
    return list(db.session.execute(query.order_by(Official.country, Official.slug)).scalars())


def states_with_embassies() -> set[str]:
    """Return the states of which at least one embassy, consulate or mission is known."""
    query = select(Official.represents).where(Official.kind != OfficialKind.OFFICE).distinct()
    return {state for state in db.session.execute(query).scalars() if state}


def _add(
    petition: Petition,
    row: Addressee | None,
    fresh: Addressee,
    detail: Mapping[str, object],
    *,
    author: int,
    now: datetime,
) -> Addressee:
    if row is not None and row.removed_at is None:
        raise Refused("addressee already", "official_id" if fresh.official_id else "embassies_of")
    there = addressees_of(petition.id)
    if len(there) >= MOST_ADDRESSEES:
        raise Refused("too many addressees")
    added = row or fresh
    added.part, added.names_go, added.names_reason = fresh.part, _names_go_at_first(fresh), None
    added.removed_at = None
    added.position = 1 + max((one.position for one in there), default=0)
    db.session.add(added)
    db.session.flush()
    subject = f"petition {petition.id}"
    audit.record(f"organiser {author}", "addressee added", subject, detail, now)
    keep_consent_in_step(petition, author=author, now=now)
    return added


def _check(rows: Mapping[int, Addressee], new: Sequence[Place]) -> None:
    ids = [one.id for one in new]
    if len(set(ids)) != len(ids) or not set(ids) <= rows.keys():
        raise Refused("no such addressee", "addressees")
    for one in new:
        if rows[one.id].embassies_of is not None and one.part is not Part.COPY:
            raise Refused("embassies are copies", str(one.id))
        if one.names_go and _never_names(rows[one.id]):
            raise Refused("never names", str(one.id))
        if one.names_go and one.part is Part.COPY and not one.names_reason:
            raise Refused("names need a reason", str(one.id))


def _names_go_at_first(one: Addressee) -> bool:
    return one.part is Part.TO and not _never_names(one)


def _never_names(one: Addressee) -> bool:
    return one.official_id is not None and db.session.get_one(Official, one.official_id).never_names


def _without_needless_reason(one: Place) -> Place:
    keeps = one.names_go and one.part is Part.COPY
    return one if keeps else Place(one.id, one.part, one.names_go)


def _take_off(petition: Petition, row: Addressee, now: datetime) -> None:
    if petition.state is not PetitionState.DRAFT:
        row.removed_at = now  # asks of a draft lose it when that is copied or shown (`aims_of`)
        return
    db.session.execute(delete(AskAddressee).where(AskAddressee.addressee_id == row.id))
    db.session.delete(row)
    db.session.flush()


def _told(one: Place) -> dict[str, object]:
    return {"addressee": one.id, "part": one.part, "names_go": one.names_go}
