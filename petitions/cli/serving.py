"""`petitions serve`: the web server, granian, around what wsgi.py gives to any other server."""

import errno
import os
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import click

from petitions.cli.house import House, pass_house, settings_of
from petitions.cli.saying import note
from petitions.errors import ConfigurationError

THREADS = 16
"""Each process has as many database connections and a few more: no request waits for one."""
CONNECTIONS = 8192
"""Connections of readers that each process holds open; more of them wait in the kernel. One that
sends nothing for ten seconds is closed."""
_FILES_BESIDE = 512


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: $PORT or 8000]"
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Server processes. One does best on SQLite; on PostgreSQL, one for each core.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=THREADS,
    show_default=True,
    help="Requests answered at the same time by each process.",
)
@pass_house
def serve(house: House, host: str, port: int | None, workers: int, threads: int) -> None:
    """Serve the pages. Run `petitions migrate` before, and `petitions worker` beside it.

    Put a web server with TLS in front and tell how many proxies there are in
    PETITIONS_TRUSTED_PROXIES. Stops on Ctrl-C or SIGTERM, after answering what it was asked.
    """
    from petitions.cli.schema import refuse_unmigrated
    from petitions.extensions import db

    app = house.application()
    refuse_unmigrated(app)
    port = port or settings_of(app).port
    refuse_taken(host, port)
    with app.app_context():
        db.engine.dispose()  # the server's processes open their own
    note(f"Petitions is served on http://{_shown(host)}:{port} (Ctrl-C stops it)")
    listen(host, port, workers=workers, threads=threads)


def listen(
    host: str,
    port: int,
    *,
    workers: int = 1,
    threads: int = THREADS,
    beside: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM. `beside` is called once signals are minded.

    granian says nothing unless something is wrong, and logs no request: paths hold tokens.
    """
    import multiprocessing

    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server.mp import MPServer

    from petitions.cli.inside_server import load_application

    _open_files()
    # glibc would give each of many threads a heap of its own, which keeps what was freed in it.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    # A forked child would inherit open connections and whatever locks were held.
    multiprocessing.set_start_method("spawn", force=True)
    server = MPServer(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=workers,
        backpressure=CONNECTIONS,
        backlog=2048,
        http=HTTPModes.http1,
        # Whoever sends a head slowly is cut off; long URLs have no use here.
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=64 * 1024),
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=_LOG_TO_STDERR,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    )
    if beside:
        server.on_startup(beside)
    server.serve(target_loader=cast(Any, partial(load_application, threads)), wrap_loader=False)


def _open_files() -> None:
    """Allow this process and those it starts as many open files as connections need."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + _FILES_BESIDE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def refuse_taken(host: str, port: int) -> None:
    """Raise ConfigurationError where somebody listens already. granian would share the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = {
                errno.EADDRINUSE: "is taken: stop what runs there, or choose another with --port",
                errno.EACCES: "may not be used by this user: choose one above 1023 with --port",
                errno.EADDRNOTAVAIL: "cannot be had: this machine has no such address",
            }.get(error.errno or 0, "cannot be had")
            raise ConfigurationError(f"port {port} on {host} {reason}") from error
        except OverflowError as error:
            raise ConfigurationError(f"{port} is no port") from error


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


_LOG_TO_STDERR: dict[str, Any] = {
    "handlers": {
        name: {
            "formatter": formatter,
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stderr",
        }
        for name, formatter in (("console", "generic"), ("access", "access"))
    }
}
