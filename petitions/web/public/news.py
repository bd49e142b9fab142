"""News behind the link in a mail, and unsubscribing from it.

The page is the same for all who have the link, and names none of them. Unsubscribing has a page
with a button, and takes one click by a mail program (RFC 8058).
"""

from flask import Blueprint, Response, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain.presenting.news_page import news_page
from petitions.domain.privacy import stop_news_of_mailbox
from petitions.errors import TokenExpired, TokenUnknown
from petitions.extensions import begin_write, db
from petitions.tokens import NEWS, UNSUBSCRIBE, Purpose
from petitions.web.error_pages import error_page
from petitions.web.language import wishes
from petitions.web.limits import limit_unknown_tokens

blueprint = Blueprint("news", __name__)


@blueprint.get("/news/<token:token>")
@limit_unknown_tokens(NEWS)
def read(token: str) -> ResponseReturnValue:
    """Show news. Nothing is noted: who reads is nobody's business."""
    try:
        page = news_page(_number_in(NEWS, token), wishes())
    except TokenExpired:
        return error_page(
            410,
            title=gettext("This link is no longer good"),
            message=gettext(
                "Links in our mails work for seven days, or until the news is taken down. What is"
                " told of each case stands on its page."
            ),
            link=url_for("reading.front"),
            link_text=gettext("All petitions"),
        )
    g.content_languages = page.languages
    return render_template("news.html", page=page)


@blueprint.route("/unsubscribe/<token:token>", methods=["GET", "POST"])
@limit_unknown_tokens(UNSUBSCRIBE)
def unsubscribe(token: str) -> ResponseReturnValue:
    """Show the button; on POST end the news and wipe the address. Repeating it changes nothing."""
    signature_id = _number_in(UNSUBSCRIBE, token)
    if request.method == "POST":
        begin_write()
        stop_news_of_mailbox(signature_id, now())
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


def _number_in(purpose: Purpose, token: str) -> int:
    payload = current_app.extensions["petitions"].tokens.read(purpose, token, now())
    if not isinstance(payload, list) or len(payload) != 1:
        raise TokenUnknown("a token of another version of this program")
    number: int = payload[0]
    return number
