"""Pages that are read: the list of petitions, cases with their pictures, petitions."""

from flask import Blueprint, Response, g, make_response, render_template
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain import presenting
from petitions.domain.petitions import public_case, public_petition
from petitions.web.headers import framed_anywhere, public_page
from petitions.web.language import wishes
from petitions.web.public.forms import SigningShape
from petitions.web.public.petition_answer import petition_answer

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
    return render_template("case.html", page=page, petitions=petitions)


@blueprint.get("/cases/<slug:case>/pictures/<int(max=9999):position>")
@public_page
def picture(case: str, position: int) -> Response:
    """Serve a picture of a case."""
    file = presenting.picture_file(public_case(case), position)
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
