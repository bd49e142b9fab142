"""A person signs, reads the mail, confirms and takes back, in Chromium, with scripts on and off.

On SQLite only: the browser sees no difference, and the contract is held on both databases.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.staging import OPEN, Signer, Stage, somebody, until
from tests.journeys.visiting import path_of
from tests.servers.browser import check_fits, press

pytestmark = pytest.mark.browser

both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
both_sizes = pytest.mark.parametrize("viewport", ["phone", "desktop"])
_STOPS = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {
    tag: at.localName, id: at.id, name: at.name || "", type: at.type || "", value: at.value || "",
    text: at.textContent.trim().slice(0, 40),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


# Each way to appear with each kind of browser and each size; not all twelve together.
@pytest.mark.parametrize(
    ("appearance", "scripts", "viewport"),
    [
        ("full", True, "desktop"),
        ("full", True, "phone"),
        ("full", False, "desktop"),
        ("full", False, "phone"),
        ("initials", True, "desktop"),
        ("initials", False, "phone"),
        ("counted", True, "phone"),
        ("counted", False, "desktop"),
    ],
)
def test_from_the_front_page_to_a_signature_and_back(
    *,
    sqlite_stage: Stage,
    open_window: Callable[..., Page],
    scripts: bool,
    viewport: str,
    appearance: str,
) -> None:
    stage, signer = sqlite_stage, somebody(appearance=appearance, initials="Ý. B.")
    number = stage.number()
    page = open_window(scripts=scripts, viewport=viewport)

    page.goto(stage.url)
    check_fits(page)
    press(page, page.locator(f'main a[href^="/petitions/{OPEN}"]').first)
    title = page.get_by_role("heading", level=1).inner_text()
    text = page.locator(".text > .prose p").all_inner_texts()
    assert text
    assert shown_number(page) == number
    fill(page, signer)
    assert press(page, sign_button(page)).status == 200
    assert path_of(page.url) == f"/petitions/{OPEN}/check-your-email"

    link = stage.link(stage.mail_to(signer.email), "confirm")
    page.goto(stage.url + link)
    check_fits(page)
    for signed in (title, *text):
        expect(page.get_by_role("main")).to_contain_text(signed)
    assert checked(page, "appearance") == [appearance]
    offered = ["full", "initials", "counted"]
    assert choices(page, "appearance") == offered[offered.index(appearance) :]
    assert stage.number() == number
    confirming = page.locator("main form").first
    assert press(page, confirming.get_by_role("button")).status == 200

    assert path_of(page.url) == f"/petitions/{OPEN}/thank-you"
    expect(page.get_by_role("main")).to_contain_text(title)
    stage.wait_for_number(number + 1)
    page.goto(f"{stage.url}/petitions/{OPEN}")
    assert shown_number(page) == number + 1
    assert stage.newest("state, appearance, address_sealed") == ("confirmed", appearance, None)

    take_back(stage, page, signer)
    stage.wait_for_number(number)
    page.goto(f"{stage.url}/petitions/{OPEN}")
    assert shown_number(page) == number
    leaves_nothing_behind(page)


@both_ways
@both_sizes
def test_empty_form_says_what_is_missing_and_leads_there(
    *, sqlite_stage: Stage, open_window: Callable[..., Page], scripts: bool, viewport: str
) -> None:
    page = open_window(scripts=scripts, viewport=viewport)
    page.goto(f"{sqlite_stage.url}/petitions/{OPEN}")
    assert checked(page, "appearance") == checked(page, "consent") == checked(page, "news") == []
    assert page.locator("[name=country]").input_value() == ""
    assert press(page, sign_button(page)).status == 422
    check_fits(page)
    summary = page.locator(".error-summary")
    expect(summary).to_have_role("alert")
    summary.focus()
    expect(summary).to_be_focused()
    links = summary.get_by_role("link").all()
    targets = [str(link.get_attribute("href")) for link in links]
    assert targets == ["#name", "#email", "#country", "#appearance", "#consent"]
    for link, target in zip(links, targets, strict=True):
        field = page.locator(target)
        described = str(field.get_attribute("aria-describedby") or "") or str(
            page.locator(f"fieldset:has({target})").get_attribute("aria-describedby")
        )
        error = page.locator(", ".join(f"#{name}" for name in described.split())).locator(
            "visible=true"
        )
        expect(error.filter(has_text=str(link.text_content())).first).to_be_visible()
        link.click()
        expect(field).to_be_focused()
        expect(field).to_be_in_viewport()
    assert checked(page, "appearance") == checked(page, "consent") == []


@both_ways
def test_what_was_typed_is_kept_after_an_error_and_can_be_sent(
    *, sqlite_stage: Stage, open_window: Callable[..., Page], scripts: bool
) -> None:
    signer = somebody(appearance="initials", initials="Ý. Br.")
    page = open_window(scripts=scripts, viewport="phone")
    page.goto(f"{sqlite_stage.url}/petitions/{OPEN}")
    fill(page, signer, consent=False)
    page.locator("[name=news]").check()
    assert press(page, sign_button(page)).status == 422
    typed = signer.typed()
    for name in ("name", "email", "country", "place", "initials"):
        expect(page.locator(f"[name={name}]")).to_have_value(typed[name])
    assert checked(page, "appearance") == ["initials"]
    assert checked(page, "news") == ["yes"]
    assert checked(page, "consent") == []
    page.locator("[name=consent]").check()
    assert press(page, sign_button(page)).status == 200
    sqlite_stage.mail_to(signer.email)


def test_scripts_suggest_initials_show_the_line_and_follow_the_country(
    sqlite_stage: Stage, open_window: Callable[..., Page]
) -> None:
    page = open_window(scripts=True)
    page.goto(f"{sqlite_stage.url}/petitions/{OPEN}")
    page.locator("[name=name]").fill("Ylfa Brandsdóttir")
    expect(page.locator("[name=initials]")).to_have_value("Y. B.")
    expect(page.locator('[data-line="full"]')).to_contain_text("Ylfa Brandsdóttir")
    page.locator("[name=initials]").fill("Y.")
    page.locator("[name=name]").fill("Ylfa Katla Brandsdóttir")
    expect(page.locator("[name=initials]")).to_have_value("Y.")
    assert choices(page, "appearance") == ["full", "initials", "counted"]
    page.locator("[name=country]").select_option("RU")  # the state that is addressed
    assert choices(page, "appearance") == ["counted", "full", "initials"]
    page.locator("[name=country]").select_option("IS")
    assert choices(page, "appearance") == ["full", "initials", "counted"]
    assert checked(page, "appearance") == []


@both_ways
def test_the_keyboard_alone_signs_and_confirms(
    *, sqlite_stage: Stage, open_window: Callable[..., Page], scripts: bool
) -> None:
    stage, signer = sqlite_stage, somebody(appearance="initials", initials="Ý. B.")
    page = open_window(scripts=scripts, viewport="phone")
    page.goto(f"{stage.url}/petitions/{OPEN}")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip, a[href='#main']").first).to_be_focused()
    for name in ("name", "email", "country", "place", "appearance", "initials", "consent", "news"):
        tab_to(page, lambda stop, wanted=name: stop["name"] == wanted)
        if name == "country":
            page.keyboard.type("Icel")
        elif name == "appearance":
            page.keyboard.press("ArrowDown")
        elif name == "consent":
            page.keyboard.press("Space")
        elif name != "news":
            page.keyboard.press("Control+A")
            page.keyboard.type(signer.typed()[name])
    expect(page.locator("[name=country]")).to_have_value("IS")
    assert checked(page, "appearance") == ["initials"]
    tab_to(page, lambda stop: stop["type"] == "submit")
    enter(page)
    assert path_of(page.url) == f"/petitions/{OPEN}/check-your-email"
    link = stage.link(stage.mail_to(signer.email), "confirm")
    page.goto(stage.url + link)
    tab_to(page, lambda stop: stop["type"] == "submit")
    enter(page)
    assert path_of(page.url) == f"/petitions/{OPEN}/thank-you"
    assert stage.newest("state, appearance") == ("confirmed", "initials")


def test_the_form_in_a_frame_of_another_site_opens_the_whole_window(
    sqlite_stage: Stage, open_window: Callable[..., Page]
) -> None:
    signer = somebody(appearance="counted")
    page = open_window(scripts=True)
    with other_site(f'<iframe src="{sqlite_stage.url}/embed/{OPEN}" height="700"></iframe>') as url:
        page.goto(url)
        frame = page.frame_locator("iframe")
        frame.locator("[name=name]").fill(signer.name)
        frame.locator("[name=email]").fill(signer.email)
        frame.locator("[name=country]").select_option(signer.country)
        frame.locator("[name=appearance][value=counted]").check()
        frame.locator("[name=consent]").check()
        frame.locator('form[action*="/sign"] [type=submit]').click()
        page.wait_for_url(f"**/petitions/{OPEN}/check-your-email*")
        sqlite_stage.mail_to(signer.email)


# What a person does.


def fill(page: Page, signer: Signer, *, consent: bool = True) -> None:
    typed = signer.typed()
    for name in ("name", "email", "place", "initials"):
        page.locator(f"[name={name}]").fill(typed[name])
    page.locator("[name=country]").select_option(signer.country)
    page.locator(f"[name=appearance][value={signer.appearance}]").check()
    if consent:
        page.locator("[name=consent]").check()


def sign_button(page: Page) -> Locator:
    return page.locator(f'form[action*="/petitions/{OPEN}/sign"]').get_by_role("button")


def enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tab_to(page: Page, wanted: Callable[[dict[str, str]], bool]) -> None:
    """Press Tab until the wanted stop; every stop on the way is seen and has a ring around it."""
    for _ in range(80):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOPS)
        # Chromium scrolls to what has the focus with the next frame.
        until(lambda: page.evaluate(_STOPS)["seen"], what=f"focus is out of sight: {stop}")
        assert stop["ring"], f"nothing shows that this has the focus: {stop}"
        if wanted(stop):
            return
    raise AssertionError("Tab does not lead there")


def open_own_signature(stage: Stage, page: Page, signer: Signer) -> None:
    """Ask for the link on the page of the footer, and follow it from the mail."""
    press(page, page.get_by_role("contentinfo").locator('a[href^="/my-signature"]'))
    page.locator("[name=email]").fill(signer.email)
    assert press(page, page.get_by_role("main").get_by_role("button")).status == 200
    page.goto(stage.url + stage.link(stage.mail_to(signer.email, 2), "my-signature"))
    expect(page.get_by_role("main")).to_contain_text(signer.name)
    check_fits(page)


def take_back(stage: Stage, page: Page, signer: Signer) -> None:
    """Show less where there is less to show, then withdraw."""
    open_own_signature(stage, page, signer)
    if signer.appearance == "full":
        less = own_form(page, "show-less")
        less.locator("[value=initials]").check()
        assert press(page, less.get_by_role("button")).status == 200
        assert stage.newest("appearance") == ("initials",)
    assert press(page, own_form(page, "withdraw").get_by_role("button")).status == 200
    expect(page.get_by_role("main")).not_to_contain_text(signer.name)


def own_form(page: Page, action: str) -> Locator:
    return page.locator(f'form:has([name=action][value="{action}"])')


# What a person sees.


def shown_number(page: Page) -> int:
    """The number of confirmed signatures as the page writes it."""
    written = page.locator(".numbers .confirmed b").first.inner_text()
    return int(re.sub(r"\D", "", written))


def checked(page: Page, name: str) -> list[str]:
    boxes = page.locator(f"[name={name}]:checked").all()
    return [str(box.get_attribute("value")) for box in boxes]


def choices(page: Page, name: str) -> list[str]:
    return [str(one.get_attribute("value")) for one in page.locator(f"[name={name}]").all()]


def leaves_nothing_behind(page: Page) -> None:
    """No cookie, and nothing stored in the browser."""
    assert page.context.cookies() == []
    assert page.context.storage_state()["origins"] == []


@contextmanager
def other_site(html: str) -> Iterator[str]:
    """Another site on this machine that shows one page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        # By another name than ours: to the browser another site.
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()
