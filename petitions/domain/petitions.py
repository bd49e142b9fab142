"""Petitions: the state table, and finding what is public."""

from datetime import datetime

from sqlalchemy import select

from petitions.errors import CaseHidden, NotFound, TokenExpired, TransitionRefused
from petitions.extensions import db
from petitions.models import Case, Petition, PetitionState, Signature

_S = PetitionState
MOVES: dict[PetitionState, frozenset[PetitionState]] = {
    _S.DRAFT: frozenset({_S.OPEN}),
    _S.OPEN: frozenset({_S.PAUSED, _S.CLOSED, _S.STOPPED}),
    _S.PAUSED: frozenset({_S.OPEN, _S.CLOSED, _S.STOPPED}),
    _S.CLOSED: frozenset({_S.OPEN, _S.STOPPED, _S.ARCHIVED}),
    _S.STOPPED: frozenset({_S.ARCHIVED}),
    _S.ARCHIVED: frozenset(),
}
"""From each state, the states it may move to."""


def move(
    petition: Petition, to: PetitionState, now: datetime, *, stop_reason: str | None = None
) -> None:
    """Move a petition to another state. Raises TransitionRefused where the table forbids it."""
    if to not in MOVES[petition.state]:
        raise TransitionRefused(f"a petition that is {petition.state} cannot become {to}")
    if to is _S.STOPPED and not stop_reason:
        raise TransitionRefused("stopping a petition needs a reason, which readers will see")
    if to is _S.STOPPED:
        petition.stop_reason = stop_reason
    if petition.published_at is None:
        petition.published_at = now
    petition.state = to
    db.session.flush()


def public_petition(slug: str) -> tuple[Petition, Case]:
    """Return a published petition with its case. Raises NotFound, CaseHidden."""
    query = (
        select(Petition, Case)
        .join(Case, Case.id == Petition.case_id)
        .where(Petition.slug == slug, Petition.state != _S.DRAFT)
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        raise NotFound("no such petition")
    petition, case = found
    _refuse_hidden(case)
    return petition, case


def public_petition_signed(signature_id: int) -> tuple[Petition, Case]:
    """Return the petition that a signature is on. Raises TokenExpired where the row is gone.

    Links in mails name the signature alone: an old link on a searched phone names no petition.
    Raises NotFound, CaseHidden.
    """
    query = (
        select(Petition.slug)
        .join(Signature, Signature.petition_id == Petition.id)
        .where(Signature.id == signature_id)
    )
    slug = db.session.execute(query).scalar_one_or_none()
    if slug is None:
        raise TokenExpired([signature_id])
    return public_petition(slug)


def public_case(slug: str) -> Case:
    """Return a published case. Raises NotFound, CaseHidden."""
    query = select(Case).where(Case.slug == slug, Case.published_at.is_not(None))
    case = db.session.execute(query).scalar_one_or_none()
    if case is None:
        raise NotFound("no such case")
    _refuse_hidden(case)
    return case


def published_petitions() -> list[tuple[Petition, Case]]:
    """Return all published petitions of cases that are not hidden, with their cases."""
    query = (
        select(Petition, Case)
        .join(Case, Case.id == Petition.case_id)
        .where(Petition.state != _S.DRAFT, Case.hidden_at.is_(None))
        .where(Case.published_at.is_not(None))
        .order_by(Petition.published_at.desc(), Petition.id.desc())
    )
    return [(petition, case) for petition, case in db.session.execute(query)]


def most_urgent_first(
    rows: list[tuple[Petition, Case]], now: datetime
) -> tuple[list[tuple[Petition, Case]], list[tuple[Petition, Case]]]:
    """Split published petitions in open ones, soonest deadline first, and all others."""
    taking = [row for row in rows if row[0].takes_signatures(now)]
    far = datetime.max.replace(tzinfo=now.tzinfo)

    def urgency(row: tuple[Petition, Case]) -> tuple[bool, datetime]:
        deadline = row[0].deadline_at()
        return row[0].is_past(now), deadline or far

    return sorted(taking, key=urgency), [row for row in rows if row not in taking]


def petition_named(name: str) -> Petition:
    """Return a petition by slug or number, whatever its state. Raises NotFound."""
    by = Petition.id == int(name) if name.isdecimal() else Petition.slug == name
    petition = db.session.execute(select(Petition).where(by)).scalar_one_or_none()
    if petition is None:
        raise NotFound(f"there is no petition {name!r}: `petitions list` shows them")
    return petition


def _refuse_hidden(case: Case) -> None:
    if case.hidden_at is not None:
        raise CaseHidden(f"case {case.id} is hidden")
