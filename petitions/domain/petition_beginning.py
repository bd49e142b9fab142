"""Beginning a petition of a case, as a draft that readers do not see."""

import re
from datetime import date, datetime

from anyascii import anyascii
from sqlalchemy import func, select

from petitions.domain import audit
from petitions.domain.case_keys import is_sealed
from petitions.domain.consent_words import default_closing, default_consent
from petitions.domain.reach import EVERY_CASE
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import (
    AfterDeadline,
    Case,
    ConsentText,
    ConsentVersion,
    LetterLanguage,
    Petition,
    PetitionText,
    TextVersion,
)

OWN = "own"
"""The letter language that stands for the signer's own."""
_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,78}[a-z0-9])?")
_LONGEST_MADE = 60


def create(
    case: Case,
    *,
    language: str,
    title: str,
    slug: str,
    deadline_on: date | None,
    after_deadline: AfterDeadline,
    author: int,
    now: datetime,
) -> Petition:
    """Begin a petition of a case, as a draft that readers do not see, with a consent to work on.

    An empty slug is made from the title. Raises Refused: 'no title', 'slug malformed',
    'slug taken', 'deadline over'.
    """
    if not title:
        raise Refused("no title", "title")
    petition = Petition(
        case_id=case.id,
        slug=slug or free_slug(title),
        time_zone=case.time_zone,
        deadline_on=deadline_on,
        after_deadline=after_deadline,
        publish_proof=not is_sealed(case.id),
        created_at=now,
    )
    check_slug(petition.slug, None)
    if petition.is_past(now):
        raise Refused("deadline over", "deadline_on")
    db.session.add(petition)
    db.session.flush()
    for position, letter in enumerate((language, OWN), start=1):
        row = LetterLanguage(petition_id=petition.id, language=letter, position=position)
        db.session.add(row)
    _begin_versions(petition, language, title, author, now)
    detail = {"case": case.id, "language": language, "deadline_on": _day(deadline_on)}
    audit.record(f"organiser {author}", "petition created", f"petition {petition.id}", detail, now)
    return petition


def free_slug(text: str) -> str:
    """Return an address made from a title or a name, in ASCII, that no other petition has."""
    letters = (letter if letter.isalnum() else " " for letter in anyascii(text).lower())
    plain = "-".join("".join(letters).split())[:_LONGEST_MADE].strip("-") or "petition"
    slugs = select(func.lower(Petition.slug)).execution_options(**EVERY_CASE)
    taken = set(db.session.execute(slugs).scalars())
    number, slug = 1, plain
    while slug in taken:
        number += 1
        slug = f"{plain}-{number}"
    return slug


def check_slug(slug: str, own_id: int | None) -> None:
    """Refuse an address that is malformed or taken by another petition. Raises Refused."""
    if not _SLUG.fullmatch(slug):
        raise Refused("slug malformed", "slug")
    query = select(Petition.id).where(Petition.slug == slug).execution_options(**EVERY_CASE)
    if db.session.execute(query).scalar_one_or_none() not in (None, own_id):
        raise Refused("slug taken", "slug")


def _begin_versions(
    petition: Petition, language: str, title: str, author: int, now: datetime
) -> None:
    text = TextVersion(petition_id=petition.id, number=1, created_at=now, written_by=[author])
    consent = ConsentVersion(petition_id=petition.id, number=1, created_at=now, written_by=[])
    db.session.add_all([text, consent])
    db.session.flush()
    words = default_consent(language)
    db.session.add(
        PetitionText(
            text_version_id=text.id,
            language=language,
            title=title,
            text="",
            letter_subject="",
            letter_opening="",
            letter_closing=default_closing(language),
        )
    )
    if words.consent:
        db.session.add(
            ConsentText(
                consent_version_id=consent.id,
                language=language,
                risk=words.risk,
                consent=words.consent,
                news=words.news,
            )
        )
    db.session.flush()


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
