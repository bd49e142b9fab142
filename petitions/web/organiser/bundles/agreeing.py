"""Bundles of a sealed case: one organiser asks, another agrees, a custodian's passphrase builds.

The key of the files that are built is in a cookie of the browser that began the build, sent to the
pages of that build alone; this server keeps none.
"""

from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Length

from petitions.clock import now
from petitions.domain import build_agreements, builds, outgoing, unlocked_builds
from petitions.domain.bundle_overview import office_names, titles_of
from petitions.domain.organisers import names_of
from petitions.domain.rights import Right
from petitions.errors import CannotOpen, NotFound, Refused
from petitions.extensions import begin_write, db
from petitions.models import BuildAgreement, Bundle, Petition
from petitions.vault.files import FILE_KEY, unlocked_parts
from petitions.web.language import wishes
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.bundles import child
from petitions.web.organiser.bundles.address import blueprint, bundle_of
from petitions.web.organiser.forms import ConsoleForm, tidied
from petitions.web.organiser.sealing_forms import UnlockingForm
from petitions.web.organiser.unlocking import unlocked_by

_KEY_LASTS = 2 * outgoing.KEPT_FOR
_REFUSALS: dict[str, Any] = {
    "same organiser": _l("You asked for it yourself: somebody else must agree."),
    "another organiser": _l("Somebody else asked for it: they alone can take it back."),
    "over": _l("It was answered meanwhile, or is too old. Nothing was changed."),
}


_ANSWERED: dict[str, Any] = {
    "agree": _l(
        "You have agreed. For a day from now somebody who delivers can build the bundles, on this"
        " page, with a custodian’s passphrase. The record tells who asked and who agreed."
    ),
    "decline": _l(
        "You have declined: nothing is built. Whoever asked sees it here and can ask anew. The"
        " record tells both."
    ),
    "withdraw": _l("You have taken it back: nobody is asked any more, and nothing is built."),
}


class AskingForm(ConsoleForm):
    """Why bundles of a sealed case are wanted."""

    reason = TextAreaField(
        _l("What are the bundles for?"),
        [Length(max=2000, message=_l("This is too long. Please shorten it."))],
        filters=[tidied],
    )


@blueprint.get("/agreements/<int:agreement_id>")
@allowed(Right.LOOK)
def agreement(agreement_id: int) -> ResponseReturnValue:
    """Show what was asked for, and what whoever looks may do about it."""
    return _page(build_agreements.agreement_numbered(agreement_id), UnlockingForm())


@blueprint.post("/agreements/<int:agreement_id>")
@allowed(Right.DELIVER, fresh=True)
def answer(agreement_id: int) -> ResponseReturnValue:
    """Agree, decline, or take back what one asked for."""
    begin_write()
    found, wanted = build_agreements.agreement_numbered(agreement_id), request.form.get("answer")
    mine: dict[str, Any] = {"organiser_id": organiser().id, "now": now()}
    try:
        if wanted == "withdraw":
            build_agreements.withdraw(found, **mine)
        elif wanted in {"agree", "decline"}:
            build_agreements.answer(found, agrees=wanted == "agree", **mine)
        else:
            raise NotFound("no such answer")
    except Refused as refused:
        db.session.rollback()
        flash(str(_REFUSALS[refused.reason]), "warning")
    else:
        db.session.commit()
        flash(str(_ANSWERED[wanted]), "done")
    return redirect(url_for("bundles.agreement", agreement_id=agreement_id), 303)


@blueprint.post("/<int:bundle_id>/ask")
@allowed(Right.DELIVER, fresh=True)
def ask_again(bundle_id: int) -> ResponseReturnValue:
    """Ask a second organiser to agree to writing the file of a frozen bundle."""
    form = AskingForm(request.form)
    begin_write()
    try:
        asked = build_agreements.ask_again(
            current_app.extensions["petitions"],
            bundle_of(bundle_id),
            reason=form.reason.data or "" if form.validate() else "",
            organiser_id=organiser().id,
            now=now(),
        )
    except Refused:
        db.session.rollback()
        flash(gettext("Write what it is for: whoever agrees reads it."), "warning")
        return redirect(url_for("bundles.show", bundle_id=bundle_id), 303)
    number = asked.id
    db.session.commit()
    return to_agreement(number)


