"""Where signatures come from: by country, by language, by how they came, and what stands apart."""

from flask import render_template
from flask.typing import ResponseReturnValue

from petitions.domain import paper
from petitions.domain.breakdown import breakdown_of
from petitions.domain.counting import numbers_of
from petitions.domain.rights import Right
from petitions.web.organiser.access import allowed
from petitions.web.organiser.confirmations import words
from petitions.web.organiser.confirmations.finding import blueprint, titled


@blueprint.get("/<int:petition_id>/origins")
@allowed(Right.LOOK)
def origins(petition_id: int) -> ResponseReturnValue:
    """Show the numbers three times over, each with a way to set aside what should not be there."""
    return render_template(
        "organiser/confirmations/origins.html",
        found=titled(petition_id),
        breakdown=breakdown_of(petition_id),
        apart=paper.sums_of(petition_id),
        letters=numbers_of(petition_id).appeals,
        sources=words.SOURCES,
    )
