"""Officials that may be one and the same: found by addresses, offices and names, and told apart.

Nothing is merged by itself: somebody looks at each pair and says that it is one, or that it is two.
"""

import enum
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlalchemy import select

from petitions.domain import audit
from petitions.domain.official_lists import folded
from petitions.domain.officials import get_official
from petitions.extensions import db
from petitions.models import ContactKind, Official, OfficialApart, OfficialContact, OfficialText

_NO_WORD = re.compile(r"[\W_]+")
_Key = tuple[str | None, ...]


class Likeness(enum.StrEnum):
    """In what two officials are alike, the strongest first."""

    EMAIL = "e-mail"
    OFFICE = "office"
    NAME = "name"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two officials that may be one, the older entry first, and in what they are alike."""

    first_id: int
    second_id: int
    alike_in: tuple[Likeness, ...]


def likely_duplicates() -> tuple[Pair, ...]:
    """Return pairs of officials that nobody has told apart, those alike in most first."""
    found: dict[tuple[int, int], set[Likeness]] = defaultdict(set)
    for likeness, holders in _holders().items():
        for ids in holders.values():
            for pair in combinations(sorted(ids), 2):
                found[pair].add(likeness)
    rows = db.session.execute(select(OfficialApart)).scalars()
    apart = {(one.first_id, one.second_id) for one in rows}
    pairs = [
        Pair(*ids, tuple(one for one in Likeness if one in alike))
        for ids, alike in found.items()
        if ids not in apart
    ]
    return tuple(sorted(pairs, key=_order))


def tell_apart(first_id: int, second_id: int, *, actor: str, now: datetime) -> None:
    """Say that two officials are two: they are not offered again. Raises NotFound."""
    first, second = sorted(get_official(one).id for one in (first_id, second_id))
    known = select(OfficialApart).where(
        OfficialApart.first_id == first, OfficialApart.second_id == second
    )
    if first == second or db.session.execute(known).first():
        return
    db.session.add(OfficialApart(first_id=first, second_id=second))
    db.session.flush()
    audit.record(actor, "officials told apart", f"official {first}", {"other": second}, now)


def normalised(text: str) -> str:
    """Return a text as it is compared: without case, marks on letters, signs between words."""
    return _NO_WORD.sub(" ", folded(text)).strip()


def _holders() -> dict[Likeness, dict[_Key, set[int]]]:
    holders: dict[Likeness, dict[_Key, set[int]]] = {one: defaultdict(set) for one in Likeness}
    for likeness, key, official_id in _keys():
        holders[likeness][key].add(official_id)
    return holders


def _keys() -> Iterator[tuple[Likeness, _Key, int]]:
    officials = {one.id: one for one in db.session.execute(select(Official)).scalars()}
    for one in officials.values():
        if address := normalised(one.postal_lines):
            yield Likeness.ADDRESS, (address, one.country), one.id
    for text in db.session.execute(select(OfficialText)).scalars():
        one = officials[text.official_id]
        place = (one.country, one.represents)
        yield Likeness.OFFICE, (normalised(text.office), *place), one.id
        if name := normalised(text.name):
            yield Likeness.NAME, (name, *place), one.id
    emails = select(OfficialContact).where(OfficialContact.kind == ContactKind.EMAIL)
    for contact in db.session.execute(emails).scalars():
        yield Likeness.EMAIL, (contact.value.casefold(),), contact.official_id


def _order(pair: Pair) -> tuple[int, list[str], int, int]:
    ranks = [str(list(Likeness).index(one)) for one in pair.alike_in]
    return (-len(pair.alike_in), ranks, pair.first_id, pair.second_id)
