"""An Urgent Action in the console: shown beside its source, asked about, taken in whole."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from sqlalchemy import func, select

from petitions.domain import papers
from petitions.intake import reading_apart, urgent_action
from petitions.models import (
    Accreditation,
    Addressee,
    Ask,
    AskText,
    AuditEntry,
    Case,
    CaseText,
    CaseUpdate,
    LetterLanguage,
    Official,
    OfficialContact,
    OfficialText,
    Person,
    Petition,
    Role,
    UpdateKind,
)
from tests.web.organiser.conftest import OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SignedIn = Callable[..., OrganisersClient]
HERE, ACCEPT = "/organiser/import/", "/organiser/import/accept"
PAPER = """URGENT ACTION
BAKER RISKS FORCED RETURN
Baker Anvar Misolov, aged 31, was taken from his flat in Moscow, Russia, on 3 March 2031. He may
be sent to Uzbekistan.

Please write immediately in Russian or your own language:
\uf0b7 Urging the Russian authorities to say where Anvar Misolov is;
\uf0b7 Urging the Uzbekistani authorities not to ask for his return.

PLEASE SEND APPEALS BEFORE 28 APRIL 2031 TO:
Minister of Internal Affairs
Pavel Primerov
Zhitnaya ul., 16
119049 Moscow, Russian Federation
Fax: +7 495 237 49 25
Email: mvd@mvd.example
Salutation: Dear Minister / Уважаемый господин министр

Prosecutor General
Botir Andozaev
ul. Gulyamova 66
Tashkent 100047, Uzbekistan
Email: prokuror (at) prokuratura (dot) example
Twitter: @prokuror
Salutation: Dear Prosecutor General

Also send copies to diplomatic representatives accredited to your country.
Please check with your section office if sending appeals after the above date.

ADDITIONAL INFORMATION
Others have been returned before him.

Name: Anvar Misolov
Gender m/f: m

UA: 77/31 Index: EUR 46/001/2031 Issue Date: 17 March 2031
"""
FOLLOWS = """Further information on UA: 77/31 Index: EUR 46/002/2031 Issue Date: 2 April 2031

URGENT ACTION

BAKER FOUND IN A CELL
Anvar Misolov is alive and is held in Moscow.

PLEASE SEND APPEALS BEFORE 14 MAY 2031 TO:
Minister of Internal Affairs
Pavel Primerov
119049 Moscow, Russian Federation
Salutation: Dear Minister

Name: Anvar Misolov
Gender m/f: m
"""
STOP = """URGENT ACTION
BAKER HOME AGAIN
Anvar Misolov was released on 9 April 2031.

No further action is requested. Many thanks to all who sent appeals.

Name: Anvar Misolov
Gender m/f: m

Further information on UA: 77/31 Index: EUR 46/003/2031 Issue Date: 10 April 2031
"""


@pytest.fixture
def campaigner(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.CAMPAIGNER, name="Kim")


def read(client: OrganisersClient, text: str = PAPER) -> Any:
    answer = client.post_form(HERE, {"text": text})
    assert answer.status_code == 200
    return lxml.html.fromstring(answer.text)


def typed(page: Any) -> dict[str, Any]:
    """What a browser would send of the draft's form as it stands."""
    form = next(one for one in page.forms if one.get("action") == ACCEPT)
    return {name: value for name, value in form.form_values() if name != "csrf_token"}


def accept(client: OrganisersClient, values: dict[str, Any]) -> Any:
    return client.post_form(ACCEPT, values)


def wrong(page: Any) -> set[str]:
    """The fields that the summary of errors leads to."""
    return set(page.xpath("//div[@class='error-summary']//a/@href"))


def rows(database: SQLAlchemy, table: Any) -> Any:
    return list(
        database.session.execute(select(table).order_by(*table.__table__.primary_key)).scalars()
    )


