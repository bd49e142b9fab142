"""What a case still needs before readers may see it. Words are translated where they are shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from petitions.domain.case_covering import uncovered
from petitions.domain.case_permission import Standing, standing_of
from petitions.extensions import db
from petitions.models import Case, CaseText, Person, Picture, PictureText


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing, and the page where it is put right.

    Words: 'permission', 'second organiser', 'person', 'title', 'summary or story', 'alt text',
    'covers name', 'covers picture', 'covers place', 'covers story'. `language` is set where the
    thing is missing in one language.
    """

    word: str
    endpoint: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    language: str = ""


def missing_for_publishing(case: Case) -> list[Missing]:
    """Return all that is missing, in the order in which one would put it right."""
    return [*_people(case), *_texts(case), *_permission(case), *_alt_texts(case)]


def _people(case: Case) -> Iterator[Missing]:
    if not _has(select(Person.id).where(Person.case_id == case.id)):
        yield Missing("person", "cases.new_person", {"case_id": case.id})


def _texts(case: Case) -> Iterator[Missing]:
    text = db.session.get(CaseText, (case.id, case.source_language))
    here: dict[str, str | int] = {"case_id": case.id, "language": case.source_language}
    if text is None or not text.title:
        yield Missing("title", "cases.text", here, case.source_language)
    if text is None or not (text.summary or text.story):
        yield Missing("summary or story", "cases.text", here, case.source_language)


def _permission(case: Case) -> Iterator[Missing]:
    here: dict[str, str | int] = {"case_id": case.id}
    standing: Standing = standing_of(case.id)
    if standing.counts is not None:
        for word in uncovered(case, standing.counts):
            yield Missing(word, "cases.permission", here)
    elif standing.waiting is not None:
        yield Missing("second organiser", "cases.permission", here)
    else:
        yield Missing("permission", "cases.permission", here)


def _alt_texts(case: Case) -> Iterator[Missing]:
    for picture_id, language in pictures_without_words(case.id):
        here: dict[str, str | int] = {
            "case_id": case.id,
            "picture_id": picture_id,
            "language": language,
        }
        yield Missing("alt text", "cases.picture_words", here, language)


def pictures_without_words(case_id: int) -> list[tuple[int, str]]:
    """Return (picture, language) for each picture that lacks its words in a language of a text."""
    query = (
        select(Picture.id, CaseText.language)
        .join(CaseText, CaseText.case_id == Picture.case_id)
        .outerjoin(
            PictureText,
            (PictureText.picture_id == Picture.id) & (PictureText.language == CaseText.language),
        )
        .where(Picture.case_id == case_id, PictureText.picture_id.is_(None))
        .order_by(Picture.position, CaseText.language)
    )
    return [(row.id, row.language) for row in db.session.execute(query)]


def pictures_without_words_in(case_id: int, language: str) -> list[int]:
    """Return the pictures that lack their words in one language, whatever texts there are."""
    have = select(PictureText.picture_id).where(PictureText.language == language)
    query = select(Picture.id).where(Picture.case_id == case_id, Picture.id.not_in(have))
    return list(db.session.execute(query.order_by(Picture.position)).scalars())


def _has(query: object) -> bool:
    return db.session.execute(query.limit(1)).first() is not None  # type: ignore[attr-defined]  # any select
