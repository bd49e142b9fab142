"""Words of the pages of petitions, for what the domain says in values."""

from collections.abc import Collection
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from petitions.domain.case_missing import Missing
from petitions.domain.petition_missing import Step
from petitions.domain.presenting.versions import AddresseeLine
from petitions.i18n import country_name, language_name
from petitions.models import AfterDeadline, PetitionState
from petitions.web.language import interface_language
from petitions.web.organiser.cases.words import missing_words

STATES: dict[PetitionState, Any] = {
    PetitionState.DRAFT: _l("draft"),
    PetitionState.OPEN: _l("open"),
    PetitionState.PAUSED: _l("paused"),
    PetitionState.CLOSED: _l("closed"),
    PetitionState.STOPPED: _l("stopped"),
    PetitionState.ARCHIVED: _l("archived"),
}
STATE_KINDS: dict[PetitionState, str] = {
    PetitionState.DRAFT: "neutral",
    PetitionState.OPEN: "open",
    PetitionState.PAUSED: "warn",
    PetitionState.CLOSED: "done",
    PetitionState.STOPPED: "stop",
    PetitionState.ARCHIVED: "neutral",
}
WHAT_STATES_MEAN: dict[PetitionState, Any] = {
    PetitionState.DRAFT: _l("Nobody but organisers sees this petition."),
    PetitionState.OPEN: _l("Readers see it, and can sign."),
    PetitionState.PAUSED: _l(
        "Readers see it, and that signing is paused. Signatures that were sent can still be"
        " confirmed."
    ),
    PetitionState.CLOSED: _l(
        "Readers see it, and that it is closed. Signatures that were sent can still be confirmed."
    ),
    PetitionState.STOPPED: _l(
        "Readers see it, that no further action is asked for, and why. Nothing can be signed or"
        " confirmed any more."
    ),
    PetitionState.ARCHIVED: _l("Readers see that it is kept for the record. Nothing changes."),
}
MOVES: dict[PetitionState, tuple[Any, Any]] = {
    PetitionState.PAUSED: (
        _l("Pause"),
        _l(
            "The page stays and says that signing is paused. Signatures that were sent can still be"
            " confirmed. You can open it again."
        ),
    ),
    PetitionState.OPEN: (
        _l("Open again"),
        _l("The form is offered again, and new signatures count."),
    ),
    PetitionState.CLOSED: (
        _l("Close"),
        _l(
            "The page stays, thanks those who signed, and takes no more signatures. Signatures that"
            " were sent can still be confirmed. You can open it again."
        ),
    ),
    PetitionState.STOPPED: (
        _l("Stop"),
        _l(
            "The page stays and asks for no further action, with your reason on top. Nothing can"
            " be signed or confirmed any more. This cannot be undone."
        ),
    ),
    PetitionState.ARCHIVED: (
        _l("Archive"),
        _l(
            "The page stays for the record. The petition cannot be opened or changed any more."
            " This cannot be undone."
        ),
    ),
}
MOVED: dict[PetitionState, Any] = {
    PetitionState.PAUSED: _l("The petition is paused."),
    PetitionState.OPEN: _l("The petition is open again."),
    PetitionState.CLOSED: _l("The petition is closed."),
    PetitionState.STOPPED: _l("The petition is stopped. Its page shows your reason."),
    PetitionState.ARCHIVED: _l("The petition is archived."),
}
AFTER: dict[AfterDeadline, tuple[Any, Any]] = {
    AfterDeadline.CLOSE: (
        _l("Close"),
        _l("After the last day nobody can sign any more."),
    ),
    AfterDeadline.MARK_LATE: (
        _l("Go on, and mark late"),
        _l("Signatures after the last day count, and are marked as late."),
    ),
    AfterDeadline.ASK_FIRST: (
        _l("Go on, and say whom to ask first"),
        _l(
            "Signing goes on. Readers are told to ask the contact office before they write to an"
            " official themselves."
        ),
    ),
}
FIELDS: dict[str, Any] = {
    "title": _l("Title"),
    "text": _l("Text for readers"),
    "letter_subject": _l("Subject of the letter"),
    "letter_opening": _l("Opening of the letter"),
    "letter_closing": _l("Closing of the letter"),
    "for_readers": _l("For readers"),
    "for_letter": _l("For the letter"),
    "risk": _l("Risk"),
    "consent": _l("Consent"),
    "news": _l("News"),
    "notice": _l("Notice"),
    "closed": _l("Closed for people who live there"),
    "slug": _l("Address"),
    "goal": _l("Goal"),
    "time_zone": _l("Time zone"),
    "deadline_on": _l("Last day"),
    "after_deadline": _l("After the last day"),
    "letter_languages": _l("Languages of letters"),
    "publish_proof": _l("Proof"),
}
_STEPS: dict[str, Any] = {
    "case": _l("The case: permission, texts, alternative texts"),
    "case hidden": _l("The case is hidden. Show it again first."),
    "case stopped": _l(
        "The case is stopped: its page asks readers to do nothing more. If they should act again,"
        " first publish an update that says why"
    ),
    "to addressee": _l("An addressee of the kind “to”"),
    "salutation": _l("A salutation for an addressee, in a language that the letter is written in"),
    "ask": _l("At least one ask"),
    "aimed": _l("Every ask is aimed at a state and at an addressee"),
    "voices": _l("Every ask in both voices, in the language of the case"),
    "text": _l("Title, text, letter and all asks, complete in at least one language"),
    "consent": _l("Risk, consent and news, in a language in which the text is complete"),
    "deadline": _l("A last day that is not over"),
    "no deadline": _l("There is no last day: signing goes on until somebody closes it"),
    "contact office": _l(
        "A contact office for all countries without one of their own: readers are told to ask it"
        " first, after the last day"
    ),
    "organisation name": _l("The name of your organisation"),
    "organisation address": _l("The postal address of your organisation"),
    "organisation contact": _l("An e-mail address of your organisation"),
    "organisation controller": _l("Who is responsible for data protection"),
}
_LINKS: dict[str, Any] = {
    "petitions.addressees": _l("Choose addressees"),
    "officials.show": _l("Look at the official"),
    "petitions.asks": _l("Add and aim asks"),
    "petitions.text": _l("Write the text"),
    "petitions.consent": _l("Write the consent"),
    "petitions.facts": _l("Change the last day"),
    "organisation.index": _l("Complete the organisation"),
    "cases.show": _l("Open the case"),
    "cases.permission": _l("Record the permission"),
    "cases.text": _l("Write the case’s text"),
}
_REFUSALS: dict[str, Any] = {
    "names destroyed": _l(
        "The names of this petition, or of its whole case, are destroyed: nobody can sign any more."
        " Begin a new case."
    ),
    "no title": _l("Write a title."),
    "slug malformed": _l("Use small letters a to z, digits and hyphens."),
    "slug taken": _l("Another petition has this address. Choose another one."),
    "slug fixed": _l("The petition is published: links point at its address, which stays."),
    "goal": _l("Write a number above zero, or leave it empty."),
    "time zone unknown": _l("Choose a time zone from the list."),
    "deadline over": _l("This day is over. Choose a later one, or leave it empty."),
    "no letter language": _l("Choose at least one language for the letters."),
    "asks changed": _l(
        "Asks were added or removed meanwhile. Look at each ask below, then save again."
    ),
    "no such ask": _l("An ask is not there any more. Open this page again."),
    "state not addressed": _l("Aim each ask at a state that the case is addressed to."),
    "no such addressee": _l("An addressee is not there any more. Open this page again."),
    "too many asks": _l("At most 40 asks fit."),
    "too many addressees": _l("At most 200 addressees fit. Take one off first."),
    "addressee already": _l("This is an addressee already."),
    "no such country": _l("Choose a state."),
    "unknown country": _l("Choose a country."),
    "notice too long": _l("This is too long. Please shorten it."),
    "too many countries": _l("At most 20 countries can have a notice."),
    "closed without a reason": _l(
        "Write why the form is closed there, in the language of the case. Readers will see it."
    ),
    "needs an editor": _l(
        "The petition is published, and nobody looks at this again before readers have it. Send"
        " your words to an organiser who may edit."
    ),
    "needs a publisher": _l(
        "Only an organiser who may publish closes the form for a country, or opens it again."
    ),
    "names need a reason": _l(
        "Names go to copies only for a reason. Write it, or leave the names out."
    ),
    "never names": _l(
        "This official gets numbers, never names: so it stands in the list of officials."
    ),
    "embassies are copies": _l("Embassies get copies."),
    "archived": _l("The petition is archived. It cannot be changed any more."),
    "own text": _l(
        "You wrote what is to be published. In this organisation somebody else publishes it."
    ),
    "incomplete": _l("Something is still missing; the list on this page says what."),
    "changed": _l(
        "Somebody changed it after you opened this page. It stands below as it is now: look at it"
        " again first."
    ),
    "nothing waits": _l("No changes wait to be published."),
    "nothing complete": _l(
        "Nothing that is complete differs from what readers see. Complete a language first."
    ),
    "hidden": _l("The case is hidden. Show it again first."),
    "state": _l("This cannot be done in the state that the petition is in now."),
    "no reason": _l("Write the reason. Readers will see it."),
}
_ACTIONS: dict[str, Any] = {
    "petition created": _l("petition begun"),
    "petition opened": _l("petition published"),
    "publication scheduled": _l("time of publication set"),
    "publication called off": _l("publication at a set time called off"),
    "published as scheduled": _l("published at the time that was set"),
    "scheduled publication stopped": _l("not published although its time came"),
    "petition opened again": _l("opened again"),
    "petition paused": _l("paused"),
    "petition closed": _l("closed"),
    "petition stopped": _l("stopped"),
    "petition archived": _l("archived"),
    "petition facts changed": _l("facts changed"),
    "petition text changed": _l("text changed"),
    "petition changes published": _l("changes published"),
    "petition changes discarded": _l("changes discarded"),
    "asks changed": _l("asks changed"),
    "addressee added": _l("addressee added"),
    "addressees changed": _l("addressees changed"),
    "consent changed": _l("consent changed"),
    "consent renewed for offices": _l("new consent, since the offices changed"),
    "country notice changed": _l("notice for a country changed"),
    "letter edited": _l("letter to one official written"),
    "letter edit discarded": _l("letter to one official as the petition has it again"),
}


