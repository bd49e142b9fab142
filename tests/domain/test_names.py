"""Names of any script pass; disguises, floods and formulas do not."""

from __future__ import annotations

import csv
import io
import sys
import unicodedata
from contextlib import suppress
from datetime import date
from pathlib import Path
from unicodedata import category

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from petitions.documents import Entry, ListHeading, write_csv, write_lists, write_xlsx
from petitions.documents.record import without_formulas
from petitions.domain.names import (
    LONGEST,
    NameRefused,
    clean_initials,
    clean_name,
    clean_place,
    suggested_initials,
)

PICASSO = (
    "Pablo Diego José Francisco de Paula Juan Nepomuceno María de los Remedios Cipriano"
    " de la Santísima Trinidad Ruiz y Picasso"
)
# Names of people as they are written, one for each script, and what is hard in some of them.
NAMES_BY_SCRIPT = {
    "Latin": "Nguyễn Thị Ánh",
    "Cyrillic": "Юсуп Касымахунов",
    "Greek": "Ελένη Παππά",
    "Armenian": "Հայկ Գրիգորյան",
    "Georgian": "გიორგი ბერიძე",
    "Hebrew": "שָׂרָה בֶּן־דָּוִד",
    "Arabic": "محمد بن سلمان",
    "Persian, with a non-joiner": "می‌خواهم ژاله",
    "Syriac": "ܐܦܪܝܡ ܣܘܪܝܝܐ",
    "Thaana": "އަޙްމަދު ނަޝީދު",
    "N'Ko": "ߛߎߟߏߡߣߊ߫ ߞߊ߲ߕߍ߫",
    "Tifinagh": "ⵎⴰⵙⵙⵉⵏⵉⵙⴰ",
    "Ethiopic": "ኃይለ ሥላሴ",
    "Devanagari": "अमृता शर्मा",
    "Bengali": "শ্রেয়া ঘোষ",
    "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "Gujarati": "ક્ષમા પટેલ",
    "Oriya": "ଶ୍ରୀନିବାସ",
    "Tamil": "தமிழ்ச்செல்வி",
    "Telugu": "శ్రీనివాస్",
    "Kannada": "ಶ್ರೀಕಾಂತ್",
    "Malayalam": "ശ്രീജിത്ത്",
    "Sinhala, with a joiner": "ශ්‍රී කුමාර",
    "Thai": "สมชาย ใจดี",
    "Lao": "ສົມພອນ",
    "Khmer": "សុខ ចាន់",
    "Burmese": "မောင်မောင်ကြီး",
    "Tibetan": "བསྟན་འཛིན་རྒྱ་མཚོ",
    "Mongolian, with a variant": "ᠴᠢᠩᠭᠢᠰ ᠬᠠᠭ᠋ᠠᠨ",
    "Han": "张伟",
    "Han, with a variant": "葛󠄀城",
    "Hangul": "김민준",
    "Kana": "やまだ タロウ",
    "Bopomofo": "ㄅㄆㄇ",
    "Yi": "ꆀꑍ",
    "Cherokee": "ᏎᏉᏯ",
    "Canadian syllabics": "ᐃᓄᒃ",
    "Cham": "ꨌꩌ",
    "Javanese": "ꦱꦸꦏꦂꦤꦺꦴ",
    "Balinese": "ᬓᬺᬱ᭄ᬡ",
    "Adlam": "𞤀𞤣𞤤𞤢𞤥",
}


def test_there_are_names_of_thirty_scripts() -> None:
    assert len({name.partition(",")[0] for name in NAMES_BY_SCRIPT}) >= 30


