"""Who publishes this site, and what happens to data."""

from datetime import date

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from petitions.domain.presenting import contact_offices
from petitions.domain.signing_keys import earlier_public_keys, public_key
from petitions.web.headers import public_page

STATED_ON = date(2026, 11, 30)
"""When the statement on accessibility was last held against the tests that it names."""

blueprint = Blueprint("about", __name__)


@blueprint.get("/privacy")
@public_page
def privacy() -> ResponseReturnValue:
    """Say in plain words what is kept, how long, and what risks remain."""
    return render_template("privacy.html", terms=current_app.extensions["petitions"].terms)


@blueprint.get("/accessibility")
@public_page
def accessibility() -> ResponseReturnValue:
    """Say what was tested and how, what is not as good yet, and whom to write to."""
    return render_template("accessibility.html", stated_on=STATED_ON)


@blueprint.get("/about")
@public_page
def about() -> ResponseReturnValue:
    """Name the organisation, and the key that its bundles are checked with."""
    keyring = current_app.extensions["petitions"].keyring
    key = public_key(keyring) if keyring.has_signing_key() else None
    return render_template(
        "about.html",
        offices=contact_offices(),
        public_key=key,
        earlier_keys=earlier_public_keys(keyring),
    )
