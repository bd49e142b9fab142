"""Who gets news of a petition, by language, and who does not and why.

One grouped query, which opens nothing. Addresses that want no mail, or from which mail came back,
are known by keyed hashes alone: they are found when their turn comes, and stand in the report.
"""

import enum
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from petitions.extensions import db
from petitions.i18n import choose_language
from petitions.models import News, NewsText, Signature, SignatureState, Verification


class LeftOut(enum.StrEnum):
    """Why a signature gets no news."""

    NOT_ASKED = "news not asked for"
    ENDED = "news ended"
    PENDING = "not confirmed"
    SET_ASIDE = "set aside"
    WITHDRAWN = "withdrawn"
    ATTESTED = "attested"
    NO_ADDRESS = "no address kept"
    NO_TEXT = "no text in their language"


_BY_STATE = {
    SignatureState.PENDING: LeftOut.PENDING,
    SignatureState.SET_ASIDE: LeftOut.SET_ASIDE,
    SignatureState.WITHDRAWN: LeftOut.WITHDRAWN,
    SignatureState.EXPIRED: LeftOut.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Part:
    """How many signers of one language get news, and in which language they read it."""

    language: str
    text_language: str
    number: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Who gets news, by language, and how many do not, by reason."""

    parts: tuple[Part, ...]
    left_out: Counter[LeftOut]

    @property
    def number(self) -> int:
        """How many get it."""
        return sum(part.number for part in self.parts)


def audience_of(news: News) -> Audience:
    """Return who would get news if it went out now."""
    texts = languages_written(news.id)
    has_address = Signature.address_sealed.is_not(None).label("has_address")
    ended = Signature.news_ended_at.is_not(None).label("ended")
    columns = (
        Signature.state,
        Signature.news,
        Signature.verified_by,
        Signature.language,
        has_address,
        ended,
    )
    query = select(*columns, func.count().label("number"))
    query = query.where(Signature.petition_id == news.petition_id)
    parts: Counter[tuple[str, str]] = Counter()
    left_out: Counter[LeftOut] = Counter()
    for row in db.session.execute(query.group_by(*columns)):
        why = _why_not(row)
        text = text_language(row.language, texts, news.fallback_language)
        if why is None and text is None:
            why = LeftOut.NO_TEXT
        if why is not None:
            left_out[why] += row.number
        else:
            parts[row.language, text or ""] += row.number
    told = (Part(*key, number) for key, number in parts.items())
    return Audience(tuple(sorted(told, key=lambda part: (-part.number, part.language))), left_out)


def wants_news(petition_id: int) -> ColumnElement[bool]:
    """The condition of signatures that get a petition's news."""
    return and_(
        Signature.petition_id == petition_id,
        Signature.state == SignatureState.CONFIRMED,
        Signature.news,
        Signature.address_sealed.is_not(None),
    )


def languages_written(news_id: int) -> tuple[str, ...]:
    """Return the languages in which news says something."""
    query = select(NewsText.language).where(NewsText.news_id == news_id)
    return tuple(db.session.execute(query.order_by(NewsText.language)).scalars())


def text_language(language: str, texts: Collection[str], fallback: str | None) -> str | None:
    """Return the language in which a signer reads news, or None where there is none for them."""
    if not texts:
        return None
    return choose_language([language], texts) or (fallback if fallback in texts else None)


def _why_not(row: Any) -> LeftOut | None:
    """Return why the signatures of one row of the query get no news, if they do not."""
    if row.state in _BY_STATE:
        return _BY_STATE[row.state]
    if not row.news:
        if row.ended:
            return LeftOut.ENDED
        return LeftOut.ATTESTED if row.verified_by is Verification.ATTESTED else LeftOut.NOT_ASKED
    return None if row.has_address else LeftOut.NO_ADDRESS
