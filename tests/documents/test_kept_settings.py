"""A letter that was frozen under an earlier setting is set as it was then."""

from __future__ import annotations

from pathlib import Path

from pypdf import PdfReader

from petitions.documents import write_letter
from petitions.documents.letter_text import letter_text
from tests.documents.cast import letter

ASK = "I urge you to say where she is"


def words_of(path: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def test_one_ask_alone_keeps_its_number_in_letters_of_before(tmp_path: Path) -> None:
    before, now = (letter(asks=(ASK,), setting=number) for number in (1, 2))
    for told, file in ((before, tmp_path / "before.pdf"), (now, tmp_path / "now.pdf")):
        write_letter(told, file)
    assert f"1. {ASK}" in words_of(tmp_path / "before.pdf")
    assert ASK in words_of(tmp_path / "now.pdf")
    assert f"1. {ASK}" not in words_of(tmp_path / "now.pdf")
    assert f"1. {ASK}" in letter_text(before)
    assert f"1. {ASK}" not in letter_text(now)


def test_letters_of_before_do_not_ask_for_one_side(tmp_path: Path) -> None:
    before, now = (letter(one_side_only=True, setting=number) for number in (1, 2))
    for told, file in ((before, tmp_path / "before.pdf"), (now, tmp_path / "now.pdf")):
        write_letter(told, file)
    assert b"/Duplex" not in (tmp_path / "before.pdf").read_bytes()
    assert b"/Duplex/Simplex" in (tmp_path / "now.pdf").read_bytes()
