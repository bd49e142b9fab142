"""Words of the pages of news."""

from typing import Any

from flask_babel import lazy_gettext as _l

from petitions.domain import news_feeding, news_sending, outbox
from petitions.domain.news_audience import LeftOut
from petitions.models import NewsState
from petitions.web.organiser.confirmations.words import outcome_words

STATES: dict[NewsState, tuple[Any, str]] = {
    NewsState.DRAFT: (_l("draft"), "neutral"),
    NewsState.SENDING: (_l("going out"), "open"),
    NewsState.PAUSED: (_l("paused"), "warn"),
    NewsState.DONE: (_l("all on their way"), "done"),
    NewsState.STOPPED: (_l("stopped"), "stop"),
}
LEFT_OUT: dict[LeftOut, Any] = {
    LeftOut.NOT_ASKED: _l("did not ask for news"),
    LeftOut.ENDED: _l("wanted no more news"),
    LeftOut.PENDING: _l("have not confirmed"),
    LeftOut.SET_ASIDE: _l("are set aside"),
    LeftOut.WITHDRAWN: _l("have withdrawn"),
    LeftOut.ATTESTED: _l("are attested: nobody has proved their address"),
    LeftOut.NO_ADDRESS: _l("have no address that is kept"),
    LeftOut.NO_TEXT: _l("have a language in which nothing is written"),
}
PAUSES: dict[str, Any] = {
    news_sending.INTERRUPTED: _l(
        "The process that had the key is gone: with the web server, or after half a day. Unlock "
        "the case again to go on; nobody gets it twice."
    ),
    news_sending.NO_KEY: _l(
        "The addresses do not open here: a key is missing. Whoever runs the server finds the "
        "reason in the worker’s log."
    ),
    news_sending.FAILED: _l(
        "Something went wrong. Whoever runs the server finds the reason in the worker’s log."
    ),
}
_REFUSALS: dict[str, Any] = {
    "changed": _l("Somebody changed it meanwhile. Look at it again; nothing was done."),
    "sent already": _l("It goes out already, or has: its words stay as they are."),
    "nothing written": _l("Write it in at least one language first."),
    "no title": _l("Write a title."),
    "no text": _l("Write a text. To take the language out, empty both."),
    "no such text": _l("Nothing is written in this language. Choose another one, or none."),
    "pace": _l("Between 1 and 100,000 mails an hour."),
    "own text": _l("You wrote it yourself: in this organisation somebody else sends it."),
    "hidden": _l("The case is hidden: its news stays here."),
    "not published": _l("Readers cannot see this petition: there is no news of it to send."),
    "another goes out": _l("Other news of this petition goes out now. Wait until it is done."),
    "nobody wants it": _l("No signer would get it: nobody has asked for news, or has a text."),
    "not going out": _l("It does not go out now. Nothing was changed."),
    "not paused": _l("It is not paused. Nothing was changed."),
    "not started": _l("It has not been sent. Throw the draft away instead."),
    "sealed": _l("The case is sealed: unlock it to go on."),
}
_OUTCOMES: dict[str, Any] = {
    outbox.UNKNOWN: _l("not known whether it arrived, so not sent again"),
    outbox.HANDING_OVER: _l("being handed over"),
    news_feeding.SAME_MAILBOX: _l("shares a mailbox with somebody who got it"),
    news_feeding.CLOSED: _l("the address does not open"),
    news_sending.STOPPED_WORD: _l("the news was stopped"),
    "news ended": _l("wanted no more news before it went"),
}


def refusal_words(reason: str) -> str:
    """Return why the domain refused something."""
    return str(_REFUSALS.get(reason, reason))


def news_outcome(outcome: str) -> str:
    """Return what became of a mail with news."""
    return str(_OUTCOMES.get(outcome) or outcome_words(outcome))
