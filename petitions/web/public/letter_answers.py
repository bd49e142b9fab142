"""A letter as an answer: the page with everything typed, the text to copy or mail, the PDF."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, make_response, render_template
from flask_babel import gettext

from petitions.documents.appeal_letter import AppealLetter
from petitions.documents.appeal_press import PressBusy, appeal_letter_pdf
from petitions.documents.typesetting import TypesettingProblem, UnprintableText
from petitions.domain.presenting.letters import LetterPage
from petitions.extensions import db
from petitions.web.language import interface_language
from petitions.web.public.letter_forms import LetterShape
from petitions.web.public.mail_links import mail_link

_BUSY_FOR = 5
_LETTER_PAPER = {"US", "CA", "MX", "PH", "CL", "CO", "CR", "DO", "GT", "PA", "PR", "SV", "VE"}
"""Where embassies get letters from people whose printers hold US Letter."""


def draft_of(letter: LetterPage) -> LetterShape:
    """Return the form as first seen: the organiser's letter, or nothing in an own language."""
    model, official = letter.model, letter.official
    return LetterShape(
        subject=model.subject if model else "",
        letter=model.text if model else "",
        paper="us-letter" if official.represents and official.country in _LETTER_PAPER else "a4",
    )


def letter_answer(
    letter: LetterPage,
    form: LetterShape,
    *,
    status: int = 200,
    wait: int | None = None,
    ready: bool = False,
    **context: Any,
) -> Response:
    """Return the letter's page; `ready` shows the whole text with the ways to send it."""
    link = subject_link = None
    if ready and not letter.demonstration:
        to, subject = letter.official.emails, form.subject.data or ""
        link, subject_link = mail_link(to, subject, form.text()), mail_link(to, subject, "")
    html = render_template(
        "letters/letter.html",
        letter=letter,
        page=letter.page,
        form=form,
        ready=form.text() if ready else "",
        mail_link=link,
        subject_link=subject_link,
        wait=wait,
        **context,
    )
    response = make_response(html, status)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def pdf_answer(letter: LetterPage, form: LetterShape, moment: datetime) -> Response:
    """Return the letter as PDF, or its page with what stands in the way."""
    document = _document(letter, form, moment)
    db.session.rollback()  # setting takes a while: no connection is held meanwhile
    try:
        pdf = appeal_letter_pdf(document)
    except PressBusy:
        return letter_answer(letter, form, status=503, wait=_BUSY_FOR, busy=True)
    except UnprintableText as problem:
        return _unprintable(letter, form, problem.characters)
    except TypesettingProblem:
        said = gettext("This cannot be set as a PDF. Please shorten it, or copy the text instead.")
        return letter_answer(letter, form, status=422, problems=[("letter", said)])
    response = make_response(pdf)
    response.content_type = "application/pdf"
    # A file's name can be read by whoever looks over a shoulder: it names nobody.
    response.headers["Content-Disposition"] = 'attachment; filename="letter.pdf"'
    return response


def _document(letter: LetterPage, form: LetterShape, moment: datetime) -> AppealLetter:
    return AppealLetter(
        language=letter.language,
        words=letter.language if letter.model else interface_language(),
        paper="us-letter" if form.paper.data == "us-letter" else "a4",
        dated_on=moment.astimezone(ZoneInfo(letter.page.time_zone)).date(),
        address=letter.address,
        subject=form.subject.data or "",
        text=form.letter.data or "",
        sender_name=form.sender_name.data or "",
        sender_lines=tuple(filter(None, (form.sender_lines.data or "").splitlines())),
        faxes=letter.official.faxes,
        cover=form.cover.data,
        demonstration=letter.demonstration,
    )


def _unprintable(letter: LetterPage, form: LetterShape, characters: str) -> Response:
    said = gettext(
        "We have no letters to print these characters with: %(characters)s. Please leave them out,"
        " or copy the text and print it yourself.",
        characters=" ".join(characters[:20]),
    )
    names = ("subject", "letter", "sender_name", "sender_lines")
    wrong = [name for name in names if set(characters) & set(form[name].data or "")]
    problems = [(name, said) for name in wrong or ["letter"]]
    return letter_answer(letter, form, status=422, problems=problems)
