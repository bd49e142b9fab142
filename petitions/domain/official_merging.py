"""Two entries of one official made one: everything that refers to the one that goes moves.

It cannot be undone: what was known of the one that goes, and which rows referred to it, is in the
trail, so that both can be told apart again by hand. An office that signers
read of stays the office that they read of.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import aliased

from petitions.domain import audit, officials
from petitions.domain.fingerprints import fingerprint
from petitions.domain.official_duplicates import normalised
from petitions.domain.official_facts import (
    CONTACT_FIELDS,
    OfficialFacts,
    OfficialWords,
    facts_of,
    values_of,
    words_of,
)
from petitions.domain.official_lists import texts_of
from petitions.domain.official_promises import is_promised
from petitions.domain.officials import get_official
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, Refused
from petitions.extensions import db
from petitions.models import (
    Accreditation,
    Addressee,
    Appeal,
    BuildAgreement,
    BuildState,
    Bundle,
    BundleBuild,
    FormerHolder,
    LetterEdit,
    Official,
    OfficialApart,
    OfficialContact,
    OfficialText,
    Reply,
)

MOVED = (Addressee, Bundle, Reply, Appeal, FormerHolder, LetterEdit)
"""Tables whose rows go over to the official that stays."""
GONE_WITH_IT = (OfficialText, OfficialContact, Accreditation)
"""Tables whose rows are the official's own: taken over where asked for, then deleted."""
_LISTED: tuple[Any, ...] = (BundleBuild, BuildAgreement)
_ITS_PLACE = ("kind", "represents", "country")


@dataclass(frozen=True, slots=True)
class Merging:
    """What merging would do: how many rows move, which petitions name both, what must be said."""

    moves: dict[str, int]
    name_both: tuple[int, ...]
    differs_in: tuple[str, ...]
    """Of what signers read: the office in their words, its kind, state and country."""
    letters_dropped: int
    """Letters to the one that goes, where the one that stays has its own for text and language."""
    seen: str


def look_at(stays_id: int, goes_id: int) -> Merging:
    """Return what merging would do. Raises NotFound."""
    stays, goes = get_official(stays_id), get_official(goes_id)
    return Merging(
        moves={table.__tablename__: _number(table, goes.id) for table in MOVED},
        name_both=_name_both(stays.id, goes.id),
        differs_in=_differences(stays, goes) if is_promised(goes) else (),
        letters_dropped=len(_second_letters(stays.id, goes.id)),
        seen=_told_of_both(stays, goes),
    )


def merge(
    stays_id: int,
    goes_id: int,
    *,
    take_over: bool,
    same_office: bool,
    seen: str,
    rights: Collection[Right],
    actor: str,
    now: datetime,
) -> Official:
    """Move everything from the official that goes to the one that stays, and delete the former.

    `take_over` fills what is empty and adds contacts, languages and countries; `same_office` is
    the word of whoever publishes that both are the office that signers read of. Raises NotFound,
    ChangedMeanwhile, and Refused: 'the same', 'name both', 'being built', 'old bundles', 'other
    office', 'needs a publisher'.
    """
    if stays_id == goes_id:
        raise Refused("the same")
    first, second = sorted((stays_id, goes_id))  # both are locked in one order
    for one in (first, second):
        get_official(one, locked=True)
    stays, goes = get_official(stays_id), get_official(goes_id)
    told = _told_of_both(stays, goes)
    if seen and seen != told:
        raise ChangedMeanwhile({})
    _refuse(stays, goes, same_office=same_office, rights=rights)
    known = {"facts": values_of(facts_of(goes))} | {
        tag: values_of(words_of(text)) for tag, text in texts_of(goes.id).items()
    }
    known["facts"].pop("submission_notes")  # written for colleagues alone
    facts, words = _together(stays, goes)
    dropped = _drop_second_letters(stays.id, goes.id)
    rows = {table.__tablename__: _rows_of(table, goes.id) for table in MOVED}
    moved = {table.__tablename__: _move(table, goes.id, stays.id) for table in MOVED}
    _move_lists(goes.id, stays.id)
    _delete(goes)
    detail = {"gone": goes_id, "moved": moved, "took_over": take_over, "known": known}
    detail |= {"same_office": True} if same_office else {}
    detail |= {"moved_rows": rows, "letters_dropped": dropped}  # to separate them by hand
    audit.record(actor, "officials merged", f"official {stays.id}", detail, now)
    if take_over:
        _take_over(
            stays, facts, words, rights=rights, same_office=same_office, actor=actor, now=now
        )
    return stays


