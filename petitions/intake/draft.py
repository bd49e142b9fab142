"""What was read out of a document: plain fields, empty where the paper did not say it clearly."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

Kind = Literal["new", "update", "correction", "stop"]
Role = Literal["to", "copy"]

# Read and kept for whoever shows the draft beside its source; not part of the printed object.
_NOT_PRINTED = ("story", "status", "status_since", "after_deadline", "sources", "source")


@dataclass(frozen=True)
class Doubt:
    """Something that was seen and not understood."""

    line: int
    text: str
    reason: str


@dataclass
class Person:
    """Somebody at risk. Gender ("m", "f") and age only where the paper states them."""

    name: str
    gender: str | None = None
    age: int | None = None


@dataclass
class Ask:
    """One demand as written, without its bullet, and the states (ISO codes) it is aimed at."""

    text: str
    states: list[str] = field(default_factory=list)


@dataclass
class DraftOfficial:
    """Who is written to, as the paper has it; `lines` are the postal lines."""

    name: str | None = None
    office: str | None = None
    organisation: str | None = None
    lines: list[str] = field(default_factory=list)
    country: str | None = None
    emails: list[str] = field(default_factory=list)
    faxes: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    web: str | None = None
    salutations: dict[str, str] = field(default_factory=dict)
    role: Role = "to"


@dataclass
class Draft:
    """An Urgent Action as far as it was understood."""

    kind: Kind = "new"
    update_number: int | None = None
    title: str | None = None
    case_number: str | None = None
    index: str | None = None
    issued_on: date | None = None
    deadline_on: date | None = None
    language: str | None = None
    countries: list[str] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    summary: str | None = None
    asks: list[Ask] = field(default_factory=list)
    officials: list[DraftOfficial] = field(default_factory=list)
    embassies: bool = False
    letter_languages: list[str] = field(default_factory=list)
    additional_information: str | None = None
    doubts: list[Doubt] = field(default_factory=list)
    story: str | None = None
    status: str | None = None
    """Of the one person at risk: 'detained' or 'missing', only with `status_since`."""
    status_since: str | None = None
    after_deadline: str | None = None
    source: str = ""  # the text that the line numbers count
    # Field name -> line numbers it was read from, so that a page can mark them in the source.
    sources: dict[str, list[int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the object that `petitions import urgent-action --dry-run` prints."""
        return {name: told for name, told in self.as_plain().items() if name not in _NOT_PRINTED}

    def as_plain(self) -> dict[str, Any]:
        """Return all of it as what JSON knows."""
        told = asdict(self)
        for name in _DAYS:
            day: date | None = told[name]
            told[name] = day.isoformat() if day else None
        return told

    @classmethod
    def of_plain(cls, told: dict[str, Any]) -> "Draft":
        """Invert `as_plain`."""
        days = {name: date.fromisoformat(told[name]) for name in _DAYS if told[name]}
        rows = {name: [row(**one) for one in told[name]] for name, row in _ROWS.items()}
        return cls(**{**told, **days, **rows})


_DAYS = ("issued_on", "deadline_on")
_ROWS: dict[str, type[Person | Ask | DraftOfficial | Doubt]] = {
    "people": Person,
    "asks": Ask,
    "officials": DraftOfficial,
    "doubts": Doubt,
}
