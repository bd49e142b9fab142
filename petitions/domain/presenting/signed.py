"""What a confirmation link is about: the very versions that its signer saw."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from petitions.domain.presenting.versions import (
    AddresseeLine,
    AskGroup,
    ConsentWords,
    SignedWords,
    addressees_of,
    ask_groups,
    asks_of,
    consents_of,
    texts_of,
)
from petitions.domain.presenting.wording import pick
from petitions.domain.privacy import person_of
from petitions.domain.signing import pending_or_confirmed
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.models import Appearance, ConsentOffice, Petition
from petitions.vault import Person


@dataclass(frozen=True, slots=True)
class SignedPage:
    """The signed version of text and consent.

    The person is shown before it is confirmed: somebody else may have entered a name. It is None
    where this server cannot open it, and afterwards, since links in mails live on for a week.
    Nothing tells whether the signature was set aside: `confirmed` is what its signer did.
    """

    petition_slug: str
    confirmed: bool
    person: Person | None = field(repr=False)
    country: str
    news: bool
    appearance: Appearance
    choices: tuple[Appearance, ...]
    words: SignedWords
    consent: ConsentWords | None
    addressees: tuple[AddresseeLine, ...]
    asks: tuple[AskGroup, ...]


def signed_page(site: Site, petition: Petition, signature_id: int, now: datetime) -> SignedPage:
    """Return what the signer saw, and the appearances that show no more than the chosen one.

    Raises TokenExpired where the signature is withdrawn, gone, or waited too long.
    """
    signature = pending_or_confirmed(petition, signature_id, now)
    confirmed = signature.confirmed_at is not None
    saw = [signature.language]
    texts = texts_of(signature.text_version_id)
    consents = consents_of(signature.consent_version_id)
    words = texts[pick(saw, texts, signature.language)]
    addressees = _named_in(signature.consent_version_id, addressees_of(petition.id, saw))
    asks = asks_of(signature.text_version_id)
    return SignedPage(
        petition_slug=petition.slug,
        confirmed=confirmed,
        person=None if confirmed else person_of(site, signature, petition),
        country=signature.country,
        news=signature.news,
        appearance=signature.appearance,
        choices=tuple(a for a in Appearance if a.shows_no_more_than(signature.appearance)),
        words=words,
        consent=consents.get(signature.language),
        addressees=addressees,
        asks=ask_groups(signature.text_version_id, asks, addressees, words.language),
    )


def _named_in(
    consent_version_id: int, addressees: tuple[AddresseeLine, ...]
) -> tuple[AddresseeLine, ...]:
    """Return those addressees that the consent named; only they may be handed the signature."""
    query = select(ConsentOffice.addressee_id)
    query = query.where(ConsentOffice.consent_version_id == consent_version_id)
    named = set(db.session.execute(query).scalars())
    return tuple(line for line in addressees if line.id in named)
