"""The head of the paper: states, title, summary, and where the story begins."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from petitions.intake.countries import countries_called, leading_countries
from petitions.intake.days import days_in
from petitions.intake.headlines import (
    ENDS,
    MARK,
    is_aside,
    is_bracketed,
    is_concern,
    is_day,
    is_letterhead,
    is_marked,
    is_titled_name,
    is_told,
)
from petitions.intake.labels import is_banner
from petitions.intake.numbers import CASE, DATE_LABEL, INDEX, INDEX_LABEL
from petitions.intake.paragraphs import joined, usual_gap
from petitions.intake.sections import Section
from petitions.intake.text import Doubts, Line, flat, is_capitals

_ASIDE = re.compile(r"\([^()]{0,300}\)")
_FOLLOWS = re.compile(r"^(?:and|et|y|und)\b.*?\s[-–]\s")
_KIND_WORDS = re.compile(
    r"(?i)\b(?:amnesty international|urgent action(?: appeal)?|action urgente|acci[oó]n urgente|"
    r"eilaktion|"
    r"dringende aktion|"
    r"stop[ -]action|"
    r"fin de l['’]action(?: urgente)?|action termin[ée]e|fin de la acci[oó]n(?: urgente)?|"
    r"acci[oó]n (?:finalizada|concluida|terminada)|"
    r"aktion beendet|correction|correcci[oó]n|rectificatif|berichtigung|korrektur|"
    r"(?:(?:first|second|third|fourth|fifth|\d{1,2}(?:st|nd|rd|th)?) )?(?:update|"
    r"further information)"
    r"(?: no\.? ?\d+| \(?\d+\)?)?(?: on| to| of)?|"
    r"(?:actions? compl[ée]mentaires?|informations? compl[ée]mentaires?|"
    r"compl[ée]ments? d['’]informations?) sur(?: l['’]| la)?|"
    r"(?:(?:premi[èe]re|deuxi[èe]me|troisi[èe]me) )?mise [àa] jour(?: de l['’]| de)?|"
    r"(?:m[áa]s informaci[óo]n|informaci[óo]n (?:adicional|"
    r"complementaria))(?: \(n[^()\d]{0,5}\d+\))? sobre(?: la)?|"
    r"срочная акция|термінова акція|тревожная акция|تحرك عاجل|a[çc][ãa]o urgente|azione urgente|"
    r"acil eylem|"
    r"(?:(?:primera|segunda|tercera) )?actualizaci[óo]n(?: de(?: la)?)?|"
    r"weitere informationen zu(?:r)?|(?:(?:erste|zweite|dritte|"
    r"\d{1,2}\.) )?aktualisierung(?: zu(?:r)?)?|"
    r"(?:first|second|third|fourth|fifth)(?= ua)|public|external|document public|extern[eo]?)\b"
)
_COUNTED = re.compile(
    r"(?i)\b(?:first|second|third|fourth|fifth|sixth|premi[èe]re|deuxi[èe]me|troisi[èe]me|"
    r"quatri[èe]me|"
    r"primera|segunda|tercera|cuarta|erste|zweite|dritte|vierte)\s+(?=(?:UA|AU|EXTRA)\b)"
)
_LABELLED = re.compile(
    r"(?:title|titre|titulo|titel|countr(?:y|ies)|pays|pais(?:es)?|land|lander)"
    r"(?: concerne)?\s*:\s*\S"
)
_SENTENCE = re.compile(r"^(?:this|ceci|esta|este|dies|il) (?:is|est|es|ist|s'agit|constitue)\b")


@dataclass
class Heading:
    """What the head of the paper says, and the lines of the story under it."""

    title: str | None = None
    summary: str | None = None
    states: list[str] = field(default_factory=list)
    people_lines: list[Line] = field(default_factory=list)
    dates: list[Line] = field(default_factory=list)
    kinds: list[Line] = field(default_factory=list)
    story: list[Line] = field(default_factory=list)
    used: dict[str, list[int]] = field(default_factory=dict)
    in_capitals: bool = False  # the title stood on lines of its own, in capitals


def heading_of(
    parts: Sequence[Section], identities: Sequence[Line], words: frozenset[str], doubts: Doubts
) -> Heading:
    """Read the head from the lines above the first other label."""
    top = [line for part in parts if part.name == "top" for line in part.lines]
    heading = Heading()
    at = _head_lines(heading, top)
    story = top[at:]
    first = story[0].number if story else 1 << 30
    from_identity = _identity_rests(heading, [one for one in identities if one.number < first])
    heading.title = heading.title or from_identity
    modern = heading.in_capitals and any(is_banner(one.folded) for one in identities)
    banner = any(_KIND_WORDS.match(one.text) and not CASE.search(one.text) for one in identities)
    if heading.title is None and banner:
        below = _plain_title(heading, story)
        titled = len(below) < len(story)
        story = below[_head_lines(heading, below, titled=True) :] if titled else below
    labelled = [part for part in parts if part.name == "summary"]
    if labelled:
        heading.summary = joined(labelled[0].lines, words) or None
    elif heading.title and banner and (modern or not heading.people_lines):
        story = _summary(heading, story, _is_apart(parts, story), words, doubts)
    heading.story = story
    return heading


def _head_lines(heading: Heading, top: Sequence[Line], titled: bool = False) -> int:  # noqa: PLR0912, PLR0915  # one branch for each thing a line can be
    """Take the lines that are title, states, dates or people; return where the story begins."""
    title: list[Line] = []
    taken = len(top)
    for at, line in enumerate(top):
        bare = re.sub(r"\s*\([^()]{1,40}\)$", "", line.text)  # "USA (Texas)"
        states = countries_called(bare)
        leading, rest = leading_countries(line.text)
        first, _, behind = line.text.partition(":")  # "Guatemala: Anna Example (f)"
        if (
            not leading
            and countries_called(first)
            and is_marked(replace(line, text=behind.strip()))
        ):
            leading, rest = countries_called(first), behind.strip()
        rest = re.sub(r"^\([^()]{1,40}\)\s*", "", rest)  # "USA (Texas)"
        told_day = bool(days_in(line.folded)) and countries_called(_without_days(line.text))
        dated = is_day(line) or _is_dated_head(line) or is_letterhead(line)
        if dated or told_day:  # "Kazakstan Date: 10 June 2011"
            heading.dates += [line] if days_in(line.folded) else []
            _add(heading.states, told_day or [])
        elif is_aside(top, at):
            continue
        elif _LABELLED.match(line.folded):
            _labelled(heading, title, line)
        elif states and (bare.isupper() or not title) and len(line.text) < 60:
            _add(heading.states, states)
        elif (leading and is_bracketed(replace(line, text=rest))) or (
            leading
            and rest
            and (
                MARK.search(rest)
                or (_wide_gap(line) and not rest.isupper())
                or _is_named_behind(line, rest, top[at + 1 :])
            )
        ):
            _add(heading.states, leading)
            heading.people_lines.append(replace(line, text=rest))
        elif not title and not titled and not heading.title and is_concern(line, top[at + 1 :]):
            title.append(line)
        elif (heading.people_lines or states or heading.states) and is_marked(line):
            heading.people_lines.append(line)
        elif heading.states and line.text.endswith(":") and _lists_people(top[at + 1 :]):
            continue
        elif not _KIND_WORDS.sub("", line.text).strip(" -–—:.,|/()"):
            heading.kinds.append(line)
        elif (heading.states and (is_titled_name(line) or is_told(line, top[at + 1 :]))) or (
            is_capitals(line.text) and title and heading.states and _under_states(top, at)
        ):
            heading.people_lines.append(line)
        elif is_capitals(line.text) and not titled and not _after_summary(title, line):
            title.append(line)
            if line.text.split(" ")[0].endswith(":"):
                _add(heading.states, leading)
        else:
            taken = at
            break
    if title and _KIND_WORDS.sub("", joined(title)).strip(" -–—:.,|/"):
        heading.title = joined(title)
        heading.in_capitals = heading.title.isupper()
        heading.used["title"] = [line.number for line in title]
    return taken


def _is_dated_head(line: Line) -> bool:
    """ "DOCUMENT PUBLIC          Londres, le 12 août 1993": a day, and nothing of the case."""
    if not days_in(line.folded):
        return False
    rest = _KIND_WORDS.sub(" ", _without_days(line.text))
    words = re.findall(
        r"[^\W\d_]+", re.sub(r"(?i)\b(?:londres|london|le|the|document)\b", " ", rest)
    )
    return not words


def _lists_people(below: Sequence[Line]) -> bool:
    """ "Thousands of people, among them:" above names with their marks."""
    return bool(below) and is_marked(below[0])


def _is_named_behind(line: Line, rest: str, below: Sequence[Line]) -> bool:
    """ "CHINA: Li Example, lecturer, aged 36": a name of which the story tells."""
    return re.search(r":| [-–] ", line.text[: -len(rest)]) is not None and is_told(
        replace(line, text=rest), below
    )


def _under_states(top: Sequence[Line], at: int) -> bool:
    """Whether a state stands alone above a line, with nothing but people between."""
    return any(bool(countries_called(line.text)) for line in top[max(0, at - 4) : at])


def _labelled(heading: Heading, title: list[Line], line: Line) -> None:
    """ "Title: …", "Country: …", where a paper has such a form."""
    value = line.text.partition(":")[2].strip()
    if line.folded.startswith("tit"):
        title.append(replace(line, text=value))
    else:
        _add(heading.states, countries_called(value))


def _after_summary(title: Sequence[Line], line: Line) -> bool:
    return bool(title) and line.gap > 2


def _wide_gap(line: Line) -> bool:
    return re.search(r"\S\s{3,}\S", line.wide) is not None


def _add(states: list[str], more: Sequence[str]) -> None:
    states.extend(code for code in more if code not in states)


def _identity_rests(heading: Heading, identities: Sequence[Line]) -> str | None:
    """What a line like "UA 10/06 Fear of torture 12 January 2006" says beside its numbers."""
    title: str | None = None
    for line in identities:
        if _SENTENCE.match(line.folded):
            continue
        rest = _first_cell(line)
        states = countries_called(rest)
        leading, after = leading_countries(rest)
        if states:
            _add(heading.states, states)
        elif leading and MARK.search(after):
            _add(heading.states, leading)
            heading.people_lines.append(replace(line, text=after))
        elif len(rest.split()) >= 2 and title is None and _may_have_title(line):
            title = rest
            heading.used.setdefault("title", [line.number])
    return title


def _may_have_title(line: Line) -> bool:
    return CASE.search(line.text) is not None or is_banner(line.folded) is not None


def _first_cell(line: Line) -> str:
    """Where wide gaps part the line, a cell with a date or a number alone says nothing more."""
    for cell in re.split(r"\s{3,}", line.wide.strip()):
        if days_in(flat(cell)) and "  " in line.wide.strip() and not CASE.search(cell):
            continue
        rest = _without_numbers(cell)
        if rest:
            return rest
    return ""


def _without_numbers(text: str) -> str:
    text = _COUNTED.sub("", text)
    rest = _ASIDE.sub(lambda m: m[0] if MARK.match(m[0]) else " ", text)
    rest = CASE.sub(" ", rest)
    rest = re.sub(INDEX_LABEL.pattern + r"(?=[A-Z]{3}\s?/?\s?\d)", " ", rest, flags=re.I)
    rest = INDEX.sub(" ", rest)
    rest = _without_days(rest)
    rest = re.sub(r"\b[ld]['’](?=\s|$)", " ", _KIND_WORDS.sub(" ", rest))
    rest = re.sub(r"\s{2,}", " ", rest).strip(" \t-–—:|,;./")
    return _FOLLOWS.sub("", rest)  # "… and follow-ups (…) - Fear of torture"


def _without_days(text: str) -> str:
    days = days_in(flat(text))
    for day in reversed(days):
        before = flat(text)[: day.start]
        label = next((m for m in DATE_LABEL.finditer(before) if m.end() == day.start), None)
        text = text[: label.start() if label else day.start] + " " + text[day.end :]
    return text


def _plain_title(heading: Heading, story: list[Line]) -> list[Line]:
    """A title without capitals is one only where a blank line sets it apart from what follows."""
    run = _run(story)
    text = joined(run)
    apart = len(run) < len(story) and len(run) <= 3
    if countries_called(text) or not _KIND_WORDS.sub("", text).strip(" -–—:.,|/"):
        return story
    if run and apart and usual_gap(story) == 0 and not text.endswith(ENDS) and len(text) < 200:
        heading.title = text
        heading.used["title"] = [line.number for line in run]
        return story[len(run) :]
    return story


def _is_apart(parts: Sequence[Section], story: Sequence[Line]) -> bool:
    """Whether a blank line stands between the story and the label that follows it."""
    last = story[-1].number if story else 0
    after = [line for part in parts for line in [*part.label, *part.lines] if line.number > last]
    return not after or min(after, key=lambda line: line.number).gap > 0


def _one_line_each(lines: Sequence[Line]) -> bool:
    """Whether each line is a whole paragraph, as word processors write them."""
    return (
        bool(lines)
        and all(line.text.endswith(ENDS) for line in lines)
        and (sum(len(line.text) for line in lines) > 100 * len(lines))
    )


def _run(lines: Sequence[Line]) -> list[Line]:
    run = list(lines[:1])
    for line in lines[1:]:
        if line.gap:
            break
        run.append(line)
    return run


def _summary(
    heading: Heading, story: list[Line], apart: bool, words: frozenset[str], doubts: Doubts
) -> list[Line]:
    """The paragraph under the title, where it can be seen where that ends."""
    run = story[:1] if _one_line_each(story) else _run(story)
    if not run:
        return story
    wrapped = len(run) == 1 and usual_gap(story) > 0 and not _one_line_each(story)
    sure = run[-1].text.endswith(ENDS) and not wrapped
    if not sure or (len(run) == len(story) > 1 and not apart):
        doubts.add(run[0], "where the summary ends cannot be seen")
        return story
    heading.summary = joined(run, words)
    heading.used["summary"] = [line.number for line in run]
    return story[len(run) :]
