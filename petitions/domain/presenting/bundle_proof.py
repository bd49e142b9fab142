"""What a petition publishes of a frozen bundle, so that nobody can deny it or invent another.

Never the payload manifest or bag-info.txt: from the hash of a short list its names could be
guessed. For the same reason a bundle of fewer than `COMMITTED_FROM` has no commitments here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select

from petitions.documents.commitments import DIGEST_BYTES
from petitions.domain.presenting.deliveries import HistoryLine, line_of
from petitions.domain.presenting.versions import texts_of
from petitions.domain.presenting.wording import pick
from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import Bundle, BundleProof, Case, Delivery, Official, OfficialText, Petition

COMMITTED_FROM = 10


@dataclass(frozen=True, slots=True)
class ProofPage:
    """A published bundle: for whom, how many, and what it can be checked with."""

    bundle_id: str
    number: int
    frozen_on: date
    petition_slug: str
    title: str
    title_language: str
    office: str
    language: str
    country: str | None
    names_go: bool
    named: int
    initials: int
    counted: int
    eligible: int
    has_commitments: bool
    tag_manifest_sha256: str
    deliveries: tuple[HistoryLine, ...]

    @property
    def shows_numbers(self) -> bool:
        """Whether its numbers are told: those of few, perhaps of one country alone, are not."""
        return self.eligible >= COMMITTED_FROM


def published_bundle(bundle_id: str) -> tuple[Bundle, BundleProof, Petition]:
    """Return a bundle whose petition publishes proofs, once it was written. Raises NotFound.

    The caller holds the petition against what is hidden.
    """
    query = (
        select(Bundle, BundleProof, Petition)
        .join(BundleProof, BundleProof.bundle_id == Bundle.id)
        .join(Petition, Petition.id == Bundle.petition_id)
        .where(Bundle.public_id == bundle_id, Petition.publish_proof)
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        raise NotFound("no such bundle")
    return found[0], found[1], found[2]


def proof_page(bundle_id: str, wishes: Sequence[str]) -> ProofPage:
    """Return what readers see of a published bundle. Raises NotFound."""
    bundle, proof, petition = published_bundle(bundle_id)
    official = db.session.get_one(Official, bundle.official_id)
    texts = select(OfficialText.language, OfficialText.office)
    rows = db.session.execute(texts.where(OfficialText.official_id == official.id))
    offices = {row.language: row.office for row in rows}
    language = pick(wishes, offices, official.source_language)
    words = texts_of(bundle.text_version_id)
    source = db.session.get_one(Case, petition.case_id).source_language
    title_language = pick(wishes, words, source)
    return ProofPage(
        bundle_id=bundle.public_id,
        number=bundle.number,
        frozen_on=bundle.frozen_at.astimezone(ZoneInfo(petition.time_zone)).date(),
        petition_slug=petition.slug,
        title=words[title_language].title,
        title_language=title_language,
        office=offices[language],
        language=language,
        country=official.country,
        names_go=bundle.names_go,
        named=bundle.named,
        initials=bundle.initials,
        counted=bundle.counted,
        eligible=bundle.eligible,
        has_commitments=has_commitments(bundle, proof),
        tag_manifest_sha256=proof.tag_manifest_sha256,
        deliveries=_deliveries(bundle, petition, offices[language], official.country),
    )


def has_commitments(bundle: Bundle, proof: BundleProof | None) -> bool:
    """Return whether the commitments of a bundle may be published beside the rest."""
    kept = proof is not None and proof.commitments is not None
    return kept and bundle.eligible >= COMMITTED_FROM


def commitment_lines(proof: BundleProof) -> str:
    """Return the commitments as the file in the bundle has them: hexadecimal, one a line."""
    kept = proof.commitments or b""
    digests = (kept[at : at + DIGEST_BYTES] for at in range(0, len(kept), DIGEST_BYTES))
    return "".join(f"{digest.hex()}\n" for digest in digests)


def _deliveries(
    bundle: Bundle, petition: Petition, office: str, country: str | None
) -> tuple[HistoryLine, ...]:
    query = (
        select(Delivery)
        .where(Delivery.bundle_id == bundle.id, Delivery.public)
        .where(Delivery.attempted_at.is_not(None))
        .order_by(Delivery.attempted_at, Delivery.id)
    )
    rows = db.session.execute(query).scalars()
    return tuple(line_of(row, petition.time_zone, office, country) for row in rows)
