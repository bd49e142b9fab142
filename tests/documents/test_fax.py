"""The fax of a letter: a cover sheet, black alone, large type, and never a name."""

import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from petitions.documents import Counts, write_letter
from petitions.documents.fax import write_fax
from petitions.documents.phrases import LANGUAGES, phrases
from tests.documents.cast import letter
from tests.documents.pdf import pages_of, text_of

FAXED = {"names_enclosed": True, "list_pages": 7, "counts": Counts(3, 1, 2)}


def test_cover_sheet_says_from_whom_to_whom_and_how_many_pages(tmp_path: Path) -> None:
    path = tmp_path / "fax.pdf"
    pages = write_fax(letter(**FAXED, case_number="UA 271/13"), path)
    text = text_of(path)
    assert pages == pages_of(path) == 2
    assert text.startswith("Fax To Ikhtior Abdullaev Prosecutor General")
    for told in ("+998 71 133 39 17", "From Open Letter Network", "2 pages, this one included"):
        assert told in text
    for page in ("Page 1 of 2", "Page 2 of 2"):
        assert page in text
    assert text.count("khamidkariev/3 · UA 271/13") == 2, "at the foot of each page"


def test_fax_encloses_no_list_and_says_so(tmp_path: Path) -> None:
    write_fax(letter(**FAXED), tmp_path / "fax.pdf")
    text = text_of(tmp_path / "fax.pdf")
    assert "The names are not enclosed with this letter." in text
    assert "Enclosed" not in text


def test_fax_is_black_alone(tmp_path: Path) -> None:
    """What a fax machine makes of grey or of a colour is noise."""
    given = letter(accent_colour="#0b6e4f", copies=("An office",), demonstration=True)
    write_fax(given, tmp_path / "fax.pdf")
    assert colours_of(tmp_path / "fax.pdf") == {b"0"}
    write_letter(given, tmp_path / "letter.pdf")
    assert len(colours_of(tmp_path / "letter.pdf")) > 2, "a letter has grey, and its accent"


def colours_of(path: Path) -> set[bytes]:
    """All colours that a PDF paints with, as it says them."""
    painted: set[bytes] = set()
    for page in PdfReader(path).pages:
        content = page.get_contents()
        assert content is not None
        painted.update(re.findall(rb"cs ([\d. ]+) (?:scn|SCN)", content.get_data()))
    return painted


@pytest.mark.parametrize("language", LANGUAGES)
def test_fax_is_set_in_every_language_of_letters(language: str, tmp_path: Path) -> None:
    write_fax(letter(language=language), tmp_path / "fax.pdf")
    assert phrases(language).text("from") in text_of(tmp_path / "fax.pdf") or language == "ar"
