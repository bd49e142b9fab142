"""What the page of a draft shows beside its form: the paper, marked; doubts; what is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from petitions.domain.case_finding import case_of, title_of
from petitions.domain.import_matching import KnownCase, officials_like
from petitions.errors import Refused
from petitions.i18n import country_name
from petitions.intake.draft import Draft
from petitions.intake.places import places_of
from petitions.intake.refusals import IntakeError
from petitions.models import OfficialKind
from petitions.web.language import interface_language
from petitions.web.organiser.cases import choices
from petitions.web.organiser.cases.words import STATUSES
from petitions.web.organiser.cases.words import refusal_words as case_words
from petitions.web.organiser.importing.forms import LEAVE_OUT, NEW, DraftForm, country_of
from petitions.web.organiser.importing.words import DOUBTS, FIELDS, KINDS, OURS, REFUSALS
from petitions.web.organiser.officials.messages import KINDS as KIND_WORDS
from petitions.web.organiser.officials.messages import official_words
from petitions.web.organiser.organisation_choices import lines_of
from petitions.web.organiser.petitions.words import AFTER
from petitions.web.organiser.petitions.words import refusal_words as petition_words


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the paper: what was read in it, and what was not understood."""

    number: int
    text: str
    is_read: bool
    field: str
    doubts: tuple[str, ...]


def page_values(form: DraftForm, draft: Draft, known: Sequence[KnownCase]) -> dict[str, Any]:
    """Return all that the template shows beside the form's own fields."""
    places = places_of(draft)
    return {
        "lines": _lines(draft, places),
        "doubts": [(one.line, one.text, _doubt(one.reason)) for one in draft.doubts],
        "read_in": {name: _read_in(at) for name, at in places.items()},
        "not_read": gettext("Not read in the paper."),
        "statuses": [(status.value, words) for status, words in STATUSES.items()],
        "kinds": [(kind, words, "") for kind, words in KINDS.items()],
        "case_choices": _cases(form, known),
        "after": [(rule.value, *words) for rule, words in AFTER.items()],
        "languages_to_choose": choices.languages(*filter(None, [form.language.data])),
        "which": [_which(one.form) for one in form.officials],
        "official_kinds": [(kind.value, KIND_WORDS[kind], "") for kind in OfficialKind],
        "parts": [("to", gettext("Addressee"), ""), ("copy", gettext("Gets a copy"), "")],
    }


def _lines(draft: Draft, places: Mapping[str, tuple[int, ...]]) -> list[SourceLine]:
    marked: dict[int, str] = {}
    for name, numbers in places.items():
        for number in numbers:
            marked.setdefault(number, str(FIELDS.get(name.partition(".")[0], name)))
    doubts: dict[int, list[str]] = {}
    for doubt in draft.doubts:
        doubts.setdefault(doubt.line, []).append(_doubt(doubt.reason))
    text = draft.source.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "")
    found, above = [], ""
    for number, line in enumerate(text.split("\n"), start=1):
        name = marked.get(number, "")
        said = "" if name == above else name  # a run of lines is named once
        above = name or ("" if line.strip() else above)
        why = tuple(doubts.get(number, ()))
        found.append(SourceLine(number, line.strip(), bool(name), said, why))
    return found


def _doubt(reason: str) -> str:
    return str(DOUBTS.get(reason, reason))


def _read_in(numbers: Sequence[int]) -> Markup:
    """ "Read in line 12", with a way to that line."""
    words = gettext("Read from line %(line)s on.", line="…")
    if len(numbers) == 1:
        words = gettext("Read in line %(line)s.", line="…")
    before, after = words.split("…", 1)
    return Markup('{}<a href="#line-{}">{}</a>{}').format(before, numbers[0], numbers[0], after)


def _cases(form: DraftForm, known: Sequence[KnownCase]) -> list[tuple[str, str, str]]:
    found = []
    for one in known:
        title = title_of(case_of(one.id), [interface_language()])[0]
        why = [gettext("the same number: %(number)s", number=one.number)] if one.same_number else []
        why += list(one.same_names)
        found.append((str(one.id), title, "; ".join(why)))
    others = [] if form.kind.data != "new" else [("new", gettext("Begin a new case"), "")]
    return [*others, *found]


def _which(one: Any) -> list[tuple[str, str, str]]:
    code = country_of(one.country) or None
    emails = lines_of(one.emails.data)
    known = officials_like(emails, one.office.data or "", one.name.data or "", code)
    rows = [
        (
            str(each.id),
            " · ".join(part for part in (each.office, each.name, _country(each.country)) if part),
            gettext("the same e-mail address") if each.same_email else "",
        )
        for each in known
    ]
    new = gettext("A new official") if not known else gettext("Another official: add it")
    return [*rows, (NEW, new, ""), (LEAVE_OUT, gettext("Leave it out"), "")]


def _country(code: str | None) -> str:
    return country_name(code, interface_language()) if code else ""


def words_of(refusal: Refused) -> str:
    """Return why the domain refused: in our own words, or in those of its pages."""
    reason = refusal.reason
    for words in (OURS.get(reason), official_words(reason), case_words(reason)):
        if words and str(words) != reason:
            return str(words)
    return str(petition_words(reason))


def refusal_of(refusal: IntakeError) -> str:
    """Return why a paper could not be read."""
    said = str(refusal)
    for sign, words in REFUSALS.items():
        if sign in said:
            return str(words)
    return str(gettext("This cannot be read."))
