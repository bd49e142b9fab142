"""Signing in as a person does it: password, second step, recovery codes, reset, ending it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from argon2 import PasswordHasher
from flask import Flask, has_request_context, request
from passlib.totp import TOTP
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from petitions import clock
from petitions.extensions import db
from petitions.models import (
    AuditEntry,
    Case,
    CaseText,
    Mail,
    MailKind,
    Organisation,
    Organiser,
    OrganiserSession,
    Role,
)
from petitions.web.organiser import recovery_codes
from petitions.web.organiser.browsers import browser_of
from petitions.web.organiser.recovery_codes import HashedRecoveryCodes
from petitions.web.organiser.sign_in import SingleUseCodes
from tests.pages import CheckingClient
from tests.web.organiser.conftest import MakeOrganiser, OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy
    from werkzeug.test import TestResponse

PASSWORD = "seven quiet herons over the fen"
NEW_PASSWORD = "eleven brass lanterns by the sea"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def with_password(make_organiser: MakeOrganiser, database: SQLAlchemy) -> Callable[..., Organiser]:
    def make(*roles: Role, second_step: bool = False) -> Organiser:
        organiser = make_organiser(*roles, second_step=second_step)
        organiser.password = PasswordHasher().hash(PASSWORD)
        database.session.commit()
        return organiser

    return make


def send(client: CheckingClient, page: str, **typed: str) -> TestResponse:
    """Open a page and send its first form with these values, token included."""
    form = lxml.html.document_fromstring(client.get(page).text).xpath("//main//form")[0]
    values = {**dict(form.form_values()), **typed}
    return client.post(form.get("action"), data=values, headers={"User-Agent": FIREFOX})


def sign_in(client: CheckingClient, organiser: Organiser, password: str = PASSWORD) -> TestResponse:
    return send(client, "/organiser/login", email=organiser.email, password=password)


def set_up_second_step(client: CheckingClient, moment: datetime) -> tuple[str, list[str]]:
    """Set it up in the browser; return the app's key and the recovery codes."""
    page = send(client, "/organiser/tf-setup")
    tree = lxml.html.document_fromstring(page.text)
    key = tree.xpath("//code[@class='key']")[0].text
    form = tree.xpath("//main//form")[0]
    values = {**dict(form.form_values()), "code": TOTP(key=key).generate(moment.timestamp()).token}
    done = client.post(form.get("action"), data=values)
    assert done.status_code == 302
    assert done.location == "/organiser/mf-recovery-codes"
    codes = send(client, "/organiser/mf-recovery-codes")
    return key, re.findall(r"<code>([0-9a-f-]{14})</code>", codes.text)


