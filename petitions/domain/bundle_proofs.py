"""What proves a bundle that was written: kept once, and the nonce to write the same file again."""

import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from petitions.documents.bag import BundleProof as WrittenProof
from petitions.domain.sealing import Opener
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.models import Bundle, BundleProof, Petition

_COMMITMENTS = "/data/record/commitments.txt"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A bundle's file, and what `keep_proof` is to keep of it; no `nonce` where that is kept."""

    path: Path
    proof: WrittenProof
    nonce: bytes | None = field(repr=False)


def keep_proof(site: Site, bundle: Bundle, written: WrittenFile, now: datetime) -> None:
    """Keep what proves a bundle that was written for the first time."""
    if written.nonce is None:
        return
    petition = db.session.get_one(Petition, bundle.petition_id)
    key_id, key = site.sealer.data_key(petition.case_id, now)
    facts = _facts(written.path)
    proof = BundleProof(
        bundle_id=bundle.id,
        tag_manifest=written.proof.tag_manifest,
        tag_manifest_sha256=written.proof.tag_manifest_sha256,
        signature=written.proof.signature,
        commitments=_commitments(written.path),
        nonce_sealed=key.seal(written.nonce, _nonce_context(bundle)),
        data_key_id=key_id,
        transliterated=int(facts.get("Transliterated-Names", "0")),
        previous=facts.get("Previous-Bundle", ""),
        written_at=now,
    )
    db.session.add(proof)
    db.session.flush()


def kept_nonce(bundle: Bundle, proof: BundleProof, opener: Opener) -> bytes:
    """Return the nonce that a bundle was first written with. Raises CannotOpen, KeyMissing."""
    return opener.bytes(proof.data_key_id, proof.nonce_sealed, _nonce_context(bundle))


def _commitments(path: Path) -> bytes | None:
    """Return the commitments of a written bundle, 32 bytes each, or None where it has none."""
    with zipfile.ZipFile(path) as bundle:
        for name in bundle.namelist():
            if name.endswith(_COMMITMENTS):
                with bundle.open(name) as lines:
                    return b"".join(bytes.fromhex(line.decode().strip()) for line in lines)
    return None


def _facts(path: Path) -> dict[str, str]:
    """Return the bag-info of a written bundle; what is asked of it here stands on one line each."""
    with zipfile.ZipFile(path) as bundle:
        name = next(n for n in bundle.namelist() if n.endswith("/bag-info.txt"))
        lines = bundle.read(name).decode().splitlines()
    pairs = (line.partition(": ") for line in lines)
    return {label: value for label, _, value in pairs}


def _nonce_context(bundle: Bundle) -> bytes:
    return f"nonce {bundle.public_id}".encode()
