"""The demonstration on both databases, started once in each xdist worker for all its tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys.staging import SIGN_LIMIT, Stage
from tests.journeys.visiting import Visitor, new_network
from tests.servers.postgres import temporary_database
from tests.servers.site import LiveSite
from tests.servers.smtp import SmtpServer


@pytest.fixture(scope="session")
def stages(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Stage]]:
    """stages("sqlite") or stages("postgresql"): started by whoever asks first."""
    started: dict[str, Stage] = {}
    with ExitStack() as stack:

        def stage_on(database: str) -> Stage:
            if database not in started:
                directory = tmp_path_factory.mktemp(f"journeys-{database}")
                url = f"sqlite:///{directory / 'data' / 'petitions.db'}"
                if database == "postgresql":
                    server = request.getfixturevalue("postgres")
                    url = stack.enter_context(temporary_database(server))
                # Its own: the shared one is emptied for each test, and breaks kept connections.
                smtp = stack.enter_context(SmtpServer())
                environ = {
                    "PETITIONS_DATA_DIR": str(directory / "data"),
                    # Tests change rows behind the site's back, and look at once; what is kept of
                    # pages, and for how long, has tests of its own.
                    "PETITIONS_PAGE_CACHE_MB": "0",
                    "PETITIONS_DATABASE_URL": url,
                    "PETITIONS_SMTP_URL": smtp.url,
                    "PETITIONS_TRUSTED_PROXIES": "1",
                    "PETITIONS_SIGN_LIMIT": f"{SIGN_LIMIT} per minute",
                    # Two mails of one journey follow each other at once; the gap has other tests.
                    "PETITIONS_MAIL_GAP_SECONDS": "0",
                }
                site = LiveSite(environ, directory=directory, demo=True)
                stack.enter_context(site)
                started[database] = Stage(site, smtp, directory / "data", url)
            return started[database]

        yield stage_on


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, stages: Callable[[str], Stage]) -> Iterator[Stage]:
    """The running site; what it said is shown with a test that fails."""
    made = stages(request.param)
    yield made
    print(made.site.output())


@pytest.fixture
def sqlite_stage(stages: Callable[[str], Stage]) -> Iterator[Stage]:
    """The running site on SQLite, for journeys in which the database makes no difference."""
    made = stages("sqlite")
    yield made
    print(made.site.output())


@pytest.fixture
def visitor(stage: Stage) -> Visitor:
    return stage.visitor()


@pytest.fixture
def open_window(new_page: Callable[..., Page]) -> Callable[..., Page]:
    """open_window(scripts=…, viewport=…): a browser window behind a network of its own."""

    def opened(**options: Any) -> Page:
        network = options.pop("network", None) or new_network()
        options |= {"extra_http_headers": {"X-Forwarded-For": network}}
        # Whoever wants no motion is not made to wait for it either.
        return new_page(reduced_motion="reduce", **options)

    return opened
