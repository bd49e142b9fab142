"""Words of the pages on deliveries for what the domain says in a word."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from petitions.domain.deliveries import deliverers
from petitions.models import Channel, Delivery, DeliveryOutcome, DeliveryState
from petitions.web.page_frame import day

_REFUSALS: dict[str, Any] = {
    "outcome needed": _l("Say what came of it: a delivery that is done has an outcome."),
    "outcome too early": _l("Only a delivery that is done has an outcome. Leave it empty."),
    "outcome does not fit": _l("This outcome does not go with this channel."),
    "day needed": _l("Say on which day: it is done, or readers are to see it."),
    "not yet": _l("This day has not come yet."),
    "too early": _l("A reply cannot be due before the day of the delivery."),
    "no deliverer": _l("Choose somebody who may deliver."),
    "no reason": _l("Write the reason: which rule of the office asks for a file."),
    "no names": _l("No names go to this office."),
    "sealed": _l("The names of this case are sealed: take the list from an unlocked bundle."),
    "erased": _l("Somebody in this bundle was erased since: its list cannot be made again."),
    "not addressed": _l("The petition was never addressed to this office."),
}
_UPLOADS: dict[str, Any] = {
    "not a picture": _l("This is neither a picture (JPEG, PNG or WebP) nor a PDF."),
    "too large": _l("This file is too large: a PDF may have 8 MB. Make it smaller, choose again."),
    "too many pixels": _l("This picture has too many pixels. Make it smaller, choose it again."),
    "damaged": _l("This file is damaged: it cannot be read to its end. Choose another."),
    "infected": _l("The virus scanner found something in this file. It was not kept."),
    "not scanned": _l(
        "The virus scanner could not look at this file, so it was not kept. Try again later, or"
        " tell whoever runs the server."
    ),
}
_LABELS: dict[str, Any] = {
    "state": _l("How far is it?"),
    "channel": _l("Channel"),
    "attempted_at": _l("When"),
    "place": _l("Place"),
    "handed_over_by": _l("By whom"),
    "outcome": _l("Outcome"),
    "note": _l("Note"),
    "delegation": _l("Delegation"),
    "contact": _l("Contact at the office"),
    "deliverer_id": _l("Who sees to it"),
    "incoming_number": _l("Incoming number"),
    "reply_due_on": _l("Reply due on"),
    "follow_up_on": _l("Follow up on"),
    "public": _l("Show it to readers"),
    "received_on": _l("Day it came"),
    "reference": _l("Reference"),
    "language": _l("Language"),
    "text": _l("What it says"),
    "translation": _l("Translation"),
}


CHANNELS: dict[Channel, Any] = {
    Channel.MEETING: _l("in person"),
    Channel.POST: _l("by post"),
    Channel.FAX: _l("by fax"),
    Channel.EMAIL: _l("by e-mail"),
}
STATES: dict[DeliveryState, Any] = {
    DeliveryState.REQUESTED: _l("asked for"),
    DeliveryState.AGREED: _l("agreed"),
    DeliveryState.DONE: _l("done"),
}
OUTCOMES: dict[DeliveryOutcome, Any] = {
    DeliveryOutcome.MET: _l("received in a meeting"),
    DeliveryOutcome.ACCEPTED: _l("accepted"),
    DeliveryOutcome.ACCEPTED_WITHOUT_MEETING: _l("accepted, without a meeting"),
    DeliveryOutcome.REFUSED: _l("refused"),
    DeliveryOutcome.UNANSWERED: _l("unanswered"),
    DeliveryOutcome.POSTED: _l("posted"),
    DeliveryOutcome.FAXED: _l("faxed"),
    DeliveryOutcome.EMAILED: _l("sent by e-mail"),
    DeliveryOutcome.RETURNED: _l("came back"),
    DeliveryOutcome.UNKNOWN: _l("outcome not known"),
}


def what_became(delivery: Delivery, when: str) -> str:
    """Return in one line what became of an attempt, as on paper."""
    words = OUTCOMES[delivery.outcome] if delivery.outcome else STATES[delivery.state]
    told = str(words)
    if delivery.incoming_number:
        told += f" ({gettext('Incoming number')}: {delivery.incoming_number})"
    return f"{when}: {told}" if when else told


def refusal_words(reason: str) -> str:
    """Return what stands beside a field that the domain refused."""
    return str(_REFUSALS[reason])


def upload_words(reason: str) -> str:
    """Return why a receipt cannot be taken."""
    return str(_UPLOADS[reason])


def conflict_rows(values: Mapping[str, Any], time_zone: str) -> list[tuple[str, str]]:
    """Return what somebody else saved, field by field."""
    names = deliverers()
    told = {**values, "deliverer_id": names.get(values.get("deliverer_id") or 0, "")}
    return [(str(_LABELS[name]), _told(told[name], time_zone)) for name in values]


def _told(value: Any, time_zone: str) -> str:
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if not isinstance(value, str) or not value[:4].isdecimal():
        return str(value or "")
    try:
        if "T" in value:
            at = datetime.fromisoformat(value).astimezone(ZoneInfo(time_zone))
            return f"{day(at.date())}, {at:%H:%M}"
        return day(date.fromisoformat(value))
    except ValueError:
        return value
