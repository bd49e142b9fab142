"""Values of the record as the console's other pages say them: days, times, words of a field."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from petitions.web.organiser.cases.words import UPDATE_KINDS
from petitions.web.organiser.confirmations.words import (
    APPEARANCES,
    GROUNDS,
    PETITION_STATES,
)
from petitions.web.organiser.confirmations.words import KINDS as RULE_KINDS
from petitions.web.organiser.deliveries.words import CHANNELS, OUTCOMES, STATES
from petitions.web.organiser.importing.words import KINDS as PAPER_KINDS
from petitions.web.organiser.officials.messages import KINDS as OFFICIAL_KINDS
from petitions.web.organiser.words import ROLES
from petitions.web.page_frame import day, moment

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[0-9:.]*(?:Z|[+-]\d\d:\d\d)")
_WORDS: dict[str, Mapping[Any, Any]] = {
    "appearance": APPEARANCES,
    "channel": CHANNELS,
    "ground": GROUNDS,
    "kind": {**PAPER_KINDS, **RULE_KINDS, **OFFICIAL_KINDS, **UPDATE_KINDS},
    "outcome": OUTCOMES,
    "roles": ROLES,
    "state": {**{state: words for state, (words, _) in PETITION_STATES.items()}, **STATES},
}


def value_in_words(name: str, value: object) -> str:
    """Return what a field holds; what is no day, no time and no known word stays as it is."""
    told = str(value)
    if words := _WORDS.get(name, {}).get(told):
        return str(words)
    try:
        if _MOMENT.fullmatch(told):
            return moment(datetime.fromisoformat(told))
        return day(date.fromisoformat(told)) if _DAY.fullmatch(told) else told
    except (ValueError, OverflowError):
        return told
