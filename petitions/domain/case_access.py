"""Limiting an organiser to chosen cases: for people from partner organisations."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from petitions.domain import audit
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.organisers import organiser_held, roles_of
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import Case, Organiser, OrganiserCase, Role


def access_of(organiser: Organiser) -> dict[str, Any]:
    """Return what an organiser is limited to, for a form and its fingerprint."""
    query = select(OrganiserCase.case_id).where(OrganiserCase.organiser_id == organiser.id)
    cases = sorted(db.session.execute(query).scalars())
    return {"only_chosen_cases": organiser.only_chosen_cases, "cases": cases}


def limit(
    organiser_id: int,
    *,
    only_chosen_cases: bool,
    cases: Iterable[int],
    seen: str,
    actor: str,
    now: datetime,
) -> None:
    """Let an organiser reach chosen cases alone, or all of them. It holds from the next page on.

    Raises NotFound, ChangedMeanwhile, Refused: 'admin' (an admin reaches everything), 'no case'.
    """
    organiser = organiser_held(organiser_id)
    before = access_of(organiser)
    refuse_changed(seen, before)
    there = set(db.session.execute(select(Case.id)).scalars())
    chosen = sorted(there & set(cases)) if only_chosen_cases else []
    after = {"only_chosen_cases": only_chosen_cases, "cases": chosen}
    if after == before:
        return
    if only_chosen_cases and Role.ADMIN in roles_of(organiser_id):
        raise Refused("admin", "reach")
    if only_chosen_cases and not chosen:
        raise Refused("no case", "cases")
    organiser.only_chosen_cases = only_chosen_cases
    db.session.execute(delete(OrganiserCase).where(OrganiserCase.organiser_id == organiser_id))
    db.session.add_all(OrganiserCase(organiser_id=organiser_id, case_id=one) for one in chosen)
    db.session.flush()
    detail = {"before": before, "after": after}
    subject = f"organiser {organiser_id}"
    audit.record(actor, "access to cases changed", subject, detail, now)


def numbers_of_cases() -> dict[int, int]:
    """Return, for each organiser who is limited, to how many cases."""
    limited = select(Organiser.id).where(Organiser.only_chosen_cases.is_(True))
    found = dict.fromkeys(db.session.execute(limited).scalars(), 0)
    for organiser_id in db.session.execute(select(OrganiserCase.organiser_id)).scalars():
        if organiser_id in found:
            found[organiser_id] += 1
    return found
