"""The demonstration's two cases in the test's own database, and ways to sign."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from werkzeug.test import TestResponse

from petitions import clock
from tests.documents.pictures import emblem
from tests.pages import CheckingClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

PAST = "yusup-kasymakhunov"
OPEN = "mirsobir-khamidkariev"
ANNA = {
    "name": "Anna Sigurðardóttir",
    "initials": "",
    "email": "anna@example.org",
    "country": "IS",
    "place": "Akureyri",
    "appearance": "full",
    "consent": "yes",
}


only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Loaded:
    """The slugs of the two petitions, by what makes them different."""

    open: str
    past: str


@pytest.fixture
def site(app: Flask) -> Any:
    return app.extensions["petitions"]


@pytest.fixture
def loaded(copied_demonstration: None, database: SQLAlchemy, frozen_time: object) -> Loaded:
    """The demonstration's data; the clock stands still at `now`, when it was loaded."""
    return petitions_in(database)


@pytest.fixture
def running(database: SQLAlchemy, site: Any) -> Loaded:
    """The demonstration's data, while the clock goes on: for what is measured in real time."""
    from petitions.domain.demonstration import load_demonstration

    load_demonstration(clock.now(), site.keyring)
    database.session.commit()
    return petitions_in(database)


def petitions_in(database: SQLAlchemy) -> Loaded:
    from petitions.models import Petition

    rows = database.session.execute(select(Petition).order_by(Petition.id)).scalars().all()
    past = next(row.slug for row in rows if row.deadline_on)
    return Loaded(open=next(row.slug for row in rows if not row.deadline_on), past=past)


@pytest.fixture
def pictured(database: SQLAlchemy, loaded: Loaded) -> int:
    """Both cases with a picture each; the id of the open one."""
    from petitions.domain import uploads
    from petitions.models import Case, Picture, PictureText

    made = uploads.picture(emblem())
    size = {"width": made.width, "height": made.height, "credit": "A friend"}
    for case in database.session.execute(select(Case)).scalars():
        picture = Picture(
            case_id=case.id, position=1, media_type=made.media_type, content=made.content, **size
        )
        database.session.add(picture)
        database.session.flush()
        words = PictureText(picture_id=picture.id, language=case.source_language, alt="A desk")
        database.session.add(words)
    database.session.commit()
    return database.session.execute(select(Case.id).where(Case.slug == OPEN)).scalar_one()


@pytest.fixture
def sign(client: CheckingClient) -> Callable[..., TestResponse]:
    """Fetch the petition's page for its stamp, and send the form as a browser would."""

    def send(petition: str = OPEN, *, environ: dict[str, str] | None = None, **typed: str) -> Any:
        stamp = stamp_in(client.get(f"/petitions/{petition}").text)
        form = {"stamp": stamp, **ANNA, **typed}
        address = f"/petitions/{petition}/sign"
        return client.post(address, data=form, environ_overrides=environ or {})

    return send


@pytest.fixture
def signed(
    sign: Callable[..., TestResponse], database: SQLAlchemy, site: Any
) -> Callable[..., Any]:
    """Sign, and return the new signature's row."""
    from petitions.models import Signature

    def do(petition: str = OPEN, **typed: str) -> Any:
        assert sign(petition, **typed).status_code == 303
        newest = select(Signature).order_by(Signature.id.desc()).limit(1)
        return database.session.execute(newest).scalar_one()

    return do


@pytest.fixture
def link(site: Any) -> Callable[..., str]:
    """Mint the links that the worker would mail for a signature."""

    def mint(purpose: str, signature: Any, at: datetime | None = None) -> str:
        from petitions import tokens

        ids = [signature.id]
        if purpose == "news":
            about = [_news_about(signature, at or clock.now())]
            return f"/news/{site.tokens.mint(tokens.NEWS, about, at or clock.now())}"
        made = {
            "confirm": (tokens.CONFIRM, [*ids, tokens.text_of(b"k" * 32)]),
            "not-me": (tokens.NOT_ME, [*ids, tokens.text_of(b"k" * 32)]),
            "my-signature": (tokens.MY_SIGNATURE, [signature.id]),
            "also-sign": (tokens.ANOTHER, [*ids, _address_in_link(site, signature.id)]),
            "unsubscribe": (tokens.UNSUBSCRIBE, ids),
        }[purpose]
        return f"/{purpose}/{site.tokens.mint(*made, at or clock.now())}"

    return mint


def _news_about(signature: Any, now: datetime) -> int:
    """News of the petition that a signature is on, written when it is first asked for."""
    from petitions.extensions import db
    from petitions.models import News, NewsState, NewsText, Organiser

    known = select(News.id).where(News.petition_id == signature.petition_id)
    number: int | None = db.session.execute(known).scalars().first()
    if number is None:
        author = db.session.execute(select(Organiser)).scalars().first()
        if author is None:
            author = Organiser(
                email="n@example.org", name="N", password="x", fs_uniquifier="n", created_at=now
            )
            db.session.add(author)
            db.session.flush()
        news = News(
            petition_id=signature.petition_id, state=NewsState.DRAFT, per_hour=60,
            created_by=author.id, created_at=now, written_by=[],
        )  # fmt: skip
        db.session.add(news)
        db.session.flush()
        text = "He was *seen*. [More](https://elsewhere.example/x)"
        db.session.add(
            NewsText(news_id=news.id, language="en", title="Mirsobir is seen", text=text)
        )
        db.session.commit()
        number = news.id
    return number


def _address_in_link(site: Any, signature_id: int) -> str:
    from petitions.domain.second_signing import sealed_for_link
    from petitions.tokens import text_of

    return text_of(sealed_for_link(site, signature_id, "anna@example.org"))


@pytest.fixture
def counted(database: SQLAlchemy) -> Callable[[], dict[str, int]]:
    """Row counts of all tables, to show that nothing changed."""

    def count() -> dict[str, int]:
        # The key of the day is made with the day's first request, whatever that is.
        tables = [table for table in database.metadata.sorted_tables if table.name != "day_key"]
        return {
            table.name: database.session.execute(
                select(func.count()).select_from(table)
            ).scalar_one()
            for table in tables
        }

    return count


def take_away(database: SQLAlchemy, language: str) -> None:
    """Let the demonstration's petitions say nothing in a language."""
    from petitions.models import AskText, ConsentText, PetitionText

    for table in (PetitionText, AskText, ConsentText):
        database.session.execute(delete(table).where(table.language == language))
    database.session.commit()


def stamp_in(html: str) -> str:
    found = re.search(r'name="stamp" value="([^"]+)"', html)
    assert found, "no stamp in the page"
    return found[1]


def typed_values(html: str) -> dict[str, str | None]:
    """What the page's first form would send if its button were pressed."""
    form = lxml.html.document_fromstring(html).forms[0]
    return dict(form.form_values())
