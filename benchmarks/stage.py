"""What the load benchmarks stand on: servers in processes of their own, each on its core.

The web process has core 0 alone; databases, workers and whoever drives it have core 1.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
WEB, OTHERS = 0, 1
_TICKS = os.sysconf("SC_CLK_TCK")
WIDE = "100000000 per minute"


@dataclass(frozen=True, slots=True)
class Server:
    """A process that listens, with all that it has started."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the seconds of processor time of it and its children so far."""
        return sum(_seconds(pid) for pid in family(self.pid))

    def memory(self) -> float:
        """Return the most resident megabytes of one of its processes."""
        return max(_resident(pid) for pid in family(self.pid))


def environ_of(folder: Path, port: int, database: str, limits: str) -> dict[str, str]:
    """Return the settings of a site: everything on, its limits too wide to stop anybody."""
    return {
        "PETITIONS_DATA_DIR": str(folder),
        "PETITIONS_DATABASE_URL": database or f"sqlite:///{folder / 'petitions.db'}",
        "PETITIONS_RATELIMIT_STORAGE_URL": limits,
        "PETITIONS_BASE_URL": f"http://127.0.0.1:{port}",
        "PETITIONS_SIGN_LIMIT": WIDE,
        "PETITIONS_SLOW_LANE": WIDE,
        "PETITIONS_MAIL_PER_HOUR": "0",
        "PETITIONS_MAIL_PER_DOMAIN_AND_HOUR": "0",
        "PORT": str(port),
    }


def stay_on(core: int) -> None:
    """Keep this process, and what it starts from now on, on one core."""
    os.sched_setaffinity(0, {core})


@contextmanager
def running(
    arguments: Sequence[str], port: int, environ: dict[str, str] | None = None, core: int = WEB
) -> Iterator[Server]:
    """Start a Python process on a core, and end it. With a port, wait until it listens."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PETITIONS_")}
    process = subprocess.Popen(
        ["taskset", "-c", str(core), sys.executable, *arguments],
        env=clean | (environ or {}),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        if port:
            _wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def served(environ: dict[str, str], *more: str) -> AbstractContextManager[Server]:
    """Start `petitions serve` with these settings."""
    return running(["-m", "petitions", "serve", *more], int(environ["PORT"]), environ)


@contextmanager
def databases() -> Iterator[tuple[str, str]]:
    """Start PostgreSQL, durable and on disk, and Valkey; give the addresses of both."""
    from tests.servers import postgres, valkey
    from tests.servers.run import close_run_directory, open_run_directory

    open_run_directory()
    try:
        yield postgres.durable_postgres().url, valkey.valkey_url(0)
    finally:
        postgres.stop_postgres()
        valkey.stop_valkey()
        close_run_directory()


def new_database(url: str) -> str:
    """Make an empty database on a server; return its URL."""
    from tests.servers.postgres import PostgresServer

    return PostgresServer(url, f"bench_{secrets.token_hex(4)}").create_database()


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(after_name[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(parents.get(one, ()))
    return found


def _seconds(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    return 0.0


def _resident(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"a server ended with {process.returncode}")
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            return
        time.sleep(0.1)
    raise SystemExit("a server did not answer within a minute")
