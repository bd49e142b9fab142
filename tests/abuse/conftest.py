"""The site under attack, started on each database by whoever asks first, and the count of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.abuse.attacker.ledger import PROPERTY, Attack
from tests.abuse.target import Target, open_target
from tests.servers.databases import copy_sqlite, postgres_template, sqlite_template
from tests.servers.postgres import temporary_database


@pytest.fixture(scope="session")
def targets(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Target]]:
    """targets("sqlite") or targets("postgresql")."""
    started: dict[str, Target] = {}
    with ExitStack() as stack:

        def target_on(database: str) -> Target:
            if database not in started:
                directory = tmp_path_factory.mktemp(f"attacked-{database}")
                if database == "sqlite":
                    (directory / "data").mkdir(mode=0o700)
                    url = copy_sqlite(sqlite_template(), directory / "data")
                else:
                    server = request.getfixturevalue("postgres")
                    template = postgres_template(server)
                    url = stack.enter_context(temporary_database(server, template=template))
                started[database] = stack.enter_context(open_target(directory, url))
            return started[database]

        yield target_on


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, targets: Callable[[str], Target]) -> Iterator[Target]:
    """The site under attack, on each database."""
    yield from _watched(targets(request.param))


@pytest.fixture
def target(targets: Callable[[str], Target]) -> Iterator[Target]:
    """The site under attack, for attacks to which the database makes no difference."""
    yield from _watched(targets("sqlite"))


@pytest.fixture
def attack(record_property: Callable[[str, object], None]) -> Iterator[Callable[..., Attack]]:
    """attack("list bombing", "one address, many petitions") -> Attack, told in the table."""
    begun: list[Attack] = []

    def begin(kind: str, how: str) -> Attack:
        begun.append(Attack(kind, how))
        return begun[-1]

    yield begin
    for one in begun:
        record_property(PROPERTY, list(one.row))


def _watched(target: Target) -> Iterator[Target]:
    """No attack may make the site fail: whatever it wrote as an error fails the test."""
    seen = len(target.log())
    yield target
    said = target.log()[seen:]
    assert "level=error" not in said, said[-4000:]
    assert "Traceback" not in said, said[-4000:]
