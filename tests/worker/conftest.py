"""Fixtures of the worker tests: the cast, a clock that is moved by hand, and workers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast as typed

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from petitions.domain.site import Site
from petitions.worker.mails import MailStep
from tests.domain.cast import Cast, publish
from tests.servers.smtp import SmtpServer


class Clock:
    """Stands still until it is moved; every worker of a test reads the same."""

    def __init__(self, start: datetime) -> None:
        self.at = start

    def __call__(self) -> datetime:
        return self.at

    def shift(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


@dataclass(frozen=True)
class Stage:
    """All that plays in a test of mails: the site with its cast, the relay, the clock, workers."""

    app: Flask
    site: Site
    cast: Cast
    clock: Clock
    database: SQLAlchemy
    smtp: SmtpServer
    steps: list[MailStep] = field(default_factory=list)

    def worker(self, name: str = "one", stopping: threading.Event | None = None) -> MailStep:
        """A new worker's mail step; its connection is closed at the end."""
        self.steps.append(MailStep(self.app, name, stopping or threading.Event(), self.clock))
        return self.steps[-1]

    def recipients(self) -> list[str]:
        """Whom the relay has mail for, in the order it came."""
        return [mail.recipients[0] for mail in self.smtp.mails]


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
def stage(
    app: Flask, database: SQLAlchemy, clock: Clock, smtp_server: SmtpServer
) -> Iterator[Stage]:
    site = typed(Site, app.extensions["petitions"])
    cast = publish(site, clock())
    database.session.commit()
    made = Stage(app, site, cast, clock, database, smtp_server)
    yield made
    for step in made.steps:
        step.close()
