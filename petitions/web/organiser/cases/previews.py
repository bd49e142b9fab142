"""A case as readers will see it, under a banner that says what it is."""

from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from petitions.clock import now
from petitions.domain import presenting
from petitions.domain.case_finding import case_of
from petitions.domain.case_texts import no_words, words_now
from petitions.domain.case_updates import update_of, written_of
from petitions.domain.presenting.case_page import CaseWords, UpdateLine
from petitions.domain.presenting.pictures import PictureLine, picture_numbered
from petitions.domain.rights import Right
from petitions.errors import NotFound
from petitions.models import Case
from petitions.web.organiser.access import allowed
from petitions.web.organiser.cases.saving import blueprint

_NOT_TYPED = {"csrf_token", "action"}


def preview_of_words(
    case: Case, words: CaseWords, form: MultiDict[str, str]
) -> ResponseReturnValue:
    """Show a case with words that are not saved; the page holds all that was typed."""
    return _preview(case, words, typed=typed_in(form), at=request.path)


def preview_of_update(
    case: Case, line: UpdateLine, form: MultiDict[str, str]
) -> ResponseReturnValue:
    """Show a case with an update that is not saved; the page holds all that was typed."""
    words = _words_around(case, line)
    return _preview(case, words, update=line, typed=typed_in(form), at=request.path)


@blueprint.get("/<int:case_id>/preview/<language>")
@allowed(Right.LOOK)
def preview(case_id: int, language: str) -> ResponseReturnValue:
    """Show a case as it is saved, with changes that wait."""
    case = case_of(case_id)
    words = words_now(case_id, language)
    if words == no_words(language):
        raise NotFound("nothing is told in this language")
    back = url_for("cases.show", case_id=case_id)
    return _preview(case, words, back=back)


@blueprint.get("/<int:case_id>/updates/<int:update_id>/preview/<language>")
@allowed(Right.LOOK)
def preview_update(case_id: int, update_id: int, language: str) -> ResponseReturnValue:
    """Show a case with an update that is not published yet."""
    case = case_of(case_id)
    update = update_of(case_id, update_id)
    written = written_of(update, language)
    line = UpdateLine(
        position=update.position,
        kind=update.kind,
        number=update.number,
        index_number=update.index_number,
        issued_on=update.issued_on,
        new_deadline_on=update.new_deadline_on,
        language=language,
        title=written.title,
        text=written.text,
    )
    back = url_for("cases.update", case_id=case_id, update_id=update_id)
    return _preview(case, _words_around(case, line), update=line, back=back)


@blueprint.get("/<int:case_id>/pictures/<int:picture_id>/file")
@allowed(Right.LOOK)
def picture_file(case_id: int, picture_id: int) -> Response:
    """Serve a picture to organisers, published or not."""
    file = picture_numbered(case_id, picture_id)
    response = make_response(file.content)
    response.content_type = file.media_type
    return response


@blueprint.get("/<int:case_id>/preview-pictures/<int:position>")
@allowed(Right.LOOK)
def preview_picture(case_id: int, position: int) -> Response:
    """Serve a picture of a preview, by its place on the page."""
    file = presenting.picture_file(case_of(case_id), position)[1]
    response = make_response(file.content)
    response.content_type = file.media_type
    return response


def _words_around(case: Case, line: UpdateLine) -> CaseWords:
    words = words_now(case.id, line.language)
    return words if words.title else words_now(case.id, case.source_language)


def typed_in(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Return what was typed, so that the next page can hold it."""
    return [pair for pair in form.items(multi=True) if pair[0] not in _NOT_TYPED]


def _preview(
    case: Case, words: CaseWords, update: UpdateLine | None = None, **shown: Any
) -> ResponseReturnValue:
    wishes = [words.language, case.source_language]
    page = presenting.case_page(case, wishes, words=words, update=update)
    petitions = presenting.front_page(wishes, now(), case_id=case.id)

    def picture_url(picture: PictureLine) -> str:
        return url_for("cases.preview_picture", case_id=case.id, position=picture.position)

    return render_template(
        "organiser/cases/preview.html",
        case=case,
        page=page,
        petitions=petitions,
        picture_url=picture_url,
        **shown,
    )
