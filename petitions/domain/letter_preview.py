"""What would be handed to an office if its bundles were frozen now. Only reads, stores nothing."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from petitions.documents.entries import Counts, Letter
from petitions.documents.letter_preview import letter_pdf as set_letter
from petitions.documents.letter_preview import letter_pictures as draw_letter
from petitions.documents.typesetting import TypesettingProblem
from petitions.domain.bundle_letters import compose_letter
from petitions.domain.bundles import (
    added_up,
    next_number,
    planned_bundle,
    published_versions,
)
from petitions.domain.eligible_counts import confirmed
from petitions.domain.letter_translations import compose_translation
from petitions.domain.recipients import Recipient
from petitions.domain.site import Site
from petitions.errors import BundleRefused
from petitions.extensions import db
from petitions.models import AddressedState, Appearance, Bundle, Petition, TextVersion

_ByCountry = dict[str, dict[Appearance, int]]


@dataclass(frozen=True, slots=True)
class PreviewedLetter:
    """The letter with one version of the text, and how many stand in its bundle.

    `translation` is what goes with it, where a translation is wanted; `bundle` is in no session.
    """

    version: int
    letter: Letter
    counts: Counts
    bundle: Bundle
    translation: Letter | None


@dataclass(frozen=True, slots=True)
class LetterPreview:
    """What an office would get: a letter for each version of the text that somebody signed.

    Where nobody is eligible there is one letter, with the newest text, that speaks of no numbers.
    `by_country` is for organisers alone: small numbers stand in it as they are, the largest first.
    `in_addressed_states` are those of `counts` who live in a state that the case addresses.
    `not_named` is how many confirmed by e-mail and are left out, because the consent they read did
    not name this office.
    """

    letters: tuple[PreviewedLetter, ...]
    counts: Counts
    by_country: tuple[tuple[str, Counts], ...]
    in_addressed_states: Counts
    not_named: int

    @property
    def letter(self) -> Letter:
        """The letter with the newest text."""
        return self.letters[-1].letter


def letter_preview(
    site: Site,
    petition: Petition,
    recipient: Recipient,
    now: datetime,
    *,
    language: str | None = None,
) -> LetterPreview:
    """Return what the letter would say, and who would be in it, if it were frozen now.

    A petition that was never published is shown with its draft. Raises BundleRefused where a letter
    has no language, the petition no text, or the organisation no name.
    """
    counted = confirmed(petition.id, since_last=recipient if recipient.since_last else None)
    by_version = {
        version: counted.by_country(recipient, version) for version in published_versions(petition)
    }
    signed = {version: found for version, found in by_version.items() if found}
    countries: _ByCountry = {}
    for found in signed.values():
        for country, further in found.items():
            countries[country] = added_up([countries.get(country, {}), further])
    shown = signed or {_newest(petition): {}}
    first = next_number(petition.id)
    letters = []
    for number, (version, found) in enumerate(shown.items(), first):
        counts = added_up(found.values())
        bundle = planned_bundle(
            petition, recipient, version, counts, number=number, now=now, language=language
        )
        letter = compose_letter(bundle, recipient.countries)
        demonstration = letter.demonstration or site.demonstration
        letter = replace(letter, demonstration=demonstration)
        translation = compose_translation(bundle, recipient.countries)
        if translation is not None:
            translation = replace(translation, demonstration=demonstration)
        shown_letter = PreviewedLetter(version.number, letter, _counts(counts), bundle, translation)
        letters.append(shown_letter)
    return LetterPreview(
        letters=tuple(letters),
        counts=_counts(added_up(countries.values())),
        by_country=_largest_first(countries),
        in_addressed_states=_in_addressed_states(petition, countries),
        not_named=counted.not_named(recipient),
    )


def letter_pdf(letter: Letter, *, as_fax: bool = False) -> bytes:
    """Return a letter as the PDF that its bundle would hold, or as a fax. Raises BundleRefused."""
    try:
        return set_letter(letter, as_fax=as_fax)
    except TypesettingProblem as problem:
        raise BundleRefused(f"the letter cannot be shown: {problem}") from problem


def letter_pictures(letter: Letter, *, as_fax: bool = False) -> tuple[bytes, ...]:
    """Return the pages of a letter, or of its fax, as pictures. Raises BundleRefused."""
    try:
        return draw_letter(letter, as_fax=as_fax)
    except TypesettingProblem as problem:
        raise BundleRefused(f"the letter cannot be shown: {problem}") from problem


def _newest(petition: Petition) -> TextVersion:
    """The newest version that is published, or the draft where none is. Raises BundleRefused."""
    query = (
        select(TextVersion)
        .where(TextVersion.petition_id == petition.id)
        .order_by(TextVersion.published_at.is_(None), TextVersion.number.desc())
    )
    version = db.session.execute(query.limit(1)).scalar()
    if version is None:
        raise BundleRefused(f"petition {petition.slug} has no text yet")
    return version


def _counts(counts: dict[Appearance, int]) -> Counts:
    return Counts(
        counts.get(Appearance.FULL, 0),
        counts.get(Appearance.INITIALS, 0),
        counts.get(Appearance.COUNTED, 0),
    )


def _largest_first(countries: _ByCountry) -> tuple[tuple[str, Counts], ...]:
    rows = [(country, _counts(counts)) for country, counts in countries.items()]
    return tuple(sorted(rows, key=lambda row: (-row[1].eligible, row[0])))


def _in_addressed_states(petition: Petition, countries: _ByCountry) -> Counts:
    query = select(AddressedState.country).where(AddressedState.case_id == petition.case_id)
    states = set(db.session.execute(query).scalars())
    return _counts(added_up(counts for country, counts in countries.items() if country in states))
