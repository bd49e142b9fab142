"""How petitions are called in lists: by the title of their newest text, published if any is."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from petitions.domain.presenting.wording import pick
from petitions.extensions import db
from petitions.models import Case, Petition, PetitionText, TextVersion


@dataclass(frozen=True, slots=True)
class TitledPetition:
    """A petition, and its title with the language it is in."""

    petition: Petition
    title: str
    language: str


def titled_petitions(wishes: Sequence[str], only: int | None = None) -> list[TitledPetition]:
    """Return petitions in any state with their titles, newest first; or the one with an id.

    One without any text yet is called by its slug.
    """
    query = select(Petition, Case.source_language).join(Case, Case.id == Petition.case_id)
    texts = select(
        TextVersion.petition_id,
        TextVersion.published_at,
        TextVersion.number,
        PetitionText.language,
        PetitionText.title,
    ).join(PetitionText, PetitionText.text_version_id == TextVersion.id)
    if only is not None:
        query = query.where(Petition.id == only)
        texts = texts.where(TextVersion.petition_id == only)
    by_version: dict[int, dict[tuple[bool, int], dict[str, str]]] = {}
    for row in db.session.execute(texts):
        versions = by_version.setdefault(row.petition_id, {})
        key = (row.published_at is not None, row.number)
        if row.title:
            versions.setdefault(key, {})[row.language] = row.title
    found = []
    for petition, source in db.session.execute(query.order_by(Petition.id.desc())):
        written = by_version.get(petition.id, {})
        titles = written[max(written)] if written else {source: petition.slug}
        language = pick(wishes, titles, source)
        found.append(TitledPetition(petition, titles[language], language))
    return found
