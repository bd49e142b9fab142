"""Beginning petitions: addresses, first words, and what is refused before anything is stored."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask_sqlalchemy import SQLAlchemy

from petitions.domain.consent_words import default_closing, default_consent
from petitions.domain.petition_asks import Aim, change_asks
from petitions.domain.petition_beginning import free_slug
from petitions.domain.petition_languages import languages_written
from petitions.domain.petition_versions import current
from petitions.domain.petition_words import HowFar, Words, save_words, words_of
from petitions.domain.petitions import move, petition_to_change
from petitions.domain.presenting.petition_preview import petition_preview
from petitions.domain.publishing import publish
from petitions.domain.site import Site
from petitions.errors import Refused
from petitions.models import PetitionState, TextVersion
from tests.domain.petition_cast import ASK, ENGLISH, RUSSIAN, Draft, draft, write


@pytest.fixture
def ready(database: SQLAlchemy, site: Site, now: datetime) -> Draft:
    return draft(site, now)


@pytest.mark.parametrize("language", ["en", "ru", "fr", "es", "uz", "ar"])
def test_each_language_with_words_has_all_of_them(language: str) -> None:
    words = default_consent(language)
    assert all((words.risk, words.consent, words.news, default_closing(language)))


def test_language_without_words_begins_empty_and_not_in_english() -> None:
    words = default_consent("tg")
    assert (words.risk, words.consent, words.news, default_closing("tg")) == ("", "", "", "")


def test_addresses_are_made_from_any_script_and_never_twice(ready: Draft) -> None:
    assert free_slug("Anna B") == "anna-b-2"
    assert free_slug("Найдите Анну") == "naydite-annu"
    assert free_slug("!?") == "petition"
    assert len(free_slug("x" * 500)) <= 60


def test_language_is_empty_partly_written_or_complete(ready: Draft, now: datetime) -> None:
    version = current(TextVersion, ready.petition.id)
    assert languages_written(version.id) == {"en": HowFar.COMPLETE}
    write(ready.petition, ready.organiser, now, language="ru", asks=(("", ""),))
    assert languages_written(version.id)["ru"] is HowFar.PARTLY
    nothing = Words(dict.fromkeys(ENGLISH, ""), (("", ""),))
    save_words(ready.petition, "ru", nothing, seen="", author=ready.organiser.id, now=now)
    assert "ru" not in languages_written(version.id)


def test_words_follow_their_ask_when_the_order_changes(ready: Draft, now: datetime) -> None:
    both = frozenset({ready.minister.id})
    author = ready.organiser.id
    change_asks(
        ready.petition, [Aim(None, "UZ", both), Aim(1, "UZ", both)], seen="", author=author, now=now
    )
    version = current(TextVersion, ready.petition.id)
    assert words_of(version.id, "en").asks == (("", ""), ASK)
    other = ("Urge B", "I urge B")
    write(ready.petition, ready.organiser, now, asks=(other, ASK))
    change_asks(
        ready.petition, [Aim(2, "UZ", both), Aim(1, "UZ", both)], seen="", author=author, now=now
    )
    assert words_of(version.id, "en").asks == (ASK, other)


def test_archived_petition_is_not_changed(ready: Draft, now: datetime) -> None:
    publish(ready.petition, ready.organiser, now)
    for state in (PetitionState.CLOSED, PetitionState.ARCHIVED):
        move(ready.petition, state, now, actor="organiser 1")
    with pytest.raises(Refused, match="archived"):
        petition_to_change(ready.petition.id)


def test_preview_shows_a_language_that_is_only_typed(ready: Draft, now: datetime) -> None:
    typed = Words(RUSSIAN, (("Призовите", "Призываю"),))
    page = petition_preview(ready.petition, ready.case, "ru", now, typed=typed)
    assert (page.words.language, page.words.title) == ("ru", RUSSIAN["title"])
    assert page.asks[0].for_readers == ("Призовите",)
    assert page.consent is None
    assert petition_preview(ready.petition, ready.case, "ru", now).words.language == "en"
