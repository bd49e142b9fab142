"""A bundle of the open petition whose proof is published, without the work of writing one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain.signing_keys import ensure_signing_key, signing_key
from petitions.models import Addressee, Bundle, BundleProof, Petition, TextVersion
from tests.web.conftest import OPEN

BUNDLE = f"{OPEN}-1"
COUNTED = 10
MANIFEST = "0 bagit.txt\n"


def publish_a_proof(database: SQLAlchemy, site: Any, now: datetime) -> None:
    """Ten who are counted, for an addressee; the proof is there, the file never was."""
    ensure_signing_key(site.keyring)
    db = database.session
    petition = db.execute(select(Petition).where(Petition.slug == OPEN)).scalar_one()
    petition.publish_proof = True
    mine = (Addressee.petition_id == petition.id, Addressee.official_id.is_not(None))
    addressee = db.execute(select(Addressee).where(*mine).limit(1)).scalar_one()
    versions = select(TextVersion.id).where(TextVersion.petition_id == petition.id).limit(1)
    bundle = Bundle(
        public_id=BUNDLE,
        petition_id=petition.id,
        number=1,
        addressee_id=addressee.id,
        official_id=addressee.official_id,
        text_version_id=db.execute(versions).scalar_one(),
        language="en",
        names_go=True,
        frozen_at=now,
        named=0,
        initials=0,
        counted=COUNTED,
        eligible=COUNTED,
    )
    db.add(bundle)
    db.flush()
    proof = BundleProof(
        bundle_id=bundle.id,
        tag_manifest=MANIFEST,
        tag_manifest_sha256="0" * 64,
        signature=signing_key(site.keyring).sign(MANIFEST.encode(), "made by a test"),
        commitments=bytes(32 * COUNTED),
        nonce_sealed=b"",
        data_key_id=site.sealer.data_key(petition.case_id, now)[0],
        written_at=now,
    )
    db.add(proof)
    db.commit()
