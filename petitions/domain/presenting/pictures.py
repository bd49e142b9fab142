"""Pictures of a case: their words on its page, and the bytes of each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from petitions.documents.picture_sizes import forget_all_but, widths_below
from petitions.documents.pictures import NewPicture
from petitions.domain.presenting.wording import pick
from petitions.domain.site import Site
from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import Case, Picture, PictureText

_USUAL = 960


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

    @property
    def widths(self) -> tuple[int, ...]:
        """The smaller widths that it is offered in."""
        return widths_below(self.width)

    @property
    def usual_width(self) -> int:
        """The width for browsers that cannot choose: those of old phones."""
        return max((width for width in self.widths if width <= _USUAL), default=self.width)


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


def picture_file(case: Case, position: int) -> tuple[int, NewPicture]:
    """Return id and bytes of a picture, re-encoded when it came in. Raises NotFound."""
    return _file(Picture.case_id == case.id, Picture.position == position)


def picture_numbered(case_id: int, picture_id: int) -> NewPicture:
    """Return a picture's bytes for organisers, published or not. Raises NotFound."""
    return _file(Picture.case_id == case_id, Picture.id == picture_id)[1]


def clear_hidden_sizes(site: Site) -> int:
    """Remove the sizes of pictures that nobody may see, or that are gone; return how many.

    Whoever hides a case or removes a picture does so at once (`picture_sizes.forget`); this finds
    what a request wrote at that very moment, or what was hidden by a machine with another disk.
    """
    if not site.pictures.is_dir():
        return 0
    query = select(Picture.id).join(Case, Case.id == Picture.case_id)
    query = query.where(Case.published_at.is_not(None), Case.hidden_at.is_(None))
    return forget_all_but(site.pictures, set(db.session.execute(query).scalars()))


def _file(*which: ColumnElement[bool]) -> tuple[int, NewPicture]:
    query = select(
        Picture.id, Picture.media_type, Picture.width, Picture.height, Picture.content
    ).where(*which)
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound("no such picture")
    return row[0], NewPicture(*row[1:])
