"""What each role does in the console, in Chromium, with scripts and without; what none may do.

On SQLite only: the browser sees no difference, and each page's own tests run on both databases.
"""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from jinja2 import Environment, ext
from jinja2.meta import find_referenced_templates
from PIL import Image
from playwright.sync_api import Page, expect

from petitions.domain.rights import GRANTS, NEED_TWO_FACTOR, Right
from petitions.models import Role
from tests.journeys.organising import (
    FETCHED_ELSEWHERE,
    PASSWORD,
    VISITS,
    Desk,
    House,
    Person,
    mail_with_link,
    open_house,
)
from tests.journeys.staging import OPEN, Signer, somebody, until
from tests.journeys.visiting import new_network, path_of
from tests.servers.browser import press

pytestmark = pytest.mark.browser

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One site for all of it: each test brings its organisers, and leaves things as they were."""
    with open_house(tmp_path_factory.mktemp("organisers")) as opened:
        yield opened


@pytest.fixture
def open_desk(house: House, new_page: Callable[..., Page]) -> Callable[..., Desk]:
    """open_desk(scripts=…): a window of one person, wide with scripts and a phone without."""

    def opened(*, scripts: bool) -> Desk:
        page = new_page(
            scripts=scripts,
            viewport="desktop" if scripts else "phone",
            reduced_motion="reduce",
            color_scheme="light" if scripts else "dark",
            extra_http_headers={"X-Forwarded-For": new_network()},
        )
        return Desk(house, page, scripts=scripts)

    return opened


@both_ways
def test_admin(*, house: House, open_desk: Callable[..., Desk], scripts: bool) -> None:
    desk, me = open_desk(scripts=scripts), house.person("admin", anew=True)
    desk.signs_in(me)
    desk.sets_up_the_second_step(me)
    desk.signs_out()
    desk.opens("/organiser/reset")
    desk.signs_in(me)
    desk.signs_out()
    desk.signs_in(me, by_paper=True)
    desk.opens("/organiser/verify")
    desk.opens("/organiser/change")
    desk.sees_everything_in_the_menu()
    changes_the_organisation(desk)
    other = open_desk(scripts=scripts)
    guest = invites_somebody(desk, other)
    gives_another_role(desk, guest)
    if scripts:
        edits_what_somebody_edits(desk, other)
    reads_the_record(desk)
    desk.opens("/organiser/")
    desk.follows("How the site runs")
    desk.showed("admin")


def changes_the_organisation(desk: Desk) -> None:
    desk.opens("/organiser/organisation/edit")
    website = f"https://example.org/{'with' if desk.scripts else 'without'}"
    [(name,)] = desk.house.stage.rows("SELECT name FROM organisation")
    desk.fills(name="", website=website)
    desk.presses("Save", 422)
    desk.fills(name=name)
    desk.presses("Save")
    desk.reads(website)
    desk.opens("/organiser/organisation/letterhead")
    desk.presses("Use this picture", 422)
    desk.fills(picture=picture())
    desk.presses("Use this picture")
    desk.opens("/organiser/organisation/letterhead")
    desk.presses("Remove this picture")
    desk.opens("/organiser/organisation/contact-offices/new")
    desk.presses("Save", 422)
    desk.fills(country="IS", name="Reykjavík office")
    desk.presses("Save")
    desk.follows("Iceland")
    desk.follows("Delete this contact office")
    desk.presses("Delete")


def invites_somebody(desk: Desk, other: Desk) -> Person:
    """The mail is read and its link opened in a window of the guest's own."""
    guest = Person(f"guest{int(desk.scripts)}@house.example", ("campaigner",), PASSWORD)
    desk.opens("/organiser/organisers/invite")
    desk.presses("Send the invitation", 422)
    desk.fills(name="Gunnhildur Guest", email=guest.email, roles=["campaigner"])
    desk.presses("Send the invitation")
    other.opens(mail_with_link(desk.house, guest.email))
    other.fills(password="short", password_confirm="short")
    other.presses("Keep this password", 422)
    other.fills(password=guest.password, password_confirm=guest.password)
    other.presses("Keep this password")
    other.showed("guest")
    other.signs_in(guest)
    other.opens("/organiser/confirmations/1/paper", 403)
    return guest


def gives_another_role(desk: Desk, guest: Person) -> None:
    desk.opens("/organiser/organisers/")
    desk.opens(f"/organiser/organisers/{desk.house.id_of(guest)}")
    desk.fills(roles=["translator"])
    desk.main.locator('[name=roles][value="campaigner"]').uncheck()
    desk.presses("Save")
    query = "SELECT role FROM organiser_role WHERE organiser_id = :who"
    assert desk.house.stage.rows(query, who=desk.house.id_of(guest)) == [("translator",)]
    limits_to_a_case(desk, guest)


