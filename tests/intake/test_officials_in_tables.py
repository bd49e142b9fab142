"""Officials side by side, in the files themselves: PDF columns and DOCX tables, end to end."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import docx
import typst

from petitions.intake.draft import Draft
from petitions.intake.urgent_action import read_document

HEAD = [
    "URGENT ACTION",
    "TEACHER HELD WITHOUT CHARGE IN MALABO",
    "Teacher Anacleto Muestrasi was arrested in Malabo, Equatorial Guinea, on 3 May.",
]
ASKS = [
    "Urging the authorities to release Anacleto Muestrasi immediately;",
    "Calling on them to let him see a lawyer.",
]
TO = "PLEASE SEND APPEALS BEFORE 20 JUNE 2014 TO:"
TAIL = [
    "Also send copies to diplomatic representatives accredited to your country.",
    "Name: Anacleto Muestrasi",
    "Gender m/f: m",
    "UA: 101/14 Index: AFR 24/004/2014 Issue Date: 9 May 2014",
]
MINISTER = [
    "Minister of Justice", "Evangelina Muestroyo", "Ministerio de Justicia",
    "Avenida de la Independencia 4", "Malabo, Equatorial Guinea", "Fax: +240 333 092 115",
    "Salutation: Dear Minister",
]  # fmt: skip
CHIEF = [
    "Director of National Security", "Nicolás Ejemplobono", "Calle Rey Malabo 12",
    "Malabo, Equatorial Guinea", "Email: seguridad@malabo.example", "Salutation: Dear Director",
]  # fmt: skip
WHO = [
    ("Minister of Justice", "Evangelina Muestroyo", ["+240 333 092 115"], [], "Dear Minister"),
    ("Director of National Security", "Nicolás Ejemplobono", [], ["seguridad@malabo.example"],
     "Dear Director"),
]  # fmt: skip


def _told(draft: Draft) -> list[tuple[Any, ...]]:
    return [
        (one.office, one.name, one.faxes, one.emails, one.salutations.get("en"))
        for one in draft.officials
    ]


def _nothing_wrong(draft: Draft) -> None:
    """Whoever is read is one of the two, with no other's values."""
    assert all(one in WHO for one in _told(draft)), _told(draft)
    assert [ask.text for ask in draft.asks] == [ask.rstrip(";.") for ask in ASKS]
    assert draft.people[0].name == "Anacleto Muestrasi"
    assert (draft.title, draft.case_number) == (HEAD[1], "UA 101/14")
    assert str(draft.deadline_on) == "2014-06-19"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _blocks(lines: list[str]) -> str:
    shown = [f"#block(above: 5pt, below: 5pt, text({_quoted(line)}))" for line in lines]
    return "\n".join(shown)


def _pdf(body: str, folder: Path, page: str = "") -> Draft:
    file = folder / "paper.typ"
    file.write_text(f"#set page({page})\n#set text(size: 9pt)\n{body}", encoding="utf-8")
    return read_document(typst.compile(str(file)))


def _before() -> list[str]:
    asked = "Please write immediately in Spanish or your own language:"
    return [*HEAD, asked, *[f"• {ask}" for ask in ASKS]]


def _document() -> Any:
    document = docx.Document()
    for line in [*HEAD, "Please write immediately in Spanish or your own language:"]:
        document.add_paragraph(line)
    for ask in ASKS:
        document.add_paragraph(ask, style="List Bullet")
    document.add_paragraph(TO)
    return document


def _read(document: Any) -> Draft:
    for line in TAIL:
        document.add_paragraph(line)
    file = io.BytesIO()
    document.save(file)
    return read_document(file.getvalue())


def _cells(lines: list[str], rows: int) -> list[str]:
    return [*lines, *[""] * (rows - len(lines))]


def test_pdf_grid_with_an_official_in_each_cell(tmp_path: Path) -> None:
    cells = ", ".join(f"[{_blocks(one)}]" for one in (MINISTER, CHIEF))
    grid = f"#grid(columns: 2, gutter: 40pt, {cells})"
    draft = _pdf(f"{_blocks([*_before(), TO])}\n{grid}\n{_blocks(TAIL)}", tmp_path)
    _nothing_wrong(draft)
    assert _told(draft) == WHO


