"""What others get when a petition is passed on: links, code, card, poster, sheet, feed."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import feedparser
import lxml.etree
import lxml.html
import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select

from petitions.documents import prints_press
from petitions.models import Case, Petition, PetitionState
from tests.pages import CheckingClient
from tests.web.conftest import OPEN, PAST, Loaded, only_sqlite, take_away

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

pytestmark = only_sqlite
PRINTS = ("share", "qr.svg", "qr.png", "card.png", "poster.pdf", "sheet.pdf")


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    prints_press._last.clear()
    yield
    prints_press._last.clear()


def head_of(client: CheckingClient, address: str) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(client.get(address).text).find(".//head")


def text_of(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    plain = " ".join(page.extract_text() for page in pages)
    return " ".join(plain.translate(dict.fromkeys((0x2068, 0x2069, 0x200B))).split())


def test_page_says_who_it_is_to_those_who_share_it(client: CheckingClient, loaded: Loaded) -> None:
    for address in (f"/petitions/{OPEN}", f"/cases/{OPEN}"):
        head = head_of(client, f"{address}?lang=ru")
        told = {meta.get("property"): meta.get("content") for meta in head.findall("meta")}
        base = told["og:url"].removesuffix(f"{address}?lang=ru")
        assert base.startswith("http")
        assert head.xpath('link[@rel="canonical"]/@href') == [told["og:url"]]
        versions = {
            link.get("hreflang"): link.get("href") for link in head.xpath("link[@hreflang]")
        }
        assert versions["en"] == f"{base}{address}?lang=en"
        assert versions["x-default"] == base + address
        assert told["og:locale"] == "ru_RU"
        others = head.xpath('meta[@property="og:locale:alternate"]/@content')
        assert others == ["ar_EG", "en_US", "es_ES", "fr_FR", "uz_UZ"]
        card = client.get(told["og:image"].removeprefix(base))
        picture = Image.open(io.BytesIO(card.data))
        assert (card.content_type, picture.size) == ("image/png", (1200, 630))


def test_structured_data_names_the_person_and_the_way_to_sign(
    client: CheckingClient, loaded: Loaded
) -> None:
    case, petition = (
        json.loads(head_of(client, address).xpath('script[@type="application/ld+json"]/text()')[0])
        for address in (f"/cases/{OPEN}", f"/petitions/{OPEN}")
    )
    assert case["@context"] == petition["@context"] == "https://schema.org"
    assert case["@type"] == "Article"
    assert case["about"][0]["name"] == "Mirsobir Khamidkariev"
    assert petition["potentialAction"]["target"].endswith(f"/petitions/{OPEN}#sign")


def test_links_hold_title_and_address_and_load_nothing(
    client: CheckingClient, loaded: Loaded
) -> None:
    page = lxml.html.document_fromstring(client.get(f"/petitions/{OPEN}/share").text)
    links = [a for a in page.xpath("//main//a") if urlsplit(a.get("href")).netloc]
    assert {urlsplit(a.get("href")).hostname for a in links} >= {"wa.me", "t.me"}
    for link in links:
        assert f"/petitions/{OPEN}" in unquote(link.get("href"))
        assert "noreferrer" in link.get("rel")
    [mail] = page.xpath('//a[starts-with(@href, "mailto:")]/@href')
    assert "%0D%0A" in mail
    assert f"/embed/{OPEN}" in page.xpath("//textarea")[0].text


def test_what_is_passed_on_keeps_the_language_that_the_reader_chose(
    client: CheckingClient, loaded: Loaded
) -> None:
    chosen = client.get(f"/petitions/{OPEN}/share?lang=ar").text
    assert f"/petitions/{OPEN}?lang=ar" in chosen, "others meet the page as it was passed on"
    assert f"/embed/{OPEN}?lang=ar" in chosen
    codes = {lang: client.get(f"/petitions/{OPEN}/qr.svg{lang}").data for lang in ("", "?lang=ar")}
    assert codes[""] != codes["?lang=ar"]


def test_poster_and_sheet_say_what_is_asked_and_where(
    client: CheckingClient, loaded: Loaded
) -> None:
    poster = client.get(f"/petitions/{OPEN}/poster.pdf?paper=us-letter")
    first, second = (client.get(f"/petitions/{OPEN}/sheet.pdf") for _ in range(2))
    assert float(PdfReader(io.BytesIO(poster.data)).pages[0].mediabox.width) == pytest.approx(612)
    for print_ in (poster, first):
        assert print_.content_type == "application/pdf"
        text = text_of(print_.data)
        assert "Urge the Russian authorities to investigate" in text
        assert f"/petitions/{OPEN}" in text.replace(" ", "")
    sheet = text_of(first.data)
    assert "Only count me" in sheet
    assert "Officials may keep this list" in sheet, "the risk is said where one signs"
    assert sheet != text_of(second.data), "each sheet has a number of its own"
    assert first.headers["Cache-Control"] == "no-store"


def test_print_speaks_the_language_of_its_text(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    take_away(database, "ar")
    for lang, words in (("ar", "Sheet number"), ("ru", "Номер листа")):
        sheet = text_of(client.get(f"/petitions/{OPEN}/sheet.pdf?lang={lang}").data)
        assert words in sheet, "what is signed, and the words around it, are in one language"
    share = client.get(f"/petitions/{OPEN}/share?lang=ar").text
    assert 'lang="ar"' in share, "the page itself stays in the reader's"


def test_card_says_no_more_than_there_is(client: CheckingClient, loaded: Loaded) -> None:
    from petitions.web.public.print_texts import rounded

    with client.application.test_request_context("/"):
        said = {number: rounded(number) for number in (0, 1, 99, 100, 1_234, 150_000)}
    assert said == {
        0: "",
        1: "1 signature",
        99: "99 signatures",
        100: "100 signatures",
        1_234: "More than 1,200 signatures",
        150_000: "150,000 signatures",
    }


def test_nothing_of_a_hidden_case_can_be_shared(
    client: CheckingClient, loaded: Loaded, database: SQLAlchemy, now: datetime
) -> None:
    case = database.session.execute(select(Case).where(Case.slug == OPEN)).scalar_one()
    assert client.get(f"/petitions/{OPEN}/card.png").status_code == 200
    case.hidden_at, case.hidden_reason = now, "The family asked for it."
    database.session.commit()
    for name in PRINTS:
        assert client.get(f"/petitions/{OPEN}/{name}").status_code == 410
    assert client.get(f"/cases/{OPEN}/card.png").status_code == 410
    assert client.get(f"/cases/{OPEN}/updates.atom").status_code == 410
    assert OPEN not in client.get("/updates.atom").text


def test_stopped_petition_asks_nobody_to_pass_it_on(
    client: CheckingClient, loaded: Loaded, database: SQLAlchemy
) -> None:
    petition = database.session.execute(select(Petition).where(Petition.slug == OPEN)).scalar_one()
    petition.state, petition.stop_reason = PetitionState.STOPPED, "He is free."
    database.session.commit()
    assert "wa.me" not in client.get(f"/petitions/{OPEN}/share").text
    assert "Tell others" not in client.get(f"/petitions/{OPEN}").text
    for name in ("poster.pdf", "sheet.pdf"):
        assert client.get(f"/petitions/{OPEN}/{name}").status_code == 409


def test_who_comes_while_all_presses_are_busy_is_asked_to_come_back(
    client: CheckingClient, loaded: Loaded
) -> None:
    for _ in range(1 + prints_press.WAITING):
        assert prints_press._room.acquire(blocking=False)
    try:
        answer = client.get(f"/petitions/{OPEN}/poster.pdf")
    finally:
        prints_press._room.release(1 + prints_press.WAITING)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_feed_tells_updates_newest_first(client: CheckingClient, loaded: Loaded) -> None:
    for address in ("/updates.atom", f"/cases/{PAST}/updates.atom"):
        answer = client.get(address)
        feed = feedparser.parse(answer.data, response_headers={"content-type": answer.content_type})
        assert not feed.bozo, feed.get("bozo_exception")
        assert feed.version == "atom10"
        days = [entry.updated_parsed for entry in feed.entries]
        assert days == sorted(days, reverse=True)
        entry = feed.entries[-1]
        page = client.get(urlsplit(entry.link).path).text
        assert f'id="{urlsplit(entry.link).fragment}"' in page
        assert entry.id == entry.link
        assert entry.content[0].value.startswith("<p>")


def test_feed_entry_keeps_its_id_in_every_language(client: CheckingClient, loaded: Loaded) -> None:
    feeds = [feedparser.parse(client.get(f"/updates.atom?lang={tag}").data) for tag in ("en", "ru")]
    assert [e.id for e in feeds[0].entries] == [e.id for e in feeds[1].entries]
    assert feeds[0].entries[0].title != feeds[1].entries[0].title


def test_sitemap_lists_each_language_of_a_page(client: CheckingClient, loaded: Loaded) -> None:
    tree = lxml.etree.fromstring(client.get("/sitemap.xml").data)
    links = tree.xpath("//*[local-name()='link']/@href")
    assert any(link.endswith(f"/petitions/{OPEN}?lang=ru") for link in links)
