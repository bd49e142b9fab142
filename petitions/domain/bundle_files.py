"""Writing the file of a frozen bundle, on demand: its letter as frozen, its sealed rows opened.

The rows come from one read transaction. The file appears at its place in one step, or not at all.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date
from pathlib import Path

from sqlalchemy import select

from petitions.documents.assemble import write_bundle
from petitions.documents.entries import BundleContent, Entry, Letter, ListHeading, Progress
from petitions.domain.bundle_chains import superseded_by
from petitions.domain.bundle_letters import letter_for, office_of
from petitions.domain.bundle_proofs import WrittenFile, keep_proof, kept_nonce
from petitions.domain.frozen_letters import (
    BagNames,
    kept_names,
    kept_reason,
    kept_translation,
)
from petitions.domain.recipients import recipient_of
from petitions.domain.sealing import Opener, opener_for
from petitions.domain.signing_keys import key_that_signed, signing_key
from petitions.domain.site import Site
from petitions.errors import BundleRefused
from petitions.extensions import db
from petitions.models import (
    Appearance,
    Bundle,
    BundleProof,
    BundleSignature,
    Official,
    Petition,
    Signature,
    TextVersion,
)
from petitions.vault import Person

__all__ = ["WrittenFile", "erased_since", "file_name", "keep_proof", "write_file"]

_WHAT_GOES = "Hand over data/handover alone; data/record stays with the organisation"


def file_name(bundle: Bundle) -> str:
    """Return the name of a bundle's file."""
    return f"{bundle.public_id}-{_names(bundle).official}.zip"


def write_file(
    site: Site, bundle: Bundle, folder: Path, progress: Progress | None = None
) -> WrittenFile:
    """Write a frozen bundle's zip into `folder`. Only reads; the caller ends the transaction.

    Writing it again gives the same bytes, whatever was renamed since, as long as nobody in it was
    erased. Raises BundleRefused, KeyMissing.
    """
    petition = db.session.get_one(Petition, bundle.petition_id)
    opener = opener_for(petition.case_id, site.keyring)
    kept = db.session.get(BundleProof, bundle.id)
    nonce = kept_nonce(bundle, kept, opener) if kept else os.urandom(32)
    path = folder / file_name(bundle)
    content = _content(site, bundle, opener=opener, nonce=nonce, kept=kept)
    key = key_that_signed(site.keyring, kept.signature) if kept else signing_key(site.keyring)
    written = write_bundle(content, path, key, progress)
    return WrittenFile(path, written, None if kept else nonce)


def erased_since(bundle: Bundle) -> BundleRefused:
    """Return why the file of a bundle cannot be made (again)."""
    return BundleRefused(
        f"bundle {bundle.public_id} cannot be made again: "
        "somebody in it was erased since; its proof still stands"
    )


def _content(
    site: Site,
    bundle: Bundle,
    *,
    opener: Opener,
    nonce: bytes,
    kept: BundleProof | None,
) -> BundleContent:
    countries = recipient_of(bundle).countries
    letter = letter_for(bundle, countries, demonstration=site.demonstration)
    translation = kept_translation(bundle)
    if translation is not None:
        translation = replace(translation, demonstration=letter.demonstration)
    return BundleContent(
        letter=letter,
        translation=translation,
        entries=lambda: entries_of(bundle, opener),
        bundle_id=bundle.public_id,
        nonce=nonce,
        info=_info(bundle, letter, kept),
        heading=ListHeading(
            language=letter.language,
            petition=letter.subject,
            addressee=letter.addressee.office,
            reference=" · ".join(filter(None, (letter.reference, letter.case_number))),
            dated_on=letter.dated_on,
            demonstration=letter.demonstration,
            roll=letter.first_volume,
        ),
    )


def entries_of(bundle: Bundle, opener: Opener) -> Iterator[Entry]:
    """Open a frozen bundle's signatures one by one, those in the list first, in its order.

    Raises BundleRefused at one that was erased since, CannotOpen.
    """
    query = (
        select(
            BundleSignature.line,
            BundleSignature.appearance,
            Signature.country,
            Signature.created_at,
            Signature.order_number,
            Signature.data_key_id,
            Signature.person_sealed,
        )
        .join(Signature, Signature.id == BundleSignature.signature_id)
        .where(BundleSignature.bundle_id == bundle.id)
        .order_by(BundleSignature.line.is_(None), BundleSignature.line)
    )
    with db.session.execute(query.execution_options(yield_per=1000)) as rows:
        for line, appearance, country, created_at, order, key_id, sealed in rows:
            if not sealed or key_id is None:
                raise erased_since(bundle)
            person = opener.person(key_id, sealed, bundle.petition_id, order)
            signed_on = created_at.astimezone(UTC).date()
            yield entry_of(line, appearance, country, signed_on, person)


def entry_of(
    line: int | None, appearance: Appearance, country: str, signed_on: date, person: Person
) -> Entry:
    """Return what the signer chose to show, and nothing beside it."""
    full, listed = appearance is Appearance.FULL, appearance is not Appearance.COUNTED
    return Entry(
        number=line,
        appearance=appearance.value,
        name=person.name if full else person.initials if listed else "",
        place=person.place if full else "",
        country=country if listed else "",
        signed_on=signed_on,
        verified_by="e-mail",
        salt=person.salt,
    )


def _info(bundle: Bundle, letter: Letter, kept: BundleProof | None) -> tuple[tuple[str, str], ...]:
    names = _names(bundle)
    version = db.session.get_one(TextVersion, bundle.text_version_id)
    pairs = [
        ("Source-Organization", letter.sender_name),
        ("Bagging-Date", letter.dated_on.isoformat()),
        ("Bundle-Number", str(bundle.number)),
        ("Petition", names.petition),
        ("Text-Version", str(version.number)),
        ("Addressee", names.office),
        ("Addressee-Identifier", names.official),
        ("Letter-Language", letter.language),
        ("Internal-Sender-Description", _WHAT_GOES),
    ]
    if letter.countries:
        pairs.append(("Countries", " ".join(letter.countries)))
    if longer := kept_reason(bundle):
        pairs.append(("Longer-Than-Two-Pages", longer))
    if letter.one_side_only:
        pairs.append(("Printing", "one side only"))
    if superseded := superseded_by(bundle):
        pairs.append(("Supersedes", " ".join(one.public_id for one in superseded)))
    if bundle.continues_id is not None:
        pairs.append(("Continues", db.session.get_one(Bundle, bundle.continues_id).public_id))
    if previous := _before(bundle) if kept is None else kept.previous:
        pairs.append(("Previous-Bundle", previous))
    return tuple(pairs)


def _before(bundle: Bundle) -> str:
    """Return the petition's last bundle before this one that was written, and its tag manifest.

    Each cites the one before, so that none can be left out or put in between afterwards.
    """
    query = (
        select(Bundle.public_id, BundleProof.tag_manifest_sha256)
        .join(BundleProof, BundleProof.bundle_id == Bundle.id)
        .where(Bundle.petition_id == bundle.petition_id, Bundle.number < bundle.number)
        .order_by(Bundle.number.desc())
        .limit(1)
    )
    found = db.session.execute(query).one_or_none()
    return f"{found.public_id} {found.tag_manifest_sha256}" if found else ""


def _names(bundle: Bundle) -> BagNames:
    """Return what petition and official were called when the bundle was frozen."""
    if kept := kept_names(bundle):
        return kept
    petition = db.session.get_one(Petition, bundle.petition_id)
    official = db.session.get_one(Official, bundle.official_id)
    office = office_of(official, official.source_language).office
    return BagNames(petition.slug, official.slug, office)