def limits_to_a_case(desk: Desk, guest: Person) -> None:
    desk.opens(f"/organiser/organisers/{desk.house.id_of(guest)}")
    desk.follows("Change which cases")
    desk.main.locator('[name=reach][value="chosen"]').check()
    desk.presses("Save", 422)
    desk.main.locator("[name=cases]").first.check()
    desk.presses("Save")
    desk.reads("This account reaches these cases alone")
    desk.follows("Change which cases")
    desk.main.locator('[name=reach][value="all"]').check()
    desk.presses("Save")


def edits_what_somebody_edits(desk: Desk, other: Desk) -> None:
    """Both are told of each other, and a page with something typed is not left by mistake."""
    page = f"/organiser/petitions/{desk.house.petition_id(OPEN)}/text/ru"
    with other.page.expect_response(
        lambda answer: "/editing/open/" in answer.url,
        timeout=120_000,  # the page is looked at from all sides meanwhile
    ) as told:
        other.opens(page)
    assert told.value.json() == {"others": []}
    desk.opens(page)
    desk.reads("Gunnhildur Guest opened this for editing")
    other.page.dispatch_event("body", "visibilitychange")  # as when one comes back to it
    expect(other.main.get_by_role("heading", name="Somebody else has this open")).to_be_visible()
    asked: list[str] = []
    desk.page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    desk.fills(title="Not saved yet")
    desk.main.get_by_role("link", name="Cancel").click()
    expect(desk.main.locator("[name=title]")).to_have_value("Not saved yet")
    assert asked == ["beforeunload"]


def reads_the_record(desk: Desk) -> None:
    desk.opens("/organiser/audit/")
    desk.fills(about="organisation")
    desk.presses("Show")
    expect(desk.main.locator("tbody tr").first).to_contain_text("rganisation")
    desk.opens("/organiser/audit/")
    desk.follows("Verify the chain")
    desk.reads("each fits the one before it")
    desk.fills(expect="0" * 64)
    desk.presses("Verify again")
    desk.reads("is not in the record")


def picture() -> dict[str, object]:
    """A small picture, as a browser sends a file."""
    held = io.BytesIO()
    Image.new("RGB", (640, 400), "#336699").save(held, "PNG")
    return {"name": "picture.png", "mimeType": "image/png", "buffer": held.getvalue()}


# The campaigner: from nothing to a petition that is open.


@both_ways
def test_campaigner(*, house: House, open_desk: Callable[..., Desk], scripts: bool) -> None:
    desk, me = open_desk(scripts=scripts), house.person("campaigner")
    desk.signs_in(me)
    desk.sees_everything_in_the_menu()
    official = enters_an_official(desk)
    case = begins_a_case(desk)
    petition = begins_a_petition(desk, case)
    writes_the_petition(desk, petition, official)
    slug = publishes(desk, petition)
    moves_it_to_and_fro(desk, petition, slug)
    changes_what_is_published(desk, case, petition)
    publishes_an_update(desk, case)
    tells_signers(desk, petition, slug)
    hides_and_shows(desk, case, slug)
    imports_an_urgent_action(desk)
    types_while_signed_out(desk)
    desk.showed("campaigner")


def imports_an_urgent_action(desk: Desk) -> None:
    """From the paper to case, petition, official and asks: brought in, looked at, accepted."""
    number = int(desk.scripts)
    desk.opens("/organiser/import/")
    desk.presses("Read the paper", 422)
    desk.fills(text=PAPER.format(number=number, holder="Ali" if desk.scripts else "Vali"))
    desk.presses("Read the paper")
    desk.reads("1 thing in the paper was not understood")
    desk.fills(states="Uzbekistan\nAtlantis")
    desk.presses("Accept: begin it all", 422)
    desk.reads("No country is called “Atlantis”")
    desk.fills(states="Uzbekistan")
    desk.presses("Accept: begin it all")
    desk.reads("The case and its petition are begun")
    desk.reads(f"Prosecutor of region {number}")


PAPER = """URGENT ACTION
TEACHER HELD FOR A LESSON
Teacher Nodira Namunaeva {number} has been held in Bukhara, Uzbekistan, since 3 March 2099.

Please write immediately in Uzbek or your own language:
- Urging the Uzbekistani authorities to release Nodira Namunaeva.

PLEASE SEND APPEALS BEFORE 28 APRIL 2099 TO:
Prosecutor of region {number}
{holder} Andozaev
12 Long Street
Bukhara, Uzbekistan
Fax: +998 65 000 00 0{number}
Telex: 11632{number}
Salutation: Dear Prosecutor

Name: Nodira Namunaeva
Gender m/f: f

UA: 1{number}/99 Index: EUR 62/00{number}/2099 Issue Date: 17 March 2099
"""