def test_pdf_grid_drawn_row_by_row(tmp_path: Path) -> None:
    rows = zip(_cells(MINISTER, 7), _cells(CHIEF, 7), strict=True)
    cells = ", ".join(f"text({_quoted(cell or ' ')})" for row in rows for cell in row)
    grid = f"#grid(columns: (220pt, 220pt), gutter: 6pt, {cells})"
    draft = _pdf(f"{_blocks([*_before(), TO])}\n{grid}\n{_blocks(TAIL)}", tmp_path)
    _nothing_wrong(draft)
    assert _told(draft) == WHO


def test_pdf_page_in_two_columns(tmp_path: Path) -> None:
    right = [TO, *MINISTER]
    body = f"{_blocks(_before())}\n#colbreak()\n{_blocks(right)}\n#v(14pt)\n{_blocks(CHIEF)}"
    draft = _pdf(f"{body}\n#v(14pt)\n{_blocks(TAIL)}", tmp_path, "columns: 2")
    _nothing_wrong(draft)
    assert _told(draft) == WHO


def test_pdf_with_running_heads_and_an_official_over_two_pages(tmp_path: Path) -> None:
    number = "#context counter(page).display()"
    page = f"height: 300pt, header: [URGENT ACTION], footer: [Amnesty International | {number}]"
    body = f"{_blocks([*_before(), TO])}\n{_blocks(MINISTER)}\n#v(14pt)\n{_blocks(CHIEF)}\n#v(14pt)"
    draft = _pdf(f"{body}\n{_blocks(TAIL)}", tmp_path, page)
    _nothing_wrong(draft)
    assert _told(draft) == WHO


def test_docx_table_with_an_official_in_each_cell() -> None:
    document = _document()
    table = document.add_table(rows=1, cols=2)
    for cell, lines in zip(table.rows[0].cells, (MINISTER, CHIEF), strict=True):
        cell.text = "\n".join(lines)
    draft = _read(document)
    _nothing_wrong(draft)
    assert _told(draft) == WHO


def test_docx_table_with_a_line_in_each_row() -> None:
    document = _document()
    table = document.add_table(rows=7, cols=2)
    texts_of_rows = zip(_cells(MINISTER, 7), _cells(CHIEF, 7), strict=True)
    for row, texts in zip(table.rows, texts_of_rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    draft = _read(document)
    _nothing_wrong(draft)
    assert _told(draft) == WHO


def test_docx_table_of_labels_and_values() -> None:
    document = _document()
    for lines in (MINISTER, CHIEF):
        rows = [
            ("Office", lines[0]), ("Name", lines[1]),
            ("Address", "\n".join(line for line in lines[2:] if ": " not in line)),
            *[tuple(line.split(": ")) for line in lines if ": " in line],
        ]  # fmt: skip
        table = document.add_table(rows=len(rows), cols=2)
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
        document.add_paragraph("")
    draft = _read(document)
    _nothing_wrong(draft)
    assert _told(draft) == WHO


def test_docx_table_with_a_head_row_and_an_official_in_each_row() -> None:
    document = _document()
    table = document.add_table(rows=3, cols=4)
    rows = [
        ("Office", "Name", "Address", "Contact"),
        (MINISTER[0], MINISTER[1], "\n".join(MINISTER[2:5]), "\n".join(MINISTER[5:])),
        (CHIEF[0], CHIEF[1], "\n".join(CHIEF[2:4]), "\n".join(CHIEF[4:])),
    ]
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    draft = _read(document)
    _nothing_wrong(draft)
    assert _told(draft) == WHO


def test_docx_merged_cell_above_two_officials() -> None:
    document = _document()
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Addressees in Malabo:"
    for cell, lines in zip(table.rows[1].cells, (MINISTER, CHIEF), strict=True):
        cell.text = "\n".join(lines)
    draft = _read(document)
    _nothing_wrong(draft)
    assert _told(draft) == WHO
