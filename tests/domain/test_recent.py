"""What is kept for moments: made once, made anew afterwards, never without end."""

from __future__ import annotations

from itertools import count

from petitions.domain.recent import Recent


class Hands:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_value_is_made_once_within_two_seconds_and_anew_after_them() -> None:
    hands, numbers = Hands(), count(1)
    recent = Recent(2, hands)
    assert recent.get("a", lambda: next(numbers)) == 1
    hands.seconds = 1.9
    assert recent.get("a", lambda: next(numbers)) == 1
    assert recent.get("b", lambda: next(numbers)) == 2
    hands.seconds = 2.0
    assert recent.get("a", lambda: next(numbers)) == 3


def test_nothing_is_kept_where_pages_are_not_kept_either() -> None:
    numbers = count(1)
    recent = Recent(0)
    assert [recent.get("a", lambda: next(numbers)) for _ in range(3)] == [1, 2, 3]


def test_many_keys_do_not_fill_the_memory() -> None:
    recent = Recent(2, Hands())
    for number in range(5000):
        recent.get(number, lambda: b"x")
    assert len(recent._kept) <= 256
