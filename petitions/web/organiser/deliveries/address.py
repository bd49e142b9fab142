"""Where the pages on deliveries live, and times as people at the petition's place tell them."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint
from flask_babel import gettext

from petitions.domain.bundle_overview import OfficeName, office_names, titles_of
from petitions.extensions import db
from petitions.models import Bundle, Delivery, Organiser, Petition
from petitions.web.language import wishes
from petitions.web.page_frame import city_of, day

blueprint = Blueprint("deliveries", __name__, url_prefix="/organiser/deliveries")


def when_of(delivery: Delivery, time_zone: str) -> str:
    """Return day and time of an attempt at the petition's place; midnight means: only the day."""
    if delivery.attempted_at is None:
        return ""
    at = delivery.attempted_at.astimezone(ZoneInfo(time_zone))
    if at.time() == time():
        return day(at.date())
    told = {"day": day(at.date()), "time": f"{at:%H:%M}", "city": city_of(time_zone)}
    return str(gettext("%(day)s, %(time)s (%(city)s time)", **told))


def moment_of(on: date | None, at: time | None, time_zone: str) -> datetime | None:
    """Return the moment that a day and a time mean at the petition's place."""
    if on is None:
        return None
    return datetime.combine(on, at or time(), ZoneInfo(time_zone))


def about(bundle: Bundle) -> dict[str, Any]:
    """Return what each page on a delivery says of its bundle."""
    petition = db.session.get_one(Petition, bundle.petition_id)
    return {
        "bundle": bundle,
        "petition": petition,
        "petition_title": titles_of([petition.id], wishes()).get(petition.id, ("", ""))[0],
        "name": name_of(bundle.official_id),
        "when_of": when_of,
    }


def name_of(official_id: int) -> OfficeName:
    """Return how an office is called for who reads the page."""
    return office_names([official_id], wishes())[official_id]


def name_of_actor(actor: str) -> str:
    """Return the name of whom the audit trail calls 'organiser 3'."""
    kind, _, number = actor.partition(" ")
    someone = db.session.get(Organiser, int(number)) if kind == "organiser" else None
    return (someone.name or someone.email) if someone else actor
