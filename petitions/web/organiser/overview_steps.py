"""The three first steps on an empty site: what each is for, and what of it is done."""

from typing import Any

from flask import url_for
from flask_babel import gettext

from petitions.domain import organisation
from petitions.domain.rights import Right
from petitions.domain.tasks import Standing
from petitions.models import PetitionState
from petitions.web.organiser.access import may


def first_steps(standing: Standing) -> list[dict[str, Any]]:
    """Return the steps in their order; one that somebody may not take has no address."""
    return [_organisation(), _case(standing), _petition(standing)]


def _organisation() -> dict[str, Any]:
    named = "name" not in organisation.missing(organisation.the_organisation())
    return {
        "done": named,
        "title": gettext("Name the organisation"),
        "text": gettext(
            "Readers want to know who asks for their name. The letters and the page on data"
            " protection are made of what you enter."
        ),
        "link": gettext("Name the organisation"),
        "url": url_for("organisation.index") if may(Right.MANAGE_ORGANISATION) else "",
    }


def _case(standing: Standing) -> dict[str, Any]:
    return {
        "done": bool(standing.cases),
        "title": gettext("Enter the case"),
        "text": gettext(
            "Who is in danger, what is known, and who allowed you to publish it. Nobody sees it"
            " before you publish."
        ),
        "link": gettext("Enter a case"),
        "url": url_for("cases.new") if may(Right.EDIT) else "",
    }


def _petition(standing: Standing) -> dict[str, Any]:
    begun = [row for row in standing.petitions if row.state is PetitionState.DRAFT]
    url, link = "", gettext("Begin a petition")
    if begun:
        url = url_for("petitions.show", petition_id=begun[0].id)
        link = gettext("Go on with the petition")
    elif standing.cases:
        url = url_for("petitions.new", case_id=standing.cases[0].id)
    return {
        "done": len(begun) < len(standing.petitions),
        "title": gettext("Publish the petition"),
        "text": gettext(
            "What you ask of whom, and until when. Before it is published you see what is still"
            " missing, and the page as readers will see it."
        ),
        "link": link,
        "url": url if may(Right.EDIT) else "",
    }
