"""The letter to one official as they will see it, and who would be in its bundle now."""

from collections.abc import Callable
from dataclasses import replace
from threading import BoundedSemaphore
from typing import TypeVar

from flask import (
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.documents.entries import Letter
from petitions.documents.letter_length import MOST_PAGES
from petitions.documents.phrases import phrases
from petitions.domain import bundle_overview
from petitions.domain.bundle_letters import letter_for
from petitions.domain.letter_edits import edit_of, longer_because
from petitions.domain.letter_preview import (
    PreviewedLetter,
    letter_pdf,
    letter_pictures,
    letter_preview,
)
from petitions.domain.recipients import Recipient, recipient_of, recipient_to
from petitions.domain.rights import Right
from petitions.errors import BundleRefused, NotFound
from petitions.extensions import db
from petitions.i18n import language_name
from petitions.models import Petition, PetitionState
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import allowed
from petitions.web.organiser.bundles.address import blueprint, bundle_of, petition_numbered

_HERE = "/petitions/<int:petition_id>/officials/<int:official_id>"
_setting = BoundedSemaphore(2)
"""Letters set at once by this process: each takes half a second of a processor."""
_WAITS_FOR_A_PRESS = 3.0
_Made = TypeVar("_Made")


@blueprint.get(_HERE)
@allowed(Right.LOOK)
def preview(petition_id: int, official_id: int) -> ResponseReturnValue:
    """Show the letter to an office and who would be in its bundle now."""
    found = petition_numbered(petition_id)
    recipient = _recipient(found, official_id)
    language = request.args.get("language") or None
    shown, problem = None, ""
    try:
        shown = letter_preview(
            current_app.extensions["petitions"], found, recipient, now(), language=language
        )
    except BundleRefused as refusal:
        problem = str(refusal)
    name = bundle_overview.office_names([official_id], wishes())[official_id]
    return render_template(
        "organiser/bundles/preview.html",
        copy_words=_copy_words,
        copies_word=lambda tag: phrases(tag).text("copies"),
        petition=found,
        recipient=recipient,
        name=name,
        title=title_of(found.id, found.slug),
        shown=shown,
        problem=problem,
        pages=[_pages_of(each) for each in shown.letters] if shown else [],
        most_pages=MOST_PAGES,
        longer=[longer_because(each.bundle) for each in shown.letters] if shown else [],
        edited=[_is_edited(official_id, each) for each in shown.letters] if shown else [],
        can_be_edited=found.state is not PetitionState.DRAFT,
        left_out=bundle_overview.not_eligible(found, recipient),
        languages_of_letter=languages_told(bundle_overview.letter_languages(found)),
        chosen_language=language,
    )


@blueprint.get(f"{_HERE}/letter-<int:number>.pdf")
@allowed(Right.LOOK)
def letter(petition_id: int, official_id: int, number: int) -> ResponseReturnValue:
    """Show the letter as the PDF that a bundle would hold; `number` counts its versions.

    `as=fax` shows it as a fax, `as=translation` the translation that goes with it.
    """
    kind = request.args.get("as", "letter")
    try:
        chosen = _chosen(petition_id, official_id, number, kind)
        content = _pressed(lambda: letter_pdf(chosen, as_fax=kind == "fax"))
    except BundleRefused as refusal:
        flash(str(refusal), "warning")
        back = url_for(
            "bundles.preview",
            petition_id=petition_id,
            official_id=official_id,
            language=request.args.get("language") or None,
            since=request.args.get("since") or None,
        )
        return redirect(back, 303)
    return _pdf(content, f"{chosen.reference}-{'fax' if kind == 'fax' else 'letter'}.pdf")


@blueprint.get(f"{_HERE}/letter-<int:number>-page-<int:page>.png")
@allowed(Right.LOOK)
def picture(petition_id: int, official_id: int, number: int, page: int) -> ResponseReturnValue:
    """Show one page of the letter as a picture. Raises NotFound."""
    try:
        chosen = _chosen(petition_id, official_id, number, "letter")
        pictures = _pressed(lambda: letter_pictures(chosen))
    except BundleRefused as refusal:
        raise NotFound("no such letter") from refusal
    if not 1 <= page <= len(pictures):
        raise NotFound("no such page")
    answer = make_response(pictures[page - 1])
    answer.content_type = "image/png"
    return answer


@blueprint.get("/<int:bundle_id>/fax.pdf")
@allowed(Right.LOOK)
def fax(bundle_id: int) -> ResponseReturnValue:
    """Show the letter of a frozen bundle as a fax: it holds no names. Raises NotFound."""
    bundle = bundle_of(bundle_id)
    site = current_app.extensions["petitions"]
    try:
        chosen = letter_for(
            bundle, recipient_of(bundle).countries, demonstration=site.demonstration
        )
        content = _pressed(lambda: letter_pdf(chosen, as_fax=True))
    except BundleRefused as refusal:
        flash(str(refusal), "warning")
        return redirect(url_for("bundles.show", bundle_id=bundle_id), 303)
    return _pdf(content, f"{chosen.reference}-fax.pdf")


def title_of(petition_id: int, slug: str) -> tuple[str, str]:
    """Return a petition's title and its language."""
    return bundle_overview.titles_of([petition_id], wishes()).get(petition_id, (slug, ""))


def languages_told(tags: list[str]) -> list[tuple[str, str]]:
    """Return languages with their names, for a field to choose from."""
    shown_in = interface_language()
    return [(tag, language_name(tag, shown_in=shown_in)) for tag in tags]


def _recipient(found: Petition, official_id: int) -> Recipient:
    """The recipient; with `since=last` in the address for what came since their last bundle."""
    recipient = recipient_to(found, official_id)
    since_last = recipient.names_go and request.args.get("since") == "last"
    return replace(recipient, since_last=since_last)


def _chosen(petition_id: int, official_id: int, number: int, kind: str) -> Letter:
    found = petition_numbered(petition_id)
    recipient = _recipient(found, official_id)
    site = current_app.extensions["petitions"]
    language = request.args.get("language") or None
    letters = letter_preview(site, found, recipient, now(), language=language).letters
    if not 1 <= number <= len(letters):
        raise NotFound("no such letter")
    chosen = letters[number - 1].letter
    if kind == "translation":
        translated = letters[number - 1].translation
        if translated is None:
            raise NotFound("no translation goes with this letter")
        return translated
    return chosen


def _pressed(make: Callable[[], _Made]) -> _Made:
    """Set a letter when its turn comes; 503 where it does not."""
    db.session.rollback()  # setting it takes a moment, and needs no database
    if not _setting.acquire(timeout=_WAITS_FOR_A_PRESS):
        abort(503)
    try:
        return make()
    finally:
        _setting.release()


def _pages_of(each: PreviewedLetter) -> int:
    """Return how many pages the letter has; 0 where it cannot be set now."""
    if not _setting.acquire(timeout=_WAITS_FOR_A_PRESS):
        return 0
    try:
        return len(letter_pictures(each.letter))
    except BundleRefused:  # the page tells why where the PDF is asked for
        return 0
    finally:
        _setting.release()


def _is_edited(official_id: int, each: PreviewedLetter) -> bool:
    version_id = each.bundle.text_version_id
    return edit_of(official_id, version_id, each.letter.language) is not None


def _copy_words(letter: Letter) -> str:
    return phrases(letter.language).text("copy_of", offices="; ".join(letter.copy_of))


def _pdf(content: bytes, name: str) -> Response:
    answer = make_response(content)
    answer.content_type = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
