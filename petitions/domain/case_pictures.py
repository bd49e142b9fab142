"""Pictures of a case: brought in re-encoded, described in each language, ordered, removed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import defer

from petitions.domain import audit
from petitions.domain.case_finding import case_for_writing
from petitions.domain.case_order import move_row
from petitions.domain.case_permission import standing_of
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.translations import note_before_change, note_original, outdated
from petitions.domain.uploads import UploadedPicture
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import Case, CaseText, Picture, PictureText


@dataclass(frozen=True, slots=True)
class PictureWords:
    """What is said of a picture in one language; the credit is the same in all."""

    alt: str
    caption: str
    credit: str

    def values(self) -> Mapping[str, Any]:
        """Return plain values, for a fingerprint."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A picture in the organisers' list, with its alternative texts by language."""

    id: int
    position: int
    width: int
    height: int
    credit: str
    alts: Mapping[str, str]
    outdated: tuple[str, ...] = ()
    """The languages whose words were translated before the original changed."""


def picture_rows(case_id: int) -> tuple[PictureRow, ...]:
    """Return the pictures of a case in their order, without their bytes."""
    source = db.session.get_one(Case, case_id).source_language
    told: dict[int, dict[str, PictureText]] = {}
    words = select(PictureText).join(Picture, Picture.id == PictureText.picture_id)
    for text in db.session.execute(words.where(Picture.case_id == case_id)).scalars():
        told.setdefault(text.picture_id, {})[text.language] = text
    return tuple(
        PictureRow(
            id=row.id,
            position=row.position,
            width=row.width,
            height=row.height,
            credit=row.credit,
            alts={tag: text.alt for tag, text in told.get(row.id, {}).items()},
            outdated=tuple(
                tag for tag in sorted(told.get(row.id, {})) if picture_outdated_in(row, tag, source)
            ),
        )
        for row in pictures_in_order(case_id)
    )


def pictures_in_order(case_id: int) -> tuple[Picture, ...]:
    """Return the rows of a case's pictures; their bytes stay in the database."""
    query = select(Picture).options(defer(Picture.content)).where(Picture.case_id == case_id)
    return tuple(db.session.execute(query.order_by(Picture.position)).scalars())


def one_picture(case_id: int, picture_id: int) -> Picture:
    """Return a picture of a case, without its bytes. Raises NotFound."""
    found = next((row for row in pictures_in_order(case_id) if row.id == picture_id), None)
    if found is None:
        raise NotFound("no such picture")
    return found


def picture_words(picture: Picture, language: str) -> PictureWords:
    """Return what is said of a picture in a language; empty where nothing is."""
    text = db.session.get(PictureText, (picture.id, language))
    if text is None:
        return PictureWords("", "", picture.credit)
    return PictureWords(text.alt, text.caption, picture.credit)


def picture_outdated_in(picture: Picture, language: str, source: str) -> tuple[str, ...]:
    """Return what is said of a picture, and whose original changed since it was translated."""
    row = db.session.get(PictureText, (picture.id, language))
    if row is None or language == source:
        return ()
    return outdated(row.made_from, _said(picture, language), _said(picture, source))


def add_picture(
    case_id: int, made: UploadedPicture, words: PictureWords, actor: str, now: datetime
) -> Picture:
    """Add a picture, re-encoded by `uploads.picture` before the transaction, and describe it.

    The words are those of the source language. Raises NotFound, Refused: 'no alt text', and
    'not covered' where readers would see at once what no permission covers.
    """
    case = case_for_writing(case_id)
    if not words.alt:
        raise Refused("no alt text", "alt")
    _refuse_uncovered(case)
    last = select(func.coalesce(func.max(Picture.position), 0)).where(Picture.case_id == case_id)
    picture = Picture(
        case_id=case_id,
        position=db.session.execute(last).scalar_one() + 1,
        media_type=made.media_type,
        content=made.content,
        width=made.width,
        height=made.height,
        credit=words.credit,
    )
    db.session.add(picture)
    db.session.flush()
    _write(picture, case.source_language, words)
    audit.record(actor, "picture added", f"case {case_id}", {"picture": picture.id}, now)
    return picture


