"""Shapes of what is typed on pages of confirmations. Rules are the domain's."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import lazy_gettext as _l
from wtforms import DateField, EmailField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, StopValidation

from petitions.domain.paper import PaperEntry
from petitions.i18n import countries
from petitions.web.organiser.forms import ConsoleForm, stripped, tidied

_LONGEST_REASON = 2000
_TOO_LONG = _l("This is too long. Please shorten it.")


class AddressForm(ConsoleForm):
    """An exact e-mail address."""

    email = EmailField(_l("E-mail address"), filters=[stripped])

    address = ""
    """As it would be written to: as typed, with the domain in ASCII."""

    def validate_email(self, field: Any) -> None:
        """Check the syntax; nothing is looked up in the network."""
        demonstration = current_app.extensions["petitions"].demonstration
        try:
            found = validate_email(
                field.data, check_deliverability=False, test_environment=demonstration
            )
        except EmailNotValidError:
            raise StopValidation(
                _l("This does not read like an e-mail address. An example: name@example.org")
            ) from None
        self.address = f"{found.local_part}@{found.ascii_domain}"


class ReasonForm(ConsoleForm):
    """Why something is done."""

    reason = TextAreaField(
        _l("Reason"), [Length(max=_LONGEST_REASON, message=_TOO_LONG)], filters=[tidied]
    )


class EraseForm(ConsoleForm):
    """How somebody asked to be erased. Nothing can be written: it could name them."""

    ground = StringField(_l("How did they ask?"))


class SetAsideForm(ReasonForm):
    """Why signatures are set aside."""

    ground = StringField(_l("Why?"))


class PaperForm(ConsoleForm):
    """Signatures on paper, or a partner's number."""

    source = StringField(_l("Where does the number come from?"))
    number = IntegerField(_l("How many signatures"), [Optional()])
    country = SelectField(_l("Country"), choices=[], validate_choice=False)
    collected_on = DateField(_l("Collected until"), [Optional()])
    provenance = StringField(
        _l("Provenance"), [Length(max=300, message=_TOO_LONG)], filters=[stripped]
    )
    how_checked = TextAreaField(
        _l("How the number was checked"),
        [Length(max=_LONGEST_REASON, message=_TOO_LONG)],
        filters=[tidied],
    )

    def validate_country(self, field: Any) -> None:
        """Hold the country to the list."""
        if field.data and field.data not in countries():
            raise StopValidation(_l("Choose a country from the list."))

    def entry(self) -> PaperEntry:
        """Return what was typed; the domain says what is wrong with it."""
        return PaperEntry(
            source=self.source.data or "",
            country=self.country.data or None,
            number=self.number.data or 0,
            collected_on=self.collected_on.data,
            provenance=self.provenance.data or "",
            how_checked=self.how_checked.data or "",
        )
