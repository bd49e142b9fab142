"""The cases of the demonstration as rows: people, texts, permission, chain of updates."""

from datetime import datetime

from petitions.domain.demonstration.telling import Told
from petitions.extensions import db
from petitions.models import (
    AddressedState,
    Case,
    CaseText,
    CaseUpdate,
    Permission,
    PermissionGiver,
    Person,
    PersonName,
    PersonStatus,
    PersonText,
    PulledStatement,
    UpdateKind,
    UpdateText,
)


def add_case(told: Told, now: datetime) -> int:
    """Add a published case with all that is told of it; return its id."""
    case = Case(
        slug=told["slug"],
        country_of_events=told["country_of_events"],
        time_zone=told["time_zone"],
        source_language=told["source_language"],
        created_at=now,
        published_at=now,
    )
    db.session.add(case)
    db.session.flush()
    for country in told["states_addressed"]:
        db.session.add(AddressedState(case_id=case.id, country=country))
    for position, person in enumerate(told["people"], start=1):
        _add_person(case.id, position, person)
    for language, text in told["texts"].items():
        _add_text(case.id, language, text)
    for position, update in enumerate(told["updates"], start=1):
        _add_update(case.id, position, update, now)
    _add_permission(case.id, told["permission"], now)
    db.session.flush()
    return case.id


def _add_person(case_id: int, position: int, told: Told) -> None:
    person = Person(
        case_id=case_id,
        position=position,
        name=told["name"],
        gender=told["gender"],
        status=PersonStatus(told["status"]),
        status_as_of=told.get("status_as_of"),
        status_since=told.get("status_since"),
        believed_held=told["believed_held"],
    )
    db.session.add(person)
    db.session.flush()
    for place, other in enumerate(told["other_names"], start=1):
        db.session.add(PersonName(person_id=person.id, position=place, **other))
    for language, text in told["held_in"].items():
        db.session.add(PersonText(person_id=person.id, language=language, believed_held=text))


def _add_text(case_id: int, language: str, told: Told) -> None:
    fields = {name: text for name, text in told.items() if name != "statements"}
    db.session.add(CaseText(case_id=case_id, language=language, **fields))
    db.session.flush()
    for position, statement in enumerate(told.get("statements", ()), start=1):
        db.session.add(
            PulledStatement(case_id=case_id, language=language, position=position, **statement)
        )


def _add_update(case_id: int, position: int, told: Told, now: datetime) -> None:
    update = CaseUpdate(
        case_id=case_id,
        position=position,
        kind=UpdateKind(told["kind"]),
        issued_on=told.get("issued_on"),
        published_at=now,
    )
    db.session.add(update)
    db.session.flush()
    for language, text in told["texts"].items():
        db.session.add(UpdateText(update_id=update.id, language=language, **text))


def _add_permission(case_id: int, told: Told, now: datetime) -> None:
    facts = told | {"given_by": PermissionGiver(told["given_by"])}
    # Nobody gave it; the day is the one on which two organisers decided, that is, of the loading.
    db.session.add(Permission(case_id=case_id, given_on=now.date(), **facts))
