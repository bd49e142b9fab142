"""A frozen bundle: its facts, numbers and proof, what it supersedes, and its deliveries."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from petitions.domain.bundle_chains import changed_since, superseded_by
from petitions.domain.bundle_overview import office_names, titles_of
from petitions.domain.deliveries import deliveries_of
from petitions.domain.recipients import recipient_of
from petitions.domain.rights import Right
from petitions.domain.signing_keys import public_key
from petitions.errors import KeyMissing
from petitions.extensions import db
from petitions.models import Bundle, BundleProof, Petition, TextVersion
from petitions.web.language import wishes
from petitions.web.organiser.access import allowed
from petitions.web.organiser.bundles.address import blueprint, bundle_of
from petitions.web.organiser.bundles.agreeing import AskingForm
from petitions.web.organiser.deliveries.address import when_of


@blueprint.get("/<int:bundle_id>")
@allowed(Right.LOOK)
def show(bundle_id: int) -> ResponseReturnValue:
    """Show what was frozen, and what proves it."""
    bundle = bundle_of(bundle_id)
    continued = db.session.get(Bundle, bundle.continues_id) if bundle.continues_id else None
    return render_template(
        "organiser/bundles/show.html",
        bundle=bundle,
        petition=db.session.get_one(Petition, bundle.petition_id),
        title=titles_of([bundle.petition_id], wishes()).get(bundle.petition_id, ("", "")),
        name=office_names([bundle.official_id], wishes())[bundle.official_id],
        recipient=recipient_of(bundle),
        asking=AskingForm(),
        version=db.session.get_one(TextVersion, bundle.text_version_id).number,
        proof=db.session.get(BundleProof, bundle.id),
        superseded=superseded_by(bundle),
        continued=continued,
        changed=changed_since(bundle),
        deliveries=deliveries_of([bundle.id]).get(bundle.id, []),
        key=_key(),
        when_of=when_of,
    )


def _key() -> str:
    try:
        return public_key(current_app.extensions["petitions"].keyring)
    except KeyMissing:
        return ""
