"""The scan of an entry: added, replaced, removed, looked at; of a sealed case once unlocked."""

from flask import (
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import paper_scans, uploads
from petitions.domain.case_keys import is_sealed
from petitions.domain.rights import Right
from petitions.domain.site import Site
from petitions.domain.unlocking import note_unlocking, unlocked_site
from petitions.domain.uploads import MOST_BYTES, UploadRefused
from petitions.extensions import begin_write, db
from petitions.models import Petition
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.confirmations.finding import blueprint, site, titled
from petitions.web.organiser.deliveries.words import upload_words
from petitions.web.organiser.sealing_forms import UnlockingForm
from petitions.web.organiser.unlocking import unlocked_by

LARGEST = MOST_BYTES + 64 * 1024
_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@blueprint.get("/<int:petition_id>/paper/<int:paper_id>/scan")
@allowed(Right.REVIEW)
def scan(petition_id: int, paper_id: int) -> ResponseReturnValue:
    """Show whether there is a scan, and what may be done with it."""
    return _page(petition_id, paper_id, UnlockingForm())


@blueprint.post("/<int:petition_id>/paper/<int:paper_id>/scan")
@allowed(Right.REVIEW, largest=LARGEST)
def add_scan(petition_id: int, paper_id: int) -> ResponseReturnValue:
    """Keep a scan in place of the one before."""
    file = request.files.get("scan")
    content = file.read() if file and file.filename else b""
    there = redirect(url_for("confirmations.scan", petition_id=petition_id, paper_id=paper_id), 303)
    if not content:
        flash(gettext("Choose a file first: a picture or a PDF."), "warning")
        return there
    try:
        # Before the transaction: it takes a while.
        kept = uploads.receipt(content, current_app.config["SETTINGS"].virus_scanner)
    except UploadRefused as refusal:
        flash(upload_words(refusal.reason), "warning")
        return there
    begin_write()
    petition = titled(petition_id).petition
    paper_scans.keep(site(), petition, paper_id, kept, actor=actor(), now=now())
    db.session.commit()
    flash(gettext("The scan is kept, sealed."), "done")
    return there


@blueprint.post("/<int:petition_id>/paper/<int:paper_id>/scan/remove")
@allowed(Right.REVIEW)
def remove_scan(petition_id: int, paper_id: int) -> ResponseReturnValue:
    """Remove a scan for good."""
    begin_write()
    paper_scans.remove(titled(petition_id).petition, paper_id, actor=actor(), now=now())
    db.session.commit()
    flash(gettext("The scan is removed."), "done")
    return redirect(url_for("confirmations.scan", petition_id=petition_id, paper_id=paper_id), 303)


@blueprint.post("/<int:petition_id>/paper/<int:paper_id>/scan/look")
@allowed(Right.SEE_SIGNERS, fresh=True)
def look_at_scan(petition_id: int, paper_id: int) -> ResponseReturnValue:
    """Send a scan to who may see signers; of a sealed case for a custodian's passphrase."""
    petition = titled(petition_id).petition
    if not is_sealed(petition.case_id):
        db.session.rollback()  # what was read so far was read as a reader
        begin_write()
        return _sent(site(), titled(petition_id).petition, paper_id)
    form = UnlockingForm(request.form)
    unlocked = unlocked_by(form, petition.case_id)
    if unlocked is None:
        return _page(petition_id, paper_id, form), 422
    begin_write()
    note_unlocking(unlocked, f"a scan of petition {petition_id}", actor(), now())
    return _sent(unlocked_site(site(), unlocked), titled(petition_id).petition, paper_id)


def _sent(opened: Site, petition: Petition, paper_id: int) -> Response:
    """Return a picture to look at, or a PDF to download. Nothing in it can run."""
    media_type, content = paper_scans.opened(opened, petition, paper_id, actor=actor(), now=now())
    db.session.commit()
    shown = "inline" if media_type.startswith("image/") else "attachment"
    name = f"scan-{paper_id}.{_ENDINGS.get(media_type, 'bin')}"
    answer = make_response(content)
    answer.content_type = media_type
    answer.headers["Content-Disposition"] = f'{shown}; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _page(petition_id: int, paper_id: int, form: UnlockingForm) -> str:
    found = titled(petition_id)
    entry = paper_scans.entry_of(petition_id, paper_id)
    return render_template(
        "organiser/confirmations/scan.html",
        found=found,
        entry=entry,
        sealed=is_sealed(found.petition.case_id),
        form=form,
        problems=form.problems(),
    )
