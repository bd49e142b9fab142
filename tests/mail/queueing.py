"""Mails as they wait in the outbox, for tests of what becomes of them."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import select

from petitions.domain import outbox, privacy, signing
from petitions.domain.outbox import ClaimedMail
from petitions.domain.site import Site
from petitions.extensions import begin_write, db
from petitions.models import Mail, MailKind, Signature
from tests.domain.cast import Cast, form


def sign(site: Site, cast: Cast, now: datetime, email: str = "signer@example.org") -> Signature:
    """Sign once and return the row that holds the address."""
    db.session.rollback()
    begin_write()
    before = set(db.session.execute(select(Signature.id)).scalars())
    signing.sign(site, cast.petition, form(email), now)
    db.session.commit()
    new = select(Signature).where(Signature.id.not_in(before))
    return db.session.execute(new).scalar_one()


def ask_for_link(site: Site, now: datetime, email: str = "signer@example.org") -> None:
    """Ask for the link to one's own signatures."""
    db.session.rollback()
    begin_write()
    privacy.ask_for_link(site, email, "en", now)
    db.session.commit()


def claimed(site: Site, now: datetime) -> ClaimedMail:
    """Claim the one mail that is due."""
    [mail] = outbox.claim(site, "a worker", now)
    db.session.commit()
    return mail


def only_mail() -> Mail:
    """Return the one mail of the outbox as it is in the database now; reminders aside."""
    db.session.rollback()
    mail: Mail = db.session.execute(
        select(Mail).where(Mail.kind != MailKind.REMINDER),
        execution_options={"populate_existing": True},
    ).scalar_one()
    return mail


def text_of(message: EmailMessage) -> str:
    """Return the plain text part as a mail program shows it."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(message: EmailMessage) -> str:
    """Return the HTML part as a mail program gets it."""
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def links_of(message: EmailMessage) -> list[str]:
    """Return the lines of the text that are a link and nothing else."""
    return [line for line in text_of(message).splitlines() if line.startswith("http")]
