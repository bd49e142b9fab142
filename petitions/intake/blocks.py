"""One block of lines for each official: who and where, then how to reach them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from petitions.intake import contacts
from petitions.intake.contacts import Contact
from petitions.intake.countries import country_called
from petitions.intake.paragraphs import usual_gap
from petitions.intake.text import Doubts, Line, fold
from petitions.intake.vocabulary import has_place

_GOES_ON = re.compile(
    r"(?:\b(?:of|of the|the|and|for|to|de|du|des|de la|del|los|las|et|y|e|der|des|die|und|fur|"
    r"für|zur|zum|"
    r"chargé|&)|[-–])$"
)  # fmt: skip
# "Office: Minister of Justice", "Address: …", where officials stand in a form.
_FORM = re.compile(
    r"(?:(?:full )?name|office|position|title|post|function|(?:postal )?address|organi[sz]ation|"
    r"institution|nom|fonction|poste|adresse(?: postale)?|nombre|cargo|puesto|"
    r"direccion(?: postal)?|"
    r"funktion|amt|anschrift)\s*:"
)
_DEAR = re.compile(r"(?:dear|sehr (?:geehrter?|verehrter?)|estimad[oa]s?|distinguid[oa])\s+\w")
ORDINAL = re.compile(r"^\(?\d{1,2}[.)]\s+(?=\D)")


@dataclass
class Block:
    """The lines of one official: who and where, then how to reach them."""

    address: list[Line] = field(default_factory=list)
    contacts: list[tuple[Line, Contact]] = field(default_factory=list)
    greeting: tuple[Line, Contact] | None = None  # said above the lines
    mixed: bool = False  # two officials flattened into one: nobody can tell whose fax is whose


def goes_on(text: str) -> bool:
    """Whether a line ends in the middle: "of the"; a name may end with "Du", a line in capitals
    with "OF THE"."""
    return _GOES_ON.search(text.casefold() if text.isupper() else text) is not None


def is_form_line(text: str) -> bool:
    """Whether a line begins with the label of a form in which an official stands."""
    return _FORM.match(fold(text)) is not None


def is_form_label(text: str) -> bool:
    """Whether a text is the label of a form: "Office:", "Address:"."""
    return _FORM.fullmatch(fold(text)) is not None


def is_spoken_to(text: str) -> bool:
    """Whether a short line greets somebody, as "Dear Minister" does."""
    return len(text.split()) <= 8 and _DEAR.match(fold(text)) is not None


class Blocks:
    """Cuts the lines into blocks: a line that is no contact, under contacts, begins the next."""

    def __init__(self, lines: Sequence[Line], doubts: Doubts) -> None:
        self.lines = list(lines)
        self.doubts = doubts
        self.usual = usual_gap(lines)
        self.blocks: list[Block] = []
        self.greeting: tuple[Line, Contact] | None = None  # said above the official
        self.kind: str | None = None  # of the contact line above, for values that go on
        for at, line in enumerate(self.lines):
            self._take(at, line)
        self._close()

    def _take(self, at: int, line: Line) -> None:
        pieces = contacts.pieces(line.text)
        begun = contacts.label_at_start(pieces[0]) if pieces else None
        if begun is None and len(pieces) > 1 and line.text:
            if contacts.only_joins(pieces[0]):
                pass  # "Via online form: …"
            elif pieces[0].count("(") > pieces[0].count(")") and pieces[0].startswith("("):
                self.doubts.add(line, "words beside a number or an address", pieces[0])
            else:
                self._take_text(at, replace(line, text=pieces[0].rstrip(" .,;(")))
            pieces = pieces[1:]
        elif begun is None:
            self._take_text(at, line)
            return
        kinds = [label[0] for label in map(contacts.label_at_start, pieces) if label]
        for piece in pieces:
            label = contacts.label_at_start(piece)
            if label is None:
                self.doubts.add(line, "a label of an unknown kind", piece)
                continue
            self.kind = label[0]
            self._contact(line, contacts.read_values(label[0], piece[label[1] :]))
        if kinds.count(contacts.SALUTATION) > 1 or kinds.count(contacts.FAX) > 1:
            self.blocks[-1].mixed = True

    def _contact(self, line: Line, contact: Contact) -> None:
        if not self.blocks:
            self.blocks.append(Block())
        self.blocks[-1].contacts.append((line, contact))

    def _take_text(self, at: int, line: Line) -> None:
        label = _FORM.match(line.folded)
        if label and line.text[label.end() :].strip():
            line = replace(line, text=line.text.partition(":")[2].strip())
        if self._closes_bracket(line):
            return
        remark = line.text.startswith("(") and line.text.endswith(")")
        if remark and self.blocks and self.blocks[-1].contacts:
            self.doubts.add(line, "words beside a number or an address")
            return
        if is_spoken_to(line.text):
            self._greet(at, line)
            return
        loose = contacts.unlabelled(line.text)
        if loose and self.blocks:
            self._contact(line, loose)
            return
        if self.kind and self.blocks and contacts.is_only_values(line.text, self.kind):
            self._contact(line, contacts.read_values(self.kind, line.text))
            return
        if self._mends_value(line):
            return
        if self._continues_salutation(at, line):
            _, contact = self.blocks[-1].contacts[-1]
            contact.values = [" ".join([*contact.values, line.text])]
            return
        if self._begins(at, line):
            self.blocks.append(Block())
            if self.greeting:
                self.blocks[-1].greeting = self.greeting
                self.greeting = None
        self.kind = None
        self.blocks[-1].address.append(line)

    def _greet(self, at: int, line: Line) -> None:
        """ "Dear Minister" without a label: under an official, or right above the next one."""
        contact = Contact(contacts.SALUTATION, [line.text], "", line.text)
        following = self.lines[at + 1] if at + 1 < len(self.lines) else None
        close = following is not None and following.gap <= self.usual
        apart = not self.blocks or line.gap > self.usual
        if apart and close and self.usual == 0:
            self.greeting = (line, contact)
            self.kind = None
        elif not apart and not close and self.usual == 0:
            self._contact(line, contact)
        else:
            self.doubts.add(line, "to which of the officials is this said?")

    def _closes_bracket(self, line: Line) -> bool:
        """ "(switched off" on one line and "after office hours)" on the next are one remark."""
        if not self.blocks or not self.blocks[-1].contacts:
            return False
        last, contact = self.blocks[-1].contacts[-1]
        is_open = contact.text.count("(") > contact.text.count(")")
        if not is_open or ")" not in line.text or contact.kind == contacts.SALUTATION:
            return False
        whole = contacts.read_values(contact.kind, f"{contact.text} {line.text}")
        self.blocks[-1].contacts[-1] = (last, whole)
        return True

    def _mends_value(self, line: Line) -> bool:
        """ "ministry@" on one line and "justice.example" on the next are one address."""
        if not self.blocks or not self.blocks[-1].contacts or " " in line.text:
            return False
        last, contact = self.blocks[-1].contacts[-1]
        if contacts.is_cut(contact, line.text):
            whole = contacts.read_values(contact.kind, contact.text.rstrip() + line.text)
            if whole.values and not whole.left:
                self.blocks[-1].contacts[-1] = (last, whole)
                return True
        return False

    def _continues_salutation(self, at: int, line: Line) -> bool:
        if self.kind != contacts.SALUTATION or not self.blocks or line.gap > self.usual:
            return False
        _, contact = self.blocks[-1].contacts[-1]
        said = contact.values[0] if contact.values else ""
        if not said or goes_on(said):
            return not has_place(line.text)
        following = self.lines[at + 1] if at + 1 < len(self.lines) else None
        alone = following is None or following.gap > self.usual
        return (
            self.usual == 0 and alone and len(line.text.split()) <= 3 and not has_place(line.text)
        )

    def _close(self) -> None:
        """A greeting above the lines counts where none stands under them."""
        for block in self.blocks:
            said = any(contact.kind == contacts.SALUTATION for _, contact in block.contacts)
            if block.greeting and not said:
                block.contacts.append(block.greeting)

    def _begins(self, at: int, line: Line) -> bool:
        if not self.blocks:
            return True
        block = self.blocks[-1]
        if block.contacts:
            return True
        if not block.address:
            return False
        if line.gap > self.usual:
            return True
        if ORDINAL.match(line.text) and at:
            return True
        # Where blank lines say nothing, the country at an address's end does.
        return self.usual > 0 and country_called(block.address[-1].text) is not None