def test_password_opens_the_console_and_leaves_a_sign_in(
    client: CheckingClient, with_password: Any, database: SQLAlchemy
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    answer = sign_in(client, organiser)
    assert answer.status_code == 302
    assert answer.location == "/organiser/"
    row = database.session.execute(select(OrganiserSession)).scalar_one()
    assert (row.organiser_id, row.browser) == (organiser.id, "Firefox, Linux")
    assert organiser.email in client.get("/organiser/account/").text
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    actions = database.session.execute(select(AuditEntry.action)).scalars().all()
    assert actions == ["signed in"]


def test_wrong_password_and_unknown_address_get_the_same_answer(
    client: CheckingClient, with_password: Any
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    wrong = sign_in(client, organiser, "not the password at all")
    unknown = send(client, "/organiser/login", email="nobody@example.org", password=PASSWORD)
    assert wrong.status_code == unknown.status_code == 422

    def told(answer: TestResponse) -> str:
        text = re.sub(r'value="[^"]*"', "", answer.text)
        return text.replace(organiser.email, "").replace("nobody@example.org", "")

    assert told(wrong) == told(unknown)


def test_blocked_organiser_cannot_sign_in(
    client: CheckingClient, with_password: Any, database: SQLAlchemy
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    organiser.active = False
    assert sign_in(client, organiser).status_code == 422
    assert database.session.execute(select(OrganiserSession)).first() is None


def test_second_step_is_set_up_and_then_asked_for(
    app: Flask, client: CheckingClient, with_password: Any, frozen_time: Any, now: datetime
) -> None:
    organiser = with_password(Role.DELIVERER)
    sign_in(client, organiser)
    assert client.get("/organiser/").location == "/organiser/tf-setup"
    key, codes = set_up_second_step(client, now)
    assert len(codes) == 8

    frozen_time.shift(timedelta(minutes=5))
    other: Any = app.test_client()
    answer = sign_in(other, organiser)
    assert answer.location.startswith("/organiser/tf-validate")
    asked = other.get(answer.location).text
    assert "Six digits" in asked
    assert "petitions organisers reset EMAIL" in asked
    assert other.get("/organiser/account/").status_code == 302
    code = TOTP(key=key).generate((now + timedelta(minutes=5)).timestamp()).token
    passed = send(other, "/organiser/tf-validate", code=code)
    assert passed.location == "/organiser/"
    assert other.get("/organiser/account/").status_code == 200


def test_wrong_code_while_setting_up_keeps_the_same_key(
    client: CheckingClient, with_password: Any, database: SQLAlchemy
) -> None:
    organiser = with_password(Role.DELIVERER)
    sign_in(client, organiser)
    page = lxml.html.document_fromstring(send(client, "/organiser/tf-setup").text)
    form = page.xpath("//main//form")[0]
    values = {**dict(form.form_values()), "code": "000000"}
    again = client.post(form.get("action"), data=values)
    assert again.status_code == 422
    key = "//code[@class='key']"
    assert lxml.html.document_fromstring(again.text).xpath(key)[0].text == page.xpath(key)[0].text
    database.session.refresh(organiser)
    assert organiser.tf_primary_method is None


def test_no_code_is_good_twice(
    app: Flask, client: CheckingClient, with_password: Any, frozen_time: Any, now: datetime
) -> None:
    organiser = with_password(Role.DELIVERER)
    sign_in(client, organiser)
    key, _ = set_up_second_step(client, now)
    other: Any = app.test_client()
    sign_in(other, organiser)
    used = TOTP(key=key).generate(now.timestamp()).token
    assert send(other, "/organiser/tf-validate", code=used).status_code == 422


def test_recovery_code_signs_in_once(
    app: Flask, client: CheckingClient, with_password: Any, frozen_time: Any, now: datetime
) -> None:
    organiser = with_password(Role.DELIVERER)
    sign_in(client, organiser)
    _, codes = set_up_second_step(client, now)
    for expected in (302, 422):
        other: Any = app.test_client()
        sign_in(other, organiser)
        answer = send(other, "/organiser/mf-recovery", code=codes[0])
        assert answer.status_code == expected


def test_recovery_code_that_two_send_at_once_signs_in_one_of_them(
    *,
    app: Flask,
    client: CheckingClient,
    with_password: Any,
    frozen_time: Any,
    now: datetime,
    database: SQLAlchemy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    organiser = with_password(Role.DELIVERER)
    sign_in(client, organiser)
    _, codes = set_up_second_step(client, now)
    other: Any = app.test_client()
    sign_in(other, organiser)
    looked, sign_ins = HashedRecoveryCodes.check_recovery_code, select(OrganiserSession)
    number = len(database.session.execute(sign_ins).all())
    database.session.rollback()

    def used_meanwhile(self: HashedRecoveryCodes, user: Any, code: str) -> bool:
        found = looked(self, user, code)
        with database.engine.begin() as connection:
            connection.execute(update(Organiser).values(mf_recovery_codes=[]))
        return found

    monkeypatch.setattr(HashedRecoveryCodes, "check_recovery_code", used_meanwhile)
    assert send(other, "/organiser/mf-recovery", code=codes[0]).status_code == 400
    assert len(database.session.execute(sign_ins).all()) == number
    assert other.get("/organiser/account/").status_code == 302


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_code_that_two_send_at_once_signs_in_one_of_them(
    *,
    app: Flask,
    client: CheckingClient,
    with_password: Any,
    frozen_time: Any,
    now: datetime,
    database: SQLAlchemy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    organiser = with_password(Role.DELIVERER)
    sign_in(client, organiser)
    key, _ = set_up_second_step(client, now)
    frozen_time.shift(timedelta(minutes=5))
    other: Any = app.test_client()
    sign_in(other, organiser)
    last, at = SingleUseCodes.get_last_counter, int(clock.now().timestamp())

    def used_meanwhile(self: SingleUseCodes, user: Any) -> int | None:
        with database.engine.begin() as connection:
            connection.execute(update(Organiser).values(totp_counter=at // 30))
        return last(self, user)

    monkeypatch.setattr(SingleUseCodes, "get_last_counter", used_meanwhile)
    code = TOTP(key=key).generate(at).token
    assert send(other, "/organiser/tf-validate", code=code).status_code == 422


def test_nobody_who_writes_waits_for_the_hashing_of_recovery_codes(
    *,
    app: Flask,
    client: CheckingClient,
    with_password: Any,
    frozen_time: Any,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    organiser = with_password(Role.DELIVERER)
    hashed: list[bool] = []
    make, again = PasswordHasher.hash, recovery_codes._as_there

    def note() -> None:
        options = db.session.connection().get_execution_options()
        hashed.append(bool(options.get("petitions_write")))

    def noted_make(self: PasswordHasher, *given: Any, **named: Any) -> str:
        note()
        return make(self, *given, **named)

    def noted_again(*given: str) -> str:
        note()
        return again(*given)

    monkeypatch.setattr(PasswordHasher, "hash", noted_make)
    monkeypatch.setattr(recovery_codes, "_as_there", noted_again)
    sign_in(client, organiser)
    _, codes = set_up_second_step(client, now)
    other: Any = app.test_client()
    sign_in(other, organiser)
    assert send(other, "/organiser/mf-recovery", code=codes[0]).status_code == 302
    assert hashed == [False] * 9, "eight codes, and the one that was typed"


def note_hashing(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Note of each password that is hashed or checked whether a write had begun by then."""
    held: list[bool] = []
    for name in ("changeable.hash_password", "recoverable.hash_password", "forms.verify_password"):
        module, function = name.split(".")
        original = getattr(importlib.import_module(f"flask_security.{module}"), function)

        def noted(*given: Any, original: Callable[..., Any] = original) -> Any:
            options = db.session.connection().get_execution_options()
            held.append(bool(options.get("petitions_write")))
            return original(*given)

        monkeypatch.setattr(f"flask_security.{name}", noted)
    return held


def test_nobody_who_writes_waits_for_the_hashing_of_a_new_password(
    app: Flask, client: CheckingClient, with_password: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flask_security.recoverable import generate_reset_password_token

    organiser = with_password(Role.TRANSLATOR)
    sign_in(client, organiser)
    held = note_hashing(monkeypatch)
    chosen = {"new_password": NEW_PASSWORD, "new_password_confirm": NEW_PASSWORD}
    assert send(client, "/organiser/change", password=PASSWORD, **chosen).status_code == 302
    assert held == [False] * 2, "the old one was checked, the new one hashed"
    with app.test_request_context():
        link = f"/organiser/reset/{generate_reset_password_token(organiser)}"
    chosen = {"password": PASSWORD, "password_confirm": PASSWORD}
    assert send(app.test_client(), link, **chosen).status_code == 302
    assert held == [False] * 3, "and the one that was set by a link"


@pytest.mark.parametrize("meanwhile", ["changed", "blocked"])
def test_password_of_an_account_that_changed_while_it_was_hashed_is_not_set(
    *,
    app: Flask,
    with_password: Any,
    database: SQLAlchemy,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: str,
) -> None:
    """A link that two use at the same moment sets one password; blocking is not overtaken."""
    from flask_security import recoverable

    organiser = with_password(Role.TRANSLATOR)
    kept = organiser.password
    with app.test_request_context():
        link = f"/organiser/reset/{recoverable.generate_reset_password_token(organiser)}"
    make, other = recoverable.hash_password, {"fs_uniquifier": "e" * 64}

    def slow(password: str) -> str:
        hashed: str = make(password)
        with database.engine.begin() as connection:
            values = other if meanwhile == "changed" else {"active": False}
            connection.execute(update(Organiser).values(values))
        return hashed

    monkeypatch.setattr(recoverable, "hash_password", slow)
    chosen = {"password": NEW_PASSWORD, "password_confirm": NEW_PASSWORD}
    assert send(app.test_client(), link, **chosen).status_code == 400
    database.session.refresh(organiser)
    assert organiser.password == kept


def test_sign_in_whose_trace_cannot_be_written_is_answered_calmly(
    app: Flask, client: CheckingClient, with_password: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    commit = db.session.commit

    def fails_after_the_view() -> None:
        if has_request_context() and request.method == "POST":
            raise OperationalError("COMMIT", {}, Exception("disk I/O error"))
        commit()

    monkeypatch.setattr(db.session, "commit", fails_after_the_view)
    answer = sign_in(client, organiser, "not the password at all")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_secrets_of_the_second_step_are_sealed(
    client: CheckingClient,
    with_password: Any,
    database: SQLAlchemy,
    frozen_time: Any,
    now: datetime,
) -> None:
    organiser = with_password(Role.DELIVERER)
    sign_in(client, organiser)
    key, codes = set_up_second_step(client, now)
    database.session.refresh(organiser)
    stored = f"{organiser.tf_totp_secret} {organiser.mf_recovery_codes}"
    assert key.replace("-", "") not in stored
    assert not any(code in stored for code in codes)
    opened = client.application.extensions["security"].mf_recovery_codes_util._decrypt_codes(
        organiser.mf_recovery_codes
    )
    assert len(opened) == 8
    assert all(one.startswith("$argon2id$") for one in opened), "whoever has our keys has hashes"


def test_recovery_codes_of_before_they_were_hashed_still_work_once(
    app: Flask, client: CheckingClient, with_password: Any, frozen_time: Any, database: SQLAlchemy
) -> None:
    organiser = with_password(Role.DELIVERER)
    sign_in(client, organiser)
    set_up_second_step(client, clock.now())
    codes = ["0123-4567-89ab", "cdef-0123-4567"]
    database.session.refresh(organiser)
    organiser.mf_recovery_codes = app.extensions["security"].mf_recovery_codes_util._encrypt_codes(
        codes
    )
    database.session.commit()
    for code, expected in ((codes[1], 302), (codes[1], 422), (codes[0].upper(), 302)):
        other: Any = app.test_client()
        sign_in(other, organiser)
        assert send(other, "/organiser/mf-recovery", code=code).status_code == expected


def test_signing_out_ends_the_sign_in_on_the_server(
    client: CheckingClient, with_password: Any, database: SQLAlchemy
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    sign_in(client, organiser)
    stolen = client.get_cookie("organiser")
    assert stolen is not None
    page = lxml.html.document_fromstring(client.get("/organiser/account/").text)
    form = page.xpath("//form[contains(@action, 'logout')]")[0]
    assert client.post(form.get("action"), data=dict(form.form_values())).status_code == 302
    row = database.session.execute(select(OrganiserSession)).scalar_one()
    assert row.ended_at is not None
    client.set_cookie("organiser", stolen.value)
    assert client.get("/organiser/account/").status_code == 302


def test_idle_sign_in_is_over_after_three_hours(
    signed_in: Callable[..., OrganisersClient], frozen_time: Any
) -> None:
    client = signed_in(Role.CAMPAIGNER)
    frozen_time.shift(timedelta(hours=2, minutes=59))
    assert client.get("/organiser/account/").status_code == 200
    frozen_time.shift(timedelta(hours=3, minutes=1))
    assert client.get("/organiser/account/").status_code == 302


def test_organiser_ends_another_sign_in_of_their_own(
    make_organiser: MakeOrganiser, sign_in: Callable[[Organiser], OrganisersClient]
) -> None:
    organiser = make_organiser(Role.CAMPAIGNER)
    one, other = sign_in(organiser), sign_in(organiser)
    page = lxml.html.document_fromstring(one.get("/organiser/account/").text)
    (form,) = page.xpath("//form[contains(@action, '/end') and not(contains(@action, 'others'))]")
    assert one.post(form.get("action"), data=dict(form.form_values())).status_code == 303
    assert other.get("/organiser/account/").status_code == 302
    assert one.get("/organiser/account/").status_code == 200


def test_nobody_ends_somebody_elses_sign_in(
    signed_in: Callable[..., OrganisersClient], database: SQLAlchemy
) -> None:
    one, other = signed_in(Role.CAMPAIGNER), signed_in(Role.CAMPAIGNER)
    theirs = database.session.execute(
        select(OrganiserSession.id).where(OrganiserSession.organiser_id == other.organiser_id)
    ).scalar_one()
    one.post_form(f"/organiser/account/sign-ins/{theirs}/end")
    assert other.get("/organiser/account/").status_code == 200


def test_forgotten_password_queues_a_mail_for_accounts_alone(
    client: CheckingClient, with_password: Any, database: SQLAlchemy
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    known = send(client, "/organiser/reset", email=organiser.email)
    unknown = send(client, "/organiser/reset", email="nobody@example.org")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    (mail,) = database.session.execute(select(Mail)).scalars()
    assert (mail.kind, mail.organiser_id) == (MailKind.PASSWORD_RESET, organiser.id)


def test_reset_link_sets_a_password_once_and_ends_all_sign_ins(
    app: Flask, client: CheckingClient, with_password: Any, database: SQLAlchemy
) -> None:
    from flask_security.recoverable import generate_reset_password_token

    organiser = with_password(Role.TRANSLATOR)
    sign_in(client, organiser)
    with app.test_request_context():
        token = generate_reset_password_token(organiser)
    other: Any = app.test_client()
    link = f"/organiser/reset/{token}"
    new = NEW_PASSWORD
    weak = send(other, link, password="password1234", password_confirm="password1234")
    assert weak.status_code == 422
    assert send(other, link, password=new, password_confirm=new).status_code == 302
    assert client.get("/organiser/account/").status_code == 302
    database.session.refresh(organiser)
    assert PasswordHasher().verify(organiser.password or "", new)
    assert other.get(link).status_code == 302, "the link is used up"


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("localhost localhost 1", "easy to guess"),
        ("seabird rescue union", "easy to guess"),
        ("Seabird-Rescue-2026", "easy to guess"),
        ("anatoly quillfeather", "easy to guess"),
        ("correcthorsebatterystaple", "stolen somewhere"),
        ("CorrectHorseBatteryStaple", "stolen somewhere"),
        ("lanterns" * 3, "easy to guess"),
        ("eleven brass lanterns by the sea, " * 7, ""),
        ("eleven brass lanterns by the sea, " * 8, "at most 256 characters"),
        ("brass 2026", "at least 12 characters"),
        ("одиннадцать медных фонарей у моря", ""),
    ],
)
def test_password_of_the_sites_own_words_or_from_a_breach_is_refused(
    client: CheckingClient, with_password: Any, database: SQLAlchemy, new: str, told: str
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    database.session.add(Organisation(id=1, name="Seabird Rescue Union"))
    database.session.add(Case(id=1, slug="anatoly", source_language="en", created_at=clock.now()))
    database.session.add(CaseText(case_id=1, language="en", title="Anatoly Quillfeather"))
    database.session.commit()
    sign_in(client, organiser)
    typed = {"new_password": new, "new_password_confirm": new}
    answer = send(client, "/organiser/change", password=PASSWORD, **typed)
    assert answer.status_code == (422 if told else 302)
    assert told in answer.text


def test_changed_password_ends_the_other_sign_ins(
    app: Flask, client: CheckingClient, with_password: Any
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    other: Any = app.test_client()
    sign_in(client, organiser)
    sign_in(other, organiser)
    chosen = {"new_password": NEW_PASSWORD, "new_password_confirm": NEW_PASSWORD}
    answer = send(client, "/organiser/change", password=PASSWORD, **chosen)
    assert answer.status_code == 302
    assert client.get("/organiser/account/").status_code == 200
    assert other.get("/organiser/account/").status_code == 302


def test_codes_of_one_account_cannot_be_guessed_from_many_networks(
    app: Flask, client: CheckingClient, with_password: Any, database: SQLAlchemy
) -> None:
    organiser = with_password(Role.DELIVERER)
    sign_in(client, organiser)
    set_up_second_step(client, clock.now())
    other: Any = app.test_client()
    sign_in(other, organiser)
    answers = []
    for n in range(7):
        page = other.get("/organiser/tf-validate")
        if page.status_code != 200:
            break
        form = lxml.html.document_fromstring(page.text).xpath("//main//form")[0]
        values = {**dict(form.form_values()), "code": f"00000{n}"}
        network = {"REMOTE_ADDR": f"192.0.2.{n}"}
        answers.append(
            other.post(form.get("action"), data=values, environ_overrides=network).status_code
        )
    assert answers == [422] * 5 + [429] * 2
    wrong = select(AuditEntry).where(AuditEntry.action == "wrong code")
    assert len(database.session.execute(wrong).scalars().all()) == 5


def test_half_a_sign_in_ends_after_ten_minutes(
    app: Flask, client: CheckingClient, with_password: Any, frozen_time: Any, now: datetime
) -> None:
    organiser = with_password(Role.DELIVERER)
    sign_in(client, organiser)
    key, _ = set_up_second_step(client, now)
    other: Any = app.test_client()
    sign_in(other, organiser)
    page = lxml.html.document_fromstring(other.get("/organiser/tf-validate").text)
    form = page.xpath("//main//form")[0]
    frozen_time.shift(timedelta(minutes=11))
    code = TOTP(key=key).generate((now + timedelta(minutes=11)).timestamp()).token
    answer = other.post(form.get("action"), data={**dict(form.form_values()), "code": code})
    assert answer.location == "/organiser/login"
    assert other.get("/organiser/account/").status_code == 302


def test_second_step_cannot_be_ended_where_the_role_needs_it(
    client: CheckingClient, with_password: Any, frozen_time: Any, now: datetime
) -> None:
    organiser = with_password(Role.DELIVERER)
    sign_in(client, organiser)
    set_up_second_step(client, now)
    form = lxml.html.document_fromstring(client.get("/organiser/tf-setup").text).xpath(
        "//main//form"
    )[0]
    values = {**dict(form.form_values()), "setup": "disable"}
    assert client.post("/organiser/tf-setup", data=values).status_code == 403


def test_checking_a_password_holds_no_lock(
    client: CheckingClient, with_password: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from petitions.web.organiser import guard

    begun: list[str] = []
    monkeypatch.setattr(guard, "begin_write", lambda: begun.append("write"))
    organiser = with_password(Role.TRANSLATOR)
    assert sign_in(client, organiser, "not the password at all").status_code == 422
    assert begun == []


def test_no_browser_is_remembered(client: CheckingClient, with_password: Any) -> None:
    organiser = with_password(Role.TRANSLATOR)
    answer = send(
        client, "/organiser/login", email=organiser.email, password=PASSWORD, remember="y"
    )
    assert [c for c in answer.headers.getlist("Set-Cookie") if "remember" in c] == []


def test_guessing_passwords_is_slowed(client: CheckingClient, with_password: Any) -> None:
    organiser = with_password(Role.TRANSLATOR)
    answers = [sign_in(client, organiser, f"wrong password {n}").status_code for n in range(11)]
    assert answers == [422] * 10 + [429]


def tried(client: CheckingClient, address: str, password: str, network: str) -> int:
    """Try a password from a network; return the status of the answer."""
    form = lxml.html.document_fromstring(client.get("/organiser/login").text).xpath("//main//form")
    values = {**dict(form[0].form_values()), "email": address, "password": password}
    from_there = {"REMOTE_ADDR": network}
    answer = client.post(form[0].get("action"), data=values, environ_overrides=from_there)
    return answer.status_code


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take no tenth of a second for each of many wrong passwords."""
    monkeypatch.setattr("flask_security.core.UserMixin.verify_and_update_password", is_right)
    monkeypatch.setattr("flask_security.forms.hash_password", lambda _: "")


def is_right(_: Organiser, password: str) -> bool:
    return password == PASSWORD


@pytest.mark.usefixtures("quick_hashes")
@pytest.mark.parametrize("has_account", [True, False])
def test_guessing_one_account_from_many_networks_is_slowed(
    app: Flask, with_password: Any, has_account: bool
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    address = organiser.email if has_account else "nobody@example.org"
    spellings = (address, address.upper(), f" {address}", address.replace("example", "ｅxample"))
    answers = [
        tried(app.test_client(), spellings[n % 4], f"wrong password {n}", f"192.0.2.{n}")
        for n in range(22)
    ]
    assert answers == [422] * 20 + [429] * 2


@pytest.mark.usefixtures("quick_hashes")
def test_whoever_signed_in_today_is_not_locked_out_by_guesses_from_elsewhere(
    app: Flask, with_password: Any
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    assert tried(app.test_client(), organiser.email, PASSWORD, "198.51.100.7") == 302
    for n in range(21):
        tried(app.test_client(), organiser.email, f"wrong password {n}", f"192.0.2.{n}")
    assert tried(app.test_client(), organiser.email, PASSWORD, "192.0.2.77") == 429
    assert tried(app.test_client(), organiser.email, PASSWORD, "198.51.100.7") == 302


def test_wrong_passwords_are_on_record_and_name_nobody(
    client: CheckingClient, with_password: Any, signed_in: Any, database: SQLAlchemy
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    sign_in(client, organiser, "not the password at all")
    send(client, "/organiser/login", email="nobody@example.org", password=PASSWORD)
    entries = database.session.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars().all()
    assert [(one.actor, one.action, one.subject, one.detail) for one in entries] == [
        ("somebody", "wrong password", f"organiser {organiser.id}", "{}"),
        ("somebody", "wrong password", "no account", "{}"),
    ]
    page = signed_in(Role.ADMIN).get("/organiser/audit/?what=wrong+password&who=somebody").text
    assert "an address without an account" in page
    assert "nobody@example.org" not in page


def test_wrong_password_of_whoever_is_signed_in_is_on_record(
    client: CheckingClient, with_password: Any, database: SQLAlchemy
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    sign_in(client, organiser)
    new = "eleven brass lanterns by the sea"
    send(client, "/organiser/verify", password="not the password at all")
    typed = {"new_password": new, "new_password_confirm": new}
    send(client, "/organiser/change", password="not it either", **typed)
    query = select(AuditEntry.actor).where(AuditEntry.action == "wrong password")
    actors = database.session.execute(query).scalars().all()
    assert actors == [f"organiser {organiser.id}"] * 2


def test_many_wrong_passwords_are_on_the_admins_overview(
    with_password: Any, signed_in: Any, database: SQLAlchemy
) -> None:
    from petitions.domain import audit

    organiser = with_password(Role.TRANSLATOR)
    for _ in range(9):
        audit.record("somebody", "wrong password", f"organiser {organiser.id}", {}, clock.now())
    database.session.commit()
    admin = signed_in(Role.ADMIN)
    assert "wrong passwords or codes" not in admin.get("/organiser/").text
    audit.record("somebody", "wrong code", f"organiser {organiser.id}", {}, clock.now())
    database.session.commit()
    assert "10 wrong passwords or codes within a day" in admin.get("/organiser/").text
    assert "wrong passwords" not in signed_in(Role.REVIEWER).get("/organiser/").text


def test_password_that_somebody_passed_on_opens_nothing_but_choosing_ones_own(
    client: CheckingClient, with_password: Any, database: SQLAlchemy
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    organiser.password_is_first = True
    database.session.commit()
    sign_in(client, organiser)
    for page in ("/organiser/", "/organiser/account/", "/organiser/cases/"):
        assert client.get(page).location == "/organiser/change"
    assert "Somebody else has seen the password" in client.get("/organiser/change").text
    new = "eleven brass lanterns by the sea"
    typed = {"new_password": new, "new_password_confirm": new}
    send(client, "/organiser/change", password=PASSWORD, **typed)
    assert client.get("/organiser/").status_code == 200


@pytest.mark.parametrize(
    ("role", "for_all", "must"),
    [
        (Role.CAMPAIGNER, False, True),
        (Role.TRANSLATOR, False, False),
        (Role.TRANSLATOR, True, True),
    ],
)
def test_second_step_is_asked_of_whoever_publishes_and_of_all_where_that_is_set(
    role: Role, for_all: bool, must: bool, signed_in: Any, database: SQLAlchemy
) -> None:
    database.session.add(Organisation(id=1, name="Watch", second_step_for_all=for_all))
    database.session.commit()
    client = signed_in(role, second_step=False)
    answer = client.get("/organiser/")
    assert (answer.location == "/organiser/tf-setup") == must
    if must:
        words = "Your organisation asks everybody" if for_all else "Whoever may publish"
        assert words in client.get("/organiser/tf-setup").text
    ending = client.post_form("/organiser/tf-setup", {"setup": "disable"})
    assert (ending.status_code == 403) == must


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/organiser/",
        "//evil.example/organiser/",
        "/\\evil.example",
        "/elsewhere",
    ],
)
def test_sign_in_never_leads_to_another_site(client: CheckingClient, address: str) -> None:
    answer = client.get("/organiser/login", query_string={"next": address})
    assert (answer.status_code, answer.location) == (302, "/organiser/login")


def test_sign_in_leads_to_the_page_that_was_asked_for(
    client: CheckingClient, with_password: Any
) -> None:
    organiser = with_password(Role.TRANSLATOR)
    asked = client.get("/organiser/account/?x=1").location
    answer = send(client, asked, email=organiser.email, password=PASSWORD)
    assert answer.location == "/organiser/account/?x=1"


def test_browser_is_told_in_two_words() -> None:
    assert browser_of(FIREFOX) == "Firefox, Linux"
    assert browser_of("curl/8") == ""
