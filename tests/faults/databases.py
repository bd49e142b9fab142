"""Breaking the database below a site."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from random import Random

import psycopg
from psycopg import sql

from tests.faults.world import World


def away(world: World, random: Random) -> None:
    """SQLite: nobody else writes. PostgreSQL: all are thrown out, and nobody comes in."""
    seconds = random.uniform(1, 8)
    if world.server is None:
        path = world.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            connection.execute("ROLLBACK")
        return
    with _altered(world, "ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true"):
        time.sleep(seconds)


def read_only(world: World, random: Random) -> None:
    """SQLite: on a disk that turned read-only before the machine started again. PostgreSQL: as
    after going over to a copy that may not be written to yet."""
    seconds = random.uniform(2, 5)
    if world.server is not None:
        on = "SET default_transaction_read_only = on"
        with _altered(world, on, "RESET default_transaction_read_only"):
            time.sleep(seconds)
        return
    names = ["serve", *world.workers()]
    world.kill(*names)
    with world.read_only_disk():
        world.start_web()
        world.start_worker()
        time.sleep(5 + seconds)


def out_of_connections(world: World, random: Random) -> None:
    """Others take all connections of the server, those of the site first."""
    assert world.server is not None
    seconds = random.uniform(2, 5)
    with ExitStack() as stack, psycopg.connect(world.server.url, autocommit=True) as connection:
        _take_all(stack, world.server.url)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            _throw_out(connection, world)
            _take_all(stack, world.server.url)
            time.sleep(0.05)


def _take_all(stack: ExitStack, url: str) -> None:
    with suppress(psycopg.OperationalError):
        while True:
            stack.enter_context(closing(psycopg.connect(url)))


@contextmanager
def _altered(world: World, broken: str, healed: str) -> Iterator[None]:
    """Something is set for the database of the site, and everybody has to come in again."""
    assert world.server is not None
    alter = sql.SQL("ALTER DATABASE {} ").format(sql.Identifier(world.url.rpartition("/")[2]))
    with psycopg.connect(world.server.url, autocommit=True) as connection:
        connection.execute(alter + sql.SQL(broken))  # type: ignore[arg-type]  # one of ours
        try:
            _throw_out(connection, world)
            yield
        finally:
            connection.execute(alter + sql.SQL(healed))  # type: ignore[arg-type]  # one of ours


def _throw_out(connection: psycopg.Connection, world: World) -> None:
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
        [world.url.rpartition("/")[2]],
    )
