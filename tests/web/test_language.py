"""Languages: of the page, of what is told, and of the form that is signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from sqlalchemy import delete, select

from petitions.i18n import interface_languages
from petitions.models import (
    AskText,
    CaseText,
    ConsentText,
    Mail,
    PetitionText,
    PulledStatement,
    Signature,
)
from petitions.web.page_cache.wanted import wishes_that_matter
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, Loaded, only_sqlite, stamp_in, take_away
from tests.web.test_pages import words_of

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

RUSSIAN_TITLE = "Мирсобир"


@only_sqlite
@pytest.mark.parametrize(
    ("address", "accept", "language"),
    [
        ("", None, "en"),
        ("", "ru", "ru"),
        ("", "de, ru;q=0.5", "ru"),
        ("", "fr, ru;q=0.5", "fr"),
        ("", "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("", "de;q=0.9, en;q=0.1", "en"),
        ("", "ru;q=0, en", "en"),
        ("?lang=ru", "en", "ru"),
        ("?lang=RU", None, "ru"),
        ("?lang=en", "ru", "en"),
        ("?lang=xx", "ru", "en"),
        ("?lang=../../etc", "ru", "ru"),
    ],
)
def test_title_is_in_the_language_the_reader_wants_most(
    client: CheckingClient, loaded: Loaded, address: str, accept: str | None, language: str
) -> None:
    headers = {"Accept-Language": accept} if accept else {}
    answer = client.get(f"/api/v1/petitions/{OPEN}{address}", headers=headers)
    assert answer.json["language"] == language


@only_sqlite
def test_wishes_without_end_are_read_at_their_beginning(
    client: CheckingClient, loaded: Loaded
) -> None:
    page, ends_in_russian = f"/api/v1/petitions/{OPEN}", "de;q=0.1, en;q=0.2, " * 50 + "ru"
    assert len(ends_in_russian) > 1000
    answer = client.get(page, headers={"Accept-Language": ends_in_russian})
    assert answer.json["language"] == "en"
    assert wishes_that_matter(ends_in_russian) == "en;q=1.00"
    fewer = "de;q=0.1, en;q=0.2, " * 5 + "ru"
    assert client.get(page, headers={"Accept-Language": fewer}).json["language"] == "ru"


def test_answers_vary_by_accept_language_unless_the_address_chooses(
    client: CheckingClient, loaded: Loaded
) -> None:
    assert "Accept-Language" in client.get(f"/petitions/{OPEN}").vary
    assert "Accept-Language" not in client.get(f"/petitions/{OPEN}?lang=ru").vary
    assert "Accept-Language" not in client.get("/robots.txt").vary


def test_text_in_another_language_than_the_page_says_so(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    for table in (PulledStatement, CaseText):
        database.session.execute(delete(table).where(table.language == "ru"))
    page = lxml.html.document_fromstring(client.get(f"/cases/{OPEN}?lang=ru").text)
    assert page.get("lang") == "ru"
    assert page.xpath("//*[@lang='en'][@dir='ltr']")
    assert "английский" in " ".join(page.text_content().split())


def test_language_chosen_in_the_address_stays(client: CheckingClient, loaded: Loaded) -> None:
    page = lxml.html.document_fromstring(client.get(f"/petitions/{OPEN}?lang=ru").text)
    (action,) = page.xpath("//form/@action")
    assert action == f"/petitions/{OPEN}/sign?lang=ru"
    form = {**ANNA, "stamp": page.xpath("//input[@name='stamp']/@value")[0]}
    answer = client.post(action, data=form)
    assert answer.headers["Location"] == f"/petitions/{OPEN}/check-your-email?lang=ru"


def test_other_languages_of_a_page_are_offered(client: CheckingClient, loaded: Loaded) -> None:
    page = lxml.html.document_fromstring(client.get(f"/petitions/{OPEN}").text)
    links = page.xpath("//nav[contains(@class, 'languages')]//a/@href")
    assert links == [f"/petitions/{OPEN}?lang={tag}" for tag in interface_languages()]
    assert {"ar", "en", "es", "fr", "ru", "uz"} <= set(interface_languages())


def test_signature_and_mail_carry_the_language_of_the_form(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    stamp = stamp_in(client.get(f"/petitions/{OPEN}?lang=ru").text)
    client.post(f"/petitions/{OPEN}/sign?lang=ru", data={**ANNA, "stamp": stamp})
    assert database.session.execute(select(Signature.language)).scalar_one() == "ru"
    assert database.session.execute(select(Mail.language).distinct()).scalar_one() == "ru"


def test_mail_speaks_the_language_of_the_page_around_the_form(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    take_away(database, "ar")
    stamp = stamp_in(client.get(f"/petitions/{OPEN}?lang=ar").text)
    client.post(f"/petitions/{OPEN}/sign?lang=ar", data={**ANNA, "stamp": stamp})
    assert database.session.execute(select(Signature.language)).scalar_one() == "en"
    assert database.session.execute(select(Mail.language).distinct()).scalar_one() == "ar"


def test_mail_speaks_the_language_of_the_text_where_the_page_does_not_speak_the_reader_s(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    stamp = stamp_in(client.get(f"/petitions/{OPEN}?lang=ru").text)
    client.post(f"/petitions/{OPEN}/sign?lang=fa", data={**ANNA, "stamp": stamp})
    assert database.session.execute(select(Mail.language).distinct()).scalar_one() == "ru"


def test_confirmation_shows_the_language_that_was_signed(
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    link: Callable[..., str],
) -> None:
    stamp = stamp_in(client.get(f"/petitions/{OPEN}?lang=ru").text)
    client.post(f"/petitions/{OPEN}/sign?lang=ru", data={**ANNA, "stamp": stamp})
    row = database.session.execute(select(Signature)).scalar_one()
    assert "Хамидкариев" in words_of(client.get(link("confirm", row)).text)


@pytest.mark.parametrize("missing", [ConsentText, AskText])
def test_form_is_offered_only_where_asks_and_consent_exist(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, missing: Any
) -> None:
    database.session.execute(delete(missing).where(missing.language == "ru"))
    html = client.get(f"/petitions/{OPEN}?lang=ru").text
    assert "Investigate the abduction" in html, "what is read is what is signed"
    assert "I agree" in html


def test_petition_without_any_consent_cannot_be_signed(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    database.session.execute(delete(ConsentText))
    html = client.get(f"/petitions/{OPEN}").text
    assert "cannot be signed yet" in html
    assert 'name="stamp"' not in html


def test_story_falls_back_to_its_source_language(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    database.session.execute(delete(CaseText).where(CaseText.language == "en"))
    page = lxml.html.document_fromstring(client.get(f"/cases/{OPEN}").text)
    assert page.xpath("//*[@lang='ru']")


def test_right_to_left_text_runs_right_to_left(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    russian = database.session.execute(
        select(PetitionText).where(PetitionText.language == "ru")
    ).scalars()
    for text in russian:
        text.language = "fa"  # no language of the interface
    assert '<h2 lang="fa" dir="rtl">' in client.get("/?lang=fa").text


def test_countries_are_sorted_in_the_page_s_language() -> None:
    from petitions.i18n import countries_in

    names = [name for _, name in countries_in("en")]
    assert names.index("Åland Islands") < names.index("Albania") < names.index("Zimbabwe")
    assert dict(countries_in("de"))["IS"] == "Island"
    assert len(names) == len(set(names)) >= 249
