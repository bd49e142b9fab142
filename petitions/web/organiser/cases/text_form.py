"""The form of what is told of a case in one language, to and from the domain's words."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form, FormField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from petitions.domain.case_texts import FIELDS, values_of
from petitions.domain.fingerprints import fingerprint
from petitions.domain.presenting.case_page import CaseWords
from petitions.web.organiser.cases.rows import Rows, add_rows
from petitions.web.organiser.cases.words import TEXT_FIELDS
from petitions.web.organiser.forms import ConsoleForm, stripped, tidied

_LINE, _TEXT, _LONG = 300, 4000, 60_000
_MOST_STATEMENTS = 60


def _text(name: str, longest: int = _TEXT) -> TextAreaField:
    too_long = _l("This is too long; at most %(max)d characters.")
    return TextAreaField(
        TEXT_FIELDS[name], [Length(max=longest, message=too_long)], filters=[tidied]
    )


class StatementForm(Form):
    """A sentence that is set large beside the story."""

    text = TextAreaField(_l("Sentence"), [Length(max=1000)], filters=[tidied])
    attribution = StringField(_l("Said by"), [Length(max=_LINE)], filters=[stripped])


class TextForm(ConsoleForm):
    """What is told of a case, in one language."""

    title = StringField(
        TEXT_FIELDS["title"],
        [InputRequired(_l("Write a title.")), Length(max=_LINE)],
        filters=[stripped],
    )
    standfirst = _text("standfirst")
    summary = _text("summary")
    content_note = _text("content_note")
    narrator = StringField(TEXT_FIELDS["narrator"], [Length(max=_LINE)], filters=[stripped])
    story = _text("story", _LONG)
    statements = Rows(FormField(StatementForm), min_entries=2, most=_MOST_STATEMENTS)
    background = _text("background", _LONG)
    call_to_act = _text("call_to_act")
    outcome = _text("outcome", _LONG)

    def words(self, language: str) -> CaseWords:
        """Return what was typed."""
        told: dict[str, Any] = {name: self[name].data or "" for name in FIELDS}
        rows = ((row["text"] or "", row["attribution"] or "") for row in self.statements.data)
        kept = tuple(row for row in rows if row[0])
        return CaseWords(language=language, statements=kept, **told)


def filled(words: CaseWords, *, seen: CaseWords | None = None) -> TextForm:
    """Return the form filled with words, and with the fingerprint of what is there: of `seen`
    where older words take its place.
    """
    told = {name: getattr(words, name) for name in FIELDS}
    rows = [{"text": text, "attribution": said_by} for text, said_by in words.statements]
    form = TextForm(**told, statements=rows, seen=fingerprint(values_of(seen or words)))
    add_rows(form.statements, 1)
    return form
