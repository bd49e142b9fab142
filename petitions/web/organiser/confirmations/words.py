"""Words for what the database holds about signatures and mails."""

import json
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext, lazy_pgettext, ngettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from petitions.domain import bounces
from petitions.domain.batch_reasons import batch_in
from petitions.domain.breakdown import Source
from petitions.domain.conditions import FORGOTTEN, Condition
from petitions.domain.resending import Fate
from petitions.domain.rules import rule_in
from petitions.domain.signatures_shown import Shelf
from petitions.extensions import db
from petitions.i18n import country_name
from petitions.models import (
    Appearance,
    AuditEntry,
    BatchState,
    BlockKind,
    MailKind,
    MailState,
    Organiser,
    PetitionState,
    Signature,
    SignatureState,
    Verification,
)
from petitions.web.language import interface_language
from petitions.web.page_frame import moment

PETITION_STATES: dict[PetitionState, tuple[Any, str]] = {
    PetitionState.DRAFT: (_l("draft"), "neutral"),
    PetitionState.OPEN: (_l("open"), "open"),
    PetitionState.PAUSED: (_l("paused"), "warn"),
    PetitionState.CLOSED: (_l("closed"), "done"),
    PetitionState.STOPPED: (_l("stopped"), "stop"),
    PetitionState.ARCHIVED: (_l("archived"), "neutral"),
}
SHELVES: dict[Shelf, Any] = {
    Shelf.PENDING: lazy_pgettext("signatures", "Pending"),
    Shelf.CONFIRMED: lazy_pgettext("signatures", "Confirmed"),
    Shelf.ATTESTED: lazy_pgettext("signatures", "Attested"),
    Shelf.SET_ASIDE: lazy_pgettext("signatures", "Set aside"),
    Shelf.WITHDRAWN: lazy_pgettext("signatures", "Withdrawn"),
}
MARKS: dict[Shelf, Any] = {
    Shelf.PENDING: lazy_pgettext("one signature", "Pending"),
    Shelf.CONFIRMED: lazy_pgettext("one signature", "Confirmed"),
    Shelf.ATTESTED: lazy_pgettext("one signature", "Attested"),
    Shelf.SET_ASIDE: lazy_pgettext("one signature", "Set aside"),
    Shelf.WITHDRAWN: lazy_pgettext("one signature", "Withdrawn"),
}
APPEARANCES: dict[Appearance, Any] = {
    Appearance.FULL: _l("full: name, place, country"),
    Appearance.INITIALS: _l("initials and country"),
    Appearance.COUNTED: _l("counted, never named"),
}
GROUNDS: dict[str, Any] = {
    "invented": _l("The name is invented, or mocks"),
    "automatic": _l("A program seems to have signed"),
    "twice": _l("The same person seems to have signed twice"),
    "not theirs": _l("The person named says that they did not sign"),
    "other": _l("Another reason"),
}
ASKED: dict[str, Any] = {
    "in writing": _l("They wrote to us"),
    "by telephone": _l("They telephoned"),
    "in person": _l("They asked in person"),
    "through another": _l("Somebody asked for them, and may do so"),
    "by law": _l("The law, a court or an authority asks for it"),
}
KINDS: dict[BlockKind, Any] = {
    BlockKind.NETWORK: _l("network"),
    BlockKind.DOMAIN: _l("mail domain"),
    BlockKind.ADDRESS: _l("e-mail address"),
}
CONDITIONS: dict[str, Any] = {
    "network": _l("Network, by its pseudonym"),
    "domain": _l("Mail domain"),
    "since": _l("Signed from"),
    "until": _l("Signed before"),
    "country": _l("Country"),
    "language": _l("Language"),
    "appearance": _l("Officials see"),
    "mixed": _l("A word of the name mixes scripts"),
}
BATCH_STATES: dict[BatchState, tuple[Any, str]] = {
    BatchState.WAITING: (_l("being set aside"), "open"),
    BatchState.DONE: (_l("set aside"), "done"),
    BatchState.STOPPED: (_l("stopped"), "warn"),
    BatchState.UNDOING: (_l("being put back"), "open"),
    BatchState.UNDONE: (_l("put back"), "neutral"),
    BatchState.FAILED: (_l("given up"), "stop"),
}
FATES: dict[Fate, Any] = {
    Fate.GOES: _l("will get a mail now"),
    Fate.WAITS: _l("will get a mail when the pause between two mails is over"),
}
NO_MAIL: dict[Fate, Any] = {
    Fate.UNDER_WAY: _l("a mail to them is already under way"),
    Fate.OVER_BUDGET: _l("they have had as many mails as we send to one address"),
    Fate.SUPPRESSED: _l("they asked us never to write to them again"),
    Fate.BOUNCED: _l("a mail to them came back as undeliverable"),
    Fate.EXPIRED: _l("they waited more than a week and expire; they can sign again"),
    Fate.CONFIRMED: _l("they are confirmed already"),
    Fate.NOT_PENDING: _l("they were set aside or withdrawn"),
    Fate.NO_ADDRESS: _l("their address was deleted when they were set aside; they can sign again"),
    Fate.SEALED: _l("this server does not hold the key that opens their address"),
    Fate.STOPPED: _l("the petition takes no confirmations any more"),
}
"""Why some get no mail; `fate_words` says it of a number of them."""
MAIL_KINDS: dict[MailKind, Any] = {
    MailKind.SIGNING: _l("asks for confirmation"),
    MailKind.REMINDER: _l("reminds once to confirm"),
    MailKind.MY_SIGNATURE: _l("link to one's own signature"),
    MailKind.NEWS: _l("news"),
}
MAIL_STATES: dict[MailState, tuple[Any, str]] = {
    MailState.WAITING: (_l("waiting"), "neutral"),
    MailState.SENT: (_l("sent"), "done"),
    MailState.FAILED: (_l("failed"), "stop"),
    MailState.WITHHELD: (_l("withheld"), "warn"),
    MailState.CANCELLED: (_l("cancelled"), "neutral"),
}
SOURCES: dict[str, Any] = {
    Source.FORM: _l("the form, confirmed by a link in a mail"),
    Source.SECOND: _l("the second person of a mailbox, by a link in a mail"),
    Source.ATTESTED: _l("attested by an organiser"),
}
STATUSES: dict[str, Any] = {
    "1.1": _l("there is no such mailbox"),
    "1.2": _l("there is no such mail domain"),
    "1.10": _l("the domain says that it takes no mail"),
    "2.1": _l("the mailbox is closed"),
    "2.2": _l("the mailbox is full"),
    "4.1": _l("their mail server did not answer"),
    "4.4": _l("their mail server could not be found"),
    "4.7": _l("it took too long"),
    "7.1": _l("their mail server refuses what comes from ours"),
    "7.26": _l("our mail is not signed as they ask for (SPF, DKIM)"),
}
"""What a code of RFC 3463 says, without its first number."""
WAITS: dict[str, Any] = {
    "due": _l("due: the worker sends them next"),
    "failed attempt": _l("could not be handed over, and are tried again"),
    "busy network": _l("wait their turn: many forms came from their network"),
    "gap": _l("wait for the pause between two mails to one address"),
    "domain limit": _l("wait for the next hour: as many went to their mail domain as may in one"),
    "site limit": _l("wait for the next hour: as many went out as may in one"),
    "case hidden": _l("the case is hidden: looked at again every five minutes"),
    "news paused": _l("news that is paused, or of a case that is hidden"),
    "news gives way": _l("news: gives way to heavy load, by a switch"),
    "news share": _l("news: wait for the next hour, since those who sign go first"),
    "over budget": _l("news: wait for tomorrow, since their address had its mails of today"),
    "reminder": _l("reminders, if their signers have not confirmed by then"),
}
OUTCOMES: dict[str, Any] = {
    "over budget": _l("the address has had as many mails as we send to one address a day"),
    "suppressed": _l("the address asked for no more mail"),
    "mail to it came back": _l("a mail to the address came back as undeliverable"),
    "an official's address": _l("it is an official's address, and this is a demonstration"),
    "not confirmed in time": _l("not confirmed in time"),
    "the signature is gone": _l("the signature is no longer there"),
    "the signature is withdrawn": _l("the signature was withdrawn"),
    "the signature was attested": _l("the signature was attested"),
    "the signature is confirmed": _l("the signature is confirmed"),
    "the signature is set aside": _l("the signature was set aside"),
    "the case is sealed": _l("the case is sealed"),
    "nothing to remind of": _l("there is nothing to remind of"),
    "the petition takes no confirmations": _l("the petition takes no confirmations any more"),
}
ACTIONS: dict[str, Any] = {
    "signature attested": lazy_pgettext("one signature", "Attested"),
    "signature withdrawn": _l("Withdrawn for the person who asked"),
    "signature erased": _l("Withdrawn and erased for the person who asked"),
    "signature set aside": lazy_pgettext("one signature", "Set aside"),
    "signature put back": lazy_pgettext("one signature", "Put back"),
    "confirmations sent again": _l("Mail queued again"),
    "question what is held answered": _l("Was told what is held"),
}
REFUSALS: dict[str, Any] = {
    "reason needed": _l("Write a reason. It is kept sealed, beside what you did."),
    "ground needed": _l("Choose why."),
    "nothing selected": _l("Nothing was selected. Tick at least one signature first."),
    "too many": _l("That is too much at once. Select fewer signatures."),
    "stopped": _l("The petition takes no confirmations any more. Nothing was changed."),
    "too late": _l("It waited for more than a week and expires. Nothing was changed."),
    "not pending": _l("It is no longer pending: somebody was faster. Nothing was changed."),
    "source": _l("Choose where the number comes from."),
    "number": _l("Give a whole number, at least 1."),
    "future": _l("This day is yet to come."),
    "provenance needed": _l("Write where these signatures come from."),
    "empty condition": _l(
        "Say at least one thing that they have in common, besides the state: otherwise everybody"
        " is meant."
    ),
    "sealed": _l("This case is sealed: its names cannot be looked at here."),
    "too many names": _l(
        "More names would have to be opened than you would wait for. Narrow it as well: by time, by"
        " country, by network."
    ),
    "turned": _l("This is before the beginning."),
    "nothing fits": _l("No signature fits any more. Nothing was changed."),
    "not undone now": _l("That is under way, or put back already."),
    "check needed": _l("Write how the partner's number was checked."),
    "date needed": _l("Give the day up to which the partner's number counts."),
}
SHEET_FAULTS: dict[str, Any] = {
    "too large": _l("The file is larger than 512 KB."),
    "not UTF-8": _l("The file is not in UTF-8. Save it as “CSV UTF-8”."),
    "not CSV": _l("The file cannot be read as CSV."),
    "too many": _l("The file has more than 2,000 rows."),
    "empty": _l("The file has no rows."),
    "no column": _l("This column is missing from the first line."),
    "unknown column": _l("The first line has a column that is not known here, or twice."),
    "too many cells": _l("There are more cells than columns: put text with commas into quotes."),
    "country": _l("Write the two letters of a country, as FR."),
    "day": _l("Write a day as 2026-03-14."),
    "too long": _l("This is too long. Please shorten it."),
    "twice": _l("The same stands in the list already, or above."),
}


