"""What the site knows already of a paper that is imported: its case, its officials. Reads only.

Nothing is taken as the same by itself: an organiser is shown these, and says which it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from petitions.domain.official_lists import folded, texts_of
from petitions.domain.official_uses import similar_to
from petitions.extensions import db
from petitions.models import Case, Official, OfficialText, Person

_NUMBER = re.compile(r"(?P<number>\d{1,4})\s?/\s?(?:\d\d)?(?P<year>\d\d)\b")


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A case that the paper may belong to, and why."""

    id: int
    number: str
    same_number: bool
    same_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownOfficial:
    """An official of the directory that one of the paper may be."""

    id: int
    office: str
    name: str
    language: str
    country: str | None
    same_email: bool


def cases_like(number: str | None, names: Sequence[str]) -> tuple[KnownCase, ...]:
    """Return the cases with this number, or with one of these people; the surest first.

    "UA 12/09" and "AU 12/2009" are one number; the letters before it differ by language.
    """
    wanted, sought = _told(number), {folded(name): name for name in names if name}
    people: dict[int, list[str]] = {}
    for case_id, name in db.session.execute(select(Person.case_id, Person.name)):
        if folded(name) in sought:
            people.setdefault(case_id, []).append(name)
    found = []
    for case in db.session.execute(select(Case).order_by(Case.id)).scalars():
        same = wanted is not None and _told(case.number) == wanted
        if same or case.id in people:
            known = KnownCase(case.id, case.number or "", same, tuple(people.get(case.id, ())))
            found.append(known)
    return tuple(sorted(found, key=lambda one: (-one.same_number, -len(one.same_names), one.id)))


def officials_like(
    emails: Sequence[str], office: str, name: str, country: str | None
) -> tuple[KnownOfficial, ...]:
    """Return the officials with the same e-mail address, office and country, or name."""
    alike = {one.id: one.same_email for one in similar_to(emails, office, country)}
    if name:
        query = select(OfficialText.official_id, OfficialText.name)
        for official_id, known in db.session.execute(query):
            if folded(known) == folded(name):
                alike.setdefault(official_id, False)
    return tuple(_official(official_id, same) for official_id, same in sorted(alike.items()))


def _official(official_id: int, same_email: bool) -> KnownOfficial:
    official = db.session.get_one(Official, official_id)
    text = texts_of(official_id)[official.source_language]
    return KnownOfficial(
        official_id, text.office, text.name, text.language, official.country, same_email
    )


def _told(number: str | None) -> tuple[int, str] | None:
    match = _NUMBER.search(number or "")
    return (int(match["number"]), match["year"]) if match else None
