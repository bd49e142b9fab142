"""The forms of an import: the paper itself, and the draft that was read out of it."""

from typing import Any

from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, Form, FormField, StringField, TextAreaField
from wtforms.validators import AnyOf, Length, Optional, StopValidation

from petitions.models import AfterDeadline, OfficialKind, Part, PersonStatus
from petitions.web.organiser.cases.fields import DayField, NumberField
from petitions.web.organiser.forms import ConsoleForm, stripped, tidied
from petitions.web.organiser.organisation_choices import (
    is_language,
    lines_of,
    read_countries,
    read_languages,
)
from petitions.web.organiser.petitions.rows import Rows

NEW = "new"
LEAVE_OUT = "leave out"
_FITS = Length(max=300, message=_l("This is too long. At most 300 characters fit."))


class PaperForm(ConsoleForm):
    """A paper as it comes: a file, or its text."""

    file = FileField(_l("File"))
    text = TextAreaField(_l("Or its text"), filters=[tidied])


def _one_country(_: Form, field: Any) -> None:
    codes, unread = read_countries(field.data)
    if unread or len(codes) > 1:
        raise StopValidation(gettext("Write the name of one country."))


def country_of(field: Any) -> str:
    """Return the code of the one country that was written, or nothing."""
    codes, _ = read_countries(field.data)
    return codes[0] if codes else ""


class PersonForm(Form):
    """Somebody at risk."""

    name = StringField(_l("Name"), [_FITS], filters=[stripped])
    gender = StringField(_l("Gender"), [Length(max=20)], filters=[stripped])
    age = NumberField(_l("Age"))
    status = StringField(_l("Status"), [Optional(), AnyOf(list(PersonStatus))], default="unknown")
    status_since = StringField(_l("Since when"), [Length(max=10)], filters=[stripped])


class AskForm(Form):
    """One ask in both voices."""

    for_readers = TextAreaField(_l("For readers"), filters=[tidied])
    for_letter = TextAreaField(_l("For the letter"), filters=[tidied])
    country = StringField(lazy_pgettext("country", "State"), [_one_country], filters=[stripped])
    leave_out = BooleanField(_l("Leave this ask out"))


class OfficialForm(Form):
    """An official as the paper has it, and which of the directory it is."""

    which = StringField(_l("In the directory"))
    office = StringField(_l("Office"), [_FITS], filters=[stripped])
    name = StringField(_l("Name of the person"), [_FITS], filters=[stripped])
    organisation = StringField(_l("Organisation"), [_FITS], filters=[stripped])
    postal_lines = TextAreaField(_l("Postal address"), filters=[tidied])
    country = StringField(_l("Country"), [_one_country], filters=[stripped])
    emails = TextAreaField(_l("E-mail addresses"), filters=[tidied])
    faxes = TextAreaField(_l("Fax numbers"), filters=[tidied])
    phones = TextAreaField(_l("Telephone numbers"), filters=[tidied])
    pages = TextAreaField(_l("Web forms or pages"), filters=[tidied])
    salutations = TextAreaField(_l("Salutations"), filters=[tidied])
    part = StringField(_l("Part"), [AnyOf([*Part], message=_l("Choose one of these."))])
    official_kind = StringField(
        _l("What it is"),
        [AnyOf([*OfficialKind], message=_l("Choose one of these."))],
        default=OfficialKind.OFFICE.value,
    )
    represents = StringField(_l("The state that it represents"), [_one_country], filters=[stripped])
    accredited = TextAreaField(_l("Countries that it is responsible for"), filters=[tidied])

    def is_new_embassy(self) -> bool:
        """Whether this is to become an embassy, a consulate or a mission of the directory."""
        return self.which.data == NEW and self.official_kind.data != OfficialKind.OFFICE

    def validate_represents(self, field: Any) -> None:
        """Ask for the state of an embassy: it is not assumed."""
        if self.is_new_embassy() and not field.data:
            raise StopValidation(gettext("Choose the state that it represents."))

    def validate_accredited(self, field: Any) -> None:
        """Ask for the countries of an embassy, and say which lines are none."""
        codes, unread = read_countries(field.data)
        _refuse_unread(unread)
        mission = self.official_kind.data == OfficialKind.MISSION
        if self.is_new_embassy() and not codes and not mission:
            raise StopValidation(
                gettext("Name at least one country. Signers who live there will find this embassy.")
            )

    def validate_office(self, field: Any) -> None:
        """A new official has an office; one that is known has it already."""
        if self.which.data == NEW and not field.data:
            raise StopValidation(gettext("Write the office, as it stands on the paper."))

    def validate_salutations(self, field: Any) -> None:
        """Say which line has no language before its words."""
        for line in lines_of(field.data):
            if salutation_in(line) is None:
                raise StopValidation(
                    gettext("Write the language, a colon and the words, such as: en: Dear Minister")
                )


