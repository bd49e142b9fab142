"""Setting aside in bulk, as organisers see it: previewed, asked for with a reason, stopped, undone.

A worker does what is asked for here (`bulk_work`). The trail tells who asked for what and why, and
what came of it; the rows name their batch, so that exactly those can be put back.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from petitions.domain import audit
from petitions.domain.batch_reasons import word_of
from petitions.domain.case_keys import is_sealed
from petitions.domain.conditions import PERSONAL, Condition, selects, without_origin
from petitions.domain.mixed_scripts import mixes_scripts
from petitions.domain.reviewing import GROUNDS
from petitions.domain.sealing import opener_for
from petitions.domain.signatures_shown import Line, lines_of
from petitions.domain.site import Site
from petitions.errors import CannotOpen, KeyMissing, NotFound, Refused
from petitions.extensions import db
from petitions.models import (
    BatchState,
    Petition,
    SetAsideBatch,
    Signature,
    SignatureState,
)

OPEN = (BatchState.WAITING, BatchState.UNDOING)
SAMPLE = 10
MOST_OPENED = 40_000
"""Names that are opened while somebody waits: some two seconds' worth."""
_PART = 1000
_TOLD_FOR = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a condition means now. `last_seen` is the newest signature there was."""

    counts: Counter[SignatureState]
    last_seen: int
    sample: list[Line] = field(repr=False)

    @property
    def total(self) -> int:
        """How many would be set aside."""
        return self.counts.total()


def check(petition: Petition, condition: Condition) -> None:
    """Raise Refused where a condition cannot be used: "empty condition", "sealed", "turned"."""
    if condition.is_empty:
        raise Refused("empty condition", "network")
    if condition.mixed and is_sealed(petition.case_id):
        raise Refused("sealed", "mixed")
    if condition.since and condition.until and condition.since >= condition.until:
        raise Refused("turned", "until")


def preview(site: Site, petition: Petition, condition: Condition) -> Preview:
    """Count what a condition means, and show the newest of it.

    Raises Refused: as `check`, "too many names" where more would be opened than somebody waits for.
    """
    check(petition, condition)
    wanted = selects(site, petition.id, condition)
    last = select(func.max(Signature.id)).where(Signature.petition_id == petition.id)
    last_seen = db.session.execute(last).scalar_one_or_none() or 0
    if condition.mixed:
        ids, counts = _opened(site, petition, wanted)
    else:
        grouped = select(Signature.state, func.count()).where(*wanted).group_by(Signature.state)
        counts = Counter({row[0]: row[1] for row in db.session.execute(grouped)})
        newest = select(Signature.id).where(*wanted).order_by(Signature.id.desc()).limit(SAMPLE)
        ids = list(db.session.execute(newest).scalars())
    rows = select(Signature).where(Signature.id.in_(ids)).order_by(Signature.id.desc())
    sample = lines_of(site, petition, list(db.session.execute(rows).scalars()))
    return Preview(counts, last_seen, sample)


def request(
    site: Site,
    petition: Petition,
    condition: Condition,
    *,
    ground: str,
    reason: str,
    last_seen: int,
    organiser_id: int,
    now: datetime,
    total: int | None = None,
) -> tuple[SetAsideBatch, bool]:
    """Ask for signatures up to `last_seen` to be set aside; return the batch, and if it is new.

    `total` is what a preview just counted: names are not opened again under the lock of a writer.
    The same again by the same organiser, while the first is open, is the first. Raises Refused: as
    `preview`, "ground needed", "reason needed", "nothing fits".
    """
    check(petition, condition)
    if ground not in GROUNDS:
        raise Refused("ground needed", "ground")
    if not reason:
        raise Refused("reason needed", "reason")
    same = select(SetAsideBatch).where(
        SetAsideBatch.petition_id == petition.id,
        SetAsideBatch.state == BatchState.WAITING,
        SetAsideBatch.requested_by == organiser_id,
    )
    for batch in db.session.execute(same).scalars():
        if batch.condition == condition.kept():
            return batch, False
    total = preview(site, petition, condition).total if total is None else total
    if not total:
        raise Refused("nothing fits")
    batch = SetAsideBatch(
        petition_id=petition.id,
        condition=condition.kept(),
        ground=ground,
        requested_by=organiser_id,
        requested_at=now,
        state=BatchState.WAITING,
        total=total,
        last_seen=last_seen,
    )
    db.session.add(batch)
    db.session.flush()
    _record(site, batch, "asked for", f"organiser {organiser_id}", now, reason=reason)
    return batch, True


def stop(site: Site, batch: SetAsideBatch, *, actor: str, now: datetime) -> None:
    """End a batch that is under way; what is set aside stays so. Raises Refused: "over"."""
    db.session.refresh(batch, with_for_update=True)
    if batch.state is not BatchState.WAITING:
        raise Refused("over")
    batch.state, batch.finished_at = BatchState.STOPPED, now
    db.session.flush()
    _record(site, batch, "stopped", actor, now)


def undo(
    site: Site, batch: SetAsideBatch, *, reason: str, organiser_id: int, now: datetime
) -> None:
    """Ask for a batch to be put back, exactly those that it set aside, as they were.

    Raises Refused: "reason needed", "not undone now" where it is under way or nothing is left.
    """
    if not reason:
        raise Refused("reason needed", "reason")
    db.session.refresh(batch, with_for_update=True)
    if batch.state in OPEN or batch.state is BatchState.UNDONE:
        raise Refused("not undone now")
    batch.state, batch.finished_at, batch.cursor = BatchState.UNDOING, None, 0
    batch.undone_by, batch.failures, batch.too_late = organiser_id, 0, 0
    db.session.flush()
    actor = f"organiser {organiser_id}"
    _record(site, batch, "putting back asked for", actor, now, reason=reason)


def batch_numbered(batch_id: int) -> SetAsideBatch:
    """Return a batch. Raises NotFound."""
    batch = db.session.get(SetAsideBatch, batch_id)
    if batch is None:
        raise NotFound("no such batch")
    return batch


def batches_of(petition_id: int, most: int = 20) -> list[SetAsideBatch]:
    """Return the newest batches of a petition, newest first."""
    query = select(SetAsideBatch).where(SetAsideBatch.petition_id == petition_id)
    return list(db.session.execute(query.order_by(SetAsideBatch.id.desc()).limit(most)).scalars())


def _opened(
    site: Site, petition: Petition, wanted: Sequence[ColumnElement[bool]]
) -> tuple[list[int], Counter[SignatureState]]:
    """Open all names that a condition means, a part at a time; return the newest, and counts."""
    rows = select(Signature.id, Signature.state).where(*wanted).order_by(Signature.id)
    states = {row.id: row.state for row in db.session.execute(rows)}
    if len(states) > MOST_OPENED:
        raise Refused("too many names", "mixed")
    ids = list(states)
    mixed: list[int] = []
    for begin in range(0, len(ids), _PART):
        mixed += mixed_of(site, petition, ids[begin : begin + _PART])
    return mixed[-SAMPLE:], Counter(states[one] for one in mixed)


def forget_origins(now: datetime) -> int:
    """Wipe networks and mail domains from conditions older than 48 hours; return how many."""
    old = select(SetAsideBatch).where(SetAsideBatch.requested_at < now - _TOLD_FOR)
    number = 0
    for batch in db.session.execute(old).scalars():
        wiped = without_origin(batch.condition)
        if wiped != batch.condition:
            batch.condition = wiped
            number += 1
    db.session.flush()
    return number


def mixed_of(site: Site, petition: Petition, ids: Iterable[int]) -> list[int]:
    """Return those of the ids in whose name a word mixes scripts; what does not open is not."""
    try:
        opener = opener_for(petition.case_id, site.keyring)
    except KeyMissing:
        return []
    columns = (Signature.id, Signature.data_key_id, Signature.person_sealed, Signature.order_number)
    found = []
    rows = select(*columns).where(Signature.id.in_(list(ids))).order_by(Signature.id)
    for row in db.session.execute(rows):
        if row.data_key_id is None or not row.person_sealed:
            continue
        try:
            person = opener.person(
                row.data_key_id, row.person_sealed, petition.id, row.order_number
            )
        except (CannotOpen, KeyMissing):
            continue
        if mixes_scripts(person.name):
            found.append(row.id)
    return found


def record_end(site: Site, batch: SetAsideBatch, what: str, now: datetime) -> None:
    """Tell the trail what came of a batch."""
    who = batch.undone_by if what == "put back" else batch.requested_by
    _record(site, batch, what, f"organiser {who}", now)


def _record(
    site: Site, batch: SetAsideBatch, what: str, actor: str, now: datetime, *, reason: str = ""
) -> None:
    condition = Condition.of(batch.condition)
    plain = replace(condition, network="", domain="").kept()
    detail = {
        "petition": batch.petition_id,
        "ground": batch.ground,
        "condition": {
            **{name: value for name, value in plain.items() if value},
            **{name: "given" for name in PERSONAL if getattr(condition, name)},
        },
        "matching": batch.total,
        "set_aside": batch.moved,
        "put_back": batch.put_back,
    }
    action = f"set aside in bulk: {what}" if what else "set aside in bulk"
    subject = word_of(batch.id)
    audit.record(actor, action, subject, detail, now, reason=reason, keyring=site.keyring)
