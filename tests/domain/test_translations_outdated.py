"""Translations that are older than their original: marked by field, until mended or said right."""

from dataclasses import replace
from datetime import datetime

import pytest
from flask_sqlalchemy import SQLAlchemy

from petitions.domain.case_drafts import publish_draft
from petitions.domain.case_texts import languages_of, save_words, words_now
from petitions.domain.case_update_publishing import publish_update
from petitions.domain.case_updates import (
    Written,
    add_update,
    change_update,
    outdated_in,
    written_of,
)
from petitions.domain.petition_versions import current
from petitions.domain.petition_words import Words, words_of
from petitions.domain.petition_words import outdated_in as outdated_in_petition
from petitions.domain.petition_words import save_words as save_petition
from petitions.domain.presenting import case_page
from petitions.models import Case, CaseText, Organiser, TextVersion, UpdateKind
from tests.domain.cast import Cast

ENGLISH, RUSSIAN = "en", "ru"


@pytest.fixture
def vera(database: SQLAlchemy, now: datetime) -> Organiser:
    row = Organiser(email="vera@example.org", name="Vera", fs_uniquifier="vera", created_at=now)
    database.session.add(row)
    database.session.flush()
    return row


def outdated(case: Case) -> tuple[str, ...]:
    (line,) = [line for line in languages_of(case) if line.language == RUSSIAN]
    return line.outdated


def write(
    cast: Cast, vera: Organiser, now: datetime, language: str, is_right: bool = False, **to: str
) -> None:
    words = replace(words_now(cast.case.id, language), **to)
    save_words(cast.case.id, words, seen="", organiser=vera, now=now, is_right=is_right)


def publish(cast: Cast, vera: Organiser, now: datetime, language: str) -> None:
    publish_draft(cast.case.id, language, seen="", organiser=vera, now=now)


@pytest.fixture
def translated(cast: Cast, vera: Organiser, now: datetime) -> Cast:
    write(cast, vera, now, ENGLISH, title="Anna", summary="She is held.", narrator="Her sister")
    publish(cast, vera, now, ENGLISH)
    write(cast, vera, now, RUSSIAN, title="Анна", summary="Она под стражей.")
    publish(cast, vera, now, RUSSIAN)
    return cast


def test_a_translation_is_outdated_in_the_fields_whose_original_changed(
    translated: Cast, vera: Organiser, now: datetime
) -> None:
    assert outdated(translated.case) == ()
    write(translated, vera, now, ENGLISH, summary="She is free.", narrator="Her brother")
    assert outdated(translated.case) == ("summary",), "what is not translated is not outdated"
    write(translated, vera, now, RUSSIAN, title="Анна В.")
    assert outdated(translated.case) == ("summary",), "another field was mended"
    write(translated, vera, now, RUSSIAN, summary="Она на свободе.")
    assert outdated(translated.case) == ()


def test_the_mark_goes_where_the_original_is_what_it_was(
    translated: Cast, vera: Organiser, now: datetime
) -> None:
    write(translated, vera, now, ENGLISH, summary="She is free.")
    write(translated, vera, now, ENGLISH, summary="She is held.")
    assert outdated(translated.case) == ()


def test_a_translation_can_be_said_right_as_it_stands(
    translated: Cast, vera: Organiser, now: datetime
) -> None:
    write(translated, vera, now, ENGLISH, summary="She is held .")
    publish(translated, vera, now, ENGLISH)
    assert case_page(translated.case, [RUSSIAN]).is_outdated
    write(translated, vera, now, RUSSIAN, is_right=True)
    assert outdated(translated.case) == ()
    assert not case_page(translated.case, [RUSSIAN]).is_outdated


def test_readers_are_told_from_what_they_see_not_from_drafts(
    translated: Cast, vera: Organiser, now: datetime
) -> None:
    write(translated, vera, now, ENGLISH, summary="She is free.")
    assert not case_page(translated.case, [RUSSIAN]).is_outdated
    publish(translated, vera, now, ENGLISH)
    assert case_page(translated.case, [RUSSIAN]).is_outdated
    assert not case_page(translated.case, [ENGLISH]).is_outdated
    write(translated, vera, now, RUSSIAN, summary="Она на свободе.")
    assert case_page(translated.case, [RUSSIAN]).is_outdated
    publish(translated, vera, now, RUSSIAN)
    assert not case_page(translated.case, [RUSSIAN]).is_outdated


def test_texts_from_before_the_notes_are_marked_once_their_original_changes(
    cast: Cast, database: SQLAlchemy, vera: Organiser, now: datetime
) -> None:
    row = CaseText(case_id=cast.case.id, language=RUSSIAN, title="Анна", summary="Пропала.")
    database.session.add(row)
    database.session.flush()
    assert outdated(cast.case) == ()
    write(cast, vera, now, ENGLISH, title="Another title")
    assert outdated(cast.case) == ("title",), "nothing is claimed of the other fields"


def test_translations_of_updates_are_marked_too(cast: Cast, vera: Organiser, now: datetime) -> None:
    written = Written(UpdateKind.FURTHER, "", None, None, "She was seen", "In Osh.")
    update = add_update(cast.case.id, written, vera, now)
    asked = {"seen": "", "organiser": vera, "now": now}
    also = {**asked, "may_publish": True}
    russian = replace(written, title="Её видели", text="В Оше.")
    change_update(cast.case.id, update.id, RUSSIAN, russian, **also)
    publish_update(cast.case.id, update.id, move_deadline=False, **asked)
    change_update(cast.case.id, update.id, ENGLISH, replace(written, text="In Jalal-Abad."), **also)
    assert outdated_in(update, RUSSIAN, ENGLISH) == ("text",)
    assert [line.is_outdated for line in case_page(cast.case, [RUSSIAN]).updates] == [True]
    assert [line.is_outdated for line in case_page(cast.case, [ENGLISH]).updates] == [False]
    change_update(
        cast.case.id, update.id, RUSSIAN, written_of(update, RUSSIAN), is_right=True, **also
    )
    assert outdated_in(update, RUSSIAN, ENGLISH) == ()


def test_a_petition_s_translation_is_marked_by_field_and_by_voice(
    cast: Cast, vera: Organiser, now: datetime
) -> None:
    def words(language: str) -> Words:
        return words_of(current(TextVersion, cast.petition.id).id, language)

    def save(language: str, new: Words, *, is_right: bool = False) -> None:
        asked = {"seen": "", "author": vera.id, "now": now, "is_right": is_right}
        save_petition(cast.petition, language, new, **asked)

    def marks() -> set[tuple[int, str]]:
        version = current(TextVersion, cast.petition.id).id
        return set(outdated_in_petition(version, RUSSIAN, ENGLISH))

    english, russian = words(ENGLISH), words(RUSSIAN)
    save(RUSSIAN, Words({**russian.text, "title": "Заглавие"}, (("Просите", "Прошу"),)))
    (_, letter), *_ = english.asks
    save(ENGLISH, Words({**english.text, "title": "Another"}, (("Ask them", letter),)))
    assert marks() == {(0, "title"), (1, "for_readers")}
    save(RUSSIAN, replace(words(RUSSIAN), asks=(("Попросите", "Прошу"),)))
    assert marks() == {(0, "title")}
    save(RUSSIAN, words(RUSSIAN), is_right=True)
    assert marks() == set()
