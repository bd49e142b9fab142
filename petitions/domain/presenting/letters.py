"""The letters page: to whom a signer can write, and one letter to begin with, in its language.

What a signer makes of it is no business of this module: nothing typed comes here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from petitions.domain.appeals import OWN, addressee_named, letter_languages, takes_letters
from petitions.domain.presenting.letter_officials import (
    LetterOfficial,
    embassies_in,
    lines_of,
    named_officials,
    offices_of,
    official_of,
)
from petitions.domain.presenting.model_letters import ModelLetter, model_letters
from petitions.domain.presenting.petition_page import PetitionPage, petition_page
from petitions.domain.presenting.wording import pick
from petitions.extensions import db
from petitions.i18n import choose_language
from petitions.models import Case, OfficialText, Organisation, Petition


@dataclass(frozen=True, slots=True)
class Embassies:
    """The embassies, consulates and missions of a state in the reader's country; maybe none."""

    state: str
    officials: tuple[LetterOfficial, ...]


@dataclass(frozen=True, slots=True)
class LettersPage:
    """Whom one can write to. `embassies` is empty until a country is chosen."""

    page: PetitionPage
    takes_letters: bool
    officials: tuple[LetterOfficial, ...]
    states: tuple[str, ...]
    country: str | None
    embassies: tuple[Embassies, ...]


@dataclass(frozen=True, slots=True)
class LetterPage:
    """One letter to one official. `model` is None where only the writer knows the language.

    `notes` is the same letter in the reader's language, to be understood before it is sent.
    `salutations` are those known, by language, for whoever writes in another one.
    """

    page: PetitionPage
    takes_letters: bool
    demonstration: bool
    official: LetterOfficial
    address: tuple[str, ...]
    languages: tuple[str, ...]
    language: str
    model: ModelLetter | None
    notes: ModelLetter | None
    salutations: tuple[tuple[str, str], ...]


def letters_page(
    petition: Petition,
    case: Case,
    wishes: Sequence[str],
    now: datetime,
    *,
    country: str | None = None,
) -> LettersPage:
    """Return whom a signer can write to, with the embassies in one country. Raises NotFound."""
    page = petition_page(petition, case, wishes, now)
    states = tuple(line.embassies_of for line in page.addressees if line.embassies_of)
    found = [Embassies(state, embassies_in(petition, state, country, wishes)) for state in states]
    return LettersPage(
        page=page,
        takes_letters=takes_letters(petition, now),
        officials=named_officials(petition, wishes),
        states=states,
        country=country,
        embassies=tuple(found) if country else (),
    )


def letter_page(
    petition: Petition,
    case: Case,
    official: str,
    wishes: Sequence[str],
    now: datetime,
    *,
    language: str | None = None,
    demonstration: bool = False,
) -> LetterPage:
    """Return a letter to one official, in `language` where that is offered.

    Otherwise in the reader's, or the one that they read the petition in, so that nobody sends what
    they cannot read; else the official's; else the first. Raises NotFound for an official who is
    none of the petition's.
    """
    recipient = addressee_named(petition, official)
    offices = offices_of(recipient.official.id)
    letters = model_letters(recipient.addressee, offices)
    offered = letter_languages(petition.id, letters)
    page = petition_page(petition, case, wishes, now)
    if language not in offered:
        read = [*wishes, page.words.language]
        language = _first_choice(read, offered, recipient.official.preferred_language)
    organisation = db.session.get(Organisation, 1)
    source = recipient.official.source_language
    office = offices[pick([language, source], offices, source)]
    return LetterPage(
        page=page,
        takes_letters=takes_letters(petition, now),
        demonstration=demonstration or (organisation is not None and organisation.demonstration),
        official=official_of(recipient, wishes),
        address=_address(office, lines_of(recipient.official.postal_lines)),
        languages=offered,
        language=language,
        model=letters.get(language),
        notes=letters[pick(wishes, letters, case.source_language)] if letters else None,
        salutations=tuple(
            (text.language, text.salutation) for text in offices.values() if text.salutation
        ),
    )


def _first_choice(wishes: Sequence[str], offered: Sequence[str], preferred: str | None) -> str:
    known = [language for language in offered if language != OWN]
    found = choose_language(wishes, known)
    if found is None and preferred in known:
        found = preferred
    return found or offered[0]


def _address(office: OfficialText, postal_lines: tuple[str, ...]) -> tuple[str, ...]:
    """The postal block; a line already in it is not said twice."""
    heads = (office.name, office.office, office.organisation)
    return (*(head for head in heads if head and head not in postal_lines), *postal_lines)