def salutation_in(line: str) -> tuple[str, str] | None:
    """Return language and words of "en: Dear Minister", or None where a line is no such thing."""
    tag, colon, said = (part.strip() for part in line.partition(":"))
    return (tag, said) if colon and said and is_language(tag) else None


class DraftForm(ConsoleForm):
    """The draft: all that was read, for an organiser to correct. `source` is the paper's text."""

    source = TextAreaField(_l("The paper"))
    kind = StringField(
        _l("What it is"),
        [AnyOf(["new", "update", "correction", "stop"], message=_l("Choose one of these."))],
    )
    case_id = StringField(_l("Which case does it belong to?"))
    language = StringField(_l("Language of the paper"))
    title = StringField(_l("Title"), [_FITS], filters=[stripped])
    case_number = StringField(_l("Case number"), [Length(max=40)], filters=[stripped])
    index_number = StringField(_l("Index number"), [Length(max=60)], filters=[stripped])
    issued_on = DayField(_l("Issued on"))
    states = TextAreaField(_l("States addressed"), filters=[tidied])
    summary = TextAreaField(_l("Summary"), filters=[tidied])
    story = TextAreaField(_l("Story"), filters=[tidied])
    background = TextAreaField(_l("Background"), filters=[tidied])
    people = Rows(FormField(PersonForm), most=60)
    begin_petition = BooleanField(_l("Begin a petition with these asks"))
    petition_title = StringField(_l("Title of the petition"), [_FITS], filters=[stripped])
    deadline_on = DayField(_l("Last day"))
    after_deadline = StringField(
        _l("After the last day"), [AnyOf([*AfterDeadline], message=_l("Choose one of these."))]
    )
    letter_languages = TextAreaField(_l("Languages of letters"), filters=[tidied])
    own_language = BooleanField(_l("Letters may be in the signer’s own language"))
    letter_subject = StringField(_l("Subject of the letter"), [_FITS], filters=[stripped])
    letter_opening = TextAreaField(_l("Opening of the letter"), filters=[tidied])
    asks = Rows(FormField(AskForm), most=40)
    officials = Rows(FormField(OfficialForm), most=40)
    embassies = BooleanField(_l("Copies go to the embassies of these states"))

    def validate_language(self, field: Any) -> None:
        """Ask for a language that has a name."""
        if not is_language(field.data or ""):
            raise StopValidation(gettext("Choose a language."))

    def validate_title(self, field: Any) -> None:
        """No case and no update without a title."""
        if not field.data:
            raise StopValidation(gettext("Write a title."))

    def validate_states(self, field: Any) -> None:
        """Say which lines are no country."""
        _refuse_unread(read_countries(field.data)[1])

    def validate_letter_languages(self, field: Any) -> None:
        """Say which lines are no language."""
        unread = read_languages(field.data)[1]
        if unread:
            words = gettext("No language is called “%(line)s”.", line=unread[0])
            raise StopValidation(words)


def _refuse_unread(unread: list[str]) -> None:
    if unread:
        raise StopValidation(
            gettext("No country is called “%(line)s”. Write one on each line.", line=unread[0])
        )
