"""What must be true of a database that was restored, each said in one line, found or not."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import func, select

from petitions.documents.entries import Progress
from petitions.documents.minisigning import SignatureProblem, verify
from petitions.domain import audit
from petitions.domain.bundle_files import write_file
from petitions.domain.case_keys import SEALED
from petitions.domain.copying.dumping import summaries
from petitions.domain.copying.loading import Copy
from petitions.domain.sealing import opener_for
from petitions.domain.signing_keys import public_key
from petitions.domain.site import Site
from petitions.errors import BundleRefused, CannotOpen, KeyMissing
from petitions.extensions import db
from petitions.models import Bundle, BundleProof, BundleSignature, CaseKey, Petition, Signature
from petitions.vault import KeyRing


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. `wrong` says what is amiss, and is empty where nothing is."""

    what: str
    seen: str
    wrong: str = ""


def check_rows(connection: sa.Connection, copy: Copy) -> Finding:
    """Hold each table against the copy, row by row. Before newer migrations run."""
    found = summaries(connection, copy.columns)
    differing = [
        each.table
        for each in found
        if (each.rows, each.total)
        != (copy.summaries[each.table].rows, copy.summaries[each.table].total)
    ]
    rows = sum(each.rows for each in found)
    wrong = f"other rows than in the backup: {', '.join(differing)}" if differing else ""
    return Finding("rows", f"{rows} in {len(found)} tables, each as in the backup", wrong)


def check_restored(keyring: KeyRing, copy: Copy) -> Iterator[Finding]:
    """Check references, the record, keys, sealed rows, and bundles. Yields as it goes."""
    yield _references()
    yield _record(copy.header.audit_hash)
    yield check_keys(keyring)
    yield _sealed_rows(keyring)
    yield _bundle_numbers()
    yield _proofs(keyring)


def _references() -> Finding:
    wrong = ""
    if db.engine.dialect.name == "sqlite":
        orphans = db.session.execute(sa.text("PRAGMA foreign_key_check")).all()
        names = sorted({str(row[0]) for row in orphans})
        wrong = f"rows that point to nothing: {', '.join(names)}" if names else ""
        whole = db.session.execute(sa.text("PRAGMA integrity_check")).scalar()
        wrong = wrong or ("" if whole == "ok" else "the file is damaged")
    return Finding("references", "every row's parent is there", wrong)


def _record(expected: str) -> Finding:
    found = audit.check(expected)
    wrong = ""
    if found.broken is not None:
        wrong = f"entry {found.broken} does not fit the one before it"
    elif not found.expected_found:
        wrong = "the last entry of the backup is not in it"
    return Finding("the record", f"{found.entries} entries, each fits the one before", wrong)


def check_keys(keyring: KeyRing) -> Finding:
    """Look whether the key ring has the key of every case, and the one that signs bundles."""
    rows = list(db.session.execute(select(CaseKey).where(CaseKey.destroyed_at.is_(None))).scalars())
    missing = []
    for row in rows:
        try:
            if keyring.holds_private_key(row.ref) is (row.mode == SEALED):
                missing.append(row.case_id)
        except KeyMissing:
            missing.append(row.case_id)
    wrong = f"not in the key ring, or another: cases {_listed(missing)}" if missing else ""
    if not keyring.has_signing_key():
        wrong = wrong or "the key that signs bundles is missing"
    return Finding("keys", f"of {len(rows)} cases, and the key that signs bundles", wrong)


def _sealed_rows(keyring: KeyRing) -> Finding:
    """Open the newest sealed signature of each petition whose case this server can open."""
    newest = (
        select(func.max(Signature.id))
        .where(sa.not_(Signature.is_wiped()), Signature.data_key_id.is_not(None))
        .group_by(Signature.petition_id)
    )
    query = (
        select(Signature, Petition.case_id)
        .join(Petition, Petition.id == Signature.petition_id)
        .join(CaseKey, CaseKey.case_id == Petition.case_id)
        .where(Signature.id.in_(newest), CaseKey.mode != SEALED, CaseKey.destroyed_at.is_(None))
    )
    opened, closed = 0, []
    for row, case_id in db.session.execute(query):
        key_id, sealed = row.data_key_id or 0, row.person_sealed or b""
        try:
            opener = opener_for(case_id, keyring)
            opener.person(key_id, sealed, row.petition_id, row.order_number)
            opened += 1
        except (CannotOpen, KeyMissing):
            closed.append(row.petition_id)
    wrong = f"signatures do not open: petitions {_listed(closed)}" if closed else ""
    return Finding("sealed rows", f"the newest of {opened} petitions opens", wrong)


def _bundle_numbers() -> Finding:
    kept = (
        select(BundleSignature.bundle_id, func.count().label("rows"))
        .group_by(BundleSignature.bundle_id)
        .subquery()
    )
    query = select(Bundle.id, Bundle.eligible, func.coalesce(kept.c.rows, 0)).outerjoin(
        kept, kept.c.bundle_id == Bundle.id
    )
    found = db.session.execute(query).all()
    off = [bundle_id for bundle_id, eligible, rows in found if eligible != rows]
    wrong = f"other signatures than counted: bundles {_listed(off)}" if off else ""
    return Finding("bundles", f"{len(found)}, each with as many signatures as it says", wrong)


def _proofs(keyring: KeyRing) -> Finding:
    proofs = list(db.session.execute(select(BundleProof)).scalars())
    key = public_key(keyring) if keyring.has_signing_key() else ""
    off = [proof.bundle_id for proof in proofs if not _is_proven(proof, key)]
    wrong = f"manifest and signature do not fit: bundles {_listed(off)}" if off else ""
    return Finding("proofs", f"{len(proofs)} manifests, each with our signature", wrong)


def _is_proven(proof: BundleProof, key: str) -> bool:
    manifest = proof.tag_manifest.encode()
    if hashlib.sha256(manifest).hexdigest() != proof.tag_manifest_sha256:
        return False
    try:
        verify(manifest, proof.signature, key)
    except SignatureProblem:
        return False
    return True


def check_bundle_files(site: Site, folder: Path, progress: Progress | None = None) -> Finding:
    """Write the file of each bundle again, and hold it against its manifest; keep none of them."""
    same, left_out, off = 0, 0, []
    for bundle, proof in db.session.execute(select(Bundle, BundleProof).join(BundleProof)).all():
        try:
            written = write_file(site, bundle, folder, progress)
        except (BundleRefused, KeyMissing):
            left_out += 1  # somebody in it was erased, or the case is sealed: it cannot be made now
            continue
        written.path.unlink()
        if written.proof.tag_manifest_sha256 == proof.tag_manifest_sha256:
            same += 1
        else:
            off.append(bundle.public_id)
    seen = f"{same} written again, the same to the byte"
    if left_out:
        seen += f"; {left_out} cannot be made now (erased names, or sealed cases)"
    wrong = f"other files than were handed over: {_listed(off)}" if off else ""
    return Finding("bundle files", seen, wrong)


def _listed(ids: Iterable[object]) -> str:
    return ", ".join(str(one) for one in ids)
