"""Sharing a petition without anybody's tracker: plain links, a code, a card, a poster, a sheet."""

from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.documents.appeal_press import PressBusy
from petitions.documents.prints import Paper, Print, qr_png, qr_svg
from petitions.documents.prints_press import print_file
from petitions.domain.petitions import public_case, public_petition
from petitions.domain.presenting import PetitionPage, case_page, petition_page
from petitions.errors import PetitionClosed
from petitions.extensions import db
from petitions.web.error_pages import error_page
from petitions.web.headers import public_page
from petitions.web.language import chosen_language, speaking, wishes
from petitions.web.public import print_texts

blueprint = Blueprint("sharing", __name__)

_BUSY_FOR = 5
_SERVICES = (
    ("WhatsApp", "https://wa.me/?text={text}%20{address}"),
    ("Telegram", "https://t.me/share/url?url={address}&text={text}"),
    ("Mastodon", "https://share.joinmastodon.org/#text={text}%20{address}"),
    ("Bluesky", "https://bsky.app/intent/compose?text={text}%20{address}"),
    ("Facebook", "https://www.facebook.com/sharer/sharer.php?u={address}"),
    ("X", "https://x.com/intent/post?text={text}&url={address}"),
)
"""Plain addresses that open a service's own page: nothing of theirs is loaded here."""


@blueprint.get("/petitions/<slug:petition>/share")
@public_page
def share(petition: str) -> ResponseReturnValue:
    """Show all ways to tell others of a petition."""
    page = _page(petition)
    g.content_languages = page.languages
    address = print_texts.address_of(page, chosen_language())
    text, link = quote(page.words.title, safe=""), quote(address, safe="")
    return render_template(
        "share.html",
        page=page,
        address=address,
        embedded=current_app.extensions["petitions"].base_url
        + url_for(
            "reading.embed", petition=petition, lang=chosen_language() or page.words.language
        ),
        mail=f"mailto:?subject={text}&body={text}%0D%0A%0D%0A{link}",
        services=[(name, form.format(text=text, address=link)) for name, form in _SERVICES],
    )


@blueprint.get("/petitions/<slug:petition>/qr.svg")
@public_page
def code_svg(petition: str) -> Response:
    """Serve the code of a petition's address, as drawing."""
    return _file(
        qr_svg(print_texts.address_of(_page(petition), chosen_language())),
        "image/svg+xml; charset=utf-8",
    )


@blueprint.get("/petitions/<slug:petition>/qr.png")
@public_page
def code_png(petition: str) -> Response:
    """Serve the code of a petition's address, as picture."""
    return _file(qr_png(print_texts.address_of(_page(petition), chosen_language())), "image/png")


@blueprint.get("/petitions/<slug:petition>/card.png")
@public_page
def petition_card(petition: str) -> Response:
    """Serve the picture that goes with a shared petition."""
    page = _page(petition)
    with speaking(page.words.language):
        wanted = print_texts.petition_card(page, now())
    return _print(wanted, "image/png")


@blueprint.get("/cases/<slug:case>/card.png")
@public_page
def case_card(case: str) -> Response:
    """Serve the picture that goes with a shared case."""
    page = case_page(public_case(case), wishes())
    with speaking(page.words.language):
        wanted = print_texts.case_card(page, now())
    return _print(wanted, "image/png")


@blueprint.get("/petitions/<slug:petition>/poster.pdf")
@public_page
def poster(petition: str) -> Response:
    """Serve a poster that leads to a petition."""
    page = _open_page(petition)
    with speaking(page.words.language):
        wanted = print_texts.poster(page, _paper(), now())
    return _print(wanted, "application/pdf")


@blueprint.get("/petitions/<slug:petition>/sheet.pdf")
def sheet(petition: str) -> Response:
    """Serve a sheet to collect signatures on; each has a number of its own, and none is kept."""
    page = _open_page(petition)
    if page.consent is None:
        raise PetitionClosed("nothing is signed in this language")
    with speaking(page.words.language):
        wanted = print_texts.sheet(page, _paper(), now())
    return _print(wanted, "application/pdf")


@blueprint.errorhandler(PetitionClosed)
def not_open(_: PetitionClosed) -> Response:
    """Answer who comes for a print of a petition that takes no signatures."""
    petition = (request.view_args or {})["petition"]
    return error_page(409, link=url_for("reading.one_petition", petition=petition))


@blueprint.errorhandler(PressBusy)
def busy(_: PressBusy) -> Response:
    """Ask to come back: as many prints as allowed are being set."""
    return error_page(503, retry_after=_BUSY_FOR)


def _page(petition: str) -> PetitionPage:
    return petition_page(*public_petition(petition), wishes(), now())


def _open_page(petition: str) -> PetitionPage:
    page = _page(petition)
    if not page.takes_signatures:
        raise PetitionClosed("a petition that takes no signatures")
    return page


def _paper() -> Paper:
    return "us-letter" if request.args.get("paper") == "us-letter" else "a4"


def _print(wanted: Print, media_type: str) -> Response:
    db.session.rollback()  # setting takes a while: no connection is held meanwhile
    return _file(print_file(wanted), media_type)


def _file(content: bytes, media_type: str) -> Response:
    response = make_response(content)
    response.content_type = media_type
    return response