@blueprint.post("/agreements/<int:agreement_id>/build")
@allowed(Right.DELIVER, fresh=True)
def unlock_and_build(agreement_id: int) -> ResponseReturnValue:
    """Unlock the case for one build, and start it; the key of its files goes to this browser."""
    form = UnlockingForm(request.form)
    found = build_agreements.agreement_numbered(agreement_id)
    if not build_agreements.is_good(found, now()):
        flash(str(_REFUSALS["over"]), "warning")
        return redirect(url_for("bundles.agreement", agreement_id=agreement_id), 303)
    unlocked = unlocked_by(form, db.session.get_one(Petition, found.petition_id).case_id)
    if unlocked is None:
        return _page(build_agreements.agreement_numbered(agreement_id), form), 422
    begin_write()
    found = build_agreements.agreement_numbered(agreement_id)
    try:
        build, handed = unlocked_builds.begin(
            found, unlocked, organiser_id=organiser().id, now=now()
        )
    except Refused:
        db.session.rollback()
        flash(str(_REFUSALS["over"]), "warning")
        return redirect(url_for("bundles.agreement", agreement_id=agreement_id), 303)
    build_id = build.id
    db.session.commit()
    there = redirect(url_for("bundles.build", build_id=build_id), 303)
    if handed is None:
        flash(gettext("A build of this petition is under way already. This is it."), "info")
        return there
    _give_key(there, build_id, handed.file_key)
    child.start(current_app._get_current_object(), handed)  # type: ignore[attr-defined]  # the proxy
    return there


@blueprint.post("/builds/<int:build_id>/files/<int:file_id>")
@allowed(Right.DELIVER, fresh=True)
def download_locked(build_id: int, file_id: int) -> ResponseReturnValue:
    """Open a file of a sealed case with this browser's key, and send it; nothing else can."""
    key = key_of(build_id)
    if key is None:
        return _not_here(build_id)
    begin_write()
    try:
        file, path = builds.fetch_file(current_app.extensions["petitions"], file_id, actor(), now())
        opened = path.open("rb")  # from here on it may be removed: it is still sent whole
    except (Refused, FileNotFoundError):
        db.session.rollback()
        flash(gettext("This file is removed. Ask for it again."), "warning")
        return redirect(url_for("bundles.build", build_id=build_id), 303)
    name, size = file.file_name, file.size
    parts = unlocked_parts(opened, key, unlocked_builds.file_context(file.build_id, file.bundle_id))
    try:
        first = next(parts)
    except CannotOpen:
        opened.close()
        db.session.rollback()
        return _not_here(build_id)
    db.session.commit()

    def sent() -> Any:
        with opened:
            yield first
            yield from parts

    answer = Response(sent(), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.content_length = size
    return answer


def to_agreement(agreement_id: int) -> ResponseReturnValue:
    """Lead to what was just asked for."""
    flash(gettext("Asked. Another organiser who delivers must agree now."), "done")
    return redirect(url_for("bundles.agreement", agreement_id=agreement_id), 303)


def key_of(build_id: int) -> bytes | None:
    """Return this browser's key to the files of a build, or None where it has none."""
    try:
        key = bytes.fromhex(request.cookies.get(_cookie(build_id), ""))
    except ValueError:
        return None
    return key if len(key) == FILE_KEY else None


def forget_key(answer: Any, build_id: int) -> None:
    """Let this browser forget the key to the files of a build."""
    answer.delete_cookie(_cookie(build_id), path=_pages_of(build_id))


def _give_key(answer: Any, build_id: int, key: bytes) -> None:
    answer.set_cookie(
        _cookie(build_id),
        key.hex(),
        max_age=_KEY_LASTS,
        path=_pages_of(build_id),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )


def _cookie(build_id: int) -> str:
    return f"files-of-build-{build_id}"


def _pages_of(build_id: int) -> str:
    return url_for("bundles.build", build_id=build_id)


def _not_here(build_id: int) -> ResponseReturnValue:
    flash(gettext("Only the browser in which the build was begun can open its files."), "warning")
    return redirect(url_for("bundles.build", build_id=build_id), 303)


def _page(found: BuildAgreement, form: UnlockingForm) -> str:
    bundles = [db.session.get_one(Bundle, bundle_id) for bundle_id in found.bundle_ids]
    officials = {*found.official_ids, *(bundle.official_id for bundle in bundles)}
    moment = now()
    return render_template(
        "organiser/bundles/agreement.html",
        agreement=found,
        title=titles_of([found.petition_id], wishes()).get(found.petition_id, ("", "")),
        bundles=bundles,
        names=office_names(officials, wishes()),
        people=names_of([one for one in (found.asked_by, found.answered_by) if one]),
        reason=build_agreements.reason_of(current_app.extensions["petitions"], found),
        waits=build_agreements.waits(found, moment),
        is_good=build_agreements.is_good(found, moment),
        waits_until=found.asked_at + build_agreements.WAITS_FOR,
        good_until=(found.answered_at or moment) + build_agreements.GOOD_FOR,
        mine=found.asked_by == organiser().id,
        form=form,
        problems=form.problems(),
    )
