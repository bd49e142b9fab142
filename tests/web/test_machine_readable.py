"""What programs read of the pages, by others' libraries: facts, previews, mailto links."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

import lxml.html
import msgspec_schemaorg.models as vocabulary
import pytest
from linkpreview import Link, LinkPreview
from pyld import jsonld
from sqlalchemy import select
from uritools import uridecode, urisplit

from petitions.domain.site import Site
from petitions.i18n import interface_languages
from petitions.models import Organisation
from tests.pages import CheckingClient
from tests.web.conftest import OPEN, PAST, Loaded, only_sqlite

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SCHEMA = "https://schema.org/"
LETTER = f"/petitions/{PAST}/letters/uz-interior-minister"
# Words that reserve something in RFC 6068, letters beyond ASCII, a line that could be a header.
TYPED = {
    "subject": "Where is Юсуп? 100 % & more",
    "letter": "Dear Minister,\r\n\r\nBcc: nobody@example.org\r\nа + b = c",
    "sender_name": "Ylfa Brandsdóttir",
    "language": "en",
    "action": "text",
}


def offline(url: str, _: dict[str, Any]) -> dict[str, Any]:
    """Schema.org's context, short: every word without a prefix is one of theirs."""
    assert url.rstrip("/") == SCHEMA.rstrip("/")
    context = {"@context": {"@vocab": SCHEMA}}
    named = {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url}
    return {**named, "document": context}


def facts_on(client: CheckingClient, address: str) -> list[dict[str, Any]]:
    page = lxml.html.document_fromstring(client.get(address).text)
    return [json.loads(text) for text in page.xpath("//script[@type='application/ld+json']/text()")]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from nodes(each)
    elif isinstance(value, dict):
        yield value
        for each in value.values():
            yield from nodes(each)


def words_beyond_the_vocabulary(node: dict[str, Any]) -> list[str]:
    kind = getattr(vocabulary, node["@type"], None)
    if kind is None:
        return [node["@type"]]
    known = {*kind.__struct_encode_fields__, "@context", "@type"}
    return [f"{node['@type']}.{name}" for name in node if name not in known]


@only_sqlite
def test_structured_data_is_json_ld_in_the_words_of_schema_org(
    client: CheckingClient, loaded: Loaded
) -> None:
    for address in (f"/cases/{OPEN}", f"/cases/{PAST}", f"/petitions/{OPEN}", f"/petitions/{PAST}"):
        for lang in interface_languages():
            [facts] = facts_on(client, f"{address}?lang={lang}")
            [node] = jsonld.expand(facts, {"documentLoader": offline})
            assert node["@type"] == [SCHEMA + facts["@type"]]
            assert "@value" in node[f"{SCHEMA}url"][0]
            graph = jsonld.to_rdf(
                facts, {"documentLoader": offline, "format": "application/n-quads"}
            )
            assert graph.count("\n") > len(facts)
            assert [
                word for each in nodes(facts) for word in words_beyond_the_vocabulary(each)
            ] == []


@only_sqlite
def test_links_to_cases_and_petitions_have_a_preview_with_title_text_and_picture(
    client: CheckingClient, site: Site, loaded: Loaded
) -> None:
    pictures = set()
    for address in (f"/cases/{OPEN}", f"/cases/{PAST}", f"/petitions/{OPEN}", f"/petitions/{PAST}"):
        for lang in interface_languages():
            html = client.get(f"{address}?lang={lang}").text
            shown = LinkPreview(Link(f"{site.base_url}{address}", html), parser="lxml")
            told = shown.opengraph
            assert told.title
            assert 0 < len(told.description) <= 160
            assert told.site_name == shown.site_name
            assert shown.twitter.title is None, "what a card says is said once"
            assert (shown.title, shown.image) == (told.title, told.image)
            assert shown.absolute_image.startswith(f"{site.base_url}{address}/card.png")
            pictures.add(shown.absolute_image.removeprefix(site.base_url))
    for picture in sorted(pictures):
        assert client.get(picture).data.startswith(b"\x89PNG"), picture


def test_check_of_the_vocabulary_finds_what_is_not_in_it() -> None:
    assert words_beyond_the_vocabulary({"@type": "Person", "name": "A", "nom": "A"}) == [
        "Person.nom"
    ]
    assert words_beyond_the_vocabulary({"@type": "Personne"}) == ["Personne"]


def read(link: str) -> tuple[list[str], dict[str, str]]:
    """(addresses, fields) of a mailto link as RFC 6068 has them; "+" is a plus there."""
    assert link.isascii()
    parts = urisplit(link)
    assert (parts.getscheme(), parts.authority, parts.fragment) == ("mailto", None, None)
    addresses = [uridecode(each) for each in parts.path.split(",")] if parts.path else []
    pairs = [each.partition("=")[::2] for each in parts.query.split("&")] if parts.query else []
    fields = {name: uridecode(value) for name, value in pairs}
    assert len(fields) == len(pairs), "a field is there once"
    mail = EmailMessage(policy=SMTP)
    mail["To"] = ", ".join(addresses)
    mail["Subject"] = fields.get("subject", "")
    assert not mail["To"].defects
    assert [each.addr_spec for each in mail["To"].addresses] == addresses
    assert "\n" not in fields.get("body", "").replace("\r\n", ""), "lines end with CRLF"
    return addresses, fields


def mail_links(html: str) -> list[str]:
    page = lxml.html.document_fromstring(html)
    return [str(link) for link in page.xpath("//a/@href[starts-with(., 'mailto:')]")]


@only_sqlite
def test_mail_links_of_all_pages_can_be_read(client: CheckingClient, loaded: Loaded) -> None:
    for address in (
        "/about",
        "/privacy",
        "/accessibility",
        f"/petitions/{PAST}/letters?country=FI",
    ):
        links = mail_links(client.get(address).text)
        assert links, address
        for link in links:
            [to], fields = read(link)
            assert to.endswith("@lantern.example")
            assert not fields
    for lang in interface_languages():
        [link] = mail_links(client.get(f"/petitions/{OPEN}/share?lang={lang}").text)
        addresses, fields = read(link)
        assert addresses == []
        assert fields["subject"]
        title, _, url = fields["body"].partition("\r\n\r\n")
        assert title == fields["subject"]
        assert f"/petitions/{OPEN}" in url


@pytest.fixture
def real(client: CheckingClient, database: SQLAlchemy, loaded: Loaded, site: Site) -> None:
    """The same data on a site that is no demonstration."""
    database.session.execute(select(Organisation)).scalar_one().demonstration = False
    assert not site.demonstration
    database.session.commit()


@only_sqlite
def test_mail_link_of_a_letter_holds_what_was_typed(client: CheckingClient, real: None) -> None:
    links = mail_links(client.post(LETTER, data=TYPED).text)
    [addresses, fields] = read(next(link for link in links if "subject=" in link))
    assert addresses == ["mvd@mvd.uz", "info@mvd.uz"]
    assert fields == {
        "subject": TYPED["subject"],
        "body": TYPED["letter"] + "\r\n\r\nYlfa Brandsdóttir",
    }


@only_sqlite
def test_letter_too_long_for_a_link_still_has_one_with_its_subject(
    client: CheckingClient, real: None
) -> None:
    answer = client.post(LETTER, data=TYPED | {"letter": "Слово " * 300}).text
    [addresses, fields] = read(next(link for link in mail_links(answer) if "subject=" in link))
    assert addresses == ["mvd@mvd.uz", "info@mvd.uz"]
    assert fields == {"subject": TYPED["subject"]}
    assert answer.index("Copy the text first") < answer.index("mailto:mvd")