def fate_words(fate: Fate, number: int) -> str:
    """Return what becomes of so many mails, to stand after their number."""
    if fate in FATES:
        return str(FATES[fate])
    why = NO_MAIL[fate]
    if fate is Fate.OVER_BUDGET:
        return str(ngettext("gets none today: %(why)s", "get none today: %(why)s", number, why=why))
    return str(ngettext("gets none: %(why)s", "get none: %(why)s", number, why=why))


def shelf_of(signature: Signature) -> Shelf:
    """Return the list that a signature stands in."""
    if signature.state is SignatureState.CONFIRMED:
        by_mail = signature.verified_by is Verification.EMAIL
        return Shelf.CONFIRMED if by_mail else Shelf.ATTESTED
    return {
        SignatureState.PENDING: Shelf.PENDING,
        SignatureState.SET_ASIDE: Shelf.SET_ASIDE,
    }.get(signature.state, Shelf.WITHDRAWN)


def set_aside_words(reason: str | None) -> str:
    """Return why a signature is set aside: what an organiser chose, or what caught it."""
    if caught := rule_in(reason):
        what = KINDS[caught[1]]
        return str(
            gettext("caught on arrival by rule %(number)s: %(what)s", number=caught[0], what=what)
        )
    if batch := batch_in(reason):
        return str(gettext("in bulk, with batch %(number)s", number=batch))
    return str(GROUNDS.get(reason or "", reason or ""))


