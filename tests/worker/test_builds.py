"""Building bundles beside the mails: done, cancelled, taken over, given back, cleared up."""

from __future__ import annotations

import signal
import stat
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from petitions.documents.verify import verify_bundle
from petitions.domain import audit, build_work, builds, bundles, outgoing, privacy, signing
from petitions.domain.bundle_files import WrittenFile
from petitions.domain.signing_keys import ensure_signing_key, public_key
from petitions.errors import Refused
from petitions.extensions import begin_snapshot, begin_write, db
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
from petitions.worker.builds import Builder, BuildStep
from petitions.worker.outgoing import OutgoingStep
from tests.domain.cast import form
from tests.servers.site import LiveSite
from tests.worker.conftest import Stage
from tests.worker.test_mails import wait_until
from tests.worker.test_processes import site_of, started, with_relay

__all__ = ["site_of", "with_relay"]


@pytest.fixture(autouse=True)
def _key(stage: Stage) -> None:
    ensure_signing_key(stage.site.keyring)


@pytest.fixture
def organiser_id(stage: Stage) -> int:
    made = Organiser(email="d@example.org", fs_uniquifier="d", created_at=stage.clock())
    db.session.add(made)
    db.session.commit()
    return made.id


def sign_many(stage: Stage, number: int) -> None:
    """Let so many people sign and confirm; the first wants to be counted only."""
    for each in range(number):
        appearance = Appearance.FULL if each else Appearance.COUNTED
        given = form(f"s{each}@example.org", name=f"Ada {each}", appearance=appearance)
        signing.sign(stage.site, stage.cast.petition, given, stage.clock())
        newest = select(func.max(Signature.id))
        signing.confirm(stage.cast.petition, db.session.execute(newest).scalar_one(), stage.clock())
    db.session.commit()


def multiply(stage: Stage, number: int) -> None:
    """Make a long list of one confirmed signer: the rows are alike but for their order number."""
    sign_many(stage, 2)
    one = db.session.execute(
        select(Signature).where(Signature.appearance == Appearance.FULL)
    ).scalar_one()
    columns = {
        column.key: getattr(one, column.key)
        for column in Signature.__mapper__.columns
        if column.key not in {"id", "lookup"}
    }
    db.session.execute(
        Signature.__table__.insert(),
        [{**columns, "lookup": each.to_bytes(32, "big")} for each in range(number)],
    )
    db.session.commit()


def request(stage: Stage, organiser_id: int, *slugs: str) -> int:
    """Ask for the bundles of these officials (all, where none is named)."""
    db.session.rollback()
    begin_write()
    officials = [
        recipient.official.id
        for recipient in bundles.recipients_of(stage.cast.petition)
        if not slugs or recipient.official.slug in slugs
    ]
    build, new = builds.request(
        stage.cast.petition,
        officials,
        language=None,
        organiser_id=organiser_id,
        now=stage.clock(),
    )
    assert new
    db.session.commit()
    return build.id


@contextmanager
def writing(*, snapshot: bool = False) -> Iterator[None]:
    """A transaction of the test's own, as an entrance would open it."""
    db.session.rollback()
    begin_snapshot() if snapshot else begin_write()
    yield
    db.session.commit()


def now_is(build_id: int) -> BundleBuild:
    db.session.rollback()
    return db.session.get_one(BundleBuild, build_id, populate_existing=True)


def run(stage: Stage, worker: str = "one") -> BuildStep:
    """Take one turn and wait until the build it started is over."""
    db.session.rollback()
    step = BuildStep(stage.app, worker, stage.clock)
    step.take(stage.clock())
    if step._building:
        step._building[1].join(60)
    return step


