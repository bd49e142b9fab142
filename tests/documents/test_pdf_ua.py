"""What is handed over is PDF/UA-1 and PDF/A-2a to a checker that did not write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from petitions.documents import Counts, write_bundle, write_letter
from petitions.documents.fax import write_fax
from tests.documents.cast import bundle, heading, letter, signing_key, some_entries
from tests.documents.zips import files_of


@pytest.fixture
def check() -> Any:
    """The checker, of page-validation on PyPI; it works without a network."""
    page = pytest.importorskip("page", reason="page-validation is not installed")

    def compliant(path: Path) -> None:
        for profile in (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_2A):
            found = page.validate_pdf(str(path), profile=profile)
            assert [str(failure) for failure in found.failures] == []
            assert page.is_pdf_compliant(str(path), profile=profile)

    return compliant


@pytest.mark.parametrize("language", ["en", "ru", "ar"])
def test_letter_and_fax_are_accessible(check: Any, tmp_path: Path, language: str) -> None:
    told = letter(language=language, one_side_only=True)
    write_letter(told, tmp_path / "letter.pdf")
    write_fax(told, tmp_path / "fax.pdf")
    check(tmp_path / "letter.pdf")
    check(tmp_path / "fax.pdf")


def test_list_in_volumes_and_its_numbers_are_accessible(check: Any, tmp_path: Path) -> None:
    """A roll in three columns and a table, and the sheet of numbers before the volumes."""
    content = bundle(
        letter=letter(names_enclosed=True, counts=Counts(1010, 2, 3), first_volume=True),
        entries=lambda: some_entries(1010, 2, 3),
        heading=heading(roll=True),
        volume_size=600,
    )
    write_bundle(content, tmp_path / "b.zip", signing_key())
    for name in ("letter", "numbers", "signatures-01", "signatures-02"):
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(files_of(tmp_path / "b.zip")[f"data/handover/{name}.pdf"])
        check(path)


def test_short_list_is_accessible(check: Any, tmp_path: Path) -> None:
    write_bundle(bundle(), tmp_path / "b.zip", signing_key())
    (tmp_path / "list.pdf").write_bytes(
        files_of(tmp_path / "b.zip")["data/handover/signatures.pdf"]
    )
    check(tmp_path / "list.pdf")


def test_checker_finds_a_document_that_is_not(check: Any, tmp_path: Path) -> None:
    from pypdf import PdfWriter

    with PdfWriter() as plain:
        plain.add_blank_page(595, 842)
        plain.write(tmp_path / "plain.pdf")
    with pytest.raises(AssertionError):
        check(tmp_path / "plain.pdf")
