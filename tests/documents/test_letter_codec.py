"""A letter kept as JSON comes back as it was, and nothing else is taken for one."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from petitions.documents import (
    Counts,
    LetterUnreadable,
    UnprintableText,
    decode_letter,
    encode_letter,
    letter_pdf,
    write_letter,
)
from petitions.documents.letter_codec import letterhead_name
from tests.documents.cast import letter
from tests.documents.pictures import emblem


def kept(**values: Any) -> dict[str, Any]:
    """A letter as it lies in the database."""
    return dict(json.loads(json.dumps(encode_letter(letter(**values)))))


def no_letterhead(_name: str) -> bytes:
    raise AssertionError("this letter has no letterhead")


@pytest.mark.parametrize(
    "written",
    [
        letter(),
        letter(counts=None, countries=("DE", "AT"), copies=("a", "b"), list_pages=3),
        letter(copy_of=("Minister",)),
        letter(
            obligation="Bound.", enclosures=("a",), continues="x", continues_on=date(2026, 1, 2)
        ),
        letter(language="ar", salutation="سعادة المدعي العام،", dated_on=date(1999, 2, 28)),
        letter(accent_colour="#0b6e4f", demonstration=True, attested=2, paper=1, appeals=9),
    ],
)
def test_letter_comes_back_as_it_was(written: Any) -> None:
    assert decode_letter(json.loads(json.dumps(encode_letter(written))), no_letterhead) == written


def test_letterhead_is_named_by_its_hash_and_fetched_by_it() -> None:
    picture = emblem()
    written = letter(letterhead=picture)
    data = kept(letterhead=picture)
    assert data["letterhead"] == letterhead_name(written)
    assert decode_letter(data, {data["letterhead"]: picture}.__getitem__) == written
    with pytest.raises(LetterUnreadable, match="not the one"):
        decode_letter(data, lambda _name: picture + b"x")


def test_letter_of_version_1_stays_readable() -> None:
    """What lies in databases: change it only together with a new version."""
    data = {
        "version": 1,
        "language": "en",
        "sender_name": "Watch",
        "reference": "anna-b-1",
        "dated_on": "2026-03-14",
        "addressee": {
            "office": "Minister",
            "name": "",
            "organisation": "",
            "postal_lines": ["Street 1"],
            "faxes": [],
            "emails": [],
        },
        "salutation": "Dear Minister",
        "subject": "Anna B",
        "opening": "Anna B is reported missing.",
        "sender_lines": ["1 Quay", "Haven"],
        "sender_contact": "",
        "place_line": "",
        "asks": ["I urge you to say where she is"],
        "counts": {"named": 1, "initials": 0, "counted": 2},
        "countries": [],
        "attested": 0,
        "paper": 0,
        "partners": 0,
        "appeals": 0,
        "names_enclosed": True,
        "list_pages": None,
        "list_files": None,
        "copies": [],
        "demonstration": False,
        "closing": "Yours sincerely",
        "signatory_lines": ["Watch"],
        "letterhead": None,
        "accent_colour": "",
    }
    read = decode_letter(data, no_letterhead)
    assert (read.counts, read.dated_on) == (Counts(1, 0, 2), date(2026, 3, 14))
    assert encode_letter(read) == {
        **data,
        "version": 4,
        "copy_of": [],
        "form_of_address": "",
        "obligation": "",
        "case_number": "",
        "one_side_only": False,
        "enclosures": [],
        "first_volume": False,
        "numbers_pages": None,
        "continues": "",
        "continues_on": None,
        "is_translation": False,
        "translated": False,
        "setting": 1,
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 5},
        {"version": 3, "setting": 2},
        {"version": 2, "obligation": "something"},
        {"version": 1, "copy_of": ["an office"]},
        {"version": "1"},
        {"language": None},
        {"paper": "1"},
        {"paper": True},
        {"demonstration": 0},
        {"dated_on": "14 March"},
        {"dated_on": 20260314},
        {"asks": "one"},
        {"asks": [1]},
        {"counts": {"named": 1, "initials": 0}},
        {"counts": [1, 2, 3]},
        {"addressee": None},
        {"letterhead": 5},
        {"accent_colour": "red"},
        {"further": "field"},
    ],
)
def test_what_is_no_letter_is_refused_and_not_quoted(changed: dict[str, Any]) -> None:
    with pytest.raises(LetterUnreadable) as refusal:
        decode_letter({**kept(), **changed}, no_letterhead)
    assert "Khamidkariev" not in str(refusal.value)


@pytest.mark.parametrize("missing", sorted(kept()))
def test_letter_that_lacks_a_field_is_refused(missing: str) -> None:
    data = kept()
    del data[missing]
    with pytest.raises(LetterUnreadable):
        decode_letter(data, no_letterhead)


@pytest.mark.parametrize("nothing", [None, [], "letter", 1])
def test_other_json_is_no_letter(nothing: object) -> None:
    with pytest.raises(LetterUnreadable):
        decode_letter(nothing, no_letterhead)


def test_preview_has_the_bytes_of_the_letter(tmp_path: Path) -> None:
    for number, written in enumerate((letter(), letter(letterhead=emblem()))):
        path = tmp_path / f"{number}.pdf"
        write_letter(written, path)
        assert letter_pdf(written) == path.read_bytes()


def test_preview_refuses_what_no_font_has() -> None:
    with pytest.raises(UnprintableText) as refusal:
        letter_pdf(letter(salutation="𐎠𐎼𐎹"))
    assert refusal.value.characters == "𐎠𐎼𐎹"
