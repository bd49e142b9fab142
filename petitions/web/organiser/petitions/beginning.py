"""Beginning a petition of a case: the shortest way."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import AnyOf, InputRequired, Length

from petitions.clock import now
from petitions.domain.case_finding import case_of, title_of
from petitions.domain.petition_beginning import create
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.models import AfterDeadline, Case
from petitions.web.language import wishes
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.cases import choices
from petitions.web.organiser.cases.fields import DayField
from petitions.web.organiser.forms import ConsoleForm, stripped
from petitions.web.organiser.petitions.saving import blueprint, saved
from petitions.web.organiser.petitions.words import AFTER, refusal_words


class BeginningForm(ConsoleForm):
    """What a petition begins with."""

    language = StringField(_l("Language"))
    title = StringField(
        _l("Title"),
        [InputRequired(_l("Write a title.")), Length(max=300)],
        filters=[stripped],
    )
    slug = StringField(_l("Address"), [Length(max=80)], filters=[stripped])
    deadline_on = DayField(_l("Last day"))
    after_deadline = StringField(
        _l("After the last day"), [AnyOf([*AfterDeadline], message=_l("Choose one of these."))]
    )

    def validate_language(self, field: Any) -> None:
        """Hold the language to those that there are."""
        if not choices.is_language(field.data or ""):
            field.errors = [gettext("Choose a language.")]


@blueprint.get("/new/<int:case_id>")
@allowed(Right.EDIT)
def new(case_id: int) -> ResponseReturnValue:
    """Show the form that begins a petition of a case."""
    case = case_of(case_id)
    form = BeginningForm(language=case.source_language, after_deadline=AfterDeadline.CLOSE)
    return _page(case, form)


@blueprint.post("/new/<int:case_id>")
@allowed(Right.EDIT)
def begin(case_id: int) -> ResponseReturnValue:
    """Begin a petition, and lead to what comes next."""
    form = BeginningForm(request.form)
    if not form.validate():
        return _page(case_of(case_id), form), 422
    begin_write()
    try:
        petition = create(
            case_of(case_id),
            language=form.language.data or "",
            title=form.title.data or "",
            slug=form.slug.data or "",
            deadline_on=form.deadline_on.data,
            after_deadline=AfterDeadline(form.after_deadline.data or ""),
            author=organiser().id,
            now=now(),
        )
    except Refused as refusal:
        db.session.rollback()
        form.add_error(refusal.field, refusal_words(refusal.reason))
        return _page(case_of(case_id), form), 422
    petition_id = petition.id
    db.session.commit()
    words = gettext("The petition is begun, as a draft. The list below says what comes next.")
    return saved(words, url_for("petitions.show", petition_id=petition_id))


def _page(case: Case, form: BeginningForm) -> str:
    title, language = title_of(case, wishes())
    return render_template(
        "organiser/petitions/new.html",
        case=case,
        case_title=title,
        case_language=language,
        form=form,
        problems=form.problems(),
        to_choose=choices.languages(case.source_language),
        after=[(rule.value, *AFTER[rule]) for rule in AfterDeadline],
    )
