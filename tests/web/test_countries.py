"""Readers of single countries: `?country=RU`, notices, closed forms, and what comes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from sqlalchemy import select

from petitions.domain.country_notices import Notice, save_notice
from petitions.domain.rights import Right
from petitions.models import ConsentText, ConsentVersion, Mail, Petition, Signature
from tests.pages import CheckingClient
from tests.web.conftest import OPEN, Loaded, only_sqlite, stamp_in, typed_values
from tests.web.test_pages import words_of

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

    Sign = Callable[..., Any]

REASON = "People were questioned for such a signature."


@pytest.fixture
def tell(database: SQLAlchemy, loaded: Loaded, now: datetime) -> Callable[..., None]:
    def save(country: str = "RU", text: str = REASON, *, closed: bool = False) -> None:
        petition = database.session.execute(
            select(Petition).where(Petition.slug == OPEN)
        ).scalar_one()
        new = Notice(country, closed, {"en": text})
        save_notice(petition, new, "en", rights=frozenset(Right), seen="", author=1, now=now)
        database.session.commit()

    return save


def choices_in(html: str) -> list[str]:
    page = lxml.html.document_fromstring(html)
    return list(page.xpath("//input[@name='appearance']/@value"))


def checked_in(html: str) -> list[str]:
    return list(lxml.html.document_fromstring(html).xpath("//input[@checked]/@name"))


def here(html: str) -> str:
    (box,) = lxml.html.document_fromstring(html).xpath("//*[@id='here']")
    return "" if box.get("hidden") is not None else " ".join(box.text_content().split())


@only_sqlite
@pytest.mark.parametrize("page", ["petitions", "embed"])
def test_state_addressed_lists_only_counting_first_and_chooses_nothing(
    client: CheckingClient, loaded: Loaded, page: str
) -> None:
    elsewhere = client.get(f"/{page}/{OPEN}?country=FR&lang=en").text
    there = client.get(f"/{page}/{OPEN}?country=ru&lang=en").text
    assert choices_in(elsewhere) == ["full", "initials", "counted"]
    assert choices_in(there) == ["counted", "full", "initials"]
    assert checked_in(there) == checked_in(elsewhere) == []
    assert typed_values(there)["country"] == "RU"


@only_sqlite
def test_language_of_a_state_addressed_hints_at_it_until_a_country_is_said(
    client: CheckingClient, loaded: Loaded
) -> None:
    assert choices_in(client.get(f"/petitions/{OPEN}?lang=en").text)[0] == "full"
    assert choices_in(client.get(f"/petitions/{OPEN}?lang=ru").text)[0] == "counted"
    assert choices_in(client.get(f"/petitions/{OPEN}?lang=ru&country=DE").text)[0] == "full"


@only_sqlite
def test_country_is_asked_above_the_form_in_links_that_need_no_script(
    client: CheckingClient, loaded: Loaded
) -> None:
    page = lxml.html.document_fromstring(client.get(f"/petitions/{OPEN}?lang=en").text)
    (signs,) = page.forms
    (link,) = page.xpath("//a[@rel='nofollow']")
    assert link.xpath("following::form")[0] is signs
    assert link.get("href") == f"/petitions/{OPEN}?country=RU&lang=en#sign"
    there = lxml.html.document_fromstring(client.get(link.get("href")).text)
    assert there.xpath("//a[.='in another one']/@href") == [f"/petitions/{OPEN}?lang=en#sign"]


@only_sqlite
def test_address_with_a_country_is_not_the_canonical_one_and_keeps_it_in_its_links(
    client: CheckingClient, loaded: Loaded, app: Any
) -> None:
    html = client.get(f"/petitions/{OPEN}?country=RU").text
    page = lxml.html.document_fromstring(html)
    (canonical,) = page.xpath("//link[@rel='canonical']/@href")
    assert canonical == f"{app.extensions['petitions'].base_url}/petitions/{OPEN}"
    assert f"/petitions/{OPEN}?country=RU&lang=ru" in page.xpath("//nav//a/@href")


@only_sqlite
@pytest.mark.parametrize("country", ["ZZ", "", "Uzbekistan", "<b>", "%00"])
def test_country_that_is_none_is_passed_over(
    client: CheckingClient, loaded: Loaded, country: str
) -> None:
    asked = client.get(f"/petitions/{OPEN}?lang=en&country={country}")
    assert asked.data == client.get(f"/petitions/{OPEN}?lang=en").data


def test_notice_stands_beside_the_form_for_readers_of_its_country(
    client: CheckingClient, tell: Callable[..., None], loaded: Loaded
) -> None:
    first = client.get(f"/petitions/{OPEN}?lang=en")
    tell("KZ")
    for kind in ("petitions", "embed"):
        assert REASON in here(client.get(f"/{kind}/{OPEN}?lang=en&country=KZ").text)
        everybody = client.get(f"/{kind}/{OPEN}?lang=en").text
        assert here(everybody) == ""
        listed = lxml.html.document_fromstring(everybody).xpath("//details//li[@data-country]")
        assert [row.get("data-country") for row in listed] == ["KZ"]
        assert REASON in listed[0].text_content()
    # Caches ask each time, and are told at once.
    again = client.get(
        f"/petitions/{OPEN}?lang=en", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 200


def test_closed_form_is_not_shown_to_readers_who_say_that_they_live_there(
    client: CheckingClient, tell: Callable[..., None], loaded: Loaded
) -> None:
    tell(closed=True)
    for kind in ("petitions", "embed"):
        closed = client.get(f"/{kind}/{OPEN}?lang=en&country=RU").text
        assert "nobody who lives there can sign here" in here(closed)
        assert REASON in here(closed)
        assert 'name="email"' not in closed
        assert 'name="email"' in client.get(f"/{kind}/{OPEN}?lang=en&country=FR").text


def test_form_sent_from_a_closed_country_is_refused_with_the_reason_and_stores_nothing(
    client: CheckingClient,
    database: SQLAlchemy,
    tell: Callable[..., None],
    sign: Sign,
    counted: Callable[[], dict[str, int]],
) -> None:
    tell(closed=True)
    before = counted()
    answer = sign(country="RU", place="Kazan", news="yes", appearance="full")
    assert answer.status_code == 422
    assert counted() == before
    page = lxml.html.document_fromstring(answer.text)
    (error,) = page.xpath("//*[@id='country-error']")
    assert "closed for people who live in Russia" in error.text_content()
    assert REASON in here(answer.text)
    kept = typed_values(answer.text)
    assert (kept["country"], kept["place"], kept["news"]) == ("RU", "Kazan", "yes")
    assert kept["appearance"] == "full"
    assert choices_in(answer.text)[0] == "counted"
    assert sign(country="IS").status_code == 303
    assert len(database.session.execute(select(Signature)).all()) == 1
    assert len(database.session.execute(select(Mail)).all()) == 2, "asked once, and reminded once"


@only_sqlite
def test_refused_form_tells_readers_of_its_country(
    client: CheckingClient, tell: Callable[..., None], sign: Sign
) -> None:
    tell()
    answer = sign(country="RU", name="")
    assert answer.status_code == 422
    assert REASON in here(answer.text)
    assert choices_in(answer.text)[0] == "counted"


def test_page_that_confirms_tells_the_signers_country(
    client: CheckingClient, tell: Callable[..., None], signed: Any, link: Any
) -> None:
    row = signed(country="RU")
    tell()
    page = client.get(link("confirm", row)).text
    assert REASON in words_of(page)
    assert choices_in(page) == ["counted", "initials", "full"]
    assert checked_in(page) == ["appearance"]


def test_page_says_in_which_languages_one_can_sign(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    said = "This petition can be signed in:"
    assert said not in client.get(f"/petitions/{OPEN}?lang=ru").text
    assert said not in client.get(f"/petitions/{OPEN}", headers={"Accept-Language": "ru"}).text
    asked = client.get(f"/petitions/{OPEN}?country=DE", headers={"Accept-Language": "de, en"})
    assert "Accept-Language" in asked.headers["Vary"]
    page = lxml.html.document_fromstring(asked.text)
    links = page.xpath(f"//p[contains(., '{said}')]/a")
    assert {a.get("lang") for a in links} == {"ar", "en", "es", "fr", "ru", "uz"}
    [russian] = [a for a in links if a.get("lang") == "ru"]
    assert russian.get("href") == f"/petitions/{OPEN}?country=DE&lang=ru#sign"


def test_language_without_consent_is_not_offered_and_its_stamp_is_of_the_one_shown(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, sign: Sign
) -> None:
    query = (
        select(ConsentText)
        .join(ConsentVersion, ConsentVersion.id == ConsentText.consent_version_id)
        .join(Petition, Petition.id == ConsentVersion.petition_id)
        .where(Petition.slug == OPEN, ConsentText.language == "ru")
    )
    database.session.delete(database.session.execute(query).scalar_one())
    asked = client.get(f"/petitions/{OPEN}?lang=ru").text
    page = lxml.html.document_fromstring(asked)
    assert page.xpath("//h1/@lang") == ["en"]
    offered = [a.get("lang") for a in page.xpath("//section[@id='sign']//p/a[@hreflang]")]
    assert sorted(offered) == ["ar", "en", "es", "fr", "uz"]
    site = client.application.extensions["petitions"]
    stamp = stamp_in(asked)
    from petitions import clock

    assert site.tokens.read_stamp(stamp, clock.now()).language == "en"
