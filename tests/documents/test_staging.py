"""What a build leaves beside its output: nothing, or, killed, what the next one clears."""

import fcntl
import os
import select
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from petitions.documents import staging as stages
from petitions.documents.assemble import clear_leftovers
from petitions.documents.staging import partial_file, staging_folder

ROOT = Path(__file__).resolve().parents[2]

# The builder stops where it is told to, by waiting inside the progress callback or the function
# that is put in the way, and says so on its output: no test waits for a time.
BUILDER = """
import os, sys
from pathlib import Path
from petitions.documents import SigningKey, bag, volume, write_bundle
from tests.documents.cast import bundle

def stop(*_args):
    print("stopped", flush=True)
    sys.stdin.read()

def progress(stage, done, total):
    if (stage, done) == (sys.argv[2], 0):
        stop()

if sys.argv[2] == "part":
    bag._write_zip = lambda file, *_rest: (file.write(b"Ana"), file.flush(), stop())
write_bundle(bundle(), Path(sys.argv[1]) / "bundle.zip", SigningKey.generate(), progress)
"""


@contextmanager
def builder_stopped_at(stage: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", BUILDER, str(folder), stage],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as builder:
        assert builder.stdout is not None
        assert builder.stdout.readline() == "stopped\n"
        try:
            yield builder
        finally:
            builder.kill()


def kinds(folder: Path) -> list[str]:
    return sorted("folder" if path.is_dir() else path.suffix for path in folder.iterdir())


@pytest.mark.parametrize(("stage", "left"), [("letter", ["folder"]), ("part", [".part", "folder"])])
def test_leftovers_of_a_killed_build_go_and_those_of_a_living_one_stay(
    stage: str, left: list[str], tmp_path: Path
) -> None:
    with builder_stopped_at(stage, tmp_path) as builder:
        assert kinds(tmp_path) == left
        assert clear_leftovers(tmp_path) == 0
        assert kinds(tmp_path) == left
        builder.send_signal(signal.SIGKILL)
        assert builder.wait() == -signal.SIGKILL
        assert kinds(tmp_path) == left
        assert clear_leftovers(tmp_path) == len(left)
        assert not list(tmp_path.iterdir())


def test_living_build_finishes_after_others_cleared(tmp_path: Path) -> None:
    with builder_stopped_at("bag", tmp_path) as builder:
        assert clear_leftovers(tmp_path) == 0
        builder.communicate()
        assert builder.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["bundle.zip"]


def test_everything_staged_is_its_owners_alone(tmp_path: Path) -> None:
    with builder_stopped_at("bag", tmp_path):
        (folder,) = tmp_path.iterdir()
        modes = {
            path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode)
            for path in [folder, *folder.rglob("*")]
        }
    assert modes["data/record/signatures.csv"] == modes["data/record/signatures.xlsx"] == 0o600
    assert {mode & 0o077 for mode in modes.values()} == {0}


def test_umask_is_as_before_afterwards(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with staging_folder(tmp_path):
            pass
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


# The child is the real one. Its data come through a named pipe that stays open and empty, so it
# would be at work for ever.
PARENT = """
import sys
from pathlib import Path
from petitions.documents.volume import write_volumes
data, out = map(Path, sys.argv[1:])
write_volumes([(data, out)], lambda: None)
"""


def test_child_that_sets_a_volume_ends_with_its_killed_parent(tmp_path: Path) -> None:
    data = tmp_path / "1.json"
    os.mkfifo(data)
    held, given = os.pipe()  # every process of the build has the writing end, and no other
    with subprocess.Popen(
        [sys.executable, "-c", inheriting(given), str(data), str(tmp_path / "x.pdf")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        pass_fds=[given],
    ) as parent:
        os.close(given)
        # Opening for writing waits until the child has opened it for reading: it is at work.
        with data.open("wb"):
            parent.kill()
            assert parent.wait() == -signal.SIGKILL
            # Ends once the last process of the build did: the child too, without its data.
            assert select.select([held], [], [], 60)[0], "the child lives on"
            assert os.read(held, 1) == b""
    os.close(held)
    assert not (tmp_path / "x.pdf").exists()


def inheriting(descriptor: int) -> str:
    """The parent's program, its child keeping the descriptor open as long as it lives."""
    return (
        "import subprocess\n"
        "plain = subprocess.run\n"
        f"subprocess.run = lambda *a, **k: plain(*a, pass_fds=[{descriptor}], **k)\n{PARENT}"
    )


def test_child_writes_for_its_owner_alone(tmp_path: Path) -> None:
    code = (
        "import os, runpy, sys\n"
        "os.umask(0)\n"
        "import petitions.documents.typesetting as typesetting\n"
        "typesetting.typeset = lambda *args: args[2].write_bytes(b'')\n"
        "runpy.run_module('petitions.documents.volume', run_name='__main__')"
    )
    data, out = tmp_path / "1.json", tmp_path / "x.pdf"
    data.write_text('{"day": [2026, 1, 1]}')
    subprocess.run(
        [sys.executable, "-c", code, data, out],
        stdin=(held := os.pipe())[0],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    for descriptor in held:
        os.close(descriptor)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_what_is_no_leftover_stays(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / ".bundle-link").symlink_to(other)
    os.mkfifo(tmp_path / ".bundle-pipe")
    (tmp_path / "bundle.zip").write_bytes(b"")
    (tmp_path / ".bundle-old").mkdir()
    (tmp_path / ".bundle-old" / "names.csv").write_text("Ana")
    assert clear_leftovers(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".bundle-link",
        ".bundle-pipe",
        "bundle.zip",
        "other",
    ]


def test_folder_cleared_between_making_and_locking_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, cleared = fcntl.flock, []

    def flock(handle: int, how: int) -> None:
        if how == fcntl.LOCK_EX and len(cleared) < 2:
            cleared.append(clear_leftovers(tmp_path))
        plain(handle, how)

    monkeypatch.setattr(stages.fcntl, "flock", flock)
    with staging_folder(tmp_path) as folder:
        assert folder.is_dir()
        with partial_file(tmp_path) as (path, _handle):
            assert path.is_file()
            assert clear_leftovers(tmp_path) == 0
    assert cleared == [1, 1]
    assert not list(tmp_path.iterdir())
