"""Writing the file of a frozen bundle, on demand: opening its sealed rows, and keeping the proof.

The rows come from one read transaction. The file appears at its place in one step, or not at all.
"""

import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select

from petitions.documents.assemble import write_bundle
from petitions.documents.bag import BundleProof as WrittenProof
from petitions.documents.entries import BundleContent, Entry, Letter, ListHeading, Progress
from petitions.domain.bundle_letters import letter_for, office_of
from petitions.domain.bundles import recipient_of
from petitions.domain.sealing import Opener, opener_for
from petitions.domain.signing_keys import signing_key
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

_WHAT_GOES = "Hand over data/handover alone; data/record stays with the organisation"
_COMMITMENTS = "/data/record/commitments.txt"


def file_name(bundle: Bundle) -> str:
    """Return the name of a bundle's file."""
    official = db.session.get_one(Official, bundle.official_id)
    return f"{bundle.public_id}-{official.slug}.zip"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A bundle's file, and what `keep_proof` is to keep of it; no `nonce` where that is kept."""

    path: Path
    proof: WrittenProof
    nonce: bytes | None = field(repr=False)


def write_file(
    site: Site, bundle: Bundle, folder: Path, progress: Progress | None = None
) -> WrittenFile:
    """Write a frozen bundle's zip into `folder`. Only reads; the caller ends the transaction.

    Writing it again gives the same bytes, as long as nobody in it was erased. Raises
    BundleRefused, KeyMissing.
    """
    petition = db.session.get_one(Petition, bundle.petition_id)
    opener = opener_for(petition.case_id, site.keyring)
    kept = db.session.get(BundleProof, bundle.id)
    nonce = _kept_nonce(bundle, kept, opener) if kept else os.urandom(32)
    path = folder / file_name(bundle)
    content = _content(site, bundle, petition, opener, nonce)
    written = write_bundle(content, path, signing_key(site.keyring), progress)
    return WrittenFile(path, written, None if kept else nonce)


def keep_proof(site: Site, bundle: Bundle, written: WrittenFile, now: datetime) -> None:
    """Keep what proves a bundle that was written for the first time."""
    if written.nonce is None:
        return
    petition = db.session.get_one(Petition, bundle.petition_id)
    key_id, key = site.sealer.data_key(petition.case_id, now)
    proof = BundleProof(
        bundle_id=bundle.id,
        tag_manifest=written.proof.tag_manifest,
        tag_manifest_sha256=written.proof.tag_manifest_sha256,
        signature=written.proof.signature,
        commitments=_commitments(written.path),
        nonce_sealed=key.seal(written.nonce, _nonce_context(bundle)),
        data_key_id=key_id,
        transliterated=_transliterated(written.path),
        written_at=now,
    )
    db.session.add(proof)
    db.session.flush()


def _content(
    site: Site, bundle: Bundle, petition: Petition, opener: Opener, nonce: bytes
) -> BundleContent:
    countries = recipient_of(bundle).countries
    letter = letter_for(bundle, countries, demonstration=site.demonstration)
    return BundleContent(
        letter=letter,
        entries=lambda: _entries(bundle, petition.id, opener),
        bundle_id=bundle.public_id,
        nonce=nonce,
        info=_info(bundle, petition, letter),
        heading=ListHeading(
            language=bundle.language,
            petition=letter.subject,
            addressee=letter.addressee.office,
            reference=letter.reference,
            dated_on=letter.dated_on,
            demonstration=site.demonstration,
        ),
    )


def _entries(bundle: Bundle, petition_id: int, opener: Opener) -> Iterator[Entry]:
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
            if sealed is None or key_id is None:
                raise BundleRefused(
                    f"bundle {bundle.public_id} cannot be made again: "
                    "somebody in it was erased since; its proof still stands"
                )
            person = opener.person(key_id, sealed, petition_id, order)
            signed_on = created_at.astimezone(UTC).date()
            yield _entry(line, appearance, country, signed_on, person)


def _entry(
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


def _info(bundle: Bundle, petition: Petition, letter: Letter) -> tuple[tuple[str, str], ...]:
    official = db.session.get_one(Official, bundle.official_id)
    version = db.session.get_one(TextVersion, bundle.text_version_id)
    pairs = [
        ("Source-Organization", letter.sender_name),
        ("Bagging-Date", letter.dated_on.isoformat()),
        ("Bundle-Number", str(bundle.number)),
        ("Petition", petition.slug),
        ("Text-Version", str(version.number)),
        ("Addressee", office_of(official, official.source_language).office),
        ("Addressee-Identifier", official.slug),
        ("Letter-Language", bundle.language),
        ("Internal-Sender-Description", _WHAT_GOES),
    ]
    if letter.countries:
        pairs.append(("Countries", " ".join(letter.countries)))
    if bundle.supersedes_id is not None:
        before = db.session.get_one(Bundle, bundle.supersedes_id)
        pairs.append(("Supersedes", before.public_id))
        if proof := db.session.get(BundleProof, before.id):
            pairs.append(("Previous-Bundle", f"{before.public_id} {proof.tag_manifest_sha256}"))
    return tuple(pairs)


def _commitments(path: Path) -> bytes | None:
    """Return the commitments of a written bundle, 32 bytes each, or None where it has none."""
    with zipfile.ZipFile(path) as bundle:
        for name in bundle.namelist():
            if name.endswith(_COMMITMENTS):
                with bundle.open(name) as lines:
                    return b"".join(bytes.fromhex(line.decode().strip()) for line in lines)
    return None


def _transliterated(path: Path) -> int:
    with zipfile.ZipFile(path) as bundle:
        name = next(n for n in bundle.namelist() if n.endswith("/bag-info.txt"))
        for line in bundle.read(name).decode().splitlines():
            if line.startswith("Transliterated-Names: "):
                return int(line.split(": ", 1)[1])
    return 0


def _kept_nonce(bundle: Bundle, proof: BundleProof, opener: Opener) -> bytes:
    return opener.bytes(proof.data_key_id, proof.nonce_sealed, _nonce_context(bundle))


def _nonce_context(bundle: Bundle) -> bytes:
    return f"nonce {bundle.public_id}".encode()
