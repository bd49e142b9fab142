"""News for tests: signers who want it, an organiser who writes it, and news that goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from petitions.domain import news as drafts
from petitions.domain import news_sending, signing
from petitions.domain.fingerprints import fingerprint
from petitions.domain.site import Site
from petitions.extensions import begin_write, db
from petitions.models import Mail, News, Organiser, Petition, Signature


def organiser(now: datetime, number: int = 1) -> Organiser:
    """Add an organiser."""
    person = Organiser(
        id=number, email=f"o{number}@example.org", name=f"O{number}", password="x",
        fs_uniquifier=f"x{number}", created_at=now,
    )  # fmt: skip
    db.session.add(person)
    db.session.commit()
    return person


def reader(site: Site, petition: Petition, who: str, now: datetime, **typed: Any) -> Signature:
    """Let somebody sign, confirm and want news (unless `typed` says otherwise)."""
    from tests.domain.cast import form

    db.session.rollback()
    begin_write()
    typed = {"news": True, **typed}
    confirms = typed.pop("confirms", True)
    signing.sign(site, petition, form(f"{who}@example.org", name=f"Name {who}", **typed), now)
    newest = select(Signature).order_by(Signature.id.desc()).limit(1)
    row = db.session.execute(newest).scalar_one()
    if confirms:
        signing.confirm(petition, row.id, now)
    db.session.flush()
    db.session.execute(delete(Mail).where(Mail.signature_id == row.id))  # these are not news
    db.session.commit()
    return row


def drafted(
    petition: Petition,
    author: Organiser,
    now: datetime,
    *,
    fallback: str | None = "en",
    **texts: str,
) -> News:
    """Write news: `en="Title"` in each language, with the same words below."""
    db.session.rollback()
    begin_write()
    news = drafts.begin(petition, author, now)
    for language, title in texts.items():
        drafts.write_text(
            news.id, language, title=title, text=f"**{title}** and more.", seen="",
            organiser=author, now=now,
        )  # fmt: skip
    per_hour = news.per_hour
    drafts.set_up(
        news.id, per_hour=per_hour, fallback_language=fallback, actor="organiser 1", now=now
    )
    db.session.commit()
    return news


def started(petition: Petition, author: Organiser, now: datetime, **texts: Any) -> News:
    """Write news and let it go out."""
    news = drafted(petition, author, now, **(texts or {"en": "She is home"}))
    begin_write()
    seen = fingerprint(drafts.shown_texts(news.id))
    news_sending.start(news.id, seen=seen, organiser=author, now=now)
    db.session.commit()
    return news


def mails_of(news: News) -> list[Mail]:
    """Return the mails of news as they are in the database now."""
    db.session.rollback()
    query = select(Mail).where(Mail.news_id == news.id).order_by(Mail.id)
    found = db.session.execute(query, execution_options={"populate_existing": True})
    return list(found.scalars())
