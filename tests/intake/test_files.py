"""PDF and DOCX are told by their first bytes, and give the same draft as the plain text."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pypdf
import pytest
import typst

from petitions.domain import papers
from petitions.intake.files import LARGEST, text_of
from petitions.intake.refusals import IntakeError
from petitions.intake.urgent_action import read_document, read_urgent_action
from tests.intake.comparing import DOCUMENTS

PAPERS = [
    "en_2013_first_update", "fr_2016_mise_a_jour", "es_2014_nueva", "de_2012_fortsetzung",
    "en_2003_further_information_uzbek", "en_2020_model_letter_third_ua", "fr_2022_lettre_puces",
    "es_2018_contacten", "de_2016_weitere_info_2",
]  # fmt: skip


def _paper(name: str) -> str:
    return (DOCUMENTS / f"{name}.txt").read_text("utf-8")


def _docx(text: str) -> bytes:
    document = docx.Document()
    for line in text.split("\n"):
        document.add_paragraph(line)
    return _saved(document)


def _saved(document: docx.document.Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _pdf(source: str, folder: Path) -> bytes:
    file = folder / "paper.typ"
    file.write_text(source, encoding="utf-8")
    return typst.compile(str(file))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _pdf_of_lines(text: str, folder: Path) -> bytes:
    lines = [line.replace("\uf06e", "•") for line in text.split("\n")]
    shown = "\n".join(f"#block(above: 4pt, below: 4pt, text({_quoted(x or ' ')}))" for x in lines)
    return _pdf(f"#set page(height: 500pt)\n#set text(size: 7pt)\n{shown}", folder)


@pytest.mark.parametrize("name", PAPERS)
def test_a_docx_gives_the_draft_of_its_text(name: str) -> None:
    from_text = read_urgent_action(_paper(name)).as_json()
    from_docx = read_document(_docx(_paper(name))).as_json()
    assert from_docx == from_text


@pytest.mark.parametrize("name", PAPERS)
def test_a_pdf_gives_the_facts_of_its_text(name: str, tmp_path: Path) -> None:
    from_text = read_urgent_action(_paper(name)).as_json()
    from_pdf = read_document(_pdf_of_lines(_paper(name), tmp_path)).as_json()
    for key in ("kind", "update_number", "title", "case_number", "index", "issued_on"):
        assert from_pdf[key] == from_text[key]
    for key in ("deadline_on", "countries", "people", "asks", "officials", "letter_languages"):
        assert from_pdf[key] == from_text[key]


def test_a_docx_with_list_and_table_is_read_cell_by_cell() -> None:
    document = docx.Document()
    document.add_paragraph("URGENT ACTION")
    document.add_paragraph("DOCTOR HELD IN HARARE")
    document.add_paragraph("Doctor Tendai Muenzaniso was arrested in Harare on 3 May.")
    document.add_paragraph("Please write immediately in English or your own language:")
    document.add_paragraph("Urging the Zimbabwean authorities to release him;", style="List Bullet")
    document.add_paragraph("Asking them to let him see a doctor.", style="List Bullet")
    document.add_paragraph("PLEASE SEND APPEALS BEFORE 20 JUNE 2014 TO:")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text = (
        "Minister of Home Affairs\nKembo Muenzi\nPrivate Bag 7703\nHarare, Zimbabwe\n"
        "Fax: +263 4 700 011\nSalutation: Dear Minister"
    )
    table.cell(0, 1).text = (
        "Commissioner-General of Police\nAugustine Muenzo\nPO Box 8807\nHarare, Zimbabwe\n"
        "Email: police@zrp.example\nSalutation: Dear Commissioner-General"
    )
    draft = read_document(_saved(document))
    assert [ask.text for ask in draft.asks] == [
        "Urging the Zimbabwean authorities to release him",
        "Asking them to let him see a doctor",
    ]
    assert [(one.name, one.faxes, one.emails) for one in draft.officials] == [
        ("Kembo Muenzi", ["+263 4 700 011"], []),
        ("Augustine Muenzo", [], ["police@zrp.example"]),
    ]
    assert draft.doubts == []


def test_a_pdf_with_two_columns_keeps_the_officials_apart(tmp_path: Path) -> None:
    first = ["Minister of Justice", "Anahit Nmushyan", "3/8 Nmush Street", "Yerevan, Armenia",
             "Fax: +374 10 38 00 11", "Salutation: Dear Minister"]  # fmt: skip
    second = ["Head of the Police", "Vahan Orinakyan", "130 Orinak Street", "Yerevan, Armenia",
              "Email: police@police.example", "Salutation: Dear Head of Police"]  # fmt: skip
    cells = ", ".join(
        "[" + " \\ ".join(f"#{_quoted(line)}" for line in column) + "]"
        for column in (first, second)
    )
    source = (
        "= URGENT ACTION\nPLEASE SEND APPEALS BEFORE 4 JULY 2015 TO:\n\n"
        f"#grid(columns: (1fr, 1fr), {cells})\n\n"
        "Also send copies to diplomatic representatives accredited to your country.\n"
    )
    draft = read_document(_pdf(source, tmp_path))
    assert [(one.name, one.faxes, one.emails, one.country) for one in draft.officials] == [
        ("Anahit Nmushyan", ["+374 10 38 00 11"], [], "AM"),
        ("Vahan Orinakyan", [], ["police@police.example"], "AM"),
    ]
    assert draft.embassies


@pytest.mark.parametrize("kind", ["PDF", "encrypted PDF", "DOCX", "text"])
def test_a_paper_is_read_by_a_process_that_can_open_nothing_as_by_any_other(
    kind: str, tmp_path: Path
) -> None:
    text = _paper(PAPERS[0])
    data = {"DOCX": _docx, "text": str.encode}.get(kind, lambda x: _pdf_of_lines(x, tmp_path))(text)
    if kind == "encrypted PDF":  # with an empty password: whoever has it reads it
        writer, file = pypdf.PdfWriter(io.BytesIO(data)), io.BytesIO()
        writer.encrypt("", "owner", algorithm="AES-256")
        writer.write(file)
        data = file.getvalue()
    assert papers.read_paper(data) == read_document(data)


def test_a_pdf_without_text_is_refused() -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    file = io.BytesIO()
    writer.write(file)
    with pytest.raises(IntakeError, match="no text in it"):
        text_of(file.getvalue())


def test_a_locked_pdf_is_refused(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(_pdf("URGENT ACTION", tmp_path)))
    writer.encrypt("secret", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    with pytest.raises(IntakeError, match="locked"):
        text_of(file.getvalue())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7 nothing more", "damaged"),
        (b"PK\x03\x04 nothing more", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Word"),
        (b"\x00\x01\x02\x03", "neither text"),
        (b"  \n ", "no text"),
        (b"x" * (LARGEST + 1), "larger"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(IntakeError, match=reason):
        text_of(data)


def test_a_docx_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 90 * 1024 * 1024)
    with pytest.raises(IntakeError, match="unpacks"):
        text_of(file.getvalue())


def test_text_in_the_old_windows_code_is_read() -> None:
    assert "ACCIÓN URGENTE" in text_of("ACCIÓN URGENTE".encode("cp1252"))
    assert "ACCIÓN URGENTE" in text_of("ACCIÓN URGENTE".encode("utf-16"))


def test_a_pdf_written_row_by_row_keeps_the_officials_apart(tmp_path: Path) -> None:
    first = ["Minister of Justice", "Anahit Nmushyan", "3/8 Nmush Street", "Yerevan, Armenia",
             "Fax: +374 10 38 00 11", "Salutation: Dear Minister"]  # fmt: skip
    second = ["Head of the Police", "Vahan Orinakyan", "130 Orinak Street", "Yerevan, Armenia",
              "Email: police@police.example", "Salutation: Dear Head of Police"]  # fmt: skip
    cells = ", ".join(
        f"[#{_quoted(x)}], [#{_quoted(y)}]" for x, y in zip(first, second, strict=True)
    )
    source = (
        "= URGENT ACTION\nPLEASE SEND APPEALS BEFORE 4 JULY 2015 TO:\n\n"
        f"#grid(columns: (1fr, 1fr), row-gutter: 6pt, {cells})\n\n"
        "Also send copies to diplomatic representatives accredited to your country.\n"
    )
    draft = read_document(_pdf(source, tmp_path))
    assert [(one.name, one.faxes, one.emails) for one in draft.officials] == [
        ("Anahit Nmushyan", ["+374 10 38 00 11"], []),
        ("Vahan Orinakyan", [], ["police@police.example"]),
    ]
    assert draft.embassies
    assert "Vahan Orinakyan" in draft.source
