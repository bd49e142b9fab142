"""The record's data files: exact columns, no formulas, originals where they belong."""

import csv
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.documents import Entry, write_csv, write_jsonl, write_xlsx
from petitions.documents.record import without_formulas
from petitions.documents.workbook import TooManyRows, write_workbook
from tests.documents.cast import counted, entry, some_entries

FORMULAS = [
    "=1+1",
    "+49",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "﹦1+1",
    "#REF!",
    " =1+1",
    "\u200e=1+1",
    "Ana;=1+1;",
]
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


def csv_of(*entries: Entry) -> str:
    file = io.StringIO(newline="")
    write_csv(entries, file)
    return file.getvalue()


def test_csv_has_exactly_these_columns_and_line_ends() -> None:
    text = csv_of(entry(1, "Ana García"), counted(), entry(2, "M. K.", appearance="initials"))
    assert text == (
        "number,name,place,country,signed_on,verified_by\r\n"
        "1,Ana García,Marburg,DE,2026-11-01,e-mail\r\n"
        "2,M. K.,,DE,2026-11-01,e-mail\r\n"
    )


@pytest.mark.parametrize("name", FORMULAS)
def test_csv_cell_never_begins_a_formula(name: str) -> None:
    assert without_formulas(name) != name
    assert without_formulas(name).replace("'", "") == name


@pytest.mark.parametrize(
    "name", ["Anne-Marie", "O'Neil", "a=b", "Ana; Luis", "José (x)", "'tHooft"]
)
def test_ordinary_name_is_left_alone(name: str) -> None:
    assert without_formulas(name) == name


@given(st.lists(names, max_size=5))
def test_csv_reads_back_with_only_apostrophes_added(written: list[str]) -> None:
    text = csv_of(*(entry(at, name) for at, name in enumerate(written, 1)))
    _header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert [row[0] for row in rows] == [str(at) for at in range(1, len(written) + 1)]
    for row, name in zip(rows, written, strict=True):
        assert row[1].lstrip()[:1] not in set("=+-@＝＋－＠")
        assert row[1].replace("'", "") == name.replace("'", "")


@given(st.lists(names, max_size=5))
def test_json_lines_hold_the_originals(written: list[str]) -> None:
    file = io.StringIO(newline="")
    assert write_jsonl([entry(at, name) for at, name in enumerate(written, 1)], file) == len(
        written
    )
    rows = [json.loads(line) for line in file.getvalue().split("\n")[:-1]]
    assert [row["name"] for row in rows] == written
    assert all(
        list(row) == ["number", "name", "place", "country", "signed_on", "verified_by"]
        for row in rows
    )


def test_workbook_cells_are_text_without_formulas_or_links(tmp_path: Path) -> None:
    path = tmp_path / "signatures.xlsx"
    written = [*FORMULAS[:4], "http://example.org", "mailto:a@example.org", "{=A1}", "12"]
    write_xlsx([entry(at, name) for at, name in enumerate(written, 1)], path)
    (sheet,) = openpyxl.load_workbook(path).worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert [cell.value for cell in sheet["B"]] == ["name", *written]


def test_workbook_goes_on_in_further_sheets(tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    rows = [(str(at), "x") for at in range(7)]
    assert write_workbook(path, ("number", "name"), rows, announced=7, sheet_rows=3) == 7
    sheets = openpyxl.load_workbook(path).worksheets
    assert [sheet.max_row for sheet in sheets] == [4, 4, 2]
    assert sheets[2]["A2"].value == "6"


def test_workbook_refuses_to_cut_rows(tmp_path: Path) -> None:
    rows = [(str(at), "x") for at in range(4)]
    with pytest.raises(TooManyRows):
        write_workbook(tmp_path / "rows.xlsx", ("number", "name"), rows, sheet_rows=3)
    assert not list(tmp_path.iterdir())


def test_workbook_without_rows_has_its_header(tmp_path: Path) -> None:
    path = tmp_path / "none.xlsx"
    assert write_xlsx([counted()], path) == 0
    (sheet,) = openpyxl.load_workbook(path).worksheets
    assert [cell.value for cell in sheet[1]][:2] == ["number", "name"]
    assert sheet.max_row == 1


def test_same_rows_give_the_same_workbook(tmp_path: Path) -> None:
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    write_xlsx(some_entries(), first)
    write_xlsx(some_entries(), second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as parts:
        assert b"created" not in parts.read("docProps/core.xml")
