"""Papers to take along: number sheet, talking points, a receipt to be stamped, envelope labels.

They are made when asked for and kept nowhere; no signer is named on them.
"""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, abort, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.documents.appeal_press import PressBusy
from petitions.documents.entries import Letter
from petitions.documents.handouts import LABELS, block_of, labels, number_sheet, receipt_slip
from petitions.documents.letter import number_lines
from petitions.documents.prints import Print
from petitions.documents.prints_press import print_file
from petitions.domain.bundle_letters import letter_for, postal_block
from petitions.domain.bundle_overview import office_names, titles_of
from petitions.domain.recipients import recipient_of, recipients_of
from petitions.domain.rights import Right
from petitions.domain.talking_points import talking_points
from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import Bundle, Part, Petition
from petitions.web.error_pages import error_page
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import allowed
from petitions.web.organiser.deliveries.address import about, blueprint, when_of
from petitions.web.organiser.deliveries.words import what_became
from petitions.web.page_frame import day, name_of_country

_BUSY_FOR = 5


@blueprint.get("/papers/<int:bundle_id>")
@allowed(Right.DELIVER)
def papers(bundle_id: int) -> ResponseReturnValue:
    """Show what can be printed for a bundle."""
    return render_template("organiser/deliveries/papers.html", **about(_bundle(bundle_id)))


@blueprint.get("/papers/<int:bundle_id>/<kind>.pdf")
@allowed(Right.DELIVER)
def paper(bundle_id: int, kind: str) -> Response:
    """Send one paper. Raises NotFound."""
    bundle = _bundle(bundle_id)
    site = current_app.extensions["petitions"]
    petition = db.session.get_one(Petition, bundle.petition_id)
    countries = recipient_of(bundle).countries
    letter = letter_for(bundle, countries, demonstration=site.demonstration)
    address = site.base_url + url_for("reading.one_petition", petition=petition.slug)
    match kind:
        case "numbers":
            wanted = number_sheet(letter, address)
        case "receipt":
            wanted = receipt_slip(letter, address)
        case "points":
            wanted = _points(bundle, letter, petition)
        case _:
            raise NotFound("no such paper")
    return _pdf(wanted, f"{bundle.public_id}-{kind}")


@blueprint.get("/labels/<int:petition_id>")
@allowed(Right.DELIVER)
def choose_labels(petition_id: int) -> ResponseReturnValue:
    """Ask for whom labels are to be printed, and on which sheet."""
    petition = _petition(petition_id)
    recipients = recipients_of(petition)
    names = office_names([one.official.id for one in recipients], wishes())
    return render_template(
        "organiser/deliveries/labels.html",
        petition=petition,
        title=titles_of([petition.id], wishes()).get(petition.id, ("", "")),
        recipients=[
            (one.official.id, names[one.official.id], bool(one.official.postal_lines))
            for one in recipients
        ],
        chosen=[one.official.id for one in recipients if one.addressee.part is Part.TO],
        sheets=list(LABELS),
    )


@blueprint.get("/labels/<int:petition_id>/labels.pdf")
@allowed(Right.DELIVER)
def label_sheet(petition_id: int) -> Response:
    """Send the labels of those chosen; 404 where nobody is, or the sheet is unknown."""
    petition = _petition(petition_id)
    wanted = set(request.args.getlist("official", type=int))
    sheet = request.args.get("sheet", "14")
    if sheet not in LABELS:
        abort(404)
    columns, rows, _ = LABELS[sheet]
    skip = min(max(request.args.get("skip", 0, type=int), 0), columns * rows - 1)
    blocks = [
        (*block_of(postal_block(one.official, one.official.preferred_language or "")), *land)
        for one in recipients_of(petition)
        if one.official.id in wanted
        for land in (_country_line(one.official.country, one.official.postal_lines),)
    ]
    if not blocks:
        abort(404)
    today = now().astimezone(ZoneInfo(petition.time_zone)).date()
    made = labels(blocks, sheet=sheet, skip=skip, on=today, title=gettext("Envelope labels"))
    return _pdf(made, f"labels-{petition.slug}")


def _country_line(country: str | None, postal_lines: str) -> tuple[str, ...]:
    """The country closes an address abroad, unless the address names it already."""
    if not country:
        return ()
    names = {name_of_country(country).casefold()}
    there = {line.strip().casefold() for line in postal_lines.splitlines()}
    return () if names & there else (name_of_country(country),)


def _points(bundle: Bundle, letter: Letter, petition: Petition) -> Print:
    told = talking_points(bundle, wishes())
    facts = [
        (gettext("Office"), ", ".join(filter(None, (told.official.office, told.official.name)))),
        (gettext("Form of address"), told.official.form_of_address or told.official.salutation),
        (gettext("Bundle"), bundle.public_id),
    ]
    if told.deliveries:
        newest = told.deliveries[0]
        facts += [
            (gettext("When"), when_of(newest, petition.time_zone)),
            (gettext("Place"), newest.place),
            (gettext("Delegation"), ", ".join(newest.delegation.splitlines())),
            (gettext("Contact at the office"), ", ".join(newest.contact.splitlines())),
        ]
    site = current_app.extensions["petitions"]
    return Print(
        kind="points",
        language=interface_language(),
        dated_on=now().astimezone(ZoneInfo(petition.time_zone)).date(),
        address=site.base_url,
        texts={
            "title": bundle.public_id,
            "site": letter.sender_name,
            "heading": gettext("Talking points"),
            "page": gettext("Page {page} of {pages}"),
            "demonstration": gettext("Demonstration.") if letter.demonstration else "",
            "facts": [fact for fact in facts if fact[1]],
            "sections": _sections(told, letter, petition),
            "notes": gettext("Notes"),
        },
    )


def _sections(told: Any, letter: Letter, petition: Petition) -> list[Mapping[str, Any]]:
    so_far = [what_became(one, when_of(one, petition.time_zone)) for one in told.deliveries]
    so_far += [
        gettext(
            "Reply of %(day)s: %(reference)s", day=day(one.received_on), reference=one.reference
        )
        if one.reference
        else gettext("Reply of %(day)s", day=day(one.received_on))
        for one in told.replies
    ]
    ask_for = [
        gettext("Have the receipt stamped and signed, with the incoming number."),
        gettext("Ask by which day a reply will come, and who answers."),
        gettext("Ask for a name, a telephone number and an e-mail address for later."),
        gettext("Name no signer, and hand over nothing but what the bundle holds."),
    ]
    sections = [
        (told.title, told.paragraphs, ()),
        (gettext("What is asked"), (), told.asks),
        (gettext("How many signed"), [" ".join(part) for part in number_lines(letter)], ()),
        (gettext("What was done so far"), (), so_far),
        (gettext("Before you leave"), (), ask_for),
    ]
    return [
        {"heading": heading, "paragraphs": list(paragraphs), "points": list(points)}
        for heading, paragraphs, points in sections
        if paragraphs or points
    ]


def _pdf(wanted: Print, name: str) -> Response:
    try:
        made = print_file(wanted)
    except PressBusy:
        return error_page(503, retry_after=_BUSY_FOR)
    answer = make_response(made)
    answer.content_type = "application/pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer


def _bundle(bundle_id: int) -> Bundle:
    bundle = db.session.get(Bundle, bundle_id)
    if bundle is None:
        raise NotFound("no such bundle")
    return bundle


def _petition(petition_id: int) -> Petition:
    petition = db.session.get(Petition, petition_id)
    if petition is None:
        raise NotFound("no such petition")
    return petition
