"""What is known of an official: facts, and words in a language; whether they can be kept.

Plain values, compared by fingerprints and told to the audit trail. What stands on paper is kept as
written: a text that was not written stays empty, in every language of its own.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from petitions.domain.contact_shapes import LONGEST, is_email, is_number, is_page, one_each
from petitions.domain.official_lists import contacts_of
from petitions.errors import Refused
from petitions.extensions import db
from petitions.i18n import countries
from petitions.models import Accreditation, ContactKind, Official, OfficialKind, OfficialText

_SHAPES = {
    ContactKind.EMAIL: is_email,
    ContactKind.FAX: is_number,
    ContactKind.PHONE: is_number,
    ContactKind.WEB: is_page,
}
CONTACT_FIELDS = {
    ContactKind.EMAIL: "emails",
    ContactKind.FAX: "faxes",
    ContactKind.PHONE: "phones",
    ContactKind.WEB: "pages",
}

WISHES = ("one_side_only", "case_number_on_pages", "never_names")
"""What an office asks of the papers that it is given, and whether it is given names."""

MOST_CONTACTS = 40
"""Of each kind: more than stands on any paper, and few enough for a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialFacts:
    """What is known of an official in whatever language; lists are in the order of the paper."""

    kind: OfficialKind = OfficialKind.OFFICE
    country: str | None = None
    represents: str | None = None
    accredited: tuple[str, ...] = ()
    postal_lines: str = ""
    emails: tuple[str, ...] = ()
    faxes: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    source_language: str = "en"
    preferred_language: str | None = None
    submission_notes: str = ""
    one_side_only: bool = False
    case_number_on_pages: bool = False
    never_names: bool = False
    checked_on: date | None = None
    slug: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialWords:
    """How an official is named and addressed in one language, as written."""

    office: str
    name: str = ""
    organisation: str = ""
    salutation: str = ""
    form_of_address: str = ""


def facts_of(official: Official) -> OfficialFacts:
    """Return an official's facts as they are now."""
    contacts = contacts_of(official.id)
    accredited = select(Accreditation.country).where(Accreditation.official_id == official.id)
    return OfficialFacts(
        kind=official.kind,
        country=official.country,
        represents=official.represents,
        accredited=tuple(db.session.execute(accredited.order_by(Accreditation.country)).scalars()),
        postal_lines=official.postal_lines,
        **{name: contacts.get(kind, ()) for kind, name in CONTACT_FIELDS.items()},
        source_language=official.source_language,
        preferred_language=official.preferred_language,
        submission_notes=official.submission_notes,
        one_side_only=official.one_side_only,
        case_number_on_pages=official.case_number_on_pages,
        never_names=official.never_names,
        checked_on=official.checked_on,
        slug=official.slug,
    )


def words_of(text: OfficialText | None) -> OfficialWords:
    """Return an official's words in a language; all empty where there are none yet."""
    if text is None:
        return OfficialWords(office="")
    return OfficialWords(**{each.name: getattr(text, each.name) for each in fields(OfficialWords)})


def values_of(told: OfficialFacts | OfficialWords) -> dict[str, Any]:
    """Return facts or words as plain values, for fingerprints and the audit trail."""
    return {each.name: plain(getattr(told, each.name)) for each in fields(told)}


def checked_facts(facts: OfficialFacts, now: datetime) -> OfficialFacts:
    """Return facts that hold together.

    Raises Refused: 'not a country', 'is no embassy', 'needs a state', 'needs countries', 'not of
    kind …', 'not one each' and 'too many' (ways to reach them), 'in the future', 'not a slug'.
    Several numbers or addresses on one line are taken apart.
    """
    facts = _one_on_each_line(facts)
    codes = {code for code in (facts.country, facts.represents, *facts.accredited) if code}
    if not codes.issubset(countries()):
        raise Refused("not a country", "country")
    if facts.kind is OfficialKind.OFFICE:
        if facts.represents or facts.accredited:
            raise Refused("is no embassy", "represents" if facts.represents else "accredited")
    elif not facts.represents:
        raise Refused("needs a state", "represents")
    elif not facts.accredited and facts.kind is not OfficialKind.MISSION:
        raise Refused("needs countries", "accredited")
    for kind, name in CONTACT_FIELDS.items():
        if len(getattr(facts, name)) > MOST_CONTACTS:
            raise Refused("too many", name)
        if not all(_SHAPES[kind](value) for value in getattr(facts, name)):
            raise Refused(f"not of kind {kind}", name)
    if facts.checked_on and facts.checked_on > (now + timedelta(days=1)).date():
        raise Refused("in the future", "checked_on")
    if facts.slug and not _is_slug(facts.slug):
        raise Refused("not a slug", "slug")
    return replace(facts, accredited=tuple(sorted(set(facts.accredited))))


def _one_on_each_line(facts: OfficialFacts) -> OfficialFacts:
    apart = dict[str, tuple[str, ...]]()
    for kind, name in CONTACT_FIELDS.items():
        found: tuple[str, ...] = ()
        for line in getattr(facts, name):
            values = one_each(line, _SHAPES[kind])
            if values is None:
                raise Refused("not one each", name)
            found += values
        apart[name] = found
    return replace(facts, **apart)  # type: ignore[arg-type]  # the names are those of lists


def checked_words(words: OfficialWords) -> OfficialWords:
    """Return words that can be kept. Raises Refused: 'needs an office', 'too long'."""
    for each in fields(words):
        if len(getattr(words, each.name)) > LONGEST:
            raise Refused("too long", each.name)
    if not words.office:
        raise Refused("needs an office", "office")
    return words


def _is_slug(text: str) -> bool:
    parts = text.split("-")
    return len(text) <= 80 and all(p.isascii() and p.isalnum() and p == p.lower() for p in parts)


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value
