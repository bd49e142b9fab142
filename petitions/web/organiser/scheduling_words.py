"""Words for why something was not published at its time, or cannot be given one."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from petitions.domain import scheduling
from petitions.models import ScheduledPublication

_WHY: dict[str, Any] = {
    "at past": _l("This time is past. Choose a later one, or publish it now."),
    "at far": _l("Choose a time within a year."),
    "incomplete": _l("Something that publishing asks for is missing."),
    "changed": _l(
        "Its words were changed after somebody looked at them. Look at them again, and set the"
        " time again."
    ),
    "own text": _l(
        "Whoever set the time wrote a part of it. In this organisation somebody else publishes it."
    ),
    "no right any more": _l("Whoever set the time may not publish any more."),
    "no title": _l("It has no title in the language of its case."),
    "deadline past": _l("Its new deadline is past."),
    "published already": _l("It is published already."),
    "state": _l("It is published already."),
    "names destroyed": _l("The names of its signers are destroyed: nobody could sign it."),
}


def words_of(word: str) -> str:
    """Return why, as a sentence."""
    return str(_WHY.get(word) or word)


def trouble_of(plan: ScheduledPublication) -> str:
    """Return what keeps a plan from being carried out, as a sentence; empty where nothing does."""
    why = scheduling.outlook(plan)
    if not why:
        return ""
    if plan.stopped_at is not None:
        return str(gettext("Its time came, and it was not published: %(why)s", why=words_of(why)))
    return str(gettext("It would not be published: %(why)s", why=words_of(why)))