def condition_words(condition: Condition) -> list[tuple[str, str]]:
    """Return what a condition says, as (what, value)."""
    forgotten = gettext("one that is not kept any more, after two days")
    told = {
        "network": forgotten if condition.network == FORGOTTEN else condition.network[:8],
        "domain": forgotten if condition.domain == FORGOTTEN else condition.domain,
        "since": moment(condition.since) if condition.since else "",
        "until": moment(condition.until) if condition.until else "",
        "country": country_name(condition.country, interface_language()),
        "language": condition.language,
        "appearance": str(APPEARANCES[condition.appearance]) if condition.appearance else "",
        "mixed": gettext("yes"),
    }
    return [(str(CONDITIONS[name]), told[name]) for name in condition.says()]


def fault_words(reason: str) -> str:
    """Return what is wrong in a line of a file."""
    return str(SHEET_FAULTS.get(reason) or REFUSALS.get(reason, reason))


def outcome_words(outcome: str | None) -> str:
    """Return what became of a mail; what a relay answered stands as it is."""
    what, _, code = (outcome or "").rpartition(" ")
    said = STATUSES.get(code.partition(".")[2])
    code = f"{code}: {said}" if said else code
    match what:
        case bounces.HARD:
            return str(gettext("came back: cannot be delivered (%(code)s)", code=code))
        case bounces.REFUSED:
            return str(gettext("came back: the other side refuses our mail (%(code)s)", code=code))
        case bounces.SOFT:
            return str(gettext("not delivered yet, says the other side (%(code)s)", code=code))
    return str(OUTCOMES.get(outcome or "", outcome or ""))


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Return the names of those whom entries call 'organiser 3'."""
    ids = {actor: int(actor.split()[1]) for actor in set(actors) if actor.startswith("organiser ")}
    query = select(Organiser.id, Organiser.name, Organiser.email).where(
        Organiser.id.in_(ids.values())
    )
    named = {row.id: row.name or row.email for row in db.session.execute(query)}
    return {actor: named.get(number, actor) for actor, number in ids.items()}


def detail_words(entry: AuditEntry) -> str:
    """Return what an entry about a signature adds to its action."""
    detail = json.loads(entry.detail)
    if "ground" in detail:
        return str(GROUNDS.get(detail["ground"], detail["ground"]))
    if detail.get("is") == SignatureState.PENDING:
        return str(gettext("to pending"))
    if "asked" in detail:
        return str(ASKED.get(detail["asked"], detail["asked"]))
    confirmed = detail.get("is") == SignatureState.CONFIRMED
    return str(gettext("to confirmed")) if confirmed else ""
