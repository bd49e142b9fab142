"""Ten workers, each a process, killed at random instants of builds: nothing half, nothing twice."""

from __future__ import annotations

import csv
import io
import os
import random
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from petitions.clock import now
from petitions.documents.verify import verify_bundle
from petitions.domain import builds, bundles, outgoing, signing
from petitions.domain.signing_keys import ensure_signing_key, public_key
from petitions.extensions import begin_write, db
from petitions.models import (
    Appearance,
    BuildState,
    Bundle,
    BundleBuild,
    BundleFile,
    BundleSignature,
    Organiser,
    Signature,
)
from tests.domain.cast import form
from tests.servers.site import LiveSite
from tests.worker.conftest import Stage
from tests.worker.test_mails import wait_until
from tests.worker.test_processes import site_of, with_relay

__all__ = ["site_of", "with_relay"]

KILLS = 10
MINISTER = "minister-anna-b"
A = Appearance


@dataclass
class Workers:
    """Processes that share the builds; whoever holds one can be killed, and another stands by."""

    site: LiveSite
    number: int = 0
    by_pid: dict[int, str] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)

    def start(self) -> None:
        self.number += 1
        name = f"worker {self.number}"
        self.by_pid[self.site.launch("worker", key=name).pid] = name

    def kill(self, worker: str) -> None:
        """Kill the process that calls itself so."""
        pid = int(worker.rsplit("-", 2)[1])
        name = self.by_pid.pop(pid)
        self.site.process(name).kill()
        self.site.forget(name)
        self.dead.add(worker)

    def all_started(self) -> bool:
        """Whether those that stand by have come up, and can be asked to stop."""
        logs = [self.site.directory / f"{name}.log" for name in self.by_pid.values()]
        return all(log.exists() and "worker started" in log.read_text() for log in logs)

    def holder(self, build_id: int) -> str | None:
        """The living worker that holds a build, if one does."""
        claimed_by = build_is(build_id).claimed_by
        return None if claimed_by in self.dead else claimed_by


@pytest.fixture
def workers(stage: Stage, site_of: LiveSite) -> Iterator[Workers]:
    ensure_signing_key(stage.site.keyring)
    made = Workers(site_of)
    for _ in range(2):
        made.start()
    yield made
    wait_until(made.all_started)


@pytest.fixture
def organiser_id(stage: Stage) -> int:
    made = Organiser(email="d@example.org", fs_uniquifier="d", created_at=now())
    db.session.add(made)
    db.session.commit()
    return made.id


def more_sign(stage: Stage, people: Iterator[int], number: int) -> None:
    """Let so many more people sign and confirm; each fifth is counted only."""
    db.session.rollback()
    begin_write()
    for _ in range(number):
        each = next(people)
        shown = A.COUNTED if each % 5 == 0 else A.FULL
        given = form(f"s{each}@example.org", name=f"Ada {each}", appearance=shown)
        signing.sign(stage.site, stage.cast.petition, given, now())
        newest = db.session.execute(select(func.max(Signature.id))).scalar_one()
        signing.confirm(stage.cast.petition, newest, now())
    db.session.commit()


def asked(stage: Stage, organiser_id: int) -> int:
    """Ask for everybody's bundles of what came since the last."""
    db.session.rollback()
    begin_write()
    petition = stage.cast.petition
    build, _ = builds.request(
        petition,
        [recipient.official.id for recipient in bundles.recipients_of(petition)],
        language=None,
        since_last=True,
        organiser_id=organiser_id,
        now=now(),
    )
    db.session.commit()
    return build.id


def build_is(build_id: int) -> BundleBuild:
    db.session.rollback()
    return db.session.get_one(BundleBuild, build_id, populate_existing=True)


def over(build_id: int) -> bool:
    return build_is(build_id).state is BuildState.DONE


def held_or_over(workers: Workers, build_id: int) -> bool:
    return bool(workers.holder(build_id)) or over(build_id)