def enters_an_official(desk: Desk) -> int:
    office = f"Governor of prison {int(desk.scripts)}"
    desk.opens("/organiser/officials/new")
    desk.presses("Save", 422)
    desk.fills(kind="office", source_language="en", office=office, country="UZ")
    desk.fills(salutation="Dear Governor", postal_lines="1 Long Road\nTashkent")
    desk.presses("Save")
    number = desk.number
    desk.opens(f"/organiser/officials/{number}/text/ru")
    desk.fills(office=f"Начальник тюрьмы {number}", salutation="Уважаемый начальник!")
    desk.presses("Save")
    desk.opens(f"/organiser/officials/{number}/edit")
    desk.fills(faxes="+998 71 000 00 00")
    desk.presses("Save")
    desk.reads("+998 71 000 00 00")
    desk.follows("New holder")
    desk.opens("/organiser/officials/sheet")
    desk.opens("/organiser/officials/duplicates")
    desk.opens(f"/organiser/officials/{number}")
    desk.follows("Delete this official")
    return number


def begins_a_case(desk: Desk) -> int:
    title = f"Aziza Rakhimova {int(desk.scripts)}: held without charge"
    desk.opens("/organiser/cases/new")
    desk.presses("Begin the case", 422)
    desk.fills(title=title, language="en", people__0="Aziza Rakhimova", states__0="UZ")
    desk.presses("Begin the case")
    case = desk.number
    adds_a_person(desk, case)
    here = f"/organiser/cases/{case}"
    desk.opens(f"{here}/text/en")
    desk.fills(summary="She was taken from her house in May.")
    desk.presses("Preview")
    desk.presses("Save")
    records_the_permission(desk, case)
    adds_a_picture(desk, case)
    desk.opens(f"{here}/facts")
    desk.fills(country_of_events="UZ")
    desk.presses("Save")
    desk.opens(f"{here}/languages/new")
    desk.fills(tag="ru")
    desk.presses("Write in this language")
    desk.fills(title=f"Азиза Рахимова {case}", summary="Её увели из дома в мае.")
    desk.presses("Save")
    desk.opens(f"{here}/text/ru/remove")
    return case


def adds_a_person(desk: Desk, case: int) -> None:
    desk.opens(f"/organiser/cases/{case}/people/new")
    desk.presses("Save", 422)
    desk.fills(name="Botir Rakhimov", status="detained", age=41, believed_held="Tashkent")
    desk.presses("Save")
    desk.reads("Botir Rakhimov")
    desk.follows(re.compile("Translate.*Botir"))
    desk.follows("Cancel")
    desk.follows(re.compile("Remove.*Botir"))
    desk.presses("Remove")


def records_the_permission(desk: Desk, case: int) -> None:
    desk.opens(f"/organiser/cases/{case}/permission")
    desk.presses("Record it", 422)
    desk.fills(given_by="family", covers=["name", "picture", "place", "story"])
    desk.presses("Record it")


def adds_a_picture(desk: Desk, case: int) -> None:
    desk.opens(f"/organiser/cases/{case}/pictures")
    desk.presses("Add the picture", 422)
    desk.fills(file=picture(), alt="A blue field.")
    desk.presses("Add the picture")
    desk.opens(f"/organiser/cases/{case}/pictures")
    desk.follows("English")
    desk.fills(alt="A field, blue from edge to edge.")
    desk.presses("Save")
    desk.opens(f"/organiser/cases/{case}/pictures")
    desk.follows("Remove")
    desk.presses("Remove")


def begins_a_petition(desk: Desk, case: int) -> int:
    desk.opens(f"/organiser/petitions/new/{case}")
    desk.presses("Begin the petition", 422)
    desk.fills(title=f"Let Aziza Rakhimova see a lawyer {int(desk.scripts)}")
    desk.presses("Begin the petition")
    return desk.number


def is_missing(desk: Desk, petition: int) -> int:
    """How many lines of the checklist are open."""
    desk.opens(f"/organiser/petitions/{petition}/publish")
    return desk.main.locator(".checklist").get_by_text("missing", exact=True).count()


