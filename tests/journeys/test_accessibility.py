"""axe finds nothing, and nobody scrolls sideways, on every public page and in every state of it.

Each page is looked at with the site's scripts and without, on a phone and on a desktop, light and
dark: each pair of the three, not each triple, which takes half the time. On SQLite only: pages look
the same on both databases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from petitions.tokens import CONFIRM, MY_SIGNATURE
from tests.journeys.staging import OPEN, PAST, SIGN_LIMIT, Signer, Stage, somebody
from tests.journeys.visiting import Visitor, new_network
from tests.servers.browser import check_accessibility, check_fits, press

pytestmark = pytest.mark.browser

# By whether scripts run: width of the window, and colour scheme.
LOOKS = {True: ((1280, "light"), (360, "dark")), False: ((1280, "dark"), (360, "light"))}
NARROWEST = 320
SIGN = f'form[action*="/petitions/{OPEN}/sign"]'


class Reader:
    """One window with scripts or without, and what is looked at in it."""

    def __init__(self, page: Page, stage: Stage, network: str, *, scripts: bool) -> None:
        self.page = page
        self.scripts = scripts
        self.stage = stage
        self.visitor = Visitor(stage.url, network=network)

    def opens(self, path: str, status: int = 200) -> None:
        """Open a page, and look at it."""
        answer = self.page.goto(self.stage.url + path)
        assert answer is not None
        assert answer.status == status, path
        self.looks()

    def presses(self, form: str, status: int = 200) -> None:
        """Press a form's button, and look at what comes."""
        button = self.page.locator(form).first.get_by_role("button")
        assert press(self.page, button).status == status
        self.looks()

    def looks(self) -> None:
        """The page as it is now: no fault, and nothing wider than the window."""
        expect(self.page.get_by_role("heading", level=1)).to_have_count(1)
        for width, scheme in LOOKS[self.scripts]:
            self.page.set_viewport_size({"width": width, "height": 760})
            self.page.emulate_media(color_scheme=scheme)
            check_accessibility(self.page)
            check_fits(self.page)
        self.page.set_viewport_size({"width": NARROWEST, "height": 760})
        check_fits(self.page)


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def reader(
    request: pytest.FixtureRequest, sqlite_stage: Stage, open_window: Callable[..., Page]
) -> Iterator[Reader]:
    network = new_network()
    page = open_window(scripts=request.param, network=network)
    yield Reader(page, sqlite_stage, network, scripts=request.param)
    assert page.context.cookies() == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        f"/cases/{OPEN}",
        f"/cases/{PAST}",
        f"/petitions/{OPEN}",
        f"/petitions/{PAST}",
        f"/embed/{OPEN}",
        "/privacy",
        "/about",
        "/accessibility",
        f"/petitions/{PAST}/share",
        "/my-signature",
        "/my-signature/check-your-email",
        f"/petitions/{OPEN}/check-your-email",
        f"/petitions/{OPEN}/thank-you",
    ],
)
def test_page_for_everybody(reader: Reader, path: str) -> None:
    reader.opens(path)


@pytest.mark.parametrize(
    "path", ["/", f"/cases/{OPEN}", f"/petitions/{PAST}", f"/petitions/{OPEN}/check-your-email"]
)
def test_page_in_russian(reader: Reader, path: str) -> None:
    reader.opens(f"{path}?lang=ru")


@pytest.mark.parametrize("path", ["/", f"/cases/{OPEN}", f"/petitions/{PAST}", "/privacy"])
def test_paper_has_the_words_and_no_furniture(reader: Reader, path: str) -> None:
    reader.page.goto(reader.stage.url + path)
    reader.page.emulate_media(media="print")
    expect(reader.page.get_by_role("heading", level=1)).to_be_visible()
    for furniture in ("nav", "main form", ".button", ".skip"):
        for one in reader.page.locator(furniture).all():
            expect(one).to_be_hidden()


def test_what_one_can_do_is_on_the_first_screen(reader: Reader) -> None:
    """The name, and the way to sign; on the petition whom it is addressed to, as well."""
    reader.page.set_viewport_size({"width": 1280, "height": 800})
    for path, last in ((f"/cases/{OPEN}", ".name-head .button"), (f"/petitions/{OPEN}", ".ways")):
        reader.page.goto(reader.stage.url + path)
        box = reader.page.locator(last).first.bounding_box()
        assert box is not None
        assert box["y"] < 800, path
    expect(reader.page.locator(".name-head .kicker")).to_contain_text("Investigation Committee")


