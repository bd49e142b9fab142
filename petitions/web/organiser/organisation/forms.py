"""Forms of the organisation and its contact offices."""

from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, FileField, Form, HiddenField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, Optional, StopValidation

from petitions.documents.colours import is_colour
from petitions.domain.contact_offices import ContactOfficeFacts
from petitions.domain.contact_shapes import LONGEST, is_email, is_https
from petitions.domain.organisation import OrganisationFacts
from petitions.web.organiser.forms import ConsoleForm, stripped, tidied
from petitions.web.organiser.organisation.messages import (
    NO_COLOUR,
    NO_EMAIL,
    NOT_A_TIME_ZONE,
    NOT_HTTPS,
    TOO_LONG,
)
from petitions.web.organiser.organisation_choices import language_lines, read_languages

_FITS = Length(max=LONGEST, message=TOO_LONG)
_BLACK = "#000000"


def _email(_: Form, field: Field) -> None:
    if not is_email(field.data):
        raise StopValidation(NO_EMAIL)


def _https(_: Form, field: Field) -> None:
    if not is_https(field.data):
        raise StopValidation(NOT_HTTPS)


class OrganisationForm(ConsoleForm):
    """Who publishes this site."""

    name = StringField(
        _l("Name of the organisation"),
        [InputRequired(_l("Write the name.")), _FITS],
        filters=[stripped],
    )
    about = TextAreaField(_l("About you"), filters=[tidied])
    postal_address = TextAreaField(_l("Postal address"), filters=[tidied])
    contact_email = StringField(
        _l("E-mail address"), [Optional(), _FITS, _email], filters=[stripped]
    )
    contact_phone = StringField(
        _l("Telephone"), [Length(max=60, message=TOO_LONG)], filters=[stripped]
    )
    website = StringField(_l("Website"), [Optional(), _FITS, _https], filters=[stripped])
    controller = TextAreaField(_l("Responsible for data"), filters=[tidied])
    languages = TextAreaField(
        _l("Languages that you publish in"),
        [InputRequired(_l("Name at least one language."))],
        filters=[tidied],
    )
    time_zone = StringField(
        _l("Time zone"), [AnyOf(available_timezones(), message=NOT_A_TIME_ZONE)]
    )
    accent_colour = StringField(_l("Colour of the letterhead"), filters=[stripped])
    accent_picker = StringField(_l("Choose the colour from a palette"))
    accent_shown = HiddenField()
    authors_publish = BooleanField(_l("Whoever wrote a text may publish it alone"))
    second_step_for_all = BooleanField(_l("Every organiser needs the second step to sign in"))

    def validate_languages(self, field: Any) -> None:
        """Say which lines are no language."""
        _, unread = read_languages(field.data)
        if unread:
            raise StopValidation(
                gettext("No language is called “%(line)s”. Write one on each line.", line=unread[0])
            )

    def validate_accent_colour(self, _: Any) -> None:
        """Refuse what is no colour, together with all else that is to be mended."""
        if self.colour() and not is_colour(self.colour()):
            raise StopValidation(NO_COLOUR)

    def colour(self) -> str:
        """Return the colour that is meant: what was typed, else what was picked.

        A palette always sends a colour; only one that differs from what was shown was picked.
        """
        shown = (self.accent_shown.data or "").lower()
        typed = (self.accent_colour.data or "").lower()
        picked = (self.accent_picker.data or "").lower()
        return picked if picked and typed == shown and picked != (shown or _BLACK) else typed

    def facts(self) -> OrganisationFacts:
        """Return what was typed as the domain takes it."""
        return OrganisationFacts(
            name=self.name.data or "",
            about=self.about.data or "",
            postal_address=self.postal_address.data or "",
            contact_email=self.contact_email.data or "",
            contact_phone=self.contact_phone.data or "",
            website=self.website.data or "",
            controller=self.controller.data or "",
            languages=read_languages(self.languages.data)[0],
            time_zone=self.time_zone.data or "",
            accent_colour=self.colour(),
            authors_publish=bool(self.authors_publish.data),
            second_step_for_all=bool(self.second_step_for_all.data),
        )


class LetterheadForm(ConsoleForm):
    """A picture for the head of letters."""

    picture = FileField(_l("Picture"))


class ContactOfficeForm(ConsoleForm):
    """One contact office."""

    country = StringField(_l("For signers in"))
    name = StringField(
        _l("Name of the office"), [InputRequired(_l("Write the name.")), _FITS], filters=[stripped]
    )
    email = StringField(_l("E-mail address"), [Optional(), _email], filters=[stripped])
    website = StringField(_l("Website"), [Optional(), _https], filters=[stripped])
    details = TextAreaField(_l("What else to say"), filters=[tidied])

    def facts(self) -> ContactOfficeFacts:
        """Return what was typed as the domain takes it."""
        return ContactOfficeFacts(
            country=self.country.data or None,
            name=self.name.data or "",
            email=self.email.data or "",
            website=self.website.data or "",
            details=self.details.data or "",
        )


def typed_of(facts: OrganisationFacts) -> dict[str, Any]:
    """Return facts as the form shows them."""
    values = {name: getattr(facts, name) for name in OrganisationFacts.__slots__}
    colour = facts.accent_colour
    return {
        **values,
        "languages": language_lines(facts.languages),
        "accent_picker": colour or _BLACK,
        "accent_shown": colour,
    }


def labels_of(form: ConsoleForm) -> dict[str, Any]:
    """Return the labels of a form's fields by the names of their values."""
    unsaid = {"seen", "window", "accent_picker", "accent_shown"}
    return {name: field.label.text for name, field in form._fields.items() if name not in unsaid}
