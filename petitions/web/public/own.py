"""One's own signatures: ask for a link; then see, show less, withdraw, stop news, erase."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from petitions.clock import now
from petitions.domain import held_questions, mailboxes, privacy
from petitions.domain.presenting import everything_held, own_page
from petitions.errors import NotFound, Refused, ShowsMore, TokenExpired
from petitions.extensions import begin_write, db
from petitions.models import Appearance
from petitions.tokens import MY_SIGNATURE
from petitions.web.error_pages import error_page
from petitions.web.held_file import held_file
from petitions.web.language import interface_language, wishes
from petitions.web.limits import limit_asking, limit_unknown_tokens
from petitions.web.public.forms import AddressShape

blueprint = Blueprint("own", __name__)


@blueprint.get("/my-signature")
def ask() -> ResponseReturnValue:
    """Ask for the address that was signed with."""
    return render_template("ask_for_link.html", form=AddressShape(), problems=[])


@blueprint.post("/my-signature")
@limit_asking
def do_ask() -> ResponseReturnValue:
    """Queue the mail with the link; the same answer for everybody."""
    form = AddressShape(request.form)
    if not form.validate():
        problems = [("email", str(text)) for text in form.errors["email"]]
        return render_template("ask_for_link.html", form=form, problems=problems), 422
    begin_write()
    site = current_app.extensions["petitions"]
    privacy.ask_for_link(site, form.address, interface_language(), now())
    db.session.commit()
    return redirect(url_for("own.link_sent"), 303)


@blueprint.get("/my-signature/check-your-email")
def link_sent() -> ResponseReturnValue:
    """Say that a mail is under way, to whoever asked."""
    return render_template("link_sent.html", sender=current_app.config["SETTINGS"].mail_from)


@blueprint.get("/my-signature/<token:token>")
@limit_unknown_tokens(MY_SIGNATURE)
def show(token: str) -> ResponseReturnValue:
    """Show what is held, with what can be done about it."""
    return _page(token)


@blueprint.post("/my-signature/<token:token>")
@limit_unknown_tokens(MY_SIGNATURE)
def act(token: str) -> ResponseReturnValue:
    """Do one thing to one of the signatures of this link; repeating it changes nothing."""
    signature_id, action = _chosen(token)
    if action == "erase" and not request.form.get("sure"):
        return render_template("erase.html", token=token, signature_id=signature_id)
    begin_write()
    whose = mailboxes.place_among(_ids(token), signature_id)  # before it may be gone
    try:
        changed = _ACTIONS[action](signature_id, now())
    except Refused as refused:
        db.session.rollback()
        return _page(token, [(f"reach-{signature_id}", _REFUSALS[refused.reason])]), 422
    except ShowsMore:
        db.session.rollback()
        message = gettext("You can show less than now, never more. To show more, sign anew.")
        return _page(token, [(f"appearance-{signature_id}", message)]), 422
    db.session.commit()
    done = "unchanged" if changed is False else action
    return redirect(url_for("own.show", token=token, done=done, whose=whose or None), 303)


@blueprint.route("/my-signature/<token:token>/download", methods=["GET", "POST"])
@limit_unknown_tokens(MY_SIGNATURE)
def download(token: str) -> Response:
    """Give out everything that is held: as text where that is asked for, else as JSON."""
    held = everything_held(current_app.extensions["petitions"], _ids(token))
    return held_file(held, request.values.get("as", ""), "my-signature")


@blueprint.errorhandler(TokenExpired)
def expired(_: TokenExpired) -> Response:
    """Lead to the form that mails a new link."""
    db.session.rollback()
    return error_page(
        410,
        title=gettext("This link is no longer good"),
        message=gettext("Such a link works for seven days. You can ask for a new one."),
        link=url_for("own.ask"),
        link_text=gettext("Ask for a new link"),
    )


def _show_less(signature_id: int, _: datetime) -> bool:
    wanted = request.form.get("appearance", "")
    return wanted in [*Appearance] and privacy.show_less(signature_id, Appearance(wanted))


def _ask_held(signature_id: int, moment: datetime) -> None:
    reach = " ".join(request.form.get("reach", "").split())
    held_questions.ask(current_app.extensions["petitions"], signature_id, reach, moment)


_REFUSALS: dict[str, Any] = {
    "not sealed": _l("This is not sealed any more: all that is held is shown on this page."),
    "reach needed": _l("Write how the organisers can give you the answer."),
    "too long": _l("This is too long. Please shorten it."),
}
_ACTIONS: dict[str, Callable[[int, datetime], bool | None]] = {
    "show-less": _show_less,
    "withdraw": privacy.withdraw,
    "stop-news": privacy.stop_news,
    "erase": privacy.erase,
    "ask-held": _ask_held,
}


def _chosen(token: str) -> tuple[int, str]:
    """Return signature and action of a form. Raises NotFound for what is not of this link."""
    action = request.form.get("action", "")
    for signature_id in _ids(token):
        if str(signature_id) == request.form.get("signature") and action in _ACTIONS:
            return signature_id, action
    raise NotFound("not a signature of this link, or not an action")


def _ids(token: str) -> list[int]:
    tokens = current_app.extensions["petitions"].tokens
    return list(tokens.read(MY_SIGNATURE, token, now()))


def _page(token: str, problems: list[tuple[str, str]] | None = None) -> str:
    page = own_page(current_app.extensions["petitions"], _ids(token), wishes())
    done = request.args.get("done", "")
    return render_template(
        "my_signature.html",
        page=page,
        token=token,
        done=done if done in {*_ACTIONS, "unchanged"} else "",
        whose=request.args.get("whose", ""),
        problems=problems or [],
    )
