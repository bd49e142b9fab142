"""Officials and embassies of the demonstration as rows."""

from petitions.domain.demonstration.telling import Told
from petitions.extensions import db
from petitions.models import (
    Accreditation,
    ContactKind,
    Official,
    OfficialContact,
    OfficialKind,
    OfficialText,
)

_CONTACTS = {"emails": ContactKind.EMAIL, "faxes": ContactKind.FAX}


def add_official(told: Told) -> None:
    """Add an office or an embassy with its texts, contacts and accreditations."""
    official = Official(
        slug=told["slug"],
        kind=OfficialKind(told.get("kind", "office")),
        country=told["country"],
        represents=told.get("represents"),
        postal_lines="\n".join(told["postal_lines"]),
        source_language="en",
        preferred_language=told.get("preferred_language"),
        submission_notes=told["submission_notes"],
    )
    db.session.add(official)
    db.session.flush()
    for language, text in told["texts"].items():
        db.session.add(OfficialText(official_id=official.id, language=language, **text))
    for name, kind in _CONTACTS.items():
        for position, value in enumerate(told.get(name, ()), start=1):
            contact = OfficialContact(
                official_id=official.id, kind=kind, position=position, value=value
            )
            db.session.add(contact)
    for country in told.get("accredited_to", ()):
        db.session.add(Accreditation(official_id=official.id, country=country))
    db.session.flush()
