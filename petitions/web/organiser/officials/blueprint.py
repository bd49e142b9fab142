"""Where the pages on officials are."""

from flask import Blueprint

blueprint = Blueprint("officials", __name__, url_prefix="/organiser/officials")
