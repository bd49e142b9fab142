"""Readers with another language, another clock or larger text than most, in Chromium.

On SQLite only: the browser sees no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.staging import OPEN, PAST, Stage, somebody, until
from tests.journeys.test_signing_in_the_browser import (
    fill,
    leaves_nothing_behind,
    open_own_signature,
    own_form,
    shown_number,
    sign_button,
)
from tests.servers.browser import check_accessibility, check_fits, press

pytestmark = pytest.mark.browser

both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
LETTER = f"/petitions/{PAST}/letters/uz-interior-minister"
PAGES = (
    "/",
    f"/cases/{OPEN}",
    f"/petitions/{PAST}",
    f"/petitions/{PAST}/share",
    f"/petitions/{PAST}/letters?country=DE",
    LETTER,
    "/privacy",
    "/accessibility",
)


@both_ways
def test_in_arabic_from_the_front_page_to_showing_less_and_withdrawing(
    *, sqlite_stage: Stage, open_window: Callable[..., Page], scripts: bool
) -> None:
    stage, signer = sqlite_stage, somebody(appearance="full")
    number = stage.number()
    page = open_window(scripts=scripts, viewport="phone")
    page.goto(stage.url)
    press(page, page.get_by_role("link", name="العربية"))
    reads_from_the_right(page)
    press(page, page.locator(f'main a[href^="/petitions/{OPEN}"]').first)
    reads_from_the_right(page)
    assert shown_number(page) == number
    fill(page, signer)
    assert press(page, sign_button(page)).status == 200
    reads_from_the_right(page)

    # The language chosen in the head is that of the mail and of the pages behind its links.
    page.goto(stage.url + stage.link(stage.mail_to(signer.email), "confirm"))
    press(page, page.get_by_role("link", name="العربية"))
    reads_from_the_right(page)
    confirming = page.locator("main form").first
    confirming.locator("[name=appearance][value=initials]").check()
    assert press(page, confirming.get_by_role("button")).status == 200
    reads_from_the_right(page)
    assert stage.newest("state, appearance") == ("confirmed", "initials")

    open_own_signature(stage, page, signer)
    press(page, page.get_by_role("link", name="العربية"))
    reads_from_the_right(page)
    less = own_form(page, "show-less")
    less.locator("[value=counted]").check()
    assert press(page, less.get_by_role("button")).status == 200
    assert stage.newest("appearance") == ("counted",)
    assert press(page, own_form(page, "withdraw").get_by_role("button")).status == 200
    reads_from_the_right(page)
    stage.wait_for_number(number)
    leaves_nothing_behind(page)


@both_ways
def test_page_in_arabic_has_no_fault(
    *, sqlite_stage: Stage, open_window: Callable[..., Page], scripts: bool
) -> None:
    page = open_window(scripts=scripts, viewport="phone", color_scheme="dark")
    for path in PAGES:
        page.goto(f"{sqlite_stage.url}{path}{'&' if '?' in path else '?'}lang=ar")
        reads_from_the_right(page)
        check_accessibility(page)


def test_text_twice_as_large_fits(sqlite_stage: Stage, open_window: Callable[..., Page]) -> None:
    page = open_window(scripts=True)
    for path in PAGES:
        for lang, width in (("ru", 1280), ("ar", 640), ("en", 360)):
            page.set_viewport_size({"width": width, "height": 760})
            page.goto(f"{sqlite_stage.url}{path}{'&' if '?' in path else '?'}lang={lang}")
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            check_fits(page)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Europe/Moscow", ""), ("Asia/Tokyo", "05:59"), ("America/New_York", "1")],
    ids=["same", "ahead", "behind"],
)
def test_last_day_is_told_by_the_reader_s_own_clock(
    sqlite_stage: Stage, open_window: Callable[..., Page], zone: str, shown: str
) -> None:
    with last_day(sqlite_stage, PAST):
        page = open_window(scripts=True, timezone_id=zone)
        page.goto(f"{sqlite_stage.url}/petitions/{PAST}")
        told = page.locator("[data-ends]")
        if not shown:
            expect(told).to_be_hidden()
        else:
            expect(told).to_be_visible()
            expect(told).to_contain_text("In your time zone: until")
            expect(told).to_contain_text(shown)


def test_picture_keeps_its_place_while_it_is_loaded(
    sqlite_stage: Stage, open_window: Callable[..., Page]
) -> None:
    """No layout shift: what is below a picture stays where it is when the picture comes."""
    with picture_of(sqlite_stage, OPEN):
        page = open_window(scripts=True, viewport="phone")
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/pictures/**", hold)
        page.goto(f"{sqlite_stage.url}/cases/{OPEN}", wait_until="domcontentloaded")
        # Asking the page something lets Playwright tell what it has seen meanwhile.
        until(lambda: page.title() and held, what="the picture was not asked for")
        before = place_of_the_story(page)
        for route in held:
            route.continue_()
        width = "document.querySelector('main img').naturalWidth"
        until(lambda: page.evaluate(width), what="the picture did not come")
        source = page.evaluate("document.querySelector('main img').currentSrc")
        assert source.endswith("/640"), "the size that fits the window, not the largest"
        assert place_of_the_story(page) == before


def test_text_is_copied_by_a_button(sqlite_stage: Stage, open_window: Callable[..., Page]) -> None:
    page = open_window(scripts=True, permissions=["clipboard-read", "clipboard-write"])
    page.goto(sqlite_stage.url + LETTER)
    page.locator("#letter").fill("Dear Minister,\n\nwhere is he?")
    press(page, page.get_by_role("button", name="Show the text"))
    page.locator("#ready-text ~ button").click()
    expect(page.locator("#ready-text ~ [role=status]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.replace("\r", "") == "Dear Minister,\n\nwhere is he?"
    check_accessibility(page)


# What a person sees.


def reads_from_the_right(page: Page) -> None:
    html = page.locator("html")
    expect(html).to_have_attribute("dir", "rtl")
    expect(html).to_have_attribute("lang", "ar")
    check_fits(page)


def place_of_the_story(page: Page) -> float:
    box = page.locator("#story").bounding_box()
    assert box is not None
    return round(box["y"])


@contextmanager
def last_day(stage: Stage, petition: str) -> Iterator[None]:
    """A deadline that is ahead, for a while."""
    change = "UPDATE petition SET deadline_on = :day WHERE slug = :slug"
    [(was,)] = stage.rows("SELECT deadline_on FROM petition WHERE slug = :slug", slug=petition)
    ahead = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    stage.execute(change, day=ahead, slug=petition)
    try:
        yield
    finally:
        stage.execute(change, day=was, slug=petition)


@contextmanager
def picture_of(stage: Stage, case: str) -> Iterator[None]:
    """A picture of a case, for a while."""
    from petitions.domain import uploads
    from tests.documents.pictures import emblem

    made = uploads.picture(emblem((1600, 900)))
    [(case_id,)] = stage.rows('SELECT id FROM "case" WHERE slug = :slug', slug=case)
    stage.execute(
        "INSERT INTO picture (id, case_id, position, media_type, content, width, height, credit)"
        " VALUES (901, :case, 1, :kind, :content, :width, :height, 'A friend')",
        case=case_id, kind=made.media_type, content=made.content,
        width=made.width, height=made.height,
    )  # fmt: skip
    stage.execute(
        "INSERT INTO picture_text (picture_id, language, alt, caption)"
        " VALUES (901, 'en', 'A disc', 'In 2012')"
    )
    try:
        yield
    finally:
        stage.execute("DELETE FROM picture_text WHERE picture_id = 901")
        stage.execute("DELETE FROM picture WHERE id = 901")
