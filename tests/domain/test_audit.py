"""The trail: what is recorded, how it is read, and that changes of it are seen."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime, timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import update

from petitions.domain import audit
from petitions.domain.audit_reading import PAGE, Wanted, actions, page_of
from petitions.domain.site import Site
from petitions.errors import CannotOpen, KeyMissing
from petitions.models import AuditEntry

pytestmark = pytest.mark.usefixtures("database")


def record(now: datetime, number: int = 1, subject: str = "petition 5") -> list[AuditEntry]:
    return [
        audit.record("organiser 1", "petition opened", subject, {"n": n}, now)
        for n in range(number)
    ]


def tamper(database: SQLAlchemy, entry_id: int, **values: object) -> None:
    database.session.commit()
    changed = update(AuditEntry).where(AuditEntry.id == entry_id).values(values)
    database.session.execute(changed.execution_options(synchronize_session=False))
    database.session.commit()


def test_whole_chain_tells_how_long_it_is_and_both_its_ends(now: datetime) -> None:
    assert audit.check() == audit.Check(0, "", "", None, None, None, expected_found=True)
    entries = record(now, 3)
    found = audit.check()
    assert (found.entries, found.broken) == (3, None)
    assert (found.first_hash, found.last_hash) == (entries[0].hash, entries[2].hash)
    assert (found.since, found.until) == (entries[0].at, entries[2].at)


@pytest.mark.parametrize(
    "values",
    [
        {"actor": "organiser 2"},
        {"action": "petition closed"},
        {"subject": "petition 6"},
        {"detail": "{}"},
        {"at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"salt": b"0" * 16},
        {"hash": "f" * 64},
    ],
)
def test_entry_that_was_changed_is_found(
    values: dict[str, object], database: SQLAlchemy, now: datetime
) -> None:
    second = record(now, 3)[1].id
    tamper(database, second, **values)
    assert audit.first_broken() == second


def test_changed_reason_is_found_and_a_wiped_one_is_no_fault(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    record(now)
    ring = site.keyring
    entry = audit.record("x", "y", "z", {}, now, reason="Ann said so", keyring=ring)
    other = audit.record("x", "y", "z", {}, now, reason="Bob said so", keyring=ring)
    assert audit.first_broken() is None
    kept = entry.reason_sealed
    tamper(database, entry.id, reason_sealed=other.reason_sealed)
    assert audit.first_broken() == entry.id
    tamper(database, entry.id, reason_sealed=None)
    assert audit.first_broken() is None
    tamper(database, entry.id, reason_sealed=kept)
    assert audit.first_broken() is None


def test_reason_put_beside_an_entry_without_one_is_found(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    [entry] = record(now)
    other = audit.record("x", "y", "z", {}, now, reason="invented", keyring=site.keyring)
    tamper(database, entry.id, reason_sealed=other.reason_sealed)
    assert audit.first_broken() == entry.id


def test_reason_is_sealed_or_not_kept_at_all(site: Site, now: datetime) -> None:
    with pytest.raises(KeyMissing):
        audit.record("x", "y", "z", {}, now, reason="Ann said so")
    entry = audit.record("x", "y", "z", {}, now, reason="Ann said so", keyring=site.keyring)
    assert entry.reason_sealed is not None
    assert b"Ann" not in entry.reason_sealed
    assert audit.reason_of(entry, site.keyring) == "Ann said so"
    entry.reason_sealed = entry.reason_sealed[:-1] + b"?"
    with pytest.raises(CannotOpen):
        audit.reason_of(entry, site.keyring)


def test_cutting_off_the_newest_shows_only_by_a_hash_noted_before(
    database: SQLAlchemy, now: datetime
) -> None:
    entries = record(now, 4)
    noted, last = entries[3].hash, entries[3]
    assert audit.check(f" {noted.upper()} ").expected_found
    database.session.delete(last)
    database.session.commit()
    assert audit.check().broken is None
    assert not audit.check(noted).expected_found
    record(now)
    assert not audit.check(noted).expected_found


def test_long_trail_is_walked_in_parts(database: SQLAlchemy, now: datetime) -> None:
    record(now, 1_100)
    database.session.commit()
    database.session.expunge_all()
    seen = [entry.id for entry in audit.stream()]
    assert seen == sorted(set(seen))
    assert len(seen) == 1_100
    tracemalloc.start()
    assert audit.check().entries == 1_100
    half = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    database.session.expunge_all()
    tracemalloc.start()
    assert len(audit.entries()) == 1_100
    whole = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert half < whole


def test_pages_go_to_older_and_back_without_a_gap(now: datetime) -> None:
    ids = [entry.id for entry in record(now, PAGE * 2 + 10)][::-1]
    first = page_of(Wanted())
    assert [entry.id for entry in first.entries] == ids[:PAGE]
    assert first.newer is None
    second = page_of(Wanted(), before=first.older)
    assert [entry.id for entry in second.entries] == ids[PAGE : 2 * PAGE]
    third = page_of(Wanted(), before=second.older)
    assert [entry.id for entry in third.entries] == ids[2 * PAGE :]
    assert third.older is None
    back = page_of(Wanted(), after=third.newer)
    assert [entry.id for entry in back.entries] == ids[PAGE : 2 * PAGE]
    assert page_of(Wanted(), after=first.entries[0].id).entries == []


def test_filters_narrow_by_who_what_about_and_days(now: datetime) -> None:
    day = timedelta(days=1)
    audit.record("command", "organiser added", "organiser 1", {}, now - 2 * day)
    audit.record("organiser 1", "petition opened", "petition 5", {}, now - day)
    audit.record("organiser 1", "petition opened", "petition 51", {}, now)
    audit.record("organiser 2", "bundle frozen", "anna_b-7", {}, now)
    audit.record("organiser 2", "bundle frozen", "annaxb-7", {}, now)

    def found(**wanted: object) -> list[str]:
        page = page_of(Wanted(**wanted))  # type: ignore[arg-type]  # a test's keyword soup
        return [entry.subject for entry in page.entries]

    assert found(actor="command") == ["organiser 1"]
    assert found(action="petition opened") == ["petition 51", "petition 5"]
    assert found(subject="petition 5") == ["petition 5"]
    assert found(subject="petition") == ["petition 51", "petition 5"]
    assert found(subject="anna_b-") == ["anna_b-7"]
    assert found(first_on=date(2026, 3, 14)) == ["annaxb-7", "anna_b-7", "petition 51"]
    assert found(last_on=date(2026, 3, 12)) == ["organiser 1"]
    assert found(first_on=date(2026, 3, 13), last_on=date(2026, 3, 13)) == ["petition 5"]
    assert actions() == ["bundle frozen", "organiser added", "petition opened"]
