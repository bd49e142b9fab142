"""Translations that are older than their original: marked by field, until mended or said right."""

from dataclasses import replace
from datetime import datetime

import pytest
from flask_sqlalchemy import SQLAlchemy

from petitions.domain.case_drafts import publish_draft
from petitions.domain.case_pictures import PictureWords, describe_picture, picture_rows
from petitions.domain.case_texts import languages_of, save_words, words_now
from petitions.domain.case_update_publishing import publish_update
from petitions.domain.case_updates import (
    Written,
    add_update,
    change_update,
    outdated_in,
    written_of,
)
from petitions.domain.country_notices import Notice, notice_for, save_notice
from petitions.domain.petition_versions import current
from petitions.domain.petition_words import (
    Words,
    consent_of,
    consent_outdated_in,
    save_consent,
    words_of,
)
from petitions.domain.petition_words import outdated_in as outdated_in_petition
from petitions.domain.petition_words import save_words as save_petition
from petitions.domain.presenting import case_page
from petitions.domain.rights import Right
from petitions.models import (
    Case,
    CaseText,
    ConsentText,
    ConsentVersion,
    CountryNotice,
    CountryNoticeText,
    Organiser,
    Picture,
    PictureText,
    TextVersion,
    UpdateKind,
)
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


def test_a_consent_is_marked_by_field(cast: Cast, vera: Organiser, now: datetime) -> None:
    def words(language: str) -> dict[str, str]:
        return consent_of(current(ConsentVersion, cast.petition.id).id, language)

    def save(language: str, *, is_right: bool = False, **to: str) -> None:
        new = {**words(language), **to}
        asked = {"seen": "", "author": vera.id, "now": now, "is_right": is_right}
        save_consent(cast.petition, language, new, **asked)

    def marks() -> tuple[str, ...]:
        version = current(ConsentVersion, cast.petition.id).id
        return consent_outdated_in(version, RUSSIAN, ENGLISH)

    save(RUSSIAN, risk="Риск", consent="Соглашаюсь.", news="Новости")
    assert marks() == ()
    save(ENGLISH, risk="They may keep it, and pass it on.")
    assert marks() == ("risk",)
    save(RUSSIAN, news="Новости дела")
    assert marks() == ("risk",), "another field was mended"
    save(RUSSIAN, risk="Могут сохранить и передать.")
    assert marks() == ()
    save(ENGLISH, consent="I agree to this.")
    save(RUSSIAN, is_right=True)
    assert marks() == ()


def test_consents_from_before_the_notes_are_marked_once_their_original_changes(
    cast: Cast, database: SQLAlchemy, vera: Organiser, now: datetime
) -> None:
    version = current(ConsentVersion, cast.petition.id)
    row = ConsentText(
        consent_version_id=version.id, language=RUSSIAN, risk="Риск", consent="Да.", news="Новости"
    )
    database.session.add(row)
    database.session.flush()
    new = {**consent_of(version.id, ENGLISH), "news": "Other news"}
    save_consent(cast.petition, ENGLISH, new, seen="", author=vera.id, now=now)
    draft = current(ConsentVersion, cast.petition.id).id
    assert draft != version.id
    assert consent_outdated_in(draft, RUSSIAN, ENGLISH) == ("news",)


def test_a_notice_for_a_country_is_marked(
    cast: Cast, database: SQLAlchemy, vera: Organiser, now: datetime
) -> None:
    def save(language: str, text: str, *, is_right: bool = False) -> None:
        save_notice(
            cast.petition, Notice("DE", False, {language: text}), language, is_right=is_right,
            rights=set(Right), seen="", author=vera.id, now=now,
        )  # fmt: skip

    def marks() -> set[str]:
        return notice_for(cast.petition.id, "DE").outdated(ENGLISH)

    save(ENGLISH, "Ask first.")
    save(RUSSIAN, "Сначала спросите.")
    assert marks() == set()
    save(ENGLISH, "Ask the office first.")
    assert marks() == {RUSSIAN}
    save("fr", "Demandez d’abord au bureau.")
    assert marks() == {RUSSIAN}, "what is translated later follows the newer words"
    save(RUSSIAN, "Сначала спросите.", is_right=True)
    assert marks() == set()
    older = CountryNotice(petition_id=cast.petition.id, country="FR")
    database.session.add(older)
    database.session.flush()
    for language in (ENGLISH, RUSSIAN):
        database.session.add(CountryNoticeText(notice_id=older.id, language=language, text="?"))
    database.session.flush()
    notice = Notice("FR", False, {ENGLISH: "Other words."})
    asked = {"rights": set(Right), "seen": "", "author": vera.id, "now": now}
    save_notice(cast.petition, notice, ENGLISH, **asked)
    assert notice_for(cast.petition.id, "FR").outdated(ENGLISH) == {RUSSIAN}, "from before notes"


def test_what_is_said_of_a_picture_is_marked(
    cast: Cast, database: SQLAlchemy, now: datetime
) -> None:
    picture = Picture(
        case_id=cast.case.id,
        position=1,
        media_type="image/png",
        content=b"",
        width=4,
        height=4,
        credit="",
    )
    database.session.add(picture)
    database.session.flush()
    for language, alt in ((ENGLISH, "She laughs."), (RUSSIAN, "Она смеётся.")):
        database.session.add(PictureText(picture_id=picture.id, language=language, alt=alt))
    database.session.flush()

    def describe(language: str, alt: str, caption: str = "", *, is_right: bool = False) -> None:
        words = PictureWords(alt, caption, "")
        asked = {"seen": "", "actor": "test", "now": now, "is_right": is_right}
        describe_picture(cast.case.id, picture.id, language, words, **asked)

    def marks() -> tuple[str, ...]:
        (row,) = picture_rows(cast.case.id)
        return row.outdated

    assert marks() == ()
    describe(ENGLISH, "She smiles.")
    assert marks() == (RUSSIAN,)
    describe(RUSSIAN, "Она улыбается.")
    assert marks() == ()
    describe(ENGLISH, "She smiles.", "In 2012")
    assert marks() == (), "what is not translated is not outdated"
    describe(ENGLISH, "She smiles at us.", "In 2012")
    describe(RUSSIAN, "Она улыбается.", is_right=True)
    assert marks() == ()
