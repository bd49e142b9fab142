"""Cases begun and published: what is missing, who may publish, permission, hiding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import audit, cases
from petitions.domain.case_facts import Facts, change_facts, facts_of
from petitions.domain.case_hiding import hide, reason_hidden, show_again
from petitions.domain.case_keys import case_key
from petitions.domain.case_people import (
    Known,
    add_person,
    change_person,
    known_of,
    move_person,
    persons_of,
    remove_person,
)
from petitions.domain.case_permission import Permitted, agree, record_permission, standing_of
from petitions.domain.case_texts import no_words, save_words
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petitions import public_case
from petitions.domain.presenting.case_page import people_of
from petitions.domain.site import Site
from petitions.errors import CaseHidden, ChangedMeanwhile, NotFound, Refused
from petitions.models import Case, Organisation, Organiser, PermissionGiver, PersonStatus

GIVEN = Permitted(
    given_by=PermissionGiver.FAMILY,
    covers_name=True,
    covers_picture=True,
    covers_place=True,
    covers_story=True,
    given_on=date(2026, 3, 1),
    review_on=None,
    reason="",
)
NOBODY = replace(GIVEN, given_by=PermissionGiver.NOBODY, reason="The family cannot be reached.")


@pytest.fixture
def somebody(database: SQLAlchemy, now: datetime) -> Callable[[str], Organiser]:
    def make(name: str) -> Organiser:
        email = f"{name.lower()}@example.org"
        row = Organiser(email=email, name=name, fs_uniquifier=name, created_at=now)
        database.session.add(row)
        database.session.flush()
        return row

    return make


@pytest.fixture
def vera(somebody: Callable[[str], Organiser]) -> Organiser:
    return somebody("Vera")


@pytest.fixture
def case(database: SQLAlchemy, site: Site, vera: Organiser, now: datetime) -> Case:
    return begin(site, vera, now)


def begin(site: Site, organiser: Organiser, now: datetime, **changes: object) -> Case:
    given: dict[str, object] = {
        "title": "Мирсобир Хамидкариев похищен",
        "language": "ru",
        "people": ["Мирсобир Хамидкариев"],
        "states": ["UZ", "RU"],
    }
    made = cases.create(
        **{**given, **changes},  # type: ignore[arg-type]  # a test's keyword soup
        organiser=organiser,
        keyring=site.keyring,
        now=now,
    )
    assert isinstance(made, Case)
    return made


def words_missing(case: Case) -> list[str]:
    return [one.word for one in cases.missing_for_publishing(case)]


def summarise(case: Case, organiser: Organiser, now: datetime) -> None:
    words = replace(no_words("ru"), title="Похищен", summary="Похищен в Москве.")
    save_words(case.id, words, seen="", organiser=organiser, now=now)


def make_whole(case: Case, organiser: Organiser, now: datetime) -> None:
    summarise(case, organiser, now)
    record_permission(case.id, GIVEN, organiser, now)


def test_new_case_has_an_address_in_ascii_keys_and_a_trace(case: Case, vera: Organiser) -> None:
    assert case.slug == "mirsobir-khamidkariev"
    assert case.published_at is None
    assert case_key(case.id).ref
    entry = audit.latest(f"case {case.id}")
    assert entry is not None
    assert entry.action == "case created"
    assert entry.actor == f"organiser {vera.id}"
    assert "Мирсобир" not in entry.detail


def test_second_case_of_the_same_name_gets_another_address(
    case: Case, site: Site, vera: Organiser, now: datetime
) -> None:
    assert begin(site, vera, now).slug == "mirsobir-khamidkariev-2"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"title": ""}, "no title"), ({"people": [""]}, "no person"), ({"states": []}, "no state")],
)
def test_case_begins_with_a_title_a_name_and_a_state(
    site: Site, vera: Organiser, now: datetime, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        begin(site, vera, now, **changes)
    assert refused.value.reason == reason


def test_new_case_lacks_a_permission_and_something_to_read(case: Case) -> None:
    assert words_missing(case) == ["summary or story", "permission"]


def test_case_is_published_once(case: Case, vera: Organiser, now: datetime) -> None:
    with pytest.raises(Refused, match="incomplete"):
        cases.publish(case, vera, now)
    with pytest.raises(NotFound):
        public_case(case.slug)
    make_whole(case, vera, now)
    cases.publish(case, vera, now)
    cases.publish(case, vera, now + timedelta(days=1))
    assert public_case(case.slug).published_at == now


def test_where_authors_do_not_publish_another_organiser_has_to(
    case: Case,
    database: SQLAlchemy,
    vera: Organiser,
    somebody: Callable[[str], Organiser],
    now: datetime,
) -> None:
    database.session.add(Organisation(id=1, name="Watch", authors_publish=False))
    make_whole(case, vera, now)
    with pytest.raises(Refused, match="own text"):
        cases.publish(case, vera, now)
    cases.publish(case, somebody("Boris"), now)
    assert case.published_at == now


def test_where_nobody_could_be_asked_a_second_organiser_agrees(
    case: Case, vera: Organiser, somebody: Callable[[str], Organiser], now: datetime
) -> None:
    summarise(case, vera, now)
    with pytest.raises(Refused, match="no reason"):
        record_permission(case.id, replace(NOBODY, reason=""), vera, now)
    permission = record_permission(case.id, NOBODY, vera, now)
    assert words_missing(case) == ["second organiser"]
    with pytest.raises(Refused, match="same organiser"):
        agree(case.id, permission.id, vera, now)
    boris = somebody("Boris")
    agree(case.id, permission.id, boris, now)
    assert words_missing(case) == []
    assert permission.second_organiser == "Boris"
    with pytest.raises(Refused, match="agreed already"):
        agree(case.id, permission.id, boris, now)


def test_newest_permission_on_record_counts_and_history_is_kept(
    case: Case, vera: Organiser, now: datetime
) -> None:
    first = record_permission(case.id, GIVEN, vera, now)
    waiting = record_permission(case.id, NOBODY, vera, now)
    standing = standing_of(case.id)
    assert standing.counts is first
    assert standing.waiting is waiting
    newest = record_permission(case.id, replace(GIVEN, covers_place=False), vera, now)
    standing = standing_of(case.id)
    assert (standing.counts, standing.waiting) == (newest, None)
    assert standing.history == (newest, waiting, first)


def test_what_is_shown_has_to_be_covered(case: Case, vera: Organiser, now: datetime) -> None:
    summarise(case, vera, now)
    only_story = replace(GIVEN, covers_name=False, covers_place=False)
    record_permission(case.id, only_story, vera, now)
    person = persons_of(case.id)[0]
    known = replace(known_of(person), held_in=(("ru", "Ташкент"),))
    change_person(case.id, person.id, known, seen="", actor="organiser 1", now=now)
    assert words_missing(case) == ["covers name", "covers place"]


def test_permission_is_to_be_reviewed_from_its_day_on(
    case: Case, vera: Organiser, now: datetime
) -> None:
    day = date(2026, 4, 1)
    record_permission(case.id, replace(GIVEN, review_on=day), vera, now)
    assert cases.permissions_to_review(day - timedelta(days=1)) == []
    assert [found.id for found, _ in cases.permissions_to_review(day)] == [case.id]
    record_permission(case.id, GIVEN, vera, now)
    assert cases.permissions_to_review(day) == []


def test_permission_that_covers_less_than_what_is_public_is_recorded_and_told(
    case: Case, vera: Organiser, now: datetime
) -> None:
    make_whole(case, vera, now)
    cases.publish(case, vera, now)
    assert cases.shown_uncovered(case) == ()
    assert cases.permissions_to_review(now.date()) == []
    record_permission(case.id, replace(GIVEN, covers_name=False), vera, now)
    assert cases.shown_uncovered(case) == ("covers name",)
    assert [found.id for found, _ in cases.permissions_to_review(now.date())] == [case.id]


def test_nothing_is_added_to_a_published_case_that_no_permission_covers(
    case: Case, vera: Organiser, now: datetime
) -> None:
    make_whole(case, vera, now)
    cases.publish(case, vera, now)
    record_permission(case.id, replace(GIVEN, covers_name=False, covers_place=False), vera, now)
    person = persons_of(case.id)[0]
    was = known_of(person)
    with pytest.raises(Refused, match="name not covered") as refused:
        add_person(case.id, Known(name="Botir"), "organiser 1", now)
    assert refused.value.field == "name"
    for changes, reason in (
        ({"name": "Mirsobir"}, "name not covered"),
        ({"other_names": (("Mirsobir", "en"),)}, "name not covered"),
        ({"believed_held": "Tashkent"}, "place not covered"),
        ({"held_in": (("ru", "Ташкент"),)}, "place not covered"),
    ):
        known = replace(was, **changes)  # type: ignore[arg-type]  # a test's keyword soup
        with pytest.raises(Refused, match=reason):
            change_person(case.id, person.id, known, seen="", actor="organiser 1", now=now)
    change_person(case.id, person.id, replace(was, age=41), seen="", actor="organiser 1", now=now)
    assert known_of(person) == replace(was, age=41)


def test_place_and_spellings_are_taken_out_whatever_is_covered(
    case: Case, vera: Organiser, now: datetime
) -> None:
    person = persons_of(case.id)[0]
    was = known_of(person)
    told = replace(was, other_names=(("Mirsobir", "en"),), believed_held="Tashkent")
    change_person(case.id, person.id, told, seen="", actor="organiser 1", now=now)
    make_whole(case, vera, now)
    cases.publish(case, vera, now)
    record_permission(case.id, replace(GIVEN, covers_name=False, covers_place=False), vera, now)
    change_person(case.id, person.id, was, seen="", actor="organiser 1", now=now)
    assert known_of(person) == was


def test_hidden_case_is_mended_and_not_shown_again_with_what_no_permission_covers(
    case: Case, site: Site, vera: Organiser, now: datetime
) -> None:
    make_whole(case, vera, now)
    cases.publish(case, vera, now)
    record_permission(case.id, replace(GIVEN, covers_name=False), vera, now)
    hide(case.id, "His name is out.", "organiser 1", now, site.keyring)
    person = persons_of(case.id)[0]
    known = replace(known_of(person), name="M. Kh.")
    change_person(case.id, person.id, known, seen="", actor="organiser 1", now=now)
    with pytest.raises(Refused, match="shows uncovered"):
        show_again(case.id, "His name is out.", "organiser 1", now, site.keyring)
    record_permission(case.id, GIVEN, vera, now)
    show_again(case.id, "The family agrees to this name.", "organiser 1", now, site.keyring)
    assert public_case(case.slug).id == case.id


def test_case_changed_since_it_was_looked_at_is_not_published(
    case: Case, vera: Organiser, somebody: Callable[[str], Organiser], now: datetime
) -> None:
    make_whole(case, vera, now)
    seen = fingerprint(cases.shown_case(case))
    words = replace(no_words("uz"), title="Never seen by whoever publishes")
    save_words(case.id, words, seen="", organiser=somebody("Boris"), now=now)
    with pytest.raises(ChangedMeanwhile):
        cases.publish(case, vera, now, seen=seen)
    assert case.published_at is None
    cases.publish(case, vera, now, seen=fingerprint(cases.shown_case(case)))
    assert case.published_at == now


def test_hidden_case_is_gone_until_it_is_shown_again(
    case: Case, site: Site, vera: Organiser, now: datetime
) -> None:
    make_whole(case, vera, now)
    cases.publish(case, vera, now)
    with pytest.raises(Refused, match="no reason"):
        hide(case.id, "", "organiser 1", now, site.keyring)
    hide(case.id, "His brother was threatened.", "organiser 1", now, site.keyring)
    with pytest.raises(CaseHidden):
        public_case(case.slug)
    entry = audit.latest(f"case {case.id}")
    assert entry is not None
    assert "brother" not in entry.detail
    assert audit.reason_of(entry, site.keyring) == "His brother was threatened."
    assert "brother" not in (case.hidden_reason or "")
    assert reason_hidden(case, site.keyring) == "His brother was threatened."
    show_again(case.id, "The family asks for it.", "organiser 1", now, site.keyring)
    assert public_case(case.slug).id == case.id


def test_address_is_fixed_once_the_case_is_published(
    case: Case, vera: Organiser, now: datetime
) -> None:
    new = replace(facts_of(case), slug="mirsobir", number="UA 1/26")
    change_facts(case.id, new, seen="", actor="organiser 1", now=now)
    assert case.slug == "mirsobir"
    make_whole(case, vera, now)
    cases.publish(case, vera, now)
    with pytest.raises(Refused, match="slug fixed"):
        change_facts(case.id, replace(new, slug="other"), seen="", actor="organiser 1", now=now)


@pytest.mark.parametrize("slug", ["", "A", "a b", "-a", "é"])
def test_address_is_of_plain_letters(case: Case, now: datetime, slug: str) -> None:
    new = replace(facts_of(case), slug=slug)
    with pytest.raises(Refused, match="slug malformed"):
        change_facts(case.id, new, seen="", actor="organiser 1", now=now)


def test_facts_changed_by_another_are_not_overwritten(case: Case, now: datetime) -> None:
    seen = fingerprint(facts_of(case).values())
    new = Facts("mirsobir", "", "RU", "Europe/Moscow", ("RU",))
    change_facts(case.id, new, seen=seen, actor="organiser 1", now=now)
    with pytest.raises(ChangedMeanwhile) as changed:
        change_facts(case.id, replace(new, number="2"), seen=seen, actor="organiser 2", now=now)
    assert changed.value.values["time_zone"] == "Europe/Moscow"
    assert facts_of(case) == new


@pytest.mark.parametrize(
    ("since", "reason"),
    [("2014-13", "since unclear"), ("20140603", "since unclear"), ("9999", "since later")],
)
def test_since_when_is_a_day_a_month_or_a_year_that_has_come(
    case: Case, now: datetime, since: str, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        add_person(case.id, Known(name="Yusup", status_since=since), "organiser 1", now)


def test_people_keep_spellings_and_order(case: Case, database: SQLAlchemy, now: datetime) -> None:
    known = Known(
        name="Yusup",
        other_names=(("Юсуп", "ru"), ("Yusuf", "")),
        gender="m",
        age=41,
        status=PersonStatus.MISSING,
        status_as_of=date(2026, 3, 1),
        status_since="2026-02",
        believed_held="Tashkent",
        held_in=(("fr", "Tachkent"), ("ru", "Ташкент")),
    )
    added = add_person(case.id, known, "organiser 1", now)
    assert known_of(added) == known

    def held(*wishes: str) -> tuple[str, str]:
        told = people_of(case.id, "en", wishes)[-1]
        return told.believed_held, told.held_language

    assert held("fr", "ru") == ("Tachkent", "fr")
    assert held("ar") == held("en") == ("Tashkent", "en")
    assert people_of(case.id, "en", ["ru"])[0].believed_held == ""
    move_person(case.id, added.id, up=True, actor="organiser 1", now=now)
    assert [person.name for person in persons_of(case.id)] == ["Yusup", "Мирсобир Хамидкариев"]
    move_person(case.id, added.id, up=True, actor="organiser 1", now=now)
    remove_person(case.id, added.id, "organiser 1", now)
    assert [person.name for person in persons_of(case.id)] == ["Мирсобир Хамидкариев"]
    entries = database.session.execute(select(audit.AuditEntry.detail)).scalars()
    assert not any("Yusup" in detail or "Tashkent" in detail for detail in entries)


def test_last_person_of_a_published_case_stays(case: Case, vera: Organiser, now: datetime) -> None:
    make_whole(case, vera, now)
    cases.publish(case, vera, now)
    with pytest.raises(Refused, match="last person"):
        remove_person(case.id, persons_of(case.id)[0].id, "organiser 1", now)


def test_list_tells_of_each_case_the_one_changed_last_first(
    case: Case, site: Site, vera: Organiser, now: datetime
) -> None:
    later = begin(site, vera, now + timedelta(hours=1), title="Anna", people=["Anna"])
    first, second = cases.case_lines(["en"])
    assert (first.id, first.title, first.state) == (later.id, "Anna", "draft")
    assert (second.people, second.states) == (("Мирсобир Хамидкариев",), ("RU", "UZ"))
    assert second.language == "ru"
