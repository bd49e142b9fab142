"""Sealed cases: what it means, who the custodians are, adding and removing them, sealing a case.

Secrets are in a request and its answer, and nowhere else. Whatever takes a second to reckon is done
before the transaction.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import sealed_cases
from petitions.domain.case_finding import case_lines, case_of, title_of
from petitions.domain.case_keys import is_sealed
from petitions.domain.custodians import NewCustodian, by_passphrase, by_recovery_key, custodians_of
from petitions.domain.rights import Right
from petitions.domain.site import Site
from petitions.domain.unlocking import Unlocked, unlock
from petitions.errors import NotFound, RecoveryKeyMistyped, Refused
from petitions.extensions import begin_write, db
from petitions.models import Custodian
from petitions.vault.custodians import new_recovery_key
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.forms import ConsoleForm
from petitions.web.organiser.sealing_forms import (
    AddForm,
    RenewForm,
    SealForm,
    UnlockingForm,
    organiser_options,
    tell,
)

blueprint = Blueprint("sealing", __name__, url_prefix="/organiser/sealing")


@blueprint.get("/")
@allowed(Right.MANAGE_ORGANISATION)
def index() -> ResponseReturnValue:
    """Say what sealed means, and which cases are."""
    lines = [(line, is_sealed(line.id)) for line in case_lines([interface_language()])]
    return render_template("organiser/sealing/index.html", lines=lines)


@blueprint.get("/<int:case_id>")
@allowed(Right.MANAGE_ORGANISATION)
def show(case_id: int) -> ResponseReturnValue:
    """Show whether a case is sealed, and its custodians."""
    return _page("show.html", case_id, None, custodians=custodians_of(case_id))


@blueprint.get("/<int:case_id>/seal")
@allowed(Right.MANAGE_ORGANISATION, fresh=True)
def ask_to_seal(case_id: int) -> ResponseReturnValue:
    """Show a new recovery key, and ask for the first custodian. Nothing is changed yet."""
    if is_sealed(case_id):
        return redirect(url_for("sealing.show", case_id=case_id))
    return _seal_page(case_id, SealForm(recovery_code=new_recovery_key()))


@blueprint.post("/<int:case_id>/seal")
@allowed(Right.MANAGE_ORGANISATION, fresh=True)
def seal(case_id: int) -> ResponseReturnValue:
    """Make a case sealed."""
    form = SealForm(request.form)
    try:
        recovery = by_recovery_key(form.recovery_code.data or "")
    except RecoveryKeyMistyped:  # the page was damaged: its key is no key
        form = SealForm(recovery_code=new_recovery_key())
        form.add_error("last_letters_code", gettext("Please write down this new key."))
        return _seal_page(case_id, form, 422)
    site = _site()

    def do(new: NewCustodian) -> None:
        sealed_cases.seal(site, case_id, new, recovery, actor=actor(), now=now())

    if not form.validate() or not _saved(form, lambda: _new_custodian(form), do):
        return _seal_page(case_id, form, 422)
    sealed_cases.take_from_server(site, case_id)
    return _done(
        case_id, gettext("The case is sealed. This server cannot read its names any more.")
    )


@blueprint.get("/<int:case_id>/add")
@allowed(Right.MANAGE_ORGANISATION, fresh=True)
def ask_to_add(case_id: int) -> ResponseReturnValue:
    """Ask for another custodian."""
    return _page("add.html", case_id, AddForm(), options=organiser_options())


@blueprint.post("/<int:case_id>/add")
@allowed(Right.MANAGE_ORGANISATION, fresh=True)
def add(case_id: int) -> ResponseReturnValue:
    """Let somebody else unlock a case too."""
    form = AddForm(request.form)

    def prepare() -> tuple[Unlocked, NewCustodian]:
        unlocked = unlock(case_id, form.unlocking_password.data or "")
        return unlocked, _new_custodian(form)

    def do(prepared: tuple[Unlocked, NewCustodian]) -> None:
        sealed_cases.add_custodian(*prepared, actor=actor(), now=now())

    if not form.validate() or not _saved(form, prepare, do):
        return _page("add.html", case_id, form, 422, options=organiser_options())
    return _done(case_id, gettext("They can unlock the case from now on."))


@blueprint.get("/<int:case_id>/custodians/<int:custodian_id>/remove")
@allowed(Right.MANAGE_ORGANISATION, fresh=True)
def ask_to_remove(case_id: int, custodian_id: int) -> ResponseReturnValue:
    """Ask for the passphrase of somebody who stays."""
    leaving = _custodian(case_id, custodian_id)
    return _page("remove.html", case_id, UnlockingForm(), custodian=leaving)


@blueprint.post("/<int:case_id>/custodians/<int:custodian_id>/remove")
@allowed(Right.MANAGE_ORGANISATION, fresh=True)
def remove(case_id: int, custodian_id: int) -> ResponseReturnValue:
    """Take the key of a case from a custodian."""
    form = UnlockingForm(request.form)

    def do(unlocked: Unlocked) -> None:
        sealed_cases.remove_custodian(unlocked, custodian_id, actor=actor(), now=now())

    _custodian(case_id, custodian_id)
    secret = form.unlocking_password.data or ""
    if not form.validate() or not _saved(form, lambda: unlock(case_id, secret), do):
        leaving = _custodian(case_id, custodian_id)
        return _page("remove.html", case_id, form, 422, custodian=leaving)
    return _done(case_id, gettext("They cannot unlock the case any more. It has new keys."))


@blueprint.get("/<int:case_id>/renew")
@allowed(Right.MANAGE_ORGANISATION, fresh=True)
def ask_to_renew(case_id: int) -> ResponseReturnValue:
    """Say what new keys mean, and show another recovery key. Nothing is changed yet."""
    return _page("renew.html", case_id, RenewForm(recovery_code=new_recovery_key()))


@blueprint.post("/<int:case_id>/renew")
@allowed(Right.MANAGE_ORGANISATION, fresh=True)
def renew(case_id: int) -> ResponseReturnValue:
    """Give a case new keys, for the same custodians."""
    form = RenewForm(request.form)
    try:
        recovery = by_recovery_key(form.recovery_code.data or "")
    except RecoveryKeyMistyped:  # the page was damaged: its key is no key
        form = RenewForm(recovery_code=new_recovery_key())
        form.add_error("last_letters_code", gettext("Please write down this new key."))
        return _page("renew.html", case_id, form, 422)

    def do(unlocked: Unlocked) -> None:
        wanted = recovery if form.is_wanted() else None
        sealed_cases.rotate(unlocked, actor=actor(), now=now(), recovery=wanted)

    secret = form.unlocking_password.data or ""
    if not form.validate() or not _saved(form, lambda: unlock(case_id, secret), do):
        return _page("renew.html", case_id, form, 422)
    return _done(case_id, gettext("The case has new keys. No signature was changed."))


def _saved(form: ConsoleForm, prepare: Callable[[], Any], do: Callable[[Any], None]) -> bool:
    """Prepare, then do in a transaction; what is refused is told in the form."""
    try:
        prepared = prepare()
        db.session.rollback()  # what was read so far was read as a reader
        begin_write()
        do(prepared)
    except Refused as refused:
        db.session.rollback()
        tell(refused, form)
        return False
    db.session.commit()
    return True


def _new_custodian(form: Any) -> NewCustodian:
    number = form.custodian.data
    name = dict(organiser_options())[number]
    return by_passphrase(name, form.new_password.data or "", int(number))


def _custodian(case_id: int, custodian_id: int) -> Custodian:
    for one in custodians_of(case_id):
        if one.id == custodian_id and one.kind == "passphrase":
            return one
    raise NotFound("no such custodian")


def _done(case_id: int, words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("sealing.show", case_id=case_id), 303)


def _seal_page(case_id: int, form: SealForm, status: int = 200) -> ResponseReturnValue:
    return _page("seal.html", case_id, form, status, options=organiser_options())


def _page(
    name: str, case_id: int, form: ConsoleForm | None, status: int = 200, **values: Any
) -> ResponseReturnValue:
    case = case_of(case_id)
    page = render_template(
        f"organiser/sealing/{name}",
        case=case,
        title=title_of(case, [interface_language()])[0],
        sealed=is_sealed(case_id),
        form=form,
        problems=form.problems() if form is not None and status == 422 else (),
        **values,
    )
    return page, status


def _site() -> Site:
    found: Site = current_app.extensions["petitions"]
    return found
