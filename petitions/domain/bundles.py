"""Freezing bundles: which signatures stand in the bundle of which official, and how they appear.

A bundle holds what its official may get (`eligibility`), and the letter as it was on that day.
Nothing here writes a file.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, insert, literal, select

from petitions.domain import audit
from petitions.domain.bundle_chains import apart_since, last_bundle
from petitions.domain.bundle_letters import (
    compose_letter,
    letter_language,
    office_of,
)
from petitions.domain.eligibility import counts_by_country, eligible
from petitions.domain.frozen_letters import BagNames, keep_letter
from petitions.domain.letter_edits import longer_because
from petitions.domain.letter_translations import compose_translation
from petitions.domain.recipients import Recipient, recipient_named, recipient_of, recipients_of
from petitions.errors import BundleRefused, NotFound, NothingToHandOver
from petitions.extensions import db
from petitions.models import (
    Appearance,
    Bundle,
    BundleSignature,
    NamesTerm,
    Petition,
    Signature,
    TextVersion,
)

__all__ = [
    "Recipient",
    "bundle_numbered",
    "freeze",
    "last_bundle",
    "planned_bundle",
    "published_versions",
    "recipient_named",
    "recipient_of",
    "recipients_of",
]

_LISTED = (Appearance.FULL, Appearance.INITIALS)


def freeze(
    petition: Petition,
    recipient: Recipient,
    now: datetime,
    *,
    language: str | None = None,
    since_last: bool = False,
    longer: str = "",
    actor: str = "command",
) -> list[Bundle]:
    """Freeze the bundles for one recipient: all eligible signatures, one for each text version.

    A later bundle supersedes the one before; with `since_last` it holds what stood in none before,
    and continues it. Numbers without names are always told in full. `language` is that of the
    letter, where not the one that `letter_language` chooses; `longer` is why a letter may run over
    two pages, where none stands in what was written for the official; `actor` is who did it, for
    the audit trail. The caller holds one snapshot of the database (`extensions.begin_snapshot`).
    Raises NothingToHandOver where nobody is eligible, BundleRefused where the letter has no
    language or names are destroyed, LetterTooLong.
    """
    term = db.session.get(NamesTerm, petition.id)
    if term is not None and term.destroyed_at is not None:
        raise BundleRefused("the names of this petition are destroyed: there is no other bundle")
    if since_last and recipient.names_go:
        recipient = replace(recipient, since_last=True)
    frozen = [
        bundle
        for version in published_versions(petition)
        if (
            bundle := _freeze_version(
                petition,
                recipient,
                version,
                now=now,
                language=language,
                longer=longer,
                actor=actor,
            )
        )
    ]
    if not frozen:
        raise NothingToHandOver(
            f"nothing to hand over to {recipient.official.slug}: "
            + (
                "nothing came since the last bundle"
                if recipient.since_last
                else "no confirmed signature is eligible for that office yet"
            )
        )
    return frozen


def planned_bundle(
    petition: Petition,
    recipient: Recipient,
    version: TextVersion,
    counts: dict[Appearance, int],
    *,
    number: int,
    now: datetime,
    language: str | None = None,
) -> Bundle:
    """Return a bundle with these counts that is in no session: nothing is stored.

    Raises BundleRefused where the letter has no language.
    """
    before = last_bundle(petition.id, recipient.official.id, version.id)
    continued = before if recipient.since_last and before and before.names_go else None
    others = apart_since(petition.id, continued)
    whole = not recipient.countries  # an embassy's numbers are those of its countries alone
    addressee = recipient.addressee
    return Bundle(
        public_id=f"{petition.slug}-{number}",
        petition_id=petition.id,
        number=number,
        addressee_id=addressee.id,
        official_id=recipient.official.id,
        text_version_id=version.id,
        language=letter_language(
            petition, recipient.official, addressee.part, version.id, only=language
        ),
        names_go=recipient.names_go,
        supersedes_id=before.id if before and not continued else None,
        continues_id=continued.id if continued else None,
        frozen_at=now,
        named=counts.get(Appearance.FULL, 0),
        initials=counts.get(Appearance.INITIALS, 0),
        counted=counts.get(Appearance.COUNTED, 0),
        eligible=sum(counts.values()),
        attested=others.attested if whole else 0,
        paper=others.paper if whole else 0,
        partners=others.partners if whole else 0,
        appeals=others.appeals if whole else 0,
    )


def published_versions(petition: Petition) -> list[TextVersion]:
    """Return the versions of a petition's text that people may have signed, oldest first."""
    query = select(TextVersion).where(
        TextVersion.petition_id == petition.id, TextVersion.published_at.is_not(None)
    )
    return list(db.session.execute(query.order_by(TextVersion.number)).scalars())


