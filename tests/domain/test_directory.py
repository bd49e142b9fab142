"""The directory as a file: out and in again, all or nothing, and nothing that signers agreed to."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from petitions.documents.directory import directory_lines
from petitions.domain import audit
from petitions.domain.directory_import import Taken, take_in_directory
from petitions.domain.directory_sheets import SheetRefused, sheet_rows
from petitions.domain.official_facts import OfficialWords, facts_of, words_of
from petitions.domain.official_lists import texts_of
from petitions.domain.officials import write_words
from petitions.domain.rights import Right
from petitions.models import Official, OfficialKind
from tests.domain.cast import Cast
from tests.domain.test_officials import EMBASSY, WORDS, add

HEAD = "id,slug,language,office,name,country,emails\n"


def take(content: str, now: datetime, *, knowing: bool = False) -> Taken:
    return take_in_directory(
        content.encode(), knowing=knowing, actor="organiser 3", now=now, rights=[Right.EDIT]
    )


def refused(content: str, now: datetime) -> list[tuple[int, str, str]]:
    with pytest.raises(SheetRefused) as told:
        take(content, now)
    return [(fault.line, fault.column, fault.reason) for fault in told.value.faults]


def exported(*ids: int) -> str:
    return "".join(directory_lines(sheet_rows(ids)))


def count(database: SQLAlchemy) -> int:
    return database.session.execute(select(func.count(Official.id))).scalar_one()


def test_directory_comes_back_from_its_file_as_it_was(database: SQLAlchemy, now: datetime) -> None:
    minister, embassy = add(now), add(now, EMBASSY, OfficialWords(office="Ambassador, =Berlin"))
    russian = OfficialWords(office="Министр\u200b", salutation="Уважаемый!")
    write_words(minister.id, "ru", russian, seen="", actor="organiser 3", now=now)
    file = exported(minister.id, embassy.id)
    assert "'+998 71 233 89 34" in file
    assert take(file, now) == Taken((), 2)

    rows = [{**row, "id": ""} for row in csv.DictReader(io.StringIO(file, newline=""))]
    again = io.StringIO()
    writer = csv.DictWriter(again, rows[0])
    writer.writeheader()
    writer.writerows({**row, "slug": f"{row['slug']}-2"} for row in rows)
    assert take(again.getvalue(), now, knowing=True).added == 2
    copies = select(Official).where(Official.slug.endswith("-2")).order_by(Official.id)
    first, second = database.session.execute(copies).scalars()
    for copy, made in ((first, minister), (second, embassy)):
        told, kept = facts_of(copy), facts_of(made)
        assert (told.faxes, told.accredited, told.postal_lines) == (
            kept.faxes,
            kept.accredited,
            kept.postal_lines,
        )
        assert {tag: words_of(text) for tag, text in texts_of(copy.id).items()} == {
            tag: words_of(text) for tag, text in texts_of(made.id).items()
        }


def test_official_with_its_id_is_changed_and_what_has_no_column_stays(
    database: SQLAlchemy, now: datetime
) -> None:
    made = add(now)
    sheet = f"id;name;checked_on\n{made.id};New Holder;2026-03-09\n"
    [change] = take(sheet, now).changes
    assert change.official_id == made.id
    assert change.fields == (
        ("checked_on", "", "2026-03-01", "2026-03-09"),
        ("name", "en", "Adkham Akhmadbaev", "New Holder"),
    )
    assert facts_of(made).checked_on == date(2026, 3, 9)
    words = words_of(texts_of(made.id)["en"])
    assert (words.name, words.office, words.salutation) == (
        "New Holder",
        WORDS.office,
        WORDS.salutation,
    )
    entry = audit.latest("officials")
    assert entry is not None
    assert entry.action == "officials imported"


def test_everything_wrong_is_told_by_its_line(database: SQLAlchemy, now: datetime) -> None:
    wrong = HEAD + (
        "99999,,en,Minister,,UZ,\n"
        ",,,Governor,,UZ,\n"
        ',x,en,Prosecutor,,UZ,"at the\nministry"\n'
        ",fine,en,Court,,KG,court@example.org\n"
    )
    assert refused(wrong, now) == [
        (2, "id", "no such official"),
        (3, "language", "language needed"),
        (4, "emails", "not of kind email"),
    ]
    shapes = "kind,language,office,country,checked_on,represents\nking,xx,A,UZB,1.2.26,\n"
    assert [fault[1] for fault in refused(shapes, now)] == [
        "language",
        "kind",
        "country",
        "checked_on",
    ]
    assert refused("name,office,office\na,b,c\n", now) == [(1, "office", "unknown column")] * 2
    assert refused("\n", now) == [(1, "office", "no column")]
    assert refused(HEAD, now) == [(0, "", "empty")]
    assert refused(HEAD + ",,en,A,,,,more\n", now)[0] == (2, "", "too many cells")


def test_new_official_has_several_languages_under_one_slug(
    database: SQLAlchemy, now: datetime
) -> None:
    sheet = HEAD + ",minister,ru,Министр,,UZ,m@example.org\n,minister,en,Minister,,,\n"
    assert take(sheet, now).added == 1
    made = database.session.execute(select(Official)).scalar_one()
    assert (made.source_language, made.kind) == ("ru", OfficialKind.OFFICE)
    assert texts_of(made.id)["en"].office == "Minister"
    assert refused(sheet.replace(",en,", ",ru,"), now) == [(3, "language", "twice")]
    assert refused(sheet.replace(",Minister,,,", ",Minister,,KG,"), now) == [
        (3, "country", "facts in the first row")
    ]


def test_official_like_another_one_is_asked_about(database: SQLAlchemy, now: datetime) -> None:
    made = add(now)
    sheet = HEAD + ",,en,Minister of internal affairs,,UZ,\n"
    with pytest.raises(SheetRefused) as told:
        take(sheet, now)
    assert told.value.faults[0].alike == (made.id,)
    assert take(sheet, now, knowing=True).added == 1
    assert count(database) == 2


def test_file_makes_no_other_office_of_what_signers_agreed_to(
    database: SQLAlchemy, cast: Cast, now: datetime
) -> None:
    minister = cast.minister.official_id
    assert refused(f"id,office\n{minister},Minister of Health\n", now) == [
        (2, "office", "other office")
    ]
    assert len(take(f"id,name\n{minister},Somebody Else\n", now).changes) == 1
