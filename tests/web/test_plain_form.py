"""The quick look at a form and the thorough one agree, for whatever is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from petitions.web.public.forms import SigningShape, plain_form, plain_of
from tests.settings import settings_for

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {
    "name": "Анна Sundström",
    "initials": "",
    "email": "anna@example.org",
    "country": "FI",
    "place": "Oulu",
    "appearance": "full",
    "news": "",
    "consent": "1",
    "stamp": "x",
}
ODD = st.sampled_from(
    (
        *("", " ", "0", "false", "False", "fi", "XX", "FI ", "ß", "counted", "initials", "full"),
        *("a@b", "a@example.org", " a@bücher.example.org ", "x" * 601, "=cmd", "J.", "\t", "1"),
    )
)
CHANGES = st.dictionaries(st.sampled_from(sorted(GOOD)), st.none() | ODD, max_size=3)


@pytest.fixture(scope="module")
def bare_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application without its database: forms ask it nothing."""
    from petitions import create_app

    folder: Path = tmp_path_factory.mktemp("forms")
    return create_app(settings_for(folder, f"sqlite:///{folder / 'none.db'}"))


@pytest.mark.parametrize("first", [None, "second"])
@settings(max_examples=200, deadline=None)
@given(changes=CHANGES)
def test_what_is_taken_at_a_glance_is_what_the_whole_form_takes(
    bare_app: Flask, first: str | None, changes: dict[str, str | None]
) -> None:
    values: list[Any] = [(k, v) for k, v in {**GOOD, **changes}.items() if v is not None]
    sent = MultiDict(values + ([(k, first) for k, _ in values] if first else []))
    with bare_app.test_request_context():
        plain, form = plain_form(sent), SigningShape(sent)
        fine = form.validate()
        names = {
            "name",
            "initials",
            "place",
        }  # the domain refuses those, and then the form is asked
        if plain is not None:
            assert set(form.errors) <= names
            if fine:
                assert plain == plain_of(form, form.address)
        elif fine:
            assert form.appearance.data == "initials"


def test_an_ordinary_form_is_taken_at_a_glance(bare_app: Flask) -> None:
    with bare_app.test_request_context():
        assert plain_form(MultiDict(GOOD)) is not None
