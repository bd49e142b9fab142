"""The directory's cells: no spreadsheet reads a formula, and all of it comes back as it was."""

from hypothesis import given
from hypothesis import strategies as st

from petitions.documents.directory import guarded, unguarded
from petitions.documents.record import without_formulas

_CELLS = st.text(st.sampled_from("ab'=+-@; \t\n\r\u200b,\"я"), max_size=12)


@given(_CELLS)
def test_guarded_cell_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(_CELLS)
def test_guarded_cell_is_no_formula(text: str) -> None:
    assert without_formulas(guarded(text)) == guarded(text)


def test_number_with_a_plus_is_guarded_and_a_plain_one_is_read_as_it_is() -> None:
    assert guarded("+998 71\n+998 72") == "'+998 71\n'+998 72"
    assert unguarded("+998 71") == "+998 71"
    assert guarded("O'Brien's") == "O'Brien's"
