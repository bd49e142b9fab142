"""What an entry refuses to hold: more than the signer chose to show."""

import pytest

from petitions.documents import Counts
from tests.documents.cast import counted, entry


@pytest.mark.parametrize("field", ["name", "place", "country"])
def test_counted_entry_holds_nothing_of_the_signer(field: str) -> None:
    with pytest.raises(ValueError, match="counted entry carries no"):
        entry(None, **{"name": "", "place": "", "country": "", "appearance": "counted", field: "x"})


def test_entry_by_initials_holds_no_place() -> None:
    with pytest.raises(ValueError, match="carries no place"):
        entry(1, "M. K.", appearance="initials", place="Marburg")


def test_named_entry_needs_a_number() -> None:
    with pytest.raises(ValueError, match="needs a number"):
        entry(None, "Ana García")


def test_salt_has_128_bits() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        entry(salt=b"short")


def test_repr_names_nobody() -> None:
    assert repr(entry(7, "Ana García")) == "<Entry 7 full>"
    assert repr(counted()) == "<Entry None counted>"


def test_eligible_is_the_sum_of_the_three() -> None:
    assert Counts(named=3, initials=1, counted=2).eligible == 6
    assert Counts(named=3, initials=1, counted=2).listed == 4
