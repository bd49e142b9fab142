"""What is told of a case: texts in place and in drafts, pictures, updates with what they bring."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from PIL import Image
from sqlalchemy import func, select

from petitions.domain import audit, cases, uploads
from petitions.domain.case_drafts import (
    changes_of,
    compared,
    discard_draft,
    publish_draft,
    shown_changes,
    waiting_draft,
)
from petitions.domain.case_permission import Permitted, record_permission
from petitions.domain.case_pictures import (
    PictureWords,
    add_picture,
    describe_picture,
    move_picture,
    picture_rows,
    remove_picture,
)
from petitions.domain.case_texts import (
    draft_of,
    languages_of,
    no_words,
    remove_language,
    save_words,
    saved_words,
    values_of,
    words_now,
)
from petitions.domain.case_update_publishing import publish_update, shown_update
from petitions.domain.case_updates import (
    Written,
    add_update,
    change_update,
    discard_update,
    updates_of,
    written_of,
)
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petitions import move
from petitions.domain.presenting import case_page
from petitions.errors import ChangedMeanwhile, NotFound, Refused
from petitions.extensions import db
from petitions.models import (
    CaseText,
    CaseUpdate,
    Organisation,
    Organiser,
    PermissionGiver,
    PetitionState,
    PictureText,
    UpdateKind,
)
from tests.domain.cast import Cast

FURTHER = Written(UpdateKind.FURTHER, "EUR 1", date(2026, 3, 14), None, "She was seen", "In *Osh*.")
GIVEN = Permitted(
    given_by=PermissionGiver.LAWYER,
    covers_name=True,
    covers_picture=False,
    covers_place=True,
    covers_story=True,
    given_on=date(2026, 3, 1),
    review_on=None,
    reason="",
)
STOP = replace(FURTHER, kind=UpdateKind.STOP, title="She is free", text="Please stop.")


@pytest.fixture
def somebody(database: SQLAlchemy, now: datetime) -> Callable[[str], Organiser]:
    def make(name: str) -> Organiser:
        row = Organiser(
            email=f"{name.lower()}@example.org", name=name, fs_uniquifier=name, created_at=now
        )
        database.session.add(row)
        database.session.flush()
        return row

    return make


@pytest.fixture
def vera(somebody: Callable[[str], Organiser]) -> Organiser:
    return somebody("Vera")


@pytest.fixture
def published(cast: Cast, vera: Organiser, now: datetime) -> int:
    record_permission(cast.case.id, GIVEN, vera, now)
    return cast.case.id


@pytest.fixture
def drafted(cast: Cast, database: SQLAlchemy) -> int:
    cast.case.published_at = None
    database.session.flush()
    return cast.case.id


def jpeg() -> uploads.UploadedPicture:
    written = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(written, "JPEG")
    return uploads.UploadedPicture("image/jpeg", written.getvalue(), 64, 48)


def test_unpublished_text_is_saved_in_place_with_its_writers(
    drafted: int, vera: Organiser, somebody: Callable[[str], Organiser], now: datetime
) -> None:
    boris = somebody("Boris")
    words = replace(
        words_now(drafted, "en"), story="Told.", statements=(("I saw her.", "A friend"),)
    )
    assert save_words(drafted, words, seen="", organiser=vera, now=now) is False
    again = replace(words, narrator="Her sister")
    save_words(drafted, again, seen="", organiser=boris, now=now)
    assert saved_words(drafted, "en") == again
    case = cases.case_of(drafted)
    assert cases.writers_of(case) == sorted([vera.id, boris.id])
    entry = audit.latest(f"case {drafted}")
    assert entry is not None
    assert "narrator" in entry.detail
    assert "sister" not in entry.detail


def test_published_text_waits_until_it_is_published(
    published: int, vera: Organiser, now: datetime
) -> None:
    before = words_now(published, "en")
    words = replace(before, story="Told.")
    assert save_words(published, words, seen="", organiser=vera, now=now) is True
    assert saved_words(published, "en") == before
    draft = waiting_draft(published, "en")
    assert [change.field for change in changes_of(draft)] == ["story"]
    publish_draft(published, "en", seen=fingerprint(shown_changes(draft)), organiser=vera, now=now)
    assert saved_words(published, "en") == words
    assert draft_of(published, "en") is None


def test_text_written_back_to_what_is_published_waits_no_more(
    published: int, vera: Organiser, now: datetime
) -> None:
    before = words_now(published, "en")
    save_words(published, replace(before, story="x"), seen="", organiser=vera, now=now)
    assert save_words(published, before, seen="", organiser=vera, now=now) is False
    assert draft_of(published, "en") is None


def test_whoever_wrote_changes_may_not_publish_them_where_the_organisation_says_so(
    published: int,
    vera: Organiser,
    somebody: Callable[[str], Organiser],
    now: datetime,
) -> None:
    authors_do_not_publish()
    words = replace(words_now(published, "en"), story="Told.")
    save_words(published, words, seen="", organiser=vera, now=now)
    with pytest.raises(Refused, match="own text"):
        publish_draft(published, "en", seen="", organiser=vera, now=now)
    publish_draft(published, "en", seen="", organiser=somebody("Boris"), now=now)
    assert saved_words(published, "en") == words


def test_changes_that_were_changed_again_are_not_published_unseen(
    published: int, vera: Organiser, now: datetime
) -> None:
    words = replace(words_now(published, "en"), story="Told.")
    save_words(published, words, seen="", organiser=vera, now=now)
    seen = fingerprint(shown_changes(waiting_draft(published, "en")))
    save_words(published, replace(words, story="Worse."), seen="", organiser=vera, now=now)
    with pytest.raises(ChangedMeanwhile):
        publish_draft(published, "en", seen=seen, organiser=vera, now=now)
    with pytest.raises(ChangedMeanwhile):
        discard_draft(published, "en", seen=seen, actor="organiser 1", now=now)
    discard_draft(published, "en", seen="", actor="organiser 1", now=now)
    with pytest.raises(NotFound):
        waiting_draft(published, "en")


def test_story_that_no_permission_covers_is_not_published(
    published: int, vera: Organiser, now: datetime
) -> None:
    before = words_now(published, "en")
    record_permission(published, replace(GIVEN, covers_story=False), vera, now)
    for words in (replace(before, story="Told."), replace(before, statements=(("Go!", "Anna"),))):
        save_words(published, words, seen="", organiser=vera, now=now)
        with pytest.raises(Refused, match="story not covered"):
            publish_draft(published, "en", seen="", organiser=vera, now=now)
    words = replace(before, summary="She is missing since May.")
    save_words(published, words, seen="", organiser=vera, now=now)
    publish_draft(published, "en", seen="", organiser=vera, now=now)
    assert saved_words(published, "en") == words


def test_story_can_be_taken_out_whatever_is_covered(
    published: int, vera: Organiser, now: datetime
) -> None:
    before = words_now(published, "en")
    save_words(published, replace(before, story="Told."), seen="", organiser=vera, now=now)
    publish_draft(published, "en", seen="", organiser=vera, now=now)
    record_permission(published, replace(GIVEN, covers_story=False), vera, now)
    save_words(published, before, seen="", organiser=vera, now=now)
    publish_draft(published, "en", seen="", organiser=vera, now=now)
    assert saved_words(published, "en") == before


def test_changes_compared_with_what_readers_see_no_more_are_not_published_unseen(
    published: int, vera: Organiser, now: datetime
) -> None:
    before = words_now(published, "en")
    words = replace(before, standfirst="Gone.")
    save_words(published, words, seen="", organiser=vera, now=now)
    seen = fingerprint(shown_changes(waiting_draft(published, "en")))
    save_words(published, replace(before, title="Anna"), seen="", organiser=vera, now=now)
    publish_draft(published, "en", seen="", organiser=vera, now=now)
    save_words(published, words, seen="", organiser=vera, now=now)
    with pytest.raises(ChangedMeanwhile):
        publish_draft(published, "en", seen=seen, organiser=vera, now=now)


def test_second_writer_of_a_text_is_told_of_the_first(
    drafted: int, vera: Organiser, now: datetime
) -> None:
    words = words_now(drafted, "en")
    seen = fingerprint(values_of(words))
    save_words(drafted, replace(words, story="One."), seen=seen, organiser=vera, now=now)
    with pytest.raises(ChangedMeanwhile) as changed:
        save_words(drafted, replace(words, story="Two."), seen=seen, organiser=vera, now=now)
    assert changed.value.values["story"] == "One."


def test_language_of_a_published_case_waits_and_is_removed(
    published: int, vera: Organiser, database: SQLAlchemy, now: datetime
) -> None:
    words = replace(no_words("uz"), title="Anna", statements=(("Ko‘rdim", "Do‘st"),))
    save_words(published, words, seen="", organiser=vera, now=now)
    case = cases.case_of(published)
    assert [(line.language, line.how_far, line.is_waiting) for line in languages_of(case)] == [
        ("en", "complete", False),
        ("uz", "partly", True),
    ]
    publish_draft(published, "uz", seen="", organiser=vera, now=now)
    assert case_page(case, ["uz"]).words == words
    remove_language(published, "uz", "organiser 1", now)
    assert case_page(case, ["uz"]).words.language == "en"
    with pytest.raises(Refused, match="source language"):
        remove_language(published, "en", "organiser 1", now)
    assert database.session.execute(select(func.count()).select_from(CaseText)).scalar_one() == 1


def test_paragraphs_are_compared() -> None:
    assert compared("One.\n\nTwo.", "One.\n\nThree.") == (
        ("same", "One."),
        ("old", "Two."),
        ("new", "Three."),
    )


def test_pictures_need_words_in_every_language_and_a_permission_that_covers_them(
    drafted: int, vera: Organiser, now: datetime
) -> None:
    with pytest.raises(Refused, match="no alt text"):
        add_picture(drafted, jpeg(), PictureWords("", "", ""), "organiser 1", now)
    picture = add_picture(drafted, jpeg(), PictureWords("Anna", "", "Family"), "organiser 1", now)
    words = replace(no_words("uz"), title="Anna")
    save_words(drafted, words, seen="", organiser=vera, now=now)
    case = cases.case_of(drafted)
    missing = [(one.word, one.language) for one in cases.missing_for_publishing(case)]
    assert ("alt text", "uz") in missing
    record_permission(drafted, GIVEN, vera, now)
    describe_picture(
        drafted,
        picture.id,
        "uz",
        PictureWords("Anna (uz)", "", "Family"),
        seen="",
        actor="organiser 1",
        now=now,
    )
    missing = [(one.word, one.language) for one in cases.missing_for_publishing(case)]
    assert ("covers picture", "") in missing
    assert ("alt text", "uz") not in missing


def test_picture_that_no_permission_covers_is_not_shown_to_readers(
    published: int, now: datetime
) -> None:
    with pytest.raises(Refused, match="not covered"):
        add_picture(published, jpeg(), PictureWords("Anna", "", ""), "organiser 1", now)


def test_pictures_change_places_and_are_erased(
    drafted: int, database: SQLAlchemy, now: datetime
) -> None:
    one = add_picture(drafted, jpeg(), PictureWords("One", "", ""), "organiser 1", now)
    two = add_picture(drafted, jpeg(), PictureWords("Two", "", ""), "organiser 1", now)
    move_picture(drafted, two.id, up=True, actor="organiser 1", now=now)
    assert [row.alts["en"] for row in picture_rows(drafted)] == ["Two", "One"]
    remove_picture(drafted, one.id, "organiser 1", now)
    assert [row.alts["en"] for row in picture_rows(drafted)] == ["Two"]
    left = database.session.execute(select(func.count()).select_from(PictureText)).scalar_one()
    assert left == 1


def test_further_information_is_numbered_when_it_is_published(
    published: int, vera: Organiser, now: datetime
) -> None:
    first = add_update(published, FURTHER, vera, now)
    second = add_update(published, replace(FURTHER, title="Later"), vera, now)
    assert (first.number, second.number) == (1, 2)
    for update in (second, first):
        publish_update(
            published,
            update.id,
            seen="",
            move_deadline=False,
            organiser=vera,
            now=now,
        )
    assert [(row.update.number, row.titles["en"]) for row in updates_of(published)] == [
        (2, "She was seen"),
        (1, "Later"),
    ]


def test_draft_of_an_update_is_seen_by_nobody_and_can_be_discarded(
    published: int, vera: Organiser, now: datetime
) -> None:
    update = add_update(published, FURTHER, vera, now)
    case = cases.case_of(published)
    assert case_page(case, ["en"]).updates == ()
    change_update(
        published,
        update.id,
        "en",
        replace(FURTHER, kind=UpdateKind.CORRECTION),
        seen=fingerprint(FURTHER.values()),
        may_publish=False,
        organiser=vera,
        now=now,
    )
    assert (update.kind, update.number) == (UpdateKind.CORRECTION, None)
    discard_update(published, update.id, "organiser 1", now)
    assert updates_of(published) == ()


def test_published_update_keeps_its_facts_and_stays(
    published: int, vera: Organiser, now: datetime
) -> None:
    update = publish(published, FURTHER, vera, now)
    other = replace(written_of(update, "en"), index_number="EUR 2")
    with pytest.raises(Refused, match="facts fixed"):
        correct(update, other, vera, now)
    with pytest.raises(Refused, match="published already"):
        discard_update(published, update.id, "organiser 1", now)
    mended = replace(written_of(update, "en"), title="She was seen in Osh")
    correct(update, mended, vera, now)
    entry = audit.latest(f"case {published}")
    assert entry is not None
    assert entry.action == "update corrected"


def test_words_changed_meanwhile_in_another_language_are_not_published_unseen(
    published: int, vera: Organiser, now: datetime
) -> None:
    update = add_update(published, FURTHER, vera, now)
    seen = fingerprint(shown_update(update))
    words = replace(FURTHER, title="Free", text="Never seen by whoever publishes.")
    change_update(
        published,
        update.id,
        "ru",
        words,
        seen="",
        may_publish=False,
        organiser=vera,
        now=now,
    )
    asked = {"move_deadline": False, "organiser": vera, "now": now}
    with pytest.raises(ChangedMeanwhile):
        publish_update(published, update.id, seen=seen, **asked)
    assert update.published_at is None
    publish_update(published, update.id, seen=fingerprint(shown_update(update)), **asked)
    assert update.published_at == now


def test_published_update_is_corrected_only_by_who_may_publish(
    published: int, vera: Organiser, now: datetime
) -> None:
    update = publish(published, FURTHER, vera, now)
    mended = replace(written_of(update, "en"), title="Slipped in")
    with pytest.raises(Refused, match="readers see it"):
        correct(update, mended, vera, now, may_publish=False)
    assert written_of(update, "en").title == FURTHER.title


def test_published_update_keeps_its_words_where_authors_do_not_publish(
    published: int, vera: Organiser, somebody: Callable[[str], Organiser], now: datetime
) -> None:
    update = add_update(published, FURTHER, vera, now)
    authors_do_not_publish()
    boris = somebody("Boris")
    publish_update(
        published,
        update.id,
        seen="",
        move_deadline=False,
        organiser=boris,
        now=now,
    )
    mended = replace(written_of(update, "en"), title="Slipped in")
    for one in (vera, boris):
        with pytest.raises(Refused, match="write a correction"):
            correct(update, mended, one, now)
    assert written_of(update, "en").title == FURTHER.title


def test_there_is_one_first_publication(published: int, vera: Organiser, now: datetime) -> None:
    add_update(published, replace(FURTHER, kind=UpdateKind.INITIAL), vera, now)
    with pytest.raises(Refused, match="one initial"):
        add_update(published, replace(FURTHER, kind=UpdateKind.INITIAL), vera, now)


def test_new_deadline_moves_petitions_only_where_asked(
    cast: Cast, vera: Organiser, now: datetime
) -> None:
    day = now.date() + timedelta(days=30)
    written = replace(FURTHER, new_deadline_on=day)
    publish(cast.case.id, written, vera, now)
    assert cast.petition.deadline_on is None
    publish(cast.case.id, written, vera, now, move_deadline=True)
    assert cast.petition.deadline_on == day
    entry = audit.latest(f"petition {cast.petition.id}")
    assert entry is not None
    assert entry.action == "deadline moved"


def test_petitions_are_not_given_a_deadline_that_is_past(
    cast: Cast, vera: Organiser, now: datetime
) -> None:
    written = replace(FURTHER, new_deadline_on=now.date() - timedelta(days=1))
    with pytest.raises(Refused, match="deadline past"):
        publish(cast.case.id, written, vera, now, move_deadline=True)


def test_stop_action_stops_closed_petitions_too(cast: Cast, vera: Organiser, now: datetime) -> None:
    """A closed one could be opened again, and would ask readers to tell others."""
    move(cast.petition, PetitionState.CLOSED, now, actor="a test")
    publish(cast.case.id, STOP, vera, now)
    assert cast.petition.state is PetitionState.STOPPED
    move(cast.petition, PetitionState.ARCHIVED, now, actor="a test")
    publish(cast.case.id, STOP, vera, now)
    assert cast.petition.state is PetitionState.ARCHIVED


def test_stop_action_stops_the_petitions_of_the_case(
    cast: Cast, vera: Organiser, now: datetime
) -> None:
    publish(cast.case.id, FURTHER, vera, now)
    assert cast.petition.state is PetitionState.OPEN
    publish(cast.case.id, STOP, vera, now)
    assert cast.petition.state is PetitionState.STOPPED
    assert cast.petition.stop_reason == "She is free"


def publish(
    case_id: int, written: Written, organiser: Organiser, now: datetime, **also: bool
) -> CaseUpdate:
    update = add_update(case_id, written, organiser, now)
    asked = {"move_deadline": False, **also}
    return publish_update(case_id, update.id, seen="", organiser=organiser, now=now, **asked)


def correct(
    update: CaseUpdate,
    written: Written,
    organiser: Organiser,
    now: datetime,
    *,
    may_publish: bool = True,
) -> None:
    change_update(
        update.case_id,
        update.id,
        "en",
        written,
        seen="",
        may_publish=may_publish,
        organiser=organiser,
        now=now,
    )


def authors_do_not_publish() -> None:
    organisation = db.session.get(Organisation, 1)
    assert organisation is not None
    organisation.authors_publish = False
    db.session.flush()
