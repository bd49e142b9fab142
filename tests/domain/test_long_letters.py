"""A letter of more than two pages: refused before anything is frozen, or let through on record."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import audit
from petitions.domain.letter_preview import letter_preview
from petitions.domain.signing_keys import ensure_signing_key
from petitions.domain.site import Site
from petitions.errors import LetterTooLong
from petitions.extensions import db
from petitions.models import Bundle, Organiser
from tests.domain.cast import Cast
from tests.domain.test_bundles import THREE, frozen, members, recipient, signed, written
from tests.domain.test_letter_edits import MINISTER, words, write

LONG = "\n\n".join(["He was abducted and handed over without any control at the border. " * 6] * 30)


@pytest.fixture(autouse=True)
def _key(site: Site) -> None:
    ensure_signing_key(site.keyring)


@pytest.fixture
def author(database: SQLAlchemy, now: datetime) -> int:
    organiser = Organiser(email="o@example.org", fs_uniquifier="o", created_at=now)
    database.session.add(organiser)
    database.session.flush()
    return organiser.id


def test_letter_over_two_pages_is_refused_with_how_much_and_what_to_do(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, author: int
) -> None:
    signed(site, cast, now, *THREE)
    write(site, cast, now, author, opening=LONG)
    with pytest.raises(LetterTooLong, match=r"two pages by about \d+ lines.*shorten it") as refusal:
        frozen(cast, recipient(cast, MINISTER), now)
    assert refusal.value.lines > 20
    db.session.rollback()
    assert db.session.execute(select(Bundle)).all() == []


def test_reason_lets_it_be_longer_and_stays_in_the_record(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, *, author: int, tmp_path: Path
) -> None:
    signed(site, cast, now, *THREE)
    write(site, cast, now, author, opening=LONG, longer="The court asked for every date.")
    bundle = frozen(cast, recipient(cast, MINISTER), now)
    files = dict(members(written(site, bundle, tmp_path, now)))
    assert b"Longer-Than-Two-Pages: The court asked for every date." in files["bag-info.txt"]
    again = dict(members(written(site, bundle, tmp_path, now)))
    assert again == files
    [told] = [json.loads(one.detail) for one in audit.entries() if one.action == "bundle frozen"]
    assert told["lines_over_two_pages"] > 20


def test_reason_for_a_letter_that_fits_is_not_told(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, *, author: int, tmp_path: Path
) -> None:
    signed(site, cast, now, *THREE)
    write(site, cast, now, author, longer="In case.")
    assert words(site, cast, now).opening == "Anna B is reported missing.", "it is printed nowhere"
    bundle = frozen(cast, recipient(cast, MINISTER), now)
    files = dict(members(written(site, bundle, tmp_path, now)))
    assert b"Longer" not in files["bag-info.txt"]


def test_edit_without_a_reason_is_kept_as_a_version_of_before_reads_it(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, author: int
) -> None:
    from petitions.domain.letter_edits import edit_of

    write(site, cast, now, author, opening="Written for you.")
    shown = letter_preview(site, cast.petition, recipient(cast, MINISTER), now)
    edit = edit_of(shown.letters[-1].bundle.official_id, cast.text.id, "en")
    assert edit is not None
    assert "longer" not in edit.words


def test_reason_given_with_the_command_counts_where_none_was_written(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, author: int
) -> None:
    from petitions.domain import bundles
    from petitions.domain.frozen_letters import kept_reason
    from petitions.extensions import begin_snapshot

    signed(site, cast, now, *THREE)
    write(site, cast, now, author, opening=LONG)
    to = recipient(cast, MINISTER)
    db.session.rollback()
    begin_snapshot()
    [bundle] = bundles.freeze(cast.petition, to, now, longer="By command.")
    assert kept_reason(bundle) == "By command."
