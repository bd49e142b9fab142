"""Lists of officials: finding them by words, the embassies of a state. Reads only."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from anyascii import anyascii
from sqlalchemy import select

from petitions.domain.presenting.wording import pick
from petitions.extensions import db
from petitions.i18n import country_name
from petitions.models import (
    Accreditation,
    ContactKind,
    Official,
    OfficialContact,
    OfficialKind,
    OfficialText,
)

CHECK_AFTER = timedelta(days=365)
"""Offices change hands: after this time somebody looks again."""


@dataclass(frozen=True, slots=True)
class OfficialLine:
    """An official in a list, with the words of one language."""

    id: int
    kind: OfficialKind
    country: str | None
    represents: str | None
    name: str
    office: str
    organisation: str
    language: str
    checked_on: date | None
    is_stale: bool
    greets_in: tuple[str, ...]
    """Languages in which it has a salutation: letters to it can be in these."""
    accredited: tuple[str, ...] = ()
    """Countries that an embassy is responsible for."""


def official_lines(
    wishes: Sequence[str],
    today: date,
    *,
    words: str = "",
    kind: OfficialKind | None = None,
    country: str | None = None,
    only_stale: bool = False,
    oldest_first: bool = False,
) -> tuple[OfficialLine, ...]:
    """Return the officials that fit, sorted by country and office.

    Each word is looked for in all texts, of every language, and in the names of the countries in
    the first language of `wishes`; in its own script, or in Latin letters. A country fits where it
    is the official's own, represented, or one that an embassy is responsible for. With
    `oldest_first` those that were never checked come first, then those checked longest ago.
    """
    texts, accredited = _all_texts(), _all_accredited()
    sought = [folded(word) for word in words.split()]
    found = []
    for official in db.session.execute(select(Official)).scalars():
        own = texts.get(official.id, {})
        if kind and official.kind is not kind:
            continue
        responsible = accredited.get(official.id, ())
        if country and country not in {official.country, official.represents, *responsible}:
            continue
        if only_stale and not _is_stale(official, today):
            continue
        if _has(_heap(official, own.values(), wishes[0], responsible), sought):
            found.append(_line(official, own, wishes, today, responsible))
    found.sort(key=lambda line: _order(line, wishes[0]))
    if oldest_first:
        found.sort(key=lambda line: line.checked_on or date.min)  # stable
    return tuple(found)


def embassies_of(
    country: str, wishes: Sequence[str] = ("en",), today: date = date.min
) -> tuple[OfficialLine, ...]:
    """Return the embassies, consulates and missions of a state, sorted by where they are."""
    texts, accredited = _all_texts(), _all_accredited()
    query = select(Official).where(Official.represents == country)
    lines = [
        _line(
            official,
            texts.get(official.id, {}),
            wishes,
            today,
            accredited.get(official.id, ()),
        )
        for official in db.session.execute(query).scalars()
    ]
    return tuple(sorted(lines, key=lambda line: _order(line, wishes[0])))


def contacts_of(official_id: int) -> dict[ContactKind, tuple[str, ...]]:
    """Return the ways to reach an official, each kind in its order."""
    query = (
        select(OfficialContact.kind, OfficialContact.value)
        .where(OfficialContact.official_id == official_id)
        .order_by(OfficialContact.kind, OfficialContact.position)
    )
    found: dict[ContactKind, tuple[str, ...]] = {}
    for kind, value in db.session.execute(query):
        found[kind] = (*found.get(kind, ()), value)
    return found


def texts_of(official_id: int) -> dict[str, OfficialText]:
    """Return an official's texts by language."""
    query = select(OfficialText).where(OfficialText.official_id == official_id)
    texts = db.session.execute(query.order_by(OfficialText.language)).scalars()
    return {text.language: text for text in texts}


def is_stale(checked_on: date | None, today: date) -> bool:
    """Whether nobody has checked an official for a year, or ever."""
    return checked_on is None or today - checked_on > CHECK_AFTER


def _is_stale(official: Official, today: date) -> bool:
    return is_stale(official.checked_on, today)


def _all_texts() -> Mapping[int, dict[str, OfficialText]]:
    texts: dict[int, dict[str, OfficialText]] = defaultdict(dict)
    for text in db.session.execute(select(OfficialText)).scalars():
        texts[text.official_id][text.language] = text
    return texts


def _all_accredited() -> Mapping[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    query = select(Accreditation.official_id, Accreditation.country)
    for official_id, country in db.session.execute(query.order_by(Accreditation.country)):
        found[official_id] = (*found.get(official_id, ()), country)
    return found


def _line(
    official: Official,
    texts: Mapping[str, OfficialText],
    wishes: Sequence[str],
    today: date,
    accredited: tuple[str, ...],
) -> OfficialLine:
    language = pick(wishes, texts.keys(), official.source_language)
    text = texts[language]
    return OfficialLine(
        id=official.id,
        kind=official.kind,
        country=official.country,
        represents=official.represents,
        name=text.name,
        office=text.office,
        organisation=text.organisation,
        language=language,
        checked_on=official.checked_on,
        is_stale=_is_stale(official, today),
        greets_in=tuple(sorted(tag for tag, each in texts.items() if each.salutation)),
        accredited=accredited,
    )


def _has(heap: str, sought: Sequence[str]) -> bool:
    """Whether each word stands there, as it is written or in Latin letters: “Putin” and “Путин”."""
    missing = [word for word in sought if word not in heap]
    if not missing:
        return True
    latin = anyascii(heap).casefold()
    return all(anyascii(word).casefold() in latin for word in missing)


def _heap(
    official: Official, texts: Iterable[OfficialText], language: str, responsible: Iterable[str]
) -> str:
    codes = [code for code in (official.country, official.represents, *responsible) if code]
    words = [country_name(code, language) for code in codes]
    for text in texts:
        words += [text.name, text.office, text.organisation]
    return folded("\n".join(words))


def _order(line: OfficialLine, language: str) -> tuple[str, str, int]:
    place = country_name(line.country, language) if line.country else ""
    return (folded(place), folded(line.office), line.id)


def folded(text: str) -> str:
    """Return the text as it is searched: without case and without marks on its letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
