"""Permission to publish: recorded, agreed to by a second organiser where nobody could be asked.

The history is kept: a new permission replaces an older one from the moment it is on record.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from petitions.domain import audit
from petitions.domain.case_finding import actor_of, case_for_writing, latest_day
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import Organiser, Permission, PermissionGiver


@dataclass(frozen=True, slots=True)
class Permitted:
    """What an organiser writes down about a permission."""

    given_by: PermissionGiver
    covers_name: bool
    covers_picture: bool
    covers_place: bool
    covers_story: bool
    given_on: date
    review_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with the permission of a case.

    `counts` is the newest on record. `waiting` is one recorded since, for which nobody could be
    asked: it counts once a second organiser agrees. `history` holds all, newest first.
    """

    counts: Permission | None
    waiting: Permission | None
    history: tuple[Permission, ...]


def is_on_record(permission: Permission) -> bool:
    """Whether a permission counts: somebody gave it, or a second organiser agreed."""
    asked = permission.given_by is not PermissionGiver.NOBODY
    return asked or permission.second_organiser is not None


def standing_of(case_id: int) -> Standing:
    """Return the permissions of a case."""
    query = select(Permission).where(Permission.case_id == case_id).order_by(Permission.id.desc())
    history = tuple(db.session.execute(query).scalars())
    counts = next((row for row in history if is_on_record(row)), None)
    newest = history[0] if history else None
    return Standing(counts, None if newest is counts else newest, history)


def record_permission(
    case_id: int, given: Permitted, organiser: Organiser, now: datetime
) -> Permission:
    """Write a permission down. Where nobody could be asked, it counts once another agrees.

    Raises NotFound, Refused: 'no reason', 'covers nothing', 'given later', 'review before'.
    """
    case_for_writing(case_id)
    if given.given_by is PermissionGiver.NOBODY and not given.reason:
        raise Refused("no reason", "reason")
    if not any((given.covers_name, given.covers_picture, given.covers_place, given.covers_story)):
        raise Refused("covers nothing", "covers")
    if given.given_on > latest_day(now):
        raise Refused("given later", "given_on")
    if given.review_on is not None and given.review_on <= given.given_on:
        raise Refused("review before", "review_on")
    permission = Permission(
        case_id=case_id,
        given_by=given.given_by,
        covers_name=given.covers_name,
        covers_picture=given.covers_picture,
        covers_place=given.covers_place,
        covers_story=given.covers_story,
        given_on=given.given_on,
        review_on=given.review_on,
        reason=given.reason or None,
        recorded_by=organiser.name or organiser.email,
        recorded_by_id=organiser.id,
    )
    db.session.add(permission)
    db.session.flush()
    detail = {
        "given by": given.given_by.value,
        "covers": covered(permission),
        "review on": given.review_on.isoformat() if given.review_on else None,
    }
    audit.record(actor_of(organiser), "permission recorded", f"case {case_id}", detail, now)
    return permission


def agree(case_id: int, permission_id: int, organiser: Organiser, now: datetime) -> Permission:
    """Agree, as the second organiser, to publish although nobody could be asked.

    Raises NotFound, Refused: 'same organiser' for whoever recorded it, 'agreed already',
    'replaced' where a newer permission was recorded since.
    """
    case_for_writing(case_id)
    permission = db.session.get(Permission, permission_id)
    if permission is None or permission.case_id != case_id:
        raise NotFound("no such permission")
    if is_on_record(permission):
        raise Refused("agreed already")
    if standing_of(case_id).waiting is not permission:
        raise Refused("replaced")
    if permission.recorded_by_id == organiser.id:
        raise Refused("same organiser")
    permission.second_id = organiser.id
    permission.second_organiser = organiser.name or organiser.email
    db.session.flush()
    detail = {"permission": permission.id, "covers": covered(permission)}
    audit.record(actor_of(organiser), "permission agreed to", f"case {case_id}", detail, now)
    return permission


def covered(permission: Permission) -> list[str]:
    """Return what a permission covers: of 'name', 'picture', 'place', 'story'."""
    said = {
        "name": permission.covers_name,
        "picture": permission.covers_picture,
        "place": permission.covers_place,
        "story": permission.covers_story,
    }
    return [word for word, covers in said.items() if covers]


def is_due(permission: Permission, today: date) -> bool:
    """Whether a permission is to be asked for again."""
    return permission.review_on is not None and permission.review_on <= today
