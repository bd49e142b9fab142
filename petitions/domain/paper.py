"""Signatures on paper and numbers of partner organisations: entered, listed, taken out again.

They are shown apart from all other numbers, each with where it comes from.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from petitions.domain import audit
from petitions.domain.fingerprints import fingerprint, refuse_changed
from petitions.domain.site import Site
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import PaperSignatures, Petition

SOURCES = ("paper", "partner")
MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """What an organiser enters: how many, and how it is known."""

    source: str
    country: str | None
    number: int
    collected_on: date | None
    provenance: str
    how_checked: str = ""


def papers_of(petition_id: int) -> list[PaperSignatures]:
    """Return a petition's entries, newest first."""
    query = select(PaperSignatures).where(PaperSignatures.petition_id == petition_id)
    return list(db.session.execute(query.order_by(PaperSignatures.id.desc())).scalars())


def sums_of(petition_id: int) -> dict[str, int]:
    """Return how many signatures there are on paper and how many of partners, each apart."""
    query = select(PaperSignatures.source, func.sum(PaperSignatures.number)).where(
        PaperSignatures.petition_id == petition_id
    )
    found = dict.fromkeys(SOURCES, 0)
    for source, number in db.session.execute(query.group_by(PaperSignatures.source)):
        found[source] = int(number)
    return found


def values_of_list(papers: Sequence[PaperSignatures]) -> dict[str, Any]:
    """Return what a form is filled with that adds to this list: nobody adds twice unseen."""
    return {"entries": [paper.id for paper in papers]}


def add_paper(
    petition: Petition,
    entry: PaperEntry,
    *,
    seen: str,
    organiser_id: int,
    actor: str,
    now: datetime,
) -> bool:
    """Enter a number; return whether that is a change: the same form sent twice is not.

    Raises Refused: "source", "number", "future", "provenance needed", "date needed" and "check
    needed" (of a partner); and
    ChangedMeanwhile where the list is not the one that the form was shown with.
    """
    refuse_wrong(entry, petition, now)
    papers = papers_of(petition.id)
    twice = papers and _is_same(papers[0], entry, organiser_id)
    if twice and seen == fingerprint(values_of_list(papers[1:])):
        return False
    refuse_changed(seen, values_of_list(papers))
    paper = PaperSignatures(
        petition_id=petition.id, entered_by=organiser_id, entered_at=now, **asdict(entry)
    )
    db.session.add(paper)
    db.session.flush()
    subject = f"petition {petition.id}"
    audit.record(actor, "paper signatures entered", subject, _told(paper), now)
    return True


def remove_paper(
    site: Site, petition: Petition, paper_id: int, *, reason: str, actor: str, now: datetime
) -> bool:
    """Take an entry out, for a reason; return whether it was there. Raises Refused."""
    if not reason:
        raise Refused("reason needed", "reason")
    query = select(PaperSignatures).where(
        PaperSignatures.id == paper_id, PaperSignatures.petition_id == petition.id
    )
    paper = db.session.execute(query.with_for_update()).scalar_one_or_none()
    if paper is None:
        return False
    db.session.delete(paper)
    db.session.flush()
    about, subject = _told(paper), f"petition {petition.id}"
    action, keyring = "paper signatures removed", site.keyring
    audit.record(actor, action, subject, about, now, reason=reason, keyring=keyring)
    return True


def refuse_wrong(entry: PaperEntry, petition: Petition, now: datetime) -> None:
    """Raise Refused where an entry cannot be: its word, and the field that it is about."""
    if entry.source not in SOURCES:
        raise Refused("source", "source")
    if not 0 < entry.number <= MOST:
        raise Refused("number", "number")
    today = now.astimezone(ZoneInfo(petition.time_zone)).date()
    if entry.collected_on is not None and entry.collected_on > today:
        raise Refused("future", "collected_on")
    if not entry.provenance:
        raise Refused("provenance needed", "provenance")
    if entry.source == "partner" and not entry.how_checked:
        raise Refused("check needed", "how_checked")
    if entry.source == "partner" and entry.collected_on is None:
        raise Refused("date needed", "collected_on")


def _is_same(paper: PaperSignatures, entry: PaperEntry, organiser_id: int) -> bool:
    values = {name: getattr(paper, name) for name in asdict(entry)}
    return values == asdict(entry) and paper.entered_by == organiser_id


def _told(paper: PaperSignatures) -> dict[str, object]:
    """Return what the audit trail tells of an entry: where it comes from may name a person."""
    day = paper.collected_on.isoformat() if paper.collected_on else None
    return {
        "entry": paper.id,
        "source": paper.source,
        "country": paper.country,
        "number": paper.number,
        "collected_on": day,
    }
