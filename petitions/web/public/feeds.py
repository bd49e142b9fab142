"""Atom feeds of updates (RFC 4287): of one case, and of all."""

from flask import Blueprint, Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from petitions.domain.petitions import public_case
from petitions.domain.presenting import case_page
from petitions.domain.presenting.feeds import FeedLine, feed_lines
from petitions.web.headers import public_page
from petitions.web.language import interface_language, wishes
from petitions.web.page_frame import organisation

blueprint = Blueprint("feeds", __name__)

_BEGINNING = "1970-01-01T00:00:00+00:00"


@blueprint.get("/updates.atom")
@public_page
def everything() -> ResponseReturnValue:
    """Tell the newest updates of all cases."""
    return _feed(feed_lines(wishes()), None, url_for("reading.front"))


@blueprint.get("/cases/<slug:case>/updates.atom")
@public_page
def one_case(case: str) -> ResponseReturnValue:
    """Tell the updates of one case."""
    found = public_case(case)
    page = case_page(found, wishes())
    title = ", ".join(person.name for person in page.people[:3]) or page.words.title
    lines = feed_lines(wishes(), case_id=found.id)
    return _feed(lines, title, url_for("reading.one_case", case=case))


def _feed(lines: tuple[FeedLine, ...], title: str | None, about: str) -> Response:
    base_url = current_app.extensions["petitions"].base_url
    known = organisation()
    xml = render_template(
        "updates.atom",
        lines=lines,
        title=title,
        about=base_url + about,
        base_url=base_url,
        author=known.name if known else base_url,
        updated=lines[0].published_at.isoformat() if lines else _BEGINNING,
        tag=interface_language(),
    )
    return Response(xml, mimetype="application/atom+xml")