def refusal_words(reason: str) -> Any:
    """Return why something was refused, and what to do about it."""
    return _REFUSALS.get(reason, reason)


def step_words(step: Step) -> str:
    """Return one thing that publishing asks for."""
    if step.word.startswith("case: "):
        word = step.word.removeprefix("case: ")
        missing = Missing(word, step.endpoint, step.values, step.language)
        return str(gettext("The case: %(thing)s", thing=missing_words(missing)))
    if step.word == "aimed elsewhere":
        return aimed_elsewhere_words(int(step.told["number"]), str(step.told["country"]))
    if step.word == "salutation" and "office" in step.told:
        words = gettext(
            "A salutation for %(office)s, in a language that the letter is written in",
            office=step.told["office"],
        )
        return str(words)
    return str(_STEPS[step.word])


def aimed_elsewhere_words(place: int, country: str) -> str:
    """Return that no addressee of an ask belongs to its state."""
    words = gettext(
        "Ask %(number)s is for %(country)s, but none of its addressees is",
        number=place,
        country=country_name(country, interface_language()),
    )
    return str(words)


def link_words(step: Step) -> str:
    """Return the words of the link to the page where a step is done."""
    if step.word == "contact office":
        return str(gettext("Add a contact office"))
    return str(_LINKS.get(step.endpoint, gettext("Add it")))


