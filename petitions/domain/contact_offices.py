"""Contact offices: whom a signer of a country may ask, and one for all other countries."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from petitions.domain import audit
from petitions.domain.contact_shapes import LONGEST, is_email, is_https
from petitions.domain.fingerprints import refuse_changed
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.i18n import countries, country_name
from petitions.models import AfterDeadline, ContactOffice, Organisation, Petition, PetitionState


class OfficeNeeded(Refused):
    """Petitions send their readers to the office for all other countries: it must stay."""

    def __init__(self, petition_ids: Sequence[int]) -> None:
        super().__init__("office needed", "country")
        self.petition_ids = tuple(petition_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactOfficeFacts:
    """What readers see of an office; without a country it serves all that have no other."""

    country: str | None = None
    name: str = ""
    details: str = ""
    email: str = ""
    website: str = ""


def contact_offices_by_name(language: str) -> list[ContactOffice]:
    """Return all offices, the one for all other countries first, then by the country's name."""
    rows = db.session.execute(select(ContactOffice)).scalars()
    return sorted(
        rows, key=lambda row: country_name(row.country, language).casefold() if row.country else ""
    )


def get_contact_office(office_id: int, *, locked: bool = False) -> ContactOffice:
    """Return an office, `locked` until the transaction ends. Raises NotFound."""
    office = db.session.get(ContactOffice, office_id, with_for_update=locked)
    if office is None:
        raise NotFound("no such contact office")
    return office


def facts_of(office: ContactOffice) -> ContactOfficeFacts:
    """Return an office's facts as they are now."""
    return ContactOfficeFacts(
        **{each.name: getattr(office, each.name) for each in fields(ContactOfficeFacts)}
    )


def values_of(facts: ContactOfficeFacts) -> dict[str, Any]:
    """Return facts as plain values, for fingerprints and the audit trail."""
    return {each.name: getattr(facts, each.name) for each in fields(facts)}


def add_contact_office(facts: ContactOfficeFacts, *, actor: str, now: datetime) -> ContactOffice:
    """Add an office.

    Raises Refused: 'country taken' where the country has one, 'needed', 'too long', 'no e-mail',
    'not https', 'not a country'.
    """
    _check(facts, but=None)
    office = ContactOffice(**values_of(facts))
    db.session.add(office)
    _flush()
    audit.record(actor, "contact office added", _subject(office), values_of(facts), now)
    return office


def change_contact_office(
    office_id: int, facts: ContactOfficeFacts, *, seen: str, actor: str, now: datetime
) -> ContactOffice:
    """Change an office.

    Raises NotFound, ChangedMeanwhile, Refused as for a new one, and OfficeNeeded where it would be
    for one country only, as for deleting.
    """
    office = get_contact_office(office_id, locked=True)
    before, after = values_of(facts_of(office)), values_of(facts)
    refuse_changed(seen, before)
    _check(facts, but=office_id)
    if facts.country:
        _refuse_needed(office)
    for name, value in after.items():
        setattr(office, name, value)
    _flush()
    if changed := [name for name in before if before[name] != after[name]]:
        detail = {
            "fields": changed,
            "before": {name: before[name] for name in changed},
            "after": {name: after[name] for name in changed},
        }
        audit.record(actor, "contact office changed", _subject(office), detail, now)
    return office


def delete_contact_office(office_id: int, *, actor: str, now: datetime) -> None:
    """Delete an office: signers of its country see the one for all others.

    Raises NotFound, and OfficeNeeded while a petition asks for it, see `needed_by`.
    """
    office = get_contact_office(office_id, locked=True)
    _refuse_needed(office)
    subject, detail = _subject(office), values_of(facts_of(office))
    db.session.delete(office)
    db.session.flush()
    audit.record(actor, "contact office deleted", subject, {"before": detail}, now)


def needed_by(office: ContactOffice) -> tuple[int, ...]:
    """Return the petitions that publishing let through because of this office, and that go on.

    Their readers are told to ask an office first; without the one for all other countries most of
    them would be sent to none.
    """
    if office.country:
        return ()
    query = select(Petition.id).where(
        Petition.after_deadline == AfterDeadline.ASK_FIRST,
        Petition.state.in_([PetitionState.OPEN, PetitionState.PAUSED]),
    )
    return tuple(db.session.execute(query.order_by(Petition.id)).scalars())


def _refuse_needed(office: ContactOffice) -> None:
    if petition_ids := needed_by(office):
        raise OfficeNeeded(petition_ids)


def _check(facts: ContactOfficeFacts, *, but: int | None) -> None:
    # The constraint holds countries apart, but not two rows without one: so one writer at a time.
    db.session.execute(select(Organisation.id).with_for_update())
    lines = {"name": facts.name, "email": facts.email, "website": facts.website}
    for field, value in lines.items():
        if len(value) > LONGEST:
            raise Refused("too long", field)
    if facts.country and facts.country not in countries():
        raise Refused("not a country", "country")
    if not facts.name:
        raise Refused("needed", "name")
    if facts.email and not is_email(facts.email):
        raise Refused("no e-mail", "email")
    if facts.website and not is_https(facts.website):
        raise Refused("not https", "website")
    same = select(ContactOffice.id).where(
        ContactOffice.country == facts.country if facts.country else ContactOffice.country.is_(None)
    )
    if set(db.session.execute(same).scalars()) - {but}:
        raise Refused("country taken", "country")


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused("country taken", "country") from None


def _subject(office: ContactOffice) -> str:
    return f"contact office {office.id}"
