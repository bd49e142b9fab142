"""What one line in the head of a paper is: a day, a concern, a name, or none of the paper's own."""

import re
from collections.abc import Sequence

from petitions.intake.countries import countries_called, leading_countries
from petitions.intake.days import days_in
from petitions.intake.naming import is_name
from petitions.intake.people import STATED_BY_TITLE
from petitions.intake.text import Line, fold

MARK = re.compile(r"\((?:m|f|h|w|male|female)\b[^()]{0,20}\)", re.I)
ENDS = (".", "!", "?", ".”", '."', ".»", ".)", "…")
_CONCERN = re.compile(
    r"(?:imminent |incommunicado |possible |risk of |further )?(?:fears?|concerns?|death penalty|"
    r"executions?|torture|ill-treatment|detention|\W?disappear|extrajudicial|legal|health|unfair|"
    r"prisoners? of|forcible|refoulement|deportation|harassment|death threats|intimidation|"
    r"medical|flogging|amputation|arbitrary|safety)\b"
    r"|(?:craintes?|peine de mort|risque|torture|detention|executions?|mauvais traitements|"
    r"disparition|menaces|inquietudes?|preoccupations?|prisonniers? d'opinion|homicides?)\b"
    r"|(?:temor(?:es)?|pena de muerte|preocupacion|tortura|detencion|amenazas|desaparicion|"
    r"ejecucion|presos? de conciencia|homicidio|malos tratos|peligro)\b"
    r"|(?:drohende|todesstrafe|folter|sorge|haft|morddrohung|verschwindenlassen|rechtliche|"
    r"gewaltlose|misshandlung|gefahr|gesundheit|willkurliche)"
)
_LETTERHEAD = re.compile(
    r"(?:\* )?(?:news (?:release|service)\b.{0,60}|amnesty international|amnistia internacional|"
    r"(?:the )?international secretariat|"
    r"secretariat international|secretariado internacional)\b(?:\d\.|[^.]){0,60}$"
)
_PAGE_ALONE = re.compile(r"(?:https?://|www\.)\S+")


def is_day(line: Line) -> bool:
    days = days_in(line.folded)
    return (
        len(days) == 1
        and len(line.folded) - (days[0].end - days[0].start) <= 12
        and days[0].year is not None
    )


def is_letterhead(line: Line) -> bool:
    """ "AMNESTY INTERNATIONAL INTERNATIONAL SECRETARIAT": who writes, no title."""
    return _LETTERHEAD.match(line.folded) is not None


def is_concern(line: Line, below: Sequence[Line]) -> bool:
    """ "Death penalty / Legal concern", above a day or a state: the title of older papers."""
    if not _CONCERN.match(line.folded) or line.text.endswith(ENDS) or len(line.text) > 120:
        return False
    after = below[0] if below else None
    return after is not None and (
        is_day(after)
        or bool(countries_called(re.sub(r"\s*\([^()]{1,40}\)$", "", after.text)))
        or bool(leading_countries(after.text)[0])
    )


def is_bracketed(line: Line) -> bool:
    """ "Anna Example    )": one of the names that a drawn bracket holds together."""
    name, bracket, _ = line.text.partition(")")
    return bool(bracket) and "(" not in line.text and is_name(name.strip())


def is_told(line: Line, below: Sequence[Line]) -> bool:
    """A name alone under a state's, or with what the person does, of whom the story tells."""
    name, comma, rest = (part.strip() for part in line.text.partition(","))
    if is_bracketed(line):
        return True
    story = fold(" ".join(other.text for other in below))
    small = not comma or rest[:1].islower() or rest[:1].isdigit()
    return is_name(name) and small and len(line.text) < 100 and fold(name) in story


def is_aside(top: Sequence[Line], at: int) -> bool:
    """What a mail or a page puts around the paper: "[…]", dashes, where else it can be read."""
    text = top[at].text
    below = top[at + 1].text if at + 1 < len(top) else ""
    return (
        (text.startswith("[") and text.endswith("]"))
        or _PAGE_ALONE.fullmatch(text) is not None
        or (_PAGE_ALONE.fullmatch(below) is not None and len(text) < 120)
        or re.fullmatch(r"[-–—_=*~. ]{3,}", text) is not None
        or re.match(r"(?i)(?:[-–—]\s*)?from amnesty international\b", text) is not None
    )


def is_marked(line: Line) -> bool:
    """A name with "(m)" or "(f)" behind it, that opens the line."""
    mark = MARK.search(line.text)
    return mark is not None and len(line.text) < 160 and is_name(line.text[: mark.start()].strip())


def is_titled_name(line: Line) -> bool:
    """ "Herr Reza Beispieli, 20 Jahre" under the name of a state."""
    name = line.text.partition(",")[0].partition("(")[0].strip()
    first = fold(name.partition(" ")[0])
    return first in STATED_BY_TITLE and is_name(name.partition(" ")[2]) and len(line.text) < 120
