"""The console's pages: the record of what was done, and checking that nobody changed it."""

from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_pgettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from petitions.domain import audit as trail
from petitions.domain.audit_reading import Wanted, actions, page_of
from petitions.domain.organisers import all_organisers
from petitions.domain.rights import Right
from petitions.web.organiser.access import allowed
from petitions.web.organiser.audit_words import action_words, name_of_actor, told
from petitions.web.organiser.forms import ConsoleForm, row_number, stripped
from petitions.web.page_frame import organisation_zone

blueprint = Blueprint("audit", __name__, url_prefix="/organiser/audit")
_UNREAD = _l("Write a day as in 2026-11-23.")
_FILTERS = ("who", "what", "about", "first_on", "last_on")


class Question(ConsoleForm):
    """What is asked of the record; all of it may stay empty."""

    who = SelectField(_l("By whom"), filters=[stripped], validate_choice=False)
    what = SelectField(_l("What was done"), filters=[stripped], validate_choice=False)
    about = StringField(_l("About"), filters=[stripped], validators=[Length(max=80)])
    first_on = DateField(lazy_pgettext("audit filter", "From"), validators=[Optional()])
    last_on = DateField(lazy_pgettext("audit filter", "To"), validators=[Optional()])

    def wanted(self) -> Wanted:
        """Return the question as the domain takes it."""
        return Wanted(
            actor=self.who.data or "",
            action=self.what.data or "",
            subject=(self.about.data or "").lower(),
            first_on=self.first_on.data,
            last_on=self.last_on.data,
            zone=organisation_zone().key,
        )

    def problems(self) -> list[tuple[str, str]]:
        """Return what could not be read."""
        for field in (self.first_on, self.last_on):
            field.errors = [str(_UNREAD)] if field.errors else []
        first, last = self.first_on.data, self.last_on.data
        if first and last and first > last:
            self.last_on.errors = [gettext("This day is before the one from which you look.")]
        return super().problems()


@blueprint.get("/")
@allowed(Right.READ_AUDIT)
def index() -> ResponseReturnValue:
    """Show what was done, newest first."""
    form = Question(request.args)
    form.validate()
    problems = form.problems()
    nothing = Wanted(zone=organisation_zone().key)
    wanted = form.wanted() if not problems else nothing
    found = page_of(wanted, before=_row("before"), after=_row("after"))
    keyring = current_app.extensions["petitions"].keyring
    page = render_template(
        "organiser/audit/index.html",
        form=form,
        problems=problems,
        entries=told(found.entries, keyring),
        people=_people(),
        actions=[(action, action_words(action)) for action in actions()],
        newer=_page_url(after=found.newer) if found.newer else "",
        older=_page_url(before=found.older) if found.older else "",
        is_narrowed=wanted != nothing,
    )
    return page, 422 if problems else 200


@blueprint.get("/verify")
@allowed(Right.READ_AUDIT)
def verify() -> ResponseReturnValue:
    """Walk the whole record and say whether it fits. Reads only."""
    expected = request.args.get("expect", "").strip()
    problem = _malformed(expected)
    found = trail.check("" if problem else expected)
    ends = [in_groups(text) for text in (found.first_hash, found.last_hash)]
    page = render_template(
        "organiser/audit/verify.html",
        found=found,
        expected=expected,
        ends=ends,
        problem=problem,
        problems=[("expect", problem)] if problem else [],
    )
    return page, 422 if problem else 200


def in_groups(text: str) -> str:
    """Return a hash in groups of eight, as one copies it down and compares it."""
    return " ".join(text[begin : begin + 8] for begin in range(0, len(text), 8))


def _malformed(text: str) -> str:
    """Say why a text is no hash at all; empty where it may be one, or nothing was typed."""
    typed = "".join(text.split())
    if not typed or trail.is_hash(typed):
        return ""
    return str(
        ngettext(
            "A hash has 64 signs, each a digit or a letter from a to f. This has %(num)d sign.",
            "A hash has 64 signs, each a digit or a letter from a to f. This has %(num)d signs.",
            len(typed),
        )
    )


def _row(name: str) -> int | None:
    """Return from which entry a page goes on; a number that is none is not worth a word."""
    return row_number(request.args.get(name))


def _people() -> list[tuple[str, str]]:
    people = [(f"organiser {one.id}", one.name or one.email) for one, _ in all_organisers()]
    others = ("command", "worker", "somebody")
    return [*people, *((other, name_of_actor(other)) for other in others)]


def _page_url(**page: Any) -> str:
    kept: dict[str, Any] = {name: request.args[name] for name in _FILTERS if name in request.args}
    return url_for("audit.index", **kept, **page)
