"""What the translations of a petition were made from: text, both voices of each ask, consent.

Words come by place: the fields of the text at 0, those of each ask at its place in the order.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from petitions.domain import translations
from petitions.domain.petition_versions import asks_in
from petitions.extensions import db
from petitions.models import AskText, ConsentText, PetitionText

ByPlace = Mapping[int, Mapping[str, str]]
RowsByPlace = dict[int, PetitionText | AskText]


def outdated_in(
    version_id: int, language: str, told: ByPlace, original: ByPlace
) -> frozenset[tuple[int, str]]:
    """Return place and field of what was translated before its original changed."""
    return outdated_of(_rows(version_id, language), told, original)


def outdated_of(rows: RowsByPlace, told: ByPlace, original: ByPlace) -> frozenset[tuple[int, str]]:
    """Return the same for the rows of one language."""
    return frozenset(
        (place, name)
        for place, row in rows.items()
        for name in translations.outdated(row.made_from, told[place], original[place])
    )


def note_original(
    version_id: int, language: str, before: ByPlace, after: ByPlace, original: ByPlace
) -> None:
    """Note that what differs from `before` follows the original as it is now."""
    for place, row in _rows(version_id, language).items():
        fields = _changed(before.get(place, {}), after[place])
        translations.note_original(row, original[place], fields)


def note_before_change(version_id: int, source: str, before: ByPlace, after: ByPlace) -> None:
    """Before the original changes: translations without a note were made from the old words."""
    languages = select(PetitionText.language).where(PetitionText.text_version_id == version_id)
    for language in set(db.session.execute(languages).scalars()) - {source}:
        for place, row in _rows(version_id, language).items():
            fields = _changed(before[place], after[place])
            translations.note_before_change([row], before[place], fields)


def consent_outdated_in(
    version_id: int, language: str, told: Mapping[str, str], original: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the fields of a consent that were translated before their original changed."""
    row = db.session.get(ConsentText, (version_id, language))
    return translations.outdated(row.made_from, told, original) if row else ()


def note_consent(
    version_id: int, language: str, original: Mapping[str, str], fields: Iterable[str]
) -> None:
    """Note that fields of a consent's translation follow the original as it is now."""
    row = db.session.get(ConsentText, (version_id, language))
    if row is not None:
        translations.note_original(row, original, fields)


def note_consent_before_change(
    version_id: int, source: str, before: Mapping[str, str], fields: Iterable[str]
) -> None:
    """Before the original changes: translations without a note were made from the old words."""
    query = select(ConsentText).where(
        ConsentText.consent_version_id == version_id, ConsentText.language != source
    )
    translations.note_before_change(db.session.execute(query).scalars().all(), before, fields)


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [name for name in after if after[name] != before.get(name)]


def _rows(version_id: int, language: str) -> RowsByPlace:
    rows: dict[int, PetitionText | AskText | None] = {
        place: db.session.get(AskText, (ask.id, language))
        for place, ask in enumerate(asks_in(version_id), start=1)
    }
    rows[0] = db.session.get(PetitionText, (version_id, language))
    return {place: row for place, row in rows.items() if row is not None}
