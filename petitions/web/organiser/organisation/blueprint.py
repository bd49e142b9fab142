"""Where the pages on the organisation are."""

from flask import Blueprint

blueprint = Blueprint("organisation", __name__, url_prefix="/organiser/organisation")
