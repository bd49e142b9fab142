"""The plain values that the writers in this package take: entries, counts, letters, list headings.

Nothing here reads or writes; nothing here knows where the values come from.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from petitions.documents.colours import is_colour

Appearance = Literal["full", "initials", "counted"]
Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total); total is 0 where it is not known beforehand."""

SALT_BYTES = 16
NONCE_BYTES = 32
VOLUME_SIZE = 5000
"""Lines of a list in one file; a longer list is in volumes."""

HANDOVER_COLUMNS = ("number", "name", "place", "country")
"""The columns of a list that is handed over."""
RECORD_COLUMNS = ("number", "name", "place", "country", "signed_on", "verified_by")
"""The columns of the record data files, in their order; `verified_by` is "e-mail"."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One eligible signature as frozen in a bundle.

    `number` is the line number in the list (1, 2, ...), None for a counted one. `name` holds the
    initials as the signer left them where `appearance` is "initials". `signed_on` belongs to the
    record part and never to what is handed over.

    Raises ValueError when the fields say more than the appearance allows: a counted entry with a
    name, initials with a place. That is the last fence before a name reaches an official.
    """

    number: int | None
    appearance: Appearance
    name: str
    place: str
    country: str
    signed_on: date
    verified_by: str
    salt: bytes

    def __post_init__(self) -> None:
        if self.appearance == "counted":
            if self.number is not None or self.name or self.place or self.country:
                raise ValueError("a counted entry carries no number, name, place or country")
        elif self.number is None or not self.name:
            raise ValueError("an entry that is printed needs a number and a name")
        elif self.appearance == "initials" and self.place:
            raise ValueError("an entry by initials carries no place")
        if len(self.salt) != SALT_BYTES:
            raise ValueError(f"a salt has {SALT_BYTES} bytes")

    def __repr__(self) -> str:
        return f"<Entry {self.number} {self.appearance}>"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many eligible signatures appear in which way."""

    named: int
    initials: int
    counted: int

    @property
    def listed(self) -> int:
        """Lines in the list: by name or by initials."""
        return self.named + self.initials

    @property
    def eligible(self) -> int:
        return self.named + self.initials + self.counted


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterAddressee:
    """To whom a letter goes; name, office and organisation are printed above `postal_lines`."""

    office: str
    name: str = ""
    organisation: str = ""
    postal_lines: tuple[str, ...] = ()
    faxes: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter to one addressee; every text is plain text, never markup.

    `language` is a BCP 47 tag: it decides the direction and the fixed words (English where this
    package has no words for it, see `phrases.LANGUAGES`). `opening` is the petition's letter text,
    paragraphs separated by blank lines. `countries` (ISO 3166-1 alpha-2) says that the numbers are
    of those countries only; empty means all. `copy_of` names whom it is written to, where
    this one is a copy for information. The other numbers are never added to `counts`.
    `letterhead` is a PNG, `accent_colour` '#rrggbb'; without them the sender stands in plain type.
    `obligation` is what binds the state, between opening and asks; `case_number` stands on every
    page; `one_side_only` is for whoever prints; `enclosures` are named beside the list.
    `first_volume`: of a list in volumes the first is handed over, with its numbers on a sheet.
    `continues` and `continues_on` name the letter since which the counted ones came.
    `is_translation` marks a translation, `translated` the letter that has one enclosed.
    `setting` is how it is set: a frozen letter keeps its own, so that it is written again to the
    byte. Since 2 one ask alone has no number, a number stays on one line with what it counts, and
    a PDF of one side only asks for that.

    Raises ValueError for an accent that is no colour.
    """

    language: str
    sender_name: str
    reference: str
    dated_on: date
    addressee: LetterAddressee
    salutation: str
    subject: str
    opening: str
    sender_lines: tuple[str, ...] = ()
    sender_contact: str = ""
    place_line: str = ""
    asks: tuple[str, ...] = ()
    counts: Counts | None = None
    countries: tuple[str, ...] = ()
    attested: int = 0
    paper: int = 0
    partners: int = 0
    appeals: int = 0
    names_enclosed: bool = False
    list_pages: int | None = None
    list_files: int | None = None
    copies: tuple[str, ...] = ()
    copy_of: tuple[str, ...] = ()
    demonstration: bool = False
    closing: str = ""
    signatory_lines: tuple[str, ...] = ()
    letterhead: bytes | None = field(default=None, repr=False)
    accent_colour: str = ""
    form_of_address: str = ""
    obligation: str = ""
    case_number: str = ""
    one_side_only: bool = False
    enclosures: tuple[str, ...] = ()
    first_volume: bool = False
    numbers_pages: int | None = None
    continues: str = ""
    continues_on: date | None = None
    is_translation: bool = False
    translated: bool = False
    setting: int = 2

    def __post_init__(self) -> None:
        if self.accent_colour and not is_colour(self.accent_colour):
            raise ValueError("an accent colour is written as #rrggbb")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHeading:
    """What stands at the head of every page of a list of signatures.

    `roll` lets a long list be a roll in three columns; those of before there was one are tables.
    """

    language: str
    petition: str
    addressee: str
    reference: str
    dated_on: date
    demonstration: bool = False
    roll: bool = False


@dataclass(frozen=True, slots=True)
class ListReport:
    """The volumes in order, the pages of all, how many entries were transliterated.

    `volumes` tells of each, where there are several.
    """

    files: tuple[str, ...]
    pages: int
    transliterated: int
    volumes: tuple["VolumeTold", ...] = ()


@dataclass(frozen=True, slots=True)
class VolumeTold:
    """One volume of a list: its first and last number, and its pages."""

    first: str
    last: str
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleContent:
    """All that goes into one bundle.

    `entries` gives a fresh iteration over the frozen entries, in list order, counted ones included;
    it is called once, and not at all where `letter.names_enclosed` is False. `nonce` is 32 random
    bytes. `info` are further bag-info pairs, in order; counts, external identifier, key and sizes
    are added by the writer.
    """

    letter: Letter
    entries: Callable[[], Iterable[Entry]]
    bundle_id: str
    nonce: bytes
    info: tuple[tuple[str, str], ...] = ()
    heading: ListHeading | None = None
    translation: Letter | None = None
    volume_size: int = VOLUME_SIZE

    def __post_init__(self) -> None:
        if len(self.nonce) != NONCE_BYTES:
            raise ValueError(f"a nonce has {NONCE_BYTES} bytes")

    def __repr__(self) -> str:
        return f"<BundleContent {self.bundle_id}>"
