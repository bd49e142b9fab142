"""Scans of sheets: a picture or a PDF that shows names. Sealed to the case, as names are.

Whoever may see signers looks at one; of a sealed case it opens where a custodian unlocks it. It is
wiped when the entry is taken out, and when the time of the petition's names is over.
"""

from datetime import datetime

from sqlalchemy import select, update

from petitions.domain import audit
from petitions.domain.sealing import opener_for
from petitions.domain.site import Site
from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import PaperSignatures, Petition


def entry_of(petition_id: int, paper_id: int) -> PaperSignatures:
    """Return an entry of a petition. Raises NotFound."""
    query = select(PaperSignatures).where(
        PaperSignatures.id == paper_id, PaperSignatures.petition_id == petition_id
    )
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound("no such entry")
    return found


def keep(
    site: Site,
    petition: Petition,
    paper_id: int,
    scan: tuple[str, bytes],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Keep a scan, as `uploads.receipt` returned it, in place of the one before.

    Raises NotFound, KeyMissing (the keys of the case are destroyed).
    """
    entry = entry_of(petition.id, paper_id)
    db.session.refresh(entry, with_for_update=True)
    action = "scan added" if entry.scan_type is None else "scan replaced"
    entry.scan_type, content = scan
    entry.scan_key_id, key = site.sealer.data_key(petition.case_id, now)
    entry.scan_sealed = key.seal(content, _context(paper_id))
    db.session.flush()
    detail = {"entry": paper_id, "type": entry.scan_type, "bytes": len(content)}
    audit.record(actor, action, f"petition {petition.id}", detail, now)


def remove(petition: Petition, paper_id: int, *, actor: str, now: datetime) -> None:
    """Remove a scan for good. Repeating it changes nothing. Raises NotFound."""
    entry = entry_of(petition.id, paper_id)
    db.session.refresh(entry, with_for_update=True)
    if entry.scan_type is None:
        return
    entry.scan_sealed = entry.scan_type = entry.scan_key_id = None
    db.session.flush()
    audit.record(actor, "scan removed", f"petition {petition.id}", {"entry": paper_id}, now)


def opened(
    site: Site, petition: Petition, paper_id: int, *, actor: str, now: datetime
) -> tuple[str, bytes]:
    """Return media type and bytes of a scan, and write down that it was looked at.

    Raises NotFound, CannotOpen, KeyMissing; CaseSealed where nobody has unlocked the case.
    """
    entry = entry_of(petition.id, paper_id)
    if entry.scan_type is None or entry.scan_sealed is None or entry.scan_key_id is None:
        raise NotFound("this entry has no scan")
    opener = opener_for(petition.case_id, site.keyring)
    content = opener.bytes(entry.scan_key_id, entry.scan_sealed, _context(paper_id))
    subject = f"petition {petition.id}"
    audit.record_once(actor, "scan looked at", subject, {"entry": paper_id}, now)
    return entry.scan_type, content


def forget_of_petition(petition_id: int) -> None:
    """Wipe all scans of a petition: the time of its names is over."""
    of = update(PaperSignatures).where(PaperSignatures.petition_id == petition_id)
    nothing = {"scan_sealed": None, "scan_type": None, "scan_key_id": None}
    db.session.execute(of.values(nothing).execution_options(synchronize_session="fetch"))


def _context(paper_id: int) -> bytes:
    return f"scan {paper_id}".encode()
