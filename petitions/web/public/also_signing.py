"""Somebody else at this address: the page behind the link that a mail about a repeated form holds.

Opening it changes nothing. It shows what is signed and nobody's name; the form's button signs, and
confirms with it, since the link was mailed to the mailbox.
"""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import outbox, privacy
from petitions.domain.arrivals import Origin
from petitions.domain.petitions import public_petition_signed
from petitions.domain.second_signing import address_in_link, second_may_sign, sign_second
from petitions.domain.signing import pending_or_confirmed
from petitions.errors import (
    CountryClosed,
    KeyMissing,
    PetitionClosed,
    Refused,
    StampExpired,
    TokenExpired,
    TokenUnknown,
)
from petitions.extensions import begin_write, db
from petitions.models import Case, Petition
from petitions.tokens import ANOTHER, bytes_of
from petitions.web.error_pages import DATABASE_FAILED, error_page
from petitions.web.limits import limit_unknown_tokens
from petitions.web.networks import client_address, client_network
from petitions.web.public.confirming import expired
from petitions.web.public.forms import SecondSignerShape, plain_of
from petitions.web.public.petition_answer import petition_answer
from petitions.web.public.signing import closed_country, come_back, old_page, signing_form

blueprint = Blueprint("also_signing", __name__)


@blueprint.get("/also-sign/<token:token>")
@limit_unknown_tokens(ANOTHER)
def also_sign(token: str) -> ResponseReturnValue:
    """Show the petition and the form, as far as there is a place left."""
    return _page(token, SecondSignerShape())


@blueprint.post("/also-sign/<token:token>")
@limit_unknown_tokens(ANOTHER)
def do_also_sign(token: str) -> ResponseReturnValue:
    """Sign as somebody else; sending the form again gives the same answer."""
    form = SecondSignerShape(request.form)
    if not form.validate():
        return _refused(token, form, form.problems())
    origin = Origin(client_network(), client_address())
    begin_write()
    moment = now()
    petition, _, first_id, address = _asked(token, moment)
    site = current_app.extensions["petitions"]
    try:
        sent = plain_of(form, address)
        typed = signing_form(site.tokens.read_stamp(sent.stamp, moment), sent, petition.id)
        sign_second(site, petition, first_id, typed, moment, origin=origin)
    except StampExpired:
        db.session.rollback()
        return _refused(token, form, [("name", old_page())])
    except CountryClosed:
        db.session.rollback()
        return _refused(token, form, [("country", closed_country(form.country.data or ""))])
    except Refused as refused:
        db.session.rollback()
        if refused.reason != "same name":
            raise
        return _refused(token, form, [("name", _same_name())])
    privacy.lift_suppression(outbox.suppression_key(site, address))
    db.session.commit()
    return redirect(url_for("confirming.thank_you", petition=petition.slug), 303)


@blueprint.errorhandler(Refused)
def two_already(_: Refused) -> Response:
    """Say that both places are taken."""
    db.session.rollback()
    return error_page(
        409,
        title=gettext("Two people have signed with this mailbox"),
        message=gettext(
            "No more can. If you are one of them, all is well: ask for a link to see what you"
            " signed."
        ),
        link=url_for("own.ask"),
        link_text=gettext("Ask for a link"),
    )


@blueprint.errorhandler(PetitionClosed)
def not_open(_: PetitionClosed) -> Response:
    """Answer a form that came too late."""
    db.session.rollback()
    return error_page(409)


blueprint.register_error_handler(TokenExpired, expired)
for _failure in (*DATABASE_FAILED, KeyMissing):
    blueprint.register_error_handler(_failure, come_back)


def _asked(token: str, moment: datetime) -> tuple[Petition, Case, int, str]:
    """Return petition, case, the first signature's number, and the address of the mailbox."""
    site = current_app.extensions["petitions"]
    payload = site.tokens.read(ANOTHER, token, moment)
    if not isinstance(payload, list) or len(payload) != 2:  # signature, sealed address
        raise TokenUnknown("a token of another version of this program")
    first_id, sealed = payload
    petition, case = public_petition_signed(first_id)
    pending_or_confirmed(petition, first_id, moment)
    return petition, case, first_id, address_in_link(site, first_id, bytes_of(sealed))


def _page(token: str, form: SecondSignerShape, **context: Any) -> Response:
    moment = now()
    petition, case, first_id, _ = _asked(token, moment)
    if not petition.takes_signatures(moment):
        raise PetitionClosed(f"petition {petition.id} takes no signatures")
    if not context and not second_may_sign(petition, first_id, moment):
        raise Refused("two already")
    action = url_for("also_signing.also_sign", token=token)
    here: dict[str, Any] = {"action": action, "where": "", "sign_in": []}  # no way out of the link
    return petition_answer("also_sign.html", petition, case, form, **here, **context)


def _refused(token: str, form: SecondSignerShape, problems: list[tuple[str, str]]) -> Response:
    response = _page(token, form, problems=problems)
    response.status_code = 422
    return response


def _same_name() -> str:
    return str(
        gettext(
            "Somebody with this name has signed with this mailbox already. Everybody counts once."
        )
    )