def test_form_with_errors_and_filled(reader: Reader) -> None:
    reader.page.goto(f"{reader.stage.url}/petitions/{OPEN}")
    reader.presses(SIGN, 422)
    fill(reader.page, somebody(appearance="initials"))
    reader.looks()


def test_form_with_errors_in_russian_and_in_a_frame(reader: Reader) -> None:
    reader.page.goto(f"{reader.stage.url}/petitions/{OPEN}?lang=ru")
    reader.presses(SIGN, 422)
    reader.page.goto(f"{reader.stage.url}/embed/{OPEN}")
    reader.presses(SIGN, 422)


def test_form_that_came_too_often(reader: Reader) -> None:
    page = reader.page
    page.goto(f"{reader.stage.url}/petitions/{OPEN}")
    fill(page, somebody())
    for _ in range(2 * SIGN_LIMIT):
        if reader.visitor.post(f"/petitions/{OPEN}/sign").status == 429:
            break
    reader.presses(SIGN, 429)


@pytest.mark.parametrize("state", ["paused", "closed", "stopped", "archived"])
def test_petition_that_is_not_open(reader: Reader, state: str) -> None:
    reader.page.goto(f"{reader.stage.url}/petitions/{OPEN}")
    fill(reader.page, somebody())
    with reader.stage.petition_state(state):
        if state == "stopped":
            reader.presses(SIGN, 409)
            reader.opens(f"/cases/{OPEN}")
            reader.opens("/")
        reader.opens(f"/petitions/{OPEN}")


def test_links_of_the_confirming_mail(reader: Reader) -> None:
    links = reader.stage.signed(somebody(appearance="initials"))
    reader.opens(links["confirm"])
    # What a forged form would send: more than was chosen.
    chosen = reader.page.locator("[name=appearance]:checked")
    chosen.evaluate("box => { box.value = 'full' }")
    reader.presses("main form", 422)
    reader.opens(links["not-me"])
    reader.presses("main form")
    reader.opens(links["confirm"], 410)


def test_one_s_own_signature(reader: Reader) -> None:
    stage, signer = reader.stage, somebody(appearance="initials")
    stage.confirmed(signer)
    reader.page.goto(f"{stage.url}/my-signature")
    reader.presses("main form", 422)
    own = stage.own_link(signer)
    reader.opens(own)
    less = own_form("show-less")
    reader.page.locator(f"{less} [value=counted]").check()
    reader.presses(less)
    reader.presses(own_form("erase"))
    reader.presses("main form:has([name=sure])")


def test_ends_of_a_signature(reader: Reader) -> None:
    stage = reader.stage
    links = stage.confirmed(signer := somebody())
    own, news = stage.own_link(signer), stage.news_link(links)
    reader.opens(news)
    reader.presses("main form")
    reader.page.goto(stage.url + own)
    reader.presses(own_form("withdraw"))


def test_links_that_lead_nowhere_any_more(reader: Reader) -> None:
    stage = reader.stage
    links = stage.confirmed(signer := somebody())
    long_ago = timedelta(days=8)
    reader.opens(stage.aged(links["confirm"], CONFIRM, long_ago), 410)
    reader.opens(stage.aged(stage.own_link(signer), MY_SIGNATURE, long_ago), 410)


def test_errors(reader: Reader) -> None:
    reader.opens("/nothing-here", 404)
    with reader.stage.hidden():
        reader.opens(f"/petitions/{OPEN}", 410)
    for number in range(61):
        if reader.visitor.get(f"/confirm/guess{number}").status == 429:
            break
    reader.opens("/confirm/guess", 429)


def test_mailbox_of_the_demonstration(reader: Reader) -> None:
    reader.stage.signed(somebody())
    reader.opens("/mailbox")
    press(reader.page, reader.page.locator('main a[href^="/mailbox/"]').first)
    reader.looks()
    expect(reader.page.locator('main a[href*="/confirm/"]')).to_have_count(1)


def fill(page: Page, signer: Signer) -> None:
    for name in ("name", "email"):
        page.locator(f"[name={name}]").fill(signer.typed()[name])
    page.locator("[name=country]").select_option(signer.country)
    page.locator(f"[name=appearance][value={signer.appearance}]").check()
    page.locator("[name=consent]").check()


def own_form(action: str) -> str:
    return f'main form:has([name=action][value="{action}"])'
