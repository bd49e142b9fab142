"""The case as readers see it: people first, then what is told, the chain of updates."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from sqlalchemy import select

from petitions.domain.case_stops import holding_stop
from petitions.domain.presenting.pictures import PictureLine, pictures_of
from petitions.domain.presenting.wording import pick
from petitions.domain.translations import outdated
from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import (
    AddressedState,
    Case,
    CaseText,
    CaseUpdate,
    Person,
    PersonName,
    PersonStatus,
    PersonText,
    PulledStatement,
    UpdateKind,
    UpdateText,
)


@dataclass(frozen=True, slots=True)
class CaseWords:
    """What is told, in one language. Story, background and outcome are Markdown."""

    language: str
    title: str
    standfirst: str
    summary: str
    story: str
    narrator: str
    background: str
    content_note: str
    call_to_act: str
    outcome: str
    statements: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person at risk. What is not known is empty, and is shown as not known or not at all."""

    name: str
    other_names: tuple[tuple[str, str | None], ...]
    gender: str | None
    age: int | None
    status: PersonStatus
    status_as_of: date | None
    status_since: str | None
    believed_held: str
    held_language: str


@dataclass(frozen=True, slots=True)
class UpdateLine:
    """A link in the chain, newest first."""

    position: int
    kind: UpdateKind
    number: int | None
    index_number: str | None
    issued_on: date | None
    new_deadline_on: date | None
    language: str
    title: str
    text: str
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything on a case's page but its petitions.

    `is_outdated`: what is told was translated before the original changed.
    """

    slug: str
    number: str | None
    country_of_events: str | None
    source_language: str
    languages: tuple[str, ...]
    words: CaseWords
    people: tuple[PersonLine, ...]
    states: tuple[str, ...]
    pictures: tuple[PictureLine, ...]
    updates: tuple[UpdateLine, ...]
    is_outdated: bool

    @property
    def stop(self) -> UpdateLine | None:
        """The stop action that holds; corrections and an outcome may follow, a new call ends it."""
        return holding_stop(self.updates)


def case_page(
    case: Case,
    wishes: Sequence[str],
    *,
    words: CaseWords | None = None,
    update: UpdateLine | None = None,
) -> CasePage:
    """Return a case's page. Raises NotFound where the case has no text in any language.

    Previews say what takes the place of what is stored: `words`, and an update by its position.
    """
    texts = {
        text.language: text
        for text in db.session.execute(
            select(CaseText).where(CaseText.case_id == case.id)
        ).scalars()
    }
    is_outdated = False
    if words is None:
        if not texts:
            raise NotFound("a case without text")
        words = words_of(texts[pick(wishes, texts, case.source_language)])
        is_outdated = _is_outdated(texts, words, case.source_language)
    states = select(AddressedState.country).where(AddressedState.case_id == case.id)
    return CasePage(
        slug=case.slug,
        number=case.number,
        country_of_events=case.country_of_events,
        source_language=case.source_language,
        languages=tuple(sorted({*texts, words.language})),
        words=words,
        people=people_of(case.id, case.source_language, [words.language, *wishes]),
        states=tuple(sorted(db.session.execute(states).scalars())),
        pictures=pictures_of(case, [words.language, *wishes]),
        updates=_updates(case, wishes, update),
        is_outdated=is_outdated,
    )


def people_of(case_id: int, source: str, wishes: Sequence[str]) -> tuple[PersonLine, ...]:
    """Return the people of a case in their order, with the other spellings of their names.

    Where they are believed to be held is told in the language wanted most that it is written in.
    """
    people = select(Person).where(Person.case_id == case_id).order_by(Person.position)
    names = (
        select(PersonName.person_id, PersonName.name, PersonName.language)
        .join(Person, Person.id == PersonName.person_id)
        .where(Person.case_id == case_id)
        .order_by(PersonName.position)
    )
    others: dict[int, list[tuple[str, str | None]]] = {}
    for person_id, name, language in db.session.execute(names):
        others.setdefault(person_id, []).append((name, language))
    people_there = db.session.execute(people).scalars().all()
    places = _places(case_id, people_there, source, wishes)
    return tuple(
        PersonLine(
            name=person.name,
            other_names=tuple(others.get(person.id, ())),
            gender=person.gender,
            age=person.age,
            status=person.status,
            status_as_of=person.status_as_of,
            status_since=person.status_since,
            believed_held=places[person.id][0],
            held_language=places[person.id][1],
        )
        for person in people_there
    )


def _places(
    case_id: int, people: Sequence[Person], source: str, wishes: Sequence[str]
) -> dict[int, tuple[str, str]]:
    """Return where each person is believed to be held, with the language of what is told."""
    texts = (
        select(PersonText.person_id, PersonText.language, PersonText.believed_held)
        .join(Person, Person.id == PersonText.person_id)
        .where(Person.case_id == case_id)
    )
    told: dict[int, dict[str, str]] = {person.id: {} for person in people}
    for person_id, language, text in db.session.execute(texts):
        told[person_id][language] = text
    for person in people:
        if person.believed_held:
            told[person.id][source] = person.believed_held
    chosen = {key: pick(wishes, texts, source) for key, texts in told.items() if texts}
    return {
        person.id: (told[person.id][chosen[person.id]], chosen[person.id])
        if person.id in chosen
        else ("", source)
        for person in people
    }


def words_of(text: CaseText) -> CaseWords:
    """Return what is told in the language of a text, with its pulled statements."""
    statements = (
        select(PulledStatement.text, PulledStatement.attribution)
        .where(PulledStatement.case_id == text.case_id, PulledStatement.language == text.language)
        .order_by(PulledStatement.position)
    )
    return CaseWords(
        language=text.language,
        title=text.title,
        standfirst=text.standfirst,
        summary=text.summary,
        story=text.story,
        narrator=text.narrator,
        background=text.background,
        content_note=text.content_note,
        call_to_act=text.call_to_act,
        outcome=text.outcome,
        statements=tuple((row.text, row.attribution) for row in db.session.execute(statements)),
    )


def _is_outdated(texts: dict[str, CaseText], words: CaseWords, source: str) -> bool:
    made_from = texts[words.language].made_from
    if not made_from or words.language == source or source not in texts:
        return False
    return bool(outdated(made_from, asdict(words), asdict(words_of(texts[source]))))


def _updates(
    case: Case, wishes: Sequence[str], previewed: UpdateLine | None
) -> tuple[UpdateLine, ...]:
    query = (
        select(
            CaseUpdate.position,
            CaseUpdate.kind,
            CaseUpdate.number,
            CaseUpdate.index_number,
            CaseUpdate.issued_on,
            CaseUpdate.new_deadline_on,
            UpdateText.language,
            UpdateText.title,
            UpdateText.text,
            UpdateText.made_from,
        )
        .join(UpdateText, UpdateText.update_id == CaseUpdate.id)
        .where(CaseUpdate.case_id == case.id, CaseUpdate.published_at.is_not(None))
        .order_by(CaseUpdate.position.desc())
    )
    found: dict[int, dict[str, UpdateLine]] = {}
    notes: dict[tuple[int, str], dict[str, str] | None] = {}
    for *facts, made_from in db.session.execute(query):
        line = UpdateLine(*facts)
        found.setdefault(line.position, {})[line.language] = line
        notes[line.position, line.language] = made_from
    told = {}
    for position, lines in found.items():
        line = lines[pick(wishes, lines, case.source_language)]
        original = lines.get(case.source_language, line)
        words = {"title": original.title, "text": original.text}
        older = outdated(notes[position, line.language], asdict(line), words)
        told[position] = replace(line, is_outdated=bool(older) and line is not original)
    if previewed is not None:
        told = {previewed.position: previewed, **told, previewed.position: previewed}
    return tuple(told.values())