def test_a_paper_becomes_a_case_a_petition_officials_and_asks_at_once(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    answer = accept(campaigner, typed(read(campaigner)))
    [case], [petition], [person] = (rows(database, t) for t in (Case, Petition, Person))
    assert (answer.status_code, answer.location) == (303, f"/organiser/petitions/{petition.id}")
    assert (case.number, case.published_at, petition.published_at) == ("UA 77/31", None, None)
    assert (person.name, person.gender, person.age) == ("Anvar Misolov", "m", None)
    assert petition.deadline_on.isoformat() == "2031-04-27"
    [text] = rows(database, CaseText)
    assert (text.title, text.background) == (
        "BAKER RISKS FORCED RETURN",
        "Others have been returned before him.",
    )
    said = database.session.execute(
        select(Ask.country, AskText.for_readers, AskText.for_letter)
        .join(AskText, AskText.ask_id == Ask.id)
        .order_by(Ask.position)
    ).all()
    assert [tuple(row) for row in said] == [
        (
            "RU",
            "Urge the Russian authorities to say where Anvar Misolov is.",
            "I urge you to say where Anvar Misolov is.",
        ),
        (
            "UZ",
            "Urge the Uzbekistani authorities not to ask for his return.",
            "I urge you not to ask for his return.",
        ),
    ]
    greetings = {
        (one.language, one.salutation) for one in rows(database, OfficialText) if one.salutation
    }
    assert greetings == {
        ("en", "Dear Minister"),
        ("ru", "Уважаемый господин министр"),
        ("en", "Dear Prosecutor General"),
    }
    assert {one.value for one in rows(database, OfficialContact)} == {
        "+7 495 237 49 25",
        "mvd@mvd.example",
        "prokuror@prokuratura.example",
    }
    parts = [(one.part.value, one.embassies_of) for one in rows(database, Addressee)]
    assert sorted(parts, key=str) == [
        ("copy", "RU"),
        ("copy", "UZ"),
        ("to", None),
        ("to", None),
    ]
    assert {one.language for one in rows(database, LetterLanguage)} == {"ru", "own"}
    [link] = rows(database, CaseUpdate)
    assert (link.kind, link.index_number, link.published_at) == (
        UpdateKind.INITIAL,
        "EUR 46/001/2031",
        None,
    )


def test_each_deed_of_an_import_is_in_the_trail(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    accept(campaigner, typed(read(campaigner)))
    who = f"organiser {campaigner.organiser_id}"
    query = select(AuditEntry.action).where(AuditEntry.actor == who)
    deeds = set(database.session.execute(query).scalars())
    assert {
        "case created",
        "petition created",
        "official added",
        "addressee added",
        "asks changed",
        "petition text changed",
        "paper imported",
    } <= deeds


def test_reading_a_paper_stores_nothing(campaigner: OrganisersClient, database: SQLAlchemy) -> None:
    before = database.session.execute(select(func.count(AuditEntry.id))).scalar_one()
    read(campaigner)
    assert not rows(database, Case)
    assert not rows(database, Official)
    assert database.session.execute(select(func.count(AuditEntry.id))).scalar_one() == before


def test_the_source_stands_beside_the_draft_with_what_was_read_and_doubted(
    campaigner: OrganisersClient,
) -> None:
    page = read(campaigner)
    lines = {one.get("id"): one for one in page.xpath("//ol[@class='paper-lines']/li")}
    assert len(lines) == len(PAPER.strip().split("\n"))
    assert lines["line-2"].text_content().endswith("Title")
    doubted = [one for one in lines.values() if one.get("class") == "doubted"]
    assert [one.text.strip() for one in doubted] == ["Twitter: @prokuror"]
    assert page.xpath("//div[contains(@class, 'notice')]//a/@href")[0] == "#" + doubted[0].get("id")


def test_what_is_wrong_is_said_by_field_and_nothing_is_lost(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    values = typed(read(campaigner)) | {
        "states": "Russia\nAtlantis",
        "officials-0-office": "",
        "officials-1-emails": "no address",
        "summary": "Written anew.",
    }
    answer = accept(campaigner, values)
    page = lxml.html.fromstring(answer.text)
    assert answer.status_code == 422
    assert wrong(page) == {"#states", "#officials-0-office"}
    again = typed(page)
    assert again["summary"].strip() == "Written anew."
    assert again["source"] == values["source"]
    mended = again | {"states": "Russia\nUzbekistan", "officials-0-office": "Minister"}
    refused = lxml.html.fromstring(accept(campaigner, mended).text)
    assert wrong(refused) == {"#officials-1-emails"}
    assert not rows(database, Case)
    assert not rows(database, Official)


def test_an_official_of_the_directory_is_asked_about_not_assumed(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    accept(campaigner, typed(read(campaigner)))
    known = rows(database, Official)
    page = read(campaigner, PAPER.replace("77/31", "78/31").replace("Anvar", "Botir"))
    values = typed(page)
    assert not any(name.endswith("-which") for name in values)
    refused = lxml.html.fromstring(accept(campaigner, values).text)
    assert wrong(refused) == {"#officials-0-which", "#officials-1-which"}
    chosen = values | {"officials-0-which": str(known[0].id), "officials-1-which": "leave out"}
    assert accept(campaigner, chosen).status_code == 303
    assert rows(database, Official) == known
    last = rows(database, Petition)[-1]
    query = select(Addressee.official_id).where(
        Addressee.petition_id == last.id, Addressee.official_id.is_not(None)
    )
    assert list(database.session.execute(query).scalars()) == [known[0].id]


def test_an_update_is_attached_to_its_case_when_somebody_says_so(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    accept(campaigner, typed(read(campaigner)))
    [case] = rows(database, Case)
    values = typed(read(campaigner, FOLLOWS))
    assert "case_id" not in values
    assert values["kind"] == "update"
    assert accept(campaigner, values).status_code == 422
    assert accept(campaigner, values | {"case_id": str(case.id)}).status_code == 303
    assert (
        len(rows(database, Case))
        == len(rows(database, Petition))
        == len(rows(database, Person))
        == 1
    )
    update = rows(database, CaseUpdate)[-1]
    assert (update.kind, update.index_number, update.new_deadline_on.isoformat()) == (
        UpdateKind.FURTHER,
        "EUR 46/002/2031",
        "2031-05-13",
    )


def test_a_stop_action_opens_no_petition_even_when_asked_to(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    accept(campaigner, typed(read(campaigner)))
    [case] = rows(database, Case)
    values = typed(read(campaigner, STOP)) | {"case_id": str(case.id)}
    assert (values["kind"], "begin_petition" in values) == ("stop", False)
    refused = accept(campaigner, values | {"begin_petition": "y"})
    assert refused.status_code == 422
    assert len(rows(database, CaseUpdate)) == 1
    assert accept(campaigner, values).status_code == 303
    assert len(rows(database, Petition)) == 1
    assert rows(database, CaseUpdate)[-1].kind is UpdateKind.STOP


def test_a_stop_action_without_its_case_is_refused(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    answer = accept(campaigner, typed(read(campaigner, STOP)))
    assert answer.status_code == 422
    assert not rows(database, CaseUpdate)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("story.txt", b"Once there was a minister who wrote no letters.", "does not read like"),
        ("paper.pdf", b"%PDF-1.7 nothing more", "damaged"),
        ("empty.txt", b" ", "no text in it"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    campaigner: OrganisersClient, name: str, data: bytes, words: str
) -> None:
    answer = campaigner.post_form(HERE, {"file": (io.BytesIO(data), name)})
    assert answer.status_code == 422
    assert words in answer.text


@pytest.fixture(autouse=True)
def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers are read in this process: one of their own takes half a second each."""
    if "apart" not in request.fixturenames:
        monkeypatch.setattr(papers, "apart", reading_apart.answer)


@pytest.fixture
def apart() -> None:
    """Papers are read as they are on a site."""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_paper_is_the_same_wherever_it_is_read(apart: None, campaigner: OrganisersClient) -> None:
    draft = urgent_action.read_urgent_action(PAPER)
    assert papers.read_text(PAPER) == papers.read_paper(PAPER.encode()) == draft
    assert all([draft.officials, draft.asks, draft.people, draft.doubts, draft.deadline_on])
    assert typed(read(campaigner))["title"]


def test_a_file_that_is_never_read_to_its_end_holds_nobody_up(
    apart: None, campaigner: OrganisersClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "SECONDS", 0.001)
    answer = campaigner.post_form(HERE, {"file": (io.BytesIO(PAPER.encode()), "ua.txt")})
    assert answer.status_code == 422
    assert "takes too long or too much memory" in answer.text


def test_a_file_is_read_in_a_process_that_is_given_little() -> None:
    limits = """
import resource
limits = resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE
said = " ".join(str(resource.getrlimit(one)[1]) for one in limits)
"""
    assert inside_the_process(limits) == f"{1 << 30} 30 0"


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/passwd')",
        "open('/tmp/written', 'w')",
        "os.listdir('/')",
        "socket.socket()",
        "os.pipe()",
        "subprocess.run(['true'])",
        "(os.close(0), open('/etc/passwd'))",
    ],
)
def test_who_takes_over_the_reading_of_a_file_opens_nothing(attempt: str) -> None:
    attack = f"""
try:
    {attempt}
    said = "done"
except OSError as error:
    said = errno.errorcode[error.errno]
"""
    assert inside_the_process(attack) == "EMFILE"


@pytest.mark.skipif(os.getuid() == 0, reason="root may start as many processes as it likes")
def test_who_takes_over_the_reading_of_a_file_starts_no_process() -> None:
    attack = """
try:
    said = "in another one" if os.fork() == 0 else "started"
except OSError as error:
    said = errno.errorcode[error.errno]
"""
    assert inside_the_process(attack) == "EAGAIN"


def inside_the_process(code: str) -> str:
    """What this code says where a paper would be read."""
    program = (
        "import errno, os, resource, socket, subprocess\n"
        "from petitions.intake import reading_apart\n"
        "def taken_over(*_):\n" + textwrap.indent(code, "    ") + "\n    return 0, said.encode()\n"
        "reading_apart.answer = taken_over\n"
        "reading_apart._main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], input=b"", capture_output=True, check=True, timeout=60
    )
    return ran.stdout.decode()


def test_a_file_is_read_as_its_text_is(campaigner: OrganisersClient) -> None:
    answer = campaigner.post_form(HERE, {"file": (io.BytesIO(PAPER.strip().encode()), "ua.txt")})
    assert typed(lxml.html.fromstring(answer.text)) == typed(read(campaigner))


def test_nothing_sent_is_asked_for_again(campaigner: OrganisersClient) -> None:
    assert campaigner.post_form(HERE, {"text": "  "}).status_code == 422


def test_who_only_looks_may_not_import(signed_in: SignedIn) -> None:
    client = signed_in(Role.REVIEWER)
    assert client.get(HERE).status_code == 403
    assert client.post_form(ACCEPT, {}).status_code == 403


EMBASSY = """COPIES TO:
Ambassador
Embassy of the Republic of Uzbekistan
Perleberger Str. 62
10559 Berlin, Germany
Email: botschaft@uzbekistan.example
Salutation: Your Excellency

Please check"""


def test_an_embassy_of_the_paper_becomes_one_and_its_rule_stands_for_it(
    campaigner: OrganisersClient, database: SQLAlchemy
) -> None:
    plain = PAPER.replace("Also send copies to diplomatic representatives accredited", "Also write")
    values = typed(read(campaigner, plain.replace("Please check", EMBASSY)))
    assert values["embassies"] == "y"
    kept = {name: values[f"officials-2-{name}"] for name in ("official_kind", "represents")}
    assert kept == {"official_kind": "embassy", "represents": "Uzbekistan"}
    asked = accept(
        campaigner, values | {"officials-2-accredited": "", "officials-2-represents": ""}
    )
    assert wrong(lxml.html.fromstring(asked.text)) == {
        "#officials-2-represents",
        "#officials-2-accredited",
    }
    assert accept(campaigner, values).status_code == 303
    embassy = rows(database, Official)[-1]
    assert (embassy.kind, embassy.represents, embassy.country) == ("embassy", "UZ", "DE")
    assert [one.country for one in rows(database, Accreditation)] == ["DE"]
    named = {(one.official_id, one.embassies_of) for one in rows(database, Addressee)}
    assert (None, "UZ") in named
    assert embassy.id not in {official for official, _ in named}
