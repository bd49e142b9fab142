"""A second look at the finished draft: what no paper would say in a field is left empty.

Each rule knows nothing of how a field was read. It asks whether a person would believe the value,
and where not, empties it and points at the line: an empty field is filled in by hand, a wrong one
is sent to a minister.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from petitions.intake.days import days_in
from petitions.intake.draft import Ask, Draft, Person
from petitions.intake.holders import name_behind
from petitions.intake.labels import is_banner, label_of
from petitions.intake.numbers import CASE, INDEX
from petitions.intake.second_look_officials import look_at_officials, tells_contacts
from petitions.intake.text import Doubts, Line, fold
from petitions.intake.vocabulary import has_office, without_titles

Kept = TypeVar("Kept", Ask, Person)
UNLIKELY = "it was read here, and is not believed"
_FURTHEST = timedelta(days=400)
_LONGEST_TITLE, _LONGEST_ASK, _LONGEST_NAME = 220, 1200, 80


_DIPLOMATS = re.compile(
    r"diplomatic (?:representatives?|representations?|missions?)\b[^.]{0,80}"
    r"(?:in|accredited to) your (?:own )?country"
    r"|representa(?:nts?|tions?) diplomatiques?\b[^.]{0,80}dans votre pays"
    r"|representa(?:ntes?|cion(?:es)?) diplomatic[oa]s?\b[^.]{0,80}en su pais"
    r"|diplomatischen? vertretung(?:en)?\b[^.]{0,80}in (?:ihrem|deinem) land"
)


# Many people without their names are no person.
_COLLECTIVE = re.compile(
    r"\b(?:communit(?:y|ies)|communautes?|comunidad(?:es)?|gemeinschaft|gemeinde|famil(?:y|ies)|"
    r"familles?|familias?|familien?|members?|membres?|miembros?|mitglieder|residents?|villagers?|"
    r"habitants?|habitantes|bewohner\w*|refugees?|refugies?|refugiad[oa]s?|fluchtlinge|migrants?|"
    r"people|persons?|personnes?|personas?|personen|menschen|group|groupe|grupo|gruppe|workers?|"
    r"students?|protesters?|muslims?|musulmans?|musulmanes|christians?|chretiens?|cristianos|"
    r"prisoners?|detainees?|others?|autres|otr[oa]s|andere|unknown|unnamed|"
    r"n/?a|inconnue?s?)\b"
)
_SENDING = re.compile(
    r"(?:if (?:you (?:wish|want) to send|sending)|wish to send) (?:your )?appeals|"
    r"s'il faut encore intervenir|"
    r"si (?:desean|van a) enviar(?:los)?\b[^.]{0,30}(?:llamamientos|despues)|keine appelle mehr"
)


def second_look(draft: Draft, lines: Sequence[Line], doubts: Doubts) -> None:
    """Empty what is not believed, and say on which line it stood."""
    look = _Look(draft, lines, doubts)
    look.at_text("title", _bad_title)
    look.at_text("summary", tells_contacts)
    look.at_information()
    look.at_deadline()
    said = fold(" ".join(line.text for line in lines))
    draft.embassies = draft.embassies or _DIPLOMATS.search(said) is not None
    look.at_asks()
    draft.officials = look_at_officials(draft, look.doubt)
    look.at_people()


class _Look:
    def __init__(self, draft: Draft, lines: Sequence[Line], doubts: Doubts) -> None:
        self.draft, self.lines, self.doubts = draft, lines, doubts

    def doubt(self, text: str, reason: str = UNLIKELY) -> None:
        """Point at the first line of what was read."""
        wanted = fold(text)
        line = next((x for x in self.lines if x.folded in wanted or wanted in x.folded), None)
        if line is None and self.lines:
            line = self.lines[0]
        if line is not None:
            self.doubts.add(line, reason, text[:300])

    def at_text(self, name: str, bad: Callable[[str], bool]) -> None:
        value: str | None = getattr(self.draft, name)
        if value and bad(value):
            self.doubt(value)
            setattr(self.draft, name, None)
            self.draft.sources.pop(name, None)

    def at_information(self) -> None:
        """What is said about sending appeals is no information on the case."""
        parts = (self.draft.additional_information or "").split("\n\n")
        for part in parts:
            if part and _bad_paragraph(part):
                self.doubt(part)
        kept = [part for part in parts if part and not _bad_paragraph(part)]
        self.draft.additional_information = "\n\n".join(kept) or None

    def at_deadline(self) -> None:
        issued, last = self.draft.issued_on, self.draft.deadline_on
        if issued and last and last - issued > _FURTHEST:
            self.doubt(str(last.year), "a deadline that is long after the day of issue")
            self.draft.deadline_on = None

    def at_asks(self) -> None:
        self.draft.asks = self._believed(self.draft.asks, lambda ask: ask.text, self._bad_ask)

    def at_people(self) -> None:
        self.draft.people = self._believed(self.draft.people, lambda one: one.name, self._bad_name)

    def _believed(
        self, items: Iterable[Kept], said: Callable[[Kept], str], bad: Callable[[str], bool]
    ) -> list[Kept]:
        kept = []
        for item in items:
            if bad(said(item)):
                self.doubt(said(item))
            else:
                kept.append(item)
        return kept

    def _bad_ask(self, text: str) -> bool:
        title = self.draft.title or ""
        headed = len(title) > 12 and title.isupper() and title in text
        opens = text.endswith(":")
        return (
            headed or opens or len(text) > _LONGEST_ASK or tells_contacts(text) or _has_head(text)
        )

    def _bad_name(self, name: str) -> bool:
        folded = fold(name)
        official = any(o.name and _is_same(folded, o.name) for o in self.draft.officials)
        return (
            official
            or len(name) > _LONGEST_NAME
            or any(c.isdigit() or c in ":;@/" for c in name)
            or (has_office(without_titles(name)) and name_behind(name) is None)
            or label_of(f"{folded}:") is not None
            or _COLLECTIVE.search(folded) is not None
        )


def _is_same(folded: str, name: str) -> bool:
    return fold(without_titles(name)) == fold(without_titles(folded))


def _has_head(text: str) -> bool:
    """Whether a page's head stands inside: a number, an index, the banner in capitals."""
    return (
        CASE.search(text) is not None
        or INDEX.search(text) is not None
        or re.search(r"\bURGENT ACTION\b|\bACTION URGENTE\b|\bACCIÓN URGENTE\b", text) is not None
    )


def _bad_title(title: str) -> bool:
    folded = fold(title)
    dated = any(day.year for day in days_in(folded)) and re.search(
        r"\b(?:date|fecha|datum)\b", folded
    )
    return (
        len(title) > _LONGEST_TITLE
        or tells_contacts(title)
        or bool(dated)
        or INDEX.search(title) is not None
        or CASE.search(title) is not None
        or (is_banner(folded) is not None and len(folded.split()) < 4)
        or _half_in_capitals(title)
    )


def _half_in_capitals(title: str) -> bool:
    """Words of a sentence and words in capitals, several of each, are two things run together."""
    words: list[str] = re.findall(r"[^\W\d_]{4,}", title)
    high = sum(word.isupper() for word in words)
    low = sum(word.islower() for word in words)
    return high >= 3 and low >= 3


def _bad_paragraph(text: str) -> bool:
    found = label_of(fold(text))
    known = {"people", "gender", "to", "copy", "deadline", "after", "language", "embassies"}
    return (found is not None and found.name in known) or _SENDING.search(fold(text)) is not None
