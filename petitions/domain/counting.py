"""Counting: each kind of number apart, and countries under ten shown together.

Confirmed by e-mail, attested, paper, partners and appeals are never added up in silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.sql.selectable import Subquery

from petitions.domain.relief import Lane, gives_way
from petitions.domain.tallies import added_up, counted
from petitions.extensions import db
from petitions.models import Appeal, PaperSignatures, Verification

SHOWN_FROM = 10
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one petition. `by_country` has ISO codes and 'other'; it sums to confirmed."""

    confirmed: int
    attested: int
    paper: int
    appeals: int
    by_country: dict[str, int]
    partners: int = 0


def numbers_of(petition_id: int) -> Numbers:
    """Return the numbers of one petition: exact at this moment, at the same cost for millions."""
    return _numbers(petition_id, counted())


def public_numbers_of(petition_id: int) -> Numbers:
    """Return the same for the public: as last added up, where numbers give way to heavy load."""
    return _numbers(petition_id, _public())


def _public() -> Subquery:
    return added_up() if gives_way(Lane.NUMBERS) else counted()


def _numbers(petition_id: int, rows: Subquery) -> Numbers:
    countries, attested = _signatures(petition_id, rows)
    apart = select(PaperSignatures.source, func.sum(PaperSignatures.number)).where(
        PaperSignatures.petition_id == petition_id
    )
    sources = {
        row[0]: int(row[1]) for row in db.session.execute(apart.group_by(PaperSignatures.source))
    }
    appeals = select(func.count()).select_from(Appeal).where(Appeal.petition_id == petition_id)
    return Numbers(
        confirmed=sum(number for _, number in countries),
        attested=attested,
        paper=sources.get("paper", 0),
        appeals=db.session.execute(appeals).scalar_one(),
        by_country=small_together(countries),
        partners=sources.get("partner", 0),
    )


def confirmed_numbers() -> dict[int, int]:
    """Return the confirmed number of each petition that has any."""
    return _confirmed(counted())


def public_confirmed_numbers() -> dict[int, int]:
    """Return the same for the public: as last added up, where numbers give way to heavy load."""
    return _confirmed(_public())


def _confirmed(row: Subquery) -> dict[int, int]:
    number = func.sum(row.c.number)
    query = select(row.c.petition_id, number).where(row.c.how == Verification.EMAIL)
    query = query.group_by(row.c.petition_id).having(number != 0)
    return {petition_id: int(n) for petition_id, n in db.session.execute(query)}


def small_together(countries: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return countries by falling number; those under ten are summed as 'other', at the end.

    Where just one country is under ten, 'other' would name its number: the smallest country shown
    joins it.
    """
    ranked = sorted(countries, key=lambda row: (-row[1], row[0]))
    shown = [row for row in ranked if row[1] >= SHOWN_FROM]
    small = [row for row in ranked if row[1] < SHOWN_FROM]
    if len(small) == 1 and shown:
        small.append(shown.pop())
    result = dict(shown)
    if small:
        result[OTHER] = sum(number for _, number in small)
    return result


def _signatures(petition_id: int, row: Subquery) -> tuple[list[tuple[str, int]], int]:
    number = func.sum(row.c.number)
    query = (
        select(row.c.country, row.c.how, number)
        .where(row.c.petition_id == petition_id)
        .group_by(row.c.country, row.c.how)
        .having(number != 0)
    )
    rows = db.session.execute(query).all()
    by_mail = [(country, int(n)) for country, how, n in rows if how == Verification.EMAIL]
    return by_mail, sum(int(n) for _, how, n in rows if how == Verification.ATTESTED)
