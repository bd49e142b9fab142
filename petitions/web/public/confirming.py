"""Links from the mail that asks for confirmation: confirm, and "this was not me".

Opening a link changes nothing: mail programs and scanners open every link. The button does.
"""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from petitions.clock import now
from petitions.domain import privacy, signing
from petitions.domain.petitions import public_petition, public_petition_signed
from petitions.domain.presenting import front_page, petition_page, refused_page, signed_page
from petitions.errors import ShowsMore, TokenExpired, TokenUnknown
from petitions.extensions import begin_write, db
from petitions.models import Appearance
from petitions.tokens import CONFIRM, NOT_ME, bytes_of
from petitions.web.error_pages import error_page
from petitions.web.language import here, interface_language, wishes
from petitions.web.limits import limit_unknown_tokens
from petitions.writing import write_together

blueprint = Blueprint("confirming", __name__)


@blueprint.get("/confirm/<token:token>")
@limit_unknown_tokens(CONFIRM)
def confirm(token: str) -> ResponseReturnValue:
    """Show what is about to be confirmed, with the button that does it."""
    return _confirm_page(token)


@blueprint.post("/confirm/<token:token>")
@limit_unknown_tokens(CONFIRM)
def do_confirm(token: str) -> ResponseReturnValue:
    """Confirm; repeating it gives the same answer."""
    signature_id, key = _read(CONFIRM, token)
    wanted = request.form.get("appearance", "")
    appearance = Appearance(wanted) if wanted in [*Appearance] else None
    no_news, moment = "no_news" in request.form, now()

    def settle() -> str:
        slug = signing.confirm_at_once(
            signature_id, moment, appearance=appearance, no_news=no_news
        ) or _confirmed_anew(signature_id, moment, appearance, no_news=no_news)
        privacy.lift_suppression(bytes_of(key))
        return slug

    try:
        slug = write_together(settle)
    except ShowsMore:
        db.session.rollback()
        return _confirm_page(token, [("appearance", _shows_more())]), 422
    return redirect(here(f"/petitions/{slug}/thank-you"), 303)


def _confirmed_anew(
    signature_id: int, moment: datetime, appearance: Appearance | None, *, no_news: bool
) -> str:
    """Confirm what was confirmed, attested or set aside before; return the petition's slug."""
    petition, _ = public_petition_signed(signature_id)
    signing.confirm(petition, signature_id, moment, appearance=appearance, no_news=no_news)
    if appearance is not None:  # confirmed before, and now the signer wishes to show less
        privacy.show_less(signature_id, appearance)
    return petition.slug


@blueprint.get("/petitions/<slug:petition>/thank-you")
def thank_you(petition: str) -> ResponseReturnValue:
    """Say the number, and what happens next."""
    found, case = public_petition(petition)
    page = petition_page(found, case, wishes(), now())
    base_url = current_app.extensions["petitions"].base_url
    share = base_url + url_for("reading.one_petition", petition=petition)
    return render_template("thank_you.html", page=page, share=share)


@blueprint.get("/not-me/<token:token>")
@limit_unknown_tokens(NOT_ME)
def not_me(token: str) -> ResponseReturnValue:
    """Show the button that takes back what somebody else signed."""
    about = refused_page(_read(NOT_ME, token)[0])
    return render_template("not_me.html", done=False, about=about)


@blueprint.post("/not-me/<token:token>")
@limit_unknown_tokens(NOT_ME)
def do_not_me(token: str) -> ResponseReturnValue:
    """Withdraw, and never write to this address again."""
    signature_id, key = _read(NOT_ME, token)
    begin_write()
    privacy.not_me(signature_id, bytes_of(key), now())
    db.session.commit()
    return render_template("not_me.html", done=True)


@blueprint.errorhandler(TokenExpired)
def expired(_: TokenExpired) -> Response:
    """Lead to the open petitions, where one can sign again.

    Which one the link was about is not said: an old link on a searched phone tells nothing.
    """
    db.session.rollback()
    return error_page(
        410,
        title=gettext("This link is no longer good"),
        message=gettext(
            "Links in our mails work for seven days, and not after a signature was withdrawn."
            " You can sign again on the page of the petition, with the same address: then a new"
            " mail comes."
        ),
        links=_open_petitions(),
    )


def _confirm_page(token: str, problems: list[tuple[str, str]] | None = None) -> str:
    signature_id, key = _read(CONFIRM, token)
    petition, _ = public_petition_signed(signature_id)
    site = current_app.extensions["petitions"]
    page = signed_page(site, petition, signature_id, now())
    refuse = site.tokens.mint(NOT_ME, [signature_id, key], now())
    signed = site.recent.get(
        ("signed", interface_language(), *page.key),
        lambda: Markup(render_template("parts/signed.html", page=page.versions)),  # noqa: S704  # nosec B704  # a template's
    )
    return render_template(
        "confirm.html", page=page, signed=signed, refuse=refuse, problems=problems or []
    )


def _read(purpose: Any, token: str) -> Any:
    payload = current_app.extensions["petitions"].tokens.read(purpose, token, now())
    if not isinstance(payload, list) or len(payload) != 2:  # signature, key
        raise TokenUnknown("a token of another version of this program")
    return payload


def _open_petitions() -> list[tuple[str, str]]:
    """Return address and title of what can be signed now."""
    lines = front_page(wishes(), now()).open
    return [(url_for("reading.one_petition", petition=line.slug), line.title) for line in lines]


def _shows_more() -> str:
    return str(
        gettext("Here you can show less than you chose, never more. To show more, sign anew.")
    )
