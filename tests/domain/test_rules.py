"""Block and allow lists: what they are about, when they are in force, what they do."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Select, select

from petitions.domain import blocks, reviewing, signing
from petitions.domain.arrivals import Origin
from petitions.domain.rules import REFRESHED_EVERY, rule_in
from petitions.domain.site import Site
from petitions.errors import Refused
from petitions.models import AuditEntry, Block, BlockKind, Mail, MailKind, Signature, SignatureState
from tests.domain.cast import Cast, form

BOT = "bot@mail.evil.example"


def asking() -> Select[Mail]:
    """The mails that ask for confirmation, oldest first."""
    return select(Mail).where(Mail.kind == MailKind.SIGNING).order_by(Mail.id)


@pytest.fixture
def rule(site: Site, database: SQLAlchemy, now: datetime) -> Any:
    """rule("domain", "evil.example", allow=False) -> the rule's number."""

    def add(kind: str, value: str, *, allow: bool = False) -> int:
        made = blocks.add(
            site, BlockKind(kind), value, allow=allow, reason="seen", actor="organiser 1", now=now
        )
        database.session.commit()
        return made.id

    return add


@pytest.fixture
def verdict(site: Site, now: datetime) -> Any:
    """verdict(email, client) -> what the rules say, looked at anew."""

    def say(email: str = "ada@example.org", client: str = "") -> Any:
        address = ip_address(client) if client else None
        site.rules._looked_at = None
        return site.rules.verdict(email, address, now)

    return say


