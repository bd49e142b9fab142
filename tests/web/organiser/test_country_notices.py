"""Notices per country in the console: written per language, closing a form, preview, refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from petitions.domain.country_notices import notice_for
from petitions.domain.publishing import publish
from petitions.models import Role
from tests.domain.petition_cast import Draft, draft
from tests.web.organiser.test_petitions import at, form_of, main_text

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SignedIn = Callable[..., Any]
REASON = "People were questioned for such a signature."


@pytest.fixture
def live(database: SQLAlchemy, site: Any, frozen_time: object, now: datetime) -> Draft:
    made = draft(site, now)
    publish(made.petition, made.organiser, now)
    database.session.commit()
    return made


@pytest.fixture
def campaigner(signed_in: SignedIn, frozen_time: object) -> Any:
    return signed_in(Role.CAMPAIGNER, name="Olga")


def write(client: Any, made: Draft, path: str = "/countries/UZ/en", **typed: str) -> Any:
    sent = form_of(client.get(at(made, path)), "/countries/")
    sent.pop("closed", None)
    return client.post(at(made, path), data=sent | {"text": REASON, "action": "save", **typed})


def test_country_is_chosen_written_to_and_listed(live: Draft, campaigner: Any) -> None:
    listed = campaigner.get(at(live, "/countries"))
    assert "No notice yet." in main_text(listed)
    chosen = campaigner.get(at(live, "/countries?country=UZ"))
    assert chosen.location.endswith("/countries/UZ/en")
    assert write(campaigner, live).status_code == 303
    assert write(campaigner, live, "/countries/UZ/ru", text="Осторожно.").status_code == 303
    beside = campaigner.get(at(live, "/countries/UZ/ru"))
    assert REASON in main_text(beside)
    assert "Uzbekistan" in main_text(campaigner.get(at(live, "/countries")))
    shown = main_text(campaigner.get(at(live)))
    assert "notice for a country changed" in shown
    assert campaigner.get(at(live, "/countries?country=ZZ")).status_code == 422


def test_closing_holds_at_once_and_needs_its_reason(live: Draft, campaigner: Any) -> None:
    refused = write(campaigner, live, text="", closed="y")
    assert refused.status_code == 422
    assert "Write why the form is closed there" in main_text(refused)
    assert "checked" in refused.text
    public = f"/petitions/{live.petition.slug}"
    assert 'name="email"' in campaigner.get(f"{public}?country=UZ").text
    assert write(campaigner, live, closed="y").status_code == 303
    page = campaigner.get(f"{public}?country=UZ").text
    assert REASON in page
    assert 'name="email"' not in page
    # Another language says nothing of closing: it stays as it is.
    write(campaigner, live, "/countries/UZ/ru", text="Осторожно.")
    assert notice_for(live.petition.id, "UZ").closed
    assert write(campaigner, live).status_code == 303
    assert not notice_for(live.petition.id, "UZ").closed


def test_preview_shows_the_notice_unsaved_and_saved(live: Draft, campaigner: Any) -> None:
    shown = write(campaigner, live, action="preview")
    assert REASON in main_text(shown)
    assert "nothing is saved yet" in main_text(shown)
    assert notice_for(live.petition.id, "UZ").texts == {}
    write(campaigner, live)
    assert REASON in main_text(campaigner.get(at(live, "/preview?country=UZ")))


def test_no_button_leads_to_a_form_that_is_closed(live: Draft, campaigner: Any) -> None:
    write(campaigner, live, closed="y")
    for page in (at(live, "/preview"), f"/petitions/{live.petition.slug}"):
        assert 'href="#sign">Sign<' in campaigner.get(page).text
        assert 'href="#sign">Sign<' not in campaigner.get(f"{page}?country=UZ").text


def test_translator_is_told_who_may_save_on_a_published_petition(
    live: Draft, signed_in: SignedIn
) -> None:
    translator = signed_in(Role.TRANSLATOR)
    answer = write(translator, live, closed="y")
    assert answer.status_code == 422
    assert "Send your words to an organiser who may edit" in main_text(answer)
    assert REASON in answer.text
    assert notice_for(live.petition.id, "UZ").texts == {}


@pytest.mark.parametrize("path", ["/countries/ZZ/en", "/countries/UZ/nonsense"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_neither_country_nor_language_is_not_found(live: Draft, campaigner: Any, path: str) -> None:
    assert campaigner.get(at(live, path)).status_code == 404


def test_notice_that_is_older_than_its_original_is_marked_until_it_is_said_right(
    live: Draft, campaigner: Any
) -> None:
    russian = "/countries/UZ/ru"
    write(campaigner, live)
    write(campaigner, live, russian, text="Осторожно.")
    assert "translation outdated" not in main_text(campaigner.get(at(live, "/countries")))
    write(campaigner, live, text=f"{REASON} Be careful.")
    assert "translation outdated" in main_text(campaigner.get(at(live, "/countries")))
    assert "changed since the translation" in main_text(campaigner.get(at(live, russian)))
    write(campaigner, live, russian, text="Осторожно.", is_right="yes")
    assert "translation outdated" not in main_text(campaigner.get(at(live, "/countries")))
    assert "changed since the translation" not in main_text(campaigner.get(at(live, russian)))


def test_consent_that_is_older_than_its_original_is_marked_until_it_is_said_right(
    live: Draft, campaigner: Any
) -> None:
    def save(language: str, **typed: str) -> None:
        path = f"/consent/{language}"
        sent = form_of(campaigner.get(at(live, path)), "/consent/")
        answer = campaigner.post(at(live, path), data=sent | {"action": "save", **typed})
        assert answer.status_code == 303

    save("ru", risk="Риск", consent="Согласие", news="Новости")
    save("en", risk="Another risk")
    assert "translation outdated Risk" in main_text(campaigner.get(at(live)))
    assert main_text(campaigner.get(at(live, "/consent/ru"))).count("changed since") == 1
    save("ru", is_right="yes")
    assert "translation outdated" not in main_text(campaigner.get(at(live)))
