"""Signing and confirming, as the database holds it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import signing
from petitions.domain.names import NameRefused
from petitions.domain.sealing import opener_for
from petitions.domain.site import Site
from petitions.errors import NotFound, PetitionClosed, ShowsMore, TokenExpired
from petitions.extensions import begin_write
from petitions.models import (
    AfterDeadline,
    Appearance,
    Mail,
    MailState,
    PetitionState,
    Signature,
    SignatureState,
)
from petitions.vault import open_with
from tests.domain.cast import Cast, form, publish


def rows(database: SQLAlchemy) -> list[Signature]:
    return list(database.session.execute(select(Signature)).scalars())


def mails(database: SQLAlchemy) -> list[Mail]:
    return list(
        database.session.execute(
            select(Mail).where(Mail.kind == "signing").order_by(Mail.id)
        ).scalars()
    )


def test_signing_stores_one_pending_row_and_one_mail(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form(), now)
    (signature,) = rows(database)
    assert signature.state is SignatureState.PENDING
    assert signature.text_version_id == cast.text.id
    assert signature.consent_version_id == cast.consent.id
    (mail,) = mails(database)
    assert (mail.signature_id, mail.state) == (signature.id, MailState.WAITING)
    assert mail.address_sealed is not None
    key = site.keyring.derived("mail")
    opened = open_with(key, mail.address_sealed, mail.message_id.encode())
    assert opened.rstrip() == b"signer@example.org"


def test_person_opens_with_the_case_key_and_is_nowhere_in_plain_text(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form(), now)
    (row,) = rows(database)
    assert row.data_key_id
    assert row.person_sealed
    opener = opener_for(cast.case.id, site.keyring)
    person = opener.person(row.data_key_id, row.person_sealed, row.petition_id, row.order_number)
    assert (person.name, person.initials, person.place) == ("Ada Lovelace", "A. L.", "London")
    for value in vars(row).values():
        kept = value if isinstance(value, bytes) else str(value).encode()
        assert b"Ada" not in kept
        assert b"London" not in kept
        assert b"signer@" not in kept


@pytest.mark.parametrize(
    "again",
    ["Signer@Example.ORG", "signer+petitions@example.org", "signer@EXAMPLE.org"],
)
def test_another_spelling_of_the_address_makes_no_second_row_and_changes_nothing(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, again: str
) -> None:
    signing.sign(site, cast.petition, form(appearance=Appearance.COUNTED), now)
    before = [(s.id, s.appearance, s.person_sealed, s.country) for s in rows(database)]
    other = form(again, name="Mallory", country="FR", appearance=Appearance.FULL, news=True)
    signing.sign(site, cast.petition, other, now + timedelta(hours=1))
    database.session.expire_all()
    assert [(s.id, s.appearance, s.person_sealed, s.country) for s in rows(database)] == before
    assert len(mails(database)) == 2  # the same writes, whoever signs


def test_gmail_dots_are_the_same_address_and_others_are_not(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    for address in ("a.b@gmail.com", "ab@googlemail.com", "a.b@example.org", "ab@example.org"):
        signing.sign(site, cast.petition, form(address), now)
    assert len(rows(database)) == 3


def test_twenty_threads_at_once_make_one_row(
    app: Flask, database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    barrier = Barrier(20)
    petition_id = cast.petition.id
    database.session.rollback()

    def sign(number: int) -> None:
        from petitions.domain.petitions import petition_named

        with app.app_context():
            barrier.wait(timeout=60)
            begin_write()
            petition = petition_named(str(petition_id))
            signing.sign(site, petition, form(f"signer+{number}@example.org"), now)
            database.session.commit()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(sign, range(20)))
    assert len(rows(database)) == 1
    states = [mail.state for mail in mails(database)]
    assert len(states) == 20
    assert states.count(MailState.WAITING) == 2  # the budget holds under a race too


def test_twenty_threads_confirming_at_once_confirm_once(
    app: Flask, database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form(), now)
    database.session.commit()
    (signature_id,) = [row.id for row in rows(database)]
    petition_id = cast.petition.id
    database.session.rollback()
    barrier = Barrier(20)

    def confirm(number: int) -> datetime | None:
        from petitions.domain.petitions import petition_named

        with app.app_context():
            barrier.wait(timeout=60)
            begin_write()
            petition = petition_named(str(petition_id))
            moment = now + timedelta(seconds=number)
            confirmed_at = signing.confirm(petition, signature_id, moment).confirmed_at
            database.session.commit()
            return confirmed_at

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(confirm, range(20)))
    assert len(answers) == 1  # whoever came first decided, and all were told the same


def test_confirming_wipes_the_address_unless_news_was_asked_for(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form("one@example.org"), now)
    signing.sign(site, cast.petition, form("two@example.org", news=True), now)
    for signature in rows(database):
        signing.confirm(cast.petition, signature.id, now)
    database.session.expire_all()
    assert {row.news: row.address_sealed is None for row in rows(database)} == {
        False: True,
        True: False,
    }


def test_confirming_may_show_less_and_never_more(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form(appearance=Appearance.INITIALS), now)
    (row,) = rows(database)
    with pytest.raises(ShowsMore):
        signing.confirm(cast.petition, row.id, now, appearance=Appearance.FULL)
    signing.confirm(cast.petition, row.id, now, appearance=Appearance.COUNTED)
    assert row.appearance is Appearance.COUNTED


def test_confirmation_expires_after_seven_days(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form(), now)
    (row,) = rows(database)
    with pytest.raises(TokenExpired):
        signing.confirm(cast.petition, row.id, now + timedelta(days=7, seconds=1))
    assert signing.confirm(cast.petition, row.id, now + timedelta(days=7)).confirmed_at


@pytest.mark.parametrize(
    "state",
    [state for state in PetitionState if state is not PetitionState.OPEN],
)
def test_petition_that_is_not_open_refuses_signature(
    database: SQLAlchemy, site: Site, now: datetime, state: PetitionState
) -> None:
    made = publish(site, now, state=state)
    with pytest.raises(NotFound if state is PetitionState.DRAFT else PetitionClosed):
        signing.sign(site, made.petition, form(), now)
    assert rows(database) == []


def test_last_day_ends_at_midnight_in_the_time_zone_of_the_case(
    database: SQLAlchemy, site: Site
) -> None:
    evening = datetime.fromisoformat("2013-01-27T23:59:59+04:00")  # Moscow then kept UTC+4
    made = publish(site, evening, deadline_on=date(2013, 1, 27))
    signing.sign(site, made.petition, form(), evening)
    later = evening + timedelta(seconds=1)
    with pytest.raises(PetitionClosed):
        signing.sign(site, made.petition, form("late@example.org"), later)
    assert len(rows(database)) == 1


@pytest.mark.parametrize("rule", [AfterDeadline.MARK_LATE, AfterDeadline.ASK_FIRST])
def test_after_the_deadline_signatures_are_taken_and_marked_late(
    database: SQLAlchemy, site: Site, now: datetime, rule: AfterDeadline
) -> None:
    yesterday = (now - timedelta(days=1)).date()
    made = publish(site, now, deadline_on=yesterday, after_deadline=rule)
    signing.sign(site, made.petition, form(), now)
    assert [row.late for row in rows(database)] == [True]


def test_unknown_version_and_bad_name_store_nothing(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    with pytest.raises(NotFound):
        signing.sign(site, cast.petition, form(text_number=7), now)
    with pytest.raises(NameRefused):
        signing.sign(site, cast.petition, form(name="=1+1"), now)
    database.session.rollback()
    assert rows(database) == []


def test_rolled_back_data_key_is_never_used_again(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form("lost@example.org"), now)
    database.session.rollback()
    signing.sign(site, cast.petition, form("kept@example.org"), now)
    database.session.commit()
    (row,) = rows(database)
    assert row.data_key_id
    assert row.person_sealed
    opener = opener_for(cast.case.id, site.keyring)
    opener.person(row.data_key_id, row.person_sealed, row.petition_id, row.order_number)


def test_data_key_serves_many_rows_and_ends_after_an_hour(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    for minutes in (0, 30, 59, 61):
        moment = now + timedelta(minutes=minutes)
        signing.sign(site, cast.petition, form(f"s{minutes}@example.org"), moment)
        database.session.commit()
    keys = [row.data_key_id for row in sorted(rows(database), key=lambda row: row.created_at)]
    assert keys[0] == keys[1] == keys[2] != keys[3]


def test_form_after_a_week_begins_anew_whether_or_not_retention_ran(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form(), now)
    (old,) = [row.id for row in rows(database)]
    later = now + timedelta(days=7, minutes=1)
    signing.sign(site, cast.petition, form(name="Grace Hopper"), later)
    database.session.expire_all()
    (row,) = rows(database)
    assert row.id != old
    assert signing.confirm(cast.petition, row.id, later).state is SignatureState.CONFIRMED
    assert [mail.state for mail in mails(database)] == [MailState.CANCELLED, MailState.WAITING]


def test_showing_less_beside_confirming_is_never_lost(
    app: Flask, database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    from petitions.domain import privacy
    from petitions.domain.petitions import petition_named

    petition_id = str(cast.petition.id)
    for number in range(8):
        signing.sign(site, cast.petition, form(f"s{number}@example.org"), now)
    database.session.commit()
    ids = [row.id for row in rows(database)]
    database.session.rollback()

    def race(signature_id: int) -> None:
        barrier = Barrier(3)

        def act(what: str) -> None:
            with app.app_context():
                barrier.wait(timeout=60)
                begin_write()
                if what == "confirm":
                    signing.confirm(petition_named(petition_id), signature_id, now)
                else:
                    try:
                        privacy.show_less(signature_id, Appearance(what))
                    except ShowsMore:  # the other one was first, and showed less still
                        database.session.rollback()
                        return
                database.session.commit()

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(act, ("confirm", "initials", "counted")))

    for signature_id in ids:
        race(signature_id)
    assert {row.appearance for row in rows(database)} == {Appearance.COUNTED}


def test_signing_beside_withdrawing_always_ends_with_one_row_or_none(
    app: Flask, database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    from petitions.domain import privacy
    from petitions.domain.petitions import petition_named

    petition_id = str(cast.petition.id)
    signing.sign(site, cast.petition, form(), now)
    database.session.commit()
    first = rows(database)[0].id
    database.session.rollback()
    barrier = Barrier(9)

    def act(number: int) -> None:
        with app.app_context():
            barrier.wait(timeout=60)
            begin_write()
            if number == 0:
                privacy.withdraw(first, now)
            else:
                signing.sign(site, petition_named(petition_id), form(), now)
            database.session.commit()

    with ThreadPoolExecutor(9) as pool:
        list(pool.map(act, range(9)))
    active = [row for row in rows(database) if row.state is SignatureState.PENDING]
    assert len(active) <= 1
