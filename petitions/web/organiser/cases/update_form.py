"""The form of an update, to and from the domain's words."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from petitions.domain.case_updates import Written
from petitions.domain.fingerprints import fingerprint
from petitions.domain.presenting.case_page import UpdateLine
from petitions.models import UpdateKind
from petitions.web.organiser.cases.fields import DayField
from petitions.web.organiser.forms import ConsoleForm, stripped, tidied


class UpdateForm(ConsoleForm):
    """An update: facts, and words in one language."""

    kind = StringField(_l("Kind"), [AnyOf(list(UpdateKind))], default="further")
    index_number = StringField(_l("Index number"), [Length(max=60)], filters=[stripped])
    issued_on = DayField(_l("Issued on"))
    new_deadline_on = DayField(_l("New deadline"))
    title = StringField(
        _l("Title"), [InputRequired(_l("Write a title.")), Length(max=300)], filters=[stripped]
    )
    text = TextAreaField(_l("Text"), [Length(max=60_000)], filters=[tidied])

    def written(self) -> Written:
        """Return what was typed."""
        return Written(
            kind=UpdateKind(self.kind.data or ""),
            index_number=self.index_number.data or "",
            issued_on=self.issued_on.data,
            new_deadline_on=self.new_deadline_on.data,
            title=self.title.data or "",
            text=self.text.data or "",
        )

    def keep_facts(self, there: Written) -> None:
        """Take the facts from what is there: the page offered the words alone."""
        self.kind.data = there.kind.value
        self.index_number.data = there.index_number
        self.issued_on.data = there.issued_on
        self.new_deadline_on.data = there.new_deadline_on


def filled_update(written: Written, *, seen: Written | None = None) -> UpdateForm:
    """Return the form filled with an update, and with the fingerprint of what is there: of `seen`
    where older words take its place.
    """
    return UpdateForm(
        kind=written.kind.value,
        index_number=written.index_number,
        issued_on=written.issued_on,
        new_deadline_on=written.new_deadline_on,
        title=written.title,
        text=written.text,
        seen=fingerprint((seen or written).values()),
    )


def line_of(form: UpdateForm, language: str, position: int, number: int | None) -> UpdateLine:
    """Return what was typed as readers would see it."""
    written = form.written()
    is_further = written.kind is UpdateKind.FURTHER
    return UpdateLine(
        position=position,
        kind=written.kind,
        number=(number or 1) if is_further else None,
        index_number=written.index_number or None,
        issued_on=written.issued_on,
        new_deadline_on=written.new_deadline_on,
        language=language,
        title=written.title,
        text=written.text,
    )
