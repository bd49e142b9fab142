"""One account: name and roles."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import (
    audit,
    case_access,
    organiser_changes,
    organiser_mail,
    organisers,
)
from petitions.domain.case_finding import CaseLine, case_lines
from petitions.domain.fingerprints import fingerprint
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile
from petitions.extensions import begin_write, db
from petitions.models import Organiser, Role
from petitions.web.language import wishes
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.audit_words import name_of_actor
from petitions.web.organiser.organisers.base import blueprint, role_options
from petitions.web.organiser.organisers.forms import (
    REFUSALS,
    PersonForm,
    ReasonForm,
    refuse,
)
from petitions.web.organiser.right_words import lost_rights
from petitions.web.organiser.words import role_name


@blueprint.route("/<int:organiser_id>", methods=["GET", "POST"])
@allowed(Right.MANAGE_ORGANISERS, fresh=True)
def one(organiser_id: int) -> ResponseReturnValue:
    """Show one account, and change its name and roles."""
    if request.method == "GET":
        return person_page(organisers.organiser_numbered(organiser_id))
    form = PersonForm(request.form)
    if not form.validate():
        return person_page(organisers.organiser_numbered(organiser_id), form)
    begin_write()
    try:
        organiser_changes.change(
            organiser_id,
            name=form.name.data or "",
            roles=form.chosen_roles(),
            seen=form.seen.data or "",
            actor=actor(),
            now=now(),
            knows_the_loss=bool(form.knows_the_loss.data),
        )
    except ChangedMeanwhile as error:
        db.session.rollback()
        form.seen.data = fingerprint(error.values)
        conflict = _conflict(organiser_id, error)
        return person_page(organisers.organiser_numbered(organiser_id), form, conflict=conflict)
    except REFUSALS as error:
        db.session.rollback()
        refuse(form, error)
        return person_page(organisers.organiser_numbered(organiser_id), form)
    db.session.commit()
    flash(gettext("Saved."), "done")
    if organiser_id == organiser().id and Role.ADMIN not in form.chosen_roles():
        return redirect(url_for("overview.index"), 303)
    return redirect(url_for("organisers.index"), 303)


def person_page(
    someone: Organiser,
    form: PersonForm | None = None,
    *,
    reasons: dict[str, ReasonForm] | None = None,
    conflict: Any = None,
) -> ResponseReturnValue:
    """Return the page of an account; 422 where a form on it was refused, 409 after a conflict."""
    values = organiser_changes.values_of(someone)
    if form is None:
        form = PersonForm(data={**values, "seen": fingerprint(values)})
    forms = {name: ReasonForm(prefix=f"{name}-") for name in ("block", "reset")} | (reasons or {})
    problems = [problem for each in (form, *forms.values()) for problem in each.problems()]
    roles = [Role(role) for role in values["roles"]]
    page = render_template(
        "organiser/organisers/one.html",
        someone=someone,
        standing=organisers.standing_of(someone),
        is_me=someone.id == organiser().id,
        loss=lost_rights(roles, form.chosen_roles()) if form.knows_the_loss.errors else [],
        form=form,
        reasons=forms,
        roles=role_options(),
        reached=_reached(someone),
        mails=organiser_mail.latest_mails(someone.id),
        problems=problems,
        conflict=conflict,
    )
    return page, 409 if conflict else 422 if problems else 200


def _reached(someone: Organiser) -> list[CaseLine] | None:
    access = case_access.access_of(someone)
    if not access["only_chosen_cases"]:
        return None
    return [line for line in case_lines(wishes()) if line.id in access["cases"]]


def _conflict(organiser_id: int, error: ChangedMeanwhile) -> dict[str, Any]:
    entry = audit.latest(f"organiser {organiser_id}")
    return {
        "who": name_of_actor(entry.actor) if entry else "",
        "when": entry.at if entry else now(),
        "rows": [
            (gettext("Name"), error.values["name"]),
            (gettext("Roles"), ", ".join(role_name(Role(role)) for role in error.values["roles"])),
        ],
    }
