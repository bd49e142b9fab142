"""What a reader sees: the list, a case, a petition; and what pages say when it is not open."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
import time_machine
from sqlalchemy import delete, select

from petitions.domain.counting import Numbers
from petitions.i18n import countries, interface_languages
from petitions.models import (
    Case,
    CaseText,
    CaseUpdate,
    Person,
    PersonText,
    Petition,
    PetitionState,
    Picture,
    PictureText,
    PulledStatement,
    UpdateKind,
    UpdateText,
)
from tests.pages import CheckingClient
from tests.web.conftest import OPEN, PAST, Loaded, only_sqlite, typed_values

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

PAGES = (
    "/",
    f"/cases/{OPEN}",
    f"/cases/{PAST}",
    f"/petitions/{OPEN}",
    f"/petitions/{PAST}",
    f"/petitions/{OPEN}/check-your-email",
    f"/petitions/{OPEN}/thank-you",
    f"/embed/{OPEN}",
    "/my-signature",
    "/my-signature/check-your-email",
    "/privacy",
    "/about",
    "/accessibility",
)


def words_of(html: str) -> str:
    return " ".join(lxml.html.document_fromstring(html).text_content().split())


def move(database: SQLAlchemy, slug: str, **values: Any) -> None:
    row = database.session.execute(select(Petition).where(Petition.slug == slug)).scalar_one()
    for name, value in values.items():
        setattr(row, name, value)
    database.session.commit()


def test_public_pages_are_good_pages(client: CheckingClient, loaded: Loaded) -> None:
    for page in PAGES:
        for lang in ("", "?lang=ru", "?lang=ar"):
            assert client.get(page + lang).status_code == 200


def test_front_page_marks_the_petition_past_its_date(
    client: CheckingClient, loaded: Loaded
) -> None:
    html = client.get("/").text
    assert html.index(OPEN) < html.index(PAST), "a passed deadline is not urgent any more"
    assert "27 January 2013 (Moscow time)" in words_of(html)


def test_front_page_without_any_petition_says_so(client: CheckingClient, database: object) -> None:
    assert "No petition is open now" in client.get("/").text


def test_closed_petitions_stand_apart(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    move(database, loaded.open, state=PetitionState.CLOSED)
    html = client.get("/").text
    assert html.index(PAST) < html.index("Petitions that take no signatures now") < html.index(OPEN)


def test_case_names_the_person_first_in_all_scripts(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    html = client.get(f"/cases/{PAST}").text
    page = lxml.html.document_fromstring(html)
    assert page.xpath("//h1")[0].text_content().strip() == "Yusup Kasymakhunov"
    assert page.xpath("//*[@lang='ru' and contains(., 'Юсуп Касымахунов')]")
    assert f"/petitions/{PAST}" in html
    assert "Murmansk" in html
    assert "Tashkent or Andizhan, as human rights" in html
    assert "в Ташкенте или Андижане" in client.get(f"/cases/{PAST}?lang=ru").text
    database.session.execute(delete(PersonText).where(PersonText.language == "ar"))
    arabic = lxml.html.document_fromstring(client.get(f"/cases/{PAST}?lang=ar").text)
    assert arabic.xpath("//dd[@lang='en' and contains(., 'Tashkent or Andizhan, as human')]")


def test_case_with_pictures_shows_them_with_words_for_those_who_do_not_see(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    case = database.session.execute(select(Case).where(Case.slug == OPEN)).scalar_one()
    for position, alt in ((1, "He laughs."), (2, "His film set.")):
        picture = Picture(
            case_id=case.id, position=position, media_type="image/png", content=b"png",
            width=400, height=500, credit="His family",
        )  # fmt: skip
        database.session.add(picture)
        database.session.flush()
        database.session.add(PictureText(picture_id=picture.id, language="en", alt=alt))
    page = lxml.html.document_fromstring(client.get(f"/cases/{OPEN}").text)
    assert page.xpath("//main//img/@alt") == ["He laughs.", "His film set."]
    (first, second) = page.xpath("//main//img/@src")
    answer = client.get(first)
    assert (answer.mimetype, answer.data) == ("image/png", b"png")
    for position in ("3", "0", "9" * 30, "x"):
        assert client.get(f"/cases/{OPEN}/pictures/{position}").status_code == 404
    assert client.get(second).status_code == 200


def test_group_is_headed_by_its_title(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    case = database.session.execute(select(Case).where(Case.slug == OPEN)).scalar_one()
    for position in range(10, 14):
        person = Person(case_id=case.id, position=position, name=f"Person {position}", age=position)
        database.session.add(person)
    page = lxml.html.document_fromstring(client.get(f"/cases/{OPEN}").text)
    assert "sought safety" in page.xpath("//h1")[0].text_content()
    assert "Person 13" in page.text_content()


def test_petition_says_what_goes_to_whom_until_when(client: CheckingClient, loaded: Loaded) -> None:
    words = words_of(client.get(f"/petitions/{PAST}").text)
    for expected in (
        "Aleksandr Ivanovich Bastrykin",
        "Bahodir Ahmedovich Matlubov",
        "Vladimir Egorovich Pronichev",
        "without names",
        "Urge the Russian authorities",
        "27 January 2013 (Moscow time)",
        "The deadline has passed",
        "Example Lantern, section office",
    ):
        assert expected in words
    assert "Example Lantern Deutschland" in words_of(client.get("/about").text)
    assert words.count("Urge the authorities of Uzbekistan") == 1


def test_petition_asks_what_officials_may_see_with_nothing_preselected(
    client: CheckingClient, loaded: Loaded
) -> None:
    html = client.get(f"/petitions/{OPEN}").text
    words = words_of(html)
    for expected in (
        "What may the officials see?",
        "My name, town and country",
        "My initials and country",
        "Nothing: only count me",
        "Officials may keep this list.",
    ):
        assert expected in words
    typed = typed_values(html)
    assert not typed.keys() & {"appearance", "consent", "news"}
    assert not any(value for name, value in typed.items() if name != "stamp")


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (datetime(2013, 1, 27, 19, 59, 59, tzinfo=UTC), "Last day to sign"),
        (datetime(2013, 1, 27, 20, 0, tzinfo=UTC), "The deadline has passed"),
    ],
)
def test_deadline_ends_with_the_day_of_its_zone(
    client: CheckingClient, loaded: Loaded, frozen_time: Any, at: datetime, says: str
) -> None:
    frozen_time.move_to(at)
    assert says in words_of(client.get(f"/petitions/{PAST}").text)


def test_number_on_the_page_is_the_number_of_rows(
    client: CheckingClient, loaded: Loaded, signed: Callable[..., Any], link: Callable[..., str]
) -> None:
    for number in range(3):
        signature = signed(email=f"somebody{number}@example.org")
        assert client.get("/api/v1/petitions/" + OPEN).json["numbers"]["confirmed"] == number
        client.post(link("confirm", signature))
    assert "3 signatures" in words_of(client.get(f"/petitions/{OPEN}").text)
    alone = client.get(f"/petitions/{OPEN}").text
    assert "<li>Countries, each under ten: 3" in alone
    assert "Other countries" not in alone


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"state": PetitionState.PAUSED}, "Signing is paused"),
        ({"state": PetitionState.CLOSED}, "This petition is closed"),
        ({"state": PetitionState.ARCHIVED}, "kept for the record"),
        (
            {"state": PetitionState.STOPPED, "stop_reason": "He is free."},
            "Please take no further action",
        ),
    ],
)
def test_petition_that_takes_no_signatures_says_why(
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    values: dict[str, Any],
    says: str,
) -> None:
    move(database, OPEN, **values)
    html = client.get(f"/petitions/{OPEN}").text
    assert says in html
    assert values.get("stop_reason", says) in html
    assert 'name="email"' not in html


@only_sqlite
@pytest.mark.parametrize(
    "page", ["/petitions/nobody", "/cases/nobody", "/petitions/%00", "/embed/x y", "/cases/a/b"]
)
def test_unknown_page_is_not_found(client: CheckingClient, loaded: Loaded, page: str) -> None:
    assert client.get(page).status_code == 404


def test_draft_is_not_found(client: CheckingClient, database: SQLAlchemy, loaded: Loaded) -> None:
    move(database, OPEN, state=PetitionState.DRAFT, published_at=None)
    assert client.get(f"/petitions/{OPEN}").status_code == 404
    assert OPEN not in client.get("/sitemap.xml").text.split("/petitions/")[-1]


def test_stopped_petition_asks_for_nothing_and_keeps_what_was_asked_folded(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    move(database, PAST, state=PetitionState.STOPPED, stop_reason="He is free.")
    for address in (f"/petitions/{PAST}", f"/embed/{PAST}"):
        page = lxml.html.document_fromstring(client.get(address).text)
        words = page.text_content()
        assert "He is free." in words
        assert "Last day" not in words
        assert page.xpath("//main//form") == []
        assert page.xpath("//main//li[contains(., 'Urge') and not(ancestor::details)]") == []
    links = client.get(f"/petitions/{PAST}").text
    assert f"/petitions/{PAST}/letters" not in links
    assert f"/petitions/{PAST}/share" not in links


def test_case_with_a_stop_action_says_why_instead_of_asking(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, now: datetime
) -> None:
    case = database.session.execute(select(Case).where(Case.slug == OPEN)).scalar_one()
    update = CaseUpdate(
        case_id=case.id, position=9, kind=UpdateKind.STOP, index_number="EUR 62/9", published_at=now
    )
    database.session.add(update)
    database.session.flush()
    told = {"language": "en", "title": "He is free", "text": "His family **asks** for quiet."}
    database.session.add(UpdateText(update_id=update.id, **told))
    page = lxml.html.document_fromstring(client.get(f"/cases/{OPEN}").text)
    [notice] = page.xpath("//div[contains(@class, 'stop')]")
    assert "Please take no further action" in notice.text_content()
    assert "His family asks for quiet." in notice.text_content()
    assert page.xpath("//main//a[contains(@class, 'button')]") == []
    assert "What you can do" not in page.text_content()
    assert "EUR 62/9" in page.text_content()


def test_statement_is_read_out_once(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    case = database.session.execute(select(Case).where(Case.slug == OPEN)).scalar_one()
    text = database.session.get_one(CaseText, (case.id, "en"))
    text.story = "She said: *Nobody* came to the door."
    first, second = database.session.execute(
        select(PulledStatement).where(
            PulledStatement.case_id == case.id, PulledStatement.language == "en"
        )
    ).scalars()
    first.text, second.text = "“Nobody came to the door”", "It is not in the story."
    page = lxml.html.document_fromstring(client.get(f"/cases/{OPEN}").text)
    hidden = [each.get("aria-hidden") for each in page.xpath("//figure[@class='pulled']")]
    assert hidden == ["true", None]
    for address in (f"/cases/{OPEN}/updates.atom", "/updates.atom"):
        assert "It is not in the story" not in client.get(address).text


def test_last_day_is_told_by_the_clocks_of_the_reader_s_country(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, now: datetime
) -> None:
    move(database, PAST, deadline_on=now.date() + timedelta(days=9))

    def told(query: str) -> tuple[str, bool, str]:
        page = lxml.html.document_fromstring(client.get(f"/petitions/{PAST}{query}").text)
        [line] = page.xpath("//*[@data-ends]")
        return line.text_content(), line.get("hidden") is None, line.get("data-ends")[10:]

    # Moscow is three hours ahead of UTC, Tashkent five; the clocks of the United States differ.
    text, is_shown, ends = told("?country=UZ")
    assert (is_shown, ends) == (True, "T00:00:00+03:00")
    assert text.startswith("In Uzbekistan: until")
    assert text.rstrip().endswith("01:59")
    assert told("?country=RU")[:2] == ("", False)
    assert told("?country=US")[:2] == ("", False)
    assert told("")[:2] == ("", False)
    move(database, PAST, deadline_on=now.date() - timedelta(days=1))
    assert "data-ends" not in client.get(f"/petitions/{PAST}").text


def test_after_the_last_day_the_office_of_the_reader_s_country_comes_first(
    client: CheckingClient, loaded: Loaded
) -> None:
    for address in (f"/petitions/{PAST}", f"/petitions/{PAST}/letters"):
        for country, name in (("DE", "Deutschland"), ("FI", "section office")):
            page = lxml.html.document_fromstring(client.get(f"{address}?country={country}").text)
            [contact] = page.xpath("//section[@aria-labelledby='contact']")
            assert name in contact.xpath("./p")[0].text_content()
            assert f"country={country}" in page.xpath("//nav[@class='languages']//a/@href")[0]
    assert page.xpath("//*[@id='contact']")
    brief = lxml.html.document_fromstring(client.get(f"/petitions/{PAST}").text)
    assert brief.xpath("//div[@class='brief']//a/@href") == ["#contact"]


def test_accessibility_is_stated_and_reached_from_every_page(
    client: CheckingClient, loaded: Loaded
) -> None:
    for lang in interface_languages():
        page = lxml.html.document_fromstring(client.get(f"/?lang={lang}").text)
        [link] = page.xpath("//footer//a[contains(@href, '/accessibility')]/@href")
        statement = client.get(link).text
        assert "WCAG" in statement
        assert "mailto:office@lantern.example" in statement


def size_of(client: CheckingClient, address: str) -> int:
    answer = client.get(address)
    with closing(answer):
        return len(answer.data)


@only_sqlite
def test_many_countries_are_listed_in_part_and_none_is_left_out(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = countries()
    by_country = {code: 300 - at for at, code in enumerate(codes)} | {"other": 12}
    numbers = Numbers(sum(by_country.values()), 0, 0, 0, by_country)
    module = import_module("petitions.domain.presenting.petition_page")
    monkeypatch.setattr(module, "public_numbers_of", lambda _: numbers)
    names = ("site.css", "js/sign.js", "favicon.svg")
    weight = sum(size_of(client, f"/static/{name}") for name in names)
    for lang in interface_languages():
        html = client.get(f"/petitions/{PAST}?lang={lang}").text
        assert len(html.encode()) + weight < 48_000, lang  # with the longest names of all
    page = lxml.html.document_fromstring(client.get(f"/petitions/{PAST}?lang=en").text)
    lines = page.xpath("//section[@aria-labelledby='numbers']//details//li")
    shown = [int(re.sub(r"\D", "", line.text_content().split(":")[-1])) for line in lines]
    assert len(shown) == 14
    assert sum(shown) == numbers.confirmed
    assert f"{len(codes) - 12} further countries" in lines[12].text_content()


@only_sqlite
def test_pages_weigh_under_50_kb_with_all_that_they_load(
    client: CheckingClient, app: Any, loaded: Loaded
) -> None:
    for page in PAGES:
        html = client.get(page + "?lang=ru").text
        root = lxml.html.document_fromstring(html)
        loads = root.xpath("//link[@rel='stylesheet' or @rel='icon']/@href | //script/@src")
        loaded_with_it = sum(size_of(client, part) for part in loads)
        assert len(html.encode()) + loaded_with_it < 47_000, page


def test_page_is_the_same_for_all_readers_within_an_hour(
    client: CheckingClient, app: Any, loaded: Loaded, frozen_time: Any
) -> None:
    first = client.get(f"/petitions/{OPEN}")
    frozen_time.shift(60)
    other = app.test_client().get(f"/petitions/{OPEN}", headers={"User-Agent": "another"})
    assert first.data == other.data
    again = client.get(f"/petitions/{OPEN}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_embed_holds_the_same_form_and_leaves_the_frame(
    client: CheckingClient, loaded: Loaded
) -> None:
    answer = client.get(f"/embed/{OPEN}")
    page = lxml.html.document_fromstring(answer.text)
    assert page.xpath("//form/@target") == ["_top"]
    assert typed_values(answer.text) == typed_values(client.get(f"/petitions/{OPEN}").text)
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]


def test_about_shows_the_key_once_there_is_one(
    client: CheckingClient, site: Any, loaded: Loaded
) -> None:
    from petitions.domain.signing_keys import ensure_signing_key, public_key

    assert "minisign" not in client.get("/about").text
    ensure_signing_key(site.keyring)
    assert public_key(site.keyring) in client.get("/about").text
    assert "Example Lantern is an invented organisation." in client.get("/about").text


def test_pages_before_set_up_say_so(client: CheckingClient, database: object) -> None:
    assert "has not been entered yet" in client.get("/about").text
    assert "has not been entered yet" in client.get("/privacy").text


def test_sitemap_and_robots_name_public_pages_alone(client: CheckingClient, loaded: Loaded) -> None:
    sitemap = client.get("/sitemap.xml").text
    assert f"<loc>http://localhost/petitions/{OPEN}</loc>" in sitemap
    assert f"<loc>http://localhost/cases/{PAST}</loc>" in sitemap
    robots = client.get("/robots.txt").text
    assert "Disallow: /confirm/" in robots
    assert "Sitemap: http://localhost/sitemap.xml" in robots


def test_clock_is_read_by_the_view(client: CheckingClient, loaded: Loaded) -> None:
    with time_machine.travel(datetime(2013, 1, 1, tzinfo=UTC), tick=False):
        assert "Last day to sign" in client.get("/").text
