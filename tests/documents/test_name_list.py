"""The list that is handed over: every script, every line, and nothing that a name could inject."""

import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from petitions.documents import (
    ListReport,
    TypesettingProblem,
    UnprintableText,
    name_list,
    write_lists,
)
from petitions.documents.coverage import covers
from petitions.documents.entries import VolumeTold
from petitions.documents.name_list import printable
from petitions.documents.typesetting import isolated, isolated_in_a_list, typeset
from petitions.documents.volume import write_volumes
from tests.documents.cast import NAMES_BY_SCRIPT, counted, entry, heading, some_entries
from tests.documents.pdf import pages_of, text_of


def list_of(names: list[str], directory: Path, **values: object) -> tuple[ListReport, str]:
    entries = [entry(number, name) for number, name in enumerate(names, 1)]
    report = write_lists(entries, heading=heading(**values), directory=directory)
    return report, text_of(directory / "signatures.pdf")


def test_list_shows_number_name_place_and_country_only(tmp_path: Path) -> None:
    entries = [entry(1, "Ana García"), entry(2, "M. K.", appearance="initials"), counted()]
    report = write_lists(entries, heading=heading(), directory=tmp_path)
    text = text_of(tmp_path / "signatures.pdf")
    assert report == ListReport(("signatures.pdf",), 1, 0)
    assert "No. Name Place Country 1 Ana García Marburg Germany 2 M. K. Germany" in text
    assert "Prosecutor General, Uzbekistan" in text
    assert "khamidkariev/3" in text
    assert "1–2 of 2" in text
    assert "Page 1 of 1" in text
    assert "2026-11-01" not in text
    assert "1 November" not in text
    assert [path.name for path in tmp_path.iterdir()] == ["signatures.pdf"]


@pytest.mark.parametrize("script", NAMES_BY_SCRIPT)
def test_names_of_this_script_are_printed_as_written(script: str) -> None:
    assert printable(NAMES_BY_SCRIPT[script]) == NAMES_BY_SCRIPT[script]


def test_all_scripts_together_are_set_without_a_missing_glyph(tmp_path: Path) -> None:
    names = list(NAMES_BY_SCRIPT.values())
    assert len(names) == 25
    report, text = list_of(names, tmp_path)  # PDF/A and PDF/UA: a missing glyph would be an error
    assert report.transliterated == 0
    for script in ("Cyrillic", "Greek", "Georgian", "Armenian", "Ethiopic", "Uzbek"):
        assert NAMES_BY_SCRIPT[script] in text


def test_name_that_no_font_has_is_transliterated_and_marked(tmp_path: Path) -> None:
    name = "𐎠𐎼𐎹"  # Old Persian, in none of the font packages
    assert not covers(name)
    report, text = list_of(["Ana García", name], tmp_path)
    assert report.transliterated == 1
    assert f"{printable(name)} Marburg" in text
    assert printable(name).endswith(" *")
    assert printable(name).isascii()
    assert "* Printed in Latin letters" in text


def test_list_without_transliteration_has_no_note(tmp_path: Path) -> None:
    _report, text = list_of(["Ana García"], tmp_path)
    assert "Printed in Latin letters" not in text


INJECTIONS = [
    '#read("/etc/passwd")',
    "*bold* _it_",
    "$x$",
    "#{panic()}",
    "[a](b)",
    "= Heading",
    "\\ #",
    '"); #import "x',
    "@ref <label>",
    "{{ x }} %s {0}",
]


def test_markup_in_names_is_printed_as_typed(tmp_path: Path) -> None:
    _report, text = list_of(INJECTIONS, tmp_path)
    for name in INJECTIONS:
        assert name in text
    assert "root:" not in text


def test_long_names_wrap_and_stay_whole(tmp_path: Path) -> None:
    _report, text = list_of(["A" * 150], tmp_path)
    assert text.replace(" ", "").count("A" * 150) == 1


def test_direction_marks_cannot_reach_the_next_column() -> None:
    assert isolated("a\u202eb\u2069c") == "\u2068abc\u2069"


@pytest.mark.parametrize("name", ["A" * 30, "ada@" + "a" * 30, "1" * 30, "a" * 30 + "/1"])
def test_whatever_is_written_as_a_name_wraps_in_its_column(name: str) -> None:
    shown = isolated_in_a_list(name)
    assert max(map(len, shown.split("\u200b"))) <= 9  # eight letters and the isolate's mark
    assert isolated(name) == f"\u2068{name}\u2069"


def test_demonstration_is_said_on_every_page(tmp_path: Path) -> None:
    write_lists(some_entries(100), heading=heading(demonstration=True), directory=tmp_path)
    reader = PdfReader(tmp_path / "signatures.pdf")
    assert len(reader.pages) > 1
    for page in reader.pages:
        assert "Demonstration – not sent to anybody" in page.extract_text()


def test_every_page_names_petition_and_reference_and_counts(tmp_path: Path) -> None:
    write_lists(some_entries(100), heading=heading(), directory=tmp_path)
    texts = [page.extract_text() for page in PdfReader(tmp_path / "signatures.pdf").pages]
    for at, text in enumerate(texts, 1):
        assert "Investigate the abduction" in text
        assert "khamidkariev/3" in text
        assert f"Page {at} of {len(texts)}" in text


