"""Block and allow lists: what is set aside on arrival, and what the slower lane spares."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from petitions.clock import now
from petitions.domain import blocks
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.models import Block, BlockKind
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.confirmations.words import KINDS
from petitions.web.organiser.forms import ConsoleForm, stripped, tidied

blueprint = Blueprint("rules", __name__, url_prefix="/organiser/rules")

REFUSALS: dict[str, Any] = {
    "kind": _l("Choose what the rule is about."),
    "what": _l("Choose what the rule does."),
    "reason needed": _l("Write a reason. It is what tells later what the rule is about."),
    "network": _l("This does not read like a network. Examples: 192.0.2.0/24, 2001:db8::/48"),
    "too wide": _l(
        "This network is too wide: it would set aside people of whole countries. At most a /8 of"
        " IPv4 or a /16 of IPv6."
    ),
    "domain": _l("This does not read like a mail domain. An example: mail.example.org"),
    "address": _l("This does not read like an e-mail address. An example: name@example.org"),
    "listed already": _l(
        "There is a rule about exactly this already. Remove it first if you want another."
    ),
}
_TOO_LONG = _l("This is too long. Please shorten it.")


class RuleForm(ConsoleForm):
    """A new rule."""

    what = StringField(_l("What the rule does"))
    kind = StringField(_l("What it is about"))
    value = StringField(
        _l("Network, mail domain or e-mail address"),
        [Length(max=320, message=_TOO_LONG)],
        filters=[stripped],
    )
    reason = TextAreaField(_l("Reason"), [Length(max=500, message=_TOO_LONG)], filters=[tidied])


class RemoveForm(ConsoleForm):
    """Why a rule is removed."""

    reason = TextAreaField(_l("Reason"), [Length(max=500, message=_TOO_LONG)], filters=[tidied])


@blueprint.get("/")
@allowed(Right.REVIEW)
def index() -> ResponseReturnValue:
    """List the rules, with a form for another."""
    return _page(RuleForm(what="block"))


@blueprint.post("/")
@allowed(Right.REVIEW)
def add() -> ResponseReturnValue:
    """Add a rule."""
    form = RuleForm(request.form)
    if not form.validate():
        return _page(form), 422
    begin_write()
    try:
        _add(form)
    except Refused as refused:
        db.session.rollback()
        form.add_error(refused.field or "value", REFUSALS[refused.reason])
        return _page(form), 422
    db.session.commit()
    flash(gettext("The rule is added. It is in force within seconds."), "done")
    return redirect(url_for("rules.index"), 303)


@blueprint.get("/<int:rule_id>/remove")
@allowed(Right.REVIEW)
def remove(rule_id: int) -> ResponseReturnValue:
    """Say what removing does, and ask why."""
    return _removing(blocks.rule_numbered(rule_id), RemoveForm())


@blueprint.post("/<int:rule_id>/remove")
@allowed(Right.REVIEW)
def do_remove(rule_id: int) -> ResponseReturnValue:
    """Remove a rule."""
    form = RemoveForm(request.form)
    if not form.validate():
        return _removing(blocks.rule_numbered(rule_id), form), 422
    begin_write()
    rule = blocks.rule_numbered(rule_id)
    site = current_app.extensions["petitions"]
    blocks.remove(site, rule, reason=form.reason.data or "", actor=actor(), now=now())
    db.session.commit()
    flash(gettext("The rule is removed. What it caught stays set aside."), "done")
    return redirect(url_for("rules.index"), 303)


def _add(form: RuleForm) -> None:
    if form.what.data not in {"block", "allow"}:
        raise Refused("what", "what")
    try:
        kind = BlockKind(form.kind.data or "")
    except ValueError:
        raise Refused("kind", "kind") from None
    blocks.add(
        current_app.extensions["petitions"],
        kind,
        form.value.data or "",
        allow=form.what.data == "allow",
        reason=form.reason.data or "",
        actor=actor(),
        now=now(),
    )


def _page(form: RuleForm) -> str:
    return render_template(
        "organiser/rules/index.html",
        rules=blocks.rules(),
        caught=blocks.caught_by_rule(),
        kinds=KINDS,
        form=form,
        problems=form.problems(),
    )


def _removing(rule: Block, form: RemoveForm) -> str:
    return render_template(
        "organiser/rules/remove.html",
        rule=rule,
        caught=blocks.caught_by_rule().get(rule.id, 0),
        kinds=KINDS,
        form=form,
        problems=form.problems(),
    )
