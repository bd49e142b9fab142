"""Reading an Urgent Action: its text in, a draft with its doubts out."""

import re
from collections.abc import Iterable, Sequence

from petitions.intake.asks import (
    asks_in_label,
    asks_in_letter,
    asks_of,
    with_addressee,
    with_single_state,
    without_asks,
)
from petitions.intake.columns import columns_apart
from petitions.intake.countries import countries_within
from petitions.intake.deadlines import deadline_of
from petitions.intake.draft import Draft, DraftOfficial
from petitions.intake.files import is_pdf, text_of
from petitions.intake.furniture import without_running_heads
from petitions.intake.heading import Heading, heading_of
from petitions.intake.labels import is_banner, says_no_more
from petitions.intake.language import language_of, languages_named
from petitions.intake.letters import letter_of
from petitions.intake.numbers import (
    begins_with_kind,
    case_number_of,
    counted_in_sentences,
    index_of,
    issued_on,
    kind_of,
    update_number_of,
)
from petitions.intake.officials import UNTOLD, officials_of
from petitions.intake.paragraphs import joined, paragraphs, words_of
from petitions.intake.people import people_of
from petitions.intake.refusals import IntakeError
from petitions.intake.second_look import second_look
from petitions.intake.sections import Section, sections_of
from petitions.intake.since import since_of
from petitions.intake.text import Doubts, Line, fold, read_lines

# Labels that only an Urgent Action has; a told story has none of them.
_TELLING = {"to", "copy", "embassies", "after", "asks", "deadline", "model", "gender", "language"}
_EMBASSY = re.compile(
    r"\bemba(?:ssy|ssies|jada)|ambassad|embajador|botschaft|consul|konsul|\bhigh comm"
)
_DEAR = re.compile(
    r"^(?:dear|estimad[oa]|monsieur|madame|sehr geehrter?)\s+"
    r"(?:mr\.? |mrs\.? |ms\.? |herr |frau |le |la |l')?"
)
_WITH_DEADLINES = {"to", "copy", "asks", "deadline", "after", "model", "embassies"}


def read_document(data: bytes) -> Draft:
    """Read a file's bytes: text, PDF or DOCX; `source` of the draft is the text that was read.

    Where a PDF was written row by row through its columns, its officials are refused as mixed;
    then it is read once more as it is laid out. Raises IntakeError.
    """
    draft = read_urgent_action(text_of(data))
    if is_pdf(data) and any(doubt.reason in UNTOLD for doubt in draft.doubts):
        laid_out = read_urgent_action(text_of(data, as_laid_out=True))
        if len(laid_out.officials) > len(draft.officials):
            return laid_out
    return draft


def read_urgent_action(text: str) -> Draft:
    """Read the text of an Urgent Action.

    Raises IntakeError where the text has no label of one: a story is no Urgent Action.
    """
    lines = columns_apart(without_running_heads(read_lines(text)))
    parts = sections_of(lines)
    _refuse_others(parts)
    doubts = Doubts()
    words = words_of(lines)
    language = language_of(lines)
    heads = _heads(parts)
    heading = heading_of(parts, heads, words, doubts)
    draft = Draft(language=language, title=heading.title, summary=heading.summary, source=text)
    _numbers(draft, heads, heading, lines, doubts)
    draft.people = people_of(parts, [*heading.people_lines], language, doubts)
    _asks_and_officials(draft, parts, words, doubts)
    titled = heading.used.get("title", [])
    titles = [line for line in lines if line.number in titled]
    titles += heading.kinds + [line for line in heading.story[:3] if begins_with_kind(line)]
    _kind(draft, parts, [*heads, *titles], lines, doubts)
    _states(draft, heading)
    _rest(draft, parts, words, doubts)
    draft.story = _text(heading.story, words)
    draft.sources = dict(heading.used)
    second_look(draft, lines, doubts)
    told = " ".join(filter(None, (draft.summary, draft.story, draft.additional_information)))
    if since := since_of(told, [one.name for one in draft.people], language):
        draft.status, draft.status_since = since
    _loose(parts, heading, doubts)
    draft.doubts = doubts.in_order()
    return draft


def _refuse_others(parts: Sequence[Section]) -> None:
    if any(part.name == "identity" for part in parts):
        return
    if sum(part.name in _TELLING for part in parts) < 2:
        raise IntakeError("no Urgent Action: it has no number, heading or label of one")


def _heads(parts: Sequence[Section]) -> list[Line]:
    """Lines that say which paper this is, wherever they stand: head, foot, running heads."""
    found = []
    for part in parts:
        if part.name in {"identity", "head"}:
            found += [*part.label, *part.lines]
    return found


def _numbers(
    draft: Draft, heads: Sequence[Line], heading: Heading, lines: Sequence[Line], doubts: Doubts
) -> None:
    draft.case_number = case_number_of(heads, lines, doubts)
    draft.index = index_of(heads, doubts)
    draft.issued_on = issued_on([*heads, *heading.dates], doubts)
    counting = [*heads, *heading.kinds, *counted_in_sentences(lines)]
    draft.update_number = update_number_of(counting, doubts)


