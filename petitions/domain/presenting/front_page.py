"""Lists of petitions: for the front page, for a case, and for machines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from petitions.domain.counting import public_confirmed_numbers
from petitions.domain.petitions import most_urgent_first, published_petitions
from petitions.domain.presenting.case_page import PersonLine, people_of
from petitions.domain.presenting.wording import pick
from petitions.extensions import db
from petitions.models import (
    AfterDeadline,
    Case,
    CaseText,
    Petition,
    PetitionState,
    PetitionText,
    TextVersion,
)


@dataclass(frozen=True, slots=True)
class PetitionLine:
    """A petition in a list."""

    id: int
    slug: str
    case_slug: str
    people: tuple[PersonLine, ...]
    language: str
    title: str
    standfirst: str
    standfirst_language: str
    state: PetitionState
    takes_signatures: bool
    deadline_on: date | None
    time_zone: str
    is_past: bool
    after_deadline: AfterDeadline
    goal: int | None
    confirmed: int


@dataclass(frozen=True, slots=True)
class FrontPage:
    """Open petitions, most urgent first, and all others, newest first."""

    open: tuple[PetitionLine, ...]
    others: tuple[PetitionLine, ...]
    languages: tuple[str, ...]


def front_page(wishes: Sequence[str], now: datetime, *, case_id: int | None = None) -> FrontPage:
    """Return the lists for a reader, of all cases or of one."""
    rows = [row for row in published_petitions() if case_id in (None, row[1].id)]
    titles = _latest_titles(petition.id for petition, _ in rows)
    intros = _standfirsts(case.id for _, case in rows)
    confirmed = public_confirmed_numbers() if rows else {}

    def line(petition: Petition, case: Case) -> PetitionLine:
        words = titles[petition.id]
        language = pick(wishes, words, case.source_language)
        intro = intros.get(case.id) or {case.source_language: ""}
        intro_language = pick(wishes, intro, case.source_language)
        return PetitionLine(
            id=petition.id,
            slug=petition.slug,
            case_slug=case.slug,
            people=people_of(case.id, case.source_language, wishes),
            language=language,
            title=words[language],
            standfirst=intro[intro_language],
            standfirst_language=intro_language,
            state=petition.state,
            takes_signatures=petition.takes_signatures(now),
            deadline_on=petition.deadline_on,
            time_zone=petition.time_zone,
            is_past=petition.is_past(now),
            after_deadline=petition.after_deadline,
            goal=petition.goal,
            confirmed=confirmed.get(petition.id, 0),
        )

    taking, others = most_urgent_first([row for row in rows if row[0].id in titles], now)
    languages = {language for words in titles.values() for language in words}
    return FrontPage(
        open=tuple(line(*row) for row in taking),
        others=tuple(line(*row) for row in others),
        languages=tuple(sorted(languages)),
    )


def public_slugs() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return public cases and public petitions for a sitemap: slug, and the languages of each."""
    query = select(Case.id, Case.slug)
    query = query.where(Case.published_at.is_not(None), Case.hidden_at.is_(None))
    cases = {row.id: row.slug for row in db.session.execute(query.order_by(Case.slug))}
    told = _standfirsts(cases)
    petitions = {petition.id: petition.slug for petition, _ in published_petitions()}
    titles = _latest_titles(petitions)
    return (
        {slug: tuple(sorted(told.get(key, ()))) for key, slug in cases.items()},
        {slug: tuple(sorted(titles.get(key, ()))) for key, slug in petitions.items()},
    )


def _latest_titles(petition_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    newest = (
        select(TextVersion.petition_id, func.max(TextVersion.number).label("number"))
        .where(TextVersion.petition_id.in_(list(petition_ids)))
        .where(TextVersion.published_at.is_not(None))
        .group_by(TextVersion.petition_id)
        .subquery()
    )
    query = (
        select(TextVersion.petition_id, PetitionText.language, PetitionText.title)
        .join(PetitionText, PetitionText.text_version_id == TextVersion.id)
        .join(
            newest,
            (newest.c.petition_id == TextVersion.petition_id)
            & (newest.c.number == TextVersion.number),
        )
    )
    titles: dict[int, dict[str, str]] = {}
    for petition_id, language, title in db.session.execute(query):
        titles.setdefault(petition_id, {})[language] = title
    return titles


def _standfirsts(case_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    query = select(CaseText.case_id, CaseText.language, CaseText.standfirst)
    found: dict[int, dict[str, str]] = {}
    for case_id, language, text in db.session.execute(
        query.where(CaseText.case_id.in_(list(case_ids)))
    ):
        found.setdefault(case_id, {})[language] = text
    return found
