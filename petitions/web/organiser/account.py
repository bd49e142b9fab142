"""One's own account: name, language, password, second step, and where one is signed in."""

from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import AnyOf, InputRequired, Length

from petitions.clock import now
from petitions.domain import sign_ins
from petitions.domain.accounts import change_own
from petitions.domain.fingerprints import fingerprint
from petitions.domain.names import NameRefused
from petitions.errors import ChangedMeanwhile
from petitions.extensions import begin_write, db
from petitions.i18n import interface_languages
from petitions.models import Organiser
from petitions.web.organiser.access import Door, allowed, must_have_second_step, organiser
from petitions.web.organiser.forms import ConsoleForm, stripped
from petitions.web.organiser.sign_in_traces import KEY

blueprint = Blueprint("account", __name__, url_prefix="/organiser/account")


class AccountForm(ConsoleForm):
    """What an organiser may change of their own account."""

    name = StringField(
        _l("Your name, as other organisers see it"),
        [InputRequired(_l("Write your name.")), Length(max=100)],
        filters=[stripped],
    )
    language = StringField(
        _l("Language of the console and of mails to you"),
        [AnyOf(interface_languages(), message=_l("Choose a language."))],
    )


@blueprint.get("/")
@allowed(Door.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show one's own account."""
    someone = organiser()
    form = AccountForm(name=someone.name, language=someone.language)
    form.seen.data = fingerprint({"name": someone.name, "language": someone.language})
    return _page(form)


@blueprint.post("/")
@allowed(Door.SIGNED_IN)
def change() -> ResponseReturnValue:
    """Change one's name and language."""
    form = AccountForm(request.form)
    if not form.validate():
        return _page(form, 422)
    begin_write()
    try:
        change_own(
            organiser().id,
            form.name.data or "",
            form.language.data or "",
            form.seen.data or "",
            now(),
        )
    except ChangedMeanwhile as changed:
        db.session.rollback()
        form.seen.data = fingerprint(changed.values)
        return _page(form, 409, theirs=changed.values)
    except NameRefused:
        db.session.rollback()
        form.add_error("name", gettext("Write a name with at least one letter."))
        return _page(form, 422)
    db.session.commit()
    flash(gettext("Your account was changed."), "done")
    return redirect(url_for("account.index"), 303)


@blueprint.post("/sign-ins/<int:session_id>/end")
@allowed(Door.SIGNED_IN)
def end_sign_in(session_id: int) -> ResponseReturnValue:
    """End one of one's own sign-ins."""
    begin_write()
    sign_ins.end_one(organiser(), session_id, now())
    db.session.commit()
    flash(gettext("That sign-in has ended."), "done")
    return redirect(url_for("account.index"), 303)


@blueprint.post("/sign-ins/end-others")
@allowed(Door.SIGNED_IN)
def end_others() -> ResponseReturnValue:
    """End all of one's sign-ins but this one."""
    begin_write()
    sign_ins.end_others(organiser(), session.get(KEY), now())
    db.session.commit()
    flash(gettext("All your other sign-ins have ended."), "done")
    return redirect(url_for("account.index"), 303)


def _page(form: AccountForm, status: int = 200, theirs: Any = None) -> ResponseReturnValue:
    someone: Organiser = organiser()
    open_now = sign_ins.sessions_of(someone.id, now())
    page = render_template(
        "organiser/account/index.html",
        form=form,
        problems=form.problems(),
        theirs=theirs,
        someone=someone,
        roles=sorted(sign_ins.roles_of(someone.id)),
        sign_ins=open_now,
        this_one=g.session_id,
        languages_to_choose=interface_languages(),
        must_have_second_step=must_have_second_step(),
        demonstration=current_app.extensions["petitions"].demonstration,
    )
    return page, status
