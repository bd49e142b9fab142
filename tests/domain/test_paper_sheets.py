"""Sheets from a file: all of it or nothing; partners apart in every number and letter; scans."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from petitions.domain import paper, paper_scans
from petitions.domain.bundle_letters import letter_for
from petitions.domain.bundles import freeze, recipient_named
from petitions.domain.counting import numbers_of
from petitions.domain.paper_sheets import SheetsRefused, enter_sheets
from petitions.domain.signing_keys import ensure_signing_key
from petitions.domain.site import Site
from petitions.domain.unlocking import unlock, unlocked_site
from petitions.errors import CannotOpen, CaseSealed, NotFound, Refused
from petitions.models import AuditEntry, Organiser, PaperSignatures
from tests.domain.cast import Cast
from tests.domain.sealing_cast import MAJA, sealed
from tests.newsroom import organiser, reader

HEAD = "source,country,number,collected_on,provenance,how_checked\n"
GOOD = (
    HEAD
    + 'paper,is,12,2026-03-01,"market, sheet 1",\n'
    + "\n"
    + "paper,,30,,school,\n"
    + "partner,FR,400,2026-02-28,Friends of Anna,list seen by us\n"
)


@pytest.fixture
def author(database: SQLAlchemy, now: datetime) -> Organiser:
    return organiser(now)


def enter(cast: Cast, text: str | bytes, now: datetime) -> int:
    content = text if isinstance(text, bytes) else text.encode()
    return enter_sheets(cast.petition, content, organiser_id=1, actor="organiser 1", now=now)


def faults(cast: Cast, text: str | bytes, now: datetime) -> list[tuple[int, str, str]]:
    with pytest.raises(SheetsRefused) as refused:
        enter(cast, text, now)
    return [(one.line, one.column, one.reason) for one in refused.value.faults]


def test_rows_are_entered_with_their_provenance_and_partners_stand_apart(
    database: SQLAlchemy, cast: Cast, author: Organiser, now: datetime
) -> None:
    assert enter(cast, GOOD, now) == 3
    numbers = numbers_of(cast.petition.id)
    assert (numbers.paper, numbers.partners, numbers.confirmed) == (42, 400, 0)
    assert paper.sums_of(cast.petition.id) == {"paper": 42, "partner": 400}
    rows = [(row.country, row.number, row.provenance) for row in paper.papers_of(cast.petition.id)]
    assert rows[::-1] == [("IS", 12, "market, sheet 1"), (None, 30, "school"),
                          ("FR", 400, "Friends of Anna")]  # fmt: skip
    entry = database.session.execute(select(AuditEntry)).scalars().all()[-1]
    assert (entry.action, entry.detail) == (
        "paper sheets entered", '{"entries": 3, "number": 442}',
    )  # fmt: skip


@pytest.mark.parametrize("as_bytes", [
    GOOD.replace(",", ";").replace('"market; sheet 1"', '"market, sheet 1"').encode(),
    ("\ufeff" + GOOD).encode(),
    GOOD.replace("\n", "\r\n").encode(),
])  # fmt: skip
def test_what_spreadsheet_programs_write_is_read(
    cast: Cast, author: Organiser, now: datetime, as_bytes: bytes
) -> None:
    assert enter(cast, as_bytes, now) == 3
    assert numbers_of(cast.petition.id).paper == 42


def test_one_wrong_line_keeps_all_out_and_every_fault_is_told_by_line(
    database: SQLAlchemy, cast: Cast, author: Organiser, now: datetime
) -> None:
    enter(cast, HEAD + "paper,,30,,school,\n", now)
    wrong = (
        HEAD
        + "paper,IS,12,2026-03-01,good,\n"  # 2
        + "paper,XX,many,yesterday,hall,\n"  # 3
        + "partner,FR,5,,Friends,seen\n"  # 4: no day
        + "partner,FR,5,2026-02-28,Friends,\n"  # 5: not checked
        + '"paper",,7,,"two\nlines",\n'  # 6 and 7
        + "paper,,0,,none,\n"  # 8
        + "paper,,3,2031-01-01,later,\n"  # 9
        + "paper,,30,,school,\n"  # 10: entered before
        + "other,,3,,x,\n"  # 11
        + "paper,,3,,x,,,extra\n"  # 12
        + "paper,,3,,,\n"  # 13
    )
    assert faults(cast, wrong, now) == [
        (3, "number", "number"), (3, "country", "country"), (3, "collected_on", "day"),
        (4, "collected_on", "date needed"), (5, "how_checked", "check needed"),
        (8, "number", "number"), (9, "collected_on", "future"), (10, "", "twice"),
        (11, "source", "source"), (12, "", "too many cells"),
        (13, "provenance", "provenance needed"),
    ]  # fmt: skip
    count = select(func.count()).select_from(PaperSignatures)
    assert database.session.execute(count).scalar() == 1


@pytest.mark.parametrize(("content", "told"), [
    (b"", [(1, "source", "no column"), (1, "number", "no column"), (1, "provenance", "no column")]),
    (HEAD.encode(), [(0, "", "empty")]),
    (b"source,number,provenance,name\n", [(1, "name", "unknown column")]),
    (b"\xff\xfe\x00", [(0, "", "not UTF-8")]),
    (b"x" * (513 * 1024), [(0, "", "too large")]),
    ((HEAD + "paper,,1,,x,\n" * 2001).encode(), [(0, "", "too many")]),
])  # fmt: skip
def test_file_that_is_none_of_ours_is_refused_as_a_whole(
    *, cast: Cast, author: Organiser, now: datetime, content: bytes, told: list[object]
) -> None:
    assert faults(cast, content, now) == told


def test_letter_tells_of_paper_and_of_partners_apart(
    database: SQLAlchemy, site: Site, cast: Cast, author: Organiser, now: datetime
) -> None:
    ensure_signing_key(site.keyring)
    reader(site, cast.petition, "a", now)
    enter(cast, GOOD, now)
    recipient = recipient_named(cast.petition, "minister-anna-b")
    [bundle] = freeze(cast.petition, recipient, now)
    assert (bundle.paper, bundle.partners) == (42, 400)
    letter = letter_for(bundle, (), demonstration=False)
    assert (letter.paper, letter.partners, letter.attested) == (42, 400, 0)


def test_partner_needs_a_day_and_how_it_was_checked(
    cast: Cast, author: Organiser, now: datetime
) -> None:
    entry = paper.PaperEntry("partner", None, 5, None, "Friends", "seen")
    with pytest.raises(Refused, match="date needed"):
        paper.add_paper(cast.petition, entry, seen="", organiser_id=1, actor="organiser 1", now=now)


def test_scan_is_sealed_to_the_case_opened_with_a_trace_and_removed(
    database: SQLAlchemy, site: Site, cast: Cast, author: Organiser, now: datetime
) -> None:
    enter(cast, GOOD, now)
    [first, second, _] = paper.papers_of(cast.petition.id)
    by = {"actor": "organiser 1", "now": now}
    content = b"%PDF-1.7 Ada Lovelace signed here"
    paper_scans.keep(site, cast.petition, first.id, ("application/pdf", content), **by)
    database.session.commit()
    row = database.session.get_one(PaperSignatures, first.id)
    assert b"Lovelace" not in (row.scan_sealed or b"")
    told = paper_scans.opened(site, cast.petition, first.id, **by)
    assert told == ("application/pdf", content)
    with pytest.raises(NotFound):
        paper_scans.opened(site, cast.petition, second.id, **by)
    second.scan_sealed, second.scan_type = row.scan_sealed, row.scan_type
    second.scan_key_id = row.scan_key_id
    with pytest.raises(CannotOpen):
        paper_scans.opened(site, cast.petition, second.id, **by)
    paper_scans.remove(cast.petition, first.id, **by)
    paper_scans.remove(cast.petition, first.id, **by)
    assert (row.scan_sealed, row.scan_type, row.scan_key_id) == (None, None, None)
    actions = list(database.session.execute(select(AuditEntry.action)).scalars())
    assert actions.count("scan looked at") == actions.count("scan removed") == 1


def test_scan_of_a_sealed_case_opens_for_a_custodian_alone_and_ends_with_the_names(
    database: SQLAlchemy, site: Site, cast: Cast, author: Organiser, now: datetime
) -> None:
    enter(cast, GOOD, now)
    entry = paper.papers_of(cast.petition.id)[0]
    by = {"actor": "organiser 1", "now": now + timedelta(minutes=5)}
    sealed(site, cast.case.id, now)
    paper_scans.keep(site, cast.petition, entry.id, ("image/png", b"names"), **by)
    database.session.commit()
    with pytest.raises(CaseSealed):
        paper_scans.opened(site, cast.petition, entry.id, **by)
    opened = unlocked_site(site, unlock(cast.case.id, MAJA))
    assert paper_scans.opened(opened, cast.petition, entry.id, **by)[1] == b"names"
    paper_scans.forget_of_petition(cast.petition.id)
    database.session.refresh(entry)
    assert (entry.scan_type, entry.number) == (None, 400), "what counts stays"
