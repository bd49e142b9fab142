"""The process that builds bundles of a sealed case: it ends with the web server that began it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from petitions.domain import build_agreements, builds, outgoing, unlocked_builds
from petitions.domain.bundles import recipient_named
from petitions.domain.signing_keys import ensure_signing_key
from petitions.domain.unlocked_builds import Handover
from petitions.domain.unlocking import unlock
from petitions.extensions import begin_write, db
from petitions.models import BuildState, BundleBuild, Organiser
from petitions.worker.unlocked import MEMORY, clear_memory
from tests.domain.sealing_cast import MAJA, sealed
from tests.servers.site import ROOT
from tests.settings import environ_for
from tests.worker.conftest import Stage
from tests.worker.test_builds import multiply, now_is
from tests.worker.test_mails import wait_until

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def handed(stage: Stage) -> Handover:
    """A build of a long list that was begun now, by the real clock: the process reads it too."""
    from petitions.clock import now

    ensure_signing_key(stage.site.keyring)
    multiply(stage, 20_000)
    sealed(stage.site, stage.cast.case.id, now())
    people = [
        Organiser(email=f"{name}@example.org", fs_uniquifier=name, created_at=now())
        for name in ("ann", "sam")
    ]
    db.session.add_all(people)
    db.session.flush()
    ann, sam = (one.id for one in people)
    minister = recipient_named(stage.cast.petition, "minister-anna-b").official.id
    agreement = build_agreements.ask(
        stage.site, stage.cast.petition, [minister],
        language=None, reason="For Friday", organiser_id=ann, now=now(),
    )  # fmt: skip
    build_agreements.answer(agreement, agrees=True, organiser_id=sam, now=now())
    unlocked = unlock(stage.cast.case.id, MAJA)
    db.session.commit()
    begin_write()
    _, given = unlocked_builds.begin(agreement, unlocked, organiser_id=ann, now=now())
    db.session.commit()
    assert given
    return given


@pytest.fixture
def process(
    handed: Handover, tmp_path: Path, database_url: str
) -> Iterator[subprocess.Popen[bytes]]:
    """The process, writing."""
    environ = {**os.environ, **environ_for(tmp_path, database_url)}
    command = (sys.executable, "-m", "petitions", "build-unlocked")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environ, cwd=ROOT
    ) as started:
        assert started.stdin
        started.stdin.write(handed.line())
        started.stdin.flush()
        wait_until(lambda: now_is(handed.build_id).total > 0, timeout=60)
        yield started
        started.kill()


def ended(handed: Handover) -> BundleBuild:
    return now_is(handed.build_id)


def lying(stage: Stage, handed: Handover) -> list[Path]:
    folder = outgoing.folder_of(stage.site, handed.build_id)
    return [path for path in folder.rglob("*") if path.is_file()]


@ONE
def test_it_ends_where_the_pipe_does_and_leaves_nothing(
    stage: Stage, handed: Handover, process: subprocess.Popen[bytes]
) -> None:
    command_line = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    variables = Path(f"/proc/{process.pid}/environ").read_bytes()
    for key in (handed.private_key, handed.file_key):
        assert key.hex().encode() not in command_line + variables
    assert process.stdin
    process.stdin.close()
    process.wait(30)
    build = ended(handed)
    assert build.state is BuildState.FAILED
    assert [one.word for one in builds.messages_of(build)] == ["interrupted"]
    assert lying(stage, handed) == []
    assert process.stderr
    said = process.stderr.read()
    assert b"Traceback" not in said
    assert handed.private_key.hex().encode() not in said


@ONE
def test_what_a_killed_one_left_in_memory_is_cleared_by_the_worker(
    stage: Stage, handed: Handover, process: subprocess.Popen[bytes]
) -> None:
    process.send_signal(signal.SIGSTOP)  # what it holds stands still while it is looked at
    os.waitid(os.P_PID, process.pid, os.WSTOPPED)
    held = f"/proc/{process.pid}/fd"
    left = {Path(os.readlink(f"{held}/{each}")) for each in os.listdir(held)}
    [folder] = [path for path in left if path.parent == MEMORY and path.is_dir()]
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    assert folder.exists()
    wait_until(lambda: clear_memory() >= 0 and not folder.exists())
    assert ended(handed).state is BuildState.RUNNING  # until its lease is over
    assert lying(stage, handed) == []
