"""The last day on which appeals count, and the sentence on what to do after it."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from petitions.intake.days import Day, days_in, unclear_days
from petitions.intake.text import Doubts, Line

# What stands right before the day: how it counts. "Before 28 January" leaves the 27th.
_BEFORE = re.compile(
    r"(?:\bbefore(?: the)?|\bavant(?: le)?|\bantes del?(?: dia)?|\bvor(?: dem)?)(?: \w+,?)?"
    r"\s*:?\s*$"
)
_UNTIL = re.compile(
    r"(?:\b(?:by|until|till|no later than|not later than|on or before|"
    r"up to(?: and including)?)(?: the)?"
    r"|\bjusqu'?(?:au|a)|\bd'ici(?: le| au)?|\bau plus tard(?: le)?|\bhasta(?: el)?(?: dia)?"
    r"|\ba mas tardar(?: el)?|\bno mas tarde del|\bbis(?: zum| spatestens| einschliesslich|"
    r" zum inkl\.)?"
    r"|\bspatestens(?: am| bis| bis zum| zum)?|\bexpires?(?: on)?|\bexpire(?: le)?|\b(?:vence|"
    r"caduca|expira)"
    r"(?: el)?|\b(?:endet|lauft|gilt)(?: am| bis| bis zum)?|\bvalid until)(?: (?:\w+day|"
    r"\w+tag),?)?\s*:?\s*$"
)
_LABELLED = re.compile(
    r"\b(?:deadline|closing date|expiry date|date limite|echeance|fecha limite|plazo|"
    r"einsendeschluss|"
    r"frist|stichtag|ablaufdatum)\b[^:]{0,40}:\s*(?:\w+day,?\s*)?$"
)
_AFTER = re.compile(r"\b(?:after|apres|despues del?|nach)(?: le| el| dem| the)?\s*$")
_ABOUT_APPEALS = re.compile(
    r"contact|official|interven|section|appeal|letter|messag|action|write|deadline|expire|appel|"
    r"lettre|agi|ecri|"
    r"envoy|echeance|limite|"
    r"llamamiento|carta|accion|act[uú]|escrib|envi|plazo|vence|caduca|expira|apelacion|"
    r"brief|schreib|schick|aktion|frist|einsende|stichtag|gultig|urgent|endet"
)


def deadline_of(lines: Sequence[Line], issued: date | None, doubts: Doubts) -> date | None:
    """Return the last day on which appeals count; a year that is not stated is the issue date's.

    "Before" leaves the day before. Two different deadlines, or a day without any year near it, are
    none, and a doubt.
    """
    found: dict[date, Line] = {}
    weak: dict[date, Line] = {}
    for text, places in _windows(lines):
        first = places[0][1]
        if not _ABOUT_APPEALS.search(text):
            continue
        if unclear_days(text):
            doubts.add(first, "a date that may be read two ways")
        for day in days_in(text):
            kind = _kind(text[: day.start])
            if kind is None:
                continue
            first = next((line for end, line in places if day.start < end), first)
            last = _last_day(day, kind, issued)
            if last is None:
                doubts.add(first, "the year of this deadline is not said")
            elif issued and last < issued:
                doubts.add(first, "this deadline lies before the day of issue")
            else:
                (weak if kind == "after" else found).setdefault(last, first)
    chosen = found or weak
    # "Before 14 August" above and "after 28 August" below: which of them is it?
    apart = {day: at for day, at in weak.items() if found and abs((day - min(found)).days) > 1}
    chosen = {**chosen, **apart}
    if len(chosen) > 1:
        for line in chosen.values():
            doubts.add(line, "different deadlines")
    return next(iter(chosen)) if len(chosen) == 1 else None


def _windows(lines: Sequence[Line]) -> list[tuple[str, list[tuple[int, Line]]]]:
    """Running text of each run of lines that stand close, and where in it each line ends."""
    runs: list[list[Line]] = []
    for line in lines:
        if runs and line.number - runs[-1][-1].number <= 3:
            runs[-1].append(line)
        else:
            runs.append([line])
    found = []
    for run in runs:
        text, places = "", []
        for line in run:
            text = f"{text} {line.folded}" if text else line.folded
            places.append((len(text), line))
        found.append((text, places))
    return found


def _kind(before: str) -> str | None:
    near = before[-90:]
    if _BEFORE.search(near):
        return "before"
    if _UNTIL.search(near) or _LABELLED.search(near):
        return "until"
    return "after" if _AFTER.search(near) else None


def _last_day(day: Day, kind: str, issued: date | None) -> date | None:
    on = day.on()
    if on is None and day.year is None and issued is not None:
        on = day.on(issued.year)
        if on is not None and on < issued:
            on = day.on(issued.year + 1)
    if on is None:
        return None
    return on - timedelta(days=1) if kind == "before" else on
