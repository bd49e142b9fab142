"""Who publishes this site, and what happens to data."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from petitions.domain.presenting import contact_offices
from petitions.domain.signing_keys import public_key
from petitions.web.headers import public_page

blueprint = Blueprint("about", __name__)


@blueprint.get("/privacy")
@public_page
def privacy() -> ResponseReturnValue:
    """Say in plain words what is kept, how long, and what risks remain."""
    return render_template("privacy.html")


@blueprint.get("/about")
@public_page
def about() -> ResponseReturnValue:
    """Name the organisation, and the key that its bundles are checked with."""
    keyring = current_app.extensions["petitions"].keyring
    key = public_key(keyring) if keyring.has_signing_key() else None
    return render_template("about.html", offices=contact_offices(), public_key=key)
