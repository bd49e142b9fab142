"""Officials and embassies: adding, changing, deleting. What stands on paper is kept as written.

Questions about them are in `official_lists`. Nothing here is guessed: a text that was not written
stays empty, in every language of its own.
"""

from collections.abc import Collection
from dataclasses import fields, replace
from datetime import date, datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from petitions.domain import audit
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.official_facts import (
    CONTACT_FIELDS,
    WISHES,
    OfficialFacts,
    OfficialWords,
    checked_facts,
    checked_words,
    facts_of,
    plain,
    values_of,
    words_of,
)
from petitions.domain.official_lists import embassies_of, texts_of
from petitions.domain.official_promises import (
    is_promised,
    refuse_other_facts,
    refuse_other_words,
)
from petitions.domain.official_uses import gets_names, is_addressee, is_used, similar_to, slug_for
from petitions.domain.rights import Right
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import Accreditation, Official, OfficialContact, OfficialText

__all__ = [
    "add_official",
    "change_facts",
    "delete_official",
    "embassies_of",
    "get_official",
    "mark_checked",
    "remove_words",
    "write_words",
]

_UNSAID = frozenset({"submission_notes"})
"""What an organiser wrote for colleagues; the audit trail says that it changed, not what it is."""


def get_official(official_id: int, *, locked: bool = False) -> Official:
    """Return an official, `locked` until the transaction ends. Raises NotFound."""
    official = db.session.get(Official, official_id, with_for_update=locked)
    if official is None:
        raise NotFound("no such official")
    return official


def add_official(
    facts: OfficialFacts,
    words: OfficialWords,
    *,
    actor: str,
    now: datetime,
    knowing: bool = False,
) -> Official:
    """Add an official with its words in the source language.

    Raises Refused: 'similar' where one with the same e-mail address or office exists and `knowing`
    is False; 'slug taken'; and for facts and words what `checked_facts` and `checked_words` say.
    """
    facts, words = checked_facts(facts, now), checked_words(words)
    _refuse_similar(facts, words.office, knowing=knowing, but=None)
    facts = replace(facts, slug=facts.slug or slug_for(words.office, facts.country))
    official = Official(slug=facts.slug, kind=facts.kind, source_language=facts.source_language)
    _put(official, facts)
    db.session.add(official)
    _flush_slug()
    _put_lists(official.id, facts)
    text = OfficialText(official_id=official.id, language=facts.source_language)
    _put_words(text, words)
    db.session.flush()
    detail = {"slug": facts.slug, "language": facts.source_language}
    audit.record(actor, "official added", _subject(official), detail, now)
    return official


def change_facts(
    official_id: int,
    facts: OfficialFacts,
    *,
    seen: str,
    actor: str,
    now: datetime,
    knowing: bool = False,
) -> Official:
    """Change an official's facts.

    Raises NotFound, ChangedMeanwhile, and Refused: as `add_official`; 'slug fixed' once it is an
    addressee's; 'other office' once signers read of it; 'no text' where the source language has
    no words; 'names go there' where a petition would hand names to what shall get none.
    """
    official = get_official(official_id, locked=True)
    before = facts_of(official)
    refuse_changed(seen, values_of(before))
    facts = checked_facts(facts, now)
    facts = replace(facts, slug=facts.slug or before.slug)
    if facts.slug != before.slug and is_addressee(official.id):
        raise Refused("slug fixed", "slug")
    if facts.never_names and gets_names(official):
        raise Refused("names go there", "never_names")
    refuse_other_facts(official, before, facts)
    texts = texts_of(official.id)
    if facts.source_language not in texts:
        raise Refused("no text", "source_language")
    if (facts.emails, facts.country) != (before.emails, before.country):
        office = texts[facts.source_language].office
        _refuse_similar(facts, office, knowing=knowing, but=official.id)
    _put(official, facts)
    _flush_slug()
    _put_lists(official.id, facts)
    db.session.flush()
    if detail := _changed(before, facts):
        audit.record(actor, "official changed", _subject(official), detail, now)
    return official


def write_words(
    official_id: int,
    language: str,
    words: OfficialWords,
    *,
    seen: str,
    actor: str,
    now: datetime,
    rights: Collection[Right] = (),
    same_office: bool = False,
) -> Official:
    """Write how an official is named and addressed in a language.

    `rights` are those of whoever writes. Raises NotFound, ChangedMeanwhile, and Refused as
    `checked_words` and `refuse_other_words` say.
    """
    official = get_official(official_id, locked=True)
    text = db.session.get(OfficialText, (official.id, language))
    before = words_of(text)
    refuse_changed(seen, values_of(before))
    words = checked_words(words)
    refuse_other_words(official, before, words, rights, same_office=same_office)
    _put_words(text or OfficialText(official_id=official.id, language=language), words)
    db.session.flush()
    if detail := _changed(before, words):
        detail = {"language": language, **detail}
        detail |= {"same_office": True} if same_office else {}
        audit.record(actor, "official text changed", _subject(official), detail, now)
    return official


