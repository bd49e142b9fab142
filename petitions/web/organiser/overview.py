"""The console's first page: what is to be done first, today's numbers, what was done last."""

from typing import Any

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain import tasks
from petitions.domain.rights import Right
from petitions.web.language import wishes
from petitions.web.organiser.access import allowed, may
from petitions.web.organiser.audit_words import Told, told
from petitions.web.organiser.condition import is_amiss
from petitions.web.organiser.overview_steps import first_steps
from petitions.web.organiser.overview_tasks import tasks_of

blueprint = Blueprint("overview", __name__, url_prefix="/organiser")
_LAST = 8


@blueprint.get("/")
@allowed(Right.LOOK, narrows=True)
def index() -> ResponseReturnValue:
    """Show what waits for whoever looks, as far as they may do something about it."""
    standing = tasks.standing(wishes(), now())
    steps = first_steps(standing)
    return render_template(
        "organiser/overview/index.html",
        steps=steps if not all(step["done"] for step in steps) else [],
        groups=tasks_of(standing),
        today=tasks.numbers_today(standing),
        zone=standing.zone,
        lately=_lately(),
        is_amiss=is_amiss(),
    )


def _lately() -> list[Told]:
    entries = tasks.recent(
        _LAST, sees_signers=may(Right.SEE_SIGNERS), reads_all=may(Right.READ_AUDIT)
    )
    keyring: Any = current_app.extensions["petitions"].keyring
    return told(entries, keyring)
