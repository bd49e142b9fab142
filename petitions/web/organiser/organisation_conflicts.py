"""What is told when somebody else saved first: who, when, and what stands there now."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from petitions.domain import audit
from petitions.extensions import db
from petitions.models import Organiser
from petitions.web.page_frame import moment

_ORGANISER = re.compile(r"organiser (\d+)")


def who_and_when(subject: str) -> dict[str, str] | None:
    """Return by whom and when a subject was changed last, in words; None where nothing is known."""
    entry = audit.latest(subject)
    if entry is None:
        return None
    return {"who": name_of(entry.actor), "when": moment(entry.at)}


def name_of(actor: str) -> str:
    """Return how people know whom the audit trail calls 'organiser 3'."""
    found = _ORGANISER.fullmatch(actor)
    if found is None:
        return str(gettext("Somebody"))
    organiser = db.session.get(Organiser, int(found[1]))
    if organiser is None:
        return actor
    return organiser.name or organiser.email


def conflict_of(
    subject: str,
    theirs: Mapping[str, Any],
    mine: Mapping[str, Any],
    labels: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what the macro `conflict` shows: only the fields in which the two differ."""
    told = who_and_when(subject) or {"who": str(gettext("Somebody")), "when": ""}
    rows = [
        (str(labels[name]), _shown(theirs[name]))
        for name in labels
        if name in theirs and theirs[name] != mine.get(name)
    ]
    return {**told, "rows": rows}


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(str(one) for one in value)
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    return "" if value is None else str(value)