def test_build_freezes_writes_and_keeps_what_proves_it(stage: Stage, organiser_id: int) -> None:
    sign_many(stage, 3)
    build_id = request(stage, organiser_id)
    run(stage)
    build = now_is(build_id)
    assert build.state is BuildState.DONE
    assert (build.official_ids, build.attempts, build.claimed_by) == ([], 1, None)
    assert build.done == build.total > 0
    files = builds.files_of(build_id)
    assert [file.bundle_id for file in files] == build.bundle_ids
    assert len(files) == 2  # the minister's and the agency's: no embassy is known
    for file in files:
        path = outgoing.path_of(stage.site, file)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert verify_bundle(path, public_key(stage.site.keyring)).signer == "trusted"
    assert {path.name for path in outgoing.folder_of(stage.site, build_id).iterdir()} == {
        file.file_name for file in files
    }
    told = [(entry.actor, entry.action) for entry in audit.entries()][-6:]
    by = f"organiser {organiser_id}"
    assert told == [
        (by, "bundles requested"),
        (by, "bundle frozen"),
        (by, "bundle frozen"),
        (by, "bundle written"),
        (by, "bundle written"),
        (by, "bundles built"),
    ]
    assert audit.first_broken() is None


def test_who_has_nobody_is_left_out_and_said(stage: Stage, organiser_id: int) -> None:
    build_id = request(stage, organiser_id)
    run(stage)
    build = now_is(build_id)
    assert (build.state, build.bundle_ids) == (BuildState.DONE, [])
    assert [message.word for message in builds.messages_of(build)] == ["nothing", "nothing"]


def test_a_file_is_written_again_byte_by_byte_without_a_second_bundle(
    stage: Stage, organiser_id: int
) -> None:
    sign_many(stage, 2)
    first = request(stage, organiser_id, "minister-anna-b")
    run(stage)
    before = outgoing.path_of(stage.site, builds.files_of(first)[0]).read_bytes()
    with writing():
        bundle = db.session.execute(select(Bundle)).scalar_one()
        again, new = builds.request_again(bundle, organiser_id=organiser_id, now=stage.clock())
        again_id = again.id
    assert new
    run(stage)
    [file] = builds.files_of(again_id)
    assert outgoing.path_of(stage.site, file).read_bytes() == before
    assert db.session.execute(select(func.count()).select_from(Bundle)).scalar_one() == 1


def test_file_of_which_somebody_was_erased_is_not_written_and_said(
    stage: Stage, organiser_id: int
) -> None:
    sign_many(stage, 2)
    build_id = request(stage, organiser_id, "minister-anna-b")
    with writing():
        assert build_work.claim("one", stage.clock()) == build_id
    with writing(snapshot=True):
        assert build_work.freeze_next(build_id, "one", stage.clock())
    erased = {"state": "withdrawn", "withdrawn_at": stage.clock(), "person_sealed": None}
    with writing():
        db.session.execute(update(Signature).values(erased))
    Builder(stage.app, "one", build_id, threading.Event(), stage.clock).build()
    build = now_is(build_id)
    [message] = builds.messages_of(build)
    assert (build.state, message.word, message.about) == (
        BuildState.DONE,
        "not written",
        build.bundle_ids[0],
    )
    assert "erased" in message.text
    assert list(outgoing.folder_of(stage.site, build_id).iterdir()) == []


