"""Whether an official of a paper is an embassy, of which state, and in which country.

Only what the office's own words say: where two states could be meant, none is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from petitions.intake.countries import countries_within
from petitions.intake.draft import DraftOfficial
from petitions.intake.text import fold

Kind = Literal["embassy", "consulate", "mission"]

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "mission",
        re.compile(
            r"\b(?:permanent (?:mission|representati(?:on|ve))"
            r"|(?:mission|mision|representation|representacion) permanente"
            r"|standige vertretung)\b"
        ),
    ),
    ("consulate", re.compile(r"\b(?:consulate|consulat|consulado|(?:general)?konsulat)\b")),
    (
        "embassy",
        re.compile(
            r"\b(?:embassy|high commission|ambassade|embajada|botschaft)\b"
            r"|\b(?:ambassador|high commissioner) (?:of|to)\b"
            r"|\b(?:ambassadeur|ambassadrice) d[eu']|\bembajadora? de\b"
            r"|\bbotschafter(?:in)? de[rs]\b"
        ),
    ),
)
_WHERE = re.compile(r"\b(?:in|to|at|en|au|aux|a la|aupres|pres|ante|bei|beim|im)\b")


@dataclass(frozen=True, slots=True)
class EmbassyRead:
    """An embassy, consulate or mission as its words say; None where they do not."""

    kind: Kind
    represents: str | None
    seat: str | None

    @property
    def accredited(self) -> tuple[str, ...]:
        """Countries in which signers find it: where it is. A mission is at an organisation."""
        return (self.seat,) if self.seat and self.kind != "mission" else ()

    @property
    def is_whole(self) -> bool:
        """Whether it can be kept without asking."""
        return self.represents is not None and (self.kind == "mission" or self.seat is not None)


def rule_is_meant(officials: Sequence[DraftOfficial], states: Sequence[str], language: str) -> bool:
    """Whether copies go to an embassy of a state addressed: others are the same to its signers."""
    read = [embassy_in(one, language) for one in officials if one.role == "copy"]
    return any(one is not None and one.represents in states for one in read)


def embassy_in(official: DraftOfficial, language: str) -> EmbassyRead | None:
    """Return what an official is, if its office or house calls itself an embassy or the like."""
    said = [fold(text) for text in (official.office, official.organisation) if text]
    kind = next((kind for kind, word in _KINDS if any(map(word.search, said))), None)
    if kind is None:
        return None
    whose, where = set[str](), set[str]()
    for text in said:
        before, *after = _WHERE.split(text, maxsplit=1)
        whose.update(countries_within(before, language))
        where.update(countries_within(" ".join(after), language))
    represents = next(iter(whose)) if len(whose) == 1 else None
    if official.country and official.country != represents:
        where.add(official.country)
    seat = next(iter(where)) if len(where) == 1 else None
    return EmbassyRead(kind, represents, None if seat == represents else seat)
