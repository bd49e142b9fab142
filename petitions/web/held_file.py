"""Everything that is held about signatures, as a file to take away: for programs, or to read."""

from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, jsonify, render_template


def held_file(held: Sequence[dict[str, Any]], form: str, name: str) -> Response:
    """Return JSON, or with `form` 'text' plain text in the reader's language; to be saved."""
    if form == "text":
        text = render_template("held.txt", held=held)
        response = current_app.response_class(text, mimetype="text/plain")
        ending = "txt"
    else:
        response, ending = jsonify(signatures=held), "json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response