def _refuse(
    stays: Official, goes: Official, *, same_office: bool, rights: Collection[Right]
) -> None:
    if _name_both(stays.id, goes.id):
        raise Refused("name both")
    running = select(BundleBuild.official_ids).where(
        BundleBuild.state.in_((BuildState.WAITING, BuildState.RUNNING))
    )
    if any({stays.id, goes.id} & set(ids) for ids in db.session.execute(running).scalars()):
        raise Refused("being built")
    old = select(Bundle.id).where(Bundle.official_id == goes.id, Bundle.letter.is_(None)).limit(1)
    if db.session.execute(old).first():
        raise Refused("old bundles")  # their files carry the official's short name of today
    if not is_promised(goes):
        return
    differs = _differences(stays, goes)
    if set(differs) & set(_ITS_PLACE):
        raise Refused("other office")
    if differs and not same_office:
        raise Refused("other office", "same_office")
    if differs and Right.PUBLISH not in rights:
        raise Refused("needs a publisher", "same_office")


def _differences(stays: Official, goes: Official) -> tuple[str, ...]:
    """Return in what the official that stays is another one than signers of the other read of."""
    found = [name for name in _ITS_PLACE if getattr(stays, name) != getattr(goes, name)]
    ours, theirs = texts_of(stays.id), texts_of(goes.id)
    shared = ours.keys() & theirs.keys()
    for name in ("office", "organisation"):
        pairs = [(getattr(ours[tag], name), getattr(theirs[tag], name)) for tag in shared]
        if not pairs or any(normalised(one) != normalised(other) for one, other in pairs):
            found.append(name)
    return tuple(found)


def _name_both(first: int, second: int) -> tuple[int, ...]:
    other = aliased(Addressee)
    query = (
        select(Addressee.petition_id)
        .join(other, other.petition_id == Addressee.petition_id)
        .where(Addressee.official_id == first, other.official_id == second)
        .order_by(Addressee.petition_id)
    )
    return tuple(db.session.execute(query).scalars())


def _number(table: Any, official_id: int) -> int:
    query = select(func.count()).select_from(table).where(table.official_id == official_id)
    return db.session.execute(query).scalar_one()


def _move(table: Any, source: int, target: int) -> int:
    number = _number(table, source)
    statement = update(table).where(table.official_id == source).values(official_id=target)
    db.session.execute(statement)
    return number


def _second_letters(stays_id: int, goes_id: int) -> list[LetterEdit]:
    """Return the letters to the official that goes for which the one that stays has its own."""
    kept = aliased(LetterEdit)
    same = select(kept.official_id).where(
        kept.official_id == stays_id,
        kept.text_version_id == LetterEdit.text_version_id,
        kept.language == LetterEdit.language,
    )
    query = select(LetterEdit).where(LetterEdit.official_id == goes_id, same.exists())
    return list(db.session.execute(query).scalars())


def _drop_second_letters(stays_id: int, goes_id: int) -> list[dict[str, Any]]:
    """One letter for a text and language: where both had one, that of the official that stays.

    Returns what was dropped, column by column.
    """
    told = []
    for letter in _second_letters(stays_id, goes_id):
        columns = LetterEdit.__table__.columns
        values = {column.name: getattr(letter, column.name) for column in columns}
        told.append({name: values[name] for name in sorted(values)})
        db.session.delete(letter)
    db.session.flush()
    plain: list[dict[str, Any]] = json.loads(json.dumps(told, default=str))
    return plain