@pytest.mark.parametrize(
    ("kind", "value", "caught", "spared"),
    [
        ("domain", "Evil.Example", ("a@evil.example", ""), ("a@notevil.example", "")),
        ("domain", "*.evil.example", ("a@deep.mail.evil.example", ""), ("a@evil.org", "")),
        ("domain", "googlemail.com", ("a@googlemail.com", ""), ("a@gmail.com", "")),
        ("domain", "gmail.com", ("a@googlemail.com", ""), ("a@mail.com", "")),
        ("domain", "münchen.example", ("a@xn--mnchen-3ya.example", ""), ("a@munchen.example", "")),
        ("address", "B.ot+9@Gmail.com", ("bot@googlemail.com", ""), ("bots@gmail.com", "")),
        ("network", "192.0.2.0/24", ("a@b.org", "192.0.2.200"), ("a@b.org", "192.0.3.1")),
        ("network", "192.0.2.7", ("a@b.org", "192.0.2.7"), ("a@b.org", "192.0.2.8")),
        ("network", "::ffff:192.0.2.7/128", ("a@b.org", "192.0.2.7"), ("a@b.org", "192.0.2.8")),
        ("network", "2001:db8:1::/48", ("a@b.org", "2001:db8:1:9::1"), ("a@b.org", "2001:db8:2::")),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_rule_matches_what_it_is_about(
    *,
    rule: Any,
    verdict: Any,
    kind: str,
    value: str,
    caught: tuple[str, str],
    spared: tuple[str, str],
) -> None:
    number = rule(kind, value)
    assert rule_in(verdict(*caught).caught) == (number, kind)
    assert verdict(*spared).caught is None


@pytest.mark.parametrize(
    ("kind", "typed", "word"),
    [
        ("network", "0.0.0.0/0", "too wide"),
        ("network", "2001::/8", "too wide"),
        ("network", "::ffff:0.0.0.0/96", "too wide"),
        ("network", "evil.example", "network"),
        ("domain", "example", "domain"),
        ("domain", "a b.example", "domain"),
        ("domain", "", "domain"),
        ("address", "evil.example", "address"),
        ("address", "@evil.example", "address"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_rule_that_would_catch_everybody_or_nobody_is_refused(
    rule: Any, kind: str, typed: str, word: str
) -> None:
    with pytest.raises(Refused, match=word):
        rule(kind, typed)


def test_block_beats_an_allow_whatever_they_are_about(rule: Any, verdict: Any) -> None:
    rule("network", "192.0.2.0/24", allow=True)
    allowed = verdict("a@evil.example", "192.0.2.1")
    assert (allowed.caught, allowed.allowed) == (None, True)
    rule("domain", "evil.example")
    both = verdict("a@evil.example", "192.0.2.1")
    assert (both.caught is not None, both.allowed) == (True, False)


def test_same_thing_is_not_listed_twice(rule: Any) -> None:
    rule("domain", "evil.example", allow=True)
    with pytest.raises(Refused, match="listed already"):
        rule("domain", "EVIL.example")


def test_address_is_kept_as_a_hash_and_neither_it_nor_a_network_is_in_the_trail(
    rule: Any, database: SQLAlchemy
) -> None:
    rule("address", "ada@example.org")
    rule("network", "192.0.2.7")
    kept = [row.value for row in database.session.execute(select(Block)).scalars()]
    assert "ada@" not in kept[0]  # a hash may hold the letters alone
    assert len(kept[0]) == 64
    told = database.session.execute(select(AuditEntry)).scalars().all()
    assert [entry.action for entry in told] == ["rule added", "rule added"]
    everything = json.dumps([[entry.subject, entry.detail] for entry in told])
    assert "ada@" not in everything
    assert "192.0" not in everything
    assert all(entry.reason_sealed for entry in told)


def test_rule_is_in_force_and_out_of_force_within_seconds(
    site: Site, database: SQLAlchemy, rule: Any, now: datetime
) -> None:
    assert site.rules.verdict(BOT, None, now).caught is None
    number = rule("domain", "evil.example")
    later = now + REFRESHED_EVERY
    assert site.rules.verdict(BOT, None, later).caught is not None
    blocks.remove(
        site, blocks.rule_numbered(number), reason="a mistake", actor="organiser 1", now=later
    )
    database.session.commit()
    assert site.rules.verdict(BOT, None, later + REFRESHED_EVERY).caught is None


def test_caught_signature_stands_aside_with_its_rule_and_gets_its_mail(
    site: Site, cast: Cast, database: SQLAlchemy, rule: Any, now: datetime
) -> None:
    number = rule("domain", "evil.example")
    signing.sign(site, cast.petition, form(BOT), now)
    database.session.commit()
    row = database.session.execute(select(Signature)).scalar_one()
    mail = database.session.execute(asking()).scalar_one()
    assert row.state is SignatureState.SET_ASIDE
    assert rule_in(row.set_aside_reason) == (number, BlockKind.DOMAIN)
    assert (mail.state.value, mail.signature_id, mail.held) == ("waiting", row.id, None)
    assert blocks.caught_by_rule() == {number: 1}
    signing.confirm(cast.petition, row.id, now)
    assert row.state is SignatureState.SET_ASIDE
    moved = reviewing.put_back(
        site, cast.petition, [row.id], reason="is a person", actor="organiser 1", now=now
    )
    assert moved.done == [row.id]
    assert row.state is SignatureState.CONFIRMED


def test_second_form_from_a_blocked_network_changes_nothing_of_the_first(
    site: Site, cast: Cast, database: SQLAlchemy, rule: Any, now: datetime
) -> None:
    signing.sign(site, cast.petition, form(), now)
    rule("network", "192.0.2.7")
    later = now + timedelta(hours=1)
    signing.sign(site, cast.petition, form(), later, Origin(address=ip_address("192.0.2.7")))
    row = database.session.execute(select(Signature)).scalar_one()
    assert row.state is SignatureState.PENDING


def test_mail_from_a_busy_network_waits_and_an_allow_lifts_it(
    site: Site, cast: Cast, database: SQLAlchemy, rule: Any, now: datetime
) -> None:
    slow = Origin("n" * 32, ip_address("192.0.2.7"), timedelta(minutes=4))
    signing.sign(site, cast.petition, form("one@example.org"), now, slow)
    rule("network", "192.0.2.0/24", allow=True)
    at = now + REFRESHED_EVERY
    signing.sign(site, cast.petition, form("two@example.org"), at, slow)
    mails = database.session.execute(asking()).scalars().all()
    assert [mail.not_before for mail in mails] == [now + timedelta(minutes=4), at]
    assert [mail.held for mail in mails] == ["busy network", None]


def test_gap_between_two_mails_begins_when_the_slow_one_goes(
    site: Site, cast: Cast, database: SQLAlchemy, now: datetime
) -> None:
    slow = Origin(wait=timedelta(minutes=8))
    signing.sign(site, cast.petition, form(), now, slow)
    signing.sign(site, cast.petition, form(), now + timedelta(minutes=1))
    mails = database.session.execute(asking()).scalars().all()
    assert [mail.not_before - now for mail in mails] == [
        timedelta(minutes=8),
        timedelta(minutes=18),
    ]
