"""Fixtures of the mail tests: the site, the cast, and how the site mails."""

from __future__ import annotations

from datetime import datetime
from typing import cast as typed

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from petitions.domain.site import Site
from petitions.mail.settings import MailSettings
from tests.domain.cast import Cast, publish


@pytest.fixture
def site(app: Flask) -> Site:
    return typed(Site, app.extensions["petitions"])


@pytest.fixture
def mail_settings(app: Flask) -> MailSettings:
    return typed(MailSettings, app.extensions["petitions.mail"])


@pytest.fixture
def cast(database: SQLAlchemy, site: Site, now: datetime) -> Cast:
    made = publish(site, now)
    database.session.commit()
    return made