def _asks_and_officials(
    draft: Draft, parts: Sequence[Section], words: frozenset[str], doubts: Doubts
) -> None:
    language = draft.language
    for part in parts:
        if part.name == "asks":
            draft.asks += asks_in_label(part.label, draft.asks, language, words)
            draft.asks += with_addressee(
                asks_of(part.lines, language, words, doubts), part.label_text, language
            )
        elif part.name == "to":
            draft.officials += officials_of(part.lines, "to", language, doubts)
        elif part.name == "copy":
            draft.officials += officials_of(part.lines, "copy", language, doubts)
        elif part.name == "model":
            letter = letter_of(part.lines)
            draft.officials += officials_of(letter.address, "to", language, doubts)
            _greet(draft.officials, letter.greeting, language, doubts)
            draft.asks += asks_in_letter(letter.body, language, words)


def _greet(
    officials: Sequence[DraftOfficial], greeting: Line | None, language: str | None, doubts: Doubts
) -> None:
    """A model letter's greeting is the salutation of the one official it is written to."""
    from petitions.intake.salutations import salutations_of

    if greeting is None:
        return
    written_to = [official for official in officials if official.role == "to"]
    said = fold(greeting.text).strip(" ,:").split()
    by_name = [o for o in written_to if o.name and fold(o.name).split()[-1] in said]
    office = _DEAR.sub("", " ".join(said))
    by_office = [o for o in written_to if o.office and fold(o.office).startswith(office)]
    if len(written_to) > 1:
        written_to = by_name or by_office
    if len(written_to) != 1:
        doubts.add(greeting, "to which of the officials is this said?")
    elif not written_to[0].salutations:
        written_to[0].salutations = salutations_of(
            greeting.text.strip(" ,:"), language, greeting, doubts
        )


def _kind(
    draft: Draft,
    parts: Sequence[Section],
    heads: Sequence[Line],
    lines: Sequence[Line],
    doubts: Doubts,
) -> None:
    named = kind_of(heads)
    no_more = says_no_more(fold(" ".join(line.text for line in lines)))
    if no_more and not draft.asks:
        named = "stop"
    elif named == "stop" and draft.asks:
        for part in parts:
            if part.name == "asks":
                doubts.add(part.label[0], "a stop action that still asks for something")
    draft.kind = named or "new"


def _states(draft: Draft, heading: Heading) -> None:
    """States of the head and those the asks name; without a head, those of the officials."""
    named = [state for ask in draft.asks for state in ask.states]
    written_to = [
        o.country
        for o in draft.officials
        if o.role == "to" and o.country and not _is_embassy(o)  # it stands in another state
    ]
    if "US" in written_to and "GE" not in written_to:  # Georgia is one of its states
        for ask in draft.asks:
            ask.states = [state for state in ask.states if state != "GE"]
        named = [state for state in named if state != "GE"]
    told = countries_within(f"{draft.title} {draft.summary}", draft.language or "en")
    only = told if len(told) == 1 else []  # "A Syrian film-maker was released": no other is named
    draft.countries = _once([*(heading.states or written_to or named or only), *named])
    draft.asks = with_single_state(draft.asks, _once([*written_to, *named]) or heading.states)


def _is_embassy(official: DraftOfficial) -> bool:
    return _EMBASSY.search(fold(f"{official.office} {official.organisation}")) is not None


def _once(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(codes))


def _rest(draft: Draft, parts: Sequence[Section], words: frozenset[str], doubts: Doubts) -> None:
    about_days = [
        line
        for part in parts
        if part.name in _WITH_DEADLINES
        for line in [
            *part.label,
            *(part.lines if part.name in {"deadline", "after", "embassies"} else []),
        ]
    ]
    draft.deadline_on = deadline_of(about_days, draft.issued_on, doubts)
    draft.embassies = any(part.name == "embassies" for part in parts)
    for part in parts:
        if part.name in {"asks", "language", "after", "model", "to"}:
            extra = part.lines if part.name in {"language", "after"} else []
            said = without_asks(" ".join(line.text for line in [*part.label, *extra]))
            new = [code for code in languages_named(said) if code not in draft.letter_languages]
            draft.letter_languages += new
        if part.name == "after":
            draft.after_deadline = joined([*part.label, *part.lines])
    more = [line for part in parts if part.name == "more" for line in part.lines]
    draft.additional_information = _text(more, words)


def _text(lines: Sequence[Line], words: frozenset[str]) -> str | None:
    return "\n\n".join(joined(part, words) for part in paragraphs(lines)) or None


def _loose(parts: Sequence[Section], heading: Heading, doubts: Doubts) -> None:
    title = fold(heading.title or "")
    for part in parts:
        if part.name != "loose":
            continue
        for line in part.lines:
            running_head = title and line.folded in title
            if not running_head and not is_banner(line.folded):
                doubts.add(line, "it belongs to no part that is known")