@pytest.mark.parametrize(
    "name",
    [
        *NAMES_BY_SCRIPT.values(),
        "Ada Lovelace",
        "Sukarno",
        "O",
        "O’Brien-Łukasz d'Arc",
        "'Abd al-Raḥmān",
        "ʻAukake",
        "שָׁלוֹם עֲלֵיכֶם",
        "ကျော်စွာ",
        "3Jane",
        "X Æ A-12",
        "Martin Luther King, Jr.",
        PICASSO,
        "Lee Иван 李",
    ],
)
def test_names_of_many_scripts_are_kept_as_they_are(name: str) -> None:
    kept = unicodedata.normalize("NFC", name)
    assert clean_name(name) == kept
    assert clean_place(name) == kept
    assert clean_initials(suggested_initials(name), name) == suggested_initials(name)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("Ada\r\nLovelace", "Ada Lovelace"),
        ("Ada\u2067\u2066 Lovelace\u2069", "Ada Lovelace"),
        ("Ada\u0085\u2028Lovelace", "Ada Lovelace"),
        ("Ada\U000e0041\ufe0f", "Ada"),
        ("e\u200b\u0301a", "éa"),
        ("<\u200d\u0338\u200c a", "≮ a"),
        ("葛\U000e0100\U000e0101城", "葛\U000e0100城"),
        ("Ada\u202e Lovelace\u202c", "Ada Lovelace"),
        ("Ada\x00\x07", "Ada"),
        ("\u200bAda\ufeff", "Ada"),
        ("Ame\u0301lie", "Amélie"),
        (" \u200dAda", "Ada"),
    ],
)
def test_controls_and_overrides_are_dropped(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("\u202e\u200b", "empty"),
        ("\u3164", "empty"),
        ("\u115f\u1160", "empty"),
        ("A" * 201, "too long"),
        ("=1+1", "formula"),
        ("@SUM(A1)", "formula"),
        ("＠SUM(A1)", "formula"),
        ("＝1+1", "formula"),
        ("＋1 Ada", "formula"),
        ("－1 Ada", "formula"),
        ("﹦1 Ada", "formula"),
        ("\tAda", "formula"),
        ("\r\nAda", "formula"),
        (" \n Ada", "formula"),
        ("\u200b=Ada", "formula"),
        ("\t", "empty"),
        ("+1 234", "formula"),
        ("-Ada", "formula"),
        ("http://spam.example buy", "link"),
        ("see WWW.spam.example", "link"),
        ("123 456", "no letter"),
        ("A" + "\u0300\u0301\u0302\u0303\u0304" + "da", "too many marks"),
        ("A" + "\u0316\u0316\u0316\u200d" * 9, "too many marks"),
        ("ก" + "\u0e38" * 9, "too many marks"),
        ("A" + "\u0e38" * 4, "too many marks"),
        ("ก" + "\u0e38" + "\u0316" * 4, "too many marks"),
    ],
)
def test_refusals_say_why(name: str, reason: str) -> None:
    with pytest.raises(NameRefused) as refused:
        clean_name(name)
    assert refused.value.reason == reason


@pytest.mark.parametrize("name", ["A\u0316\u0316\u0316", "ก" + "\u0e38" * 8, "က" + "\u1037" * 5])
def test_marks_that_a_language_may_need_are_kept(name: str) -> None:
    assert clean_name(name) == name


def test_length_is_counted_as_readers_count() -> None:
    long = "é̖̈" * LONGEST
    assert clean_name(long) == unicodedata.normalize("NFC", long)
    with pytest.raises(NameRefused, match="too long"):
        clean_name(long + "e")


def test_a_place_may_be_empty_and_have_no_letter() -> None:
    assert clean_place("") == ""
    assert clean_place("13000") == "13000"


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Ada Lovelace", "A. L."),
        ("jean-paul sartre", "J. P. S."),
        ("'Abd al-Rahman", "A. A. R."),
        ("Юсуп Касымахунов", "Ю. К."),
        ("Sukarno", "S."),
        ("3Jane", "J."),
        ("张伟", ""),
        ("김민준", ""),
        ("Анна-Мария де ля Крус O'Neill", "А. М. Д. Л. К. O."),
    ],
)
def test_initials_are_suggested(name: str, initials: str) -> None:
    assert suggested_initials(name) == initials


@pytest.mark.parametrize("initials", ["", "A. L.", "AL", "Дж. О.", "A.-L.", "Dzh. B."])
def test_initials_are_kept_as_they_are_left(initials: str) -> None:
    assert clean_initials(initials, "Ada Lovelace") == initials


