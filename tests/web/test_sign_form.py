"""Every answer of the form that signs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from petitions.models import AfterDeadline, Mail, PetitionState, Signature
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, PAST, Loaded, only_sqlite, stamp_in, typed_values
from tests.web.test_pages import move, words_of

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy
    from werkzeug.test import TestResponse

    Sign = Callable[..., TestResponse]


def test_valid_form_leads_to_the_mail_and_stores_one_signature(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, sign: Sign
) -> None:
    answer = sign(news="yes")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/petitions/{OPEN}/check-your-email"
    row = database.session.execute(select(Signature)).scalar_one()
    assert (row.state, row.appearance, row.country, row.news) == ("pending", "full", "IS", True)
    assert len(database.session.execute(select(Mail).where(Mail.kind == "signing")).all()) == 1
    page = words_of(client.get(answer.headers["Location"]).text)
    assert "petitions@example.org" in page
    assert "seven days" in page


def test_past_the_deadline_a_signature_is_marked_late(
    database: SQLAlchemy, loaded: Loaded, sign: Sign
) -> None:
    assert sign(PAST).status_code == 303
    assert database.session.execute(select(Signature.late)).scalar_one() is True


@only_sqlite
@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "Write your name."),
        ("name", " \u200b ", "Write your name."),
        ("name", "12345", "at least one letter"),
        ("name", "=SUM(A1)", "do not begin with"),
        ("name", "＝SUM(A1)", "do not begin with"),
        ("name", "\tAnna", "do not begin with"),
        ("name", "a" * 201, "too long"),
        ("name", "Z\u0301\u0302\u0303\u0304\u0305", "too many marks"),
        ("place", "@home", "do not begin with"),
        ("initials", "-A.", "do not begin with"),
        ("email", "", "Write your e-mail address."),
        ("email", "anna", "does not read like an e-mail address"),
        ("email", "anna@localhost", "does not read like an e-mail address"),
        ("email", "anna@example.org\r\nBcc: x@example.org", "does not read like"),
        ("email", "a" * 250 + "@example.org", "too long"),
        ("country", "", "Choose the country"),
        ("country", "Iceland", "Choose the country"),
        ("country", "ZZ", "Choose the country"),
        ("appearance", "", "Choose what the officials may see."),
        ("appearance", "everything", "Choose what the officials may see."),
        ("consent", "", "Without your consent"),
    ],
)
def test_invalid_field_is_told_on_top_and_beside_it_and_nothing_is_lost(
    *,
    client: CheckingClient,
    loaded: Loaded,
    sign: Sign,
    counted: Callable[[], dict[str, int]],
    field: str,
    value: str,
    says: str,
) -> None:
    before = counted()
    answer = sign(**{field: value, "news": "yes"})
    assert answer.status_code == 422
    assert words_of(answer.text).count(says) == 2
    assert f'href="#{field}"' in answer.text
    assert counted() == before
    again = typed_values(answer.text)
    expected = {**ANNA, "news": "yes", field: value}
    for name in {*expected} - {"country", "appearance", "consent", "email"} | (
        {*expected} - {field}
    ):
        assert again.get(name, "") == expected[name]


def test_nothing_typed_is_one_error_for_each_needed_field(
    client: CheckingClient, loaded: Loaded
) -> None:
    answer = client.post(f"/petitions/{OPEN}/sign", data={})
    assert answer.status_code == 422
    for field in ("name", "email", "country", "appearance", "consent"):
        assert f'href="#{field}"' in answer.text


@only_sqlite
@pytest.mark.parametrize("consent", ["yes", "on", "1", "false", " "])
def test_any_consent_that_is_not_empty_counts(loaded: Loaded, sign: Sign, consent: str) -> None:
    assert sign(consent=consent).status_code == 303


@pytest.mark.parametrize(
    "email", ["Anna.S+tag@EXAMPLE.org", "анна@пример.рф", "anna@bücher.example.org"]
)
def test_address_is_kept_as_typed_with_an_ascii_domain(
    database: SQLAlchemy, site: Any, loaded: Loaded, sign: Sign, email: str
) -> None:
    from petitions.domain import outbox

    assert sign(email=email).status_code == 303
    claimed = outbox.claim(
        site, "w", database.session.execute(select(Mail.created_at).distinct()).scalar_one()
    )
    local, _, domain = email.partition("@")
    assert claimed[0].address == f"{local}@{domain.lower().encode('idna').decode()}"


def test_stamp_older_than_a_day_is_answered_with_a_new_one(
    client: CheckingClient, loaded: Loaded, frozen_time: Any
) -> None:
    stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
    frozen_time.shift(timedelta(hours=25))
    old = client.post(f"/petitions/{OPEN}/sign", data={**ANNA, "stamp": stamp})
    assert old.status_code == 422
    assert "open for more than a day" in old.text
    again = typed_values(old.text)
    assert again["stamp"] != stamp
    assert {name: again.get(name) for name in ANNA} == ANNA
    assert client.post(f"/petitions/{OPEN}/sign", data=again).status_code == 303


@pytest.mark.parametrize("stamp", ["", "forged", "x" * 599, "other petition's"])
def test_stamp_not_of_this_form_is_answered_with_a_new_one(
    client: CheckingClient, loaded: Loaded, stamp: str
) -> None:
    if stamp == "other petition's":
        stamp = stamp_in(client.get(f"/petitions/{PAST}").text)
    answer = client.post(f"/petitions/{OPEN}/sign", data={**ANNA, "stamp": stamp})
    assert answer.status_code == 422
    assert stamp_in(answer.text) != stamp


def test_stamp_can_be_used_again(client: CheckingClient, loaded: Loaded) -> None:
    stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
    for email in ("one@example.org", "two@example.org"):
        form = {**ANNA, "stamp": stamp, "email": email}
        assert client.post(f"/petitions/{OPEN}/sign", data=form).status_code == 303


@pytest.mark.parametrize("typed", [{}, {"name": ""}])
@pytest.mark.parametrize(
    "values",
    [
        {"state": PetitionState.PAUSED},
        {"state": PetitionState.CLOSED},
        {"state": PetitionState.STOPPED, "stop_reason": "free"},
    ],
)
def test_petition_that_is_not_open_refuses_signature(
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    values: dict[str, Any],
    typed: dict[str, str],
) -> None:
    stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
    move(database, OPEN, **values)
    form = {**ANNA, "stamp": stamp, **typed}
    answer = client.post(f"/petitions/{OPEN}/sign", data=form)
    assert answer.status_code == 409
    assert f'href="/petitions/{OPEN}"' in answer.text


def test_petition_that_closes_with_its_deadline_refuses_signature(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    stamp = stamp_in(client.get(f"/petitions/{PAST}").text)
    move(database, PAST, after_deadline=AfterDeadline.CLOSE)
    form = {**ANNA, "stamp": stamp}
    assert client.post(f"/petitions/{PAST}/sign", data=form).status_code == 409


def test_unknown_petition_is_not_found(client: CheckingClient, loaded: Loaded) -> None:
    assert client.post("/petitions/nobody/sign", data=ANNA).status_code == 404


def test_tab_restored_on_the_address_of_the_form_leads_to_the_petition(
    client: CheckingClient, loaded: Loaded
) -> None:
    answer = client.get(f"/petitions/{OPEN}/sign")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/petitions/{OPEN}")


def test_form_that_is_too_large_is_refused(client: CheckingClient, loaded: Loaded) -> None:
    assert client.post(f"/petitions/{OPEN}/sign", data={"name": "a" * 70_000}).status_code == 413
    many = {f"field{number}": "x" for number in range(100)}
    answer = client.post(f"/petitions/{OPEN}/sign", data=many, content_type="multipart/form-data")
    assert answer.status_code == 413


def test_typed_markup_stays_text(loaded: Loaded, sign: Sign) -> None:
    answer = sign(name='"><script>alert(1)</script>', email="x")
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_names_in_many_scripts_are_taken(loaded: Loaded, sign: Sign) -> None:
    names = ("محمد رضایی", "王小明", "ဒေါ်အောင်ဆန်းစုကြည်", "ქეთევან", "Ngũgĩ wa Thiong’o", "O")
    for number, name in enumerate(names):
        assert sign(name=name, email=f"n{number}@example.org").status_code == 303
