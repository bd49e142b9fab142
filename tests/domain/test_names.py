"""Names of any script pass; disguises, floods and formulas do not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.domain.names import (
    NameRefused,
    clean_initials,
    clean_name,
    clean_place,
    suggested_initials,
)


@pytest.mark.parametrize(
    "name",
    [
        "Ada Lovelace",
        "Sukarno",
        "O’Brien-Łukasz d'Arc",
        "Юсуп Касымахунов",
        "محمد بن سلمان",
        "שָׁלוֹם עֲלֵיכֶם",
        "अमृता शर्मा",
        "ကျော်စွာ",
        "สมชาย ใจดี",
        "ኃይለ ሥላሴ",
        "张伟",
        "김민준",
        "やまだ たろう",
        "Nguyễn Thị Ánh",
        "می‌خواهم",
        "3Jane",
    ],
)
def test_names_of_many_scripts_are_kept_as_they_are(name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
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
        ("A" * 101, "too long"),
        ("=1+1", "formula"),
        ("＠SUM(A1)", "formula"),
        ("+1 234", "formula"),
        ("-Ada", "formula"),
        ("http://spam.example buy", "link"),
        ("see WWW.spam.example", "link"),
        ("123 456", "no letter"),
        ("A" + "\u0300\u0301\u0302\u0303\u0304" + "da", "too many marks"),
    ],
)
def test_refusals_say_why(name: str, reason: str) -> None:
    with pytest.raises(NameRefused) as refused:
        clean_name(name)
    assert refused.value.reason == reason


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


@given(st.text(max_size=300))
def test_whatever_is_typed_is_kept_clean_or_refused(text: str) -> None:
    try:
        kept = clean_name(text)
    except NameRefused:
        return
    assert clean_name(kept) == kept
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Co"} for c in kept)
    assert clean_initials(suggested_initials(kept), kept) == suggested_initials(kept)
