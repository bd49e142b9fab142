"""Numbers: each apart, small countries together, and equal to a count of the rows."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask_sqlalchemy import SQLAlchemy
from hypothesis import given
from hypothesis import strategies as st

from petitions.domain import signing
from petitions.domain.counting import SHOWN_FROM, numbers_of, small_together
from petitions.domain.petitions import MOVES, move
from petitions.domain.site import Site
from petitions.errors import TransitionRefused
from petitions.models import PaperSignatures, PetitionState, Signature
from tests.domain.cast import Cast, form, publish

COUNTRIES = st.dictionaries(st.text("ABCDEFG", min_size=2, max_size=2), st.integers(1, 40))


@given(COUNTRIES)
def test_no_small_country_can_be_worked_out(countries: dict[str, int]) -> None:
    shown = small_together(countries.items())
    assert sum(shown.values()) == sum(countries.values())
    other = shown.pop("other", None)
    assert all(countries[code] == number >= SHOWN_FROM for code, number in shown.items())
    hidden = set(countries) - set(shown)
    assert (other is None) == (not hidden)
    assert len(hidden) != 1 or len(countries) == 1


def test_each_kind_of_number_stands_apart(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    for number in range(12):
        signing.sign(site, cast.petition, form(f"s{number}@example.org"), now)
    ids = database.session.execute(database.select(Signature.id).limit(11)).scalars().all()
    for signature_id in ids:
        signing.confirm(cast.petition, signature_id, now)
    database.session.add(
        PaperSignatures(
            petition_id=cast.petition.id,
            source="paper",
            number=40,
            provenance="vigil",
            entered_at=now,
        )
    )
    database.session.flush()
    numbers = numbers_of(cast.petition.id)
    assert (numbers.confirmed, numbers.attested, numbers.paper, numbers.appeals) == (11, 0, 40, 0)
    assert numbers.by_country == {"GB": 11}


@pytest.mark.parametrize("begin", list(PetitionState))
@pytest.mark.parametrize("end", list(PetitionState))
def test_states_move_as_the_table_allows(
    database: SQLAlchemy, site: Site, now: datetime, begin: PetitionState, end: PetitionState
) -> None:
    petition = publish(site, now, state=begin).petition
    if end in MOVES[begin]:
        move(petition, end, now, actor="organiser 1", stop_reason="She is free.")
        assert petition.state is end
    else:
        with pytest.raises(TransitionRefused):
            move(petition, end, now, actor="organiser 1", stop_reason="She is free.")


def test_stopping_without_a_reason_is_refused(site: Site, cast: Cast, now: datetime) -> None:
    with pytest.raises(TransitionRefused):
        move(cast.petition, PetitionState.STOPPED, now, actor="organiser 1")
