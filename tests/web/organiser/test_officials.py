"""Officials in the console: copied from paper, found, changed by two, deleted where unused."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from flask import Flask
from sqlalchemy import func, select

from petitions.domain import audit
from petitions.domain.official_facts import facts_of, words_of
from petitions.domain.official_lists import texts_of
from petitions.models import Official, OfficialKind, Role
from tests.domain.cast import publish
from tests.web.organiser.conftest import OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SignedIn = Callable[..., OrganisersClient]
INDEX = "/organiser/officials/"
NEW = "/organiser/officials/new"
SHEET = "/organiser/officials/sheet"
PAPER = {
    "kind": "office",
    "represents": "",
    "accredited_here": "y",
    "postal_lines": "Ul. Yunus Rajabiy 1\r\nTashkent 100029\r\nUzbekistan",
    "country": "UZ",
    "source_language": "en",
    "office": "Minister of Internal Affairs",
    "name": "Adkham Akhmadbaev",
    "organisation": "Ministry of Internal Affairs",
    "salutation": "Dear Minister",
    "form_of_address": "Minister",
    "emails": "info@mvd.example.org\r\nsecond@mvd.example.org\r\n",
    "faxes": "+998 71 233 89 34 (say “fax”)",
    "phones": "",
    "pages": "www.mvd.example.org",
    "preferred_language": "ru",
    "submission_notes": "Mornings only.",
    "checked_on": "2026-03-01",
    "slug": "",
}
EMBASSY = {
    **PAPER,
    "kind": "embassy",
    "represents": "UZ",
    "country": "DE",
    "office": "Ambassador in Berlin",
    "name": "",
    "organisation": "",
    "accredited": "Austria\r\nch",
    "emails": "",
}


@pytest.fixture
def campaigner(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.CAMPAIGNER, name="Kim")


def add(client: OrganisersClient, **typed: str) -> Any:
    return client.post_form(NEW, {**PAPER, **typed})


def the_official(database: SQLAlchemy) -> Official:
    newest = select(Official).order_by(Official.id.desc()).limit(1)
    return database.session.execute(newest).scalar_one()


def count(database: SQLAlchemy) -> int:
    return database.session.execute(select(func.count(Official.id))).scalar_one()


def typed_in(html: str, action: str) -> dict[str, str]:
    """What the form with this address would send if its button were pressed."""
    page = lxml.html.document_fromstring(html)
    form = next(f for f in page.forms if (f.get("action") or "").startswith(action))
    # A browser drops the line end right after <textarea>.
    typed = {name: (value or "").removeprefix("\n") for name, value in form.form_values()}
    return {name: value for name, value in typed.items() if name != "csrf_token"}


def test_empty_list_teaches_what_to_do(campaigner: OrganisersClient) -> None:
    page = campaigner.get(INDEX)
    assert "No officials yet" in page.text
    assert f'href="{NEW}"' in page.text


def test_official_is_copied_from_paper(campaigner: OrganisersClient, database: SQLAlchemy) -> None:
    assert campaigner.get(NEW).status_code == 200
    answer = add(campaigner)
    made = the_official(database)
    assert answer.status_code == 303
    assert answer.location.endswith(f"/organiser/officials/{made.id}")

    facts, words = facts_of(made), words_of(texts_of(made.id)["en"])
    assert facts.postal_lines == "Ul. Yunus Rajabiy 1\nTashkent 100029\nUzbekistan"
    assert facts.emails == ("info@mvd.example.org", "second@mvd.example.org")
    assert facts.faxes == ("+998 71 233 89 34 (say “fax”)",)
    assert facts.accredited == ()
    assert facts.slug == "minister-of-internal-affairs-uzbekistan"
    assert words.salutation == "Dear Minister"

    page = campaigner.get(answer.location)
    for shown in ("Adkham Akhmadbaev", "say “fax”", "Mornings only.", "1 March 2026", "Kim"):
        assert shown in page.text


def test_what_is_wrong_is_told_beside_its_field_and_nothing_typed_is_lost(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    wrong = {**PAPER, "office": "", "checked_on": "last week", "accredited": "Atlantis"}
    answer = campaigner.post_form(NEW, wrong)
    assert answer.status_code == 422
    for told in ("Write the office", "This is no day", "No country is called “Atlantis”"):
        assert told in answer.text
    typed = typed_in(answer.text, NEW)
    assert typed["salutation"] == "Dear Minister"
    assert typed["checked_on"] == "last week"
    assert typed["accredited"] == "Atlantis"
    assert count(database) == 0


def test_rules_of_the_domain_are_told_beside_the_field(campaigner: OrganisersClient) -> None:
    answer = add(campaigner, emails="info at mvd")
    assert answer.status_code == 422
    assert "does not read like an e-mail address" in answer.text
    assert 'href="#emails"' in answer.text


def test_embassy_is_responsible_for_its_country_and_those_named(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    assert campaigner.post_form(NEW, EMBASSY).status_code == 303
    facts = facts_of(the_official(database))
    assert facts.kind is OfficialKind.EMBASSY
    assert facts.accredited == ("AT", "CH", "DE")

    index = campaigner.get(INDEX).text
    assert "Embassies: Uzbekistan" in index
    edit = campaigner.get(f"/organiser/officials/{the_official(database).id}/edit").text
    assert typed_in(edit, "/organiser/officials/")["accredited"] == "Austria\nSwitzerland"


def test_several_embassies_are_entered_one_after_the_other(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    answer = campaigner.post_form(NEW, {**EMBASSY, "action": "another"})
    assert answer.status_code == 303
    page = campaigner.get(answer.location)
    typed = typed_in(page.text, NEW)
    assert (typed["kind"], typed["represents"]) == ("embassy", "UZ")
    assert typed["salutation"] == "Dear Minister"
    assert (typed["office"], typed["postal_lines"], typed["country"]) == ("", "", "")
    assert "Ambassador in Berlin is saved." in page.text


def test_new_official_leads_back_to_where_one_came_from(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    back = "/organiser/petitions/5/addressees?part=to"
    page = campaigner.get(NEW, query_string={"next": back})
    assert typed_in(page.text, NEW)["next"] == back
    answer = add(campaigner, next=back)
    assert answer.location == f"{back}&added={the_official(database).id}"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/organiser/",
        "//evil.example/organiser/",
        "/organiser/\\evil.example",
        "/organiser//evil.example",
        "/organiser/../login",
        "/organiser/%2e%2e/login",
        "/petitions/x",
        "javascript:alert(1)",
    ],
)
def test_new_official_leads_nowhere_else(
    campaigner: OrganisersClient, database: SQLAlchemy, elsewhere: str
) -> None:
    answer = add(campaigner, next=elsewhere)
    assert answer.location == f"/organiser/officials/{the_official(database).id}"


def test_similar_official_is_shown_before_saving(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    add(campaigner)
    first = the_official(database).id
    answer = add(campaigner, office="Deputy minister")
    assert answer.status_code == 422
    assert f'href="/organiser/officials/{first}"' in answer.text
    assert "the same e-mail address" in answer.text
    assert count(database) == 1
    assert add(campaigner, office="Deputy minister", knowing="y").status_code == 303
    assert count(database) == 2


def test_list_is_searched(campaigner: OrganisersClient) -> None:
    add(campaigner)
    campaigner.post_form(NEW, EMBASSY)
    assert "Ambassador in Berlin" in campaigner.get(INDEX).text
    assert "Ambassador in Berlin" not in campaigner.get(INDEX + "?q=akhmadbaev").text
    assert "Ambassador in Berlin" in campaigner.get(INDEX + "?kind=embassy&country=UZ").text
    assert "No official fits" in campaigner.get(INDEX + "?q=nobody").text


def test_not_checked_for_a_year_is_shown(campaigner: OrganisersClient) -> None:
    add(campaigner, checked_on="2020-01-01")
    assert "not checked for a year" in campaigner.get(INDEX).text
    add(campaigner, office="Another", emails="", checked_on="")
    assert "never checked" in campaigner.get(INDEX).text


def test_checked_today_is_one_button(
    frozen_time: object, now: datetime, campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    add(campaigner)
    official = the_official(database)
    address = f"/organiser/officials/{official.id}/checked"
    assert campaigner.post_form(address).status_code == 303
    assert the_official(database).checked_on == now.date()


def test_those_that_were_ticked_in_the_list_are_checked_at_once(
    frozen_time: object, now: datetime, campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    for office in ("One", "Two", "Three"):
        add(campaigner, office=office, emails="", checked_on="2020-01-01", knowing="y")
    ids = list(database.session.execute(select(Official.id).order_by(Official.id)).scalars())
    database.session.rollback()
    page = campaigner.get(f"{INDEX}?q=o&oldest=y").text
    assert page.count('name="official"') == 3
    sent = {"official": [str(ids[0]), str(ids[1])], "q": "o", "oldest": "y"}
    answer = campaigner.post_form(f"{INDEX}checked", sent)
    assert answer.location == f"{INDEX}?q=o&oldest=y"
    checked = select(Official.id, Official.checked_on).order_by(Official.id)
    days = [row.checked_on for row in database.session.execute(checked)]
    assert days == [now.date(), now.date(), date(2020, 1, 1)]
    told = campaigner.post_form(f"{INDEX}checked", follow_redirects=True).text
    assert "Tick those that you have checked first" in told


def test_facts_are_changed(campaigner: OrganisersClient, database: SQLAlchemy) -> None:
    add(campaigner)
    address = f"/organiser/officials/{the_official(database).id}/edit"
    typed = typed_in(campaigner.get(address).text, address)
    answer = campaigner.post_form(address, {**typed, "postal_lines": "Tashkent"})
    assert answer.status_code == 303
    facts = facts_of(the_official(database))
    assert facts.postal_lines == "Tashkent"
    assert facts.emails == ("info@mvd.example.org", "second@mvd.example.org")


def test_two_who_change_facts_are_told_of_each_other(
    campaigner: OrganisersClient, signed_in: SignedIn, database: SQLAlchemy
) -> None:
    add(campaigner)
    other = signed_in(Role.CAMPAIGNER, name="Robin")
    address = f"/organiser/officials/{the_official(database).id}/edit"
    mine = typed_in(campaigner.get(address).text, address)
    theirs = typed_in(other.get(address).text, address)
    other.post_form(address, {**theirs, "postal_lines": "Their street", "country": "KZ"})

    answer = campaigner.post_form(address, {**mine, "postal_lines": "My street"})
    assert answer.status_code == 409
    assert "Robin" in answer.text
    assert "Their street" in answer.text
    assert '<dd dir="auto">Kazakhstan</dd>' in answer.text
    again = typed_in(answer.text, address)
    assert again["postal_lines"] == "My street"
    assert facts_of(the_official(database)).postal_lines == "Their street"
    assert campaigner.post_form(address, again).status_code == 303
    assert facts_of(the_official(database)).postal_lines == "My street"


def test_translator_writes_a_salutation_beside_the_paper(
    campaigner: OrganisersClient, signed_in: SignedIn, database: SQLAlchemy
) -> None:
    add(campaigner)
    official_id = the_official(database).id
    translator = signed_in(Role.TRANSLATOR)
    chosen = translator.get(f"/organiser/officials/{official_id}/text?language=ru")
    assert chosen.location == f"/organiser/officials/{official_id}/text/ru"
    page = translator.get(chosen.location)
    assert "English: Dear Minister" in page.text
    typed = typed_in(page.text, chosen.location)
    russian = {**typed, "office": "Министр", "salutation": "Уважаемый господин министр!"}
    assert translator.post_form(chosen.location, russian).status_code == 303
    assert words_of(texts_of(official_id)["ru"]).salutation == "Уважаемый господин министр!"
    assert "Уважаемый господин министр!" in translator.get(f"{INDEX}{official_id}").text

    removed = translator.post_form(f"{chosen.location}/remove")
    assert removed.status_code == 303
    assert list(texts_of(official_id)) == ["en"]
    translator.post_form(f"/organiser/officials/{official_id}/text/en/remove")
    assert list(texts_of(official_id)) == ["en"]


def test_two_who_write_words_are_told_of_each_other(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    add(campaigner)
    address = f"/organiser/officials/{the_official(database).id}/text/en"
    mine = typed_in(campaigner.get(address).text, address)
    campaigner.post_form(address, {**mine, "name": "Their name"})
    answer = campaigner.post_form(address, {**mine, "name": "My name"})
    assert answer.status_code == 409
    assert "Their name" in answer.text
    assert typed_in(answer.text, address)["name"] == "My name"


def test_what_is_no_language_is_not_found(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    add(campaigner)
    address = f"/organiser/officials/{the_official(database).id}/text"
    assert campaigner.get(f"{address}/xx-nothing").status_code == 404
    assert campaigner.get(f"{address}?language=qq").status_code == 303


def test_unused_official_is_deleted_after_asking(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    add(campaigner)
    official_id = the_official(database).id
    address = f"/organiser/officials/{official_id}/delete"
    assert "cannot be undone" in campaigner.get(address).text
    assert campaigner.post_form(address).status_code == 303
    assert count(database) == 0
    assert campaigner.get(f"{INDEX}{official_id}").status_code == 404
    entry = audit.latest(f"official {official_id}")
    assert entry is not None
    assert (entry.actor, entry.action) == (
        f"organiser {campaigner.organiser_id}",
        "official deleted",
    )


def test_addressee_stays_and_the_page_says_why(
    campaigner: OrganisersClient, database: SQLAlchemy, site: Any, now: datetime
) -> None:
    cast = publish(site, now)
    address = f"/organiser/officials/{cast.minister.official_id}"
    before = count(database)
    assert "This official stays" in campaigner.get(f"{address}/delete").text
    assert campaigner.post_form(f"{address}/delete").status_code == 409
    assert count(database) == before
    assert f"/organiser/petitions/{cast.petition.id}" in campaigner.get(address).text
    edit = campaigner.get(f"{address}/edit").text
    assert "Petitions name this official" in edit
    typed = {**typed_in(edit, f"{address}/edit"), "slug": "another"}
    assert campaigner.post_form(f"{address}/edit", typed).status_code == 422


def test_who_may_only_look_changes_nothing(
    signed_in: SignedIn, campaigner: OrganisersClient, database: SQLAlchemy, app: Flask
) -> None:
    add(campaigner)
    official_id = the_official(database).id
    reviewer = signed_in(Role.REVIEWER)
    page = reviewer.get(f"{INDEX}{official_id}")
    assert page.status_code == 200
    assert "Checked today" not in page.text
    assert reviewer.get(NEW).status_code == 403
    assert add(reviewer).status_code == 403
    for part in ("edit", "checked", "delete", "text/en", "text/en/remove"):
        assert reviewer.post_form(f"{INDEX}{official_id}/{part}", PAPER).status_code == 403
    assert count(database) == 1


def test_translator_proposes_words_for_an_office_that_signers_read_of(
    campaigner: OrganisersClient,
    signed_in: SignedIn,
    database: SQLAlchemy,
    site: Any,
    now: datetime,
) -> None:
    cast = publish(site, now)
    translator = signed_in(Role.TRANSLATOR)
    address = f"/organiser/officials/{cast.minister.official_id}/text/ru"
    page = translator.get(address)
    assert "you get a link" in page.text
    typed = {**typed_in(page.text, address), "office": "Министр", "salutation": "Уважаемый!"}
    answer = translator.post_form(address, typed)
    assert answer.status_code == 422
    assert "Nothing is saved yet" in answer.text
    assert typed_in(answer.text, address)["salutation"] == "Уважаемый!"
    assert list(texts_of(cast.minister.official_id or 0)) == ["en"]

    links = lxml.html.document_fromstring(answer.text).xpath("//main//a/@href")
    (link,) = [one for one in links if one.startswith(f"{address}?")]
    shown = campaigner.get(link)
    assert "Nothing is saved yet: compare" in shown.text
    proposed = typed_in(shown.text, address)
    assert proposed["office"] == "Министр"
    assert campaigner.post_form(address, proposed).status_code == 303
    assert words_of(texts_of(cast.minister.official_id or 0)["ru"]).salutation == "Уважаемый!"


def test_another_office_in_the_place_of_one_that_signers_read_of_is_refused(
    campaigner: OrganisersClient, database: SQLAlchemy, site: Any, now: datetime
) -> None:
    cast = publish(site, now)
    address = f"/organiser/officials/{cast.minister.official_id}/text/en"
    typed = {**typed_in(campaigner.get(address).text, address), "office": "Secret police"}
    answer = campaigner.post_form(address, typed)
    assert answer.status_code == 422
    assert "Signers agreed to this office" in answer.text
    assert "Secret police" not in campaigner.get(f"/petitions/{cast.petition.slug}").text
    assert campaigner.post_form(f"{address}/remove").status_code == 303
    corrected = {**typed, "office": "Minister", "same_office": "y"}
    assert campaigner.post_form(address, corrected).status_code == 303
    assert texts_of(cast.minister.official_id or 0)["en"].office == "Minister"

    edit = f"/organiser/officials/{cast.minister.official_id}/edit"
    elsewhere = {**typed_in(campaigner.get(edit).text, edit), "country": "KZ"}
    answer = campaigner.post_form(edit, elsewhere)
    assert answer.status_code == 422
    assert "Signers agreed to this office" in answer.text


def test_form_that_saw_nothing_is_told_what_stands_there(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    add(campaigner)
    official_id = the_official(database).id
    for part, change in (("edit", {"postal_lines": "Other"}), ("text/en", {"name": "Other"})):
        answer = campaigner.post_form(f"{INDEX}{official_id}/{part}", {**PAPER, **change})
        assert answer.status_code == 409
    assert facts_of(the_official(database)).postal_lines.startswith("Ul. Yunus")


def test_more_contacts_than_anybody_has_are_told(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    many = "\r\n".join(f"m{number}@example.org" for number in range(41))
    answer = add(campaigner, emails=many)
    assert answer.status_code == 422
    assert "At most 40 lines fit" in answer.text
    assert count(database) == 0


def test_two_numbers_on_one_line_are_two_and_what_is_unclear_is_asked(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    faxes, unclear = "+7499 265 90 77; +7499 265 97 75", "a@mvd.example.org b@mvd.example.org"
    refused = add(campaigner, faxes=faxes, emails=unclear)
    assert refused.status_code == 422
    assert "Write one on each line." in refused.text
    kept = typed_in(refused.text, NEW)
    assert (kept["faxes"], kept["emails"]) == (faxes, unclear)

    add(campaigner, faxes=faxes, emails=unclear.replace(" ", ", "))
    kept_facts = facts_of(the_official(database))
    assert kept_facts.faxes == ("+7499 265 90 77", "+7499 265 97 75")
    assert kept_facts.emails == ("a@mvd.example.org", "b@mvd.example.org")


def sends_sheet(client: OrganisersClient, text: str) -> Any:
    data = {"file": (io.BytesIO(text.encode()), "officials.csv")}
    return client.post_form(SHEET, data, content_type="multipart/form-data")


def test_file_is_looked_at_before_it_is_written(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    assert "id, slug, language" in campaigner.get(SHEET).text
    assert campaigner.post_form(SHEET, {}).status_code == 422
    add(campaigner)
    made = the_official(database).id
    file = campaigner.get("/organiser/officials/export.csv")
    assert file.mimetype == "text/csv"
    assert "Adkham Akhmadbaev" in file.text
    found = campaigner.get(INDEX, query_string={"q": "akhmadbaev"})
    [link] = lxml.html.fromstring(found.text).xpath("//a[contains(@href, 'export.csv')]/@href")
    assert campaigner.get(link).text == file.text
    looked = sends_sheet(campaigner, file.text.replace("Adkham Akhmadbaev", "A New One"))
    assert looked.status_code == 200
    assert "Nothing is written yet." in looked.text
    assert "A New One" in looked.text
    database.session.rollback()
    assert texts_of(made)["en"].name == "Adkham Akhmadbaev"

    typed = typed_in(looked.text, f"{SHEET}/write")
    late = campaigner.post_form(f"{SHEET}/write", {**typed, "seen": "another"})
    assert late.status_code == 409
    assert "has changed meanwhile" in late.text
    assert campaigner.post_form(f"{SHEET}/write", typed).status_code == 303
    database.session.rollback()
    assert texts_of(made)["en"].name == "A New One"
    assert "1 official is changed." in campaigner.get(INDEX).text


def test_faults_of_a_file_are_told_by_line_and_alike_ones_can_be_others(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    add(campaigner)
    wrong = sends_sheet(campaigner, "language,office,country\nen,Court,Uzbekistan\n")
    assert wrong.status_code == 422
    assert "Write countries with their two letters" in wrong.text
    alike = sends_sheet(campaigner, "language,office,country\nen,Minister of Internal Affairs,UZ\n")
    assert "There is an official like this already" in alike.text
    typed = typed_in(alike.text, SHEET)
    looked = campaigner.post_form(SHEET, {**typed, "knowing": "y"})
    assert "1 official is new." in looked.text
    typed = typed_in(looked.text, f"{SHEET}/write")
    assert campaigner.post_form(f"{SHEET}/write", typed).status_code == 303
    assert count(database) == 2


def test_two_entries_of_one_official_are_compared_and_made_one(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    url = "/organiser/officials/duplicates"
    assert "No two officials are alike" in campaigner.get(url).text
    add(campaigner)
    first = the_official(database).id
    add(campaigner, name="A. Akhmadbaev", phones="+998 71 000 00 01", knowing="y")
    second = the_official(database).id
    assert "the same e-mail address" in campaigner.get(url).text
    assert campaigner.get(f"/organiser/officials/{first}/merge/{first}").status_code == 404
    page = campaigner.get(f"/organiser/officials/{first}/merge/{second}")
    assert "This cannot be undone" in page.text
    typed = typed_in(page.text, f"/organiser/officials/{first}/merge/{second}")
    late = {**typed, "seen": "another"}
    assert campaigner.post_form(page.request.path, late).status_code == 409
    assert campaigner.post_form(page.request.path, typed).status_code == 303
    database.session.rollback()
    assert count(database) == 1
    assert facts_of(the_official(database)).phones == ("+998 71 000 00 01",)


def test_two_that_are_two_are_not_offered_again(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    add(campaigner)
    first = the_official(database).id
    add(campaigner, knowing="y")
    second = the_official(database).id
    done = campaigner.post_form(f"/organiser/officials/{first}/apart/{second}")
    assert done.status_code == 303
    assert "No two officials are alike" in campaigner.get(done.location).text


def test_new_holder_is_written_in_every_language(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    add(campaigner)
    made = the_official(database).id
    url = f"/organiser/officials/{made}/holder"
    typed = typed_in(campaigner.get(url).text, url)
    assert typed["in_en-salutation"] == "Dear Minister"
    assert campaigner.post_form(url, {**typed, "since": "soon"}).status_code == 422
    same = campaigner.post_form(url, {**typed, "in_en-name": "Adkham Akhmadbaev"})
    assert "This is the name that stands there already." in same.text
    new = {**typed, "in_en-name": "Bakhtiyor Yuldashev"}
    assert campaigner.post_form(url, {**new, "seen": "another"}).status_code == 409
    assert campaigner.post_form(url, new).status_code == 303
    page = campaigner.get(f"/organiser/officials/{made}").text
    assert "Bakhtiyor Yuldashev" in page
    assert "Adkham Akhmadbaev, until" in page
