"""Pictures of a case: their words on its page, and the bytes of each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from petitions.domain.presenting.wording import pick
from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import Case, Picture, PictureText


@dataclass(frozen=True, slots=True)
class PictureLine:
    """A picture's place and words, without its bytes."""

    position: int
    width: int
    height: int
    credit: str
    language: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture's bytes, re-encoded when they came in."""

    media_type: str
    content: bytes


def pictures_of(case: Case, wishes: Sequence[str]) -> tuple[PictureLine, ...]:
    """Return a case's pictures in their order, each in the reader's best language."""
    query = (
        select(
            Picture.position,
            Picture.width,
            Picture.height,
            Picture.credit,
            PictureText.language,
            PictureText.alt,
            PictureText.caption,
        )
        .join(PictureText, PictureText.picture_id == Picture.id)
        .where(Picture.case_id == case.id)
        .order_by(Picture.position)
    )
    found: dict[int, dict[str, PictureLine]] = {}
    for row in db.session.execute(query):
        line = PictureLine(*row)
        found.setdefault(line.position, {})[line.language] = line
    return tuple(lines[pick(wishes, lines, case.source_language)] for lines in found.values())


def picture_file(case: Case, position: int) -> PictureFile:
    """Return a picture's bytes. Raises NotFound."""
    query = select(Picture.media_type, Picture.content)
    query = query.where(Picture.case_id == case.id, Picture.position == position)
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound("no such picture")
    return PictureFile(*row)
