"""What readers see of deliveries and replies: those marked public, without note, person or receipt.

A short list, newest first, in two queries: it stands on a page that must stay light.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, and_, case, func, select

from petitions.domain.presenting.wording import pick
from petitions.extensions import db
from petitions.models import (
    Bundle,
    BundleProof,
    Channel,
    Delivery,
    DeliveryOutcome,
    DeliveryState,
    Official,
    OfficialText,
    Petition,
    Reply,
)

MOST_LINES = 10
MOST_TEXTS = 3
LONGEST_TEXT = 400
_PROOF = case(
    (and_(Petition.publish_proof, BundleProof.bundle_id.is_not(None)), Bundle.public_id), else_=""
).label("proof")


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened with an office. A reply has no state; `cut`: its text goes on."""

    on: date
    office: str
    language: str
    country: str | None
    state: DeliveryState | None = None
    channel: Channel | None = None
    outcome: DeliveryOutcome | None = None
    reference: str = ""
    text: str = ""
    text_language: str = ""
    cut: bool = False
    proof: str = ""
    """The bundle's identifier, where its proof is published."""


@dataclass(frozen=True, slots=True)
class History:
    """The newest lines, and how many there are before them."""

    lines: tuple[HistoryLine, ...] = ()
    earlier: int = 0


def history_of(petition_id: int, time_zone: str, wishes: Sequence[str]) -> History:
    """Return what became of a petition's bundles, as far as it is marked public."""
    handed_over, deliveries = _deliveries(petition_id, ZoneInfo(time_zone), wishes)
    answered, replies = _replies(petition_id, wishes)
    lines = sorted([*handed_over, *answered], key=lambda line: line.on, reverse=True)
    shown = tuple(lines[:MOST_LINES])
    return History(shown, deliveries + replies - len(shown))


def line_of(delivery: Delivery, time_zone: str, office: str, country: str | None) -> HistoryLine:
    """Return the line that readers see, or would see, of one delivery."""
    at = delivery.attempted_at or delivery.recorded_at
    return HistoryLine(
        on=_day(at, ZoneInfo(time_zone)),
        office=office,
        language="",
        country=country,
        state=delivery.state,
        channel=delivery.channel,
        outcome=delivery.outcome,
    )


def _deliveries(
    petition_id: int, zone: ZoneInfo, wishes: Sequence[str]
) -> tuple[list[HistoryLine], int]:
    told = (Delivery.id, Delivery.attempted_at, Delivery.state, Delivery.channel, Delivery.outcome)
    newest = (
        select(*told, Bundle.official_id, func.count().over().label("all_of_them"), _PROOF)
        .join(Bundle, Bundle.id == Delivery.bundle_id)
        .join(Petition, Petition.id == Bundle.petition_id)
        .outerjoin(BundleProof, BundleProof.bundle_id == Bundle.id)
        .where(Bundle.petition_id == petition_id)
        .where(Delivery.public, Delivery.attempted_at.is_not(None))
        .order_by(Delivery.attempted_at.desc(), Delivery.id.desc())
        .limit(MOST_LINES)
        .subquery()
    )
    columns = (
        newest.c.attempted_at,
        newest.c.state,
        newest.c.channel,
        newest.c.outcome,
        newest.c.proof,
    )
    rows = _with_offices(select(newest.c.id, newest.c.all_of_them, *columns), newest, wishes)
    lines = [
        HistoryLine(
            on=_day(row.attempted_at, zone),
            office=row.office,
            language=row.language,
            country=row.country,
            state=row.state,
            channel=row.channel,
            outcome=row.outcome,
            proof=row.proof,
        )
        for row in rows
    ]
    return lines, rows[0].all_of_them if rows else 0


def _replies(petition_id: int, wishes: Sequence[str]) -> tuple[list[HistoryLine], int]:
    newest = (
        select(Reply, func.count().over().label("all_of_them"))
        .where(Reply.petition_id == petition_id, Reply.public)
        .order_by(Reply.received_on.desc(), Reply.id.desc())
        .limit(MOST_LINES)
        .subquery()
    )
    columns = (newest.c.received_on, newest.c.reference, newest.c.text, newest.c.translation)
    tongue = newest.c.language.label("text_language")
    query = select(newest.c.id, newest.c.all_of_them, *columns, tongue)
    rows = sorted(
        _with_offices(query, newest, wishes), key=lambda row: row.received_on, reverse=True
    )
    lines = [_reply(row, number < MOST_TEXTS, wishes) for number, row in enumerate(rows)]
    return lines, rows[0].all_of_them if rows else 0


def _with_offices(query: Select[Any], newest: Any, wishes: Sequence[str]) -> list[Row[Any]]:
    """Run a query with the office of each row, in the language that its reader wants most."""
    named = (
        query.add_columns(Official.country, Official.source_language)
        .add_columns(OfficialText.language, OfficialText.office)
        .join(Official, Official.id == newest.c.official_id)
        .join(OfficialText, OfficialText.official_id == Official.id)
    )
    by_id: dict[int, dict[str, Row[Any]]] = {}
    for row in db.session.execute(named):
        by_id.setdefault(row.id, {})[row.language] = row
    return [_best(rows, wishes) for rows in by_id.values()]


def _best(rows: dict[str, Row[Any]], wishes: Iterable[str]) -> Row[Any]:
    source = next(iter(rows.values())).source_language
    return rows[pick(list(wishes), rows, source)]


def _reply(row: Row[Any], with_text: bool, wishes: Sequence[str]) -> HistoryLine:
    own = row.text_language in wishes or not row.translation
    text = (row.text if own else row.translation) if with_text else ""
    return HistoryLine(
        on=row.received_on,
        office=row.office,
        language=row.language,
        country=row.country,
        reference=row.reference,
        text=_beginning(text),
        text_language=row.text_language if own else "",
        cut=len(text) > LONGEST_TEXT,
    )


def _beginning(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    return text[:LONGEST_TEXT].rsplit(maxsplit=1)[0]


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
