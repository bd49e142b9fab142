"""Cases as organisers begin and publish them. What hangs on a case is written in `case_*`.

Also the front door for other areas: what is missing, which permissions are to be reviewed.
"""

from collections.abc import Sequence
from datetime import datetime

from anyascii import anyascii
from sqlalchemy import func, select

from petitions.domain import audit
from petitions.domain.case_covering import permissions_to_review, shown_uncovered
from petitions.domain.case_finding import (
    CaseLine,
    actor_of,
    case_for_writing,
    case_lines,
    case_of,
    petitions_of,
    refuse_own_text,
    title_of,
)
from petitions.domain.case_keys import make_case_keys
from petitions.domain.case_missing import Missing, missing_for_publishing
from petitions.domain.case_shown import shown_case
from petitions.domain.case_texts import keep_published
from petitions.domain.fingerprints import refuse_changed
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import (
    AddressedState,
    Case,
    CaseText,
    Organisation,
    Organiser,
    Person,
)
from petitions.vault import KeyRing

__all__ = [
    "CaseLine",
    "Missing",
    "case_lines",
    "case_of",
    "create",
    "free_slug",
    "missing_for_publishing",
    "permissions_to_review",
    "petitions_of",
    "publish",
    "shown_case",
    "shown_uncovered",
    "title_of",
    "writers_of",
]
_LONGEST_SLUG = 60


def create(
    *,
    title: str,
    language: str,
    people: Sequence[str],
    states: Sequence[str],
    organiser: Organiser,
    keyring: KeyRing,
    now: datetime,
) -> Case:
    """Begin a case, which nobody but organisers sees. Its address is made from the first name.

    Raises Refused: 'no title', 'no person', 'no state'.
    """
    named = [name for name in people if name]
    if not title:
        raise Refused("no title", "title")
    if not named:
        raise Refused("no person", "people")
    if not states:
        raise Refused("no state", "states")
    zone = db.session.execute(select(Organisation.time_zone)).scalar_one_or_none()
    case = Case(
        slug=free_slug(named[0]),
        source_language=language,
        time_zone=zone or "UTC",
        country_of_events=None,
        created_at=now,
    )
    db.session.add(case)
    db.session.flush()
    make_case_keys(case.id, keyring, now)
    text = CaseText(case_id=case.id, language=language, title=title, written_by=[organiser.id])
    db.session.add(text)
    for position, name in enumerate(named, start=1):
        db.session.add(Person(case_id=case.id, position=position, name=name))
    for country in dict.fromkeys(states):
        db.session.add(AddressedState(case_id=case.id, country=country))
    detail = {"language": language, "people": len(named), "states": sorted(set(states))}
    audit.record(actor_of(organiser), "case created", f"case {case.id}", detail, now)
    return case


def publish(case: Case, organiser: Organiser, now: datetime, *, seen: str = "") -> None:
    """Let readers see a case; nothing happens where they do already.

    `seen` is the fingerprint of `shown_case`. Raises ChangedMeanwhile, Refused: 'hidden',
    'incomplete' where something is missing, and 'own text' where whoever wrote a text may not be
    the one who publishes it.
    """
    case_for_writing(case.id)
    if case.published_at is not None:
        return
    if case.hidden_at is not None:
        raise Refused("hidden")
    if missing_for_publishing(case):
        raise Refused("incomplete")
    refuse_changed(seen, shown_case(case))
    refuse_own_text(writers_of(case), organiser)
    case.published_at = now
    db.session.flush()
    keep_published(case.id, now)
    audit.record(actor_of(organiser), "case published", f"case {case.id}", {}, now)


def writers_of(case: Case) -> list[int]:
    """Return the ids of all organisers who wrote a text of a case."""
    query = select(CaseText.written_by).where(CaseText.case_id == case.id)
    return sorted({one for written in db.session.execute(query).scalars() for one in written})


def free_slug(text: str, *, beside: int | None = None) -> str:
    """Return an address made from a name, in ASCII, that no other case has."""
    letters = (letter if letter.isalnum() else " " for letter in anyascii(text).lower())
    plain = "-".join("".join(letters).split())[:_LONGEST_SLUG].strip("-") or "case"
    taken = set(
        db.session.execute(
            select(func.lower(Case.slug)).where(Case.id != beside if beside else Case.id > 0)
        ).scalars()
    )
    number, slug = 1, plain
    while slug in taken:
        number += 1
        slug = f"{plain}-{number}"
    return slug
