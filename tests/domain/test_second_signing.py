"""Somebody else at this address: two people with one mailbox, and never three."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from petitions.domain import expiry, outbox, privacy, signing
from petitions.domain.address_search import search_address
from petitions.domain.petitions import petition_named
from petitions.domain.second_signing import address_in_link, sealed_for_link, sign_second
from petitions.domain.site import Site
from petitions.errors import PetitionClosed, Refused, TokenExpired
from petitions.extensions import begin_write
from petitions.mail.content import content_of
from petitions.models import (
    CaseKey,
    Mail,
    MailState,
    PetitionState,
    Signature,
    SignatureState,
)
from petitions.tokens import ANOTHER, bytes_of
from tests.domain.cast import Cast, form

ADDRESS = "signer@example.org"
LATER = timedelta(hours=1)


@pytest.fixture
def first(database: SQLAlchemy, site: Site, cast: Cast, now: datetime) -> Signature:
    signing.sign(site, cast.petition, form(), now)
    return database.session.execute(select(Signature)).scalar_one()


def second_form(name: str = "Bob Babbage", **more: Any) -> Any:
    return form(name=name, initials="B. B.", **more)


def second(site: Site, cast: Cast, first: Signature, now: datetime, **typed: Any) -> Signature:
    return sign_second(site, cast.petition, first.id, second_form(**typed), now)


def active(database: SQLAlchemy) -> list[int]:
    held = select(Signature.id).where(Signature.lookup.is_not(None)).order_by(Signature.id)
    return list(database.session.execute(held).scalars())


@pytest.mark.parametrize("confirmed", [True, False])
def test_second_person_counts_at_once_and_both_are_found_by_the_address(
    *,
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    first: Signature,
    now: datetime,
    confirmed: bool,
) -> None:
    if confirmed:
        signing.confirm(cast.petition, first.id, now)
    row = second(site, cast, first, now)
    assert (row.state, row.confirmed_at, row.shares_mailbox) == ("confirmed", now, True)
    assert row.address_sealed is None
    assert privacy.signatures_of(site, ADDRESS) == [first.id, row.id]
    found = search_address(site, cast.petition, ADDRESS, "organiser 1", now)
    assert found.signature is not None
    assert found.second is not None
    assert (found.signature.id, found.second.id) == (first.id, row.id)
    queued = database.session.execute(select(func.count()).select_from(Mail)).scalar_one()
    assert queued == 2  # the first one's, and nothing more


def test_news_keeps_the_address_sealed(
    database: SQLAlchemy, site: Site, cast: Cast, first: Signature, now: datetime
) -> None:
    assert second(site, cast, first, now, news=True).address_sealed is not None


@pytest.mark.parametrize("name", ["Ada Lovelace", "ada LOVELACE", " Ada  Lovelace "])
def test_one_name_counts_once(
    *, database: SQLAlchemy, site: Site, cast: Cast, first: Signature, now: datetime, name: str
) -> None:
    with pytest.raises(Refused, match="same name"):
        second(site, cast, first, now, name=name)
    assert active(database) == [first.id]


def test_the_same_form_twice_is_one_signature_and_a_third_name_none(
    database: SQLAlchemy, site: Site, cast: Cast, first: Signature, now: datetime
) -> None:
    row = second(site, cast, first, now)
    assert second(site, cast, first, now).id == row.id
    with pytest.raises(Refused, match="two already"):
        second(site, cast, first, now, name="Carla Third")
    assert active(database) == [first.id, row.id]


def test_in_a_sealed_case_names_are_not_compared_and_two_is_still_the_most(
    database: SQLAlchemy, site: Site, cast: Cast, first: Signature, now: datetime
) -> None:
    database.session.get_one(CaseKey, cast.case.id).mode = "sealed"
    database.session.flush()
    second(site, cast, first, now, name="Ada Lovelace")
    with pytest.raises(Refused, match="two already"):
        second(site, cast, first, now, name="Carla Third")


def _withdraw(first: Signature, now: datetime) -> None:
    privacy.withdraw(first.id, now)


def _erase(first: Signature, now: datetime) -> None:
    privacy.erase(first.id, now)


def _expire(first: Signature, now: datetime) -> None:
    assert expiry.expire([first.id], now) == 1


@pytest.mark.parametrize("end", [_withdraw, _erase, _expire])
def test_who_is_left_moves_up_so_that_the_form_takes_no_third(
    *,
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    first: Signature,
    now: datetime,
    end: Any,
) -> None:
    row = second(site, cast, first, now)
    end(first, now)
    assert active(database) == [row.id]
    signing.sign(site, cast.petition, form(), now + LATER)
    assert active(database) == [row.id]
    assert privacy.signatures_of(site, ADDRESS) == [row.id]


def test_a_first_signature_that_is_gone_leads_nowhere(
    database: SQLAlchemy, site: Site, cast: Cast, first: Signature, now: datetime
) -> None:
    privacy.withdraw(first.id, now)
    with pytest.raises(TokenExpired):
        second(site, cast, first, now)


def test_closed_petition_takes_no_second(
    database: SQLAlchemy, site: Site, cast: Cast, first: Signature, now: datetime
) -> None:
    cast.petition.state = PetitionState.CLOSED
    database.session.flush()
    with pytest.raises(PetitionClosed):
        second(site, cast, first, now)


def _sent(site: Site, now: datetime) -> dict[str, str]:
    (mail,) = outbox.claim(site, "w", now)
    links = content_of(site, mail, now).links
    outbox.mark_sent([mail.id], "w", now)
    return links


@pytest.mark.parametrize("confirmed", [True, False])
def test_the_mail_about_a_repeated_form_offers_it_while_there_is_a_place(
    *,
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    first: Signature,
    now: datetime,
    confirmed: bool,
) -> None:
    assert _sent(site, now)["another"] == ""
    if confirmed:
        signing.confirm(cast.petition, first.id, now)
    signing.sign(site, cast.petition, form(name="Bob Babbage"), now + LATER)
    assert active(database) == [first.id], "nothing typed by a stranger is stored"
    link = _sent(site, now + LATER)["another"]
    assert link.startswith("http://localhost/also-sign/")
    token = link.rpartition("/")[2]
    assert len(token) < 600
    first_id, sealed = site.tokens.read(ANOTHER, token, now + LATER)
    assert address_in_link(site, first_id, bytes_of(sealed)) == ADDRESS
    second(site, cast, first, now + LATER)
    signing.sign(site, cast.petition, form(), now + timedelta(days=1))
    assert _sent(site, now + timedelta(days=1))["another"] == ""


def test_an_address_rides_in_its_own_link_alone(
    database: SQLAlchemy, site: Site, first: Signature
) -> None:
    sealed = sealed_for_link(site, first.id, ADDRESS)
    assert ADDRESS.encode() not in sealed
    with pytest.raises(TokenExpired):
        address_in_link(site, first.id + 1, sealed)


def test_of_many_who_use_the_link_at_once_one_counts(
    *,
    app: Flask,
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    first: Signature,
    now: datetime,
) -> None:
    petition, first_id = cast.petition.slug, first.id
    database.session.commit()
    barrier = Barrier(6)

    def send(number: int) -> str:
        with app.app_context():
            barrier.wait(timeout=30)
            begin_write()
            typed = second_form(f"Person {'abcdef'[number] * 3}")
            try:
                sign_second(site, petition_named(petition), first_id, typed, now)
            except Refused as refused:
                database.session.rollback()
                return refused.reason
            database.session.commit()
            return "signed"

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(send, range(6)))
    assert answers == ["signed", *["two already"] * 5]
    query = select(func.count()).where(Signature.state == SignatureState.CONFIRMED)
    assert database.session.execute(query).scalar_one() == 1


def test_reminder_of_the_first_goes_on_and_the_seconds_confirmation_touches_it_not(
    database: SQLAlchemy, site: Site, cast: Cast, first: Signature, now: datetime
) -> None:
    second(site, cast, first, now)
    waiting = select(func.count()).where(Mail.state == MailState.WAITING)
    assert database.session.execute(waiting).scalar_one() == 2
