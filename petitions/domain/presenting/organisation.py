"""The organisation and its contact offices, as readers see them."""

from dataclasses import dataclass

from sqlalchemy import select

from petitions.extensions import db
from petitions.models import ContactOffice, Organisation

_LONGEST_ADDRESS_LINE = 60


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
    controller_blocks: tuple[tuple[str, ...], ...] = ()
    """`controller` as paragraphs of lines: those of an address stand as they were written."""
    time_zone: str = "UTC"

    @property
    def can_be_reached(self) -> bool:
        """Whether there is any way to write or call."""
        ways = (self.postal_lines, self.contact_email, self.contact_phone, self.website)
        return any(ways)


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
        controller_blocks=_blocks(row.controller),
        time_zone=row.time_zone,
    )


def _blocks(text: str) -> tuple[tuple[str, ...], ...]:
    """Return paragraphs; lines that are short throughout are those of an address and stay apart."""
    return tuple(_lines(part) for part in text.split("\n\n") if part.strip())


def _lines(paragraph: str) -> tuple[str, ...]:
    lines = tuple(line.strip() for line in paragraph.splitlines() if line.strip())
    return lines if max(map(len, lines)) <= _LONGEST_ADDRESS_LINE else (" ".join(lines),)


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