def describe_picture(
    case_id: int,
    picture_id: int,
    language: str,
    words: PictureWords,
    *,
    seen: str,
    actor: str,
    now: datetime,
    may_publish: bool = True,
    is_right: bool = False,
) -> None:
    """Change what is said of a picture in a language.

    `is_right`: whoever saves says that the translation follows the original. Raises NotFound,
    ChangedMeanwhile, Refused: 'no alt text', and 'readers see it' where they see the change at once
    and whoever makes it may not publish.
    """
    case = case_for_writing(case_id)
    picture = one_picture(case_id, picture_id)
    before, after = picture_words(picture, language).values(), words.values()
    refuse_changed(seen, before)
    if not words.alt:
        raise Refused("no alt text", "alt")
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        if not may_publish and _is_seen(case, language, changed):
            raise Refused("readers see it", "credit" if "credit" in changed else "alt")
        if language == case.source_language:
            _note_before_change(picture, language, set(changed) & _TRANSLATED)
        _write(picture, language, words)
        detail = {"picture": picture_id, "language": language, "fields": changed}
        audit.record(actor, "picture described", f"case {case_id}", detail, now)
    follows = _TRANSLATED if is_right else set(changed) & _TRANSLATED
    if follows and language != case.source_language:
        text = db.session.get_one(PictureText, (picture.id, language))
        note_original(text, _said(picture, case.source_language), follows)


def remove_picture(case_id: int, picture_id: int, actor: str, now: datetime) -> None:
    """Remove a picture with its words; its bytes are gone from the database. Raises NotFound."""
    case_for_writing(case_id)
    picture = one_picture(case_id, picture_id)
    db.session.execute(delete(PictureText).where(PictureText.picture_id == picture.id))
    db.session.execute(delete(Picture).where(Picture.id == picture.id))
    audit.record(actor, "picture removed", f"case {case_id}", {"picture": picture_id}, now)


def move_picture(case_id: int, picture_id: int, up: bool, actor: str, now: datetime) -> None:
    """Let a picture change places with the one before (or after). Raises NotFound."""
    case_for_writing(case_id)
    picture = one_picture(case_id, picture_id)
    if move_row(picture, pictures_in_order(case_id), up):
        audit.record(actor, "pictures reordered", f"case {case_id}", {"picture": picture_id}, now)


_TRANSLATED = frozenset({"alt", "caption"})


def _said(picture: Picture, language: str) -> dict[str, str]:
    words = picture_words(picture, language)
    return {"alt": words.alt, "caption": words.caption}


def _note_before_change(picture: Picture, source: str, fields: Collection[str]) -> None:
    query = select(PictureText).where(
        PictureText.picture_id == picture.id, PictureText.language != source
    )
    rows = db.session.execute(query).scalars().all()
    note_before_change(rows, _said(picture, source), fields)


def _is_seen(case: Case, language: str, changed: Sequence[str]) -> bool:
    """Readers see words where they see the text of that language; a credit is seen in all."""
    is_told = db.session.get(CaseText, (case.id, language)) is not None
    return case.published_at is not None and (is_told or "credit" in changed)


def _refuse_uncovered(case: Case) -> None:
    counts = standing_of(case.id).counts
    if case.published_at is not None and (counts is None or not counts.covers_picture):
        raise Refused("not covered", "file")


def _write(picture: Picture, language: str, words: PictureWords) -> None:
    picture.credit = words.credit
    text = db.session.get(PictureText, (picture.id, language))
    if text is None:
        text = PictureText(picture_id=picture.id, language=language, alt=words.alt)
        db.session.add(text)
    text.alt, text.caption = words.alt, words.caption
    db.session.flush()