def added_up(by_country: Iterable[dict[Appearance, int]]) -> dict[Appearance, int]:
    """Return the counts by appearance of all countries together."""
    total: dict[Appearance, int] = {}
    for counts in by_country:
        for appearance, number in counts.items():
            total[appearance] = total.get(appearance, 0) + number
    return total


def next_number(petition_id: int) -> int:
    """Return the number that the petition's next bundle will get."""
    newest = select(func.max(Bundle.number)).where(Bundle.petition_id == petition_id)
    return (db.session.execute(newest).scalar_one_or_none() or 0) + 1


def bundle_numbered(petition: Petition, number: int) -> Bundle:
    """Return a petition's bundle by its number. Raises NotFound."""
    query = select(Bundle).where(Bundle.petition_id == petition.id, Bundle.number == number)
    bundle = db.session.execute(query).scalar_one_or_none()
    if bundle is None:
        raise NotFound(f"petition {petition.slug} has no bundle {number}")
    return bundle


def _freeze_version(
    petition: Petition,
    recipient: Recipient,
    version: TextVersion,
    *,
    now: datetime,
    language: str | None,
    longer: str,
    actor: str,
) -> Bundle | None:
    if recipient.names_go and db.engine.dialect.name == "postgresql":
        # A withdrawal now waits for this freeze, and then leaves the sealed row to it.
        locked = eligible(recipient, version).with_for_update(read=True, of=Signature)
        db.session.execute(locked).fetchall()
    counts = added_up(counts_by_country(recipient, version).values())
    if not counts:
        return None
    number = next_number(petition.id)
    bundle = planned_bundle(
        petition, recipient, version, counts, number=number, now=now, language=language
    )
    official = recipient.official
    office = office_of(official, official.source_language).office
    letter = compose_letter(bundle, recipient.countries)
    translation = compose_translation(bundle, recipient.countries)
    names = BagNames(petition.slug, official.slug, office)
    over = keep_letter(
        bundle,
        letter,
        names,
        now,
        translation=translation,
        longer=longer_because(bundle) or longer,
    )
    db.session.add(bundle)
    db.session.flush()
    if bundle.names_go:
        _enter_signatures(bundle, recipient, version)
    detail = {"official": official.slug, "eligible": bundle.eligible}
    if over:
        detail["lines_over_two_pages"] = over
    if bundle.continues_id is not None:
        detail["since"] = db.session.get_one(Bundle, bundle.continues_id).public_id
    audit.record(actor, "bundle frozen", bundle.public_id, detail, now)
    return bundle


def _enter_signatures(bundle: Bundle, recipient: Recipient, version: TextVersion) -> None:
    rows = eligible(recipient, version).subquery()
    line = func.row_number().over(order_by=(rows.c.country, rows.c.order_number, rows.c.id))
    listed = select(literal(bundle.id), rows.c.id, rows.c.appearance, line)
    counted = select(literal(bundle.id), rows.c.id, rows.c.appearance)
    columns = ["bundle_id", "signature_id", "appearance"]
    for names, chosen in (
        ([*columns, "line"], listed.where(rows.c.appearance.in_(_LISTED))),
        (columns, counted.where(rows.c.appearance == Appearance.COUNTED)),
    ):
        db.session.execute(insert(BundleSignature).from_select(names, chosen))
