"""Deliveries and replies: what is logged, what may be corrected, and what readers see of it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy

from petitions.domain import audit, bundles, deliveries, receipts, replies
from petitions.domain.deliveries import DeliveryFacts
from petitions.domain.fingerprints import fingerprint
from petitions.domain.presenting.deliveries import LONGEST_TEXT, MOST_LINES, history_of
from petitions.domain.replies import ReplyFacts
from petitions.domain.site import Site
from petitions.errors import CannotOpen, ChangedMeanwhile, NotFound, Refused
from petitions.extensions import db
from petitions.models import (
    Appearance,
    Bundle,
    Channel,
    Delivery,
    DeliveryOutcome,
    DeliveryState,
    OfficialText,
    Organiser,
)
from tests.domain.cast import Cast
from tests.domain.test_bundles import signed

MOSCOW_EVENING = datetime(2026, 3, 10, 22, 30, tzinfo=UTC)  # the 11th in Moscow


@pytest.fixture
def organiser_id(database: SQLAlchemy, now: datetime) -> int:
    made = Organiser(email="d@example.org", fs_uniquifier="d", created_at=now)
    database.session.add(made)
    database.session.flush()
    return made.id


@pytest.fixture
def bundle(site: Site, cast: Cast, now: datetime) -> Bundle:
    signed(site, cast, now, ("Ada", "GB", Appearance.FULL))
    recipient = bundles.recipient_named(cast.petition, "minister-anna-b")
    [made] = bundles.freeze(cast.petition, recipient, now)
    return made


def facts(**changes: Any) -> DeliveryFacts:
    given: dict[str, Any] = {
        "state": DeliveryState.DONE,
        "channel": Channel.MEETING,
        "attempted_at": MOSCOW_EVENING,
        "place": "Gate 3",
        "handed_over_by": "Vera Volkova",
        "outcome": DeliveryOutcome.REFUSED,
        "note": "The guard Petrov took no paper.",
    }
    return DeliveryFacts(**{**given, **changes})


def log(bundle: Bundle, organiser_id: int, now: datetime, **changes: Any) -> Delivery:
    return deliveries.log(bundle, facts(**changes), organiser_id=organiser_id, now=now)


def test_logged_delivery_is_told_in_the_trail_without_people(
    bundle: Bundle, organiser_id: int, now: datetime
) -> None:
    delivery = log(bundle, organiser_id, now)
    entry = audit.latest(f"delivery {delivery.id}")
    assert entry is not None
    assert (entry.actor, entry.action) == (f"organiser {organiser_id}", "delivery logged")
    told = json.loads(entry.detail)
    assert (told["outcome"], told["channel"]) == ("refused", "meeting")
    for person in ("Vera", "Petrov", "Gate"):
        assert person not in entry.detail
        assert person not in repr(facts())


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"outcome": None}, "outcome needed", "outcome"),
        ({"state": DeliveryState.AGREED}, "outcome too early", "outcome"),
        ({"outcome": DeliveryOutcome.POSTED}, "outcome does not fit", "outcome"),
        ({"attempted_at": None}, "day needed", "attempted_on"),
        ({"attempted_at": datetime(2026, 4, 1, tzinfo=UTC)}, "not yet", "attempted_on"),
        (
            {
                "state": DeliveryState.REQUESTED,
                "outcome": None,
                "attempted_at": None,
                "public": True,
            },
            "day needed",
            "attempted_on",
        ),
    ],
)
def test_what_cannot_be_true_is_refused(
    bundle: Bundle, now: datetime, changes: dict[str, Any], reason: str, field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        log(bundle, 1, now, **changes)
    assert (refusal.value.reason, refusal.value.field) == (reason, field)


def test_correction_keeps_what_stood_there_in_the_trail(
    bundle: Bundle, organiser_id: int, now: datetime
) -> None:
    delivery = log(bundle, organiser_id, now)
    seen = fingerprint(deliveries.values_of(delivery))
    better = facts(outcome=DeliveryOutcome.ACCEPTED_WITHOUT_MEETING, note="Taken at the door.")
    assert deliveries.correct(delivery, better, seen=seen, actor="organiser 9", now=now)
    entry = audit.latest(f"delivery {delivery.id}")
    assert entry is not None
    told = json.loads(entry.detail)
    assert told["fields"] == ["outcome", "note"]
    assert told["before"] == {"outcome": "refused"}
    assert told["after"] == {"outcome": "accepted without meeting"}
    assert "door" not in entry.detail
    assert not deliveries.correct(delivery, better, seen="", actor="organiser 9", now=now)


def test_correction_of_what_somebody_changed_meanwhile_is_refused(
    bundle: Bundle, organiser_id: int, now: datetime
) -> None:
    delivery = log(bundle, organiser_id, now)
    seen = fingerprint(deliveries.values_of(delivery))
    deliveries.correct(delivery, facts(place="Gate 4"), seen=seen, actor="organiser 9", now=now)
    with pytest.raises(ChangedMeanwhile) as change:
        deliveries.correct(delivery, facts(place="Gate 5"), seen=seen, actor="organiser 8", now=now)
    assert change.value.values["place"] == "Gate 4"


def test_follow_up_is_due_until_it_is_made(
    bundle: Bundle, organiser_id: int, now: datetime
) -> None:
    day = date(2026, 3, 20)
    late = log(bundle, organiser_id, now, follow_up_on=day)
    first = log(bundle, organiser_id, now, follow_up_on=day - timedelta(days=1))
    log(bundle, organiser_id, now, follow_up_on=day + timedelta(days=1))
    log(bundle, organiser_id, now)
    assert [row.id for row, _ in deliveries.follow_ups_due(day)] == [first.id, late.id]
    deliveries.mark_followed_up(first, True, actor="organiser 9", now=now)
    assert [row.id for row, _ in deliveries.follow_ups_due(day)] == [late.id]
    deliveries.mark_followed_up(first, False, actor="organiser 9", now=now)
    assert len(deliveries.follow_ups_due(day)) == 2
    deliveries.mark_followed_up(first, True, actor="organiser 9", now=now)
    again = facts(follow_up_on=day)
    deliveries.correct(first, again, seen="", actor="organiser 9", now=now)
    assert len(deliveries.follow_ups_due(day)) == 2  # another day is another reminder


def test_deliveries_are_listed_by_petition_and_outcome(
    bundle: Bundle, organiser_id: int, now: datetime
) -> None:
    one = log(bundle, organiser_id, now)
    other = log(bundle, organiser_id, now, outcome=DeliveryOutcome.ACCEPTED)
    assert [row.id for row, _ in deliveries.listed()] == [other.id, one.id]
    assert [row.id for row, _ in deliveries.listed(outcome=DeliveryOutcome.REFUSED)] == [one.id]
    assert deliveries.listed(petition_id=bundle.petition_id + 1) == []
    assert [row.id for row, _ in deliveries.listed(before_id=other.id)] == [one.id]


def test_receipt_is_sealed_to_its_delivery(
    site: Site, bundle: Bundle, organiser_id: int, now: datetime
) -> None:
    delivery = log(bundle, organiser_id, now)
    other = log(bundle, organiser_id, now)
    paper = b"%PDF-1.7 stamped by the embassy"
    receipts.keep(site, delivery, ("application/pdf", paper), actor="organiser 9", now=now)
    assert delivery.receipt is not None
    assert b"embassy" not in delivery.receipt
    assert receipts.opened(site, delivery) == ("application/pdf", paper)
    other.receipt, other.receipt_type = delivery.receipt, "application/pdf"
    with pytest.raises(CannotOpen):
        receipts.opened(site, other)
    receipts.remove(delivery, actor="organiser 9", now=now)
    with pytest.raises(NotFound):
        receipts.opened(site, delivery)
    about = [e.action for e in audit.entries() if e.subject == f"delivery {delivery.id}"]
    assert about == ["delivery logged", "receipt added", "receipt removed"]


def answer(**changes: Any) -> ReplyFacts:
    given: dict[str, Any] = {
        "received_on": date(2026, 3, 12),
        "language": "ru",
        "text": "Рассмотрено.",
        "reference": "12/34",
        "public": True,
    }
    return ReplyFacts(**{**given, **changes})


def test_reply_belongs_to_an_office_of_the_petition(
    cast: Cast, bundle: Bundle, organiser_id: int, now: datetime
) -> None:
    given = {"delivery": None, "organiser_id": organiser_id, "now": now}
    reply = replies.record(cast.petition, bundle.official_id, answer(), **given)  # type: ignore[arg-type]  # keyword soup
    entry = audit.latest(f"reply {reply.id}")
    assert entry is not None
    assert "12/34" in entry.detail
    assert "Рассмотрено" not in entry.detail
    with pytest.raises(Refused, match="not addressed"):
        replies.record(cast.petition, 999, answer(), **given)  # type: ignore[arg-type]  # as above
    tomorrow = answer(received_on=now.date() + timedelta(days=1))
    with pytest.raises(Refused, match="not yet"):
        replies.record(cast.petition, bundle.official_id, tomorrow, **given)  # type: ignore[arg-type]  # as above


def test_readers_see_what_is_public_and_nothing_of_people(
    cast: Cast, bundle: Bundle, organiser_id: int, now: datetime
) -> None:
    log(bundle, organiser_id, now, public=True)
    log(bundle, organiser_id, now, outcome=DeliveryOutcome.ACCEPTED)
    db.session.add(OfficialText(official_id=bundle.official_id, language="ru", office="Министр"))
    replies.record(
        cast.petition,
        bundle.official_id,
        answer(),
        delivery=None,
        organiser_id=organiser_id,
        now=now,
    )
    db.session.flush()
    history = history_of(cast.petition.id, cast.petition.time_zone, ["ru", "en"])
    assert [(line.on, line.office, line.outcome) for line in history.lines] == [
        (date(2026, 3, 12), "Министр", None),
        (date(2026, 3, 11), "Министр", DeliveryOutcome.REFUSED),
    ]
    assert history.earlier == 0
    for person in ("Vera", "Petrov", "Gate", "Ada"):
        assert person not in repr(history)


def test_readers_list_is_bounded_and_says_how_much_is_before(
    cast: Cast, bundle: Bundle, organiser_id: int, now: datetime
) -> None:
    for number in range(MOST_LINES + 3):
        at = MOSCOW_EVENING - timedelta(days=number)
        log(bundle, organiser_id, now, public=True, attempted_at=at)
    long = answer(text="слово " * LONGEST_TEXT, received_on=date(2026, 3, 14))
    replies.record(
        cast.petition, bundle.official_id, long, delivery=None, organiser_id=organiser_id, now=now
    )
    history = history_of(cast.petition.id, cast.petition.time_zone, ["en"])
    assert len(history.lines) == MOST_LINES
    assert history.earlier == 4
    assert history.lines[0].cut
    assert len(history.lines[0].text) <= LONGEST_TEXT


def test_reply_is_read_in_translation_by_who_does_not_read_its_language(
    cast: Cast, bundle: Bundle, organiser_id: int, now: datetime
) -> None:
    given = answer(translation="It was considered.")
    replies.record(
        cast.petition, bundle.official_id, given, delivery=None, organiser_id=organiser_id, now=now
    )
    zone = cast.petition.time_zone
    assert history_of(cast.petition.id, zone, ["en"]).lines[0].text == "It was considered."
    assert history_of(cast.petition.id, zone, ["ru"]).lines[0].text == "Рассмотрено."


def test_reply_that_came_today_where_the_petition_is_came_today(
    cast: Cast, bundle: Bundle, organiser_id: int
) -> None:
    late = datetime(2026, 3, 14, 22, 30, tzinfo=UTC)  # in Moscow it is the 15th
    today = answer(received_on=date(2026, 3, 15))
    official = bundle.official_id
    reply = replies.record(
        cast.petition, official, today, delivery=None, organiser_id=organiser_id, now=late
    )
    assert reply.received_on == date(2026, 3, 15)
