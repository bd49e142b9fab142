"""Which paper this is: its number, its index, its day of issue, its kind, its ordinal."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from petitions.intake.days import days_in, unclear_days
from petitions.intake.draft import Kind
from petitions.intake.text import Doubts, Line, fold

CASE = re.compile(
    r"\b(?P<series>EXTRA|UA|AU|(?i:urgent action|action urgente|acci[oó]n urgente))\b\W{0,3}"
    r"(?:[Nn](?:o|O|r|R|°|º|úm|um|umber|úmero|umero|umméro|uméro|ummer)?\W{0,3})?"
    r"(?P<number>\d{1,4})\s?/\s?(?P<year>(?:19|20)\d\d|\d\d)(?:-(?P<part>\d{1,2}))?(?![\d/])"
)
INDEX = re.compile(r"\b[A-Z]{3}\s?/?\s?\d{2}/\d{1,5}/(?:19|20)?\d\d(?:/[a-z]{1,2})?\b")
INDEX_LABEL = re.compile(r"(?:\bAI[\s-]*)?\b(?:Index|Í?I?ndice)(?:\s*AI\b)?(?:\s*(?:no|nr|"
                         r"n°)\.?)?\s*[:.#-]?\s*", re.I)  # fmt: skip
DATE_LABEL = re.compile(
    r"\b(?:issue date|date of issue|issued(?: on)?|date d'emission|date de publication|"
    r"fecha de (?:emision|publicacion)|ausgabedatum|date|fecha|datum)\s*:?\s*"
)
_PAGE = re.compile(r"(?:https?://|www\.)\S+", re.I)
_ASIDE = re.compile(r"\([^()]{0,120}\)")
_STOP = re.compile(
    r"\bstop[ -]action\b|\bfin de l'action\b|\baction (?:urgente )?terminee\b|"
    r"\bcloture de l'action\b"
    r"|\bfin de (?:la )?accion\b|\baccion (?:urgente )?(?:finalizada|concluida|terminada|cerrada)\b"
    r"|\baktion (?:ist )?(?:beendet|abgeschlossen)\b|\b(?:ende|abschluss) der (?:eil)?aktion\b"
)
_CORRECTION = re.compile(
    r"\bcorrect(?:ion|ed version)\b|\bcorrigendum\b|\brectificati(?:f|on)\b|\bcorrectif\b"
    r"|\bcorreccion\b|\bberichtigung\b|\bkorrektur\b|\bkorrigierte fassung\b"
)
_UPDATE = re.compile(
    r"\bfurther information\b(?!\s*:)|\bupdate\b|\b(?:additional|more) information (?:on|"
    r"about) (?:ua|extra)"
    r"|\b(?:actions? complementaires?|informations? complementaires?|complements? d'informations?|"
    r"nouvelles informations) sur\b"
    r"|\bfortsetzung\b"
    r"|\bmise a jour\b|\b(?:mas informacion|informacion (?:adicional|"
    r"complementaria)) (?:\(?(?:num|no|n)\W{0,2}\d+\)? )?sobre\b"
    r"|\bactualizacion\b|\bweitere informationen (?:zu|uber)\b|\baktualisierung\b"
    r"|\b(?:second|third|fourth|fifth|sixth) (?:ua|urgent action)\b"
    r"|\b(?:deuxieme|troisieme|quatrieme) (?:au|action urgente)\b"
    r"|\b(?:segunda|tercera|cuarta) (?:au|accion urgente)\b|\b(?:zweite|dritte|vierte) (?:ua|"
    r"eilaktion)\b"
)
_COUNTED_PAPER = re.compile(
    r"\b(?:second|third|fourth|fifth|sixth|deuxieme|troisieme|quatrieme|segunda|tercera|cuarta|"
    r"zweite|"
    r"dritte|vierte) (?:ua|au|urgent action|action urgente|accion urgente|eilaktion)\b"
)
_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "first premiere premier primera primer erste",
            "second deuxieme seconde segunda segundo zweite",
            "third troisieme tercera tercer dritte",
            "fourth quatrieme cuarta vierte",
            "fifth cinquieme quinta funfte",
            "sixth sixieme sexta sechste",
            "seventh septieme septima siebte",
            "eighth huitieme octava achte",
            "ninth neuvieme novena neunte",
            "tenth dixieme decima zehnte",
        ),
        start=1,
    )
    for word in words.split()
}
_THING = (
    r"(?:update|further information|mise a jour|complements? d'informations?|"
    r"informations? complementaires?|actualizacion|mas informacion|informacion (?:adicional|"
    r"complementaria)|"
    r"aktualisierung|fortsetzung)"
)
_NUMBERED = (
    re.compile(rf"\b(?P<word>{'|'.join(_ORDINALS)})n? {_THING}\b"),
    re.compile(rf"(?<![\d/.-])(?P<digits>\d{{1,2}})\s?(?:st|nd|rd|th|e|er|ere|eme|a|o|ª|º|"
               rf"\.)? {_THING}\b"),
    re.compile(rf"\b{_THING} \(?(?:no\.?|n°|n\.?º|nr\.?|num\.?|number|"
               rf"#)?\s?\(?(?P<digits>\d{{1,2}})\)?(?![\d/])"),
)  # fmt: skip


def begins_with_kind(line: Line) -> bool:
    """Whether a short line, no sentence, begins with "Correction", "Stop action", "Update 2"."""
    if len(line.text) > 100 or line.text.endswith("."):
        return False
    return any(pattern.match(line.folded) for pattern in (_STOP, _CORRECTION, _UPDATE))


def kind_of(lines: Iterable[Line]) -> Kind | None:
    """Return the kind that the head of the paper names, or None where it names none."""
    said = " | ".join(line.folded for line in lines)
    for kind, pattern in (("stop", _STOP), ("correction", _CORRECTION), ("update", _UPDATE)):
        if pattern.search(said):
            return kind  # type: ignore[return-value]  # the three words are kinds
    return None


def update_number_of(lines: Sequence[Line], doubts: Doubts) -> int | None:
    """Return the ordinal of an update where the paper counts updates, not papers."""
    found: dict[int, Line] = {}
    is_update = any(_UPDATE.search(line.folded) for line in lines)
    for line in lines:
        plain = line.folded.strip("()") if line.folded.startswith("(") else line.folded
        text = _ASIDE.sub(lambda m: m[0] if len(m[0]) < 10 else " ", plain)
        for pattern in _NUMBERED:
            for match in pattern.finditer(text):
                groups = match.groupdict()
                found.setdefault(int(groups.get("digits") or _ORDINALS[groups["word"]]), line)
        part = CASE.search(line.text)
        if part and part["part"] and is_update:
            found.setdefault(int(part["part"]), line)
        if _COUNTED_PAPER.search(line.folded) and not found:
            doubts.add(line, "the paper counts itself, not its updates: which update is it?")
    if len(found) > 1:
        for line in found.values():
            doubts.add(line, "different numbers of the update")
    return next(iter(found)) if len(found) == 1 else None


_WORDS = "|".join(_ORDINALS)
_SENTENCE = re.compile(
    r"\b(?:this is the|ceci est la|il s'agit de la|esta es la|dies ist die) "
    rf"(?:{_WORDS}) {_THING}"
)


def counted_in_sentences(lines: Sequence[Line]) -> list[Line]:
    """Return "This is the first update" out of running text, where lines may break it."""
    found = []
    for first, second in zip(lines, [*lines[1:], None], strict=True):
        text = first.folded + (" " + second.folded if second else "")
        for match in _SENTENCE.finditer(text):
            if match.start() <= len(first.folded):
                found.append(Line(first.number, match[0], match[0]))
    return found


def case_number_of(heads: Sequence[Line], others: Sequence[Line], doubts: Doubts) -> str | None:
    """Return the number of the case; of several, the one that the head of the paper gives first.

    A number inside brackets belongs to an earlier paper.
    """
    for lines in (heads, others):
        found: dict[str, Line] = {}
        for line in lines:
            for match in CASE.finditer(_ASIDE.sub(" ", line.text) if lines is heads else line.text):
                said = _number(match)
                if not any(_is_same(said, other) for other in found):
                    found[said] = line
        if len(found) == 1:
            return next(iter(found))
        if len(found) > 1:
            for line in found.values():
                doubts.add(line, "several case numbers: which is this paper's?")
            return None
    return None


def _number(match: re.Match[str]) -> str:
    series = match["series"]
    if len(series) > 5:
        series = "UA" if fold(series).startswith("urgent") else "AU"
    return f"{series} {match['number']}/{match['year']}"


def _is_same(one: str, other: str) -> bool:
    """ "UA 211/08" and "UA 211/2008" are one case."""
    first, second = one.split("/"), other.split("/")
    return first[0] == second[0] and first[1][-2:] == second[1][-2:]


def index_of(heads: Sequence[Line], doubts: Doubts) -> str | None:
    """Return the paper's own index number; one in brackets is an earlier paper's."""
    labelled: dict[str, Line] = {}
    plain: dict[str, Line] = {}
    for line in heads:
        text = _PAGE.sub(" ", _ASIDE.sub(" ", line.text))
        for match in INDEX.finditer(text):
            label = INDEX_LABEL.search(text[max(0, match.start() - 20) : match.start()])
            value = " ".join(match[0].split())
            (labelled if label else plain).setdefault(value, line)
    for found in (labelled, plain):
        if len(found) == 1:
            return next(iter(found))
        if len(found) > 1:
            for line in found.values():
                doubts.add(line, "several index numbers: which is this paper's?")
            return None
    for line in heads:
        if INDEX_LABEL.match(line.text) and not INDEX.search(line.text):
            doubts.add(line, "an index number of an unknown form")
    return None


def issued_on(heads: Sequence[Line], doubts: Doubts) -> date | None:
    """Return the day of issue: labelled, or the only whole date in the head of the paper."""
    labelled: dict[date, Line] = {}
    plain: dict[date, Line] = {}
    for line in heads:
        text = _ASIDE.sub(" ", line.folded)
        if unclear_days(text):
            doubts.add(line, "a date that may be read two ways")
        for day in days_in(text):
            on = day.on()
            if on is not None:
                label = any(m.end() == day.start for m in DATE_LABEL.finditer(text[: day.start]))
                (labelled if label else plain).setdefault(on, line)
    for found in (labelled, plain):
        if len(found) == 1:
            return next(iter(found))
        if len(found) > 1:
            for line in found.values():
                doubts.add(line, "several dates: which is the day of issue?")
            return None
    return None