def remove_words(official_id: int, language: str, *, actor: str, now: datetime) -> Official:
    """Remove an official's words in a language.

    Raises NotFound, Refused: 'source language', 'promised' once signers may have read them.
    """
    official = get_official(official_id, locked=True)
    text = db.session.get(OfficialText, (official.id, language))
    if text is None:
        raise NotFound("no text in this language")
    if language == official.source_language:
        raise Refused("source language")
    if is_promised(official):
        raise Refused("promised")
    detail = {"language": language, "before": values_of(words_of(text))}
    db.session.delete(text)
    db.session.flush()
    audit.record(actor, "official text removed", _subject(official), detail, now)
    return official


def mark_checked(official_id: int, on: date, *, actor: str, now: datetime) -> Official:
    """Note that an official's name, office and ways to reach it were checked. Raises NotFound."""
    official = get_official(official_id, locked=True)
    detail = {"before": plain(official.checked_on), "after": plain(on)}
    official.checked_on = on
    db.session.flush()
    audit.record(actor, "official checked", _subject(official), detail, now)
    return official


def mark_many_checked(official_ids: Collection[int], on: date, *, actor: str, now: datetime) -> int:
    """Note that all of these were checked; return how many. Raises NotFound, Refused('nobody')."""
    if not official_ids:
        raise Refused("nobody")
    for official_id in sorted(official_ids):  # locked in one order
        mark_checked(official_id, on, actor=actor, now=now)
    return len(official_ids)


def delete_official(official_id: int, *, actor: str, now: datetime) -> None:
    """Delete an official that nothing uses. Raises NotFound, Refused('used')."""
    official = get_official(official_id, locked=True)
    if is_used(official.id):
        raise Refused("used")
    subject, slug = _subject(official), official.slug
    for table in (OfficialText, OfficialContact, Accreditation):
        db.session.execute(delete(table).where(table.official_id == official.id))
    db.session.delete(official)
    try:
        db.session.flush()
    except IntegrityError:  # a petition took it up at the same moment
        raise Refused("used") from None
    audit.record(actor, "official deleted", subject, {"slug": slug}, now)


def _refuse_similar(facts: OfficialFacts, office: str, *, knowing: bool, but: int | None) -> None:
    if not knowing and similar_to(facts.emails, office, facts.country, but=but):
        raise Refused("similar", "knowing")


def _put(official: Official, facts: OfficialFacts) -> None:
    official.slug = facts.slug
    official.kind = facts.kind
    official.country = facts.country
    official.represents = facts.represents
    official.postal_lines = facts.postal_lines
    official.source_language = facts.source_language
    official.preferred_language = facts.preferred_language
    official.submission_notes = facts.submission_notes
    for name in WISHES:
        setattr(official, name, getattr(facts, name))
    official.checked_on = facts.checked_on


def _put_lists(official_id: int, facts: OfficialFacts) -> None:
    """Write contacts and accreditations anew: few rows, whose order matters."""
    for table in (OfficialContact, Accreditation):
        db.session.execute(delete(table).where(table.official_id == official_id))
    for kind, name in CONTACT_FIELDS.items():
        db.session.add_all(
            OfficialContact(official_id=official_id, kind=kind, position=position, value=value)
            for position, value in enumerate(getattr(facts, name), start=1)
        )
    db.session.add_all(
        Accreditation(official_id=official_id, country=country) for country in facts.accredited
    )


def _put_words(text: OfficialText, words: OfficialWords) -> None:
    for each in fields(words):
        setattr(text, each.name, getattr(words, each.name))
    db.session.add(text)


def _flush_slug() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused("slug taken", "slug") from None


def _changed(
    before: OfficialFacts | OfficialWords, after: OfficialFacts | OfficialWords
) -> dict[str, object]:
    """Return what the audit trail tells of a change; nothing where there is none."""
    was, is_now = values_of(before), values_of(after)
    changed = [name for name in was if was[name] != is_now[name]]
    if not changed:
        return {}
    said = [name for name in changed if name not in _UNSAID]
    return {
        "fields": changed,
        "before": {name: was[name] for name in said},
        "after": {name: is_now[name] for name in said},
    }


def _subject(official: Official) -> str:
    return f"official {official.id}"
