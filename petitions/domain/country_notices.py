"""What a petition tells readers of one country next to the form, up to closing the form there.

Notices hold at once, on a published petition too: a warning must not wait. Each change is written
down with the words before and after, so that it can be told what readers of a country saw when.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as with_default
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, delete, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from petitions.domain import audit, translations
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
    made_from: Mapping[str, dict[str, str] | None] = with_default(default_factory=dict)
    """What each translation was made from (`domain.translations`)."""

    def values(self, language: str) -> dict[str, Any]:
        """Return what the form of a language shows, for a fingerprint."""
        return {"text": self.texts.get(language, ""), "closed": self.closed}

    def outdated(self, source: str) -> set[str]:
        """Return the languages whose original changed since they were translated."""
        original = {"text": self.texts.get(source, "")}
        return {
            language
            for language, text in self.texts.items()
            if language != source
            and translations.outdated(self.made_from.get(language), {"text": text}, original)
        }


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
    notes: dict[int, dict[str, dict[str, str] | None]] = {}
    for text in db.session.execute(texts).scalars():
        words.setdefault(text.notice_id, {})[text.language] = text.text
        notes.setdefault(text.notice_id, {})[text.language] = text.made_from
    found = db.session.execute(rows.order_by(CountryNotice.country)).scalars()
    return [
        Notice(row.country, row.closed, words.get(row.id, {}), notes.get(row.id, {}))
        for row in found
    ]


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
    is_right: bool = False,
) -> bool:
    """Write one language of a notice, and whether the form is closed; return whether that changes.

    Of `new.texts` the one in `language` counts. `is_right`: whoever saves says that the translation
    follows the original. The caller holds the petition. Raises
    ChangedMeanwhile, Refused: 'unknown country', 'notice too long', 'too many countries', 'needs an
    editor' (readers have it at once), 'needs a publisher' (closing or opening the form), 'closed
    without a reason' in the language of the case.
    """
    if new.country not in countries():
        raise Refused("unknown country", "country")
    old = notice_for(petition.id, new.country)
    refuse_changed(seen, old.values(language))
    before, after = old.values(language), new.values(language)
    source = db.session.get_one(Case, petition.case_id).source_language
    if before == after:
        if is_right and after["text"]:
            _put(petition, replace(old, made_from=_notes(old, old.texts, language, source)))
        return False
    _refuse_rights(petition, before, after, rights)
    if len(after["text"]) > LONGEST:
        raise Refused("notice too long", "text")
    texts = {tag: text for tag, text in {**old.texts, language: after["text"]}.items() if text}
    if new.closed and source not in texts:
        raise Refused("closed without a reason", "text")
    translated = language if is_right or before["text"] != after["text"] else ""
    notes = _notes(old, texts, translated, source)
    _put(petition, Notice(new.country, new.closed, texts, notes))
    detail = {"country": new.country, "language": language, "before": before, "after": after}
    subject = f"petition {petition.id}"
    audit.record(f"organiser {author}", "country notice changed", subject, detail, now)
    return True


def _notes(
    old: Notice, texts: Mapping[str, str], translated: str, source: str
) -> dict[str, dict[str, str] | None]:
    """Return what translations were made from, once one of them follows the original as it is.

    Those without a note were made from the words that the original had until now.
    """
    rows = {tag: _Note(old.made_from.get(tag)) for tag in texts if tag != source}
    was, now_told = ({"text": words.get(source, "")} for words in (old.texts, texts))
    if was != now_told:
        kept = (row for tag, row in rows.items() if tag in old.texts)
        translations.note_before_change(kept, was, ["text"])
    if translated in rows:
        translations.note_original(rows[translated], now_told, ["text"])
    return {tag: row.made_from for tag, row in rows.items()}


@dataclass(slots=True)
class _Note:
    made_from: dict[str, str] | None


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
        note = new.made_from.get(language)
        told = CountryNoticeText(notice_id=row.id, language=language, text=text, made_from=note)
        db.session.add(told)
    db.session.flush()
    if not new.closed and not new.texts:
        db.session.delete(row)
        db.session.flush()
