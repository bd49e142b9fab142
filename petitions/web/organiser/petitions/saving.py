"""How the pages of petitions save: in one transaction, and telling what stood in the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_lists import deeds_of_petition
from petitions.errors import ChangedMeanwhile, Refused, TransitionRefused
from petitions.extensions import begin_write, db
from petitions.web.organiser.forms import ConsoleForm
from petitions.web.organiser.petitions.words import refusal_words

blueprint = Blueprint("petitions", __name__, url_prefix="/organiser/petitions")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a form was not saved: refused (422), or somebody else was faster (409)."""

    status: int = 422
    who: str = ""
    when: datetime | None = None
    theirs: Mapping[str, Any] = with_default(default_factory=dict)
    message: str = ""
    """What is said above the form, where no field of it is to blame."""
    field: str = ""
    """What the domain blames, where it is no field of the form: the id of a row."""


def save(form: ConsoleForm, petition_id: int, change: Callable[[], object]) -> Trouble | None:
    """Run a change of a petition and commit it; None where all went well.

    The form keeps what was typed. After a conflict it carries the fingerprint of what is there
    now, so that saving again overwrites knowingly.
    """
    db.session.rollback()  # what was read so far is read anew, as a writer
    begin_write()
    try:
        change()
    except ChangedMeanwhile as changed:
        db.session.rollback()
        form.seen.data = fingerprint(changed.values)
        last = next(iter(deeds_of_petition(petition_id, 1)), None)
        who, when = (last.who, last.at) if last else ("", None)
        return Trouble(409, who, when, changed.values)
    except Refused as refusal:
        db.session.rollback()
        words = str(refusal_words(refusal.reason))
        if refusal.field in form and not hasattr(form[refusal.field], "entries"):
            form.add_error(refusal.field, words)
            return Trouble()
        return Trouble(message=words, field=refusal.field)
    db.session.commit()
    return None


def press(
    petition_id: int, change: Callable[[], object], done: str, where: str = ""
) -> ResponseReturnValue:
    """Run what a single button asks for, say how it went, and go back to the petition."""
    begin_write()
    try:
        change()
    except (Refused, TransitionRefused) as error:
        db.session.rollback()
        flash(refusal_words(error.reason if isinstance(error, Refused) else "state"), "warning")
    else:
        db.session.commit()
        flash(done, "done")
    return redirect(where or url_for("petitions.show", petition_id=petition_id), 303)


def number_of(typed: str | None) -> int | None:
    """Return a small whole number that was typed or sent, or None where it is none."""
    text = (typed or "").strip()
    return int(text) if text.isdecimal() and len(text) < 10 else None


def saved(done: str, where: str) -> ResponseReturnValue:
    """Say that a form was saved, and go on."""
    flash(done, "done")
    return redirect(where, 303)
