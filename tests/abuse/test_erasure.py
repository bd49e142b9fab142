"""Erased means gone: whoever takes everything afterwards finds nothing of the person, anywhere.

The site runs as operators run it, on both databases. A person with improbable names signs, wants
news, is set aside and put back by somebody who writes about them, stands in a bundle, and erases
it all by the mailed link. First it is shown that the search finds them while they are there.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from petitions import clock
from petitions.extensions import begin_write, db
from petitions.models import Bundle, BundleProof, BundleSignature, Organiser, Petition, Signature
from tests.abuse.running import CASE, Running, signer
from tests.abuse.seizing import Seized, seize
from tests.domain.cast import publish
from tests.journeys.staging import links_in, until
from tests.journeys.visiting import Visitor, path_of
from tests.servers.postgres import temporary_database
from tests.servers.smtp import SmtpServer

GONE = replace(
    signer("Wyndolfríður Quazzmarrow-Ødegård", "Wq. Zø.", "Þverfjörðsklettur"),
    email="Wyndol.Quazzm+petition@signers.example",
)
STAYS = signer("Brimhildur Oxnafell", "Bx. Ox.", "Kaldrananes")
REASONS = (
    f"{GONE.name} from {GONE.place} telephoned: {GONE.email} is not theirs",
    f"It is {GONE.name} ({GONE.initials}) after all",
)
CANONICAL = "address without its tag"
"""What look-up keys are made of: it is never written down, so it is not there before either."""
TOLD = {
    "name": GONE.name,
    "first name": "Wyndolfríður",
    "last name": "Quazzmarrow",
    "initials": GONE.initials,
    "place": GONE.place,
    "address": GONE.email,
    CANONICAL: "wyndol.quazzm@signers.example",
    "local part": "wyndol.quazzm",
}
"""What names the person; each is looked for in many spellings and encodings."""


@dataclass(frozen=True)
class Erased:
    """A site before and after one person was erased, and what was kept of it elsewhere."""

    running: Running
    number: int
    before: Seized
    after: Seized
    sealed: dict[str, bytes]
    """Values of the person's rows before they were erased."""
    proofs: tuple[Any, Any]
    numbers: tuple[Any, Any]
    verified: str
    trail: str
    again: str


def _staged(site: Any) -> None:
    begin_write()
    publish(site, clock.now(), slug=CASE)
    organiser = Organiser(
        email="m@example.org", name="M", fs_uniquifier="x" * 32, created_at=clock.now()
    )
    db.session.add(organiser)
    db.session.commit()


def _reviewed(site: Any) -> None:
    from petitions.domain import reviewing

    begin_write()
    petition = db.session.execute(select(Petition)).scalar_one()
    ids = [_number(site)]
    by = {"actor": "organiser 1", "now": clock.now()}
    reviewing.set_aside(site, petition, ids, ground="not theirs", reason=REASONS[0], **by)
    reviewing.put_back(site, petition, ids, reason=REASONS[1], **by)
    db.session.commit()


def _number(_: Any) -> int:
    return db.session.execute(select(Signature.id).order_by(Signature.id).limit(1)).scalar_one()


def _sealed(_: Any) -> dict[str, bytes]:
    from petitions.models import AuditEntry

    row = db.session.get_one(Signature, _number(None))
    found = {name: getattr(row, name) for name in ("person_sealed", "address_sealed", "lookup")}
    reasons = select(AuditEntry.reason_sealed).where(AuditEntry.reason_sealed.is_not(None))
    for number, reason in enumerate(db.session.execute(reasons).scalars()):
        found[f"reason {number}"] = reason
    return {name: bytes(value) for name, value in found.items()}


def _built(_: Any) -> None:
    from petitions.domain import builds
    from petitions.domain.bundles import recipients_of

    begin_write()
    petition = db.session.execute(select(Petition)).scalar_one()
    official = recipients_of(petition)[0].official.id
    builds.request(petition, [official], language=None, organiser_id=1, now=clock.now())
    db.session.commit()


def _is_built(site: Any) -> bool:
    from petitions.models import BuildState, BundleBuild

    return db.session.execute(select(BundleBuild.state)).scalar_one() is BuildState.DONE


def _proof(_: Any) -> Any:
    [bundle] = db.session.execute(select(Bundle)).scalars()
    [proof] = db.session.execute(select(BundleProof)).scalars()
    stand = select(BundleSignature.signature_id, BundleSignature.line)
    return (
        (bundle.eligible, bundle.named, bundle.initials, bundle.counted),
        (proof.commitments, proof.tag_manifest, proof.signature),
        sorted(tuple(row) for row in db.session.execute(stand)),
    )


def _days_pass(_: Any) -> None:
    """What two days do to the counters of mails, which are made with keys of the day."""
    from petitions.domain.budgets import forget_old_days

    begin_write()
    forget_old_days(clock.now() + timedelta(days=3))
    db.session.commit()


def _pages_are_gone(site: Any) -> bool:
    """Empty SQLite's write-ahead log, as the worker does every minute."""
    from petitions.domain.retention import forget_written_pages

    forget_written_pages()
    url = db.engine.url
    if url.get_backend_name() != "sqlite":
        return True
    log = Path(f"{url.database}-wal")
    return not log.exists() or log.stat().st_size == 0