@pytest.mark.parametrize(
    ("language", "expected"),
    [("ru", "Германия"), ("fr", "Allemagne"), ("uz", "Germaniya"), ("de", "Germany")],
)
def test_countries_are_named_in_the_language_of_the_list(
    language: str, expected: str, tmp_path: Path
) -> None:
    _report, text = list_of(["Ana García"], tmp_path, language=language)
    assert expected in text


def test_same_entries_give_the_same_bytes(tmp_path: Path) -> None:
    files = []
    for folder in (tmp_path / "1", tmp_path / "2"):
        folder.mkdir()
        write_lists(some_entries(), heading=heading(), directory=folder)
        files.append((folder / "signatures.pdf").read_bytes())
    assert files[0] == files[1]


def test_pdf_says_that_it_is_archivable_and_accessible(tmp_path: Path) -> None:
    write_lists(some_entries(), heading=heading(), directory=tmp_path)
    reader = PdfReader(tmp_path / "signatures.pdf")
    metadata = reader.xmp_metadata
    assert metadata is not None
    said = metadata.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in said
    assert "<pdfuaid:part>1</pdfuaid:part>" in said
    assert reader.metadata is not None
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date() == heading().dated_on


def test_six_thousand_names_make_two_volumes(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    entries = (entry(number, f"Signer {number}") for number in range(1, 6001))
    report = write_lists(
        entries,
        heading=heading(),
        directory=tmp_path,
        progress=lambda *step: steps.append(step),
    )
    assert report.files == ("signatures-01.pdf", "signatures-02.pdf")
    assert sorted(path.name for path in tmp_path.iterdir()) == list(report.files)
    assert report.pages == sum(pages_of(tmp_path / file) for file in report.files)
    assert sorted(steps) == [("list", 1, 2), ("list", 2, 2)]
    first = PdfReader(tmp_path / "signatures-01.pdf").pages[0].extract_text()
    last = PdfReader(tmp_path / "signatures-02.pdf").pages[-1].extract_text()
    assert "1–5000 of 6000" in " ".join(first.split()).translate({0x2068: None, 0x2069: None})
    assert "1 of 2" in " ".join(first.split())
    assert "Signer 6000" in last.translate({0x2068: None, 0x2069: None})


def test_long_list_is_a_roll_behind_a_title_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_list, "ROLL_FROM", 25)
    written = list(some_entries(26, 1, 0))
    report = write_lists(written, heading=heading(roll=True), directory=tmp_path, volume_size=20)
    assert report.files == ("signatures-01.pdf", "signatures-02.pdf")
    reader = PdfReader(tmp_path / "signatures-02.pdf")
    title, names = ("".join(page.extract_text().split()) for page in reader.pages)
    for told in ("Listofsignatures", "21–27of27", "2of2", "No.·Name·Place·Country"):
        assert told in title.translate(dict.fromkeys((0x2068, 0x2069)))
    plain = names.translate(dict.fromkeys((0x2068, 0x2069, 0x200B)))
    assert "25GʻulomOʻrinov,Marburg,Germany" in plain
    assert "27M.K.,Germany" in plain, "initials have no place"
    assert report.volumes == (VolumeTold("1", "20", 2), VolumeTold("21", "27", 2))
    metadata = reader.xmp_metadata
    assert metadata is not None
    said = metadata.stream.get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in said


def test_short_list_is_a_table_also_where_a_roll_may_be(tmp_path: Path) -> None:
    write_lists(some_entries(), heading=heading(roll=True), directory=tmp_path)
    with_roll = (tmp_path / "signatures.pdf").read_bytes()
    write_lists(some_entries(), heading=heading(), directory=tmp_path)
    assert (tmp_path / "signatures.pdf").read_bytes() == with_roll


def test_list_of_counted_signatures_only_is_empty_and_says_so(tmp_path: Path) -> None:
    report = write_lists([counted()], heading=heading(), directory=tmp_path)
    assert report.pages == 1
    assert "of 0" in text_of(tmp_path / "signatures.pdf")


def test_heading_that_no_font_has_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnprintableText) as refusal:
        write_lists(some_entries(), heading=heading(petition="𐎠 and 𐎼"), directory=tmp_path)
    assert refusal.value.characters == "𐎠𐎼"
    assert not list(tmp_path.iterdir())


def test_process_that_sets_a_volume_loads_documents_alone() -> None:
    code = (
        "import sys, petitions.documents.volume\n"
        "ours = {name.split('.')[1] for name in sys.modules if name.startswith('petitions.')}\n"
        "print(ours, 'flask' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "{'documents'} False False"


def test_failure_in_another_process_names_the_file_and_no_signer(tmp_path: Path) -> None:
    broken = tmp_path / "1.json"
    broken.write_text('{"day": [2026, 1, 1], "rows": [["1", "Ana Garc', encoding="utf-8")
    with pytest.raises(TypesettingProblem) as problem:
        write_volumes([(broken, tmp_path / "signatures-01.pdf")], lambda: None)
    assert str(problem.value) == "signatures-01.pdf could not be set (exit status 1)"


def test_missing_glyph_is_an_error_that_quotes_nobody(tmp_path: Path) -> None:
    data = {"rows": [["1", "𐎠 García", "", ""]]}
    with pytest.raises(TypesettingProblem) as problem:
        typeset("signatures.typ", data, tmp_path / "x.pdf", heading().dated_on)
    assert str(problem.value) == "signatures.typ could not be set"
    assert problem.value.__cause__ is None
    assert not list(tmp_path.iterdir())
