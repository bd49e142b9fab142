"""The people of a case: what is known of each, in which order. What is not known stays empty."""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select

from petitions.domain import audit
from petitions.domain.case_covering import refuse_uncovered
from petitions.domain.case_finding import case_for_writing, latest_day
from petitions.domain.case_order import move_row
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.rights import Right
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import Case, Person, PersonName, PersonStatus, PersonText

_SINCE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person. `other_names` are (name, language or nothing).

    `believed_held` is told in the case's source language, in others by `held_in`: (language, text).
    """

    name: str
    other_names: tuple[tuple[str, str], ...] = ()
    gender: str = ""
    age: int | None = None
    status: PersonStatus = PersonStatus.UNKNOWN
    status_as_of: date | None = None
    status_since: str = ""
    believed_held: str = ""
    held_in: tuple[tuple[str, str], ...] = ()

    def values(self) -> Mapping[str, Any]:
        """Return plain values, for a fingerprint."""
        return {
            **asdict(self),
            "other_names": [list(pair) for pair in self.other_names],
            "held_in": [list(pair) for pair in self.held_in],
        }


def person_of(case_id: int, person_id: int) -> Person:
    """Return a person of a case. Raises NotFound."""
    person = db.session.get(Person, person_id)
    if person is None or person.case_id != case_id:
        raise NotFound("no such person")
    return person


def persons_of(case_id: int) -> tuple[Person, ...]:
    """Return the people of a case in their order."""
    query = select(Person).where(Person.case_id == case_id).order_by(Person.position)
    return tuple(db.session.execute(query).scalars())


def known_of(person: Person) -> Known:
    """Return what is known of a person as it is now."""
    names = (
        select(PersonName.name, PersonName.language)
        .where(PersonName.person_id == person.id)
        .order_by(PersonName.position)
    )
    return Known(
        name=person.name,
        other_names=tuple((row.name, row.language or "") for row in db.session.execute(names)),
        gender=person.gender or "",
        age=person.age,
        status=person.status,
        status_as_of=person.status_as_of,
        status_since=person.status_since or "",
        believed_held=person.believed_held,
        held_in=_held_in(person.id),
    )


def _held_in(person_id: int) -> tuple[tuple[str, str], ...]:
    query = select(PersonText.language, PersonText.believed_held)
    query = query.where(PersonText.person_id == person_id).order_by(PersonText.language)
    return tuple((row.language, row.believed_held) for row in db.session.execute(query))


def add_person(case_id: int, known: Known, actor: str, now: datetime) -> Person:
    """Add a person at the end.

    Raises NotFound, Refused: 'no name', 'age', 'as of later', 'since unclear', 'since later', and
    'name not covered', 'place not covered' where readers would see at once what no permission
    covers.
    """
    case = case_for_writing(case_id)
    _check(known, now)
    _refuse_uncovered(case, None, known)
    last = select(func.coalesce(func.max(Person.position), 0)).where(Person.case_id == case_id)
    position = db.session.execute(last).scalar_one() + 1
    person = Person(case_id=case_id, position=position, name=known.name)
    db.session.add(person)
    db.session.flush()
    _write(person, known)
    audit.record(actor, "person added", f"case {case_id}", {"person": person.id}, now)
    return person


def change_person(
    case_id: int, person_id: int, known: Known, *, seen: str, actor: str, now: datetime
) -> None:
    """Change what is known of a person. The trail tells which fields, not what they held.

    Raises NotFound, ChangedMeanwhile, Refused: 'no name', 'age', 'as of later', 'since unclear',
    'since later', and 'name not covered', 'place not covered' where readers would see at once what
    no permission covers.
    """
    case = case_for_writing(case_id)
    person = person_of(case_id, person_id)
    was = known_of(person)
    before, after = was.values(), known.values()
    refuse_changed(seen, before)
    _check(known, now)
    _refuse_uncovered(case, was, known)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return
    _write(person, known)
    detail = {"person": person.id, "fields": changed}
    audit.record(actor, "person changed", f"case {case_id}", detail, now)


def shown_held(person: Person) -> Mapping[str, Any]:
    """Return where a person is believed to be held, in all languages, for a fingerprint."""
    known = known_of(person)
    return {"believed_held": known.believed_held, "held_in": [list(one) for one in known.held_in]}


def translate_held(
    case_id: int,
    person_id: int,
    held_in: tuple[tuple[str, str], ...],
    *,
    seen: str,
    rights: Collection[Right],
    actor: str,
    now: datetime,
) -> None:
    """Write in other languages where a person is believed to be held.

    Raises NotFound, ChangedMeanwhile, Refused: 'needs an editor' where readers would have the words
    at once and only whoever may edit sends them there; 'place not covered'.
    """
    case = case_for_writing(case_id)
    person = person_of(case_id, person_id)
    refuse_changed(seen, shown_held(person))
    known = known_of(person)
    if known.held_in == held_in:
        return
    if case.published_at is not None and Right.EDIT not in rights:
        raise Refused("needs an editor")
    change_person(
        case_id, person_id, replace(known, held_in=held_in), seen="", actor=actor, now=now
    )


def remove_person(case_id: int, person_id: int, actor: str, now: datetime) -> None:
    """Remove a person with all that is told of them.

    Raises NotFound, Refused('last person') for the last one of a published case.
    """
    case = case_for_writing(case_id)
    person = person_of(case_id, person_id)
    if case.published_at is not None and len(persons_of(case_id)) == 1:
        raise Refused("last person")
    db.session.execute(delete(PersonName).where(PersonName.person_id == person.id))
    db.session.execute(delete(PersonText).where(PersonText.person_id == person.id))
    db.session.delete(person)
    db.session.flush()
    audit.record(actor, "person removed", f"case {case_id}", {"person": person_id}, now)


def move_person(case_id: int, person_id: int, up: bool, actor: str, now: datetime) -> None:
    """Let a person change places with the one before (or after). Raises NotFound."""
    case_for_writing(case_id)
    person = person_of(case_id, person_id)
    if move_row(person, persons_of(case_id), up):
        audit.record(actor, "people reordered", f"case {case_id}", {"person": person_id}, now)


def _check(known: Known, now: datetime) -> None:
    if not known.name:
        raise Refused("no name", "name")
    if known.age is not None and not 0 <= known.age <= 130:
        raise Refused("age", "age")
    if known.status_as_of is not None and known.status_as_of > latest_day(now):
        raise Refused("as of later", "status_as_of")
    if known.status_since:
        _check_since(known.status_since, now)


def _check_since(since: str, now: datetime) -> None:
    if not _SINCE.fullmatch(since):
        raise Refused("since unclear", "status_since")
    try:
        begins = date.fromisoformat(since + "-01-01"[len(since) - 4 :])
    except ValueError:
        raise Refused("since unclear", "status_since") from None
    if begins > latest_day(now):
        raise Refused("since later", "status_since")


def _refuse_uncovered(case: Case, was: Known | None, known: Known) -> None:
    """Ask what the permission covers of what is new; what is taken away needs none."""
    names = {was.name, *(name for name, _ in was.other_names)} if was else set()
    if {known.name, *(name for name, _ in known.other_names)} - names:
        refuse_uncovered(case, "name", "name")
    places = {("", was.believed_held), *was.held_in} if was else set()
    new = {("", known.believed_held), *known.held_in} - places
    if any(text for _, text in new):
        refuse_uncovered(case, "place", "believed_held")


def _write(person: Person, known: Known) -> None:
    person.name = known.name
    person.gender = known.gender or None
    person.age = known.age
    person.status = known.status
    person.status_as_of = known.status_as_of
    person.status_since = known.status_since or None
    person.believed_held = known.believed_held
    db.session.execute(delete(PersonName).where(PersonName.person_id == person.id))
    db.session.execute(delete(PersonText).where(PersonText.person_id == person.id))
    for language, text in known.held_in:
        db.session.add(PersonText(person_id=person.id, language=language, believed_held=text))
    for position, (name, language) in enumerate(known.other_names, start=1):
        db.session.add(
            PersonName(person_id=person.id, position=position, name=name, language=language or None)
        )
    db.session.flush()
