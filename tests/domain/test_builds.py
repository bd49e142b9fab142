"""Builds as organisers ask for them; what a worker does with them is in tests/worker."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from flask_sqlalchemy import SQLAlchemy

from petitions.domain import audit, build_work, builds, bundle_overview, bundles
from petitions.domain.builds import BuildMessage
from petitions.domain.site import Site
from petitions.errors import NotFound, Refused
from petitions.models import Appearance, BuildState, BundleBuild, Organiser
from tests.domain.cast import Cast, embassy
from tests.domain.test_bundles import signed

A = Appearance


@pytest.fixture
def organiser_id(database: SQLAlchemy, now: datetime) -> int:
    made = Organiser(email="d@example.org", fs_uniquifier="d", created_at=now)
    database.session.add(made)
    database.session.flush()
    return made.id


def ask(cast: Cast, organiser_id: int, now: datetime, *officials: int) -> tuple[BundleBuild, bool]:
    return builds.request(
        cast.petition, officials, language=None, organiser_id=organiser_id, now=now
    )


def test_build_is_asked_for_once_and_the_trail_says_by_whom(
    cast: Cast, organiser_id: int, now: datetime
) -> None:
    minister = cast.minister.official_id
    assert minister
    build, is_new = ask(cast, organiser_id, now, minister, minister)
    assert is_new
    assert (build.state, build.official_ids) == (BuildState.WAITING, [minister])
    assert ask(cast, organiser_id, now, minister) == (build, False)
    entry = audit.latest(f"build {build.id}")
    assert entry is not None
    assert (entry.actor, entry.action) == (f"organiser {organiser_id}", "bundles requested")
    assert json.loads(entry.detail)["officials"] == [minister]


def test_nobody_and_strangers_are_refused(cast: Cast, organiser_id: int, now: datetime) -> None:
    with pytest.raises(Refused, match="nobody chosen"):
        ask(cast, organiser_id, now)
    with pytest.raises(Refused, match="not addressed"):
        ask(cast, organiser_id, now, 999)


def test_after_it_is_cancelled_another_may_be_asked_for(
    cast: Cast, organiser_id: int, now: datetime
) -> None:
    minister = cast.minister.official_id
    assert minister
    build, _ = ask(cast, organiser_id, now, minister)
    builds.cancel(build, "organiser 9", now)
    assert (build.state, build.finished_at) == (BuildState.CANCELLED, now)
    with pytest.raises(Refused, match="over"):
        builds.cancel(build, "organiser 9", now)
    other, is_new = ask(cast, organiser_id, now, minister)
    assert is_new
    assert other.id != build.id
    assert build_work.claim("a worker", now) == other.id


def test_file_that_is_not_on_record_is_not_found(site: Site, cast: Cast, now: datetime) -> None:
    with pytest.raises(NotFound):
        builds.fetch_file(site, 999, "organiser 9", now)


@pytest.mark.parametrize(
    "message", [BuildMessage("nothing", 3), BuildMessage("refused", 4, "no text | no letter")]
)
def test_message_is_read_as_it_was_kept(message: BuildMessage) -> None:
    assert BuildMessage.of(message.line()) == message


def test_embassies_share_what_was_counted_once_by_country(
    site: Site, cast: Cast, now: datetime
) -> None:
    embassy("uz-london", "GB", "IE")
    embassy("uz-berlin", "DE")
    signed(site, cast, now, ("Ada", "GB", A.FULL), ("Dara", "IE", A.COUNTED), ("Kim", "KR", A.FULL))
    lines = {
        line.recipient.official.slug: line.eligible
        for line in bundle_overview.recipient_lines(cast.petition, ["en"])
    }
    assert lines["minister-anna-b"].eligible == 3
    assert (lines["uz-london"].eligible, lines["uz-london"].counted) == (2, 1)
    assert lines["uz-berlin"].eligible == 0
    london = bundles.recipient_named(cast.petition, "uz-london")
    assert bundle_overview.not_eligible(cast.petition, london) == [("elsewhere", 1)]
