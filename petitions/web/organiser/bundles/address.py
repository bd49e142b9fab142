"""Where the pages on bundles live, and what all of them look up."""

from typing import Any

from flask import Blueprint
from flask_babel import gettext

from petitions.domain.case_keys import is_sealed
from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import Bundle, Petition

blueprint = Blueprint("bundles", __name__, url_prefix="/organiser/bundles")


@blueprint.context_processor
def _sealing() -> dict[str, Any]:
    """Let templates ask whether a case is sealed: no build of the console can read its names."""
    return {"is_sealed": is_sealed}


def petition_numbered(petition_id: int) -> Petition:
    """Return a petition by its number. Raises NotFound."""
    petition = db.session.get(Petition, petition_id)
    if petition is None:
        raise NotFound("no such petition")
    return petition


def names_are_destroyed() -> str:
    """Say why there are no more bundles of a petition whose names' time is over."""
    return str(
        gettext("The names of this petition are destroyed: no bundle can be built or written.")
    )


def bundle_of(bundle_id: int) -> Bundle:
    """Return a bundle. Raises NotFound."""
    bundle = db.session.get(Bundle, bundle_id)
    if bundle is None:
        raise NotFound("no such bundle")
    return bundle