def _happens(running: Running, directory: Path) -> Erased:
    visitor = Visitor(running.live.url)

    def seized() -> Seized:
        logs = [running.live.directory / f"{name}.log" for name in ("serve", "worker")]
        return seize(running.url, running.data_dir, running.live.environ, *logs)

    def numbers() -> Any:
        return visitor.get(f"/api/v1/petitions/{CASE}").json["numbers"]

    with running.live:
        running.inside(_staged)
        running.live.launch("worker")
        running.signs(GONE, news="yes")
        running.confirms(GONE)
        running.signs(STAYS)
        running.confirms(STAYS)
        running.inside(_reviewed)
        number = running.inside(_number)
        running.inside(_built)
        until(lambda: running.inside(_is_built), what="no bundle was built", within=60)
        [file] = running.data_dir.glob("outgoing/*/*.zip")
        old = directory / file.name
        shutil.copy(file, old)
        visitor.post("/my-signature", {"email": GONE.email})
        link = until(lambda: _link_of(running), what="no link was mailed", within=20)
        sealed, proof, counted = running.inside(_sealed), running.inside(_proof), numbers()
        before = seized()
        sure = {"signature": str(number), "action": "erase", "sure": "yes"}
        assert visitor.post(link, sure).status == 303
        assert "Nothing is held here any more" in visitor.get(link).text
        until(lambda: numbers() != counted, what="the number did not fall")
        running.inside(_days_pass)
        running.command("retention")
        until(lambda: running.inside(_pages_are_gone), what="the log was not emptied")
        after = seized()
        again = running.live.run("bundles", "write", CASE, "1", "--out", str(directory), status=2)
        return Erased(
            running=running,
            number=number,
            before=before,
            after=after,
            sealed=sealed,
            proofs=(proof, running.inside(_proof)),
            numbers=(counted, numbers()),
            verified=running.command("bundles", "verify", str(old)),
            trail=running.command("audit", "verify"),
            again=again.stderr,
        )


def _link_of(running: Running) -> str | None:
    for mail in running.smtp.mails:
        for url in links_in(mail):
            if mail.recipients == (GONE.email,) and "/my-signature/" in url:
                return path_of(url)
    return None


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def erased(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Erased]:
    directory = tmp_path_factory.mktemp(f"erased-{request.param}")
    with SmtpServer() as smtp:
        if request.param == "sqlite":
            (directory / "database").mkdir()
            url = f"sqlite:///{directory / 'database' / 'petitions.db'}"
            yield _happens(Running(directory, url, smtp), directory)
        else:
            with temporary_database(request.getfixturevalue("postgres")) as url:
                yield _happens(Running(directory, url, smtp), directory)


def test_the_search_finds_whoever_is_there(erased: Erased) -> None:
    there = erased.before
    assert there.persons()[erased.number].name == GONE.name
    assert there.addresses() == {erased.number: GONE.email}
    assert there.signature_of(GONE.email) == erased.number
    assert sorted(there.reasons()) == sorted(REASONS)
    assert {what for what, text in TOLD.items() if not there.tells(text)} == {CANONICAL}
    assert all(any(value in part for part in there.raw) for value in erased.sealed.values())
    # And whoever was not erased is found afterwards.
    assert {person.name for person in erased.after.persons().values()} == {STAYS.name}
    assert erased.after.tells(STAYS.name)


def test_nothing_that_was_written_anywhere_tells_the_person(erased: Erased) -> None:
    assert {what for what, text in TOLD.items() if erased.after.tells(text)} == set()


def test_no_key_opens_and_no_guess_finds_the_person(erased: Erased) -> None:
    taken = erased.after
    assert erased.number not in taken.persons()
    assert (taken.addresses(), taken.queued(), taken.reasons()) == ({}, {}, [])
    assert taken.signature_of(GONE.email) is None
    assert taken.rows["mail_budget"] == []  # they can be guessed at for two days: docs/privacy.md
    assert taken.rows["suppression"] == []


def test_what_was_sealed_is_in_no_page_of_the_database(erased: Erased) -> None:
    """Neither in free pages nor in the write-ahead log, nor in a dump."""
    left = [
        name
        for name, value in erased.sealed.items()
        if any(value in part for part in erased.after.raw)
    ]
    assert left == []
    assert not list(erased.running.data_dir.glob("outgoing/*/*.zip"))


def test_counts_commitments_old_bundles_and_the_trail_stand(erased: Erased) -> None:
    before, after = erased.proofs
    assert before == after
    assert before[0] == (2, 2, 0, 0)
    counted, now = erased.numbers
    assert (counted["confirmed"], now["confirmed"]) == (2, 1)
    assert "the record is whole" in erased.trail
    assert erased.verified
    assert "erased" in erased.again
    entries = [
        json.loads(row["detail"])
        for row in erased.after.rows["audit_entry"]
        if row["subject"] == f"signature {erased.number}"
    ]
    assert ["reason_sha256" in detail for detail in entries] == [True, True]
    [row] = [row for row in erased.after.rows["signature"] if row["id"] == erased.number]
    assert row["state"] == "withdrawn"