def writes_the_petition(desk: Desk, petition: int, official: int) -> None:
    here = f"/organiser/petitions/{petition}"
    missing = is_missing(desk, petition)
    assert missing > 0
    expect(desk.main.get_by_role("button", name="Publish now")).to_have_count(0)
    desk.opens(f"{here}/addressees")
    desk.fills(official_id=str(official), new_part="to")
    desk.presses("Add")
    assert is_missing(desk, petition) < missing
    desk.opens(f"{here}/asks")
    desk.fills(asks__0__country="UZ")
    desk.main.locator('[name="asks-0-addressees"]').first.check()
    desk.presses("Save")
    desk.opens(f"{here}/new-language")
    desk.opens(f"{here}/text/en")
    desk.fills(text="She has seen nobody for weeks.", letter_subject="Aziza Rakhimova")
    desk.fills(letter_opening="I write to you about her.", letter_closing="Yours sincerely,")
    desk.fills(asks__0__for_readers="Urge the governor to let her see a lawyer.")
    desk.fills(asks__0__for_letter="I urge you to let her see a lawyer.")
    desk.presses("Preview")
    desk.presses("Save")
    desk.opens(f"{here}/consent/en")
    desk.presses("Save")
    desk.opens(f"{here}/facts")
    desk.fills(goal="many")
    desk.presses("Save", 422)
    desk.fills(goal=500)
    desk.presses("Save")
    desk.opens(f"{here}/countries")
    desk.fills(country="UZ")
    desk.presses("Write it")
    desk.fills(text="x" * 5000)
    desk.presses("Save", 422)
    desk.fills(text="Sign only where nobody reads along.")
    desk.presses("Save")
    desk.reads("Uzbekistan")


def publishes(desk: Desk, petition: int) -> str:
    sets_a_time_and_calls_it_off(desk, petition)
    missing = is_missing(desk, petition)
    assert missing == 0, desk.main.locator(".checklist").inner_text()
    desk.presses("Publish now")
    [(slug, state)] = desk.house.stage.rows(
        "SELECT slug, state FROM petition WHERE id = :id", id=petition
    )
    assert state == "open"
    assert "let her see a lawyer" in readers(desk, slug, 200)
    return str(slug)


def sets_a_time_and_calls_it_off(desk: Desk, petition: int) -> None:
    desk.opens(f"/organiser/petitions/{petition}/publish")
    desk.follows("Publish at a set time")
    desk.presses("Set the time", 422)
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011  # any day to come
    desk.fills(on=tomorrow.isoformat(), clock="23:30")
    desk.presses("Set the time")
    desk.reads("23:30 (UTC")
    desk.follows("Change the time, or call it off")
    desk.presses("Do not publish it by itself")


def readers(desk: Desk, slug: str, status: int) -> str:
    """What a stranger is answered at the petition's public page."""

    def answered() -> str | None:
        answer = desk.house.stage.visitor().get(f"/petitions/{slug}")
        return answer.text if answer.status == status else None

    return until(answered, what=f"readers are not answered {status}")


def moves_it_to_and_fro(desk: Desk, petition: int, slug: str) -> None:
    here = f"/organiser/petitions/{petition}"
    desk.opens(here)
    desk.presses("Pause")
    visitor = desk.house.stage.visitor()

    def takes_signatures() -> bool:
        return f"/petitions/{slug}/sign" in visitor.get(f"/petitions/{slug}").text

    until(lambda: not takes_signatures(), what="readers still find the form")
    desk.presses("Open again")
    until(takes_signatures, what="readers do not find the form again")
    desk.opens(f"{here}/move/stopped")
    desk.presses("Stop", 422)


def changes_what_is_published(desk: Desk, case: int, petition: int) -> None:
    desk.opens(f"/organiser/petitions/{petition}/text/en")
    desk.fills(text="She has seen nobody for months.")
    desk.presses("Save")
    desk.opens(f"/organiser/petitions/{petition}/changes")
    desk.presses("Publish these changes")
    desk.follows("Versions of the text")
    desk.follows("Version 2")
    desk.reads("She has seen nobody for weeks. months.")  # struck through, and underlined
    desk.opens(f"/organiser/cases/{case}/text/en")
    desk.fills(summary="She was taken from her house in June.")
    desk.presses("Save")
    desk.opens(f"/organiser/cases/{case}/text/en/discard")
    desk.opens(f"/organiser/cases/{case}/text/en/changes")
    desk.presses("Publish these changes")
    desk.opens(f"/organiser/cases/{case}/text/en")
    desk.follows("Versions of the text")
    desk.follows("Version 2")
    desk.reads("in May. June.")


def publishes_an_update(desk: Desk, case: int) -> None:
    desk.opens(f"/organiser/cases/{case}/updates/new")
    desk.presses("Save", 422)
    desk.fills(title="She was moved", text="To another prison.")
    desk.presses("Save")
    draft = f"/organiser/cases/{case}/updates/{desk.number}"
    desk.opens(f"{draft}/preview/en")
    desk.opens(f"{draft}/discard")
    desk.opens(f"{draft}/publish")
    desk.presses("Publish")