@pytest.mark.parametrize(
    ("initials", "name"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("A. Lovelace", "Ada Lovelace"),
        ("张伟", "张伟"),
        ("Bo", "Bo"),
    ],
)
def test_a_name_in_the_place_of_initials_is_refused(initials: str, name: str) -> None:
    with pytest.raises(NameRefused) as refused:
        clean_initials(initials, name)
    assert refused.value.reason == "not initials"


# What breaks such rules, more often than by chance: joiners, marks, selectors, overrides, signs.
HARD = (
    "\u200c\u200d\u0301\u0338\u0316\u034f\ufe0f\U000e0100\u180b\u202e\u2067\u200b\ufeff\x00\x1b\x85"
    "\t\r\n =+-@＝＋－＠﹣<'\";,eAกက葛ᠭ가가़्"
)
texts = st.text(st.one_of(st.characters(), st.sampled_from(HARD)), max_size=60)
FORBIDDEN = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


def assert_clean(kept: str) -> None:
    for character in kept:
        assert category(character) not in FORBIDDEN
        assert category(character) != "Cf" or character in "\u200c\u200d"
    assert unicodedata.is_normalized("NFC", kept)
    assert unicodedata.normalize("NFKC", kept[:1]) not in set("=+-@")


@given(texts)
def test_whatever_is_typed_is_kept_clean_or_refused(text: str) -> None:
    with suppress(NameRefused):
        name = clean_name(text)
        assert_clean(name)
        assert clean_name(name) == name
        assert clean_initials(suggested_initials(name), name) == suggested_initials(name)
    with suppress(NameRefused):
        place = clean_place(text)
        assert_clean(place)
        assert clean_place(place) == place


@given(texts, texts)
def test_initials_are_kept_clean_or_refused(initials: str, name: str) -> None:
    with suppress(NameRefused):
        kept = clean_initials(initials, clean_name(name))
        assert_clean(kept)
        assert clean_initials(kept, clean_name(name)) == kept


def test_each_character_of_unicode_is_kept_clean_or_dropped() -> None:
    assigned = [c for c in map(chr, range(sys.maxunicode + 1)) if category(c) not in {"Cn", "Co"}]
    kept = 0
    for start in range(0, len(assigned), 64):
        place = clean_place("".join(f"A{c}\u200d" for c in assigned[start : start + 64]))
        kept += len(place)
        assert_clean(place)
        assert clean_place(place) == place, hex(ord(assigned[start]))
    assert kept > 2 * 140_000


def writable(places: list[tuple[str, str]]) -> list[Entry]:
    return [
        Entry(number, "full", name, place, "IS", date(2026, 3, 14), "e-mail", b"s" * 16)
        for number, (name, place) in enumerate(places, 1)
    ]


@given(st.lists(st.tuples(texts, texts), min_size=20, max_size=20))
@settings(max_examples=25)
def test_what_is_kept_is_written_by_every_writer(
    tmp_path_factory: pytest.TempPathFactory, typed: list[tuple[str, str]]
) -> None:
    kept = []
    for name, place in typed:
        with suppress(NameRefused):
            kept.append((clean_name(name), clean_place(place)))
    assert_written(kept, tmp_path_factory.mktemp("written"))


def assert_written(kept: list[tuple[str, str]], directory: Path) -> None:
    entries = writable(kept)
    heading = ListHeading(
        language="en", petition="P", addressee="A", reference="R", dated_on=date(2026, 3, 14)
    )
    write_lists(entries, heading=heading, directory=directory)
    assert (directory / "signatures.pdf").read_bytes().startswith(b"%PDF")
    file = io.StringIO(newline="")
    write_csv(entries, file)
    _header, *rows = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert [(row[1], row[2]) for row in rows] == [tuple(map(without_formulas, k)) for k in kept]
    write_xlsx(entries, directory / "signatures.xlsx", rows=len(entries))
    (sheet,) = openpyxl.load_workbook(directory / "signatures.xlsx").worksheets
    cells = [(row[1].value, row[2].value or "") for row in sheet.iter_rows(min_row=2)]
    assert cells == kept
