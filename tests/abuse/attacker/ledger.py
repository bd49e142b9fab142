"""Counts what each attack tried, what got through and what got out, and tells it as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROPERTY = "attack"
"""Name of the property that carries a row from a test, in whichever process, to the table."""
_HEAD = ("attack", "what was tried", "tried", "got through", "got out")

Row = tuple[str, str, int, int, int]


@dataclass
class Attack:
    """One kind of attack. It fails its test unless it was tried and nothing came of it."""

    kind: str
    how: str
    tried: int = 0
    through: list[str] = field(default_factory=list)
    out: list[str] = field(default_factory=list)

    def tries(self, times: int = 1) -> None:
        self.tried += times

    def check(self, harmless: bool, what: str) -> None:
        """Count one try; where it was not harmless, it got through."""
        self.tried += 1
        if not harmless:
            self.through.append(what)

    def looks_for(self, secrets: Iterable[str], text: str, where: str) -> None:
        """Note which of the secrets stand in a text."""
        self.out += [f"{secret!r} in {where}" for secret in secrets if secret in text]

    def failed(self) -> None:
        """The attacker gives up: nothing got through and nothing got out."""
        assert self.tried, f"{self.kind}: nothing was tried"
        assert not self.through, f"{self.kind}: got through:\n" + "\n".join(self.through[:40])
        assert not self.out, f"{self.kind}: got out:\n" + "\n".join(self.out[:40])

    @property
    def row(self) -> Row:
        return (self.kind, self.how, self.tried, len(self.through), len(self.out))


def rows_of(reports: Iterable[Any]) -> list[Row]:
    """The rows that tests have left in pytest's reports, from whichever process they come."""
    return [
        tuple(value)
        for report in reports
        if getattr(report, "when", None) == "teardown"
        for name, value in report.user_properties
        if name == PROPERTY
    ]


def merged(rows: Iterable[Row]) -> list[Row]:
    """One row for each attack, whatever databases it ran on."""
    found: dict[tuple[str, str], list[int]] = {}
    for kind, how, *numbers in rows:
        sums = found.setdefault((kind, how), [0, 0, 0])
        sums[:] = [one + other for one, other in zip(sums, numbers, strict=True)]
    return [(kind, how, *sums) for (kind, how), sums in sorted(found.items())]


def table(rows: Iterable[Row]) -> list[str]:
    """The table, as Markdown that can be read on a terminal as well."""
    lines = [_HEAD, *(tuple(map(str, row)) for row in merged(rows))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    texts = [
        f"| {' | '.join(c.ljust(width) for c, width in zip(line, widths, strict=True))} |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return [texts[0], rule, *texts[1:]]


def write(rows: Iterable[Row], file: Path) -> None:
    """Write the table into a document, between its two marks."""
    text = file.read_text(encoding="utf-8")
    begin, end = "<!-- attacks -->\n", "<!-- /attacks -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    assert found, f"{file} has no place for the table: {begin.strip()} … {end}"
    file.write_text(before + begin + "\n".join(table(rows)) + "\n" + end + after, encoding="utf-8")
