"""Officials that may be one: found, told apart, made one; and new holders of an office."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import audit
from petitions.domain.official_duplicates import Likeness, likely_duplicates, tell_apart
from petitions.domain.official_facts import OfficialWords, facts_of
from petitions.domain.official_holders import HolderWords, former_holders, new_holder
from petitions.domain.official_lists import official_lines, texts_of
from petitions.domain.official_merging import GONE_WITH_IT, MOVED, look_at, merge
from petitions.domain.officials import write_words
from petitions.domain.recipients import recipients_of
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import (
    Addressee,
    Appeal,
    AuditEntry,
    LetterEdit,
    Official,
    Organiser,
    Reply,
    TextVersion,
)
from tests.domain.cast import Cast
from tests.domain.test_officials import EMBASSY, MINISTER, WORDS, add, embassy

ALL = frozenset(Right)


def make_one(stays: int, goes: int, now: datetime, **said: object) -> Official:
    told = {"take_over": True, "same_office": False, "seen": "", "rights": ALL} | said
    return merge(stays, goes, actor="organiser 3", now=now, **told)  # type: ignore[arg-type]  # a test's words


def refusal(stays: int, goes: int, now: datetime, **said: object) -> str:
    with pytest.raises(Refused) as refused:
        make_one(stays, goes, now, **said)
    return refused.value.reason


def test_pairs_are_found_however_they_are_written(database: SQLAlchemy, now: datetime) -> None:
    first = add(now)
    again = replace(MINISTER, emails=("INFO@mvd.example.org",), postal_lines="elsewhere")
    words = OfficialWords(office="minister, of  internal AFFAIRS", name="Adkham  Akhmadbaev")
    second = add(now, again, words, knowing=True)
    other = add(now, replace(MINISTER, emails=(), country="KG"), OfficialWords(office="Governor"))
    [pair] = likely_duplicates()
    assert (pair.first_id, pair.second_id) == (first.id, second.id)
    assert pair.alike_in == (Likeness.EMAIL, Likeness.OFFICE, Likeness.NAME)

    tell_apart(second.id, first.id, actor="organiser 3", now=now)
    assert likely_duplicates() == ()
    assert other.id not in {first.id, second.id}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_table_that_refers_to_an_official_is_thought_of_when_two_become_one(
    database: SQLAlchemy,
) -> None:
    refer = {
        table.name
        for table in db.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "official"
    }
    thought_of = {table.__tablename__ for table in (*MOVED, *GONE_WITH_IT)} | {"official_apart"}
    assert refer == thought_of, "say in official_merging what becomes of these rows"


def test_all_that_referred_to_one_refers_to_the_other(
    database: SQLAlchemy, cast: Cast, now: datetime
) -> None:
    goes = cast.minister.official_id
    assert goes is not None
    text = texts_of(goes)["en"]
    office = OfficialWords(office=text.office, name="Holder")
    stays = add(now, MINISTER, office, knowing=True)
    petition = cast.petition.id
    about = {"petition_id": petition, "official_id": goes, "language": "en"}
    db.session.add(Appeal(**about, channel="post", reported_on=now.date()))
    db.session.add(Reply(**about, received_on=now.date(), text="No."))
    version = db.session.execute(select(TextVersion.id)).scalars().first()
    author = Organiser(email="w@example.org", fs_uniquifier="w", created_at=now)
    db.session.add(author)
    db.session.flush()
    letter = {"text_version_id": version, "author": author.id, "changed_at": now}
    for official, language, subject in (
        (goes, "en", "moves"),
        (goes, "ru", "is dropped"),
        (stays.id, "ru", "stays"),
    ):
        words = {"subject": subject}
        db.session.add(LetterEdit(official_id=official, language=language, words=words, **letter))
    tell_apart(stays.id, goes, actor="organiser 3", now=now)
    write_words(
        goes,
        "ru",
        OfficialWords(office="Министр", salutation="Уважаемый!"),
        seen="",
        actor="organiser 3",
        now=now,
        rights=ALL,
    )
    looked = look_at(stays.id, goes)
    assert (looked.moves["addressee"], looked.moves["letter_edit"]) == (1, 2)
    assert looked.letters_dropped == 1
    make_one(stays.id, goes, now)

    assert db.session.get(Official, goes) is None
    assert stays.id in {one.official.id for one in recipients_of(cast.petition)}
    for table in (Addressee, Appeal, Reply):
        moved = select(table.id).where(table.official_id == stays.id)
        assert db.session.execute(moved).first() is not None
    edits = db.session.execute(select(LetterEdit).order_by(LetterEdit.language)).scalars()
    assert [(one.official_id, one.words["subject"]) for one in edits] == [
        (stays.id, "moves"),
        (stays.id, "stays"),
    ]
    assert texts_of(stays.id)["ru"].salutation == "Уважаемый!"
    assert texts_of(stays.id)["en"].salutation == "Dear Minister"
    assert texts_of(stays.id)["en"].name == "Holder"
    assert goes not in {
        one for pair in likely_duplicates() for one in (pair.first_id, pair.second_id)
    }
    trail = audit.latest(f"official {stays.id}")
    assert trail is not None
    merged = select(AuditEntry).where(AuditEntry.action == "officials merged")
    detail = json.loads(db.session.execute(merged).scalar_one().detail)
    assert detail["gone"] == goes
    assert detail["known"]["en"]["salutation"] == "Dear Minister"
    assert detail["moved_rows"]["addressee"] == [cast.minister.id]
    assert [one["language"] for one in detail["letters_dropped"]] == ["ru"]


def test_signers_of_one_office_are_not_handed_to_another(
    database: SQLAlchemy, cast: Cast, now: datetime
) -> None:
    goes = cast.minister.official_id
    assert goes is not None
    elsewhere = add(now, replace(MINISTER, country="KG"), knowing=True)
    assert refusal(elsewhere.id, goes, now, same_office=True) == "other office"
    spelled = add(now, replace(MINISTER, emails=()), WORDS, knowing=True)
    assert refusal(spelled.id, goes, now) == "other office"
    mine = {Right.EDIT}
    assert refusal(spelled.id, goes, now, same_office=True, rights=mine) == "needs a publisher"
    make_one(spelled.id, goes, now, same_office=True)
    assert cast.minister.official_id == spelled.id


def test_two_that_one_petition_names_stay_two(
    database: SQLAlchemy, cast: Cast, now: datetime
) -> None:
    minister, agency = cast.minister.official_id, cast.border_agency.official_id
    assert minister is not None
    assert agency is not None
    assert look_at(minister, agency).name_both == (cast.petition.id,)
    assert refusal(minister, agency, now, same_office=True) == "name both"
    assert refusal(minister, minister, now) == "the same"


def test_embassies_made_one_are_responsible_for_the_countries_of_both(
    database: SQLAlchemy, now: datetime
) -> None:
    stays = embassy(now, "Embassy in Berlin", "DE", "DE", "AT")
    goes = add(
        now,
        replace(EMBASSY, accredited=("DE", "CH")),
        OfficialWords(office="Embassy"),
        knowing=True,
    )
    make_one(stays.id, goes.id, now)
    assert facts_of(stays).accredited == ("AT", "CH", "DE")
    assert [line.id for line in official_lines(["en"], now.date(), country="CH")] == [stays.id]


def test_new_holder_is_the_same_recipient(database: SQLAlchemy, cast: Cast, now: datetime) -> None:
    minister = cast.minister.official_id
    assert minister is not None
    said = {"seen": "", "rights": {Right.EDIT}, "actor": "organiser 3", "now": now}

    def holds(since: date, **words: HolderWords) -> None:
        new_holder(minister, words, since, **said)  # type: ignore[arg-type]  # a test's words

    holds(now.date(), en=HolderWords("Ann One", "Dear Minister"))
    assert former_holders(minister) == ()
    holds(now.date(), en=HolderWords("Ben Two", "Dear Mr Two"))
    [former] = former_holders(minister)
    assert (former.name, former.until_on) == ("Ann One", now.date())
    assert texts_of(minister)["en"].salutation == "Dear Mr Two"
    assert db.session.get_one(Official, minister).checked_on == now.date()
    assert minister in {one.official.id for one in recipients_of(cast.petition)}
    for words, since, reason in (
        ({"en": HolderWords("Ben Two")}, now.date(), "nobody new"),
        ({}, now.date(), "each language"),
        ({"en": HolderWords("Cem Three")}, date(2099, 1, 1), "in the future"),
    ):
        with pytest.raises(Refused) as refused:
            holds(since, **words)
        assert refused.value.reason == reason


def test_officials_are_found_in_latin_letters_and_those_checked_longest_ago_first(
    database: SQLAlchemy, now: datetime
) -> None:
    russian = replace(MINISTER, source_language="ru", emails=())
    made = add(now, russian, OfficialWords(office="Министр обороны", name="Иванов"))
    never = add(now, replace(MINISTER, checked_on=None), OfficialWords(office="Zoo keeper"))
    today = now.date()
    assert [one.id for one in official_lines(["en"], today, words="ivanov oborony")] == [made.id]
    oldest = official_lines(["en"], today, oldest_first=True)
    assert [one.id for one in oldest] == [never.id, made.id]