def tells_signers(desk: Desk, petition: int, slug: str) -> None:
    """News goes to whoever asked for it, in a mail that names nobody, and ends with one click."""
    stage, signer = desk.house.stage, somebody()
    assert stage.visitor().sign(slug, signer.typed(news="yes")).status == 303
    links = {"confirm": stage.link(stage.mail_to(signer.email), "confirm")}
    assert stage.visitor().post(links["confirm"]).status == 303
    desk.opens("/organiser/news/")
    desk.opens(f"/organiser/news/new/{petition}")
    desk.presses("Go on")
    desk.presses("Save", 422)
    desk.fills(title="Aziza Rakhimova has seen a lawyer", text="Yesterday, *at last*.")
    desk.presses("Save and preview")
    desk.presses("Send me this mail")
    news = f"/organiser/news/{desk.number}"
    desk.opens(news)
    desk.reads("1 signer will get it.")
    desk.fills(per_hour="fast")
    desk.presses("Save", 422)
    desk.fills(per_hour=36000)
    desk.presses("Save")
    desk.opens(f"{news}/discard")
    desk.opens(news)
    desk.presses("Send it to one signer")
    mail = stage.mail_to(signer.email, 2)
    assert "Aziza" in stage.visitor().get(stage.link(mail, "news")).text
    click = path_of(str(mail.message["List-Unsubscribe"]).strip("<> "))
    assert stage.visitor().post(click, {"List-Unsubscribe": "One-Click"}).status == 200
    desk.opens(news)
    desk.reads("all on their way")
    desk.opens(f"{news}/stop")
    desk.presses("Stop for good")


def hides_and_shows(desk: Desk, case: int, slug: str) -> None:
    desk.opens(f"/organiser/cases/{case}/hide")
    desk.presses("Hide now", 422)
    desk.fills(reason="The family asked for it.")
    desk.presses("Hide now")
    readers(desk, slug, 410)
    desk.follows("Show it again")
    desk.fills(reason="They say that it is safe.")
    desk.presses("Show it again")
    readers(desk, slug, 200)


def types_while_signed_out(desk: Desk) -> None:
    """What was typed comes back, to be sent again."""
    desk.opens("/organiser/account/")
    desk.fills(name="Carla, long away")
    desk.page.context.clear_cookies()
    desk.presses("Save", 401)
    desk.reads("what you typed is still here")


# The translator: writes, and does not publish.


def test_translator(house: House, open_desk: Callable[..., Desk]) -> None:
    """On a phone, without scripts: the pages themselves are the campaigner's, too."""
    desk, me = open_desk(scripts=False), house.person("translator")
    petition = house.petition_id(OPEN)
    case = f"/organiser/cases/{petition_case(house)}"
    new = "Совсем новые слова"
    desk.signs_in(me)
    desk.sees_everything_in_the_menu()
    desk.opens(f"{case}/text/ru")
    desk.fills(standfirst=new)
    desk.presses("Save")
    desk.opens(f"{case}/text/ru/changes")
    desk.reads(new)
    expect(desk.main.get_by_role("button", name="Publish these changes")).to_have_count(0)
    desk.opens(f"/organiser/petitions/{petition}/text/ru")
    desk.fills(text=f"{new}.")
    desk.presses("Save")
    desk.opens(f"/organiser/petitions/{petition}/new-language")
    desk.opens(f"/organiser/petitions/{petition}/changes")
    desk.reads(new)
    desk.opens(f"/organiser/petitions/{petition}/preview?lang=ru")
    desk.reads(new)
    refused = house.deeds(me, "refused")
    sends(desk, f"/organiser/petitions/{petition}/changes/publish", 403)
    sends(desk, f"{case}/text/ru/changes", 403)
    assert house.deeds(me, "refused") == refused + 2
    for path in (f"/cases/{OPEN}?lang=ru", f"/petitions/{OPEN}?lang=ru"):
        assert new not in house.stage.visitor().get(path).text


def petition_case(house: House) -> int:
    [(found,)] = house.stage.rows("SELECT case_id FROM petition WHERE slug = :slug", slug=OPEN)
    return int(found)


def sends(desk: Desk, path: str, status: int) -> None:
    """Send a form that the page does not offer, with what each form of this window carries."""
    desk.opens("/organiser/account/")
    token = desk.main.locator("[name=csrf_token]").first.input_value()
    answer = desk.page.request.post(
        desk.house.stage.url + path, form={"csrf_token": token}, max_redirects=0
    )
    assert answer.status == status, path
    desk.visited.update(desk.house.rendered())


# The reviewer: sees who signed, and decides.


@both_ways
def test_reviewer(*, house: House, open_desk: Callable[..., Desk], scripts: bool) -> None:
    desk, me = open_desk(scripts=scripts), house.person("reviewer", anew=True)
    petition = house.petition_id(OPEN)
    desk.signs_in(me)
    desk.opens(f"/organiser/confirmations/{petition}/signatures")
    desk.reads("Besides the password")
    desk.sets_up_the_second_step(me)
    desk.sees_everything_in_the_menu()
    sends_a_mail_again(desk, petition)
    attests(desk, petition)
    sets_aside_and_puts_back(desk, petition)
    finds_an_address(desk, petition)
    enters_paper(desk, petition)
    sets_aside_in_bulk(desk, petition)
    blocks_a_network(desk)
    desk.showed("reviewer")


