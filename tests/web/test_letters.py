"""Letters in a signer's own words: chosen, edited, printed, copied, mailed, and told of."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import lxml.html
import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from petitions.documents import appeal_press
from petitions.models import (
    Addressee,
    AfterDeadline,
    Appeal,
    LetterLanguage,
    Official,
    OfficialContact,
    OfficialText,
    Organisation,
    Petition,
    PetitionState,
)
from tests.pages import CheckingClient
from tests.web.conftest import OPEN, PAST, Loaded, only_sqlite, take_away

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

MINISTER = "uz-interior-minister"
CHAIRMAN = "ru-investigation-committee-chairman"
AGENCY = "ru-border-agency-director"
LETTERS = f"/petitions/{PAST}/letters"
TYPED = {
    "language": "en",
    "subject": "Where is Yusup?",
    "letter": "Dear Minister,\r\n\r\nwhere is he & how is he?\r\n\r\nYours, 100% sincerely",
    "sender_name": "Ylfa Brandsdóttir",
    "sender_lines": "Hafnarstræti 5\r\n600 Akureyri",
    "paper": "a4",
    "action": "text",
}
SECRETS = ("Ylfa", "Hafnarstr", "how is he")


@pytest.fixture
def real(database: SQLAlchemy, loaded: Loaded) -> Loaded:
    """The same cases on a site that is no demonstration."""
    database.session.get_one(Organisation, 1).demonstration = False
    database.session.commit()
    return loaded


def parsed(answer: TestResponse) -> Any:
    return lxml.html.document_fromstring(answer.text)


def words_of(answer: TestResponse) -> str:
    return " ".join(parsed(answer).text_content().split())


def send(client: CheckingClient, official: str = MINISTER, **changes: str) -> TestResponse:
    return client.post(f"{LETTERS}/{official}", data={**TYPED, **changes})


def change(database: SQLAlchemy, slug: str = PAST, **values: Any) -> Petition:
    row = database.session.execute(select(Petition).where(Petition.slug == slug)).scalar_one()
    for name, value in values.items():
        setattr(row, name, value)
    database.session.commit()
    return row


def official(database: SQLAlchemy, slug: str = MINISTER) -> Official:
    return database.session.execute(select(Official).where(Official.slug == slug)).scalar_one()


def appeals(database: SQLAlchemy) -> list[Appeal]:
    return list(database.session.execute(select(Appeal).order_by(Appeal.id)).scalars())


# Choosing whom to write to.


def test_petition_leads_to_its_letters(client: CheckingClient, loaded: Loaded) -> None:
    assert LETTERS in parsed(client.get(f"/petitions/{PAST}")).xpath("//a/@href")
    assert LETTERS in parsed(client.get(f"/petitions/{PAST}/thank-you")).xpath("//a/@href")


def test_all_named_officials_can_be_chosen(client: CheckingClient, loaded: Loaded) -> None:
    page = parsed(client.get(LETTERS))
    assert page.xpath("//section[@aria-labelledby='officials']//a/@href") == [
        f"{LETTERS}/{slug}" for slug in (CHAIRMAN, MINISTER, AGENCY)
    ]


def test_embassies_are_those_of_the_country_that_is_chosen(
    client: CheckingClient, loaded: Loaded
) -> None:
    links = "//section[@aria-labelledby='embassies']//a/@href"
    assert parsed(client.get(LETTERS)).xpath(links) == []
    found = parsed(client.get(f"{LETTERS}?country=de")).xpath(links)
    assert found == [f"{LETTERS}/ru-embassy-berlin", f"{LETTERS}/uz-embassy-berlin"]
    assert client.get(found[0]).status_code == 200
    assert parsed(client.get(f"{LETTERS}?country=nowhere")).xpath(links) == []


def test_where_there_is_no_embassy_it_says_so_and_what_to_do(
    client: CheckingClient, loaded: Loaded
) -> None:
    words = words_of(client.get(f"{LETTERS}?country=IS"))
    assert "Russia, in Iceland There is none that we know of." in words
    assert "Write to one of the officials above instead" in words
    assert words.count("Example Lantern, section office") == 1
    assert "In the country itself there is no embassy." in words_of(
        client.get(f"{LETTERS}?country=UZ")
    )


def test_petition_without_the_rule_asks_for_no_country(
    client: CheckingClient, loaded: Loaded
) -> None:
    page = parsed(client.get(f"/petitions/{OPEN}/letters"))
    assert not page.xpath("//select")


@only_sqlite
@pytest.mark.parametrize("slug", ["nobody", "fr-embassy-berlin", "..", "%00"])
def test_official_who_is_none_of_the_petition_s_is_not_found(
    client: CheckingClient, loaded: Loaded, slug: str
) -> None:
    assert client.get(f"{LETTERS}/{slug}").status_code == 404
    assert client.get(f"/petitions/{OPEN}/letters/{MINISTER}").status_code == 404
    assert client.post(f"{LETTERS}/nobody", data=TYPED).status_code == 404


def test_official_taken_off_gets_no_letters(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, now: datetime
) -> None:
    query = select(Addressee).where(Addressee.official_id == official(database).id)
    database.session.execute(query).scalar_one().removed_at = now
    assert f"{LETTERS}/{MINISTER}" not in client.get(LETTERS).text
    assert client.get(f"{LETTERS}/{MINISTER}").status_code == 404


# The letter to begin with.


def test_letter_begins_with_the_official_s_salutation_and_asks_what_concerns_them(
    client: CheckingClient, loaded: Loaded
) -> None:
    [letter] = parsed(client.get(f"{LETTERS}/{MINISTER}")).xpath(
        "//textarea[@name='letter']/text()"
    )
    paragraphs = letter.strip().split("\n\n")
    assert paragraphs[0] == "Dear Minister"
    assert paragraphs[-1] == "Yours sincerely,"
    assert "I urge you to establish where Yusup Kasymakhunov is" in letter
    assert "honour what international human rights law demands of Russia" not in letter


def test_letter_in_the_official_s_language_carries_it_with_the_meaning_beside_it(
    client: CheckingClient, loaded: Loaded
) -> None:
    page = parsed(client.get(f"{LETTERS}/{MINISTER}?language=ru"))
    [field] = page.xpath("//textarea[@name='letter']")
    assert field.get("lang") == "ru"
    assert field.text.strip().startswith("Уважаемый господин министр!")
    assert page.xpath("//input[@name='language']/@value") == ["ru"]
    words = " ".join(page.text_content().split())
    assert "What the letter says: English" in words
    assert "I urge you to establish where Yusup Kasymakhunov is" in words


def test_languages_are_those_of_the_organiser_and_one_s_own(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    def offered() -> list[str]:
        page = parsed(client.get(f"{LETTERS}/{CHAIRMAN}"))
        return [li.text_content().strip() for li in page.xpath("//main//nav//li")]

    assert offered() == [
        "Russian – this office prefers it",
        "Arabic",
        "English",
        "Spanish",
        "French",
        "Uzbek",
        "Another language of your own",
    ]
    petition = change(database)
    database.session.delete(database.session.get_one(LetterLanguage, (petition.id, "own")))
    assert offered() == ["Russian – this office prefers it"]


def test_reader_in_another_language_begins_in_the_one_that_the_petition_is_read_in(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    take_away(database, "ar")
    page = parsed(client.get(f"{LETTERS}/{MINISTER}?lang=ar"))
    [field] = page.xpath("//textarea[@name='letter']")
    assert field.get("lang") == "en", "the minister prefers Russian, which this reader cannot check"


def test_letter_in_one_s_own_language_is_empty_with_the_points_beside_it(
    client: CheckingClient, loaded: Loaded
) -> None:
    answer = client.get(f"{LETTERS}/{MINISTER}?language=own")
    page = parsed(answer)
    [field] = page.xpath("//textarea[@name='letter']")
    assert (field.text or "").strip() == ""
    assert field.get("dir") == "auto"
    words = words_of(answer)
    for expected in ("I urge you to establish", "disappeared from a flat", "Dear Minister"):
        assert expected in words
    assert page.xpath("//dd[@lang='ru']/text()") == ["Уважаемый господин министр!"]


def test_form_of_address_is_shown_in_the_language_of_the_letter(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    row = database.session.get_one(OfficialText, (official(database).id, "en"))
    row.form_of_address = "Your Honour"
    assert "Your Honour" in words_of(client.get(f"{LETTERS}/{MINISTER}"))
    assert "Your Honour" not in words_of(client.get(f"{LETTERS}/{MINISTER}?language=ru"))


def test_arabic_letter_stands_from_the_right_in_an_english_page(
    client: CheckingClient, loaded: Loaded
) -> None:
    page = parsed(client.get(f"{LETTERS}/{MINISTER}?language=ar"))
    assert page.get("dir") == "ltr"
    [field] = page.xpath("//textarea[@name='letter']")
    assert (field.get("lang"), field.get("dir")) == ("ar", "auto")
    assert "أحثّكم على" in field.text
    assert "معالي الوزير،" in field.text
    pdf = send(client, language="ar", letter="سعادة الوزير،", action="pdf")
    root: Any = PdfReader(io.BytesIO(pdf.data)).trailer["/Root"]
    assert root["/Lang"] == "ar"


# What comes of it.


def test_text_is_given_back_to_copy_and_nothing_is_stored(
    client: CheckingClient,
    loaded: Loaded,
    counted: Callable[[], dict[str, int]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    rows = counted()
    with caplog.at_level(logging.DEBUG):
        answer = send(client)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    page = parsed(answer)
    [text] = page.xpath("//textarea[@id='ready-text']/text()")
    assert text.strip() == (
        "Dear Minister,\n\nwhere is he & how is he?\n\nYours, 100% sincerely\n\n"
        "Ylfa Brandsdóttir\nHafnarstræti 5\n600 Akureyri"
    )
    assert page.xpath("//input[@id='ready-subject']/@value") == ["Where is Yusup?"]
    [field] = page.xpath("//textarea[@name='letter']")
    assert "how is he" in field.text, "it can be changed once more"
    assert counted() == rows
    assert not any(secret in caplog.text for secret in SECRETS)
    links = page.xpath("//@href | //@action")
    assert not any(secret in unquote(link) for link in links for secret in SECRETS)


def test_pdf_holds_the_letter_and_its_writer(
    client: CheckingClient, real: Loaded, counted: Callable[[], dict[str, int]]
) -> None:
    rows = counted()
    answer = send(client, action="pdf", cover="yes")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="letter.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages]
    assert len(pages) == 2
    assert "+ 998 71 233 89 34" in pages[0]
    for expected in ("how is he?", "Ylfa Brandsdóttir", "600 Akureyri", "Tashkent 100029"):
        assert expected in pages[1]
    assert "Demonstration" not in pages[1]
    assert counted() == rows


def test_pdf_on_the_paper_that_was_chosen(client: CheckingClient, loaded: Loaded) -> None:
    def size(paper: str) -> tuple[int, int]:
        answer = send(client, action="pdf", paper=paper)
        box = PdfReader(io.BytesIO(answer.data)).pages[0].mediabox
        return round(box.width), round(box.height)

    assert size("us-letter") == (612, 792)
    assert size("a4") == size("something else") == (595, 842)


def test_demonstration_mails_nobody_and_says_why(client: CheckingClient, loaded: Loaded) -> None:
    for answer in (client.get(f"{LETTERS}/{MINISTER}"), send(client)):
        assert "mailto:mvd" not in answer.text
        assert "mvd@mvd.uz" not in answer.text
        assert "no mail program is opened" in words_of(answer)
        assert "Tashkent 100029" in words_of(answer)
        assert "+ 998 71 233 89 34" in words_of(answer)
    pdf = send(client, action="pdf")
    assert "Demonstration" in PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text()


def test_mail_link_opens_with_everything_in_it(client: CheckingClient, real: Loaded) -> None:
    answer = send(client)
    [link] = parsed(answer).xpath("//a[starts-with(@href, 'mailto:mvd')]/@href")
    parts = urlsplit(link)
    assert parts.path == "mvd@mvd.uz,info@mvd.uz"
    fields = dict(part.split("=", 1) for part in parts.query.split("&"))
    assert set(fields) == {"subject", "body"}
    assert unquote(fields["subject"]) == "Where is Yusup?"
    assert "%0D%0A%0D%0Awhere%20is%20he%20%26%20how" in fields["body"]
    assert "+" not in fields["body"]
    assert unquote(fields["body"]).endswith("Ylfa Brandsdóttir\r\nHafnarstræti 5\r\n600 Akureyri")
    assert "The official will see your e-mail address" in words_of(answer)


def test_letter_too_long_for_mail_programs_is_to_be_copied_first(
    client: CheckingClient, real: Loaded
) -> None:
    answer = send(client, letter="Слово " * 60)  # each letter becomes six characters
    [link] = parsed(answer).xpath("//a[starts-with(@href, 'mailto:mvd')]/@href")
    assert "body=" not in link
    words = words_of(answer)
    assert "Copy the text first" in words
    assert "mvd@mvd.uz" in words


def test_address_in_an_odd_form_breaks_no_link(
    client: CheckingClient, database: SQLAlchemy, real: Loaded
) -> None:
    row = official(database)
    for position, value in enumerate(["a&b=c?d@mvd.example", "no address", "m@x.example?bcc=y@z"]):
        database.session.add(
            OfficialContact(official_id=row.id, kind="email", position=position + 10, value=value)
        )
    [link] = parsed(send(client)).xpath("//a[starts-with(@href, 'mailto:mvd')]/@href")
    assert urlsplit(link).path == "mvd@mvd.uz,info@mvd.uz,a%26b%3Dc%3Fd@mvd.example"


def test_official_without_an_address_has_no_mail_link(client: CheckingClient, real: Loaded) -> None:
    answer = send(client, CHAIRMAN)
    assert answer.status_code == 200
    assert not parsed(answer).xpath("//section//a[starts-with(@href, 'mailto:')]")


@pytest.mark.parametrize("action", ["text", "pdf"])
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": " "}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"letter": "\r\n \x00"}, "letter"),
        ({"letter": "x" * 8001}, "letter"),
        ({"letter": "x\n" * 401 + "x"}, "letter"),
        ({"sender_name": "x" * 121}, "sender_name"),
        ({"sender_lines": "x\n" * 7 + "x"}, "sender_lines"),
    ],
)
@only_sqlite
def test_refused_letter_keeps_everything_typed(
    client: CheckingClient, loaded: Loaded, changes: dict[str, str], field: str, action: str
) -> None:
    answer = send(client, paper="us-letter", cover="yes", action=action, **changes)
    assert answer.status_code == 422
    page = parsed(answer)
    assert page.xpath("//*[@class='error-summary']//a/@href") == [f"#{field}"]
    assert page.xpath(f"//*[@id='{field}']/@aria-invalid") == ["true"]
    kept = dict(page.xpath("//main//form")[0].form_values())
    expected = {**TYPED, "paper": "us-letter", "cover": "yes", **changes}
    for name in ("subject", "letter", "sender_name", "sender_lines"):
        typed = expected[name].replace("\r\n", "\n").replace("\x00", "").strip()
        assert kept[name].replace("\r\n", "\n").strip() == typed
    assert (kept["paper"], kept["cover"], kept["language"]) == ("us-letter", "yes", "en")


def test_subject_cannot_bring_further_headers(client: CheckingClient, real: Loaded) -> None:
    answer = send(client, subject="Hello\r\nBcc: x@example.org")
    [link] = parsed(answer).xpath("//a[starts-with(@href, 'mailto:mvd')]/@href")
    assert "subject=Hello%20Bcc%3A%20x%40example.org&" in link


def test_characters_that_cannot_be_printed_are_named_beside_their_field(
    client: CheckingClient, loaded: Loaded
) -> None:
    answer = send(client, sender_name="Ylfa \U000f0000", action="pdf")
    assert answer.status_code == 422
    page = parsed(answer)
    assert page.xpath("//*[@class='error-summary']//a/@href") == ["#sender_name"]
    assert "\U000f0000" in answer.text
    assert "how is he" in page.xpath("//textarea[@name='letter']")[0].text


def test_press_that_is_busy_gives_everything_back(
    client: CheckingClient, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appeal_press, "_WAITS_FOR", 0.01)
    for _ in range(appeal_press.AT_ONCE):
        assert appeal_press._presses.acquire(blocking=False)
    try:
        answer = send(client, action="pdf")
    finally:
        for _ in range(appeal_press.AT_ONCE):
            appeal_press._presses.release()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "how is he" in parsed(answer).xpath("//textarea[@name='letter']")[0].text
    assert "The PDF is not made yet" in words_of(answer)


@only_sqlite
def test_too_many_letters_from_one_network_wait_with_all_they_typed(
    client: CheckingClient, loaded: Loaded
) -> None:
    answers = [send(client).status_code for _ in range(30)]
    assert set(answers) == {200}
    late = send(client)
    assert late.status_code == 429
    assert 0 < int(late.headers["Retry-After"]) <= 61
    assert "how is he" in parsed(late).xpath("//textarea[@name='letter']")[0].text
    assert send(client, "nobody").status_code == 429
    assert client.get(f"{LETTERS}/{MINISTER}").status_code == 200


@only_sqlite
def test_letter_that_meets_a_database_out_of_order_can_be_sent_again(
    client: CheckingClient, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("database is locked"))

    with monkeypatch.context() as broken:
        broken.setattr("petitions.web.public.letters.public_petition", locked)
        answer = send(client, action="pdf")
    assert answer.status_code == 503
    kept = dict(parsed(answer).xpath("//main//form")[0].form_values())
    assert {name: value.replace("\r\n", "\n") for name, value in kept.items()} == {
        name: value.replace("\r\n", "\n") for name, value in {**TYPED, "action": "pdf"}.items()
    }
    assert client.post(f"{LETTERS}/{MINISTER}", data=kept).mimetype == "application/pdf"


@only_sqlite
def test_foreign_pages_can_neither_print_nor_report(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    foreign = {"Origin": "https://elsewhere.example"}
    for path, data in ((MINISTER, TYPED), (f"{MINISTER}/sent", {"channel": "post"})):
        assert client.post(f"{LETTERS}/{path}", data=data, headers=foreign).status_code == 403
    assert appeals(database) == []


# Telling of it.


def tell(client: CheckingClient, **changes: str) -> TestResponse:
    data = {"channel": "post", "language": "ru", **changes}
    return client.post(f"{LETTERS}/{MINISTER}/sent", data=data)


def test_letter_that_was_sent_is_counted_as_reported(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, frozen_time: Any
) -> None:
    frozen_time.move_to(datetime(2026, 3, 14, 22, 30, tzinfo=UTC))
    answer = tell(client)
    assert (answer.status_code, answer.location) == (303, f"{LETTERS}/thank-you")
    [row] = appeals(database)
    assert (row.petition_id, row.official_id) == (change(database).id, official(database).id)
    assert (row.channel, row.language, row.reported_on) == ("post", "ru", date(2026, 3, 15))
    assert "1 letter was reported as sent." in words_of(client.get(answer.location))
    assert "1 letter reported as sent" in words_of(client.get(f"/petitions/{PAST}"))
    numbers: list[Any] = [client.get(f"/api/v1/petitions/{slug}").json for slug in (PAST, OPEN)]
    assert [one["numbers"]["appeals"] for one in numbers] == [1, 0]
    assert numbers[0]["numbers"]["confirmed"] == 0, "counted apart"


def test_report_sent_twice_counts_once_and_another_one_counts(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, frozen_time: Any
) -> None:
    assert [tell(client).location for _ in range(3)] == [f"{LETTERS}/thank-you"] * 3
    assert len(appeals(database)) == 1
    tell(client, channel="fax")
    assert len(appeals(database)) == 2
    frozen_time.shift(16)
    tell(client)
    assert len(appeals(database)) == 3


def test_report_without_a_way_is_asked_for_it_and_then_counts(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    for wrong in ("", "pigeon"):
        answer = tell(client, channel=wrong)
        assert answer.status_code == 422
        assert parsed(answer).xpath("//input[@name='language']/@value") == ["ru"]
    assert appeals(database) == []
    assert tell(client).status_code == 303
    assert len(appeals(database)) == 1


def test_looking_at_the_page_reports_nothing(
    client: CheckingClient, loaded: Loaded, counted: Callable[[], dict[str, int]]
) -> None:
    rows = counted()
    for path in ("", f"/{MINISTER}", f"/{MINISTER}/sent?language=ru", "/thank-you"):
        answer = client.get(LETTERS + path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, no-cache"
        assert "Set-Cookie" not in answer.headers
    assert counted() == rows


@only_sqlite
def test_reports_are_limited(client: CheckingClient, database: SQLAlchemy, loaded: Loaded) -> None:
    answers = [tell(client, channel="").status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]


def test_report_in_no_language_of_the_letter_gets_that_of_the_page(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded
) -> None:
    tell(client, language="<script>")
    assert [row.language for row in appeals(database)] == ["en"]


# When letters are not asked for.


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"state": PetitionState.PAUSED}, "The petition is paused"),
        ({"state": PetitionState.CLOSED}, "Thank you to everybody who wrote."),
        ({"state": PetitionState.ARCHIVED}, "kept for the record"),
        ({"after_deadline": AfterDeadline.CLOSE}, "No letters are asked for any more"),
        (
            {"state": PetitionState.STOPPED, "stop_reason": "He is free."},
            "Please take no further action",
        ),
    ],
)
def test_no_letters_are_offered_or_taken(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, values: dict[str, Any], says: str
) -> None:
    change(database, **values)
    for path in ("", f"/{MINISTER}", f"/{MINISTER}/sent"):
        answer = client.get(LETTERS + path)
        assert answer.status_code == 200
        assert says in words_of(answer)
        assert values.get("stop_reason", says) in words_of(answer)
        assert not parsed(answer).xpath("//form | //textarea")
    for action in ("text", "pdf"):
        answer = send(client, action=action)
        assert answer.status_code == 409
        assert "No letters are asked for now" in words_of(answer)
    assert tell(client).status_code == 409
    assert appeals(database) == []
    assert LETTERS not in client.get(f"/petitions/{PAST}").text
    assert "Write to another addressee" not in client.get(f"{LETTERS}/thank-you").text


@pytest.mark.parametrize(
    ("rule", "says"),
    [(AfterDeadline.ASK_FIRST, "Please ask first"), (AfterDeadline.MARK_LATE, "yours comes late")],
)
def test_after_the_last_day_letters_follow_the_petition_s_rule(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, rule: AfterDeadline, says: str
) -> None:
    change(database, after_deadline=rule)
    for path in (LETTERS, f"{LETTERS}/{MINISTER}"):
        assert says in words_of(client.get(path))
    shown = "Example Lantern, section office" in words_of(client.get(LETTERS))
    assert shown is (rule is AfterDeadline.ASK_FIRST)


def test_before_the_last_day_it_is_named(
    client: CheckingClient, loaded: Loaded, frozen_time: Any
) -> None:
    frozen_time.move_to(datetime(2013, 1, 27, 19, 59, tzinfo=UTC))
    words = words_of(client.get(LETTERS))
    assert "Letters are asked for until 27 January 2013 (Moscow time)." in words
    assert "Please ask first" not in words


def test_hidden_case_answers_410_everywhere(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, now: datetime
) -> None:
    from petitions.models import Case

    row = database.session.execute(select(Case).where(Case.slug == PAST)).scalar_one()
    row.hidden_at, row.hidden_reason = now, "the family asked"
    for path in ("", f"/{MINISTER}", f"/{MINISTER}/sent", "/thank-you"):
        assert client.get(LETTERS + path).status_code == 410
    assert send(client).status_code == 410
    assert send(client, action="pdf").status_code == 410
    assert tell(client).status_code == 410


# All pages.


@only_sqlite
def test_pages_weigh_under_50_kb_in_every_language(
    client: CheckingClient, app: Flask, loaded: Loaded
) -> None:
    static = Path(app.static_folder or "")
    loaded_too = sum((static / name).stat().st_size for name in ("site.css", "favicon.svg"))
    pages = {
        (path, lang): client.get(f"{LETTERS}{path}{'&' if '?' in path else '?'}lang={lang}")
        for path in (
            "",
            "?country=IS",
            f"/{MINISTER}",
            f"/{CHAIRMAN}?language=ru",
            f"/{MINISTER}/sent",
        )
        for lang in ("en", "ru", "ar")
    }
    pages[("ready", "ru")] = client.post(
        f"{LETTERS}/{CHAIRMAN}?lang=ru", data={**TYPED, "language": "ru", "letter": "Слово " * 500}
    )
    for which, answer in pages.items():
        assert answer.status_code == 200, which
        scripts = [each.partition("?")[0] for each in parsed(answer).xpath("//script/@src")]
        assert scripts == (["/static/js/copy.js"] if which[0] == "ready" else []), which
        weight = sum((static / name.removeprefix("/static/")).stat().st_size for name in scripts)
        assert len(answer.data) + loaded_too + weight < 50_000, which


def test_language_of_the_page_stays_through_the_letter(
    client: CheckingClient, loaded: Loaded
) -> None:
    page = parsed(client.get(f"{LETTERS}/{MINISTER}?lang=ru"))
    assert page.get("lang") == "ru"
    [form] = page.xpath("//main//form/@action")
    assert form == f"{LETTERS}/{MINISTER}?lang=ru#ready"
    answer = client.post(form, data=TYPED)
    assert parsed(answer).get("lang") == "ru"
