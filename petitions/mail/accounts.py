"""What mails to organisers say: invitations, links for a new password, notices of a change.

A link is minted when the mail is sent. It is bound to the account's key of sign-ins, which changes
when a password is chosen and when the account is blocked: then the link is dead.
"""

from datetime import datetime, timedelta

from flask import current_app
from flask_security.recoverable import generate_reset_password_token

from petitions.domain.outbox import ClaimedMail
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.mail.filling import Content, language_of
from petitions.mail.verdicts import NotToBeSent
from petitions.models import MailKind, MailState, Organiser

_TEMPLATES = {
    MailKind.PASSWORD_RESET: "password-reset",
    MailKind.INVITATION: "invitation",
    MailKind.SECURITY_NOTICE: "security-notice",
    MailKind.REPLY_DUE: "reply-due",
    MailKind.SCHEDULE_STOPPED: "schedule-stopped",
}


def about_an_account(site: Site, mail: ClaimedMail, now: datetime) -> Content:
    """Decide what a mail to an organiser says. Raises NotToBeSent."""
    organiser = _organiser(mail)
    console = f"{site.base_url}/organiser"
    links = {
        "sign_in": f"{console}/{language_of(mail)}",
        "forgotten": f"{console}/reset{language_of(mail)}",
    }
    if mail.kind is MailKind.REPLY_DUE:
        links = {"board": f"{console}/deliveries/board{language_of(mail)}"}
        return Content(_TEMPLATES[mail.kind], links)
    if mail.kind is MailKind.SCHEDULE_STOPPED:
        return Content(_TEMPLATES[mail.kind], {"start": f"{console}/{language_of(mail)}"})
    if mail.kind is MailKind.SECURITY_NOTICE:
        return Content(_TEMPLATES[mail.kind], links)
    if mail.kind is MailKind.INVITATION and organiser.password is not None:
        raise NotToBeSent(MailState.CANCELLED, "the invitation was accepted")
    token = generate_reset_password_token(organiser)  # type: ignore[no-untyped-call]  # the library's
    links["choose"] = f"{console}/reset/{token}{language_of(mail)}"
    lifetime: timedelta = current_app.config["SECURITY_RESET_PASSWORD_WITHIN"]
    return Content(_TEMPLATES[mail.kind], links, now + lifetime)


def _organiser(mail: ClaimedMail) -> Organiser:
    organiser = None
    if mail.organiser_id is not None:
        organiser = db.session.get(Organiser, mail.organiser_id, populate_existing=True)
    if organiser is None:
        raise NotToBeSent(MailState.CANCELLED, "the organiser is gone")
    if not organiser.active:
        raise NotToBeSent(MailState.CANCELLED, "the organiser is blocked")
    return organiser
