"""What whoever delivers a bundle should know: what is asked, what was done so far, what to ask for.

Texts come in the language that the reader wants most, of those that the bundle's version has.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from petitions.domain.deliveries import deliveries_of
from petitions.domain.official_lists import texts_of
from petitions.domain.presenting import pick
from petitions.domain.replies import replies_from
from petitions.extensions import db
from petitions.models import (
    Ask,
    AskAddressee,
    AskText,
    Bundle,
    Delivery,
    Official,
    OfficialText,
    PetitionText,
    Reply,
)


@dataclass(frozen=True, slots=True)
class TalkingPoints:
    """What there is to say about a bundle, in one language."""

    language: str
    title: str
    paragraphs: tuple[str, ...]
    asks: tuple[str, ...]
    official: OfficialText
    deliveries: tuple[Delivery, ...]
    """Attempts with this bundle and those before it for the same office, the newest first."""
    replies: tuple[Reply, ...]


def talking_points(bundle: Bundle, wishes: Sequence[str]) -> TalkingPoints:
    """Return what there is to say about a bundle."""
    query = select(PetitionText).where(PetitionText.text_version_id == bundle.text_version_id)
    texts = {text.language: text for text in db.session.execute(query).scalars()}
    text = texts[pick(wishes, texts, bundle.language)]
    official = db.session.get_one(Official, bundle.official_id)
    named = texts_of(official.id)
    same = select(Bundle.id).where(
        Bundle.petition_id == bundle.petition_id, Bundle.official_id == bundle.official_id
    )
    attempts = deliveries_of(list(db.session.execute(same).scalars()))
    found = [one for of_bundle in attempts.values() for one in of_bundle]
    return TalkingPoints(
        language=text.language,
        title=text.title,
        paragraphs=tuple(part.strip() for part in text.text.split("\n\n") if part.strip()),
        asks=_asks(bundle, text.language),
        official=named[pick(wishes, named, official.source_language)],
        deliveries=tuple(sorted(found, key=lambda one: one.id, reverse=True)),
        replies=tuple(
            one for one in replies_from(official.id) if one.petition_id == bundle.petition_id
        ),
    )


def _asks(bundle: Bundle, language: str) -> tuple[str, ...]:
    """Return what is asked of the bundle's office; in the language of its letter as a fall-back."""
    for tag in (language, bundle.language):
        query = (
            select(AskText.for_letter)
            .join(Ask, Ask.id == AskText.ask_id)
            .join(AskAddressee, AskAddressee.ask_id == Ask.id)
            .where(
                Ask.text_version_id == bundle.text_version_id,
                AskAddressee.addressee_id == bundle.addressee_id,
                AskText.language == tag,
            )
            .order_by(Ask.position)
        )
        if found := tuple(db.session.execute(query).scalars()):
            return found
    return ()
