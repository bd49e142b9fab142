"""Deliveries as they were logged: the list, one of them, and its follow-up."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain import deliveries, handover_links, replies
from petitions.domain.bundle_overview import office_names, petition_lines
from petitions.domain.case_keys import is_sealed
from petitions.domain.presenting.deliveries import line_of
from petitions.domain.rights import Right
from petitions.errors import NotFound
from petitions.extensions import begin_write, db
from petitions.models import Bundle, DeliveryOutcome, Petition
from petitions.web.language import wishes
from petitions.web.organiser.access import actor, allowed
from petitions.web.organiser.deliveries.address import about, blueprint, name_of_actor, when_of
from petitions.web.organiser.deliveries.shapes import ListForm
from petitions.web.organiser.forms import row_number
from petitions.web.page_frame import own_day

_PAGE = 50


@blueprint.get("/")
@allowed(Right.LOOK, narrows=True)
def index() -> ResponseReturnValue:
    """List deliveries, those to be followed up first."""
    petition_id = row_number(request.args.get("petition"))
    outcome = request.args.get("outcome") or None
    before = row_number(request.args.get("before"))
    if outcome not in {None, *DeliveryOutcome}:
        raise NotFound("no such outcome")
    chosen = DeliveryOutcome(outcome) if outcome else None
    rows = deliveries.listed(
        petition_id=petition_id, outcome=chosen, before_id=before, most=_PAGE + 1
    )
    due = [] if before else deliveries.follow_ups_due(own_day(now()))
    bundles = {bundle.id: bundle for _, bundle in [*rows, *due]}
    petitions = {line.petition.id: line for line in petition_lines(wishes())}
    return render_template(
        "organiser/deliveries/index.html",
        rows=rows[:_PAGE],
        older=rows[_PAGE - 1][0].id if len(rows) > _PAGE else None,
        due=due,
        petitions=petitions,
        petition_id=petition_id,
        outcome=outcome,
        names=office_names({bundle.official_id for bundle in bundles.values()}, wishes()),
        when_of=when_of,
        is_filtered=bool(petition_id or outcome or before),
    )


@blueprint.get("/<int:delivery_id>")
@allowed(Right.LOOK)
def show(delivery_id: int) -> ResponseReturnValue:
    """Show one delivery, and what readers see of it."""
    return page_of(delivery_id, ListForm())


def page_of(delivery_id: int, asking: ListForm) -> str:
    """Return the page of one delivery, with a form that asks for its list as a file."""
    delivery = deliveries.delivery_numbered(delivery_id)
    bundle = db.session.get_one(Bundle, delivery.bundle_id)
    told = about(bundle)
    petition: Petition = told["petition"]
    attempts = deliveries.deliveries_of([bundle.id])[bundle.id]
    by = f"organiser {delivery.recorded_by}" if delivery.recorded_by else "command"
    return render_template(
        "organiser/deliveries/show.html",
        form=asking,
        problems=asking.problems(),
        list_as_file=_list_as_file(bundle, petition),
        delivery=delivery,
        link=handover_links.link_of_delivery(delivery.id),
        others=[each for each in attempts if each.id != delivery.id],
        replies=replies.replies_to(delivery.id),
        recorded_by=name_of_actor(by),
        deliverer=name_of_actor(f"organiser {delivery.deliverer_id}")
        if delivery.deliverer_id
        else "",
        line=line_of(delivery, petition.time_zone, told["name"].office, told["name"].country),
        **told,
    )


def _list_as_file(bundle: Bundle, petition: Petition) -> str:
    """Return how the list can be had as a file: '' where there is no list."""
    if not bundle.names_go or bundle.named + bundle.initials == 0:
        return ""
    return "sealed" if is_sealed(petition.case_id) else "here"


@blueprint.post("/<int:delivery_id>/follow-up")
@allowed(Right.DELIVER)
def follow_up(delivery_id: int) -> ResponseReturnValue:
    """Say that a follow-up was made, or that it was not."""
    begin_write()
    delivery = deliveries.delivery_numbered(delivery_id)
    done = request.form.get("done") != "no"
    deliveries.mark_followed_up(delivery, done, actor=actor(), now=now())
    db.session.commit()
    return redirect(url_for("deliveries.show", delivery_id=delivery_id), 303)
