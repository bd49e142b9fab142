"""Unsubscribing from news: a page with a button, and one click by a mail program (RFC 8058)."""

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.privacy import stop_news
from petitions.errors import TokenExpired, TokenUnknown
from petitions.extensions import begin_write, db
from petitions.tokens import UNSUBSCRIBE
from petitions.web.error_pages import error_page
from petitions.web.limits import limit_unknown_tokens

blueprint = Blueprint("news", __name__)


@blueprint.route("/unsubscribe/<token:token>", methods=["GET", "POST"])
@limit_unknown_tokens(UNSUBSCRIBE)
def unsubscribe(token: str) -> ResponseReturnValue:
    """Show the button; on POST end the news and wipe the address. Repeating it changes nothing."""
    tokens = current_app.extensions["petitions"].tokens
    payload = tokens.read(UNSUBSCRIBE, token, now())
    if not isinstance(payload, list) or len(payload) != 1:
        raise TokenUnknown("a token of another version of this program")
    (signature_id,) = payload
    if request.method == "POST":
        begin_write()
        stop_news(signature_id)
        db.session.commit()
    return render_template("unsubscribe.html", done=request.method == "POST")


@blueprint.errorhandler(TokenExpired)
def expired(_: TokenExpired) -> Response:
    """Lead to the form that mails a link with which news can be stopped."""
    db.session.rollback()
    return error_page(
        410,
        title=gettext("This link is no longer good"),
        message=gettext("You can still stop the news: ask for a link to your signature."),
        link=url_for("own.ask"),
        link_text=gettext("Ask for a link"),
    )