def test_erasing_takes_the_files_that_wait_and_those_being_written(
    stage: Stage, organiser_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_many(stage, 2)
    first = request(stage, organiser_id)
    run(stage)
    [minister, agency] = builds.files_of(first)
    path, other = (outgoing.path_of(stage.site, file) for file in (minister, agency))

    def erase() -> None:
        with stage.app.app_context():
            begin_write()
            named = select(Signature.id).where(Signature.appearance == Appearance.FULL)
            privacy.erase(db.session.execute(named).scalar_one(), stage.clock())
            db.session.commit()

    with writing():
        again, _ = builds.request_again(
            db.session.get_one(Bundle, minister.bundle_id),
            organiser_id=organiser_id,
            now=stage.clock(),
        )
        second = again.id
    begins = Builder._keep

    def keep(self: Builder, bundle_id: int, written: WrittenFile) -> None:
        erase()
        begins(self, bundle_id, written)

    monkeypatch.setattr(Builder, "_keep", keep)
    run(stage)
    [message] = builds.messages_of(now_is(second))
    assert (message.word, "erased" in message.text) == ("not written", True)
    assert builds.files_of(second) == []
    assert list(outgoing.folder_of(stage.site, second).iterdir()) == []
    assert path.exists()
    with pytest.raises(Refused, match="gone"):
        builds.fetch_file(stage.site, minister.id, "organiser 1", stage.clock())
    OutgoingStep(stage.app).take(stage.clock())
    assert (path.exists(), other.exists()) == (False, True)  # copies get no names


def test_killed_worker_s_build_goes_on_without_a_second_bundle(
    stage: Stage, organiser_id: int
) -> None:
    sign_many(stage, 3)
    build_id = request(stage, organiser_id)
    with writing():
        assert build_work.claim("killed", stage.clock()) == build_id
    with writing(snapshot=True):
        assert build_work.freeze_next(build_id, "killed", stage.clock())
    leftover = outgoing.working_folder(stage.site, build_id, "killed") / "names.csv"
    leftover.write_text("Ada")
    run(stage, "early")
    assert now_is(build_id).claimed_by == "killed"  # its lease is not over
    stage.clock.shift(seconds=16)
    run(stage, "other")
    build = now_is(build_id)
    assert (build.state, build.attempts) == (BuildState.DONE, 2)
    officials = db.session.execute(select(Bundle.official_id)).scalars().all()
    assert len(officials) == len(set(officials)) == 2
    assert not leftover.exists()


def test_worker_whose_lease_is_over_changes_nothing_any_more(
    stage: Stage, organiser_id: int
) -> None:
    sign_many(stage, 2)
    build_id = request(stage, organiser_id)
    with writing():
        build_work.claim("slow", stage.clock())
    stage.clock.shift(seconds=16)
    with writing():
        build_work.claim("other", stage.clock())
    Builder(stage.app, "slow", build_id, threading.Event(), stage.clock).build()
    build = now_is(build_id)
    assert (build.state, build.claimed_by) == (BuildState.RUNNING, "other")
    assert build.bundle_ids == []


def test_worker_that_is_asked_to_stop_gives_the_build_back(stage: Stage, organiser_id: int) -> None:
    multiply(stage, 6000)
    build_id = request(stage, organiser_id, "minister-anna-b")
    step = BuildStep(stage.app, "one", stage.clock)
    step.take(stage.clock())
    wait_until(lambda: now_is(build_id).total > 0)  # it writes
    step.close()
    build = now_is(build_id)
    assert (build.state, build.claimed_by, build.attempts) == (BuildState.WAITING, None, 0)
    assert step._building is not None
    step._building[1].join(60)  # in a process of its own it would end with it
    run(stage, "other")
    assert now_is(build_id).state is BuildState.DONE
    assert db.session.execute(select(func.count()).select_from(Bundle)).scalar_one() == 1


def test_cancelled_build_stops_and_leaves_no_half_file(stage: Stage, organiser_id: int) -> None:
    multiply(stage, 6000)
    build_id = request(stage, organiser_id, "minister-anna-b")
    step = BuildStep(stage.app, "one", stage.clock)
    step.take(stage.clock())
    wait_until(lambda: now_is(build_id).total > 0)  # it writes
    with writing():
        builds.cancel(builds.build_numbered(build_id), "organiser 1", stage.clock())
    assert step._building is not None
    step._building[1].join(60)
    assert now_is(build_id).state is BuildState.CANCELLED
    assert builds.files_of(build_id) == []
    OutgoingStep(stage.app).take(stage.clock())
    assert list(stage.site.outgoing.iterdir()) == []


def test_after_three_attempts_a_build_has_failed_and_says_so(
    stage: Stage, organiser_id: int
) -> None:
    sign_many(stage, 2)
    build_id = request(stage, organiser_id)
    stage.site.outgoing.write_text("in the way")  # a fault that no attempt mends
    for attempt in (1, 2, 3):
        run(stage)
        assert now_is(build_id).attempts == attempt
        stage.clock.shift(seconds=11)
    build = now_is(build_id)
    assert build.state is BuildState.FAILED
    assert [message.word for message in builds.messages_of(build)] == ["gave up"]
    assert audit.entries()[-1].action == "build failed"
    assert len(build.bundle_ids) == 2  # what was frozen stays


def test_files_go_after_an_hour_and_what_is_on_no_record_at_once(
    stage: Stage, organiser_id: int
) -> None:
    sign_many(stage, 2)
    build_id = request(stage, organiser_id, "minister-anna-b")
    run(stage)
    [file] = builds.files_of(build_id)
    path = outgoing.path_of(stage.site, file)
    db.session.rollback()
    (path.parent / "stray.zip").write_text("names")
    (stage.site.outgoing / "999").mkdir()
    OutgoingStep(stage.app).take(stage.clock())
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert not (stage.site.outgoing / "999").exists()
    stage.clock.shift(minutes=59)
    OutgoingStep(stage.app).take(stage.clock())
    assert path.exists()
    stage.clock.shift(minutes=1)
    OutgoingStep(stage.app).take(stage.clock())
    OutgoingStep(stage.app).take(stage.clock() + timedelta(minutes=1))
    db.session.rollback()
    assert db.session.get_one(BundleFile, file.id).removed_at == stage.clock()
    assert list(stage.site.outgoing.iterdir()) == []


def test_mails_go_on_while_a_long_list_is_written(
    stage: Stage, organiser_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    multiply(stage, 6000)
    build_id = request(stage, organiser_id, "minister-anna-b")
    step = BuildStep(stage.app, "one", stage.clock)
    step.take(stage.clock())
    wait_until(lambda: now_is(build_id).total > 0)  # it writes
    mails = stage.worker()
    with writing():
        signing.sign(stage.site, stage.cast.petition, form("new@example.org"), stage.clock())
    mails.take(stage.clock())
    assert "new@example.org" in stage.recipients()
    assert now_is(build_id).state is BuildState.RUNNING
    assert step._building is not None
    step._building[1].join(60)
    build = now_is(build_id)
    assert build.state is BuildState.DONE
    [path] = [outgoing.path_of(stage.site, file) for file in builds.files_of(build_id)]
    with zipfile.ZipFile(path) as zipped:
        table = next(name for name in zipped.namelist() if name.endswith("signatures.csv"))
        assert len(zipped.read(table).splitlines()) == 6002


def test_killed_process_is_taken_over(stage: Stage, organiser_id: int, site_of: LiveSite) -> None:
    multiply(stage, 20_000)
    first = started(site_of)
    stage.clock.at = _now()
    build_id = request(stage, organiser_id)
    wait_until(lambda: len(now_is(build_id).bundle_ids) == 2)
    first.kill()
    site_of.forget("worker")
    claimed_by = now_is(build_id).claimed_by
    started(site_of)
    wait_until(lambda: now_is(build_id).claimed_by not in {None, claimed_by}, timeout=60)
    wait_until(lambda: now_is(build_id).state is BuildState.DONE, timeout=60)
    assert db.session.execute(select(func.count()).select_from(Bundle)).scalar_one() == 2
    lines = select(func.count()).select_from(BundleSignature)
    assert db.session.execute(lines).scalar_one() == 20_002
    folder = Path(site_of.environ["PETITIONS_DATA_DIR"]) / "outgoing" / str(build_id)
    assert len(list(folder.iterdir())) == 2


def test_process_that_is_asked_to_stop_ends_before_the_build_and_gives_it_back(
    stage: Stage, organiser_id: int, site_of: LiveSite
) -> None:
    multiply(stage, 20_000)
    process = started(site_of)
    stage.clock.at = _now()
    build_id = request(stage, organiser_id, "minister-anna-b")
    wait_until(lambda: now_is(build_id).total > 0)  # it writes
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    build = now_is(build_id)
    assert (build.state, build.claimed_by, build.attempts) == (BuildState.WAITING, None, 0)
    assert "Traceback" not in site_of.output()


def _now():  # type: ignore[no-untyped-def]  # the clock that the processes read
    from petitions.clock import now

    return now()