def signature_of(desk: Desk, signer: Signer) -> str:
    """Where the newest signature stands, once somebody has signed."""
    desk.house.stage.signed(signer)
    return f"/organiser/confirmations/signature/{desk.house.stage.newest('id')[0]}"


def sends_a_mail_again(desk: Desk, petition: int) -> None:
    """Once; then the address has had its two mails of the day."""
    signer = somebody()
    page = signature_of(desk, signer)
    desk.opens(f"/organiser/confirmations/{petition}")
    desk.opens(f"/organiser/confirmations/{petition}/origins")
    desk.opens(f"/organiser/confirmations/{petition}/mails")
    desk.opens(f"/organiser/confirmations/{petition}/signatures?state=pending")
    desk.reads(signer.name)
    desk.opens(page)
    desk.follows("Send the mail again")
    desk.reads("One mail will go.")
    desk.presses("Send one mail")
    desk.house.stage.mail_to(signer.email, 2)
    desk.opens(page)
    desk.follows("Send the mail again")
    desk.reads("No mail can go now.")
    assert len(desk.house.stage.mails_to(signer.email)) == 2


def attests(desk: Desk, petition: int) -> None:
    before = desk.house.stage.number()
    page = signature_of(desk, somebody())
    desk.opens(page)
    desk.follows("Attest it")
    desk.presses("Attest this signature", 422)
    desk.fills(reason="Confirmed by telephone.")
    desk.presses("Attest this signature")
    desk.opens(page)
    desk.reads("attested by an organiser")
    assert desk.house.stage.number() == before, "counted apart"
    desk.follows("Withdraw it")
    desk.presses("Withdraw this signature")
    desk.opens(f"/organiser/confirmations/{petition}/signatures?state=attested")


def sets_aside_and_puts_back(desk: Desk, petition: int) -> None:
    page = signature_of(desk, somebody())
    desk.opens(page)
    desk.follows("Set it aside")
    desk.presses("Set one signature aside", 422)
    desk.fills(ground="automatic")
    desk.presses("Set one signature aside")
    assert desk.house.stage.newest("set_aside_at")[0] is not None
    desk.opens(f"/organiser/confirmations/{petition}/signatures?state=set-aside")
    desk.opens(page)
    desk.follows("Put it back")
    desk.fills(reason="It was a slow reader.")
    desk.presses("Put one signature back")
    assert desk.house.stage.newest("set_aside_at")[0] is None
    desk.opens(page)
    desk.follows("Erase it")
    desk.presses("Erase this signature", 422)
    desk.fills(ground="in writing")
    desk.presses("Erase this signature")


def finds_an_address(desk: Desk, petition: int) -> None:
    signer = somebody()
    signature_of(desk, signer)
    desk.opens(f"/organiser/confirmations/{petition}/signatures")
    desk.fills(email="nobody")
    desk.presses("Look up this address", 422)
    desk.fills(email=signer.email)
    desk.presses("Look up this address")
    desk.reads("There is a signature with this address")
    assert signer.email not in desk.page.url + desk.house.stage.log()


def enters_paper(desk: Desk, petition: int) -> None:
    desk.opens(f"/organiser/confirmations/{petition}/paper")
    desk.presses("Enter this number", 422)
    desk.fills(source="paper", number=17, provenance="market, sheets 1 and 2")
    desk.presses("Enter this number")
    desk.fills(file=sheets("paper,XX,3,,hall,"))
    desk.presses("Enter these rows", 422)
    desk.fills(file=sheets("partner,IS,40,2026-02-28,Friends,list seen"))
    desk.presses("Enter these rows")
    desk.follows("add one")
    desk.fills(scan=picture())
    desk.presses("Keep this scan")
    desk.reads("Look at the scan")
    desk.opens(f"/organiser/confirmations/{petition}/paper")
    desk.follows("Take out")
    desk.presses("Take it out", 422)
    desk.fills(reason="Counted twice.")
    desk.presses("Take it out")


def sheets(row: str) -> dict[str, object]:
    head = "source,country,number,collected_on,provenance,how_checked"
    return {"name": "s.csv", "mimeType": "text/csv", "buffer": f"{head}\n{row}\n".encode()}


