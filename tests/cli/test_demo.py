"""`petitions demo` as a person starts it: one command and all runs; Ctrl-C, and all ends."""

from __future__ import annotations

import os
import re
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.site import LiveSite
from tests.worker.test_mails import wait_until


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demonstration")


@pytest.fixture
def site(directory: Path) -> LiveSite:
    """Not started; all tests of this module share the data directory."""
    environ = {"PETITIONS_DATA_DIR": str(directory / "data")}
    return LiveSite(environ, directory=directory, demo=True)


@pytest.fixture
def running(site: LiveSite) -> Iterator[LiveSite]:
    (site.directory / "demo.log").unlink(missing_ok=True)
    with site:
        yield site


def log_of(site: LiveSite) -> str:
    return (site.directory / "demo.log").read_text()


def worker_of(site: LiveSite, nth: int = 1) -> int:
    """The process that the demonstration runs as its n-th worker."""
    found: list[str] = []

    def has_started() -> bool:
        found[:] = re.findall(r'event="worker started" pid=(\d+)', log_of(site))
        return len(found) >= nth

    wait_until(has_started)
    return int(found[nth - 1])


def page_of(site: LiveSite, path: str = "/") -> str:
    with urllib.request.urlopen(site.url + path, timeout=60) as answer:  # noqa: S310 - http, ours
        return str(answer.read().decode())


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_demonstration_says_where_it_is_and_serves_both_cases(running: LiveSite) -> None:
    wait_until(lambda: "Petitions is running on" in log_of(running))
    assert f"Petitions is running on {running.url} " in log_of(running)
    data_dir = Path(running.environ["PETITIONS_DATA_DIR"])
    password = (data_dir / "organiser.password").read_text().strip()
    sign_in = f"{running.url}/organiser/ as organiser@example.org / {password}"
    assert f"Organisers sign in on {sign_in}" in log_of(running)
    assert f"{running.url}/mailbox" in log_of(running)
    assert "demonstration" in page_of(running).lower()
    listed = running.run("list").stdout
    assert len(listed.splitlines()) == 3
    data = Path(running.environ["PETITIONS_DATA_DIR"])
    assert data.stat().st_mode & 0o077 == 0
    for secret in ("secret.key", "vault.key", "organiser.password"):
        assert (data / secret).stat().st_mode & 0o077 == 0


def test_worker_that_dies_is_started_again(running: LiveSite) -> None:
    for nth, by in enumerate((signal.SIGKILL, signal.SIGTERM), start=1):
        os.kill(worker_of(running, nth), by)
        assert is_running(worker_of(running, nth + 1))


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_all_processes_end_with_it(by: signal.Signals, running: LiveSite) -> None:
    worker = worker_of(running)
    demo = running.process("demo")
    # As a terminal does: Ctrl-C reaches the whole group.
    os.killpg(demo.pid, by) if by is signal.SIGINT else demo.send_signal(by)
    assert demo.wait(60) == 0
    wait_until(lambda: not is_running(worker))
    assert "Traceback" not in log_of(running)
    with pytest.raises(OSError, match="refused"):
        page_of(running)


def test_killed_demonstration_leaves_no_worker_behind(site: LiveSite) -> None:
    (site.directory / "demo.log").unlink(missing_ok=True)
    site.start()
    worker = worker_of(site)
    site.process("demo").kill()
    site.forget("demo")
    wait_until(lambda: not is_running(worker))


def test_second_start_keeps_what_is_there(site: LiveSite, directory: Path) -> None:
    with site:
        site.run("sample-signatures", "2", "3")
        before = site.run("list").stdout
    data = {"PETITIONS_DATA_DIR": str(directory / "data")}
    with LiveSite(data, directory=directory, demo=True) as again:
        assert again.run("list").stdout == before


def test_two_copies_run_side_by_side(running: LiveSite, tmp_path: Path) -> None:
    environ = {"PETITIONS_DATA_DIR": str(tmp_path / "data")}
    with LiveSite(environ, directory=tmp_path, demo=True) as other:
        assert other.port != running.port
        other.run("sample-signatures", "1", "5")
        assert page_of(other)
        assert page_of(running)
        assert other.run("list").stdout != running.run("list").stdout


def test_port_on_the_command_line_goes_first(tmp_path: Path) -> None:
    site = LiveSite({"PETITIONS_DATA_DIR": str(tmp_path / "data")}, directory=tmp_path, demo=True)
    port = str(site.port)
    site.environ["PORT"] = "1"
    del site.environ["PETITIONS_BASE_URL"]
    site.launch("demo", "--port", port)
    site.wait_until_ready()
    wait_until(lambda: f"http://127.0.0.1:{port} " in log_of(site))
    site.stop()
