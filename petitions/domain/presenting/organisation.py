"""The organisation and its contact offices, as readers see them."""

from dataclasses import dataclass

from sqlalchemy import select

from petitions.extensions import db
from petitions.models import ContactOffice, Organisation


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """Who publishes, and who is responsible for the data."""

    name: str
    about: str
    postal_lines: tuple[str, ...]
    contact_email: str
    contact_phone: str
    website: str
    controller: str


@dataclass(frozen=True, slots=True)
class ContactLine:
    """An office to ask; the one without a country serves all that have none of their own."""

    country: str | None
    name: str
    details: str
    email: str
    website: str


def organisation_page() -> OrganisationPage | None:
    """Return the organisation, or None before set-up."""
    row = db.session.execute(select(Organisation)).scalar_one_or_none()
    if row is None:
        return None
    return OrganisationPage(
        name=row.name,
        about=row.about,
        postal_lines=tuple(line for line in row.postal_address.splitlines() if line.strip()),
        contact_email=row.contact_email,
        contact_phone=row.contact_phone,
        website=row.website,
        controller=row.controller,
    )


def contact_offices() -> tuple[ContactLine, ...]:
    """Return all contact offices, the general one first."""
    query = select(
        ContactOffice.country,
        ContactOffice.name,
        ContactOffice.details,
        ContactOffice.email,
        ContactOffice.website,
    )
    lines = [ContactLine(*row) for row in db.session.execute(query)]
    return tuple(sorted(lines, key=lambda line: (line.country is not None, line.country or "")))
