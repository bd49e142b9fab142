"""The term of a petition's names: an organiser says that nothing more is handed over, and it runs.

Until it is over that can be taken back, or put off with a reason. Nothing is destroyed here
(`destroying` does that). What is handed over later than said lets the term begin then.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from petitions.domain import audit, builds
from petitions.domain.site import Site
from petitions.domain.terms import Terms
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import (
    Bundle,
    CaseKey,
    Delivery,
    DeliveryState,
    NamesTerm,
    Petition,
    PetitionState,
    Signature,
)

OVER = frozenset({PetitionState.CLOSED, PetitionState.STOPPED, PetitionState.ARCHIVED})
"""States in which nobody signs: nothing more may be to be handed over."""
FURTHEST = timedelta(days=366)
"""How far from today names may be put off at a time."""


@dataclass(frozen=True, slots=True)
class NamesStanding:
    """How it stands with the names of one petition that is over."""

    petition_id: int
    case_id: int
    holds_names: bool
    said_at: datetime | None
    due_at: datetime | None
    """When names are destroyed; None before somebody says that nothing more is handed over."""
    is_put_off: bool
    destroyed_at: datetime | None
    keys_destroyed_at: datetime | None


def say_all_delivered(petition: Petition, *, organiser_id: int, actor: str, now: datetime) -> bool:
    """Say that nothing more of a petition is handed over; return whether that is news.

    Raises Refused: "not over" (it may still be signed), "build under way".
    """
    if petition.state not in OVER:
        raise Refused("not over")
    if db.session.get(NamesTerm, petition.id) is not None:
        return False
    if builds.open_build(petition.id) is not None:
        raise Refused("build under way")
    db.session.add(NamesTerm(petition_id=petition.id, said_at=now, said_by=organiser_id))
    db.session.flush()
    audit.record(actor, "all handed over", _subject(petition), {}, now)
    return True


def take_back(petition: Petition, *, actor: str, now: datetime) -> bool:
    """Take back that nothing more is handed over: names have no term any more.

    Return whether that is a change. Raises Refused: "destroyed".
    """
    term = _locked(petition.id)
    if term is None:
        return False
    if term.destroyed_at is not None:
        raise Refused("destroyed")
    db.session.delete(term)
    db.session.flush()
    audit.record(actor, "all handed over: taken back", _subject(petition), {}, now)
    return True


def put_off(
    site: Site, petition: Petition, until: date | None, *, reason: str, actor: str, now: datetime
) -> datetime:
    """Keep names until the end of a day, later than they would be; return when that is.

    The reason is sealed beside the entry. Raises Refused: "day needed", "not later", "too far"
    (field until), "reason needed" (field reason), "no term", "destroyed".
    """
    term = _locked(petition.id)
    if term is None:
        raise Refused("no term")
    if term.destroyed_at is not None:
        raise Refused("destroyed")
    if until is None:
        raise Refused("day needed", "until")
    if until > (now + FURTHEST).date():
        raise Refused("too far", "until")
    end = petition.end_of(until)
    if end <= due_at(term, site.terms):
        raise Refused("not later", "until")
    if not reason:
        raise Refused("reason needed", "reason")
    term.put_off_until = end
    db.session.flush()
    detail = {"until": until.isoformat()}
    audit.record(
        actor, "names kept longer", _subject(petition), detail, now,
        reason=reason, keyring=site.keyring,
    )  # fmt: skip
    return end


def due_at(term: NamesTerm, terms: Terms) -> datetime:
    """Return when the names of a petition are destroyed."""
    last = last_handed_over(term.petition_id)
    end = max(term.said_at, last or term.said_at) + terms.names
    return max(end, term.put_off_until or end)


def last_handed_over(petition_id: int) -> datetime | None:
    """Return when a bundle of a petition was handed over last, as far as it is known."""
    moment = func.max(func.coalesce(Delivery.attempted_at, Delivery.recorded_at))
    query = (
        select(moment)
        .join(Bundle, Bundle.id == Delivery.bundle_id)
        .where(Bundle.petition_id == petition_id, Delivery.state == DeliveryState.DONE)
    )
    return db.session.execute(query).scalar_one_or_none()


def standing_of(petition: Petition, terms: Terms) -> NamesStanding:
    """Return how it stands with the names of a petition."""
    term = db.session.get(NamesTerm, petition.id)
    key = db.session.get(CaseKey, petition.case_id)
    is_over = term is not None and term.destroyed_at is not None
    return NamesStanding(
        petition_id=petition.id,
        case_id=petition.case_id,
        holds_names=not is_over and _holds_names(petition.id),
        said_at=term.said_at if term else None,
        due_at=due_at(term, terms) if term else None,
        is_put_off=term is not None and term.put_off_until is not None,
        destroyed_at=term.destroyed_at if term else None,
        keys_destroyed_at=key.destroyed_at if key else None,
    )


def standings(terms: Terms) -> list[NamesStanding]:
    """Return how it stands with the names of all petitions that are over, newest first."""
    query = select(Petition).where(Petition.state.in_(OVER)).order_by(Petition.id.desc())
    return [standing_of(petition, terms) for petition in db.session.execute(query).scalars()]


def names_are_destroyed(petition_id: int) -> bool:
    """Whether the time of a petition's names is over."""
    term = db.session.get(NamesTerm, petition_id)
    return term is not None and term.destroyed_at is not None


def _holds_names(petition_id: int) -> bool:
    sealed = select(Signature.id).where(
        Signature.petition_id == petition_id, Signature.data_key_id.is_not(None)
    )
    return db.session.execute(sealed.limit(1)).first() is not None


def _locked(petition_id: int) -> NamesTerm | None:
    return db.session.get(NamesTerm, petition_id, populate_existing=True, with_for_update=True)


def _subject(petition: Petition) -> str:
    return f"petition {petition.id}"
