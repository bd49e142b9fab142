"""Counting: each kind of number apart, and countries under ten shown together.

Confirmed by e-mail, attested, paper and appeals are never added up in silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from petitions.extensions import db
from petitions.models import Appeal, PaperSignatures, Signature, SignatureState, Verification

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


def numbers_of(petition_id: int) -> Numbers:
    """Count the rows of one petition."""
    countries, attested = _signatures(petition_id)
    paper = select(func.coalesce(func.sum(PaperSignatures.number), 0)).where(
        PaperSignatures.petition_id == petition_id
    )
    appeals = select(func.count()).select_from(Appeal).where(Appeal.petition_id == petition_id)
    return Numbers(
        confirmed=sum(number for _, number in countries),
        attested=attested,
        paper=db.session.execute(paper).scalar_one(),
        appeals=db.session.execute(appeals).scalar_one(),
        by_country=small_together(countries),
    )


def confirmed_numbers() -> dict[int, int]:
    """Return the confirmed number of each petition that has any."""
    query = (
        select(Signature.petition_id, func.count())
        .where(Signature.state == SignatureState.CONFIRMED)
        .where(Signature.verified_by == Verification.EMAIL)
        .group_by(Signature.petition_id)
    )
    return dict(db.session.execute(query).all())


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


def _signatures(petition_id: int) -> tuple[list[tuple[str, int]], int]:
    query = (
        select(Signature.country, Signature.verified_by, func.count())
        .where(Signature.petition_id == petition_id, Signature.state == SignatureState.CONFIRMED)
        .group_by(Signature.country, Signature.verified_by)
    )
    rows = db.session.execute(query).all()
    by_mail = [(country, n) for country, how, n in rows if how is Verification.EMAIL]
    return by_mail, sum(n for _, how, n in rows if how is Verification.ATTESTED)
