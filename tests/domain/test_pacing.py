"""The hourly limits: of one mail domain and of the site; they delay, and drop nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import organiser_mail, outbox, privacy
from petitions.domain.mail_report import waiting_mails
from petitions.domain.site import Site
from petitions.models import Mail, MailBudget, MailKind, MailState, Organiser

_numbers: Iterator[int] = count()


def limited(site: Site, *, domain: int = 0, everything: int = 0) -> Site:
    budgets = replace(site.budgets, per_domain_and_hour=domain, per_hour=everything)
    return replace(site, budgets=budgets)


def queue(site: Site, now: datetime, *domains: str) -> None:
    for domain in domains:
        privacy.ask_for_link(site, f"s{next(_numbers)}@{domain}", "en", now)


def claimed(site: Site, now: datetime, worker: str = "w") -> list[str]:
    """Claim and send all that may go now; return their domains in order of their ids."""
    domains = []
    while mails := outbox.claim(site, worker, now):
        domains += [m.address.rpartition("@")[2] for m in sorted(mails, key=lambda m: m.id)]
        outbox.mark_sent([mail.id for mail in mails], worker, now)
    return domains


def test_one_domain_waits_for_the_next_hour_and_keeps_nobody_else_waiting(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    site = limited(site, domain=2)
    queue(site, now, *["a.org"] * 45, "b.org", "b.org")
    assert claimed(site, now) == ["a.org", "a.org", "b.org", "b.org"]
    hour = now.replace(hour=10, minute=0, second=0)
    (waiting,) = waiting_mails(now)
    assert (waiting.why, waiting.number) == ("domain limit", 43)
    assert (waiting.first_at, waiting.last_at) == (hour, hour)
    assert not outbox.anything_due(hour - timedelta(seconds=1))
    assert claimed(site, hour) == ["a.org", "a.org"]
    rows = database.session.execute(select(Mail.attempts).where(Mail.state == "waiting"))
    assert set(rows.scalars()) == {0}


def test_aliases_of_a_provider_are_one_domain(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    site = limited(site, domain=1)
    queue(site, now, "gmail.com", "googlemail.com")
    assert len(claimed(site, now)) == 1


def test_the_site_goes_on_in_its_order_in_the_next_hour(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    site = limited(site, everything=3)
    queue(site, now, *"abcdefgh")
    assert claimed(site, now) == ["a", "b", "c"]
    (waiting,) = waiting_mails(now)
    assert (waiting.why, waiting.number) == ("site limit", 5)
    hour = now.replace(hour=10, minute=0, second=0)
    queue(site, hour, "late")
    assert claimed(site, hour) == ["d", "e", "f"]
    assert claimed(site, hour + timedelta(hours=1)) == ["g", "h", "late"]


def test_workers_side_by_side_share_the_hour(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    site = limited(site, domain=5, everything=6)
    queue(site, now, *["a.org"] * 4, *["b.org"] * 4)
    first = outbox.claim(site, "one", now, 3)
    second = outbox.claim(site, "two", now, 3)
    assert (len(first), len(second)) == (3, 3)
    assert outbox.claim(site, "three", now) == []


def test_a_limit_that_is_taken_away_holds_nobody_longer_than_its_hour(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    queue(site, now, *["a.org"] * 9)
    assert len(claimed(limited(site, everything=1), now)) == 1
    assert len(claimed(limited(site), now + timedelta(hours=1))) == 8


def test_a_mail_that_is_tried_again_takes_no_second_place(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    site = limited(site, domain=1, everything=1)
    queue(site, now, "a.org")
    (mail,) = outbox.claim(site, "w", now)
    outbox.give_back([mail.id], "w")
    (mail,) = outbox.claim(site, "w", now)
    outbox.retry_later(mail, "w", "451", now)
    assert claimed(site, now + timedelta(minutes=1)) == ["a.org"]


def test_mails_to_organisers_are_not_kept_waiting(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    site = limited(site, domain=1, everything=1)
    queue(site, now, "a.org", "a.org")
    assert claimed(site, now) == ["a.org"]
    bob = Organiser(email="bob@a.org", fs_uniquifier="k", created_at=now)
    database.session.add(bob)
    database.session.flush()
    organiser_mail.enqueue(site, MailKind.SECURITY_NOTICE, bob, now)
    assert claimed(site, now) == ["a.org"]


def test_nothing_is_dropped_and_the_counters_name_no_domain(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    site = limited(site, domain=2, everything=3)
    queue(site, now, *["a.org"] * 10)
    sent = sum(len(claimed(site, now + timedelta(hours=hour))) for hour in range(5))
    assert sent == 10
    states = database.session.execute(select(Mail.state)).scalars()
    assert set(states) == {MailState.SENT}
    keys = database.session.execute(select(MailBudget.key)).scalars().all()
    assert all(len(key) == 32 and b"a.org" not in bytes(key) for key in keys)