def _rows_of(table: Any, official_id: int) -> list[Any]:
    """Return the keys of the rows that refer to an official, so that each can be found again."""
    keys = [column for column in table.__table__.primary_key if column.name != "official_id"]
    found = db.session.execute(
        select(*keys).where(table.official_id == official_id).order_by(*keys)
    )
    return [row[0] if len(row) == 1 else list(row) for row in found]


def _move_lists(source: int, target: int) -> None:
    """Builds and agreements keep officials in lists; a build's words say which one they mean."""
    for table in _LISTED:
        for row in db.session.execute(select(table)).scalars():
            if source in row.official_ids:
                ids = [target if one == source else one for one in row.official_ids]
                row.official_ids = list(dict.fromkeys(ids))
    for build in db.session.execute(select(BundleBuild)).scalars():
        about = [line.split("|", 2) for line in build.messages]
        if any(word != "not written" and one == str(source) for word, one, _ in about):
            build.messages = [
                f"{word}|{target}|{text}"
                if word != "not written" and one == str(source)
                else f"{word}|{one}|{text}"
                for word, one, text in about
            ]


def _delete(official: Official) -> None:
    apart = (OfficialApart.first_id == official.id) | (OfficialApart.second_id == official.id)
    db.session.execute(delete(OfficialApart).where(apart))
    for table in GONE_WITH_IT:
        db.session.execute(delete(table).where(table.official_id == official.id))
    db.session.delete(official)
    db.session.flush()


def _together(
    stays: Official, goes: Official
) -> tuple[OfficialFacts, dict[str, tuple[OfficialWords, OfficialWords]]]:
    """Return what is known of both: what stays goes first, what it lacks is taken over."""
    ours, theirs = facts_of(stays), facts_of(goes)
    added: dict[str, Any] = {
        name: _both(getattr(ours, name), getattr(theirs, name)) for name in CONTACT_FIELDS.values()
    }
    if ours.represents and ours.represents == theirs.represents:
        added["accredited"] = tuple(sorted({*ours.accredited, *theirs.accredited}))
    notes = (ours.submission_notes, theirs.submission_notes)
    added["submission_notes"] = "\n\n".join(dict.fromkeys(filter(None, notes)))
    for name in ("postal_lines", "preferred_language"):
        added[name] = getattr(ours, name) or getattr(theirs, name)
    own = texts_of(stays.id)
    words = {}
    for tag, text in texts_of(goes.id).items():
        before, other = words_of(own.get(tag)), words_of(text)
        filled = {
            each.name: getattr(before, each.name) or getattr(other, each.name)
            for each in fields(OfficialWords)
        }
        words[tag] = (before, OfficialWords(**filled))
    return replace(ours, **added), words


def _both(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    there = {value.casefold() for value in ours}
    return (*ours, *(value for value in theirs if value.casefold() not in there))


def _take_over(
    stays: Official,
    facts: OfficialFacts,
    words: dict[str, tuple[OfficialWords, OfficialWords]],
    *,
    rights: Collection[Right],
    same_office: bool,
    actor: str,
    now: datetime,
) -> None:
    officials.change_facts(stays.id, facts, seen="", actor=actor, now=now, knowing=True)
    for tag, (before, after) in words.items():
        if before != after:
            officials.write_words(
                stays.id,
                tag,
                after,
                seen="",
                actor=actor,
                now=now,
                rights=rights,
                same_office=same_office,
            )


def _told_of_both(stays: Official, goes: Official) -> str:
    """Return a fingerprint of what the page showed of both."""
    told = [
        [values_of(facts_of(one)), {tag: values_of(words_of(t)) for tag, t in texts.items()}]
        for one in (stays, goes)
        for texts in (texts_of(one.id),)
    ]
    return fingerprint({"both": told})
