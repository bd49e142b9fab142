"""Fixtures for all tests. Whatever touches the database runs on SQLite and on PostgreSQL.

Only on one of them: @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import time_machine
from flask import Flask

from tests.abuse.attacker import ledger
from tests.house.report import long_modules
from tests.pages import CheckingClient
from tests.reuse import work_out_once
from tests.servers import databases, postgres, valkey
from tests.servers.databases import DEMONSTRATION, EMPTY
from tests.servers.postgres import PostgresServer, temporary_database
from tests.servers.run import UnavailableError, close_run_directory, open_run_directory
from tests.servers.site import LiveSite
from tests.servers.smtp import SmtpServer
from tests.settings import environ_for, settings_for

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy
    from playwright.sync_api import Browser, Page

    from petitions.config import Settings

# Slow machines are no reason to fail; a found example is printed with what reproduces it.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")
work_out_once()


# The run: the controller (or the only process) owns the servers.


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--attacks-to",
        metavar="FILE",
        help="write the table of attacks (tests/abuse) into this document, between its marks",
    )


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    open_run_directory()
    if getattr(config.option, "numprocesses", None) and not config.option.collectonly:
        # Workers come and go, and each of them may be the first to need a server.
        for provide in (postgres.postgres_server, valkey.valkey_url):
            # Each test that needs it is skipped with the reason.
            with suppress(UnavailableError):
                provide()


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    if os.environ.get("TEST_DATABASE_URL"):
        postgres.postgres_server().drop_all()
    postgres.stop_postgres()
    valkey.stop_valkey()
    close_run_directory()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if config.args_source is config.ArgsSource.TESTPATHS and (lines := long_modules()):
        terminalreporter.section("modules that may hide a second idea")
        for line in lines:
            terminalreporter.write_line(line)
    reports = [one for found in terminalreporter.stats.values() for one in found]
    if attacks := ledger.rows_of(reports):
        terminalreporter.section("attacks")
        for line in ledger.table(attacks):
            terminalreporter.write_line(line)
        if file := config.getoption("--attacks-to"):
            ledger.write(attacks, Path(file))


# Servers.


@pytest.fixture(scope="session")
def postgres_or_skip() -> PostgresServer:
    try:
        return postgres.postgres_server()
    except UnavailableError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session", name="postgres")
def postgres_fixture(postgres_or_skip: PostgresServer) -> PostgresServer:
    """The PostgreSQL of this run, for tests that make databases themselves."""
    return postgres_or_skip


@pytest.fixture
def redis_url() -> str:
    """An empty Redis database that no other xdist worker uses."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    try:
        url = valkey.valkey_url(1 + worker)
    except UnavailableError as reason:
        pytest.skip(str(reason))
    valkey.empty_valkey(url)
    return url


@pytest.fixture(scope="session")
def _smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def smtp_server(_smtp: SmtpServer) -> Iterator[SmtpServer]:
    """The mailbox of everybody; empty at the start of each test."""
    _smtp.reset()
    yield _smtp
    _smtp.reset()


# Databases.


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of this test's own: empty, or with what `copied_demonstration` says."""
    contents = DEMONSTRATION if "copied_demonstration" in request.fixturenames else EMPTY
    if request.param == "sqlite":
        yield databases.copy_sqlite(databases.sqlite_template(contents), tmp_path)
        return
    server = request.getfixturevalue("postgres")
    template = databases.postgres_template(server, contents)
    with temporary_database(server, template=template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def unmigrated_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, for tests of migrations."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'petitions.db'}"
        return
    with temporary_database(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def copied_demonstration(settings: Settings) -> None:
    """The demonstration is in this test's database as it is right after loading, its keys too."""
    databases.copy_demonstration_keys(settings.database_url, settings.data_dir)


# The application, in this process.


@pytest.fixture
def settings(tmp_path: Path, database_url: str, smtp_server: SmtpServer) -> Settings:
    """Override this fixture in a module or class to run its tests with other settings."""
    return settings_for(tmp_path, database_url, PETITIONS_SMTP_URL=smtp_server.url)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application; no context is pushed (see `database`)."""
    from petitions import create_app
    from petitions.extensions import db

    made = create_app(settings)
    made.testing = True
    made.test_client_class = CheckingClient
    yield made
    with made.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    """Fetches pages and checks each of them. For another person: app.test_client()."""
    made = app.test_client()
    assert isinstance(made, CheckingClient)
    return made


@pytest.fixture
def database(app: Flask) -> Iterator[SQLAlchemy]:
    """The application's `db` in a context of the test's own.

    The client commits what the test has prepared before each request and forgets what was loaded
    after it, so that the test sees what the request left behind.
    """
    from petitions.extensions import db

    with app.app_context():
        yield db
        db.session.rollback()


@pytest.fixture
def now() -> datetime:
    """The moment at which tests happen, to be passed down; aware, UTC. Pi day, a Saturday."""
    return databases.NOW


@pytest.fixture
def frozen_time(now: datetime) -> Iterator[time_machine.Traveller]:
    """Stops this process's clock at `now`: frozen_time.shift(timedelta(days=2)), .move_to(…)."""
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


# The site, in processes of its own, and browsers.


@pytest.fixture
def live_site(tmp_path: Path, database_url: str, smtp_server: SmtpServer) -> Iterator[LiveSite]:
    """`serve` and `worker`, started and stopped as an operator would, on both databases."""
    environ = environ_for(tmp_path / "data", database_url, PETITIONS_SMTP_URL=smtp_server.url)
    with LiveSite(environ, directory=tmp_path / "site") as site:
        yield site


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """One `demo` per worker for tests that leave no trace in it, such as looks at its pages."""
    directory = tmp_path_factory.mktemp("demo")
    environ = {"PETITIONS_DATA_DIR": str(directory / "data")}
    with LiveSite(environ, directory=directory, demo=True) as site:
        yield site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from tests.servers.browser import open_browser

    with ExitStack() as stack:
        try:
            opened = stack.enter_context(open_browser())
        except UnavailableError as reason:
            pytest.skip(str(reason))
        yield opened


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """new_page(scripts=True, viewport="desktop", **options of Playwright's new_context) -> Page"""
    from tests.servers.browser import open_page

    with ExitStack() as stack:

        def make(*, scripts: bool = True, viewport: str = "desktop", **options: Any) -> Page:
            return stack.enter_context(
                open_page(browser, scripts=scripts, viewport=viewport, **options)
            )

        yield make


@pytest.fixture
def page_with_scripts(new_page: Callable[..., Page]) -> Page:
    return new_page(scripts=True)


@pytest.fixture
def page_without_scripts(new_page: Callable[..., Page]) -> Page:
    return new_page(scripts=False)
