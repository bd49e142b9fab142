"""To which cases an account is limited."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from petitions.clock import now
from petitions.domain import case_access, organisers
from petitions.domain.case_finding import case_lines
from petitions.domain.fingerprints import fingerprint
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, Refused
from petitions.extensions import begin_write, db
from petitions.web.language import wishes
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.forms import row_number
from petitions.web.organiser.organisers.base import blueprint

_REFUSALS: dict[str, Any] = {
    "admin": _l("An admin reaches all cases. Take the role “admin” away first."),
    "no case": _l("Choose at least one case."),
}


@blueprint.get("/<int:organiser_id>/cases")
@allowed(Right.MANAGE_ORGANISERS, fresh=True)
def cases(organiser_id: int) -> ResponseReturnValue:
    """Show to which cases an account is limited."""
    access = case_access.access_of(organisers.organiser_numbered(organiser_id))
    chosen = {str(one) for one in access["cases"]}
    return _page(organiser_id, chosen, only=access["only_chosen_cases"])


@blueprint.post("/<int:organiser_id>/cases")
@allowed(Right.MANAGE_ORGANISERS, fresh=True)
def limit_to_cases(organiser_id: int) -> ResponseReturnValue:
    """Limit an account to the cases that were ticked, or let it reach all."""
    only = request.form.get("reach") == "chosen"
    ticked = request.form.getlist("cases")
    begin_write()
    try:
        case_access.limit(
            organiser_id,
            only_chosen_cases=only,
            cases=[number for one in ticked if (number := row_number(one)) is not None],
            seen=request.form.get("seen") or "missing",
            actor=actor(),
            now=now(),
        )
    except ChangedMeanwhile:
        db.session.rollback()
        return _page(organiser_id, set(ticked), only=only, changed=True)
    except Refused as refusal:
        db.session.rollback()
        errors = {refusal.field: [str(_REFUSALS[refusal.reason])]}
        return _page(organiser_id, set(ticked), only=only, errors=errors)
    db.session.commit()
    flash(gettext("Saved."), "done")
    return redirect(url_for("organisers.one", organiser_id=organiser_id), 303)


def _page(
    organiser_id: int,
    chosen: set[str],
    *,
    only: bool,
    errors: dict[str, list[str]] | None = None,
    changed: bool = False,
) -> ResponseReturnValue:
    someone = organisers.organiser_numbered(organiser_id)
    found = errors or {}
    page = render_template(
        "organiser/organisers/cases.html",
        someone=someone,
        cases=[(str(line.id), line.title, "") for line in case_lines(wishes())],
        chosen=chosen,
        reach="chosen" if only else "all",
        seen=fingerprint(case_access.access_of(someone)),
        errors=found,
        problems=[(name, text) for name, texts in found.items() for text in texts],
        changed=changed,
    )
    return page, 409 if changed else 422 if found else 200
