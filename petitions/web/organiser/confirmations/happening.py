"""What happened by hour and by day: each series as a small picture of its own, one table of all.

Each picture says in words what it draws, so that no colour has to tell series apart; and it has its
own scale, so that three failed mails are seen beside ten thousand signatures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date, format_decimal, gettext, ngettext, pgettext
from markupsafe import Markup

from petitions.clock import now
from petitions.domain import watching
from petitions.domain.watching import Span, Step
from petitions.web.organiser.confirmations.chart import bars_svg
from petitions.web.page_frame import city_of

_DAYS_BETWEEN_LABELS, _HOURS_BETWEEN_LABELS = 15, 12


@dataclass(frozen=True, slots=True)
class Series:
    """One series over all steps; nothing is drawn where nothing happened."""

    name: str
    total: int
    drawing: Markup | None


def happened(span: Span, zone: str, petition_id: int | None) -> dict[str, Any]:
    """Return what the part of a page on what happened shows."""
    steps = watching.steps(span, zone, now(), petition_id)
    steps = watching.since_published(steps, petition_id)
    names = [_name(span, step) for step in steps]
    short = _labels(span, steps)

    def series(attribute: str, name: str, colour: str) -> Series:
        values = [getattr(step, attribute) for step in steps]
        total = sum(values)
        told = _told(name, values, names) if total else ""
        return Series(name, total, bars_svg(told, short, values, colour) if total else None)

    groups = [(heading, [series(*one) for one in shown]) for heading, shown in _groups()]
    columns = [one[:2] for _, shown in _groups() for one in shown]
    rows = [
        [name, *(getattr(step, attribute) for attribute, _ in columns)]
        for name, step in zip(names, steps, strict=True)
    ]
    return {
        "span": span,
        "zone": city_of(zone),
        "fact": _fact(span, steps, names),
        "groups": groups,
        "heads": [name for _, name in columns],
        "steps": rows[::-1],
    }


def _groups() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return headings, each with its series: attribute of a step, name, and class of colour."""
    signatures = [
        ("created", gettext("Created"), "c3"),
        ("confirmed", pgettext("number", "Confirmed"), "c1"),
        ("attested", pgettext("number", "Attested"), "c1"),
        ("expired", pgettext("number", "Expired"), "c2"),
        ("set_aside", pgettext("number", "Set aside"), "c2"),
        ("withdrawn", pgettext("number", "Withdrawn"), "c2"),
    ]
    mails = [
        ("mail_waiting", gettext("Mail waiting"), "c3"),
        ("mail_failed", gettext("Mail failed"), "c4"),
        ("mail_withheld", gettext("Mail withheld"), "c4"),
    ]
    return [(gettext("Signatures"), signatures), (gettext("Mails to signers"), mails)]


def _name(span: Span, step: Step) -> str:
    day = format_date(step.begins.date(), "d MMM" if span is Span.HOUR else "d MMMM")
    return f"{day}, {step.begins:%H:%M}" if span is Span.HOUR else str(day)


def _labels(span: Span, steps: Sequence[Step]) -> list[str]:
    """Return what stands below the bars: few words, since there is room for four."""

    def label(index: int, step: Step) -> str:
        if span is Span.DAY:
            shown = (len(steps) - 1 - index) % _DAYS_BETWEEN_LABELS == 0
        else:
            shown = step.begins.hour % _HOURS_BETWEEN_LABELS == 0
        if not shown:
            return ""
        if span is Span.HOUR and step.begins.hour:
            return f"{step.begins:%H:%M}"
        return str(format_date(step.begins.date(), "d MMM"))

    return [label(index, step) for index, step in enumerate(steps)]


def _told(name: str, values: Sequence[int], names: Sequence[str]) -> str:
    """Say in words what the picture of one series shows."""
    most = max(range(len(values)), key=values.__getitem__)
    told = gettext(
        "%(name)s: %(total)s in all; the most, %(most)s, on %(when)s.",
        name=name,
        total=format_decimal(sum(values)),
        most=format_decimal(values[most]),
        when=names[most],
    )
    return str(told)


def _fact(span: Span, steps: Sequence[Step], names: Sequence[str]) -> str:
    """Say in one sentence or two what the pictures show."""
    created, confirmed = sum(s.created for s in steps), sum(s.confirmed for s in steps)
    if span is Span.HOUR:
        window = gettext("In the last 48 hours")
    else:
        window = gettext("In the last 60 days")
    if not created and not confirmed:
        return str(gettext("%(window)s nobody signed.", window=window))
    signed = ngettext(
        "%(number)s signature was created",
        "%(number)s signatures were created",
        created,
        number=format_decimal(created),
    )
    most = max(range(len(steps)), key=lambda index: steps[index].created + steps[index].confirmed)
    told = gettext(
        "%(window)s %(signed)s and %(confirmed)s confirmed; the most happened on %(when)s.",
        window=window,
        signed=signed,
        confirmed=format_decimal(confirmed),
        when=names[most],
    )
    return str(told)
