"""The letter as it was when its bundle was frozen, with what the bag says of its official.

Whatever is renamed or removed afterwards, the file of the bundle stays byte for byte the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from petitions.documents.entries import Letter
from petitions.documents.letter import unprintable_in
from petitions.documents.letter_codec import (
    LetterUnreadable,
    decode_letter,
    encode_letter,
    letterhead_name,
)
from petitions.documents.letter_length import lines_over
from petitions.documents.picture_headers import is_png
from petitions.documents.typesetting import TypesettingProblem
from petitions.errors import BundleRefused, LetterTooLong
from petitions.extensions import db
from petitions.models import Bundle, Letterhead

_BAG_FIELDS = ("petition", "official", "office")
_TRANSLATION, _LONGER = "translation", "longer"


@dataclass(frozen=True, slots=True)
class BagNames:
    """Slugs of petition and official, and the office in the official's own source language."""

    petition: str
    official: str
    office: str


def keep_letter(
    bundle: Bundle,
    letter: Letter,
    names: BagNames,
    now: datetime,
    *,
    translation: Letter | None = None,
    longer: str = "",
) -> int:
    """Put the letter into a bundle that is being frozen, and its letterhead beside the bundles.

    With it goes its translation, where it has one, and `longer`, the reason why it may run over two
    pages, where it does. Return by how many lines. Raises BundleRefused where the letter could not
    be printed (once frozen, nothing mends it), LetterTooLong where it is too long without a reason.
    """
    for each in filter(None, (letter, translation)):
        _require_printable(each)
    over = _lines_over(letter)
    if over and not longer:
        raise LetterTooLong(names.official, over)
    name = letterhead_name(letter)
    if name and letter.letterhead and db.session.get(Letterhead, name) is None:
        db.session.add(Letterhead(sha256=name, content=letter.letterhead, created_at=now))
    bundle.letter = {
        "letter": encode_letter(letter),
        **{field: getattr(names, field) for field in _BAG_FIELDS},
        **({_TRANSLATION: encode_letter(translation)} if translation else {}),
        **({_LONGER: longer} if over else {}),
    }
    return over


def kept_letter(bundle: Bundle) -> Letter | None:
    """Return the letter of a bundle as frozen; None for one frozen before letters were kept.

    Raises BundleRefused where what was kept cannot be read.
    """
    if bundle.letter is None:
        return None
    try:
        return decode_letter(bundle.letter.get("letter"), _letterhead)
    except (LetterUnreadable, LookupError) as problem:
        raise _unreadable(bundle) from problem


def kept_translation(bundle: Bundle) -> Letter | None:
    """Return the translation that was frozen with a bundle's letter, where there is one.

    Raises BundleRefused where what was kept cannot be read.
    """
    if bundle.letter is None or _TRANSLATION not in bundle.letter:
        return None
    try:
        return decode_letter(bundle.letter[_TRANSLATION], _letterhead)
    except (LetterUnreadable, LookupError) as problem:
        raise _unreadable(bundle) from problem


def kept_names(bundle: Bundle) -> BagNames | None:
    """Return what the bag says; None for a bundle frozen before. Raises BundleRefused."""
    if bundle.letter is None:
        return None
    values: Mapping[str, Any] = bundle.letter
    found = [values.get(field) for field in _BAG_FIELDS]
    known = set(values) - {_TRANSLATION, _LONGER} == {"letter", *_BAG_FIELDS}
    if not known or not all(isinstance(each, str) for each in found):
        raise _unreadable(bundle)
    return BagNames(*map(str, found))


def kept_reason(bundle: Bundle) -> str:
    """Return why the letter of a bundle was let run over two pages; "" where it does not."""
    return str((bundle.letter or {}).get(_LONGER, ""))


def _lines_over(letter: Letter) -> int:
    try:
        return lines_over(letter)
    except TypesettingProblem as problem:
        raise BundleRefused(f"the letter cannot be set: {problem}") from problem


def _require_printable(letter: Letter) -> None:
    if missing := unprintable_in(letter):
        raise BundleRefused(
            f"no installed font can print {' '.join(missing[:20])}, which stands in the letter"
        )
    if letter.letterhead is not None and not is_png(letter.letterhead):
        raise BundleRefused("the letterhead is not a PNG: upload it again")


def _letterhead(name: str) -> bytes:
    kept = db.session.get(Letterhead, name)
    if kept is None:
        raise LookupError("the letterhead is not there")
    return kept.content


def _unreadable(bundle: Bundle) -> BundleRefused:
    return BundleRefused(
        f"the letter of bundle {bundle.public_id} cannot be read as it was frozen: "
        "the database was changed, or is of a newer version of this program"
    )
