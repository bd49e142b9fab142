"""The parts of a paper: each line goes to the part whose label stands above it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from petitions.intake.blocks import is_form_line
from petitions.intake.contacts import label_at_start
from petitions.intake.labels import Found, is_banner, label_of
from petitions.intake.letters import is_greeting
from petitions.intake.paragraphs import usual_gap
from petitions.intake.text import Line, fold

_CASE = (
    r"(?:ua|au|extra)\b\W{0,3}(?:n[^\s\d]{0,7}|number|numero|nummer)?"
    r"\W{0,3}(?:(?:ua|au|extra)\W{0,2})?\d{1,4}\s?/\s?\d{2,4}"
)
_ORDINAL = r"(?:\d{1,2}\s?(?:st|nd|rd|th|re|de|e|er|ere|eme|a|o|ª|º|\.)?|[a-z]{4,12})"
_IDENTITY = re.compile(
    rf"(?:amnesty international\W{{0,5}})?(?:{_ORDINAL}\s)?{_CASE}"
    r"|(?:further|additional|more) information (?:no\.? ?\d+ )?(?:on|about|\(?\d+\)? ?on) (?:ua|"
    r"extra|urgent)\b"
    r"|(?:actions? complementaires?|informations? complementaires?|complements? d'informations?|"
    r"nouvelles informations) sur "
    r"(?:l')?(?:au|ua|extra|action)\b"
    r"|(?:mas informacion|informacion (?:adicional|complementaria)) (?:\(?(?:num|no|"
    r"n)\W{0,2}\d+\)? )?sobre (?:la )?(?:au|ua|extra|"
    r"accion)\b"
    r"|weitere informationen (?:zu|uber) (?:der )?(?:ua|extra|urgent|eilaktion)\b"
    rf"|(?:this|ceci|esta|dies|il) (?:is|est|es|ist|s'agit) [^.]{{0,40}}\b(?:ua|au|extra)\b"
    rf"|(?:{_ORDINAL}\s)?(?:update|correction|stop action|corrected|mise a jour|"
    r"rectificati(?:f|on)|"
    r"actualizacion|correccion|aktualisierung|korrektur|berichtigung|fortsetzung|ampliacion|"
    r"(?:further|additional) information|(?:informations? complementaires?|"
    r"complements? d'informations?|informacion (?:adicional|complementaria)))\b"
    r".{0,40}\b(?:ua|au|extra)\b\W{0,3}(?:n[^\s\d]{0,7}\W{0,3})?\d"
    r"|correction (?:to|of) (?:ua|au|extra)|stop action\b"
    rf"|\(?{_ORDINAL} (?:update|mise a jour|actualizacion|aktualisierung)\)?$"
)
# Parts that are one sentence: what follows belongs again to the part around them, or to nothing.
_ONE_SENTENCE = {
    "embassies", "after", "deadline", "language", "previous", "stop", "head", "form", "gender",
    "age", "identity", "not at risk",
}  # fmt: skip
_ENDS_THE_ADDRESSES = {"embassies", "after", "stop", "language", "deadline", "previous", "form"}
_KNOWS_HERE = {
    "model": {"more", "people", "deadline", "language", "copy", "to", "embassies", "after",
              "gender"},
    "to": {"copy", "embassies", "after", "deadline", "language", "previous", "more", "people",
           "form", "gender", "stop", "to", "asks", "model", "head", "not at risk", "age"},
}  # fmt: skip
_KNOWS_HERE["copy"] = _KNOWS_HERE["to"]
_YOUR_COUNTRY = re.compile(
    r"your (?:own )?country|accredited|votre pays|accredite|en su pais|acreditad|"
    r"(?:ihrem|ihres|ihr) land|akkreditiert"
)
_FULL = 60  # letters of a line that may have been too long for its page
_CLOSING = re.compile(
    r"(?:yours (?:sincerely|faithfully|respectfully|truly)|sincerely|respectfully|kind regards|"
    r"(?:je vous prie|veuillez) (?:d')?(?:agreer|recevoir|croire)|(?:je vous prie )?d'agreer|"
    r"atentamente|respetuosamente|le saluda|(?:reciba|cordialmente)|"
    r"hochachtungsvoll|mit freundlichen gru(?:ss|e)en|mit freundlichem gru)"
)


# How the sentence begins that leads to the asks, under "RECOMMENDED ACTION:" itself.
_OPENS = re.compile(
    r"(?:please )?(?:send|write|fax|e-?mail|call|telephone)\b|"
    r"dans (?:les|vos) (?:appels|lettres)\b|"
    r"(?:veuillez |merci d'|priere d')?(?:envoye[rz]|ecri(?:re|vez)|faire parvenir)\b|"
    r"(?:por favor,? |sirvanse )?(?:envien?|escriban?|enviar|escribir|manden)\b|"
    r"(?:bitte )?(?:schreiben|schicken|senden|richten) sie\b"
)


@dataclass
class Section:
    """A part: its name, the line or lines of its label, and what stands under it."""

    name: str
    label: list[Line] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def label_text(self) -> str:
        """The label as running text."""
        return " ".join(line.text for line in self.label)


def is_identity(line: Line) -> bool:
    """Whether the line tells which paper this is: its number, kind, or the banner."""
    return is_banner(line.folded) is not None or _IDENTITY.match(line.folded) is not None


def sections_of(lines: Sequence[Line]) -> list[Section]:
    """Divide the lines; the first part is named "top", lines under no label go to "loose"."""
    return _Divider(lines).divided()


class _Divider:
    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = list(lines)
        self.usual = usual_gap(lines)
        self.parts = [Section("top")]
        self.around = "top"

    def divided(self) -> list[Section]:
        at = 0
        while at < len(self.lines):
            # Under the copies that a model letter names in its head, its greeting goes on with it.
            in_letter = any(part.name == "model" for part in self.parts)
            if self.around == "copy" and in_letter and self._greets(at):
                self.around = "model"
            found, length = self._label(at)
            if found is None:
                self._here().lines.append(self.lines[at])
                if self.around == "model" and _CLOSING.match(self.lines[at].folded):
                    self.around = "loose"
                at += 1
            elif found == "identity":
                length = self._whole_identity(at)
                self._apart(Section("identity", [], [self.lines[at]]), at, length)
                at += length
            else:
                at = self._begin(found, at, length)
        return [part for part in self.parts if part.label or part.lines]

    def _whole_identity(self, at: int) -> int:
        """ "Further information on … (…, / 4 June 1999) - Fear of / execution" runs over lines."""
        length = 1
        for following in self.lines[at + 1 : at + 4]:
            line = self.lines[at]
            is_open = line.text.count("(") > line.text.count(")")
            cut = (
                len(line.text) > _FULL
                and following.text[:1].islower()
                and len(following.text) < _FULL
            )
            if following.gap > self.usual or not (is_open or cut) or is_identity(following):
                break
            text = f"{line.text} {following.text}"
            self.lines[at] = replace(line, text=text, wide=f"{line.wide.rstrip()} {following.text}")
            length += 1
        return length

    def _apart(self, section: Section, at: int, length: int) -> None:
        """A page's head in the middle of a part does not end that part."""
        inside = self.around in {"to", "copy", "asks", "more", "model"}
        if not inside or self.parts[-1].name != self.around:
            self.parts.append(section)
            return
        self.parts.insert(len(self.parts) - 1, section)
        if at + length < len(self.lines):
            self.lines[at + length] = replace(self.lines[at + length], gap=0)

    def _greets(self, at: int) -> bool:
        """ "Dear Minister,", or the name that stood above the letter, told again."""
        line = self.lines[at]
        said = line.folded.rstrip(",:")
        told = [one.folded for part in self.parts if part.name == "model" for one in part.lines]
        return is_greeting(line) or (line.text.endswith((",", ":")) and said in told)

    def _here(self) -> Section:
        if self.parts[-1].name != self.around:
            self.parts.append(Section(self.around))
        return self.parts[-1]

    def _label(self, at: int) -> tuple[Found | str | None, int]:
        line = self.lines[at]
        if is_identity(line):
            return "identity", 1
        alone = label_of(line.folded)
        for length in (1, 2, 3):
            window = self.lines[at : at + length]
            if len(window) < length or any(part.bullet for part in window[1:]):
                break
            found = label_of(fold(" ".join(part.text for part in window)))
            if found and found.name in {"to", "copy", "after"} and self._may(found, window, at):
                return found, length
        if alone and self._may(alone, self.lines[at : at + 3], at):
            return alone, 1
        return None, 0

    def _may(self, found: Found, window: Sequence[Line], at: int) -> bool:
        """Labels are not looked for everywhere: a letter may say "please write …" itself."""
        name = found.name
        if name not in _KNOWS_HERE.get(self.around, {name}):
            return False
        if name == "embassies":
            nearby = fold(" ".join(part.text for part in self.lines[at : at + 4]))
            return _YOUR_COUNTRY.search(nearby) is not None
        if name == "people" and self.around in {"to", "copy"}:
            beside = [*self.lines[max(0, at - 1) : at], *self.lines[at + 1 : at + 2]]
            if any(is_form_line(line.text) for line in beside):  # "Office: …", "Name: …"
                return False
            near = self.lines[at + 1 : at + 4]
            told = any(self._is(part, "gender") or self._is(part, "age") for part in near)
            return told or not any(label_at_start(part.text) for part in near)
        if name in {"asks", "model"} and self.around == "more":
            text = window[0].text
            return text[: found.end].isupper() or text.rstrip().endswith(":")
        return True

    def _is(self, line: Line, name: str) -> bool:
        found = label_of(line.folded)
        return found is not None and found.name == name

    def _begin(self, found: Found | str, at: int, length: int) -> int:
        assert isinstance(found, Found)  # noqa: S101  # nosec B101  # "identity" was told apart above
        label = list(self.lines[at : at + length])
        rest = _after_label(label, found)
        section = Section(found.name, label)
        self.parts.append(section)
        at += length
        if found.name in {"asks", "model"}:
            at, rest = self._whole_label(section, at)
        elif found.name == "copy" and rest is not None and self._is(rest, "embassies"):
            section.label, rest = [rest], None
            section.name = "embassies"
            at = self._sentence(section, at)
            self._set_around("embassies")
            return at
        if rest is not None:
            section.lines.append(rest)
        if found.name in _ONE_SENTENCE:
            at = self._sentence(section, at)
        elif found.name == "people":
            at = self._list(section, at)
        self._set_around(found.name)
        return at

    def _set_around(self, name: str) -> None:
        if name in _ENDS_THE_ADDRESSES:
            self.around = "more" if self.around == "more" else "loose"
            if name in {"deadline", "stop"} and self.parts[0] is self.parts[-2]:
                self.around = "top"
        elif name == "people" and self.around == "more":
            self.around = "loose"
        elif name not in _ONE_SENTENCE and name != "people":
            self.around = name

    def _whole_label(self, section: Section, at: int) -> tuple[int, Line | None]:
        """ "Please write immediately in Russian or / your own language:" runs over lines."""
        for _ in range(4):
            text = section.label_text
            if ":" in _after_heading(text) or text.rstrip().endswith(".") or at >= len(self.lines):
                break
            following = self.lines[at]
            goes_on = following.text[:1].islower() and following.gap <= self.usual
            if following.bullet or is_identity(following):
                break
            if label_of(following.folded) and not goes_on:  # "or your own / language:" is none
                break
            above = section.label[-1].text
            if following.gap > max(self.usual, 1):
                break
            if above.isupper() and not (above.endswith(",") or following.text.isupper()):
                break
            section.label.append(following)
            at += 1
        last = section.label[-1]
        before, colon, after = last.text.rpartition(":")
        if colon and after.strip() and label_of(fold(after)) is None:
            section.label[-1] = replace(last, text=f"{before}:")
            return at, replace(last, text=after.strip(), gap=0)
        return at, None

    def _sentence(self, section: Section, at: int) -> int:
        """Take lines until the sentence ends, a label begins or a gap opens."""
        said = [*section.label, *section.lines]
        for _ in range(5):
            done = said[-1].text.rstrip().endswith((".", ":")) or section.name in {"head", "form"}
            if at >= len(self.lines) or (done and (section.lines or section.label)):
                empty = section.name in {"language", "deadline", "gender", "age", "not at risk"}
                if at >= len(self.lines) or not (empty and said[-1].text.rstrip().endswith(":")):
                    break
            following = self.lines[at]
            if label_of(following.folded) or is_identity(following) or following.bullet:
                break
            if section.name in {"gender", "age", "language", "deadline", "not at risk"}:
                if not said[-1].text.rstrip().endswith((":", ",", ";", " or", " and", "/")):
                    break
            elif following.gap > self.usual or self._is_title(following):
                break
            section.lines.append(following)
            said.append(following)
            at += 1
        return at

    def _is_title(self, line: Line) -> bool:
        return line.text.isupper() and len(line.text.split()) > 2

    def _list(self, section: Section, at: int) -> int:
        """The names after "Names:", which may run over lines."""
        goes_on = re.compile(r"(?:[,;:]|\b(?:and|et|y|e|und))$")
        while at < len(self.lines):
            following = self.lines[at]
            if label_of(following.folded) or is_identity(following):
                break
            last = (section.lines or section.label)[-1]
            if not (goes_on.search(last.folded) or following.bullet):
                break
            section.lines.append(following)
            at += 1
        return at


def _after_heading(text: str) -> str:
    """ "RECOMMENDED ACTION: Please send appeals …": what stands after the first of two labels."""
    _, colon, rest = text.partition(":")
    second = label_of(fold(rest)) if colon else None
    if second and second.name in {"asks", "model"}:
        return rest
    return rest if colon and _OPENS.match(fold(rest)) else text


def _after_label(label: Sequence[Line], found: Found) -> Line | None:
    """What stands on the label's own line after its colon."""
    text = " ".join(line.text for line in label)
    if found.name in {"embassies", "after", "stop", "previous", "deadline", "form", "head"}:
        return None
    folded = fold(text)
    colons = folded[: found.end].count(":")
    if not colons:
        return None
    rest = ":".join(text.split(":")[colons:]).strip()
    return replace(label[-1], text=rest, wide=rest, gap=0) if rest else None
