"""How the pages of cases save: in one transaction, and telling what stood in the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from petitions.domain.case_finding import deeds_of, title_of
from petitions.domain.fingerprints import fingerprint
from petitions.errors import ChangedMeanwhile, Refused
from petitions.extensions import begin_write, db
from petitions.models import Case
from petitions.web.language import interface_language
from petitions.web.organiser.cases.words import field_words, refusal_words
from petitions.web.organiser.forms import ConsoleForm

_SHORT = 40
blueprint = Blueprint("cases", __name__, url_prefix="/organiser/cases")


@blueprint.context_processor
def _names() -> dict[str, Any]:
    """Let templates call a case by its title, in the language of whoever looks."""
    return {"case_name": _short_title}


def _short_title(case: Case) -> str:
    title = title_of(case, [interface_language()])[0]
    return title if len(title) <= _SHORT else title[:_SHORT].rsplit(" ", 1)[0] + "…"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a form was not saved: refused (422), or somebody else was faster (409)."""

    status: int
    who: str = ""
    when: datetime | None = None
    rows: tuple[tuple[str, str], ...] = ()
    """What they saved: label and value of each field that differs from what was typed."""
    message: str = ""
    """What is said above the form, where no field of it is to blame."""


def save(form: ConsoleForm, case_id: int, change: Callable[[], object]) -> Trouble | None:
    """Run a change of a case and commit it; None where all went well.

    The form keeps what was typed. After a conflict it carries the fingerprint of what is there
    now, so that saving again overwrites knowingly.
    """
    db.session.rollback()  # what the view has read so far was read as a reader
    begin_write()
    try:
        change()
    except ChangedMeanwhile as changed:
        db.session.rollback()
        form.seen.data = fingerprint(changed.values)
        last = next(iter(deeds_of(case_id, 1)), None)
        who, when = (last.who, last.at) if last else ("", None)
        return Trouble(409, who, when, _rows(form, changed.values))
    except Refused as refusal:
        db.session.rollback()
        return Trouble(422, message=_put_beside(form, refusal))
    db.session.commit()
    return None


def press(
    case_id: int, change: Callable[[], object], done: str, where: str = "", *, again: str = ""
) -> ResponseReturnValue:
    """Run what a single button asks for, say how it went, and go back to the case.

    Where somebody else changed meanwhile what was looked at, `again` is the page that shows it.
    """
    db.session.rollback()  # what the view has read so far was read as a reader
    begin_write()
    try:
        change()
    except ChangedMeanwhile:
        db.session.rollback()
        flash(refusal_words("changed"), "warning")
        where = again or where
    except Refused as refusal:
        db.session.rollback()
        flash(refusal_words(refusal.reason), "warning")
    else:
        db.session.commit()
        flash(done, "done")
    return redirect(where or url_for("cases.show", case_id=case_id), 303)


def seen() -> str:
    """Return the fingerprint that a page of one button sends; a request without one saw nothing."""
    return request.form.get("seen") or "nothing"


def saved(done: str, where: str) -> ResponseReturnValue:
    """Say that a form was saved, and go on."""
    flash(done, "done")
    return redirect(where, 303)


def asks_for_rows(form: MultiDict[str, str]) -> str:
    """Return which rows a press on 'more rows' asked for; empty where another button was."""
    return form.get("more", "")


def problems_of(form: ConsoleForm, trouble: Trouble | None) -> list[tuple[str, str]]:
    """Return what the summary on top of a page says: problems of fields, and of the whole."""
    whole = [("main", trouble.message)] if trouble is not None and trouble.message else []
    return [*form.problems(), *whole]


def _rows(form: ConsoleForm, theirs: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (field_words(name), _told(value))
        for name, value in theirs.items()
        if name not in form or _told(form[name].data) != _told(value)
    )


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return "\n".join(told for told in (_told(one) for one in value) if told)
    return "" if value is None else str(value)


def _put_beside(form: ConsoleForm, refusal: Refused) -> str:
    words = str(refusal_words(refusal.reason))
    if refusal.field not in form:
        return words
    entries = getattr(form[refusal.field], "entries", None)
    if entries:
        first = entries[0]
        first.errors = [*first.errors, words]
    else:
        form.add_error(refusal.field, words)
    return ""
