"""What a queued mail says: decided when it is sent, from the rows as they are then.

Names nobody: the templates get links, the site's own name and times, and nothing else. Links are
bound to one purpose, and die within a week.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import exists, select

from petitions.domain import outbox, privacy
from petitions.domain.expiry import CONFIRM_WITHIN
from petitions.domain.outbox import ClaimedMail
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.i18n import SOURCE
from petitions.mail.verdicts import NotToBeSent, Refused, RetryLater
from petitions.models import (
    ContactKind,
    MailKind,
    MailState,
    OfficialContact,
    Signature,
    SignatureState,
)
from petitions.tokens import CONFIRM, MY_SIGNATURE, NOT_ME, text_of


@dataclass(frozen=True, slots=True)
class Content:
    """The template of a mail, and what it is filled with."""

    template: str
    links: dict[str, str] = field(repr=False)
    until: datetime | None = None


def content_of(site: Site, mail: ClaimedMail, now: datetime) -> Content:
    """Decide what a mail says.

    Raises NotToBeSent where it is not wanted any more, RetryLater, Refused, KeyMissing.
    """
    if not mail.address:
        raise RetryLater("the address does not open: is it the right vault key?")
    if outbox.is_suppressed(site, mail.address):
        raise NotToBeSent(MailState.WITHHELD, "suppressed")
    if site.demonstration and _is_an_officials(mail.address):
        raise NotToBeSent(MailState.WITHHELD, "an official's address")
    if mail.kind is MailKind.SIGNING:
        return _about_signing(site, mail, now)
    if mail.kind is MailKind.MY_SIGNATURE:
        return _my_signature(site, mail, now)
    raise Refused(f"no template for {mail.kind}")


def _about_signing(site: Site, mail: ClaimedMail, now: datetime) -> Content:
    signature = _signature(mail)
    about = [signature.id, text_of(_suppression_key(site, mail))]  # tokens name no petition
    links = {"not_me": _link(site, mail, "not-me", site.tokens.mint(NOT_ME, about, now))}
    if signature.confirmed_at is not None:
        links["my_signature"] = f"{site.base_url}/my-signature{_language(mail)}"
        return Content("signed-already", links)
    # One set aside before it was confirmed is asked like any other: the caught see nothing unusual.
    until = signature.created_at + CONFIRM_WITHIN
    if now >= until:
        raise NotToBeSent(MailState.CANCELLED, "not confirmed in time")
    token = site.tokens.mint(CONFIRM, about, now)
    links["confirm"] = _link(site, mail, "confirm", token)
    return Content("confirm", links, until)


def _my_signature(site: Site, mail: ClaimedMail, now: datetime) -> Content:
    ids = privacy.signatures_of(site, mail.address)
    if not ids:
        return Content(
            "nothing-held", {"my_signature": f"{site.base_url}/my-signature{_language(mail)}"}
        )
    token = site.tokens.mint(MY_SIGNATURE, ids, now)
    link = _link(site, mail, "my-signature", token)
    return Content("my-signature", {"my_signature": link}, now + MY_SIGNATURE.lifetime)


def _signature(mail: ClaimedMail) -> Signature:
    signature = None
    if mail.signature_id is not None:
        signature = db.session.get(Signature, mail.signature_id, populate_existing=True)
    if signature is None:
        raise NotToBeSent(MailState.CANCELLED, "the signature is gone")
    if signature.state in {SignatureState.WITHDRAWN, SignatureState.EXPIRED}:
        raise NotToBeSent(MailState.CANCELLED, f"the signature is {signature.state}")
    return signature


def _suppression_key(site: Site, mail: ClaimedMail) -> bytes:
    return outbox.suppression_key(site, mail.address)


def _is_an_officials(address: str) -> bool:
    contact = exists().where(
        OfficialContact.kind == ContactKind.EMAIL,
        db.func.lower(OfficialContact.value) == address.lower(),
    )
    return bool(db.session.execute(select(contact)).scalar())


def _link(site: Site, mail: ClaimedMail, page: str, token: str) -> str:
    return f"{site.base_url}/{page}/{token}{_language(mail)}"


def _language(mail: ClaimedMail) -> str:
    """Return what opens a page in the mail's language: Tor Browser asks for English always."""
    return "" if mail.language == SOURCE else f"?lang={mail.language}"