def action_words(action: str) -> str:
    """Return what was done, as the history of a petition tells it."""
    return str(_ACTIONS.get(action, action))


def field_words(name: str) -> str:
    """Return the label of a field by its name."""
    return str(FIELDS.get(name, name))


def outdated_words(fields: Collection[tuple[int, str]]) -> list[str]:
    """Return the labels of fields whose original changed, in the order of the form."""
    order = list(FIELDS)
    names = sorted((name for place, name in fields if not place), key=order.index)
    asks = sorted({place for place, _ in fields if place})
    told = [str(gettext("Ask %(number)s", number=place)) for place in asks]
    return [*(field_words(name) for name in names), *told]


def letter_language_words(tag: str) -> str:
    """Return a letter language's name; 'own' is the signer's."""
    if tag == "own":
        return str(gettext("the signer’s own language, where the text exists in it"))
    return language_name(tag, shown_in=interface_language())


def addressee_words(line: AddresseeLine) -> str:
    """Return an addressee in one line."""
    shown = interface_language()
    if line.embassies_of:
        country = country_name(line.embassies_of, shown)
        return str(gettext("The embassies of %(country)s", country=country))
    country = country_name(line.country, shown) if line.country else ""
    holder = f" ({line.holder})" if line.holder else ""
    return f"{line.office}{holder}" + (f", {country}" if country else "")
