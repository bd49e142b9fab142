"""The petition of an imported paper: officials, addressees, asks in both voices, all as drafts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from petitions.domain import petition_addressees, petition_asks
from petitions.domain.case_facts import change_facts, facts_of
from petitions.domain.case_finding import actor_of
from petitions.domain.official_facts import OfficialFacts, OfficialWords
from petitions.domain.officials import add_official, get_official, write_words
from petitions.domain.petition_asks import Aim
from petitions.domain.petition_beginning import create as begin_petition
from petitions.domain.petition_facts import change_facts as change_petition
from petitions.domain.petition_facts import facts_of as petition_facts
from petitions.domain.petition_versions import current
from petitions.domain.petition_words import Words
from petitions.domain.petition_words import save_words as save_petition_words
from petitions.domain.petition_words import words_of as petition_words
from petitions.errors import Refused
from petitions.models import AfterDeadline, Case, Organiser, Part, Petition, TextVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialTold:
    """An official of the paper. `known` is the one of the directory that it is, if it is one."""

    facts: OfficialFacts
    words: Mapping[str, OfficialWords]
    part: Part
    known: int | None = None


@dataclass(frozen=True, slots=True)
class AskTold:
    """An ask in both voices, with the state that it is aimed at."""

    country: str
    for_readers: str
    for_letter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PetitionTold:
    """What the petition begins with."""

    title: str
    text: str
    letter_subject: str
    letter_opening: str
    deadline_on: date | None
    after_deadline: AfterDeadline
    letter_languages: tuple[str, ...]
    officials: tuple[OfficialTold, ...]
    asks: tuple[AskTold, ...]
    with_embassies: bool


def begin(
    case: Case, states: Sequence[str], told: PetitionTold, organiser: Organiser, now: datetime
) -> Petition:
    """Begin a petition of a case with its officials, addressees and asks, as a draft.

    Raises Refused, with the field of the import's form.
    """
    _address_states(case, {*states, *(ask.country for ask in told.asks)}, organiser, now)
    petition = begin_petition(
        case,
        language=case.source_language,
        title=told.title,
        slug="",
        deadline_on=told.deadline_on,
        after_deadline=told.after_deadline,
        author=organiser.id,
        now=now,
    )
    if told.letter_languages:
        facts = replace(petition_facts(petition), letter_languages=told.letter_languages)
        change_petition(petition, facts, seen="", author=organiser.id, now=now)
    rows = _addressees(petition, case, told, organiser, now)
    aims = [Aim(None, ask.country, _aimed(rows, ask.country)) for ask in told.asks]
    petition_asks.change_asks(petition, aims, seen="", author=organiser.id, now=now)
    _words(petition, case.source_language, told, organiser, now)
    return petition


def _address_states(case: Case, states: set[str], organiser: Organiser, now: datetime) -> None:
    facts = facts_of(case)
    wanted = tuple(sorted({*facts.states, *(state for state in states if state)}))
    new = replace(facts, states=wanted)
    change_facts(case.id, new, seen="", actor=actor_of(organiser), now=now)


def _addressees(
    petition: Petition, case: Case, told: PetitionTold, organiser: Organiser, now: datetime
) -> list[tuple[int, Part, str | None]]:
    """Add all officials; return (addressee, part, state) of each.

    An embassy that gets a copy stands for the rule of its state, where the petition has it: each
    signer's country decides which one it is.
    """
    added = []
    ruled = facts_of(case).states if told.with_embassies else ()
    for place, one in enumerate(told.officials):
        try:
            official_id = one.known or _official(one, organiser, now)
            if one.part is Part.COPY and get_official(official_id).represents in ruled:
                continue
            row = petition_addressees.add_official(
                petition, official_id, one.part, author=organiser.id, now=now
            )
        except Refused as refusal:
            raise Refused(refusal.reason, f"officials-{place}-{refusal.field}") from refusal
        added.append((row.id, one.part, one.facts.country))
    for state in ruled:
        petition_addressees.add_embassies(petition, state, author=organiser.id, now=now)
    return added


def _official(told: OfficialTold, organiser: Organiser, now: datetime) -> int:
    actor = actor_of(organiser)
    source = told.facts.source_language
    # Whether it is one that is known already was asked on the page.
    official = add_official(told.facts, told.words[source], actor=actor, now=now, knowing=True)
    for language, words in told.words.items():
        if language != source:
            write_words(official.id, language, words, seen="", actor=actor, now=now)
    return official.id


def _aimed(rows: Sequence[tuple[int, Part, str | None]], state: str) -> frozenset[int]:
    """Each ask goes to the `to` addressees of its state, or to those whose state is not said."""
    to = frozenset(row for row, part, its in rows if part is Part.TO and its == state)
    return to or frozenset(row for row, part, its in rows if part is Part.TO and its is None)


def _words(
    petition: Petition, language: str, told: PetitionTold, organiser: Organiser, now: datetime
) -> None:
    version = current(TextVersion, petition.id)
    text = {
        **petition_words(version.id, language).text,
        "title": told.title,
        "text": told.text,
        "letter_subject": told.letter_subject,
        "letter_opening": told.letter_opening,
    }
    words = Words(text, tuple((ask.for_readers, ask.for_letter) for ask in told.asks))
    save_petition_words(petition, language, words, seen="", author=organiser.id, now=now)
