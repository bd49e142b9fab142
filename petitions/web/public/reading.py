"""Pages that are read: the list of petitions, cases with their pictures, petitions."""

from dataclasses import astuple
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, g, make_response, render_template
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.documents import picture_sizes
from petitions.documents.pictures import NewPicture
from petitions.domain import presenting
from petitions.domain.counting import Numbers, public_numbers_of
from petitions.domain.petitions import public_case, public_petition
from petitions.domain.presenting.deliveries import History, history_of
from petitions.errors import NotFound
from petitions.extensions import db
from petitions.web.headers import framed_anywhere, public_page
from petitions.web.language import wishes
from petitions.web.public.forms import SigningShape
from petitions.web.public.petition_answer import petition_answer
from petitions.web.public.shared import shared_case

blueprint = Blueprint("reading", __name__)


@blueprint.get("/")
@public_page
def front() -> ResponseReturnValue:
    """List open petitions, most urgent first, and the others apart."""
    page = presenting.front_page(wishes(), now())
    g.content_languages = page.languages
    return render_template("front.html", page=page)


@blueprint.get("/cases/<slug:case>")
@public_page
def one_case(case: str) -> ResponseReturnValue:
    """Tell a case, and lead to its petitions."""
    found = public_case(case)
    page = presenting.case_page(found, wishes())
    petitions = presenting.front_page(wishes(), now(), case_id=found.id)
    g.content_languages = page.languages
    done = [
        (line, public_numbers_of(line.id), history_of(line.id, line.time_zone, wishes()))
        for line in (*petitions.open, *petitions.others)
    ]
    return render_template(
        "case.html",
        page=page,
        petitions=petitions,
        done=[each for each in done if _something(*each[1:])],
        shared=shared_case(page, found),
        published=_day_of(found.published_at, found.time_zone),
    )


def _day_of(at: datetime | None, time_zone: str) -> date | None:
    return at.astimezone(ZoneInfo(time_zone)).date() if at else None


def _something(numbers: Numbers, history: History) -> bool:
    return any(astuple(numbers)[:4]) or bool(history.lines)


@blueprint.get("/cases/<slug:case>/pictures/<int(max=9999):position>")
@public_page
def picture(case: str, position: int) -> Response:
    """Serve a picture of a case."""
    return _picture(presenting.picture_file(public_case(case), position)[1])


@blueprint.get("/cases/<slug:case>/pictures/<int(max=9999):position>/<int(max=9999):width>")
@public_page
def smaller_picture(case: str, position: int, width: int) -> Response:
    """Serve a picture of a case in one of the sizes that its page offers."""
    picture_id, file = presenting.picture_file(public_case(case), position)
    if width not in picture_sizes.widths_below(file.width):
        raise NotFound("no such size")
    db.session.rollback()  # making it takes a moment: no connection is held meanwhile
    folder = current_app.extensions["petitions"].pictures
    return _picture(picture_sizes.smaller(folder, picture_id, file, width))


def _picture(file: NewPicture) -> Response:
    response = make_response(file.content)
    response.content_type = file.media_type
    return response


@blueprint.get("/petitions/<slug:petition>")
@public_page
def one_petition(petition: str) -> ResponseReturnValue:
    """Show a petition with the form that signs it."""
    return petition_answer("petition.html", *public_petition(petition), SigningShape())


@blueprint.get("/embed/<slug:petition>")
@public_page
def embed(petition: str) -> ResponseReturnValue:
    """Show the same form for a frame on another site."""
    framed_anywhere()
    return petition_answer("embed.html", *public_petition(petition), SigningShape())
