"""What could be handed over and what was: the read side of the console's pages on bundles.

Numbers only: nothing of a signer is read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby

from sqlalchemy import func, select

from petitions.documents.entries import Counts
from petitions.domain.bundles import added_up, published_versions
from petitions.domain.counting import confirmed_numbers
from petitions.domain.deliveries import deliveries_of
from petitions.domain.eligible_counts import Confirmed, confirmed
from petitions.domain.presenting import pick
from petitions.domain.recipients import Recipient, recipients_of
from petitions.extensions import db
from petitions.models import (
    Appearance,
    Bundle,
    Delivery,
    Official,
    OfficialText,
    Petition,
    PetitionState,
    PetitionText,
    Signature,
    SignatureState,
    TextVersion,
    Verification,
)


@dataclass(frozen=True, slots=True)
class OfficeName:
    """How an office is called for one reader."""

    office: str
    holder: str
    language: str
    country: str | None


@dataclass(frozen=True, slots=True)
class RecipientLine:
    """An office with what it could be given now, and what was prepared for it, newest first."""

    recipient: Recipient
    name: OfficeName
    eligible: Counts
    bundles: tuple[Bundle, ...]
    deliveries: tuple[Delivery, ...]
    since_last: Counts
    """Of those eligible who stood in no bundle for it yet; all where there is none, or no names."""


@dataclass(frozen=True, slots=True)
class PetitionLine:
    """A petition in the list of those that can have bundles."""

    petition: Petition
    title: str
    language: str
    confirmed: int
    bundles: int
    last_frozen_at: datetime | None


def petition_lines(wishes: Sequence[str]) -> list[PetitionLine]:
    """Return all petitions that were published, newest first."""
    query = select(Petition).where(Petition.state != PetitionState.DRAFT)
    petitions = db.session.execute(query.order_by(Petition.id.desc())).scalars().all()
    titles = titles_of([petition.id for petition in petitions], wishes)
    confirmed = confirmed_numbers()
    frozen = {
        petition_id: (number, last)
        for petition_id, number, last in db.session.execute(
            select(Bundle.petition_id, func.count(), func.max(Bundle.frozen_at)).group_by(
                Bundle.petition_id
            )
        )
    }
    return [
        PetitionLine(
            petition,
            *titles.get(petition.id, (petition.slug, "")),
            confirmed.get(petition.id, 0),
            *frozen.get(petition.id, (0, None)),
        )
        for petition in petitions
    ]


def recipient_lines(petition: Petition, wishes: Sequence[str]) -> list[RecipientLine]:
    """Return all offices of a petition, in the order of its addressees."""
    recipients = recipients_of(petition)
    names = office_names([recipient.official.id for recipient in recipients], wishes)
    prepared = _bundles_by_official(petition.id)
    given = deliveries_of([bundle.id for bundles in prepared.values() for bundle in bundles])
    lines = []
    for recipient, eligible in zip(recipients, _eligible(petition, recipients), strict=True):
        bundles = tuple(prepared.get(recipient.official.id, ()))
        attempts = tuple(one for bundle in bundles for one in given.get(bundle.id, ()))
        name = names[recipient.official.id]
        since = _since_last(petition, recipient) if bundles and recipient.names_go else eligible
        lines.append(RecipientLine(recipient, name, eligible, bundles, attempts, since))
    return lines


def titles_of(petition_ids: list[int], wishes: Sequence[str]) -> dict[int, tuple[str, str]]:
    """Return the title of each petition with its language, from its newest text."""
    query = (
        select(TextVersion.petition_id, PetitionText.language, PetitionText.title)
        .join(PetitionText, PetitionText.text_version_id == TextVersion.id)
        .where(TextVersion.petition_id.in_(petition_ids))
        .order_by(TextVersion.published_at.is_not(None), TextVersion.number)
    )
    found: dict[int, dict[str, str]] = {}
    for petition_id, language, title in db.session.execute(query):
        found.setdefault(petition_id, {})[language] = title  # newer published ones come last
    chosen = {one: pick(wishes, texts, "en") for one, texts in found.items()}
    return {one: (found[one][language], language) for one, language in chosen.items()}


def office_names(official_ids: Iterable[int], wishes: Sequence[str]) -> dict[int, OfficeName]:
    """Return how officials are called, each in the language that the reader wants most."""
    query = (
        select(OfficialText, Official.source_language, Official.country)
        .join(Official, Official.id == OfficialText.official_id)
        .where(OfficialText.official_id.in_(list(official_ids)))
        .order_by(OfficialText.official_id)
    )
    names = {}
    rows = groupby(db.session.execute(query), key=lambda row: row[0].official_id)
    for official_id, texts in rows:
        by_language = {row[0].language: row for row in texts}
        source = next(iter(by_language.values()))[1]
        text, _, country = by_language[pick(wishes, by_language, source)]
        names[official_id] = OfficeName(text.office, text.name, text.language, country)
    return names


def letter_languages(petition: Petition) -> list[str]:
    """Return the languages in which the newest published text exists."""
    versions = published_versions(petition)
    if not versions:
        return []
    query = select(PetitionText.language).where(PetitionText.text_version_id == versions[-1].id)
    return sorted(db.session.execute(query).scalars())


def not_eligible(petition: Petition, recipient: Recipient) -> list[tuple[str, int]]:
    """Return how many signatures an office does not get, by reason, beside those not named to it.

    Reasons: `pending`, `set aside`, `withdrawn`, `attested`, `elsewhere` (of an embassy).
    """
    query = select(Signature.state, Signature.verified_by, Signature.country, func.count()).where(
        Signature.petition_id == petition.id
    )
    found = dict.fromkeys(("pending", "set aside", "withdrawn", "attested", "elsewhere"), 0)
    grouped = query.group_by(Signature.state, Signature.verified_by, Signature.country)
    for state, verified_by, country, number in db.session.execute(grouped):
        if state is not SignatureState.CONFIRMED:
            reason = state.value
        elif verified_by is not Verification.EMAIL:
            reason = "attested"
        elif recipient.addressee.embassies_of and country not in recipient.countries:
            reason = "elsewhere"
        else:
            continue
        found[reason] = found.get(reason, 0) + number
    return [(reason, number) for reason, number in found.items() if number]


def _bundles_by_official(petition_id: int) -> dict[int, list[Bundle]]:
    query = select(Bundle).where(Bundle.petition_id == petition_id).order_by(Bundle.id.desc())
    found: dict[int, list[Bundle]] = {}
    for bundle in db.session.execute(query).scalars():
        found.setdefault(bundle.official_id, []).append(bundle)
    return found


def _eligible(petition: Petition, recipients: list[Recipient]) -> list[Counts]:
    """Count once, and share out to each office."""
    counted, versions = confirmed(petition.id), published_versions(petition)
    return [_given(counted, recipient, versions) for recipient in recipients]


def _given(counted: Confirmed, recipient: Recipient, versions: list[TextVersion]) -> Counts:
    found = (counted.by_country(recipient, version).values() for version in versions)
    return _counts(added_up(chain.from_iterable(found)))


def _since_last(petition: Petition, recipient: Recipient) -> Counts:
    later = confirmed(petition.id, since_last=recipient)
    return _given(later, recipient, published_versions(petition))


def _counts(counts: dict[Appearance, int]) -> Counts:
    return Counts(
        counts.get(Appearance.FULL, 0),
        counts.get(Appearance.INITIALS, 0),
        counts.get(Appearance.COUNTED, 0),
    )
