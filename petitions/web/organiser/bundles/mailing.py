"""A bundle's letter by e-mail: to which address, with what, and what became of it."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField

from petitions.clock import now
from petitions.domain import handover_links, official_mails
from petitions.domain.bundle_overview import office_names, titles_of
from petitions.domain.case_keys import is_sealed
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.mail.settings import MailSettings
from petitions.models import Petition
from petitions.web.language import wishes
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.bundles.address import blueprint, bundle_of
from petitions.web.organiser.forms import ConsoleForm, stripped

_REFUSALS: dict[str, Any] = {
    "demonstration": _l("A demonstration never mails an official."),
    "no address": _l("Choose one of the official’s addresses."),
    "no names": _l("No names go to this official."),
    "sealed": _l("The case is sealed: this server cannot open its names. Hand the list over."),
    "under way": _l("A mail to this address is under way already."),
    "over": _l("It is on its way already, or over."),
}


class MailForm(ConsoleForm):
    """To which of the official's addresses, and whether the list goes with it."""

    address = StringField(_l("Address"), filters=[stripped])
    with_list = BooleanField(_l("With the list of signatures"))
    by_link = BooleanField(_l("A link instead of attached files"))


@blueprint.get("/<int:bundle_id>/mail")
@allowed(Right.DELIVER)
def mail(bundle_id: int) -> ResponseReturnValue:
    """Ask to which address the letter goes."""
    return _page(bundle_id, MailForm())


@blueprint.post("/<int:bundle_id>/mail")
@allowed(Right.DELIVER, fresh=True)
def ask_for_mail(bundle_id: int) -> ResponseReturnValue:
    """Queue the mail; the worker sends it."""
    form = MailForm(request.form)
    begin_write()
    try:
        official_mails.ask(
            current_app.extensions["petitions"],
            bundle_of(bundle_id),
            form.address.data or "",
            with_list=bool(form.with_list.data),
            by_link=bool(form.by_link.data),
            organiser_id=organiser().id,
            now=now(),
        )
    except Refused as refused:
        db.session.rollback()
        name = refused.field if refused.field in form._fields else "address"
        form.add_error(name, _REFUSALS[refused.reason])
        return _page(bundle_id, form), 422
    db.session.commit()
    flash(gettext("The mail waits for the worker. This page tells what becomes of it."), "done")
    return redirect(url_for("bundles.mail", bundle_id=bundle_id), 303)


@blueprint.post("/mails/<int:mail_id>/cancel")
@allowed(Right.DELIVER)
def cancel_mail(mail_id: int) -> ResponseReturnValue:
    """Take back a mail that is not on its way yet."""
    begin_write()
    found = official_mails.mail_numbered(mail_id)
    bundle_id = found.bundle_id
    try:
        official_mails.cancel(found, actor=actor(), now=now())
    except Refused as refused:
        db.session.rollback()
        flash(str(_REFUSALS[refused.reason]), "warning")
    else:
        db.session.commit()
        flash(gettext("Cancelled. Nothing was sent."), "done")
    return redirect(url_for("bundles.mail", bundle_id=bundle_id), 303)


@blueprint.post("/mails/<int:mail_id>/end-link")
@allowed(Right.DELIVER)
def end_link(mail_id: int) -> ResponseReturnValue:
    """End the link of a mail before its time."""
    begin_write()
    found = official_mails.mail_numbered(mail_id)
    bundle_id = found.bundle_id
    try:
        handover_links.end(found, actor=actor(), now=now())
    except Refused:
        db.session.rollback()
        flash(gettext("The link was over already."), "info")
    else:
        db.session.commit()
        flash(gettext("The link leads nowhere from now on."), "done")
    return redirect(url_for("bundles.mail", bundle_id=bundle_id), 303)


def _page(bundle_id: int, form: MailForm) -> str:
    bundle = bundle_of(bundle_id)
    petition = db.session.get_one(Petition, bundle.petition_id)
    site = current_app.extensions["petitions"]
    settings: MailSettings = current_app.extensions["petitions.mail"]
    mails = official_mails.mails_of(bundle.id)
    try:
        official_mails.refuse_demonstration(site, bundle)
        is_demonstration = False
    except Refused:
        is_demonstration = True
    return render_template(
        "organiser/bundles/mail.html",
        bundle=bundle,
        petition=petition,
        title=titles_of([petition.id], wishes()).get(petition.id, (petition.slug, "")),
        name=office_names([bundle.official_id], wishes())[bundle.official_id],
        addresses=official_mails.addresses_of(bundle.official_id),
        mails=mails,
        links={mail.id: handover_links.link_of(mail.id) for mail in mails},
        moment_now=now(),
        link_days=settings.official_link_days,
        can_have_list=bundle.names_go
        and bundle.named + bundle.initials > 0
        and not is_sealed(petition.case_id),
        is_demonstration=is_demonstration,
        pace=settings.official_seconds,
        form=form,
        problems=form.problems(),
    )
