"""What an official fetches under the link in a mail: the papers of one bundle, and nothing else.

Looking counts nothing (mail scanners open every link); a button fetches a file, and is counted, by
nobody's address.
"""

import re
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import handover_links
from petitions.domain.bundle_letters import letter_for
from petitions.domain.handover_links import OpenedLink
from petitions.domain.recipients import recipient_of
from petitions.errors import TokenExpired, TokenUnknown
from petitions.extensions import begin_write, db, limiter
from petitions.tokens import HANDED_OVER
from petitions.web.error_pages import error_page
from petitions.web.limits import limit_unknown_tokens

blueprint = Blueprint("handed_over", __name__, url_prefix="/handed-over")
FETCHED_AT_MOST = "60 per hour"
"""Files of one link, whoever fetches them: what is many megabytes large is not fetched for fun."""
_VOLUME = re.compile(r"signatures-(\d+)\.pdf")


def _of_link() -> str:
    """What a link's downloads are counted by; any token that is none is refused by the view."""
    token = (request.view_args or {})["token"]
    try:
        payload: Any = current_app.extensions["petitions"].tokens.read(HANDED_OVER, token, now())
    except (TokenExpired, TokenUnknown):
        return "no link"
    return f"link {payload[0]}"


@blueprint.get("/<token:token>")
@limit_unknown_tokens(HANDED_OVER)
def look(token: str) -> ResponseReturnValue:
    """Show what can be fetched, and until when."""
    found = _opened(token)
    countries = recipient_of(found.bundle).countries
    letter = letter_for(found.bundle, countries, demonstration=False)
    return render_template(
        "handed_over.html",
        letter=letter,
        until=found.until,
        token=token,
        files=[(number, _named(name), size) for number, (name, size) in enumerate(found.files, 1)],
    )


@blueprint.post("/<token:token>/files/<int:number>")
@limit_unknown_tokens(HANDED_OVER)
@limiter.limit(FETCHED_AT_MOST, key_func=_of_link)
def fetch(token: str, number: int) -> ResponseReturnValue:
    """Give one file out, and count it."""
    site = current_app.extensions["petitions"]
    begin_write()
    found = _opened(token)
    name, parts = handover_links.fetch(site, found, number, now())
    saved_as = f"{found.bundle.public_id}-{name}"
    size = found.files[number - 1][1]
    db.session.commit()
    answer = Response(parts, mimetype="application/pdf")
    answer.content_length = size
    answer.headers["Content-Disposition"] = f'attachment; filename="{saved_as}"'
    return answer


@blueprint.errorhandler(TokenExpired)
def expired(_: TokenExpired) -> Response:
    """Say that whoever wrote the letter can send it again."""
    db.session.rollback()
    return error_page(
        410,
        title=gettext("This link is no longer good"),
        message=gettext(
            "The papers of a letter lie here for some days only. Whoever wrote to you sends them"
            " again: answer their mail."
        ),
    )


def _opened(token: str) -> OpenedLink:
    return handover_links.opened(current_app.extensions["petitions"], token, now())


def _named(name: str) -> str:
    """Return what a file is, in the reader's language."""
    if volume := _VOLUME.fullmatch(name):
        return str(gettext("List of signatures, volume %(number)s", number=int(volume[1])))
    known: dict[str, str] = {
        "letter.pdf": gettext("The letter"),
        "translation.pdf": gettext("Translation of the letter"),
        "numbers.pdf": gettext("The signatures in numbers"),
        "signatures.pdf": gettext("List of signatures"),
    }
    return known.get(name, name)
