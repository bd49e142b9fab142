"""What a petition tells readers of one country next to the form, up to closing the form there.

Notices hold at once, on a published petition too: a warning must not wait. Each change is written
down with the words before and after, so that it can be told what readers of a country saw when.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, delete, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from petitions.domain import audit
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import db
from petitions.i18n import countries
from petitions.models import Case, CountryNotice, CountryNoticeText, Petition, PetitionState

MOST_COUNTRIES = 20
LONGEST = 600
"""Characters of one notice. All of them stand in the page, which has to stay light."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told to readers of a country, by language, and whether the form is closed there."""

    country: str
    closed: bool = False
    texts: Mapping[str, str] = with_default(default_factory=dict)

    def values(self, language: str) -> dict[str, Any]:
        """Return what the form of a language shows, for a fingerprint."""
        return {"text": self.texts.get(language, ""), "closed": self.closed}


def notices_of(petition_id: int) -> list[Notice]:
    """Return a petition's notices, by country."""
    rows = select(CountryNotice).where(CountryNotice.petition_id == petition_id)
    texts = (
        select(CountryNoticeText)
        .join(CountryNotice, CountryNotice.id == CountryNoticeText.notice_id)
        .where(CountryNotice.petition_id == petition_id)
        .order_by(CountryNoticeText.language)
    )
    words: dict[int, dict[str, str]] = {}
    for text in db.session.execute(texts).scalars():
        words.setdefault(text.notice_id, {})[text.language] = text.text
    found = db.session.execute(rows.order_by(CountryNotice.country)).scalars()
    return [Notice(row.country, row.closed, words.get(row.id, {})) for row in found]


def notice_for(petition_id: int, country: str) -> Notice:
    """Return the notice for a country; an empty one where there is none."""
    found = (one for one in notices_of(petition_id) if one.country == country)
    return next(found, Notice(country))


def closed_in(
    petition_id: InstrumentedAttribute[int], country: BindParameter[Any]
) -> ColumnElement[bool]:
    """Whether nobody who lives in a country can sign, as a condition of a query."""
    return exists().where(
        CountryNotice.petition_id == petition_id,
        CountryNotice.country == country,
        CountryNotice.closed,
    )


def save_notice(
    petition: Petition,
    new: Notice,
    language: str,
    *,
    rights: Collection[Right],
    seen: str,
    author: int,
    now: datetime,
) -> bool:
    """Write one language of a notice, and whether the form is closed; return whether that changes.

    Of `new.texts` the one in `language` counts. The caller holds the petition. Raises
    ChangedMeanwhile, Refused: 'unknown country', 'notice too long', 'too many countries', 'needs an
    editor' (readers have it at once), 'needs a publisher' (closing or opening the form), 'closed
    without a reason' in the language of the case.
    """
    if new.country not in countries():
        raise Refused("unknown country", "country")
    old = notice_for(petition.id, new.country)
    refuse_changed(seen, old.values(language))
    before, after = old.values(language), new.values(language)
    if before == after:
        return False
    _refuse_rights(petition, before, after, rights)
    if len(after["text"]) > LONGEST:
        raise Refused("notice too long", "text")
    texts = {tag: text for tag, text in {**old.texts, language: after["text"]}.items() if text}
    source = db.session.get_one(Case, petition.case_id).source_language
    if new.closed and source not in texts:
        raise Refused("closed without a reason", "text")
    _put(petition, Notice(new.country, new.closed, texts))
    detail = {"country": new.country, "language": language, "before": before, "after": after}
    subject = f"petition {petition.id}"
    audit.record(f"organiser {author}", "country notice changed", subject, detail, now)
    return True


def _refuse_rights(
    petition: Petition,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    rights: Collection[Right],
) -> None:
    # Nobody looks at these words again before readers have them.
    if petition.state is not PetitionState.DRAFT and Right.EDIT not in rights:
        raise Refused("needs an editor", "text")
    if before["closed"] != after["closed"] and Right.PUBLISH not in rights:
        raise Refused("needs a publisher", "closed")


def _put(petition: Petition, new: Notice) -> None:
    query = select(CountryNotice).where(
        CountryNotice.petition_id == petition.id, CountryNotice.country == new.country
    )
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        if len(notices_of(petition.id)) >= MOST_COUNTRIES:
            raise Refused("too many countries", "country")
        row = CountryNotice(petition_id=petition.id, country=new.country)
        db.session.add(row)
    row.closed = new.closed
    db.session.flush()
    texts = delete(CountryNoticeText).where(CountryNoticeText.notice_id == row.id)
    db.session.execute(texts)
    for language, text in new.texts.items():
        db.session.add(CountryNoticeText(notice_id=row.id, language=language, text=text))
    db.session.flush()
    if not new.closed and not new.texts:
        db.session.delete(row)
        db.session.flush()
