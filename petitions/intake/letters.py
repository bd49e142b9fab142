"""A model letter: the address above it, its greeting, its body up to the closing words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from petitions.intake.text import Line
from petitions.intake.vocabulary import begins_with_title

_GREETING = re.compile(
    r"(?:dear\b|your (?:excellency|honou?r|majesty|highness|royal highness|eminence|grace|holiness|"
    r"lordship|worship)|honou?rable\b|excellenc[ey]\b|excellences\b|to whom it may concern|"
    r"sirs?\b|madam\b|monsieur\b|madame\b|mesdames\b|messieurs\b|"
    r"votre (?:excellence|majeste|altesse|saintete)|sire\b|cher\b|chere\b|"
    r"mon (?:general|colonel|commandant)\b|maitre\b|"
    r"(?:estimad|distinguid|respetad|excelentisim|ilustrisim|honorable)\w*\b|senor(?:a|es)?\b|"
    r"muy senor|sra?\.|sres\.|excmo\.|excma\.|(?:su|vuestra) (?:excelencia|majestad|alteza|"
    r"senoria|santidad)|excmo\b|excma\b|"
    r"sehr (?:geehrte|verehrte)|(?:eure |euer |ihre )?(?:exzellenz|majestat|heiligkeit|hoheit|"
    r"konigliche)\b|hochverehrte)[^.]{0,80}[,:!]?$"
)
_CLOSING = re.compile(
    r"(?:yours (?:sincerely|faithfully|respectfully|truly)|sincerely|respectfully|kind regards|"
    r"je vous prie d'agreer|veuillez (?:agreer|recevoir|croire)|atentamente|respetuosamente|"
    r"le saluda|"
    r"hochachtungsvoll|mit freundlichen gru|mit freundlichem gru)"
)


@dataclass
class Letter:
    """The parts of a model letter."""

    address: list[Line] = field(default_factory=list)
    greeting: Line | None = None
    body: list[Line] = field(default_factory=list)


def letter_of(lines: Sequence[Line]) -> Letter:
    """Divide the lines; without a greeting there is no telling where the address ends."""
    letter = Letter()
    for at, line in enumerate(lines):
        if letter.greeting is None:
            ends = line.text.rstrip().endswith((",", ":", "!")) or _alone(lines, at)
            by_name = at == 0 and _alone(lines, at) and line.text.endswith(",")
            by_name = by_name and begins_with_title(line.text)  # "Senior General Example,"
            if (_GREETING.match(line.folded) or by_name) and ends:
                letter.greeting = line
            else:
                letter.address.append(line)
        elif _CLOSING.match(line.folded):
            break
        else:
            letter.body.append(line)
    if letter.greeting is None:
        at = next((at for at, line in enumerate(lines) if _runs(line)), len(lines))
        letter.address, letter.body = list(lines[:at]), list(lines[at:])
    return letter


def _runs(line: Line) -> bool:
    """Whether a line is running text: many words, most of them small."""
    words = [word for word in line.text.split() if word.isalpha()]
    ends = line.text.rstrip().endswith((".", ":", ";", ","))
    enough = len(words) > (7 if ends else 11)  # "Auditeur général des Forces armées de la RDC"
    return enough and sum(word.islower() for word in words) * 2 > len(words)


def is_greeting(line: Line) -> bool:
    """Whether a line greets, as a letter begins: "Dear Minister,"."""
    return _GREETING.match(line.folded) is not None and line.text.rstrip().endswith((",", ":", "!"))


def _alone(lines: Sequence[Line], at: int) -> bool:
    following = lines[at + 1] if at + 1 < len(lines) else None
    return following is not None and following.gap > 0
