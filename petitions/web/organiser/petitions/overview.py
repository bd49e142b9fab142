"""The list of petitions, and one petition with all its parts and what can be done next."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain.case_finding import title_of
from petitions.domain.counting import numbers_of
from petitions.domain.country_notices import notices_of
from petitions.domain.petition_addressees import places_of
from petitions.domain.petition_asks import Aim
from petitions.domain.petition_facts import facts_of
from petitions.domain.petition_languages import AllConsents, AllWords, all_consents, all_words
from petitions.domain.petition_lists import (
    deeds_of_petition,
    numbers_by_state,
    pending_number,
    petition_rows,
    petition_title,
)
from petitions.domain.petition_missing import Step, steps, steps_of_text
from petitions.domain.petition_versions import addressees_of as rows_of
from petitions.domain.petition_versions import aims_of, current
from petitions.domain.petition_waiting import waits
from petitions.domain.petition_words import HowFar
from petitions.domain.petitions import MOVES, petition_numbered
from petitions.domain.planned import plan_of
from petitions.domain.presenting.versions import addressees_of
from petitions.domain.rights import Right
from petitions.extensions import db
from petitions.i18n import language_name
from petitions.models import (
    Case,
    ConsentVersion,
    Organisation,
    Petition,
    PetitionState,
    TextVersion,
)
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import allowed, may
from petitions.web.organiser.petitions.saving import blueprint
from petitions.web.organiser.petitions.words import (
    AFTER,
    STATE_KINDS,
    STATES,
    WHAT_STATES_MEAN,
    action_words,
    addressee_words,
    field_words,
    letter_language_words,
    link_words,
    outdated_words,
    step_words,
)
from petitions.web.organiser.petitions.words import (
    MOVES as MOVE_WORDS,
)
from petitions.web.organiser.scheduling_words import trouble_of

_TOLD = 10


@blueprint.get("/")
@allowed(Right.LOOK, narrows=True)
def index() -> ResponseReturnValue:
    """List all petitions, or those in one state."""
    asked = request.args.get("state", "")
    state = PetitionState(asked) if asked in set(PetitionState) else None
    return render_template(
        "organiser/petitions/index.html",
        rows=petition_rows(wishes(), now(), state=state),
        chosen=state,
        counts=numbers_by_state(),
        states=STATES,
        state_kinds=STATE_KINDS,
    )


@blueprint.get("/<int:petition_id>")
@allowed(Right.LOOK)
def show(petition_id: int) -> ResponseReturnValue:
    """Show all of a petition, what is missing, and what can be done next."""
    petition, case = petition_numbered(petition_id)
    text, consent = current(TextVersion, petition.id), current(ConsentVersion, petition.id)
    draft = petition.state is PetitionState.DRAFT
    moment = now()
    found = steps(petition, case, moment) if draft else steps_of_text(petition, case)
    lines, source = addressees_of(petition.id, wishes()), case.source_language
    words, consents = all_words(text.id), all_consents(consent.id)
    asks = asks_told(text, source, words)
    return render_template(
        "organiser/petitions/show.html",
        **heading(petition, case),
        draft=draft,
        steps=shown_steps(found),
        missing=[step for step in found if not step.done],
        moves=[(to, *MOVE_WORDS[to]) for to in _ORDER if to in MOVES[petition.state] and not draft],
        meaning=WHAT_STATES_MEAN[petition.state],
        facts=facts_of(petition),
        after=AFTER[petition.after_deadline][0],
        is_past=petition.is_past(moment),
        takes=petition.takes_signatures(moment),
        letter_language_words=letter_language_words,
        lines=lines,
        officials={one.id: one.official_id for one in rows_of(petition.id)},
        names={line.id: addressee_words(line) for line in lines},
        places={one.id: one for one in places_of(petition.id)},
        asks=asks,
        aims={place: Aim(place, country, frozenset(to)) for place, country, _, to in asks},
        unasked=unasked(asks, [line.id for line in lines]),
        texts=languages_shown(case, words.written(), consents.written()),
        consents=consents.written(),
        outdated=_outdated(words, source),
        outdated_consents=_outdated_consents(consents, source),
        waits=not draft and waits(petition.id),
        plan=plan_of(petition_id=petition.id),
        trouble_of=trouble_of,
        numbers=numbers_of(petition.id),
        pending=pending_number(petition.id),
        notices=notices_of(petition.id),
        deeds=deeds_of_petition(petition.id, _TOLD),
        action_words=action_words,
    )


_ORDER = (
    PetitionState.OPEN,
    PetitionState.PAUSED,
    PetitionState.CLOSED,
    PetitionState.STOPPED,
    PetitionState.ARCHIVED,
)


def heading(petition: Petition, case: Case) -> dict[str, Any]:
    """Return what the head of each page about one petition needs."""
    title, language = petition_title(petition, case, wishes())
    case_title, case_language = title_of(case, wishes())
    return {
        "petition": petition,
        "case": case,
        "title": title,
        "title_language": language,
        "case_title": case_title,
        "case_language": case_language,
        "state_word": STATES[petition.state],
        "state_kind": STATE_KINDS[petition.state],
        "editable": petition.state is not PetitionState.ARCHIVED,
    }


def shown_steps(found: list[Step]) -> list[dict[str, Any]]:
    """Return steps as the checklist shows them; links only for those who may follow them."""
    return [
        {
            "done": step.done,
            "text": step_words(step),
            "link": link_words(step),
            "url": url_for(step.endpoint, **dict[str, Any](step.values)) if _may_mend(step) else "",
        }
        for step in found
    ]


def asks_told(
    version: TextVersion, source: str, words: AllWords | None = None
) -> list[tuple[int, str, str, set[int]]]:
    """Return (place, state, words for readers in the source, addressees) of each ask."""
    aimed, words = aims_of(version.id), words or all_words(version.id)
    voices = words.words(source).asks
    return [
        (place, ask.country, voices[place - 1][0] or voices[place - 1][1], aimed.get(ask.id, set()))
        for place, ask in enumerate(words.asks, start=1)
    ]


def unasked(asks: list[tuple[int, str, str, set[int]]], addressee_ids: list[int]) -> set[int]:
    """Return the addressees that no ask is aimed at."""
    return set(addressee_ids).difference(*(addressees for *_, addressees in asks))


def languages_shown(
    case: Case, texts: dict[str, HowFar], consents: dict[str, HowFar]
) -> list[tuple[str, str, HowFar, HowFar]]:
    """Return (tag, name, how far the text, how far the consent): the source language first."""
    row = db.session.get(Organisation, 1)
    own = row.languages if row else []
    tags = dict.fromkeys([case.source_language, *sorted({*texts, *consents}), *own])
    shown_in = interface_language()
    return [
        (
            tag,
            language_name(tag, shown_in=shown_in),
            texts.get(tag, HowFar.EMPTY),
            consents.get(tag, HowFar.EMPTY),
        )
        for tag in tags
    ]


def _outdated(words: AllWords, source: str) -> dict[str, list[str]]:
    """Return what is older than the original, in the words of the form, by language."""
    return {tag: outdated_words(fields) for tag, fields in words.outdated(source).items()}


def _outdated_consents(consents: AllConsents, source: str) -> dict[str, list[str]]:
    found = consents.outdated(source)
    return {tag: [field_words(name) for name in fields] for tag, fields in found.items()}


def _may_mend(step: Step) -> bool:
    if step.done:
        return False
    if step.endpoint.startswith("organisation."):
        return may(Right.MANAGE_ORGANISATION)
    writing = {"petitions.text", "petitions.consent", "cases.text", "cases.picture_words"}
    return may(Right.WRITE_TEXTS if step.endpoint in writing else Right.EDIT)
