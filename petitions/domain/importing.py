"""An imported paper becomes a case with its petition, or an update of a case.

All of it in the transaction of whoever calls, through the verbs that the console's own pages use,
so that each leaves its entry in the trail. What is written here was looked at by an organiser.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from petitions.domain import audit, case_updates, cases
from petitions.domain.case_facts import change_facts, facts_of
from petitions.domain.case_finding import actor_of, case_of
from petitions.domain.case_people import Known, add_person, change_person, known_of, persons_of
from petitions.domain.case_texts import save_words, words_now
from petitions.domain.import_petition import PetitionTold, begin
from petitions.domain.official_lists import folded
from petitions.errors import Refused
from petitions.models import Case, Organiser, UpdateKind
from petitions.vault import KeyRing

KINDS = {
    "new": UpdateKind.INITIAL,
    "update": UpdateKind.FURTHER,
    "correction": UpdateKind.CORRECTION,
    "stop": UpdateKind.STOP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTold:
    """A paper as an organiser accepts it. `case_id` is the case that it belongs to, if not new."""

    kind: str
    language: str
    title: str
    people: tuple[Known, ...]
    states: tuple[str, ...]
    case_id: int | None = None
    case_number: str = ""
    index_number: str = ""
    issued_on: date | None = None
    deadline_on: date | None = None
    summary: str = ""
    story: str = ""
    background: str = ""
    petition: PetitionTold | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    case_id: int
    petition_id: int | None
    update_id: int | None


def take_in(paper: PaperTold, *, organiser: Organiser, keyring: KeyRing, now: datetime) -> Done:
    """Write down an accepted paper: nothing of it is public yet.

    A new paper begins a case; any other is an update of the case that `case_id` names. A stop
    action begins no petition. Raises NotFound, Refused: 'stop opens nothing', 'no case', 'other
    language', and all that the verbs of cases, officials and petitions refuse, with the field of
    the import's form.
    """
    if paper.kind == "stop" and paper.petition is not None:
        raise Refused("stop opens nothing", "begin_petition")
    if paper.kind != "new" and paper.case_id is None:
        raise Refused("no case", "case_id")
    if paper.case_id is None:
        case = _new_case(paper, organiser, keyring, now)
    else:
        case = case_of(paper.case_id)
        if case.source_language != paper.language:
            raise Refused("other language", "language")
    update_id = _update(case, paper, organiser, now)
    petition_id = None
    if paper.petition is not None:
        petition_id = begin(case, paper.states, paper.petition, organiser, now).id
    detail = {"kind": paper.kind, "petition": petition_id, "update": update_id}
    audit.record(actor_of(organiser), "paper imported", f"case {case.id}", detail, now)
    return Done(case.id, petition_id, update_id)


def _new_case(paper: PaperTold, organiser: Organiser, keyring: KeyRing, now: datetime) -> Case:
    case = cases.create(
        title=paper.title,
        language=paper.language,
        people=[one.name for one in paper.people],
        states=paper.states,
        organiser=organiser,
        keyring=keyring,
        now=now,
    )
    actor = actor_of(organiser)
    named = (one for one in paper.people if one.name)
    for person, told in zip(persons_of(case.id), named, strict=True):
        if told != known_of(person):
            change_person(case.id, person.id, told, seen="", actor=actor, now=now)
    facts = facts_of(case)
    change_facts(case.id, replace(facts, number=paper.case_number), seen="", actor=actor, now=now)
    words = replace(
        words_now(case.id, paper.language),
        title=paper.title,
        summary=paper.summary,
        story=paper.story,
        background=paper.background,
    )
    save_words(case.id, words, seen="", organiser=organiser, now=now)
    return case


def _update(case: Case, paper: PaperTold, organiser: Organiser, now: datetime) -> int | None:
    """A new paper is a link of the chain where it says when, or under which number, it came."""
    if paper.kind == "new" and not (paper.index_number or paper.issued_on):
        return None
    if paper.case_id is not None:
        _add_people(case, paper, organiser, now)
    text = "\n\n".join(part for part in (paper.summary, paper.story) if part)
    written = case_updates.Written(
        kind=KINDS[paper.kind],
        index_number=paper.index_number,
        issued_on=paper.issued_on,
        new_deadline_on=None if paper.kind in {"new", "stop"} else paper.deadline_on,
        title=paper.title,
        text=text if paper.case_id is not None else "",
    )
    return case_updates.add_update(case.id, written, organiser, now).id


def _add_people(case: Case, paper: PaperTold, organiser: Organiser, now: datetime) -> None:
    """People of an update whom the case does not name yet."""
    there = {folded(person.name) for person in persons_of(case.id)}
    for told in paper.people:
        if told.name and folded(told.name) not in there:
            add_person(case.id, told, actor_of(organiser), now)
