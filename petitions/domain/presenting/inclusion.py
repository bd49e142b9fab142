"""The line that proves to a signer that a published bundle holds them, opened for them alone.

It is proof of having signed: it is shown on request, never mailed, and cannot be made any more once
the signature is erased.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from petitions.documents.commitments import commitment
from petitions.domain.bundle_files import entry_of
from petitions.domain.persons import person_of
from petitions.domain.presenting.bundle_proof import ProofPage, proof_page, published_bundle
from petitions.domain.site import Site
from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import Appearance, BundleSignature, Signature


@dataclass(frozen=True, slots=True)
class Inclusion:
    """What was hashed, and its hash. `fields` come after "v1", as in `commitment_line`."""

    page: ProofPage
    appearance: Appearance
    line: int | None
    commitment: str = field(repr=False)
    fields: tuple[str, ...] = field(repr=False)


def inclusion_of(site: Site, signature_id: int, bundle_id: str, wishes: Sequence[str]) -> Inclusion:
    """Return the proof that a published bundle holds a signature.

    Raises NotFound where it does not, where its commitments are not published, and where this
    server cannot open the signature: it is sealed, or was erased.
    """
    bundle, _, petition = published_bundle(bundle_id)
    page = proof_page(bundle_id, wishes)
    stands = db.session.get(BundleSignature, (bundle.id, signature_id))
    signature = db.session.get(Signature, signature_id)
    if stands is None or signature is None or not page.has_commitments:
        raise NotFound("not in this bundle, or nothing to prove it with")
    person = person_of(site, signature, petition)
    if person is None:
        raise NotFound("this server cannot open the signature")
    entry = entry_of(
        stands.line, stands.appearance, signature.country, signature.created_at.date(), person
    )
    counted = stands.appearance is Appearance.COUNTED
    shown = ("counted",) if counted else (entry.name, entry.place, entry.country)
    return Inclusion(
        page=page,
        appearance=stands.appearance,
        line=stands.line,
        commitment=commitment(entry, bundle.public_id),
        fields=(entry.salt.hex(), bundle.public_id, *shown),
    )
