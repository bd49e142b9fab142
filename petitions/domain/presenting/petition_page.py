"""The petition as readers see it, and whether and in which languages it can be signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from petitions.domain.counting import Numbers, numbers_of
from petitions.domain.presenting.case_page import PersonLine, people_of
from petitions.domain.presenting.organisation import ContactLine, contact_offices
from petitions.domain.presenting.versions import (
    AddresseeLine,
    AskGroup,
    ConsentWords,
    SignedWords,
    addressees_of,
    ask_groups,
    asks_of,
    consents_of,
    texts_of,
)
from petitions.domain.presenting.wording import pick
from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import (
    AddressedState,
    AfterDeadline,
    Case,
    ConsentVersion,
    Petition,
    PetitionState,
    TextVersion,
)


@dataclass(frozen=True, slots=True)
class PetitionPage:
    """Everything on a petition's page. `consent` is None where it cannot be signed here."""

    id: int
    slug: str
    case_slug: str
    state: PetitionState
    stop_reason: str | None
    source_language: str
    languages: tuple[str, ...]
    words: SignedWords
    text_number: int
    consent: ConsentWords | None
    consent_number: int
    takes_signatures: bool
    people: tuple[PersonLine, ...]
    addressees: tuple[AddresseeLine, ...]
    asks: tuple[AskGroup, ...]
    states: tuple[str, ...]
    deadline_on: date | None
    time_zone: str
    is_past: bool
    after_deadline: AfterDeadline
    contact_offices: tuple[ContactLine, ...]
    goal: int | None
    numbers: Numbers


def petition_page(
    petition: Petition, case: Case, wishes: Sequence[str], now: datetime
) -> PetitionPage:
    """Return a petition's page for a reader. Raises NotFound where it has no text at all.

    While it can be signed it is shown in a language in which it can be signed, so that what is
    read is what is signed: asks, risk and consent must all exist in that language.
    """
    text_id, text_number = _newest(TextVersion, petition.id)
    consent_id, consent_number = _newest(ConsentVersion, petition.id)
    texts = texts_of(text_id)
    if not texts:
        raise NotFound("a petition without text")
    consents = consents_of(consent_id)
    asks = asks_of(text_id)
    complete = {
        language
        for language in texts.keys() & consents.keys()
        if all(language in voices for voices in asks.values())
    }
    takes = petition.takes_signatures(now)
    language = pick(wishes, complete if takes and complete else texts.keys(), case.source_language)
    addressees = addressees_of(petition.id, [language, *wishes])
    states = select(AddressedState.country).where(AddressedState.case_id == case.id)
    return PetitionPage(
        id=petition.id,
        slug=petition.slug,
        case_slug=case.slug,
        state=petition.state,
        stop_reason=petition.stop_reason,
        source_language=case.source_language,
        languages=tuple(sorted(complete if takes and complete else texts)),
        words=texts[language],
        text_number=text_number,
        consent=consents[language] if takes and language in complete else None,
        consent_number=consent_number,
        takes_signatures=takes,
        people=people_of(case.id),
        addressees=addressees,
        asks=ask_groups(text_id, asks, addressees, language),
        states=tuple(sorted(db.session.execute(states).scalars())),
        deadline_on=petition.deadline_on,
        time_zone=petition.time_zone,
        is_past=petition.is_past(now),
        after_deadline=petition.after_deadline,
        contact_offices=contact_offices(),
        goal=petition.goal,
        numbers=numbers_of(petition.id),
    )


def _newest(table: type[TextVersion] | type[ConsentVersion], petition_id: int) -> tuple[int, int]:
    """Return id and number of the newest version; zeros where there is none."""
    newest = select(func.max(table.number)).where(table.petition_id == petition_id)
    query = select(table.id, table.number)
    query = query.where(table.petition_id == petition_id, table.number == newest.scalar_subquery())
    row = db.session.execute(query).one_or_none()
    return (row.id, row.number) if row else (0, 0)
