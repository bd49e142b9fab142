"""Who may work here, and inviting more."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import case_access, organisers
from petitions.domain.rights import Right
from petitions.extensions import begin_write, db
from petitions.i18n import SOURCE
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.organisers.base import blueprint, role_options, site
from petitions.web.organiser.organisers.forms import REFUSALS, InvitationForm, refuse


@blueprint.get("/")
@allowed(Right.MANAGE_ORGANISERS)
def index() -> ResponseReturnValue:
    """Show who may work here."""
    rows = [
        (someone, sorted(roles), organisers.standing_of(someone))
        for someone, roles in organisers.all_organisers()
    ]
    return render_template(
        "organiser/organisers/index.html",
        rows=rows,
        roles=role_options(),
        limited=case_access.numbers_of_cases(),
    )


@blueprint.route("/invite", methods=["GET", "POST"])
@allowed(Right.MANAGE_ORGANISERS, fresh=True)
def invite() -> ResponseReturnValue:
    """Invite somebody by mail."""
    if request.method == "GET":
        return _invitation(InvitationForm(data={"language": organiser().language or SOURCE}))
    form = InvitationForm(request.form)
    if not form.validate():
        return _invitation(form)
    begin_write()
    try:
        someone = organisers.invite(
            site(),
            email=form.email.data or "",
            name=form.name.data or "",
            roles=form.chosen_roles(),
            language=form.language.data,
            actor=actor(),
            now=now(),
        )
    except REFUSALS as error:
        db.session.rollback()
        refuse(form, error)
        return _invitation(form)
    name = someone.name
    db.session.commit()
    flash(gettext("%(name)s is invited. The mail leaves within a minute.", name=name), "done")
    return redirect(url_for("organisers.index"), 303)


def _invitation(form: InvitationForm) -> ResponseReturnValue:
    problems = form.problems()
    page = render_template(
        "organiser/organisers/invite.html", form=form, roles=role_options(), problems=problems
    )
    return page, 422 if problems else 200
