"""Fixtures of the domain tests: the site's keys, and the cast on both databases."""

from __future__ import annotations

from datetime import datetime
from typing import cast as typed

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from petitions.domain.site import Site
from tests.domain.cast import Cast, publish


@pytest.fixture
def site(app: Flask) -> Site:
    return typed(Site, app.extensions["petitions"])


@pytest.fixture
def cast(database: SQLAlchemy, site: Site, now: datetime) -> Cast:
    made = publish(site, now)
    database.session.commit()
    return made
