"""Petitions: the state table, and finding what is public or is about to be changed."""

from datetime import datetime

from sqlalchemy import select, update

from petitions.domain import audit
from petitions.errors import (
    CaseHidden,
    NamesDestroyed,
    NotFound,
    Refused,
    TokenExpired,
    TransitionRefused,
)
from petitions.extensions import db
from petitions.models import Case, CaseKey, NamesTerm, Petition, PetitionState, Signature

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


class MovedMeanwhile(TransitionRefused):
    """Somebody else moved the petition to another state first; nothing was changed."""


def move(
    petition: Petition,
    to: PetitionState,
    now: datetime,
    *,
    actor: str,
    stop_reason: str | None = None,
    seen: PetitionState | None = None,
) -> None:
    """Move a petition to another state. `seen` is the state that whoever asks for it looked at.

    Opened, it may have something to hand over again: a term of its names ends. Raises
    TransitionRefused where the table forbids it, MovedMeanwhile where somebody was faster,
    NamesDestroyed where nobody can sign any more.
    """
    was = petition.state
    if seen is not None and seen is not was:
        raise MovedMeanwhile(f"a petition that was {seen} is {was} now")
    if to not in MOVES[was]:
        raise TransitionRefused(f"a petition that is {was} cannot become {to}")
    if to is _S.STOPPED and not stop_reason:
        raise TransitionRefused("stopping a petition needs a reason, which readers will see")
    values: dict[str, object] = {"state": to, "published_at": petition.published_at or now}
    if to is _S.STOPPED:
        values["stop_reason"] = stop_reason
    moved = update(Petition).where(Petition.id == petition.id, Petition.state == was)
    moved = moved.values(values).execution_options(synchronize_session=False)
    if db.session.execute(moved.returning(Petition.id)).one_or_none() is None:
        raise MovedMeanwhile(f"a petition that was {was} was moved meanwhile")
    db.session.refresh(petition)
    if to is _S.OPEN:
        _end_term(petition)
    action = "petition opened" if was is _S.DRAFT else f"petition {_TOLD[to]}"
    audit.record(actor, action, f"petition {petition.id}", {"from": was, "to": to}, now)


def _end_term(petition: Petition) -> None:
    key = db.session.get(CaseKey, petition.case_id)
    term = db.session.get(NamesTerm, petition.id, populate_existing=True, with_for_update=True)
    over = term is not None and term.destroyed_at is not None
    if over or (key is not None and key.destroyed_at is not None):
        raise NamesDestroyed("the names of this petition are destroyed: nobody can sign it again")
    if term is not None:
        db.session.delete(term)
        db.session.flush()


_TOLD = {
    _S.OPEN: "opened again",
    _S.PAUSED: "paused",
    _S.CLOSED: "closed",
    _S.STOPPED: "stopped",
    _S.ARCHIVED: "archived",
}
"""How the audit trail calls a move, by the state that it leads to."""


def petition_numbered(petition_id: int) -> tuple[Petition, Case]:
    """Return a petition with its case, whatever its state. Raises NotFound."""
    query = select(Petition, Case).join(Case, Case.id == Petition.case_id)
    found = db.session.execute(query.where(Petition.id == petition_id)).one_or_none()
    if found is None:
        raise NotFound("no such petition")
    return found[0], found[1]


def petition_for_writing(petition_id: int) -> Petition:
    """Return a petition that nobody else can change until the transaction ends. Raises NotFound.

    Signing goes on meanwhile: what it needs of the petition's row is its key alone.
    """
    query = select(Petition).where(Petition.id == petition_id).with_for_update(key_share=True)
    petition = db.session.execute(
        query.execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if petition is None:
        raise NotFound("no such petition")
    return petition


def petition_to_change(petition_id: int) -> Petition:
    """Return a petition as `petition_for_writing` does. Raises NotFound, Refused('archived')."""
    petition = petition_for_writing(petition_id)
    if petition.state is _S.ARCHIVED:
        raise Refused("archived")
    return petition


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
        select(Petition, Case)
        .join(Signature, Signature.petition_id == Petition.id)
        .join(Case, Case.id == Petition.case_id)
        .where(Signature.id == signature_id)
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        raise TokenExpired([signature_id])
    petition, case = found
    if petition.state is _S.DRAFT:
        raise NotFound("no such petition")
    _refuse_hidden(case)
    return petition, case


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
