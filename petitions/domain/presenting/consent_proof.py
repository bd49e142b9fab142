"""What proves a signer's consent: the text shown, the times, the confirmation, for each purpose.

All of it follows from the signature's row and from versions that never change once published.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from petitions.domain.presenting.versions import (
    ConsentWords,
    SignedWords,
    asks_of,
    consents_of,
    texts_of,
)
from petitions.extensions import db
from petitions.models import (
    Addressee,
    ConsentOffice,
    ConsentVersion,
    Official,
    Signature,
    TextVersion,
)


@dataclass(frozen=True, slots=True)
class OfficeAgreed:
    """An office that the consent named, and whether for names. `office` is empty for embassies."""

    office: str
    embassies_of: str | None
    names_go: bool


@dataclass(frozen=True, slots=True)
class ConsentProof:
    """What a signer was shown, said yes to, and confirmed.

    Two purposes: the signature for the offices that the consent named, which the form cannot be
    sent without; and news, which it can. `news_agreed` is also true where news ended since.
    """

    language: str
    text_number: int
    text: SignedWords | None
    asks: tuple[str, ...]
    """As they were shown, in the readers' voice."""
    consent_number: int
    words: ConsentWords | None
    agreed_at: datetime
    confirmed_at: datetime | None
    verified_by: str
    offices: tuple[OfficeAgreed, ...]
    news_agreed: bool
    news_ended_at: datetime | None


def proof_of(signature: Signature) -> ConsentProof:
    """Return what proves the consent of a signature."""
    text = db.session.get_one(TextVersion, signature.text_version_id)
    consent = db.session.get_one(ConsentVersion, signature.consent_version_id)
    return ConsentProof(
        language=signature.language,
        text_number=text.number,
        text=texts_of(text.id).get(signature.language),
        asks=tuple(
            voices[signature.language][0]
            for voices in asks_of(text.id).values()
            if signature.language in voices
        ),
        consent_number=consent.number,
        words=consents_of(consent.id).get(signature.language),
        agreed_at=signature.created_at,
        confirmed_at=signature.confirmed_at,
        verified_by=signature.verified_by.value,
        offices=_offices(consent.id),
        news_agreed=signature.news or signature.news_ended_at is not None,
        news_ended_at=signature.news_ended_at,
    )


def _offices(consent_id: int) -> tuple[OfficeAgreed, ...]:
    query = (
        select(ConsentOffice, Addressee.embassies_of, Official.slug)
        .join(Addressee, Addressee.id == ConsentOffice.addressee_id)
        .outerjoin(Official, Official.id == Addressee.official_id)
        .where(ConsentOffice.consent_version_id == consent_id)
        .order_by(Addressee.position, Addressee.id)
    )
    return tuple(
        # Consents of before the offices' words were kept have the official's short name.
        OfficeAgreed(row.office or slug or "", embassies_of, row.names_go)
        for row, embassies_of, slug in db.session.execute(query)
    )