def sets_aside_in_bulk(desk: Desk, petition: int) -> None:
    """Those from one country, which nobody else in this run gave; then all of it is put back."""
    country = "TO" if desk.scripts else "TV"
    for _ in range(2):
        desk.house.stage.signed(somebody(country=country))
    desk.opens(f"/organiser/confirmations/{petition}/trends")
    desk.follows("Set aside …")
    desk.reads("would be set aside")
    desk.opens(f"/organiser/confirmations/{petition}/bulk")
    desk.presses("See whom it means", 422)
    desk.fills(country=country)
    desk.presses("See whom it means")
    desk.reads("2 signatures would be set aside.")
    desk.presses("Set 2 signatures aside", 422)
    desk.fills(ground="automatic", reason="All within a second.")
    desk.presses("Set 2 signatures aside")
    waits_for(desk, "set aside")
    assert desk.house.stage.newest("set_aside_at")[0] is not None
    desk.fills(reason="They are people after all.")
    desk.presses("Put back")
    waits_for(desk, "put back")
    assert desk.house.stage.newest("set_aside_at")[0] is None


def blocks_a_network(desk: Desk) -> None:
    desk.opens("/organiser/rules/")
    desk.presses("Add the rule", 422)
    desk.fills(what="block", kind="network", value="203.0.113.0/24", reason="Forged last week.")
    desk.presses("Add the rule")
    desk.reads("203.0.113.0/24")
    desk.follows("Remove")
    desk.presses("Remove the rule")


# The deliverer: builds, hands over, and writes down what came of it.


@both_ways
def test_deliverer(
    *, house: House, open_desk: Callable[..., Desk], scripts: bool, tmp_path: Path
) -> None:
    desk, me = open_desk(scripts=scripts), house.person("deliverer", anew=True)
    house.stage.confirmed(somebody())
    desk.signs_in(me)
    desk.sets_up_the_second_step(me)
    desk.sees_everything_in_the_menu()
    bundle = builds_a_bundle(desk, tmp_path)
    logs_a_refusal(desk, bundle)
    delivery = logs_a_receipt(desk, bundle)
    corrects_it(desk, delivery)
    records_a_reply(desk, delivery)
    told = ("1 March 2026", "5 March 2026", "Received with thanks")
    until(
        lambda: all(one in house.stage.visitor().get(f"/petitions/{OPEN}").text for one in told),
        what="readers are not told of the deliveries and the reply",
    )
    desk.showed("deliverer")


def builds_a_bundle(desk: Desk, directory: Path) -> int:
    desk.opens(f"/organiser/bundles/petitions/{desk.house.petition_id(OPEN)}")
    desk.main.locator("[name=officials]").first.uncheck()
    desk.presses("Build the bundles", 422)
    desk.follows("See the letter and who is in it")
    writes_the_letter(desk)
    desk.opens(f"/organiser/bundles/petitions/{desk.house.petition_id(OPEN)}")
    desk.main.locator("[name=officials]").first.check()
    desk.presses("Build the bundles")
    waits_for(desk, "done")
    with desk.page.expect_download() as sent:
        desk.main.get_by_role("button", name="Download").first.click()
    file = directory / "bundle.zip"
    sent.value.save_as(file)
    told = desk.house.stage.site.run("bundles", "verify", str(file)).stdout
    assert told
    press(desk.page, desk.main.get_by_role("rowheader").first.get_by_role("link"))
    desk.opens(desk.path)
    return desk.number


def writes_the_letter(desk: Desk) -> None:
    desk.follows("Write this letter")
    desk.fills(closing="")
    desk.presses("Save and look at it", 422)
    desk.fills(closing="Respectfully,", enclosures="Our report, 4 pages")
    desk.presses("Save and look at it")
    seen = desk.main.locator("img.page").first
    assert seen.evaluate("it => it.decode().then(() => it.naturalWidth)") > 700


def waits_for(desk: Desk, status: str) -> None:
    """Load the page anew until the worker has done what was asked for."""
    here = desk.path
    deadline = time.monotonic() + 60
    while desk.main.locator(".status").first.inner_text() != status:
        assert time.monotonic() < deadline, desk.main.inner_text()
        desk.opens(here)


def logs_a_refusal(desk: Desk, bundle: int) -> None:
    desk.opens(f"/organiser/bundles/{bundle}")
    desk.follows("Send by e-mail, and what became of it")
    desk.reads("The worker sends one mail to an official every 20 seconds")
    desk.opens(f"/organiser/bundles/{bundle}")
    desk.follows("Log a delivery")
    desk.presses("Log the delivery", 422)
    desk.fills(state="done", channel="meeting", attempted_on="2026-03-01", outcome="refused")
    desk.fills(note="The door stayed shut.", public=True)
    desk.presses("Log the delivery")


def logs_a_receipt(desk: Desk, bundle: int) -> int:
    desk.opens(f"/organiser/deliveries/new/{bundle}")
    desk.fills(state="done", channel="post", attempted_on="2026-03-05", outcome="accepted")
    desk.fills(receipt=picture(), public=True, follow_up_on="2026-04-05")
    desk.presses("Log the delivery")
    desk.reads("Look at the receipt")
    return desk.number


