"""Where in the paper each field of a draft was read: its lines, for whoever compares the two."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from petitions.intake.days import days_in
from petitions.intake.draft import Draft, DraftOfficial
from petitions.intake.text import fold

_SHORTEST = 12  # letters of a line that can be told in a longer text


def places_of(draft: Draft) -> Mapping[str, tuple[int, ...]]:
    """Return field -> numbers of the lines on which its value stands; none where it is not found.

    Fields are named as in the printed object; "people.0", "asks.1", "officials.2" are single ones.
    """
    lines = [(number, fold(text)) for number, text in enumerate(_lines(draft.source), start=1)]
    found: dict[str, tuple[int, ...]] = {name: tuple(at) for name, at in draft.sources.items()}
    for name in ("title", "case_number", "index", "summary", "story", "additional_information"):
        found.setdefault(name, _of_text(lines, getattr(draft, name)))
    for name in ("issued_on", "deadline_on"):
        found[name] = _of_day(lines, getattr(draft, name), before=name == "deadline_on")
    found["after_deadline"] = _of_text(lines, draft.after_deadline)
    for at, person in enumerate(draft.people):
        found[f"people.{at}"] = _of_text(lines, person.name)[:1]
    for at, ask in enumerate(draft.asks):
        found[f"asks.{at}"] = _of_text(lines, ask.text)
    for at, official in enumerate(draft.officials):
        found[f"officials.{at}"] = _of_official(lines, official)
    return {name: at for name, at in found.items() if at}


def _lines(source: str) -> list[str]:
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _of_text(lines: Iterable[tuple[int, str]], value: str | None) -> tuple[int, ...]:
    wanted = fold(value or "")
    if not wanted:
        return ()
    return tuple(
        number
        for number, line in lines
        if line and (wanted in line or (len(line) >= _SHORTEST and line.strip(" •-–;.") in wanted))
    )


def _of_day(lines: Iterable[tuple[int, str]], value: object, *, before: bool) -> tuple[int, ...]:
    """The days of the text that are this one, or for a deadline the one after it."""
    if not isinstance(value, date):
        return ()
    meant = {value, value + timedelta(days=1)} if before else {value}
    return tuple(
        number
        for number, line in lines
        if any(day.on(value.year) in meant for day in days_in(line))
    )


def _of_official(lines: list[tuple[int, str]], official: DraftOfficial) -> tuple[int, ...]:
    """The run of lines in which most of an official's values stand."""
    values = [official.name, official.office, official.organisation, *official.lines]
    values += [*official.emails, *official.faxes, *official.phones, official.web]
    values += official.salutations.values()
    wanted = [fold(value) for value in values if value]
    chosen: list[int] = []
    best = 0
    numbers = [number for number, line in lines if any(value in line for value in wanted)]
    for start in numbers:
        run = [number for number in numbers if start <= number < start + len(wanted) + 8]
        told = {value for value in wanted for n in run if value in lines[n - 1][1]}
        if len(told) > best:
            best, chosen = len(told), run
    return tuple(chosen)
