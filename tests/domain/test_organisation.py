"""The organisation and its contact offices: what is missing, refused, kept and told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import audit, contact_offices, organisation
from petitions.domain.contact_offices import ContactOfficeFacts, OfficeNeeded
from petitions.domain.fingerprints import fingerprint
from petitions.domain.letter_sample import SampleWords, sample_letter_pdf
from petitions.domain.organisation import OrganisationFacts, facts_of, missing, values_of
from petitions.domain.presenting import organisation_page
from petitions.errors import ChangedMeanwhile, NotFound, Refused
from petitions.models import AfterDeadline, ContactOffice, Organisation, PetitionState
from tests.documents.pictures import emblem
from tests.domain import cast

WATCH = OrganisationFacts(
    name="Watch",
    about="We watch.\n\nEvery day.",
    postal_address="1 Quay\nHaven",
    contact_email="office@watch.example.org",
    contact_phone="+44 20 7946 0000",
    website="https://watch.example.org/",
    controller="Watch, 1 Quay, Haven",
    languages=("en", "ru"),
    time_zone="Europe/Berlin",
    accent_colour="#7a3b00",
    authors_publish=False,
)
GERMANY = ContactOfficeFacts(
    country="DE", name="Watch Deutschland", details="Ask us.", email="de@watch.example.org"
)
SAMPLE = SampleWords(
    language="en",
    reference="SAMPLE",
    office="Minister",
    postal_lines=("1 Street",),
    salutation="Dear Minister",
    subject="A sample",
    opening="This is a sample.",
    asks=("Say where she is",),
    closing="Yours faithfully",
)


def save(now: datetime, facts: OrganisationFacts = WATCH, seen: str = "") -> Organisation:
    return organisation.save_organisation(facts, seen=seen, actor="organiser 1", now=now)


def last(subject: str = "organisation") -> Any:
    entry = audit.latest(subject)
    assert entry is not None
    return entry


def test_before_set_up_everything_is_missing(database: SQLAlchemy) -> None:
    assert missing(None) == ["name", "postal address", "controller", "contact"]
    assert organisation_page() is None


def test_name_alone_is_enough_to_begin(database: SQLAlchemy, now: datetime) -> None:
    made = save(now, OrganisationFacts(name="Watch"))
    assert missing(made) == ["postal address", "controller", "contact"]
    assert last().action == "organisation entered"


def test_all_is_kept_and_nothing_is_missing(database: SQLAlchemy, now: datetime) -> None:
    made = save(now)
    database.session.expire_all()
    assert facts_of(made) == WATCH
    assert missing(made) == []


def test_change_is_told_with_before_and_after(database: SQLAlchemy, now: datetime) -> None:
    save(now)
    seen = fingerprint(values_of(WATCH))
    changed = replace(WATCH, contact_email="post@watch.example.org", about="We look.")
    save(now, changed, seen)
    detail = json.loads(last().detail)
    assert last().action == "organisation changed"
    assert detail["fields"] == ["about", "contact_email"]
    assert detail["before"]["contact_email"] == "office@watch.example.org"
    assert detail["after"] == {"about": "8 characters", "contact_email": "post@watch.example.org"}


def test_change_after_somebody_elses_is_told(database: SQLAlchemy, now: datetime) -> None:
    seen = fingerprint(values_of(OrganisationFacts()))
    save(now, WATCH, seen)
    with pytest.raises(ChangedMeanwhile) as told:
        save(now, replace(WATCH, name="Ward"), seen)
    assert told.value.values["name"] == "Watch"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (replace(WATCH, name=""), "name"),
        (replace(WATCH, name="W" * 301), "name"),
        (replace(WATCH, contact_email="office"), "contact_email"),
        (replace(WATCH, contact_phone="1" * 61), "contact_phone"),
        (replace(WATCH, website="http://watch.example.org"), "website"),
        (replace(WATCH, languages=()), "languages"),
        (replace(WATCH, time_zone="Mars/Olympus"), "time_zone"),
        (replace(WATCH, accent_colour="brown"), "accent_colour"),
    ],
)
def test_what_cannot_be_is_refused(
    database: SQLAlchemy, now: datetime, facts: OrganisationFacts, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        save(now, facts)
    assert refused.value.field == field


def test_letterhead_is_kept_as_png_and_removed(database: SQLAlchemy, now: datetime) -> None:
    made = save(now)
    organisation.keep_letterhead(emblem((40, 20)), actor="organiser 1", now=now)
    assert made.letterhead is not None
    assert made.letterhead.startswith(b"\x89PNG")
    assert last().action == "letterhead changed"
    organisation.remove_letterhead(actor="organiser 1", now=now)
    assert made.letterhead is None
    assert last().action == "letterhead removed"


def test_letterhead_needs_an_organisation(database: SQLAlchemy, now: datetime) -> None:
    with pytest.raises(NotFound):
        organisation.keep_letterhead(emblem((40, 20)), actor="organiser 1", now=now)


def test_pale_colours_are_not_readable() -> None:
    assert organisation.is_readable("#7a3b00")
    assert organisation.is_readable("")
    assert not organisation.is_readable("#ffcc00")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sample_letter_is_a_pdf(database: SQLAlchemy, now: datetime) -> None:
    with pytest.raises(NotFound):
        sample_letter_pdf(SAMPLE, now.date())
    save(now)
    organisation.keep_letterhead(emblem((400, 80)), actor="organiser 1", now=now)
    assert sample_letter_pdf(SAMPLE, now.date()).startswith(b"%PDF-")


def test_contact_office_is_added_changed_and_deleted(database: SQLAlchemy, now: datetime) -> None:
    made = contact_offices.add_contact_office(GERMANY, actor="organiser 1", now=now)
    subject = f"contact office {made.id}"
    assert last(subject).action == "contact office added"
    changed = replace(GERMANY, name="Watch in Germany")
    seen = fingerprint(contact_offices.values_of(GERMANY))
    contact_offices.change_contact_office(made.id, changed, seen=seen, actor="organiser 1", now=now)
    assert contact_offices.facts_of(made) == changed
    assert json.loads(last(subject).detail)["before"] == {"name": "Watch Deutschland"}
    with pytest.raises(ChangedMeanwhile):
        contact_offices.change_contact_office(
            made.id, GERMANY, seen=seen, actor="organiser 1", now=now
        )
    contact_offices.delete_contact_office(made.id, actor="organiser 1", now=now)
    assert last(subject).action == "contact office deleted"
    assert database.session.execute(select(ContactOffice)).first() is None


def test_office_that_petitions_point_at_stays(
    database: SQLAlchemy, site: Any, now: datetime
) -> None:
    everywhere = ContactOfficeFacts(name="Watch")
    general = contact_offices.add_contact_office(everywhere, actor="organiser 1", now=now)
    german = contact_offices.add_contact_office(GERMANY, actor="organiser 1", now=now)
    petition = cast.publish(site, now, after_deadline=AfterDeadline.ASK_FIRST).petition
    with pytest.raises(OfficeNeeded) as needed:
        contact_offices.delete_contact_office(general.id, actor="organiser 1", now=now)
    assert needed.value.petition_ids == (petition.id,)
    seen = fingerprint(contact_offices.values_of(everywhere))
    with pytest.raises(OfficeNeeded):
        contact_offices.change_contact_office(
            general.id, replace(everywhere, country="FR"), seen=seen, actor="organiser 1", now=now
        )
    contact_offices.delete_contact_office(german.id, actor="organiser 1", now=now)
    petition.state = PetitionState.PAUSED
    assert contact_offices.needed_by(general) == (petition.id,)
    petition.state = PetitionState.CLOSED
    contact_offices.delete_contact_office(general.id, actor="organiser 1", now=now)
    assert database.session.execute(select(ContactOffice)).first() is None


def test_each_country_has_one_contact_office(database: SQLAlchemy, now: datetime) -> None:
    everywhere = ContactOfficeFacts(name="Watch")
    for facts in (GERMANY, everywhere):
        contact_offices.add_contact_office(facts, actor="organiser 1", now=now)
        with pytest.raises(Refused) as refused:
            contact_offices.add_contact_office(facts, actor="organiser 1", now=now)
        assert (refused.value.reason, refused.value.field) == ("country taken", "country")
    names = [row.name for row in contact_offices.contact_offices_by_name("en")]
    assert names == ["Watch", "Watch Deutschland"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (replace(GERMANY, name=""), "name"),
        (replace(GERMANY, country="XX"), "country"),
        (replace(GERMANY, email="de"), "email"),
        (replace(GERMANY, website="javascript:alert(1)"), "website"),
    ],
)
def test_contact_office_that_cannot_be_is_refused(
    database: SQLAlchemy, now: datetime, facts: ContactOfficeFacts, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        contact_offices.add_contact_office(facts, actor="organiser 1", now=now)
    assert refused.value.field == field
