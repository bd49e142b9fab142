"""What letters look like: the picture at their head, and a sample to look at."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.documents.picture_headers import picture_header
from petitions.documents.typesetting import TypesettingProblem, UnprintableText
from petitions.domain.letter_sample import SampleWords, sample_letter_pdf
from petitions.domain.organisation import keep_letterhead, remove_letterhead, the_organisation
from petitions.domain.rights import Right
from petitions.domain.uploads import UploadRefused
from petitions.domain.uploads import letterhead as as_letterhead
from petitions.extensions import begin_write, db
from petitions.models import Organisation
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.organisation.blueprint import blueprint
from petitions.web.organiser.organisation.forms import LetterheadForm
from petitions.web.organiser.organisation.messages import UPLOADS
from petitions.web.page_frame import own_day

_MOST_BYTES = 10 * 1024 * 1024
_SHOWN = 320
_WITH_FORM = _MOST_BYTES + 64 * 1024


@blueprint.get("/letterhead")
@allowed(Right.MANAGE_ORGANISATION)
def letterhead() -> ResponseReturnValue:
    """Show the picture at the head of letters, and the form that changes it."""
    return _page(LetterheadForm())


@blueprint.post("/letterhead")
@allowed(Right.MANAGE_ORGANISATION, largest=_WITH_FORM)
def upload() -> ResponseReturnValue:
    """Take an uploaded picture."""
    form = LetterheadForm()
    file = request.files.get("picture")
    content = file.read() if file else b""
    if not content:
        form.add_error("picture", gettext("Choose a file first."))
        return _page(form, 422)
    if len(content) > _MOST_BYTES:
        form.add_error("picture", UPLOADS["too large"])
        return _page(form, 422)
    try:
        png = as_letterhead(content)  # takes its time, so before the transaction
    except UploadRefused as refused:
        form.add_error("picture", UPLOADS[refused.reason])
        return _page(form, 422)
    begin_write()
    keep_letterhead(png, actor=actor(), now=now())
    db.session.commit()
    flash(gettext("Letters built from now on begin with this picture."), "done")
    return redirect(url_for("organisation.letterhead"), 303)


@blueprint.post("/letterhead/remove")
@allowed(Right.MANAGE_ORGANISATION)
def remove() -> ResponseReturnValue:
    """Take the picture off letters."""
    begin_write()
    remove_letterhead(actor=actor(), now=now())
    db.session.commit()
    flash(gettext("The picture is gone. Letters begin with your name in plain type."), "done")
    return redirect(url_for("organisation.letterhead"), 303)


@blueprint.get("/letterhead.png")
@allowed(Right.LOOK)
def picture() -> ResponseReturnValue:
    """Return the picture at the head of letters."""
    organisation = the_organisation()
    if organisation is None or organisation.letterhead is None:
        abort(404)
    return Response(organisation.letterhead, mimetype="image/png")


@blueprint.get("/sample-letter.pdf")
@allowed(Right.LOOK)
def sample() -> ResponseReturnValue:
    """Return a letter to nobody, as a PDF. Raises NotFound before set-up."""
    try:
        content = sample_letter_pdf(_sample_words(), own_day(now()))
    except UnprintableText:
        flash(gettext("Your name or address has a sign that no font here can print."), "warning")
        return redirect(url_for("organisation.index"), 303)
    except TypesettingProblem:
        flash(gettext("The letter could not be made just now. Please try again."), "warning")
        return redirect(url_for("organisation.index"), 303)
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": 'inline; filename="sample-letter.pdf"'},
    )


def letterhead_width(organisation: Organisation | None) -> int:
    """Return how wide the picture is shown: it fits on a phone and is not blown up."""
    if organisation is None or organisation.letterhead is None:
        return 0
    return min(picture_header(organisation.letterhead).width, _SHOWN)


def _sample_words() -> SampleWords:
    return SampleWords(
        language=interface_language(),
        reference=gettext("sample"),
        office=gettext("Minister of an invented country"),
        postal_lines=(gettext("1 Example Street"), gettext("Sampletown")),
        salutation=gettext("Dear Minister,"),
        subject=gettext("A sample of our letters"),
        opening=gettext(
            "This letter goes to nobody. It shows what a letter of our organisation looks like."
            "\n\n"
            "The text of a petition stands here, in the language of the official."
        ),
        asks=(
            gettext("I urge you to do what the first ask of the petition says."),
            gettext("I urge you to do what its second ask says."),
        ),
        closing=gettext("Yours faithfully,"),
    )


def _page(form: LetterheadForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "organiser/organisation/letterhead.html",
        form=form,
        problems=form.problems(),
        ours=the_organisation(),
        letterhead_width=letterhead_width(the_organisation()),
    )
    return page, status
