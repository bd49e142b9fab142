"""What the pages about accounts share."""

from flask import Blueprint, current_app

from petitions.domain.site import Site
from petitions.web.organiser.words import WHAT_ROLES_DO, role_name

blueprint = Blueprint("organisers", __name__, url_prefix="/organiser/organisers")


def site() -> Site:
    """Return what the domain needs of the running site."""
    found: Site = current_app.extensions["petitions"]
    return found


def role_options() -> list[tuple[str, str, str]]:
    """Return each role's value, name and what it brings."""
    return [(role.value, role_name(role), str(words)) for role, words in WHAT_ROLES_DO.items()]
