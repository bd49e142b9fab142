"""What a queued mail says: decided when it is sent, from the rows as they are then.

Names nobody: the templates get links, the site's own name and times, and nothing else. Links are
bound to one purpose, and die within a week.
"""

from datetime import datetime

from sqlalchemy import exists, select

from petitions.domain import outbox, privacy
from petitions.domain.case_keys import is_sealed
from petitions.domain.expiry import UNCONFIRMED
from petitions.domain.organiser_mail import TO_ORGANISERS
from petitions.domain.outbox import ClaimedMail
from petitions.domain.resending import takes_confirmations
from petitions.domain.second_signing import sealed_for_link, second_may_sign
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.mail.accounts import about_an_account
from petitions.mail.filling import Content, language_of
from petitions.mail.news import about_news
from petitions.mail.verdicts import NotToBeSent, Refused, RetryLater
from petitions.models import (
    ContactKind,
    MailKind,
    MailState,
    OfficialContact,
    Petition,
    Signature,
    SignatureState,
)
from petitions.tokens import ANOTHER, CONFIRM, MY_SIGNATURE, NOT_ME, text_of


def content_of(site: Site, mail: ClaimedMail, now: datetime) -> Content:
    """Decide what a mail says.

    Raises NotToBeSent where it is not wanted any more, RetryLater, Refused, KeyMissing.
    """
    if not mail.address:
        raise RetryLater("the address does not open: is it the right vault key?")
    to_signer = mail.kind not in TO_ORGANISERS and mail.organiser_id is None
    if to_signer and (why := outbox.suppressed_because(site, mail.address)):
        raise NotToBeSent(MailState.WITHHELD, why)
    if site.demonstration and _is_an_officials(mail.address):
        raise NotToBeSent(MailState.WITHHELD, "an official's address")
    if mail.kind is MailKind.SIGNING:
        return _about_signing(site, mail, now)
    if mail.kind is MailKind.REMINDER:
        return _reminder(site, mail, now)
    if mail.kind is MailKind.MY_SIGNATURE:
        return _my_signature(site, mail, now)
    if mail.kind is MailKind.NEWS:
        return about_news(site, mail, now)
    if mail.kind in TO_ORGANISERS:
        return about_an_account(site, mail, now)
    raise Refused(f"no template for {mail.kind}")


def _about_signing(site: Site, mail: ClaimedMail, now: datetime) -> Content:
    signature = _signature(mail)
    if signature.confirmed_at is not None:
        links = {"not_me": _not_me(site, mail, signature, now)}
        links["my_signature"] = f"{site.base_url}/my-signature{language_of(mail)}"
        links["another"] = _another(site, mail, signature, now)
        return Content("signed-already", links)
    if not takes_confirmations(db.session.get_one(Petition, signature.petition_id)):
        raise NotToBeSent(MailState.CANCELLED, "the petition takes no confirmations")
    # One set aside before it was confirmed is asked like any other: the caught see nothing unusual.
    repeated = mail.created_at > signature.created_at
    another = _another(site, mail, signature, now) if repeated else ""
    return _asking_to_confirm("confirm", site, mail, signature, now, another=another)


def _reminder(site: Site, mail: ClaimedMail, now: datetime) -> Content:
    signature = _signature(mail)
    if signature.confirmed_at is not None:  # set aside or not: the caught see nothing unusual
        raise NotToBeSent(MailState.CANCELLED, f"the signature is {signature.state}")
    petition = db.session.get_one(Petition, signature.petition_id)
    if is_sealed(petition.case_id):
        raise NotToBeSent(MailState.CANCELLED, "the case is sealed")
    if not takes_confirmations(petition):
        raise NotToBeSent(MailState.CANCELLED, "the petition takes no confirmations")
    return _asking_to_confirm("reminder", site, mail, signature, now)


def _asking_to_confirm(
    template: str,
    site: Site,
    mail: ClaimedMail,
    signature: Signature,
    now: datetime,
    **more: str,
) -> Content:
    until = signature.created_at + site.terms.unconfirmed
    if now >= until:
        raise NotToBeSent(MailState.CANCELLED, UNCONFIRMED)
    token = site.tokens.mint(CONFIRM, _about(site, mail, signature), now)
    links = {
        "confirm": _link(site, mail, "confirm", token),
        "not_me": _not_me(site, mail, signature, now),
        **more,
    }
    return Content(template, links, until)


def _not_me(site: Site, mail: ClaimedMail, signature: Signature, now: datetime) -> str:
    token = site.tokens.mint(NOT_ME, _about(site, mail, signature), now)
    return _link(site, mail, "not-me", token)


def _another(site: Site, mail: ClaimedMail, signature: Signature, now: datetime) -> str:
    """Return the link by which somebody else with this mailbox can sign, if there is a place."""
    petition = db.session.get_one(Petition, signature.petition_id)
    if not second_may_sign(petition, signature.id, now):
        return ""
    sealed = text_of(sealed_for_link(site, signature.id, mail.address))
    token = site.tokens.mint(ANOTHER, [signature.id, sealed], now)
    return _link(site, mail, "also-sign", token)


def _about(site: Site, mail: ClaimedMail, signature: Signature) -> list[int | str]:
    """Return what tokens hold: no petition."""
    return [signature.id, text_of(outbox.suppression_key(site, mail.address))]


def _my_signature(site: Site, mail: ClaimedMail, now: datetime) -> Content:
    ids = privacy.signatures_of(site, mail.address)
    if not ids:
        return Content(
            "nothing-held", {"my_signature": f"{site.base_url}/my-signature{language_of(mail)}"}
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


def _is_an_officials(address: str) -> bool:
    contact = exists().where(
        OfficialContact.kind == ContactKind.EMAIL,
        db.func.lower(OfficialContact.value) == address.lower(),
    )
    return bool(db.session.execute(select(contact)).scalar())


def _link(site: Site, mail: ClaimedMail, page: str, token: str) -> str:
    return f"{site.base_url}/{page}/{token}{language_of(mail)}"
