"""A signer's own letter as PDF: in the window of its envelope, in any direction, within limits."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import pytest
from pypdf import PdfReader

from petitions.documents import appeal_press
from petitions.documents.appeal_letter import OWN, AppealLetter, Paper, set_appeal_letter
from petitions.documents.appeal_press import AT_ONCE, WAITING, PressBusy, appeal_letter_pdf
from petitions.documents.typesetting import TypesettingProblem, UnprintableText

MM = 72 / 25.4
HEIGHTS = {"a4": 297 * MM, "us-letter": 279.4 * MM}
# Left, top, right, bottom of what shows in the window wherever the sheet slides to, in mm.
WINDOWS = {"a4": (20, 45, 105, 90), "us-letter": (22.2, 52, 111, 80.5)}


def letter(**changes: Any) -> AppealLetter:
    made = AppealLetter(
        language="en",
        words="en",
        paper="a4",
        dated_on=date(2026, 3, 14),
        address=("Minister of the Interior", "1 Long Street", "1000 Examplestan"),
        subject="Anna B.",
        text="Dear Minister,\n\nplease tell where Anna B. is.\n\nYours sincerely,",
        sender_name="Jón Jónsson",
        sender_lines=("Hafnarstræti 5", "600 Akureyri"),
    )
    return replace(made, **changes)


def words_of(pdf: bytes, page: int | None = None) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    texts = [one.extract_text() for one in (pages if page is None else [pages[page]])]
    plain = "\n".join(texts).translate(dict.fromkeys((0x2068, 0x2069, 0x200B)))
    return " ".join(plain.split())


def places_of(pdf: bytes, *words: str) -> dict[str, tuple[float, float]]:
    """Where on the first page each word begins: mm from the left and from the top."""
    found: dict[str, tuple[float, float]] = {}
    page = PdfReader(io.BytesIO(pdf)).pages[0]
    height = float(page.mediabox.height)

    def visit(text: str, at: list[float], line: list[float], _font: object, _size: float) -> None:
        for word in words:
            if word in text:
                x, y = at[0] * line[4] + at[4], at[3] * line[5] + at[5]
                found.setdefault(word, (x / MM, (height - y) / MM))

    page.extract_text(visitor_text=visit)
    return found


@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_address_shows_in_the_window_of_its_envelope(paper: Paper) -> None:
    many = ("Minister of the Interior", *(f"Line {n}" for n in range(12)), "1000 Examplestan")
    for address in (many, many[:1] + many[-1:]):
        pdf = set_appeal_letter(letter(paper=paper, address=address))
        page = PdfReader(io.BytesIO(pdf)).pages[0]
        assert float(page.mediabox.height) == pytest.approx(HEIGHTS[paper], abs=1)
        places = places_of(pdf, "Minister of", "Examplestan", "Dear Minister")
        left, top, right, bottom = WINDOWS[paper]
        for word in ("Minister of", "Examplestan"):
            x, y = places[word]
            assert left <= x <= right, word
            assert top <= y <= bottom, word
        assert places["Dear Minister"][1] > bottom, "nothing of the letter shows in the window"


def test_letter_holds_what_was_written_and_who_wrote_it() -> None:
    pdf = set_appeal_letter(letter())
    words = words_of(pdf)
    for expected in (
        "Anna B.",
        "please tell where",
        "Jón Jónsson",
        "600 Akureyri",
        "14 March 2026",
    ):
        assert expected in words
    assert "Demonstration" not in words
    assert "Page" not in words, "one page needs no number"
    assert "Demonstration – not sent" in words_of(set_appeal_letter(letter(demonstration=True)))


def test_letter_without_a_sender_leaves_room_for_one() -> None:
    pdf = set_appeal_letter(letter(sender_name="", sender_lines=()))
    assert "Dear Minister" in words_of(pdf)
    assert "Jón" not in words_of(pdf)


def test_markup_is_printed_as_it_was_typed() -> None:
    typed = '#panic("x") $a$ *b* = c \\ #include "appeal_letter.json" @d'
    assert typed in words_of(set_appeal_letter(letter(text=typed)))


def test_fax_cover_says_to_whom_and_how_many_pages() -> None:
    pdf = set_appeal_letter(letter(cover=True, faxes=("+99 1 234",)))
    cover = words_of(pdf, 0)
    for expected in ("Fax", "To Minister of the Interior", "+99 1 234", "From Jón Jónsson", "2"):
        assert expected in cover
    assert "please tell where" not in cover
    assert "please tell where" in words_of(pdf, 1)


@pytest.mark.parametrize("language", ["ru", "fr", "es", "uz", "ar"])
def test_cover_is_in_the_language_of_the_letter(language: str) -> None:
    english = words_of(set_appeal_letter(letter(cover=True)), 0)
    other = words_of(set_appeal_letter(letter(cover=True, words=language)), 0)
    assert "Pages, this one included" in english
    assert "Pages, this one included" not in other


def test_arabic_letter_runs_from_the_right() -> None:
    arabic = letter(language="ar", words="ar", text="سعادة الوزير،\n\nأكتب إليكم.", subject="نص")
    root: Any = PdfReader(io.BytesIO(set_appeal_letter(arabic))).trailer["/Root"]
    assert root["/Lang"] == "ar"
    own = letter(language=OWN, text="سعادة الوزير،", subject="نص")
    ways = {
        name: places_of(set_appeal_letter(one), "14")["14"][0]
        for name, one in {"english": letter(), "arabic": arabic, "own": own}.items()
    }
    assert ways["arabic"] < 60, "the day stands at the other side"
    assert ways["own"] < 60
    assert ways["english"] > 120


def test_letter_of_many_pages_is_printed_in_full() -> None:
    text = "\n\n".join(f"Paragraph {number}. " + "Words. " * 60 for number in range(20))
    pdf = set_appeal_letter(letter(text=text))
    assert len(PdfReader(io.BytesIO(pdf)).pages) > 1
    assert "Paragraph 19." in words_of(pdf)
    assert "Page 1 of" in words_of(pdf)


def test_process_of_its_own_gives_the_same_bytes_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert appeal_letter_pdf(letter()) == set_appeal_letter(letter())
    assert list(tmp_path.iterdir()) == []


def test_characters_that_cannot_be_printed_are_named() -> None:
    with pytest.raises(UnprintableText) as raised:
        appeal_letter_pdf(letter(text="Dear \U000f0000"))
    assert raised.value.characters == "\U000f0000"


def test_too_many_that_wait_are_refused_at_once() -> None:
    with taken(appeal_press._room, AT_ONCE + WAITING), pytest.raises(PressBusy):
        appeal_letter_pdf(letter())
    assert appeal_letter_pdf(letter()).startswith(b"%PDF")


def test_turn_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appeal_press, "_WAITS_FOR", 0.01)
    with taken(appeal_press._presses, AT_ONCE), pytest.raises(PressBusy):
        appeal_letter_pdf(letter())
    with taken(appeal_press._room, AT_ONCE + WAITING - 1):
        assert appeal_letter_pdf(letter()).startswith(b"%PDF"), "its place was given back"


@contextmanager
def taken(places: BoundedSemaphore, number: int) -> Iterator[None]:
    """So many others are there already."""
    for _ in range(number):
        assert places.acquire(blocking=False)
    try:
        yield
    finally:
        for _ in range(number):
            places.release()


def test_letter_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appeal_press, "_SECONDS", 0.01)
    with pytest.raises(TypesettingProblem, match="too long"):
        appeal_letter_pdf(letter())
    assert appeal_press._presses.acquire(blocking=False), "its place is free again"
    appeal_press._presses.release()


def test_letter_and_sender_stay_out_of_repr() -> None:
    shown = repr(letter())
    for secret in ("Jón", "Akureyri", "Anna", "please"):
        assert secret not in shown
