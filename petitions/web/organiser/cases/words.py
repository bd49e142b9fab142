"""Words of the pages of cases, for what the domain says in values."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from petitions.domain.case_missing import Missing
from petitions.i18n import language_name
from petitions.models import PermissionGiver, PersonStatus, PetitionState, UpdateKind
from petitions.web.language import interface_language

TEXT_FIELDS: dict[str, Any] = {
    "title": _l("Title"),
    "standfirst": _l("Standfirst"),
    "summary": _l("Summary"),
    "story": _l("Story"),
    "narrator": _l("Who tells the story"),
    "background": _l("Background"),
    "content_note": _l("Content note"),
    "call_to_act": _l("Call to act"),
    "outcome": _l("What came of it"),
    "statements": _l("Pulled statements"),
}
OTHER_FIELDS: dict[str, Any] = {
    "slug": _l("Address"),
    "number": _l("Case number"),
    "country_of_events": _l("Country of events"),
    "time_zone": _l("Time zone"),
    "states": _l("States addressed"),
    "name": _l("Name as known"),
    "other_names": _l("Other spellings"),
    "gender": _l("Gender"),
    "age": _l("Age"),
    "status": _l("Status"),
    "status_as_of": _l("As of"),
    "status_since": _l("Since when"),
    "believed_held": _l("Believed to be held"),
    "alt": _l("Alternative text"),
    "caption": _l("Caption"),
    "credit": _l("Credit"),
    "kind": _l("Kind"),
    "index_number": _l("Index number"),
    "issued_on": _l("Issued on"),
    "new_deadline_on": _l("New deadline"),
    "text": _l("Text"),
}
STATUSES: dict[PersonStatus, Any] = {
    PersonStatus.DETAINED: _l("Detained"),
    PersonStatus.MISSING: _l("Missing"),
    PersonStatus.RETURNED: _l("Sent back"),
    PersonStatus.RELEASED: _l("Released"),
    PersonStatus.DEAD: _l("Dead"),
    PersonStatus.UNKNOWN: _l("Not known"),
}
GIVERS: dict[PermissionGiver, Any] = {
    PermissionGiver.PERSON: _l("the person"),
    PermissionGiver.FAMILY: _l("the family"),
    PermissionGiver.LAWYER: _l("the lawyer"),
    PermissionGiver.NOBODY: _l("nobody could be asked"),
}
PETITION_STATES: dict[PetitionState, Any] = {
    PetitionState.DRAFT: _l("draft"),
    PetitionState.OPEN: _l("open"),
    PetitionState.PAUSED: _l("paused"),
    PetitionState.CLOSED: _l("closed"),
    PetitionState.STOPPED: _l("stopped"),
    PetitionState.ARCHIVED: _l("archived"),
}
COVERS: dict[str, Any] = {
    "name": _l("the name, as it is written here"),
    "picture": _l("pictures"),
    "place": _l("where the person is believed to be held"),
    "story": _l("the story"),
}
UNCOVERED: dict[str, Any] = {
    "covers name": COVERS["name"],
    "covers picture": COVERS["picture"],
    "covers place": COVERS["place"],
    "covers story": COVERS["story"],
}
UPDATE_KINDS: dict[UpdateKind, Any] = {
    UpdateKind.INITIAL: _l("First publication"),
    UpdateKind.FURTHER: _l("Further information"),
    UpdateKind.CORRECTION: _l("Correction"),
    UpdateKind.STOP: _l("Stop action"),
    UpdateKind.OUTCOME: _l("Outcome"),
}
_MISSING: dict[str, Any] = {
    "permission": _l("A permission to publish"),
    "second organiser": _l("A second organiser who agrees, since nobody could be asked"),
    "person": _l("A person, or a group that has a name"),
    "title": _l("A title"),
    "summary or story": _l("A summary or a story"),
    "alt text": _l("Alternative text of a picture"),
    "covers name": _l("A permission that covers the name"),
    "covers picture": _l("A permission that covers pictures"),
    "covers place": _l("A permission that covers where the person is believed to be held"),
    "covers story": _l("A permission that covers the story"),
}
_REFUSALS: dict[str, Any] = {
    "no title": _l("Write a title."),
    "no person": _l("Write at least one name. A group can stand in place of a person."),
    "no state": _l("Choose at least one state that is addressed."),
    "hidden": _l("The case is hidden. Show it again first."),
    "incomplete": _l("Something is still missing; the list on this page says what."),
    "own text": _l(
        "You wrote what is to be published. In this organisation somebody else publishes it."
    ),
    "no reason": _l("Write the reason."),
    "covers nothing": _l("Tick what the permission covers."),
    "given later": _l("This day has not come yet."),
    "review before": _l("The review comes after the day on which permission was given."),
    "same organiser": _l("You wrote this down yourself. Another organiser has to agree."),
    "agreed already": _l("This has been agreed to already."),
    "replaced": _l("A newer permission has taken its place."),
    "slug malformed": _l("Use small letters a to z, digits and hyphens; at least two characters."),
    "slug taken": _l("Another case has this address."),
    "slug fixed": _l("The case is published: links point at its address, which stays as it is."),
    "time zone unknown": _l("Choose a time zone from the list."),
    "no name": _l("Write the name as it is known."),
    "age": _l("Write an age between 0 and 130, or leave it empty."),
    "as of later": _l("This day has not come yet."),
    "since unclear": _l("Write a day, a month or a year: 2014-06-03, 2014-06 or 2014."),
    "since later": _l("This time has not come yet."),
    "last person": _l("A published case keeps at least one person. Add another one first."),
    "source language": _l("The source language stays: all others are translated from it."),
    "alt text": _l("A picture has no alternative text in this language yet. Write it first."),
    "no alt text": _l("Write what can be seen, for those who do not see it."),
    "not covered": _l(
        "The case is published, and no permission on record covers pictures. Record it first."
    ),
    "name not covered": _l(
        "Readers would see this name at once, and no permission on record covers the name."
        " Record one first."
    ),
    "place not covered": _l(
        "Readers would see this place at once, and no permission on record covers it."
        " Record one first."
    ),
    "story not covered": _l(
        "Readers would see this story at once, and no permission on record covers it."
        " Record one first."
    ),
    "shows uncovered": _l(
        "Readers would see again what the permission does not cover. Take that out, or record a"
        " permission that covers it, then show the case."
    ),
    "one initial": _l("This case has its first publication already. Choose another kind."),
    "facts fixed": _l("A published update keeps its kind, numbers and days."),
    "published already": _l("This update is published already."),
    "deadline past": _l("The new deadline is past; a petition cannot be given it."),
    "hidden already": _l("This case is hidden already."),
    "not hidden": _l("This case is not hidden."),
    "changed": _l("Somebody else has changed this meanwhile. Look at it again first."),
    "readers see it": _l("Readers see this at once, so whoever may publish changes it."),
    "write a correction": _l(
        "In this organisation somebody else publishes what you wrote, so a published update keeps"
        " its words. Write a correction instead: a colleague publishes it."
    ),
    "needs an editor": _l(
        "The case is published, and nobody looks at this again before readers have it. Send your"
        " words to an organiser who may edit."
    ),
    "newest": _l("Readers see this version: it stays."),
    "no file": _l("Choose a picture."),
    "not a picture": _l("This is not a JPEG, PNG or WebP picture. Choose another file."),
    "too large": _l("The file is too large. Choose a smaller one."),
    "too many pixels": _l("The picture has too many pixels. Make it smaller first."),
    "damaged": _l("The picture is damaged. Choose another file."),
}
ACTIONS: dict[str, Any] = {
    "case created": _l("case begun"),
    "case published": _l("case published"),
    "case facts changed": _l("facts changed"),
    "case text changed": _l("text changed"),
    "case text drafted": _l("changes of text written, waiting to be published"),
    "case text published": _l("changes of text published"),
    "draft discarded": _l("changes of text discarded"),
    "language removed": _l("language removed"),
    "person added": _l("person added"),
    "person changed": _l("person changed"),
    "person removed": _l("person removed"),
    "people reordered": _l("people put in another order"),
    "permission recorded": _l("permission recorded"),
    "permission agreed to": _l("second organiser agreed"),
    "picture added": _l("picture added"),
    "picture described": _l("picture described"),
    "picture removed": _l("picture removed"),
    "pictures reordered": _l("pictures put in another order"),
    "update drafted": _l("update written"),
    "update changed": _l("update changed"),
    "update corrected": _l("wording of a published update corrected"),
    "update discarded": _l("draft of an update discarded"),
    "update published": _l("update published"),
    "publication scheduled": _l("time of publication set"),
    "publication called off": _l("publication at a set time called off"),
    "published as scheduled": _l("published at the time that was set"),
    "scheduled publication stopped": _l("not published although its time came"),
    "version forgotten": _l("old version of a text deleted"),
    "case hidden": _l("case hidden"),
    "case shown again": _l("case shown again"),
}


def refusal_words(reason: str) -> Any:
    """Return why something was refused, and what to do about it."""
    return _REFUSALS.get(reason, reason)


def missing_words(missing: Missing) -> str:
    """Return what is missing before a case can be published, with its language."""
    words = str(_MISSING[missing.word])
    if not missing.language:
        return words
    language = language_name(missing.language, shown_in=interface_language())
    return str(gettext("%(thing)s (%(language)s)", thing=words, language=language))


def action_words(action: str) -> str:
    """Return what was done, as the history of a case tells it."""
    return str(ACTIONS.get(action, action))


def field_words(name: str) -> str:
    """Return the label of a field by its name."""
    return str(TEXT_FIELDS.get(name) or OTHER_FIELDS.get(name) or name)