def lease_ends(build_id: int, worker: str) -> None:
    """As if the fifteen seconds were over that others wait for who is killed."""
    db.session.rollback()
    begin_write()
    of_dead = (BundleBuild.id == build_id, BundleBuild.claimed_by == worker)
    ended = now() - timedelta(seconds=1)
    db.session.execute(update(BundleBuild).where(*of_dead).values(claimed_until=ended))
    db.session.commit()


def nothing_is_half(stage: Stage) -> None:
    """What is on record at this moment is whole, whatever was killed just before."""
    db.session.rollback()
    for bundle in db.session.execute(select(Bundle)).scalars():
        lines = select(func.count()).where(BundleSignature.bundle_id == bundle.id)
        stored = db.session.execute(lines).scalar_one()
        assert stored == (bundle.eligible if bundle.names_go else 0)
    key = public_key(stage.site.keyring)
    for file in db.session.execute(select(BundleFile)).scalars():
        assert verify_bundle(outgoing.path_of(stage.site, file), key).signer == "trusted"
    db.session.rollback()


def numbers_printed(path: Path) -> list[str]:
    """The names in the record of a bundle's file."""
    with zipfile.ZipFile(path) as zipped:
        name = next(name for name in zipped.namelist() if name.endswith("signatures.csv"))
        rows = list(csv.DictReader(io.StringIO(zipped.read(name).decode())))
    assert [row["number"] for row in rows] == [str(at) for at in range(1, len(rows) + 1)]
    return [row["name"] for row in rows]


def test_ten_workers_killed_at_random_leave_nothing_half_and_nobody_out_or_twice(
    stage: Stage, workers: Workers, organiser_id: int
) -> None:
    seed = int(os.environ.get("KILLS_SEED", random.randrange(10**6)))
    print(f"KILLS_SEED={seed}")
    chance, people, waiting = random.Random(seed), iter(range(1, 10_000)), threading.Event()
    more_sign(stage, people, 40)
    first = asked(stage, organiser_id)
    wait_until(lambda: workers.holder(first) is not None)
    began = time.monotonic()
    wait_until(lambda: over(first))
    whole = time.monotonic() - began  # how long a build takes here that nobody disturbs
    asked_for, killed = [first], 0
    while killed < KILLS:
        more_sign(stage, people, 20)
        build_id = asked(stage, organiser_id)
        asked_for.append(build_id)
        for _ in range(2):  # a third attempt is the last one
            wait_until(partial(held_or_over, workers, build_id))
            waiting.wait(chance.uniform(0, whole))
            if (worker := workers.holder(build_id)) is None:  # it was faster
                break
            workers.kill(worker)
            killed += 1
            workers.start()
            nothing_is_half(stage)
            lease_ends(build_id, worker)
        wait_until(partial(over, build_id))
    nothing_is_half(stage)
    everybody_once(stage, asked_for)


def everybody_once(stage: Stage, asked_for: list[int]) -> None:
    """Each confirmed signature stands in one bundle for the minister and in one file."""
    db.session.rollback()
    of_minister = bundles.recipient_named(stage.cast.petition, MINISTER).official.id
    for_minister = select(Bundle.id).where(Bundle.official_id == of_minister)
    stored = db.session.execute(
        select(BundleSignature.signature_id).where(BundleSignature.bundle_id.in_(for_minister))
    ).scalars()
    confirmed = db.session.execute(select(Signature.id)).scalars()
    assert Counter(stored) == Counter(confirmed)
    files = db.session.execute(select(BundleFile)).scalars().all()
    every_bundle = db.session.execute(select(Bundle)).scalars().all()
    assert Counter(file.bundle_id for file in files) == Counter(each.id for each in every_bundle)
    assert len(every_bundle) == 2 * len(asked_for)
    by_id = {bundle.id: bundle for bundle in every_bundle}
    printed = Counter(
        name
        for file in files
        if by_id[file.bundle_id].names_go
        for name in numbers_printed(outgoing.path_of(stage.site, file))
    )
    named = select(func.count()).where(Signature.appearance == A.FULL)
    assert set(printed.values()) == {1}
    assert len(printed) == db.session.execute(named).scalar_one()
