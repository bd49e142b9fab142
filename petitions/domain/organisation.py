"""The organisation that runs the site: who it is, what is missing, what its letters look like.

One row. From it come /about, /privacy and the head of every letter.
"""

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from petitions.documents.colours import READABLE_CONTRAST, contrast_with_white, is_colour
from petitions.domain import audit
from petitions.domain.contact_shapes import LONGEST, is_email, is_https
from petitions.domain.fingerprints import refuse_changed
from petitions.errors import ChangedMeanwhile, NotFound, Refused
from petitions.extensions import db
from petitions.models import Organisation

_SUBJECT = "organisation"
_LONG = frozenset({"about", "controller"})
"""Told in the audit trail by their length alone."""
_LONGEST_PHONE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationFacts:
    """What organisers enter of their organisation, its letterhead apart."""

    name: str = ""
    about: str = ""
    postal_address: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    website: str = ""
    controller: str = ""
    languages: tuple[str, ...] = ("en",)
    time_zone: str = "UTC"
    accent_colour: str = ""
    authors_publish: bool = True
    second_step_for_all: bool = False


def the_organisation(*, locked: bool = False) -> Organisation | None:
    """Return the organisation, or None before set-up; `locked` until the transaction ends."""
    query = select(Organisation)
    return db.session.execute(query.with_for_update() if locked else query).scalar_one_or_none()


def asks_everybody_for_second_step() -> bool:
    """Whether no organiser at all may sign in without the second step."""
    query = select(Organisation.second_step_for_all)
    return bool(db.session.execute(query).scalar_one_or_none())


def facts_of(organisation: Organisation | None) -> OrganisationFacts:
    """Return what is known now; before set-up, what a new form begins with."""
    if organisation is None:
        return OrganisationFacts()
    values = {each.name: getattr(organisation, each.name) for each in fields(OrganisationFacts)}
    return OrganisationFacts(**{**values, "languages": tuple(organisation.languages)})


def values_of(facts: OrganisationFacts) -> dict[str, Any]:
    """Return facts as plain values, for fingerprints and the audit trail."""
    values = {each.name: getattr(facts, each.name) for each in fields(facts)}
    return {**values, "languages": list(facts.languages)}


def missing(organisation: Organisation | None) -> list[str]:
    """Return what readers and letters need and nobody has entered yet.

    The words are 'name', 'postal address' (letters), 'controller' and 'contact' (/privacy).
    """
    facts = facts_of(organisation)
    needed = {
        "name": facts.name,
        "postal address": facts.postal_address,
        "controller": facts.controller,
        "contact": facts.contact_email,
    }
    return [word for word, value in needed.items() if not value.strip()]


def save_organisation(
    facts: OrganisationFacts, *, seen: str, actor: str, now: datetime
) -> Organisation:
    """Enter the organisation, or change it.

    Raises ChangedMeanwhile, and Refused: 'needed' (name), 'too long', 'no e-mail', 'not https',
    'no colour', 'not a time zone', 'no language'.
    """
    organisation = the_organisation(locked=True)
    before = facts_of(organisation)
    refuse_changed(seen, values_of(before))
    _check(facts)
    is_new = organisation is None
    organisation = organisation or Organisation(id=1)
    for name, value in values_of(facts).items():
        setattr(organisation, name, value)
    db.session.add(organisation)
    try:
        db.session.flush()
    except IntegrityError:  # two people set the site up at once
        raise ChangedMeanwhile(values_of(before)) from None
    action = "organisation entered" if is_new else "organisation changed"
    if detail := _changed(values_of(before), values_of(facts)):
        audit.record(actor, action, _SUBJECT, detail, now)
    return organisation


def keep_letterhead(png: bytes, *, actor: str, now: datetime) -> None:
    """Let letters begin with a picture, as `uploads.letterhead` made it. Raises NotFound."""
    _put_letterhead(png, actor, "letterhead changed", now)


def remove_letterhead(*, actor: str, now: datetime) -> None:
    """Let letters begin with the name in plain type. Raises NotFound."""
    _put_letterhead(None, actor, "letterhead removed", now)


def is_readable(colour: str) -> bool:
    """Whether text in a colour ('#rrggbb', or none) can be read on white paper."""
    return not is_colour(colour) or contrast_with_white(colour) >= READABLE_CONTRAST


def _put_letterhead(content: bytes | None, actor: str, action: str, now: datetime) -> None:
    organisation = the_organisation(locked=True)
    if organisation is None:
        raise NotFound("the organisation has not been entered yet")
    detail = {"before": _digest(organisation.letterhead), "after": _digest(content)}
    organisation.letterhead = content
    db.session.flush()
    if detail["before"] != detail["after"]:
        audit.record(actor, action, _SUBJECT, detail, now)


def _check(facts: OrganisationFacts) -> None:
    lines = {"name": facts.name, "contact_email": facts.contact_email, "website": facts.website}
    for field, value in lines.items():
        if len(value) > LONGEST:
            raise Refused("too long", field)
    rules = (
        (bool(facts.name), "needed", "name"),
        (not facts.contact_email or is_email(facts.contact_email), "no e-mail", "contact_email"),
        (len(facts.contact_phone) <= _LONGEST_PHONE, "too long", "contact_phone"),
        (not facts.website or is_https(facts.website), "not https", "website"),
        (bool(facts.languages), "no language", "languages"),
        (facts.time_zone in available_timezones(), "not a time zone", "time_zone"),
        (not facts.accent_colour or is_colour(facts.accent_colour), "no colour", "accent_colour"),
    )
    for holds, reason, field in rules:
        if not holds:
            raise Refused(reason, field)


def _changed(was: dict[str, Any], is_now: dict[str, Any]) -> dict[str, object]:
    changed = [name for name in was if was[name] != is_now[name]]
    if not changed:
        return {}
    return {
        "fields": changed,
        "before": {name: _told(name, was[name]) for name in changed},
        "after": {name: _told(name, is_now[name]) for name in changed},
    }


def _told(name: str, value: Any) -> Any:
    return f"{len(value)} characters" if name in _LONG else value


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()
