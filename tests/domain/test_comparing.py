"""Two texts compared piece by piece, with an end to the work."""

from __future__ import annotations

import pytest

from petitions.domain.comparing import MOST, aligned


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("abc", "abc", "=a =b =c"),
        ("", "ab", "+a +b"),
        ("ab", "", "-a -b"),
        ("abc", "axc", "=a -b +x =c"),
        ("abcd", "acbd", "=a -b =c +b =d"),
        ("aab", "ab", "=a -a =b"),
        ("ab", "cd", "-a -b +c +d"),
        ("xaybz", "paqbr", "-x +p =a -y +q =b -z +r"),
    ],
)
def test_pieces_are_the_same_old_or_new(old: str, new: str, parts: str) -> None:
    signs = {"same": "=", "old": "-", "new": "+"}
    found = aligned(list(old), list(new))
    assert " ".join(signs[mark] + piece for mark, piece in found) == parts


def test_texts_that_repeat_themselves_are_told_whole_in_place_of_being_aligned() -> None:
    old = ["head", *["a", "b"] * 1500, "tail"]
    new = ["head", *["b", "c"] * 1500, "tail"]
    found = aligned(old, new)
    assert len(found) == 6002
    assert [mark for mark, _ in found].count("same") == 2
    assert found[0] == ("same", "head")
    assert found[-1] == ("same", "tail")


def test_one_paragraph_changed_in_a_long_story_is_all_that_is_marked() -> None:
    old = ["again"] * 3000
    new = [*["again"] * 1000, "changed", *["again"] * 1999]
    changed = [part for part in aligned(old, new) if part[0] != "same"]
    assert changed == [("old", "again"), ("new", "changed")]


@pytest.mark.parametrize("more", [0, 1])
def test_work_is_bounded_by_the_number_of_pairs(more: int) -> None:
    wide = MOST // 2 + more
    old, new = ["x", "y"], ["a", *["y"] * (wide - 2), "b"]
    marks = [mark for mark, _ in aligned(old, new)]
    assert marks.count("same") == (0 if more else 1)


def test_all_of_both_texts_is_told() -> None:
    old, new = list("abracadabra" * 20), list("barbarab" * 20)
    found = aligned(old, new)
    assert [piece for mark, piece in found if mark != "new"] == old
    assert [piece for mark, piece in found if mark != "old"] == new
