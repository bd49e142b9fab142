"""Addresses of the console with numbers that no row has and signs that no text has: never a 500."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from petitions import clock
from petitions.models import Organisation, Role
from tests.domain.cast import publish
from tests.pages import CheckingClient
from tests.web.organiser.conftest import OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

NUMBERS = ("9" * 23, "-" + "9" * 23, str(2**63), str(2**31), "-1", "٣", "1e3", "%00")
BY_NUMBER = (
    "audit/?before=", "audit/?after=", "deliveries/?petition=", "deliveries/?before=",
    "deliveries/replies/1/new?delivery=", "confirmations/1/signatures?before=",
    "confirmations/1/signatures?after=", "confirmations/1/mails?before=",
    "petitions/1/addressees?added=", "news/?petition=", "confirmations/",
    "confirmations/signature/",
)  # fmt: skip
WORDS = (
    "audit/?who=%00&what=%00&about=%00", "audit/?first_on=0001-01-01&last_on=9999-12-31",
    "officials/?words=%00&country=%00&kind=%00", "deliveries/?outcome=%00",
    "confirmations/1/signatures?state=%00", "confirmations/1/bulk?network=%00&domain=%00",
    "confirmations/1/bulk?since=9999-12-31T23:59&until=0001-01-01T00:00", "cases/%00",
    "confirmations/1/trends?by=%00", "bundles/%00",
)  # fmt: skip


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-30", "0001-01-01"])
def test_no_day_stops_the_record_or_the_pages_of_a_petition(
    signed_in: Callable[..., OrganisersClient],
    site: Any,
    database: SQLAlchemy,
    client: CheckingClient,
    day: str,
) -> None:
    cast = publish(site, clock.now())
    cast.petition.deadline_on = date.fromisoformat(day)
    database.session.merge(Organisation(id=1, name="Lantern", time_zone="Pacific/Auckland"))
    database.session.commit()
    admin = signed_in(Role.ADMIN)
    for page in ("audit/?first_on=", "audit/?last_on="):
        assert admin.get(f"/organiser/{page}{day}").status_code == 200
    for page in ("/", "/petitions/anna-b", "/api/v1/petitions", "/organiser/petitions/1"):
        assert (client if page[1:10] != "organiser" else admin).get(page).status_code == 200


def test_no_question_in_an_address_is_our_fault(
    signed_in: Callable[..., OrganisersClient], site: Any, database: SQLAlchemy
) -> None:
    assert publish(site, clock.now()).petition.id == 1
    database.session.commit()
    admin = signed_in(Role.ADMIN)
    asked = [*WORDS, *(page + number for page in BY_NUMBER for number in NUMBERS)]
    answers = {page: admin.get(f"/organiser/{page}").status_code for page in asked}
    odd = {page: status for page, status in answers.items() if status not in {200, 404, 422}}
    assert not odd
