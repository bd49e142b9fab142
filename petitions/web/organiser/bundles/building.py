"""A build: how far it is, cancelling it, its files. Its page looks again while it runs."""

from flask import current_app, flash, make_response, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import build_agreements, builds, outgoing, unlocked_builds
from petitions.domain.bundle_overview import office_names, titles_of
from petitions.domain.rights import Right
from petitions.errors import NotFound, Refused
from petitions.extensions import begin_write, db
from petitions.models import Bundle, BundleBuild
from petitions.web.language import wishes
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.bundles.address import blueprint, bundle_of, names_are_destroyed
from petitions.web.organiser.bundles.agreeing import forget_key, key_of

_LOOKS_AGAIN_AFTER = "3"


@blueprint.get("/builds/<int:build_id>")
@allowed(Right.LOOK)
def build(build_id: int) -> ResponseReturnValue:
    """Show how far a build is, and its files."""
    found = builds.build_numbered(build_id)
    answer = make_response(_page(found))
    if _is_open(found):
        answer.headers["Refresh"] = _LOOKS_AGAIN_AFTER
    return answer


@blueprint.post("/builds/<int:build_id>/cancel")
@allowed(Right.DELIVER)
def cancel(build_id: int) -> ResponseReturnValue:
    """End a build that waits or runs."""
    begin_write()
    try:
        builds.cancel(builds.build_numbered(build_id), actor(), now())
    except Refused:
        db.session.rollback()
        flash(gettext("It was over already."), "info")
    else:
        db.session.commit()
        flash(gettext("Cancelled. What was frozen before stays frozen."), "done")
    return redirect(url_for("bundles.build", build_id=build_id), 303)


@blueprint.post("/builds/<int:build_id>/remove-files")
@allowed(Right.DELIVER)
def remove_files(build_id: int) -> ResponseReturnValue:
    """Remove the files of a build from the server now."""
    begin_write()
    site = current_app.extensions["petitions"]
    builds.remove_files(site, builds.build_numbered(build_id), actor(), now())
    db.session.commit()
    flash(gettext("The files are removed. They can be written again at any time."), "done")
    there = redirect(url_for("bundles.build", build_id=build_id), 303)
    forget_key(there, build_id)
    return there


@blueprint.post("/files/<int:file_id>/download")
@allowed(Right.DELIVER, fresh=True)
def download(file_id: int) -> ResponseReturnValue:
    """Send a written bundle; that it was downloaded is kept in the trail."""
    begin_write()
    site = current_app.extensions["petitions"]
    try:
        if builds.build_numbered(builds.file_numbered(file_id).build_id).sealed:
            raise NotFound("a file of a sealed case is fetched by its own way")
        file, path = builds.fetch_file(site, file_id, actor(), now())
        opened = path.open("rb")  # from here on it may be removed: it is still sent whole
    except (Refused, FileNotFoundError):
        db.session.rollback()
        flash(gettext("This file is removed. Write it again, then download it."), "warning")
        build_id = builds.file_numbered(file_id).build_id
        return redirect(url_for("bundles.build", build_id=build_id), 303)
    name = file.file_name
    db.session.commit()
    return send_file(opened, "application/zip", as_attachment=True, download_name=name)


@blueprint.post("/<int:bundle_id>/write")
@allowed(Right.DELIVER, fresh=True)
def write_again(bundle_id: int) -> ResponseReturnValue:
    """Ask for the file of an older bundle again."""
    begin_write()
    try:
        asked, is_new = builds.request_again(
            bundle_of(bundle_id), organiser_id=organiser().id, now=now()
        )
    except Refused as refusal:
        db.session.rollback()
        sealed = gettext("This case is sealed: another organiser must agree first.")
        flash(sealed if refusal.reason == "sealed" else names_are_destroyed(), "warning")
        return redirect(url_for("bundles.show", bundle_id=bundle_id), 303)
    build_id = asked.id
    db.session.commit()
    return to_build(build_id, is_new)


def to_build(build_id: int, is_new: bool) -> ResponseReturnValue:
    """Lead to a build that was just asked for, or to the one that is under way instead."""
    if not is_new:
        flash(gettext("A build of this petition is under way already. This is it."), "info")
    return redirect(url_for("bundles.build", build_id=build_id), 303)


def _is_open(found: BundleBuild) -> bool:
    return found.state in builds.OPEN and not unlocked_builds.is_interrupted(found, now())


def _page(found: BundleBuild) -> str:
    files = builds.files_of(found.id)
    messages = builds.messages_of(found)
    frozen = [db.session.get_one(Bundle, bundle_id) for bundle_id in found.bundle_ids]
    by_id = {bundle.id: bundle for bundle in frozen}
    officials = {message.about for message in messages if message.word != "not written"}
    officials |= {bundle.official_id for bundle in frozen} | set(found.official_ids)
    return render_template(
        "organiser/bundles/build.html",
        build=found,
        title=titles_of([found.petition_id], wishes()).get(found.petition_id, ("", "")),
        files=files,
        by_id=by_id,
        messages=messages,
        names=office_names(officials, wishes()),
        is_open=_is_open(found),
        is_interrupted=unlocked_builds.is_interrupted(found, now())
        or any(message.word == "interrupted" for message in messages),
        agreement=build_agreements.agreement_of(found.id),
        has_key=key_of(found.id) is not None,
        kept_for=outgoing.KEPT_FOR,
    )
