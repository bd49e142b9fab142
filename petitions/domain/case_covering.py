"""What a permission covers of what a case shows, before and after it is published.

A permission that covers less than what is public can be recorded, since it is the truth. Nothing
is added to the public pages that it does not cover, and organisers are told what should go.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from petitions.domain.case_permission import covered, is_due, is_on_record, standing_of
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import (
    Case,
    CaseText,
    Permission,
    Person,
    PersonText,
    Picture,
    PulledStatement,
)


def is_public(case: Case) -> bool:
    """Whether readers see a case now."""
    return case.published_at is not None and case.hidden_at is None


def uncovered(case: Case, permission: Permission) -> Iterator[str]:
    """Say what the case shows and the permission does not cover."""
    people = select(Person.id).where(Person.case_id == case.id)
    stories = select(CaseText.language).where(CaseText.case_id == case.id, CaseText.story != "")
    statements = select(PulledStatement.position).where(PulledStatement.case_id == case.id)
    if not permission.covers_name and _has(people):
        yield "covers name"
    if not permission.covers_picture and _has(select(Picture.id).where(Picture.case_id == case.id)):
        yield "covers picture"
    if not permission.covers_place and _has(people.where(_is_placed())):
        yield "covers place"
    if not permission.covers_story and (_has(stories) or _has(statements)):
        yield "covers story"


def shown_uncovered(case: Case) -> tuple[str, ...]:
    """Return what readers see of a case although no permission covers it, as `uncovered` says it.

    Empty where they see nothing, or where no permission is on record at all.
    """
    counts = standing_of(case.id).counts
    return tuple(uncovered(case, counts)) if counts is not None and is_public(case) else ()


def refuse_uncovered(case: Case, what: str, field: str) -> None:
    """Raise Refused where readers would see at once what no permission covers.

    `what` is 'name', 'place' or 'story'; the reason is 'name not covered' and so on.
    """
    if not is_public(case):
        return
    counts = standing_of(case.id).counts
    if counts is None or what not in covered(counts):
        raise Refused(f"{what} not covered", field)


def permissions_to_review(today: date) -> list[tuple[Case, Permission]]:
    """Return the permissions that count now and are to be asked for again, oldest first.

    Their day has come (`is_due`), or they cover less than what readers see.
    """
    query = select(Case, Permission).join(Permission, Permission.case_id == Case.id)
    newest: dict[int, tuple[Case, Permission]] = {}
    for case, permission in db.session.execute(query.order_by(Permission.id)):
        if is_on_record(permission):
            newest[case.id] = (case, permission)
    due = [row for row in newest.values() if is_due(row[1], today) or _falls_short(*row)]
    return sorted(due, key=lambda row: row[1].review_on or today)


def _is_placed() -> ColumnElement[bool]:
    told = select(PersonText.person_id).where(PersonText.person_id == Person.id)
    return or_(Person.believed_held != "", told.exists())


def _falls_short(case: Case, permission: Permission) -> bool:
    return is_public(case) and next(uncovered(case, permission), None) is not None


def _has(query: Any) -> bool:
    return db.session.execute(query.limit(1)).first() is not None
