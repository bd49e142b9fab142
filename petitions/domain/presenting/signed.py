"""What a confirmation link is about: the very versions that its signer saw."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select

from petitions.domain.mailboxes import has_second
from petitions.domain.persons import person_of
from petitions.domain.presenting.country_lines import CountryLine, country_lines, line_for
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
from petitions.domain.resending import takes_confirmations
from petitions.domain.signing import awaits_its_signer, pending_or_confirmed
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.models import (
    ACTIVE,
    AddressedState,
    Appearance,
    Case,
    ConsentOffice,
    Petition,
    Signature,
)
from petitions.vault import Person


@dataclass(frozen=True, slots=True)
class SignedVersions:
    """The signed version of text and consent, the same for all who signed it in a language.

    `addressees` are those that the consent named, with names where the consent said so and the
    petition still does. `notices` are what readers of single countries are told now, and
    `addressed` are the states addressed.
    """

    words: SignedWords
    consent: ConsentWords | None
    addressees: tuple[AddresseeLine, ...]
    asks: tuple[AskGroup, ...]
    notices: tuple[CountryLine, ...]
    addressed: frozenset[str]


@dataclass(frozen=True, slots=True)
class SignedPage:
    """What a link is about, and who signed.

    The person is shown before it is confirmed: somebody else may have entered a name. It is None
    where this server cannot open it, and afterwards, since links in mails live on for a week.
    Nothing tells whether the signature was set aside: `confirmed` is what its signer did.
    `notice` is what readers of the signer's country are told now.
    `choices` are the appearances that show no more than the chosen one.
    `takes` is whether confirming would be taken now: not once the petition is stopped or archived.
    """

    petition_slug: str
    confirmed: bool
    takes: bool
    person: Person | None = field(repr=False)
    country: str
    news: bool
    appearance: Appearance
    choices: tuple[Appearance, ...]
    notice: CountryLine | None
    versions: SignedVersions
    key: tuple[int, int, str]
    """The versions of text and consent, and the language: which `versions` these are."""


def signed_page(site: Site, petition: Petition, signature_id: int, now: datetime) -> SignedPage:
    """Return what the signer saw.

    Raises TokenExpired where the signature is withdrawn, gone, or waited too long.
    """
    signature = pending_or_confirmed(petition, signature_id, now)
    confirmed = signature.confirmed_at is not None and not awaits_its_signer(signature)
    key = (signature.text_version_id, signature.consent_version_id, signature.language)
    versions = site.recent.get(("signed versions", *key), lambda: signed_versions(petition, *key))
    return SignedPage(
        petition_slug=petition.slug,
        confirmed=confirmed,
        takes=takes_confirmations(petition),
        person=None if confirmed else person_of(site, signature, petition),
        country=signature.country,
        news=signature.news,
        appearance=signature.appearance,
        choices=_choices(signature, versions.addressed),
        notice=line_for(versions.notices, signature.country),
        versions=versions,
        key=key,
    )


def signed_versions(
    petition: Petition, text_version_id: int, consent_version_id: int, language: str
) -> SignedVersions:
    """Return what everybody saw who signed these versions in a language."""
    saw = [language]
    texts, consents = texts_of(text_version_id), consents_of(consent_version_id)
    words = texts[pick(saw, texts, language)]
    addressees = _named_in(consent_version_id, addressees_of(petition.id, saw))
    asks = asks_of(text_version_id)
    source = db.session.get_one(Case, petition.case_id).source_language
    addressed = select(AddressedState.country).where(AddressedState.case_id == petition.case_id)
    return SignedVersions(
        words=words,
        consent=consents.get(language),
        addressees=addressees,
        asks=ask_groups(text_version_id, asks, addressees, words.language),
        notices=country_lines(petition.id, saw, source),
        addressed=frozenset(db.session.execute(addressed).scalars()),
    )


@dataclass(frozen=True, slots=True)
class RefusedPage:
    """What "this was not me" is about; it names nobody, since links in mails live on for a week."""

    confirmed: bool
    has_second: bool
    """Whether a second person with the same mailbox has signed: theirs stays."""
    gone: bool


def refused_page(signature_id: int) -> RefusedPage:
    """Return what somebody takes back who says that it was not them."""
    signature = db.session.get(Signature, signature_id)
    if signature is None or signature.state not in ACTIVE:
        return RefusedPage(confirmed=False, has_second=False, gone=True)
    confirmed = signature.confirmed_at is not None and not awaits_its_signer(signature)
    return RefusedPage(confirmed, has_second(signature), gone=False)


def _named_in(
    consent_version_id: int, addressees: tuple[AddresseeLine, ...]
) -> tuple[AddresseeLine, ...]:
    """Return those addressees that the consent named; only they may be handed the signature.

    One that was opened for names since gets none of this signer's.
    """
    query = select(ConsentOffice.addressee_id, ConsentOffice.names_go)
    query = query.where(ConsentOffice.consent_version_id == consent_version_id)
    named = {row.addressee_id: row.names_go for row in db.session.execute(query)}
    return tuple(
        replace(line, names_go=line.names_go and named[line.id])
        for line in addressees
        if line.id in named
    )


def _choices(signature: Signature, addressed: frozenset[str]) -> tuple[Appearance, ...]:
    """Return what shows no more than was chosen; least first for who lives in a state addressed."""
    choices = tuple(a for a in Appearance if a.shows_no_more_than(signature.appearance))
    return choices[::-1] if signature.country in addressed else choices
