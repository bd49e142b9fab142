"""A letter is chosen, edited, copied, printed and told of, in Chromium, with scripts on and off.

On SQLite only: the browser sees no difference.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.journeys.staging import OPEN, PAST, Stage
from tests.journeys.visiting import path_of
from tests.servers.browser import check_accessibility, check_fits, press

pytestmark = pytest.mark.browser

LETTERS = f"/petitions/{PAST}/letters"
both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


def looks(page: Page) -> None:
    """Nothing wrong for axe, and nothing wider than the window, on a phone and on a desktop."""
    for width, scheme in ((360, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 760})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        check_accessibility(page)
        check_fits(page)
    page.set_viewport_size({"width": 320, "height": 760})
    check_fits(page)


def reported(stage: Stage) -> int:
    [(number,)] = stage.rows("SELECT count(*) FROM appeal")
    return int(number)


@both_ways
def test_from_the_petition_to_a_letter_that_was_sent(
    *, sqlite_stage: Stage, open_window: Callable[..., Page], scripts: bool, tmp_path: Path
) -> None:
    stage, before = sqlite_stage, sqlite_stage.everything()
    page = open_window(scripts=scripts, viewport="phone")
    page.goto(f"{stage.url}/petitions/{PAST}")
    press(page, page.get_by_role("link", name="Write a letter"))
    looks(page)

    looks_at_an_embassy(page)
    press(page, page.get_by_role("link", name="Minister of Internal Affairs of Uzbekistan"))
    press(page, page.get_by_role("link", name="Russian"))
    looks(page)
    letter = page.locator("#letter")
    assert letter.input_value().startswith("Уважаемый господин министр!")
    letter.fill("Уважаемый господин министр!\n\nГде он?")
    page.get_by_label("Your name").fill("Ylfa Brandsdóttir")
    page.get_by_label("Begin with a cover page").check()
    press(page, page.get_by_role("button", name="Show the text"))
    looks(page)
    expect(page.get_by_label("Text, to copy")).to_have_value(
        "Уважаемый господин министр!\n\nГде он?\n\nYlfa Brandsdóttir"
    )
    assert "Ylfa" not in page.url

    with page.expect_download() as download:
        page.get_by_role("button", name="Make a PDF").click()
    download.value.save_as(tmp_path / "letter.pdf")
    pages = PdfReader(tmp_path / "letter.pdf").pages
    assert len(pages) == 2
    assert "Где он?" in pages[1].extract_text()
    expect(letter).to_have_value("Уважаемый господин министр!\n\nГде он?")
    assert stage.everything() == before, "nothing of it is stored"

    tells_of_it(stage, page)
    for secret in ("Ylfa", "Где он"):
        assert secret not in stage.log()
    assert page.context.cookies() == []


def looks_at_an_embassy(page: Page) -> None:
    page.get_by_label("Country that you live in").select_option("DE")
    press(page, page.get_by_role("button", name="Show the embassies"))
    looks(page)
    press(page, page.get_by_role("link", name="Ambassador of the Russian Federation in Berlin"))
    looks(page)
    press(page, page.get_by_role("link", name="Write to somebody else"))


def tells_of_it(stage: Stage, page: Page) -> None:
    """Report the letter from its page, first without saying how it went."""
    number = reported(stage)
    press(page, page.get_by_role("link", name="Tell us"))
    press(page, page.get_by_role("button", name="I have sent it"))
    expect(page.locator(".error-summary")).to_be_visible()
    looks(page)
    page.get_by_label("By fax").check()
    press(page, page.get_by_role("button", name="I have sent it"))
    assert path_of(page.url) == f"{LETTERS}/thank-you"
    looks(page)
    assert reported(stage) == number + 1
    [row] = stage.rows("SELECT channel, language FROM appeal ORDER BY id DESC LIMIT 1")
    assert row == ("fax", "ru")
    stage.execute("DELETE FROM appeal")


@both_ways
def test_refused_letter_leads_to_what_is_missing(
    *, sqlite_stage: Stage, open_window: Callable[..., Page], scripts: bool
) -> None:
    page = open_window(scripts=scripts, viewport="phone")
    page.goto(f"{sqlite_stage.url}{LETTERS}/uz-interior-minister?language=own")
    looks(page)
    page.get_by_label("Your name").fill("Ylfa")
    press(page, page.get_by_role("button", name="Make a PDF"))
    looks(page)
    links = page.locator(".error-summary a")
    assert [link.get_attribute("href") for link in links.all()] == ["#subject", "#letter"]
    links.last.click()
    expect(page.locator("#letter")).to_be_focused()
    expect(page.get_by_label("Your name")).to_have_value("Ylfa")


@both_ways
def test_country_without_an_embassy_and_pages_in_russian(
    *, sqlite_stage: Stage, open_window: Callable[..., Page], scripts: bool
) -> None:
    page = open_window(scripts=scripts)
    for path in ("?country=IS", "?lang=ru&country=IS", "/uz-interior-minister?lang=ru"):
        page.goto(sqlite_stage.url + LETTERS + path)
        looks(page)


@pytest.mark.parametrize("state", ["paused", "closed", "stopped", "archived"])
def test_page_where_letters_are_not_asked_for(
    sqlite_stage: Stage, open_window: Callable[..., Page], state: str
) -> None:
    page = open_window()
    with sqlite_stage.petition_state(state):
        page.goto(f"{sqlite_stage.url}/petitions/{OPEN}/letters")
        looks(page)
        expect(page.locator("main form")).to_have_count(0)


def test_keyboard_alone_makes_the_text(
    sqlite_stage: Stage, open_window: Callable[..., Page]
) -> None:
    page = open_window()
    page.goto(f"{sqlite_stage.url}{LETTERS}/uz-interior-minister")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "text":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_label("Text, to copy")).to_be_visible()
