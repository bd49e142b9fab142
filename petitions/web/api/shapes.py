"""What the API tells: every public field is named here, none is public by default."""

from datetime import date, datetime
from typing import Any

from petitions.domain.counting import Numbers
from petitions.domain.presenting import PetitionLine, PetitionPage


def shape_of_line(line: PetitionLine, numbers: Numbers, as_of: datetime | None) -> dict[str, Any]:
    """Return a petition of the list."""
    return _petition(
        slug=line.slug,
        title=line.title,
        language=line.language,
        state=line.state.value,
        deadline_on=line.deadline_on,
        time_zone=line.time_zone,
        takes_signatures=line.takes_signatures,
        case=line.case_slug,
        numbers=numbers,
        as_of=as_of,
    )


def shape_of_page(page: PetitionPage, as_of: datetime | None) -> dict[str, Any]:
    """Return one petition."""
    return _petition(
        slug=page.slug,
        title=page.words.title,
        language=page.words.language,
        state=page.state.value,
        deadline_on=page.deadline_on,
        time_zone=page.time_zone,
        takes_signatures=page.takes_signatures,
        case=page.case_slug,
        numbers=page.numbers,
        as_of=as_of,
    )


def _petition(
    *, deadline_on: date | None, numbers: Numbers, as_of: datetime | None, **rest: str | bool
) -> dict[str, Any]:
    counted = {
        "confirmed": numbers.confirmed,
        "attested": numbers.attested,
        "paper": numbers.paper,
        "partners": numbers.partners,
        "appeals": numbers.appeals,
        "by_country": dict(numbers.by_country),
        "as_of": as_of.isoformat(timespec="seconds") if as_of else None,
    }
    return {
        **rest,
        "deadline_on": deadline_on.isoformat() if deadline_on else None,
        "numbers": counted,
        "by_country": dict(numbers.by_country),
    }
