"""The public API, version 1: read only, the same for all, readable from any site."""

from datetime import datetime

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain.counting import public_numbers_of
from petitions.domain.petitions import public_petition
from petitions.domain.presenting import front_page, petition_page
from petitions.domain.relief import Lane
from petitions.web.api.openapi import description
from petitions.web.api.shapes import shape_of_line, shape_of_page
from petitions.web.giving_way import giving_way
from petitions.web.headers import loaded_anywhere, public_page
from petitions.web.language import wishes

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


def register(app: Flask) -> None:
    """Add the API."""
    app.register_blueprint(blueprint)


@blueprint.after_request
def open_to_all_sites(response: Response) -> Response:
    """Let pages of other sites read this (nothing here depends on who asks)."""
    if request.method in {"GET", "HEAD"}:
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/petitions")
@public_page
def petitions() -> ResponseReturnValue:
    """List published petitions: open ones most urgent first, then the others."""
    loaded_anywhere()
    page, as_of = front_page(wishes(), now()), _numbers_as_of()
    lines = (*page.open, *page.others)
    return jsonify([shape_of_line(line, public_numbers_of(line.id), as_of) for line in lines])


@blueprint.get("/petitions/<slug:petition>")
@public_page
def petition(petition: str) -> ResponseReturnValue:
    """Return one petition."""
    loaded_anywhere()
    page = petition_page(*public_petition(petition), wishes(), now())
    return jsonify(shape_of_page(page, _numbers_as_of()))


@blueprint.get("/openapi.json")
@public_page
def openapi() -> ResponseReturnValue:
    """Describe this API (OpenAPI 3.1)."""
    loaded_anywhere()
    return jsonify(description(current_app.extensions["petitions"].base_url))


def _numbers_as_of() -> datetime | None:
    """Return when numbers were added up, where they may be older than five seconds."""
    found = giving_way()
    if found.counted_at is None and Lane.PAGES in found.lanes:
        return now()  # this answer is kept, as pages are
    return found.counted_at
