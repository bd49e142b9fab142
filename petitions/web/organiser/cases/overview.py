"""The list of cases, beginning one, and one case with all its parts and what is missing."""

from typing import Any

from flask import current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length, ValidationError

from petitions.clock import now
from petitions.domain import cases
from petitions.domain.case_facts import facts_of
from petitions.domain.case_finding import deeds_of, title_of
from petitions.domain.case_people import known_of, persons_of
from petitions.domain.case_permission import covered, is_due, standing_of
from petitions.domain.case_pictures import picture_rows
from petitions.domain.case_texts import languages_of
from petitions.domain.case_updates import updates_of
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_lists import petition_title
from petitions.domain.planned import plans_of_updates
from petitions.domain.rights import Right
from petitions.extensions import begin_write, db
from petitions.models import Case
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import allowed, may, organiser
from petitions.web.organiser.cases import choices
from petitions.web.organiser.cases.hiding import hidden_reason
from petitions.web.organiser.cases.rows import Rows, add_rows, too_many
from petitions.web.organiser.cases.saving import (
    Trouble,
    asks_for_rows,
    blueprint,
    press,
    problems_of,
    saved,
    seen,
)
from petitions.web.organiser.cases.words import (
    COVERS,
    GIVERS,
    PETITION_STATES,
    STATUSES,
    UNCOVERED,
    UPDATE_KINDS,
    action_words,
    field_words,
    missing_words,
)
from petitions.web.organiser.forms import ConsoleForm, stripped
from petitions.web.page_frame import own_day

_LONGEST = 300
_MOST_ROWS = 60


class NewCaseForm(ConsoleForm):
    """The shortest way to begin."""

    title = StringField(
        _l("Title"),
        [InputRequired(_l("Write a title.")), Length(max=_LONGEST)],
        filters=[stripped],
    )
    language = StringField(_l("Language you write in"), [InputRequired(_l("Choose a language."))])
    people = Rows(
        StringField(_l("Name"), [Length(max=_LONGEST)], filters=[stripped]),
        min_entries=2,
        most=_MOST_ROWS,
    )
    states = Rows(StringField(lazy_pgettext("country", "State")), min_entries=2, most=_MOST_ROWS)

    def validate_language(self, field: StringField) -> None:
        """Refuse a language that was not offered."""
        if not choices.is_language(field.data or ""):
            raise ValidationError(gettext("Choose a language."))

    def validate_people(self, field: Any) -> None:
        """Ask for one name."""
        if not any(entry.data for entry in field.entries):
            field.entries[0].errors = [gettext("Write at least one name.")]

    def validate_states(self, field: Any) -> None:
        """Ask for one state, of those offered."""
        chosen = [entry.data for entry in field.entries if entry.data]
        if not chosen or not choices.country_codes().issuperset(chosen):
            field.entries[0].errors = [gettext("Choose at least one state.")]


@blueprint.get("/")
@allowed(Right.LOOK, narrows=True)
def index() -> ResponseReturnValue:
    """List all cases."""
    review = {case.id for case, _ in cases.permissions_to_review(own_day(now()))}
    lines = cases.case_lines([organiser().language, interface_language()])
    return render_template("organiser/cases/index.html", lines=lines, review=review)


@blueprint.get("/new")
@allowed(Right.EDIT)
def new() -> ResponseReturnValue:
    """Ask for the little that a case begins with."""
    form = NewCaseForm(language=_first_language())
    return _new_page(form)


@blueprint.post("/new")
@allowed(Right.EDIT)
def create() -> ResponseReturnValue:
    """Begin a case."""
    form = NewCaseForm(request.form)
    too_long = too_many(form)
    if too_long is not None:
        return _new_page(form, too_long)
    more = asks_for_rows(request.form)
    if more in {"people", "states"}:
        return _new_page(form, add_rows(form.people if more == "people" else form.states))
    if not form.validate() or form.problems():
        return _new_page(form, Trouble(422))
    begin_write()
    case = cases.create(
        title=form.title.data or "",
        language=form.language.data or "",
        people=[name for name in form.people.data if name],
        states=[code for code in form.states.data if code],
        organiser=organiser(),
        keyring=current_app.extensions["petitions"].keyring,
        now=now(),
    )
    where = url_for("cases.show", case_id=case.id)
    db.session.commit()
    return saved(gettext("The case is begun. Nobody but organisers sees it yet."), where)


@blueprint.get("/<int:case_id>")
@allowed(Right.LOOK)
def show(case_id: int) -> ResponseReturnValue:
    """Show one case, its parts and what is missing."""
    case = cases.case_of(case_id)
    title, language = title_of(case, [organiser().language, interface_language()])
    people = [(person, known_of(person)) for person in persons_of(case.id)]
    g.content_languages = ()
    return render_template(
        "organiser/cases/show.html",
        case=case,
        case_title=title,
        case_language=language,
        facts=facts_of(case),
        people=people,
        told_in=languages_of(case),
        pictures=picture_rows(case.id),
        updates=updates_of(case.id),
        plans=plans_of_updates(case.id),
        petitions=[
            (each, petition_title(each, case, wishes())) for each in cases.petitions_of(case.id)
        ],
        petition_states=PETITION_STATES,
        deeds=deeds_of(case.id, 12),
        **_permission(case),
        **_publishing(case),
        statuses=STATUSES,
        update_kinds=UPDATE_KINDS,
        field_words=field_words,
        action_words=action_words,
    )


@blueprint.post("/<int:case_id>/publish")
@allowed(Right.PUBLISH)
def publish(case_id: int) -> ResponseReturnValue:
    """Publish a case without a petition."""
    return press(
        case_id,
        lambda: cases.publish(cases.case_of(case_id), organiser(), now(), seen=seen()),
        gettext("The case is published. Readers see it from now on."),
    )


def _permission(case: Case) -> dict[str, Any]:
    standing = standing_of(case.id)
    due = standing.counts is not None and is_due(standing.counts, own_day(now()))
    return {
        "standing": standing,
        "review_due": due,
        "uncovered": [UNCOVERED[word] for word in cases.shown_uncovered(case)],
        "covered_words": [COVERS[word] for word in covered(standing.counts)]
        if standing.counts
        else [],
        "givers": GIVERS,
    }


def _publishing(case: Case) -> dict[str, Any]:
    missing = [
        {
            "done": False,
            "text": missing_words(one),
            "url": _url(one) if _may_mend(one.endpoint) else "",
        }
        for one in cases.missing_for_publishing(case)
    ]
    is_offered = not missing and case.published_at is None
    shown = fingerprint(cases.shown_case(case)) if is_offered else ""
    return {"missing": missing, "seen": shown, "hidden_reason": hidden_reason(case)}


def _url(one: cases.Missing) -> str:
    values: dict[str, Any] = dict(one.values)
    return url_for(one.endpoint, **values)


def _may_mend(endpoint: str) -> bool:
    texts = {"cases.text", "cases.picture_words"}
    return may(Right.WRITE_TEXTS if endpoint in texts else Right.EDIT)


def _first_language() -> str:
    near: Any = choices.languages()[0][1]
    return str(near[0][0]) if near else "en"


def _new_page(form: NewCaseForm, trouble: Trouble | None = None) -> ResponseReturnValue:
    page = render_template(
        "organiser/cases/new.html",
        form=form,
        problems=problems_of(form, trouble),
        language_choices=choices.languages(),
        countries=choices.countries(),
    )
    return page, trouble.status if trouble else 200
