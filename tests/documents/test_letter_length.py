"""Two pages at most, and by how much a letter is longer; printing on one side of the paper."""

import subprocess
from pathlib import Path
from shutil import which

import pytest
from pypdf import PdfReader

from petitions.documents import Counts, write_bundle, write_letter
from petitions.documents.letter_length import lines_over
from petitions.documents.one_side import ask_for_one_side
from petitions.documents.typesetting import TypesettingProblem
from tests.documents.cast import bundle, letter, signing_key
from tests.documents.zips import files_of

PARAGRAPH = "He was abducted in Moscow and handed over without any control at the border. " * 4


@pytest.mark.parametrize("paragraphs", [1, 10, 20, 24, 25, 26, 27, 28, 29, 40])
def test_letter_is_too_long_where_it_prints_on_more_than_two_pages(
    tmp_path: Path, paragraphs: int
) -> None:
    told = letter(opening="\n\n".join([PARAGRAPH] * paragraphs))
    pages = write_letter(told, tmp_path / "letter.pdf")
    assert (lines_over(told) > 0) == (pages > 2)


def test_lines_that_are_too_many_are_told_as_many_as_they_are() -> None:
    """A line more in the letter is a line more."""
    long = "\n\n".join([PARAGRAPH] * 40)
    first, second = (lines_over(letter(opening=long + "\nOne more." * more)) for more in (0, 10))
    assert second - first in {9, 10, 11}


def test_enclosures_are_counted_in_before_they_exist() -> None:
    """A letter that fits without its list does so with it, or is refused."""
    paragraphs = next(
        number
        for number in range(20, 40)
        if lines_over(letter(opening="\n\n".join([PARAGRAPH] * number)))
    )
    fits = "\n\n".join([PARAGRAPH] * (paragraphs - 1))
    without = next(
        fits + "\nMore." * lines
        for lines in range(40)
        if lines_over(letter(opening=fits + "\nMore." * (lines + 1)))
    )
    with_list = letter(
        opening=without, names_enclosed=True, counts=Counts(20_000, 1, 1), first_volume=True
    )
    assert lines_over(letter(opening=without)) == 0
    assert lines_over(with_list) > 0


def test_office_that_takes_one_side_only_gets_pdfs_that_ask_for_it(tmp_path: Path) -> None:
    told = letter(names_enclosed=True, counts=Counts(3, 1, 2), one_side_only=True)
    write_bundle(bundle(letter=told), tmp_path / "b.zip", signing_key())
    files = files_of(tmp_path / "b.zip")
    for name in ("letter.pdf", "signatures.pdf"):
        path = tmp_path / name
        path.write_bytes(files[f"data/handover/{name}"])
        catalogue = PdfReader(path).trailer["/Root"]
        assert catalogue["/ViewerPreferences"]["/Duplex"] == "/Simplex"
        assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
        if which("qpdf"):
            subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
        before = path.read_bytes()
        ask_for_one_side(path)
        assert path.read_bytes() == before


def test_other_offices_get_pdfs_that_ask_for_nothing(tmp_path: Path) -> None:
    write_letter(letter(), tmp_path / "letter.pdf")
    assert (
        "/Duplex" not in PdfReader(tmp_path / "letter.pdf").trailer["/Root"]["/ViewerPreferences"]
    )


def test_pdf_that_is_built_otherwise_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other.pdf").write_bytes(b"%PDF-1.7\nsomething else\n%%EOF")
    with pytest.raises(TypesettingProblem):
        ask_for_one_side(tmp_path / "other.pdf")
