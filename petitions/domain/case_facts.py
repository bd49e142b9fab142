"""Facts of a case that need no language: address, number, country, time zone, states addressed."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import delete, select

from petitions.domain import audit
from petitions.domain.case_finding import case_for_writing
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.reach import EVERY_CASE
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import AddressedState, Case

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,78}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Facts:
    """What an organiser may change of the facts. `states` are sorted country codes."""

    slug: str
    number: str
    country_of_events: str
    time_zone: str
    states: tuple[str, ...]

    def values(self) -> Mapping[str, Any]:
        """Return plain values, for a fingerprint."""
        return {**asdict(self), "states": sorted(self.states)}


def facts_of(case: Case) -> Facts:
    """Return the facts of a case as they are now."""
    states = select(AddressedState.country).where(AddressedState.case_id == case.id)
    return Facts(
        slug=case.slug,
        number=case.number or "",
        country_of_events=case.country_of_events or "",
        time_zone=case.time_zone,
        states=tuple(sorted(db.session.execute(states).scalars())),
    )


def change_facts(case_id: int, new: Facts, *, seen: str, actor: str, now: datetime) -> None:
    """Change the facts. The address is fixed once the case is published: links point at it.

    Raises NotFound, ChangedMeanwhile, Refused: 'slug malformed', 'slug taken', 'slug fixed',
    'no state', 'time zone unknown'.
    """
    case = case_for_writing(case_id)
    old = facts_of(case)
    refuse_changed(seen, old.values())
    _check(case, old, new)
    before, after = old.values(), new.values()
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return
    case.slug = new.slug
    case.number = new.number or None
    case.country_of_events = new.country_of_events or None
    case.time_zone = new.time_zone
    db.session.execute(delete(AddressedState).where(AddressedState.case_id == case.id))
    db.session.flush()
    for country in sorted(set(new.states)):
        db.session.add(AddressedState(case_id=case.id, country=country))
    db.session.flush()
    told = [name for name in changed if name != "slug"]  # an address may hold a name
    detail = {
        "fields": changed,
        "before": {name: before[name] for name in told},
        "after": {name: after[name] for name in told},
    }
    audit.record(actor, "case facts changed", f"case {case.id}", detail, now)


def _check(case: Case, old: Facts, new: Facts) -> None:
    if new.slug != old.slug:
        if case.published_at is not None:
            raise Refused("slug fixed", "slug")
        if not _SLUG.fullmatch(new.slug):
            raise Refused("slug malformed", "slug")
        query = select(Case.id).where(Case.slug == new.slug, Case.id != case.id)
        query = query.execution_options(**EVERY_CASE)
        if db.session.execute(query).first() is not None:
            raise Refused("slug taken", "slug")
    if not new.states:
        raise Refused("no state", "states")
    if new.time_zone not in available_timezones():
        raise Refused("time zone unknown", "time_zone")
