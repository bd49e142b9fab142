"""What a mail says that brings news: that there is some, where it stands, how to get no more.

It names neither case nor person. The link is the same for all who get one within an hour, so that
nobody learns from it who reads; it dies within a week, as all links in mails do.
"""

from datetime import datetime

from petitions.domain import outbox
from petitions.domain.outbox import ClaimedMail
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.mail.filling import Content, language_of
from petitions.mail.verdicts import NotToBeSent
from petitions.models import MailState, News, NewsState, Signature, SignatureState
from petitions.tokens import NEWS, UNSUBSCRIBE

NOBODY = 0
"""No signature has this number: the link in a test ends nobody's news."""


def about_news(site: Site, mail: ClaimedMail, now: datetime) -> Content:
    """Decide what a mail with news says. Raises NotToBeSent."""
    news = None
    if mail.news_id is not None:
        news = db.session.get(News, mail.news_id, populate_existing=True)
    if news is None:
        raise NotToBeSent(MailState.CANCELLED, "the news is gone")
    if mail.organiser_id is not None:
        return _content(site, mail, news, None, now)
    if mail.outcome == outbox.HANDING_OVER:
        raise NotToBeSent(MailState.FAILED, outbox.UNKNOWN)
    if news.state is NewsState.STOPPED:
        raise NotToBeSent(MailState.CANCELLED, "the news was stopped")
    return _content(site, mail, news, _signature(mail), now)


def _content(
    site: Site, mail: ClaimedMail, news: News, signature: Signature | None, now: datetime
) -> Content:
    """Return what a mail says to a signer; to an organiser who tries it, the same."""
    since = (signature.confirmed_at if signature else None) or now
    hour = now.replace(minute=0, second=0, microsecond=0)
    tail = language_of(mail)
    page = f"{site.base_url}/news/{site.tokens.mint(NEWS, [news.id], hour)}{tail}"
    stop = site.tokens.mint(UNSUBSCRIBE, [signature.id if signature else NOBODY], now)
    links = {"read": page, "unsubscribe": f"{site.base_url}/unsubscribe/{stop}{tail}"}
    return Content("news", links, hour + NEWS.lifetime, since)


def _signature(mail: ClaimedMail) -> Signature:
    signature = None
    if mail.signature_id is not None:
        signature = db.session.get(Signature, mail.signature_id, populate_existing=True)
    if signature is None:
        raise NotToBeSent(MailState.CANCELLED, "the signature is gone")
    if signature.state is not SignatureState.CONFIRMED:
        raise NotToBeSent(MailState.CANCELLED, f"the signature is {signature.state}")
    if not signature.news:
        raise NotToBeSent(MailState.CANCELLED, "news ended")
    return signature
