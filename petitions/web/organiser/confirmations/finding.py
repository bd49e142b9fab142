"""What all pages of confirmations share: the blueprint, the petition, and what was selected."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.domain.case_keys import is_sealed
from petitions.domain.presenting.petition_titles import TitledPetition, titled_petitions
from petitions.domain.reviewing import MOST_AT_ONCE
from petitions.domain.site import Site
from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import Petition, Signature
from petitions.web.language import wishes

blueprint = Blueprint("confirmations", __name__, url_prefix="/organiser/confirmations")


@blueprint.context_processor
def _sealing() -> dict[str, Any]:
    """Let templates ask whether a case is sealed: no mail of it can be sent again from here."""
    return {"is_sealed": is_sealed, "any_sealed": _any_sealed}


def _any_sealed(signatures: Iterable[Signature]) -> bool:
    """Whether any of these signatures is of a sealed case."""
    petitions = {row.petition_id for row in signatures}
    return any(is_sealed(db.session.get_one(Petition, one).case_id) for one in petitions)


def site() -> Site:
    """Return the running site."""
    return cast(Site, current_app.extensions["petitions"])


def titled(petition_id: int) -> TitledPetition:
    """Return a petition with its title. Raises NotFound."""
    found = titled_petitions(wishes(), petition_id)
    if not found:
        raise NotFound("no such petition")
    return found[0]


def selected() -> tuple[int, ...]:
    """Return the ids that were selected: as boxes of a list, or as one text of numbers."""
    typed = [*request.values.getlist("id"), *request.values.get("ids", "").split()]
    numbers = sorted({int(text) for text in typed if text.isdecimal() and len(text) < 19})
    return tuple(numbers[: MOST_AT_ONCE + 1])


def nothing_selected(petition_id: int) -> ResponseReturnValue:
    """Go back to the list, and say that something has to be selected first."""
    flash(gettext("Nothing was selected. Tick at least one signature first."), "warning")
    return redirect(back_to_list(petition_id), 303)


def back_to_list(petition_id: int) -> str:
    """Return the address of the list that was looked at, as the request names it."""
    state = request.values.get("state", "")
    return url_for("confirmations.signatures", petition_id=petition_id, state=state or None)


def number_in(name: str) -> int | None:
    """Return a whole number of the request, or None."""
    text = request.values.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def moment_in(name: str) -> datetime | None:
    """Return a moment that a page of ours put into its form, or None."""
    try:
        moment = datetime.fromisoformat(request.values.get(name, ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
