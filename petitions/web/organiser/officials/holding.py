"""A new holder of an office, in every language that the office has, on one page."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Form, FormField, StringField
from wtforms.validators import InputRequired

from petitions.clock import now
from petitions.domain.fingerprints import fingerprint
from petitions.domain.official_holders import HolderWords, former_holders, new_holder, shown
from petitions.domain.official_lists import texts_of
from petitions.domain.officials import get_official
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, Refused
from petitions.extensions import begin_write, db
from petitions.web.organiser.access import actor, allowed, may
from petitions.web.organiser.forms import ConsoleForm, stripped
from petitions.web.organiser.officials.blueprint import blueprint
from petitions.web.organiser.officials.forms import FITS
from petitions.web.organiser.officials.messages import official_words


class _WordsForm(Form):
    """Who holds the office, in one language."""

    name = StringField(_l("Name of the person"), [FITS], filters=[stripped])
    salutation = StringField(_l("Salutation"), [FITS], filters=[stripped])
    form_of_address = StringField(_l("Form of address"), [FITS], filters=[stripped])


class _HolderForm(ConsoleForm):
    """Since when, and then the words of each language."""

    since = DateField(_l("In office since"), [InputRequired(_l("Write the day as 2026-03-14."))])


@blueprint.get("/<int:official_id>/holder")
@allowed(Right.EDIT)
def holder(official_id: int) -> ResponseReturnValue:
    """Ask who holds the office now. Raises NotFound."""
    texts = texts_of(get_official(official_id).id)
    values: dict[str, Any] = {
        _field(tag): {"salutation": text.salutation, "form_of_address": text.form_of_address}
        for tag, text in texts.items()
    }
    form = _form_of(official_id)(data={"since": now().date(), **values})
    form.seen.data = fingerprint(shown(official_id))
    return _page(official_id, form)


@blueprint.post("/<int:official_id>/holder")
@allowed(Right.EDIT)
def change_holder(official_id: int) -> ResponseReturnValue:
    """Write who holds the office now. Raises NotFound."""
    form = _form_of(official_id)(request.form)
    if not form.validate():
        return _page(official_id, form, 422)
    db.session.rollback()  # the form was made of what was read
    begin_write()
    words = {
        tag: HolderWords(**{name: _words_of(form, tag)[name].data or "" for name in _NAMES})
        for tag in texts_of(official_id)
    }
    since: date = form["since"].data
    try:
        new_holder(
            official_id,
            words,
            since,
            seen=form.seen.data or "",
            rights=[right for right in Right if may(right)],
            actor=actor(),
            now=now(),
        )
    except Refused as refused:
        db.session.rollback()
        _tell(form, refused)
        return _page(official_id, form, 422)
    except ChangedMeanwhile:
        db.session.rollback()
        form.seen.data = fingerprint(shown(official_id))
        return _page(official_id, form, 409)
    db.session.commit()
    flash(gettext("The new holder is written down. The office keeps its petitions."), "done")
    return redirect(url_for("officials.show", official_id=official_id), 303)


_NAMES = ("name", "salutation", "form_of_address")


def _form_of(official_id: int) -> type[_HolderForm]:
    """Return a form with the languages that the office has."""
    tags = texts_of(get_official(official_id).id)
    return type("HolderForm", (_HolderForm,), {_field(tag): FormField(_WordsForm) for tag in tags})


def _words_of(form: _HolderForm, tag: str) -> Form:
    within: Form = getattr(form[_field(tag)], "form")  # noqa: B009  # WTForms' types know no field
    return within


def _field(tag: str) -> str:
    return f"in_{tag.replace('-', '_')}"


def _tell(form: _HolderForm, refused: Refused) -> None:
    name, _, tag = refused.field.partition("-")
    words = official_words(refused.reason) or refused.reason
    if tag:
        field = _words_of(form, tag)[name]
        field.errors = [*field.errors, str(words)]
    else:
        form.add_error("since", words)


def _page(official_id: int, form: _HolderForm, status: int = 200) -> ResponseReturnValue:
    official = get_official(official_id)
    texts = texts_of(official.id)
    page = render_template(
        "organiser/officials/holder.html",
        official=official,
        source=texts[official.source_language],
        texts=texts,
        rows=[(tag, _words_of(form, tag)) for tag in texts],
        form=form,
        former=former_holders(official.id),
        changed=status == 409,
        problems=form.problems(),
    )
    return page, status
