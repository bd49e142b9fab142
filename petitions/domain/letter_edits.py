"""The letter to one official in an organiser's words, in place of what the petition says to all.

What is written here stands in the next bundle. What was frozen stays as it was. Signers agreed to
the petition's text: the audit trail tells which part of a letter says it otherwise.
"""

from dataclasses import Field, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from petitions.documents.entries import Letter
from petitions.domain import audit
from petitions.domain.fingerprints import refuse_changed
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import (
    Addressee,
    Bundle,
    LetterEdit,
    Official,
    Part,
    StateObligation,
    TextVersion,
)

MOST_LINES = 40
LONGEST = 20_000
_NEEDED = ("subject", "opening", "closing")


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWords:
    """What of a letter can be written for one official alone; `translation` is a language."""

    form_of_address: str = ""
    salutation: str = ""
    subject: str = ""
    opening: str = ""
    asks: tuple[str, ...] = ()
    closing: str = ""
    signatory_lines: tuple[str, ...] = ()
    enclosures: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    translation: str = ""
    longer: str = ""
    """Why the letter may run over two pages; printed nowhere."""

    def values(self) -> dict[str, Any]:
        """Return plain values, as they are kept."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in told.items()
        }


def words_of(letter: Letter, translation: str = "", longer: str = "") -> LetterWords:
    """Return the words of a letter, as a form shows them."""
    said = {each.name: getattr(letter, each.name) for each in fields(LetterWords) if _is_said(each)}
    return LetterWords(**said, translation=translation, longer=longer)


def edit_of(official_id: int, version_id: int, language: str) -> LetterEdit | None:
    """Return what was written for an official, if anything was."""
    return db.session.get(LetterEdit, (official_id, version_id, language))


def translation_of(bundle: Bundle) -> str:
    """Return the language in which a translation goes with a bundle's letter, or ''."""
    edit = edit_of(bundle.official_id, bundle.text_version_id, bundle.language)
    return _kept(edit).translation if edit else ""


def longer_because(bundle: Bundle) -> str:
    """Return why a bundle's letter may run over two pages, or ''."""
    edit = edit_of(bundle.official_id, bundle.text_version_id, bundle.language)
    return _kept(edit).longer if edit else ""


def with_edits(letter: Letter, bundle: Bundle) -> Letter:
    """Return a letter put together from the petition's words as it was written for its official."""
    obligation = obligation_for(bundle.petition_id, state_of(bundle.official_id), letter.language)
    letter = replace(letter, obligation=obligation)
    edit = edit_of(bundle.official_id, bundle.text_version_id, bundle.language)
    if edit is None:
        return letter
    words = _kept(edit)
    return replace(
        letter,
        **{each.name: getattr(words, each.name) for each in fields(words) if _is_said(each)},
        translated=bool(words.translation),
    )


def state_of(official_id: int) -> str:
    """Return the state that an official belongs to: that which it represents, or its country."""
    official = db.session.get_one(Official, official_id)
    return official.represents or official.country or ""


def obligation_for(petition_id: int, state: str, language: str) -> str:
    """Return what binds a state, as a petition's letters in a language say it; '' for nothing."""
    row = db.session.get(StateObligation, (petition_id, state, language)) if state else None
    return row.text if row else ""


def save(
    addressee: Addressee,
    official_id: int,
    version: TextVersion,
    language: str,
    words: LetterWords,
    *,
    obligation: str,
    before: LetterWords,
    seen: str,
    author: int,
    now: datetime,
) -> bool:
    """Keep the letter to an official as it was written; return whether anything changed.

    `before` is what the letter says until now; the obligation goes into all letters of the petition
    to offices of that state. Raises ChangedMeanwhile, Refused: 'needed' and 'too long' with the
    field, 'not published', 'no state'.
    """
    state = state_of(official_id)
    obliged = obligation_for(version.petition_id, state, language)
    refuse_changed(seen, shown_values(before, obliged))
    _check(addressee, version, words, obligation, state)
    changed = [n for n, value in words.values().items() if value != before.values()[n]]
    if obligation != obliged:
        changed.append("obligation")
        _put_obligation(version.petition_id, state, language, obligation)
    if not changed:
        return False
    if changed != ["obligation"]:
        key = {"official_id": official_id, "text_version_id": version.id, "language": language}
        edit = edit_of(official_id, version.id, language) or LetterEdit(**key)
        # A version of before that reads it knows no `longer`.
        edit.words = {n: value for n, value in words.values().items() if value or n != "longer"}
        edit.author, edit.changed_at = author, now
        db.session.add(edit)
    db.session.flush()
    detail = {"official": official_id, "language": language, "fields": changed}
    _record("letter edited", version, detail, author, now)
    return True


def discard(
    official_id: int, version: TextVersion, language: str, *, author: int, now: datetime
) -> bool:
    """Let an official's letter say what the petition says again; return whether it did not."""
    edit = edit_of(official_id, version.id, language)
    if edit is None:
        return False
    db.session.delete(edit)
    db.session.flush()
    detail = {"official": official_id, "language": language}
    _record("letter edit discarded", version, detail, author, now)
    return True


def shown_values(words: LetterWords, obligation: str) -> dict[str, Any]:
    """Return what the form of a letter shows, for a fingerprint."""
    return {**words.values(), "obligation": obligation}


def edited_officials(petition_id: int) -> set[int]:
    """Return the officials whose letter with the newest published text was written for them."""
    newest = (
        select(TextVersion.id)
        .where(TextVersion.petition_id == petition_id, TextVersion.published_at.is_not(None))
        .order_by(TextVersion.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(LetterEdit.official_id).where(LetterEdit.text_version_id == newest)
    return set(db.session.execute(query).scalars())


def _kept(edit: LetterEdit) -> LetterWords:
    told: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in edit.words.items()
    }
    return LetterWords(**told)


def _is_said(part: Field[Any]) -> bool:
    """Whether it is printed, and not about the printing."""
    return part.name not in {"translation", "longer"}


def _check(
    addressee: Addressee, version: TextVersion, words: LetterWords, obligation: str, state: str
) -> None:
    if version.published_at is None:
        raise Refused("not published")
    needed = (*_NEEDED, "salutation") if addressee.part is Part.TO else _NEEDED
    for name in needed:
        if not getattr(words, name):
            raise Refused("needed", name)
    told = {**words.values(), "obligation": obligation}
    for name, value in told.items():
        lines = value if isinstance(value, list) else [value]
        if len(lines) > MOST_LINES or any(len(line) > LONGEST for line in lines):
            raise Refused("too long", name)
    if obligation and not state:
        raise Refused("no state", "obligation")


def _put_obligation(petition_id: int, state: str, language: str, text: str) -> None:
    row = db.session.get(StateObligation, (petition_id, state, language))
    if row is not None and not text:
        db.session.delete(row)
    elif row is not None:
        row.text = text
    else:
        key = {"petition_id": petition_id, "country": state, "language": language}
        db.session.add(StateObligation(**key, text=text))


def _record(
    action: str, version: TextVersion, detail: dict[str, object], author: int, now: datetime
) -> None:
    subject = f"petition {version.petition_id}"
    told = {**detail, "version": version.number}
    audit.record(f"organiser {author}", action, subject, told, now)