def corrects_it(desk: Desk, delivery: int) -> None:
    desk.opens(f"/organiser/deliveries/{delivery}")
    desk.follows("Correct")
    desk.fills(place="Moscow")
    desk.presses("Save")
    desk.reads("Moscow")
    desk.opens("/organiser/deliveries/")
    desk.follows("What is due")
    desk.opens(f"/organiser/deliveries/{delivery}")
    desk.follows("Papers to take along")
    desk.follows("Envelope labels")
    desk.opens("/organiser/deliveries/")


def records_a_reply(desk: Desk, delivery: int) -> None:
    desk.opens(f"/organiser/deliveries/{delivery}")
    desk.follows("Record a reply")
    desk.presses("Save the reply", 422)
    officials = desk.main.locator("[name=official] option")
    desk.fills(official=officials.nth(1).get_attribute("value"), received_on="2026-03-20")
    desk.fills(language="en", text="Received with thanks.", public=True)
    desk.presses("Save the reply")
    desk.opens(f"/organiser/deliveries/replies/{desk.house.petition_id(OPEN)}")


# What a role may not do.

PAGES = {
    Right.LOOK: "/organiser/cases/1",
    Right.WRITE_TEXTS: "/organiser/cases/1/updates/new",
    Right.EDIT: "/organiser/cases/1/facts",
    Right.PUBLISH: "/organiser/cases/1/hide",
    Right.SEE_SIGNERS: "/organiser/confirmations/1/signatures",
    Right.REVIEW: "/organiser/confirmations/1/resend",
    Right.DELIVER: "/organiser/deliveries/replies/1/new",
    Right.MANAGE_ORGANISATION: "/organiser/organisation/letterhead",
    Right.MANAGE_ORGANISERS: "/organiser/organisers/",
    Right.READ_AUDIT: "/organiser/audit/verify",
}
"""A page for each right."""
DEEDS = {
    Right.WRITE_TEXTS: "/organiser/cases/1/text/ru",
    Right.EDIT: "/organiser/petitions/1/addressees",
    Right.PUBLISH: "/organiser/cases/1/hide",
    Right.SEE_SIGNERS: "/organiser/confirmations/1/address",
    Right.REVIEW: "/organiser/confirmations/1/paper",
    Right.DELIVER: "/organiser/bundles/petitions/1",
    Right.MANAGE_ORGANISATION: "/organiser/organisation/letterhead/remove",
    Right.MANAGE_ORGANISERS: "/organiser/organisers/invite",
}
"""And a form, for those rights that change something."""


@pytest.mark.parametrize(
    ("role", "scripts"),
    [
        (Role.CAMPAIGNER, True),
        (Role.TRANSLATOR, False),
        (Role.REVIEWER, True),
        (Role.DELIVERER, False),
    ],
)
def test_what_a_role_may_not_do_is_refused_and_written_down(
    *, house: House, open_desk: Callable[..., Desk], role: Role, scripts: bool
) -> None:
    assert set(PAGES) == set(Right)
    desk, me = open_desk(scripts=scripts), house.person(role.value, anew=True)
    desk.signs_in(me)
    if GRANTS[role] & NEED_TWO_FACTOR:
        desk.sets_up_the_second_step(me)
    for right in GRANTS[role]:
        desk.opens(PAGES[right])
    expected = []
    for right in set(Right) - GRANTS[role]:
        expected.append(right.name.lower())
        desk.opens(PAGES[right], 403)
        desk.reads("Nothing was changed.")
        if right in DEEDS:
            expected.append(right.name.lower())
            sends(desk, DEEDS[right], 403)
    query = "SELECT detail, subject FROM audit_entry WHERE actor = :me AND action = 'refused'"
    who = f"organiser {house.id_of(me)}"
    traces = house.stage.rows(query, me=who)
    assert sorted(json.loads(detail)["right"] for detail, _ in traces) == sorted(expected)
    assert {subject for _, subject in traces} == {who}
    desk.showed("refused")


def test_no_page_of_the_console_is_forgotten() -> None:
    """Each template is shown by a journey, or is a part of one that is."""
    shown = {f"{name}.html" for names in VISITS.values() for name in names.split()}
    folders = [TEMPLATES / "organiser", TEMPLATES / "security"]
    there = {str(file.relative_to(TEMPLATES)) for one in folders for file in one.rglob("*.html")}
    assert shown <= there
    parts: set[str | None] = set()
    for name in shown:
        read = Environment(autoescape=True, extensions=[ext.i18n]).parse(
            (TEMPLATES / name).read_text()
        )
        parts |= set(find_referenced_templates(read))
    left = {name for name in there - shown if not name.startswith(tuple(FETCHED_ELSEWHERE))}
    assert left <= parts
