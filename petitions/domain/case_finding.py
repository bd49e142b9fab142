"""Finding one case for its organisers, hidden or not, and the list of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from petitions.domain.presenting.wording import pick
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import (
    AddressedState,
    AuditEntry,
    Case,
    CaseDraft,
    CaseText,
    Organisation,
    Organiser,
    Person,
    Petition,
)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in the organisers' list. `language` is that of the title."""

    id: int
    slug: str
    title: str
    language: str
    people: tuple[str, ...]
    states: tuple[str, ...]
    published_at: datetime | None
    hidden_at: datetime | None
    waiting: int
    """How many languages have changes that wait to be published."""
    petitions: int
    changed_at: datetime

    @property
    def state(self) -> str:
        """'hidden', 'published' or 'draft'."""
        if self.hidden_at is not None:
            return "hidden"
        return "draft" if self.published_at is None else "published"


def case_of(case_id: int) -> Case:
    """Return a case, hidden or not. Raises NotFound."""
    case = db.session.get(Case, case_id)
    if case is None:
        raise NotFound("no such case")
    return case


def case_named(name: str) -> Case:
    """Return a case by slug or number, hidden or not. Raises NotFound."""
    by = Case.id == int(name) if name.isdecimal() else Case.slug == name
    case = db.session.execute(select(Case).where(by)).scalar_one_or_none()
    if case is None:
        raise NotFound(f"there is no case {name!r}: `petitions vault status` shows them")
    return case


def case_for_writing(case_id: int) -> Case:
    """Return a case that nobody else can change until the transaction ends. Raises NotFound.

    What is compared with what an organiser saw stays as it is until it is written.
    """
    query = select(Case).where(Case.id == case_id).with_for_update(key_share=True)
    found = db.session.execute(query.execution_options(populate_existing=True))
    case = found.scalar_one_or_none()
    if case is None:
        raise NotFound("no such case")
    return case


def title_of(case: Case, wishes: Sequence[str]) -> tuple[str, str]:
    """Return a case's title and its language, the best for a reader; never empty."""
    query = select(CaseText.language, CaseText.title).where(CaseText.case_id == case.id)
    titles = {row.language: row.title for row in db.session.execute(query) if row.title}
    return _chosen(titles, wishes, case)


def case_lines(wishes: Sequence[str]) -> tuple[CaseLine, ...]:
    """Return all cases, the one changed last first."""
    titles: dict[int, dict[str, str]] = {}
    for text in db.session.execute(select(CaseText.case_id, CaseText.language, CaseText.title)):
        if text.title:
            titles.setdefault(text.case_id, {})[text.language] = text.title
    people = _grouped(select(Person.case_id, Person.name).order_by(Person.position))
    states = _grouped(select(AddressedState.case_id, AddressedState.country))
    petitions = _grouped(select(Petition.case_id, Petition.id))
    drafts = _grouped(select(CaseDraft.case_id, CaseDraft.language))
    changed = _changed_at()
    lines = []
    for case in db.session.execute(select(Case)).scalars():
        title, language = _chosen(titles.get(case.id, {}), wishes, case)
        lines.append(
            CaseLine(
                id=case.id,
                slug=case.slug,
                title=title,
                language=language,
                people=tuple(people.get(case.id, ())),
                states=tuple(sorted(states.get(case.id, ()))),
                published_at=case.published_at,
                hidden_at=case.hidden_at,
                waiting=len(drafts.get(case.id, ())),
                petitions=len(petitions.get(case.id, ())),
                changed_at=changed.get(f"case {case.id}", case.created_at),
            )
        )
    return tuple(sorted(lines, key=lambda line: (line.changed_at, line.id), reverse=True))


def petitions_of(case_id: int) -> tuple[Petition, ...]:
    """Return all petitions of a case, drafts too, oldest first."""
    query = select(Petition).where(Petition.case_id == case_id).order_by(Petition.id)
    return tuple(db.session.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done to a case. `who` is a name, or what the trail calls the actor."""

    at: datetime
    who: str
    action: str


def deeds_of(case_id: int, most: int) -> tuple[Deed, ...]:
    """Return the last things that were done to a case, newest first."""
    query = select(AuditEntry.at, AuditEntry.actor, AuditEntry.action)
    query = query.where(AuditEntry.subject == f"case {case_id}").order_by(AuditEntry.id.desc())
    rows = db.session.execute(query.limit(most)).all()
    names = {
        f"organiser {row.id}": row.name or row.email
        for row in db.session.execute(select(Organiser.id, Organiser.name, Organiser.email))
    }
    return tuple(Deed(row.at, names.get(row.actor, row.actor), row.action) for row in rows)


def names_of_organisers(ids: Sequence[int]) -> tuple[str, ...]:
    """Return the names of organisers, as other organisers see them."""
    query = select(Organiser.name, Organiser.email).where(Organiser.id.in_(list(ids)))
    found = db.session.execute(query.order_by(Organiser.id))
    return tuple(row.name or row.email for row in found)


def refuse_own_text(written_by: Sequence[int], organiser: Organiser) -> None:
    """Raise Refused('own text') where whoever wrote a text may not be the one who publishes it."""
    if organiser.id in written_by and not authors_publish():
        raise Refused("own text")


def authors_publish() -> bool:
    """Whether whoever wrote a text may be the one who publishes it."""
    organisation = db.session.execute(select(Organisation)).scalar_one_or_none()
    return organisation is None or organisation.authors_publish


def actor_of(organiser: Organiser) -> str:
    """Return how the audit trail calls an organiser."""
    return f"organiser {organiser.id}"


def latest_day(now: datetime) -> date:
    """Return the latest day that is not in the future anywhere: the east is a day ahead of UTC."""
    return (now + timedelta(hours=14)).date()


def _chosen(titles: dict[str, str], wishes: Sequence[str], case: Case) -> tuple[str, str]:
    if not titles:
        return case.slug, ""
    language = pick(wishes, titles, case.source_language)
    return titles[language], language


def _grouped(query: object) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for case_id, value in db.session.execute(query):  # type: ignore[call-overload]  # any select of two
        found.setdefault(case_id, []).append(value)
    return found


def _changed_at() -> dict[str, datetime]:
    query = select(AuditEntry.subject, func.max(AuditEntry.at))
    query = query.where(AuditEntry.subject.like("case %")).group_by(AuditEntry.subject)
    return {row[0]: row[1] for row in db.session.execute(query)}
