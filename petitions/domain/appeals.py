"""Letters that signers write themselves: whether they are asked for, in which languages, and those
that a signer says were sent.

Of a letter nothing is kept, and of its writer nothing either: office, way, language and day. What
is reported cannot be verified; it is counted apart and called so.
"""

import enum
from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from petitions.domain.recipients import Recipient
from petitions.errors import NotFound, PetitionClosed, Refused
from petitions.extensions import db
from petitions.models import (
    Addressee,
    Appeal,
    LetterLanguage,
    Official,
    Petition,
    PetitionText,
    TextVersion,
)

OWN = "own"
"""The language of a letter that its writer alone chooses."""


class LetterChannel(enum.StrEnum):
    """How a signer sent a letter."""

    POST = "post"
    FAX = "fax"
    EMAIL = "e-mail"
    WEB = "web form"


def takes_letters(petition: Petition, now: datetime) -> bool:
    """Whether letters are asked for now: while the petition can be signed, and no longer."""
    return petition.takes_signatures(now)


def letter_languages(petition_id: int, complete: Collection[str]) -> tuple[str, ...]:
    """Return the languages that a letter may be in, those named by the organiser first.

    `complete` are the languages in which there is a letter to begin with. Where signers may write
    in their own language, each of those is somebody's own, and OWN stands for all others.
    """
    query = select(LetterLanguage.language).where(LetterLanguage.petition_id == petition_id)
    named = list(db.session.execute(query.order_by(LetterLanguage.position)).scalars())
    offered = [language for language in named if language in complete]
    if OWN in named or not offered:
        offered += [language for language in sorted(complete) if language not in offered]
    if OWN in named or not offered:
        offered.append(OWN)
    return tuple(offered)


def newest_text(petition_id: int) -> int:
    """Return the id of the newest published version of a petition's text; 0 where there is none."""
    query = (
        select(TextVersion.id)
        .where(TextVersion.petition_id == petition_id, TextVersion.published_at.is_not(None))
        .order_by(TextVersion.number.desc())
    )
    return db.session.execute(query.limit(1)).scalar() or 0


def addressee_named(petition: Petition, slug: str) -> Recipient:
    """Return an official to whom letters of a petition can go, an embassy by its state's rule too.

    Raises NotFound.
    """
    meant = or_(Addressee.official_id == Official.id, Addressee.embassies_of == Official.represents)
    query = (
        select(Addressee, Official)
        .join(Official, meant)
        .where(Addressee.petition_id == petition.id, Addressee.removed_at.is_(None))
        .where(Official.slug == slug)
        .order_by(Addressee.official_id.is_(None))  # named for itself goes before the rule
    )
    found = db.session.execute(query.limit(1)).one_or_none()
    if found is None:
        raise NotFound("no such official of this petition")
    return Recipient(found[0], found[1])


def report(petition: Petition, official: str, channel: str, language: str, now: datetime) -> Appeal:
    """Count a letter as reported: its office, way, language and the day in the case's time zone.

    Raises PetitionClosed where letters are not asked for, NotFound for an official who is none of
    the petition's, Refused: 'no channel', 'no such language'.
    """
    if not takes_letters(petition, now):
        raise PetitionClosed(f"petition {petition.id} asks for no letters")
    recipient = addressee_named(petition, official)
    if channel not in [*LetterChannel]:
        raise Refused("no channel", "channel")
    texts = select(PetitionText.language).where(
        PetitionText.text_version_id == newest_text(petition.id)
    )
    written = set(db.session.execute(texts).scalars())
    if language not in {OWN, *letter_languages(petition.id, written)}:
        raise Refused("no such language", "language")
    appeal = Appeal(
        petition_id=petition.id,
        official_id=recipient.official.id,
        channel=channel,
        language=language,
        reported_on=now.astimezone(ZoneInfo(petition.time_zone)).date(),
    )
    db.session.add(appeal)
    db.session.flush()
    return appeal
