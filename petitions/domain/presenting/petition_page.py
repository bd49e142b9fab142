"""The petition as readers see it, and whether and in which languages it can be signed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from petitions.domain.counting import Numbers, public_numbers_of
from petitions.domain.country_notices import Notice
from petitions.domain.petition_words import consent_outdated_in, outdated_in
from petitions.domain.presenting.case_page import PersonLine, people_of
from petitions.domain.presenting.country_lines import CountryLine, country_lines, line_for
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
from petitions.i18n import is_official_in
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
    """Everything on a petition's page. `consent` is None where it cannot be signed here.

    `is_outdated`: its words were translated before the original changed.
    """

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
    country: str | None
    notices: tuple[CountryLine, ...]
    is_outdated: bool

    @property
    def notice(self) -> CountryLine | None:
        """What readers of the country that this page is for are told, if anything."""
        return line_for(self.notices, self.country)

    @property
    def countries_to_ask(self) -> tuple[str, ...]:
        """The countries whose readers should say so before they come to the form."""
        return tuple(sorted({*self.states, *(line.country for line in self.notices)}))

    @property
    def counted_first(self) -> bool:
        """Whether "only count me" heads the choices: the reader may live in a state addressed.

        While no country is said, the language of the text hints at it. That is often wrong, and
        harms nobody: nothing is chosen beforehand, and no choice is missing.
        """
        if self.country:
            return self.country in self.states
        return any(is_official_in(self.words.language, state) for state in self.states)


@dataclass(frozen=True, slots=True)
class Versions:
    """The version of the text and that of the consent that a page shows, by id and number."""

    text_id: int
    text_number: int
    consent_id: int
    consent_number: int


def petition_page(
    petition: Petition,
    case: Case,
    wishes: Sequence[str],
    now: datetime,
    *,
    country: str | None = None,
) -> PetitionPage:
    """Return a petition's page for a reader, who may have said in which country they live.

    Raises NotFound where it has no text at all.

    While it can be signed it is shown in a language in which it can be signed, so that what is
    read is what is signed: asks, risk and consent must all exist in that language.
    """
    text_id, text_number = _newest(TextVersion, petition.id)
    consent_id, consent_number = _newest(ConsentVersion, petition.id)
    texts, asks, consents = texts_of(text_id), asks_of(text_id), consents_of(consent_id)
    if not texts:
        raise NotFound("a petition without text")
    complete = {
        language
        for language in texts.keys() & consents.keys()
        if all(language in voices for voices in asks.values())
    }
    takes = petition.takes_signatures(now)
    language = pick(wishes, complete if takes and complete else texts.keys(), case.source_language)
    return page_of(
        petition,
        case,
        now,
        wishes=[language, *wishes],
        versions=Versions(text_id, text_number, consent_id, consent_number),
        words=texts[language],
        asks=asks,
        consent=consents[language] if takes and language in complete else None,
        languages=complete if takes and complete else texts,
        takes_signatures=takes,
        country=country,
        is_outdated=bool(
            outdated_in(text_id, language, case.source_language)
            or consent_outdated_in(consent_id, language, case.source_language)
        ),
    )


def page_of(
    petition: Petition,
    case: Case,
    now: datetime,
    *,
    wishes: Sequence[str],
    versions: Versions,
    words: SignedWords,
    asks: dict[int, dict[str, tuple[str, str]]],
    consent: ConsentWords | None,
    languages: Iterable[str],
    takes_signatures: bool,
    country: str | None = None,
    typed_notice: Notice | None = None,
    is_outdated: bool = False,
) -> PetitionPage:
    """Put a page together from one version, in the language of its words."""
    addressees = addressees_of(petition.id, wishes)
    states = select(AddressedState.country).where(AddressedState.case_id == case.id)
    return PetitionPage(
        id=petition.id,
        slug=petition.slug,
        case_slug=case.slug,
        state=petition.state,
        stop_reason=petition.stop_reason,
        source_language=case.source_language,
        languages=tuple(sorted(languages)),
        words=words,
        text_number=versions.text_number,
        consent=consent,
        consent_number=versions.consent_number,
        takes_signatures=takes_signatures,
        people=people_of(case.id, case.source_language, [words.language]),
        addressees=addressees,
        asks=ask_groups(versions.text_id, asks, addressees, words.language),
        states=tuple(sorted(db.session.execute(states).scalars())),
        deadline_on=petition.deadline_on,
        time_zone=petition.time_zone,
        is_past=petition.is_past(now),
        after_deadline=petition.after_deadline,
        contact_offices=contact_offices(),
        goal=petition.goal,
        numbers=public_numbers_of(petition.id),
        country=country,
        notices=country_lines(petition.id, wishes, case.source_language, typed_notice),
        is_outdated=is_outdated,
    )


def _newest(table: type[TextVersion] | type[ConsentVersion], petition_id: int) -> tuple[int, int]:
    """Return id and number of the newest published version; zeros where there is none."""
    newest = select(func.max(table.number)).where(
        table.petition_id == petition_id, table.published_at.is_not(None)
    )
    query = select(table.id, table.number)
    query = query.where(table.petition_id == petition_id, table.number == newest.scalar_subquery())
    row = db.session.execute(query).one_or_none()
    return (row.id, row.number) if row else (0, 0)
