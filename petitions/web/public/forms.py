"""Shapes of what readers send. Rules are the domain's; messages say what to do.

Plain WTForms, not FlaskForm: these forms have no session and no session token. The country is a
text field held to a list, since a SelectField of 250 costs more than all other checks together.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, EmailField, Form, StringField
from wtforms.validators import AnyOf, InputRequired, Length, StopValidation

from petitions.domain.names import (
    NameRefused,
    clean_initials,
    clean_name,
    clean_place,
    suggested_initials,
)
from petitions.i18n import countries
from petitions.models import Appearance

_LONGEST_ADDRESS = 254
_LONGEST_STAMP = 600
_NEEDED = _l("Write the initials that officials may see. They cannot be taken from this name.")
_REFUSALS = {
    "empty": _l("Write your name."),
    "too long": _l("This is too long. Please shorten it."),
    "no letter": _l("A name has at least one letter."),
    "too many marks": _l("There are too many marks above or below one letter."),
    "link": _l("Please write a name here, without an address of a page."),
    "not initials": _l("These are more than initials. Please give the first letters only."),
    "formula": _l("Please do not begin with a tab, a new line or one of these signs: = + - @"),
}


def country_code(value: str | None) -> str:
    """Return a country's code as typed or sent, in capitals; other text as it is."""
    code = (value or "").strip()
    return code.upper() if code.isascii() else code  # "ß" would become SS, South Sudan


class AddressShape(Form):
    """An e-mail address alone."""

    email = EmailField(_l("E-mail address"))

    address = ""
    """The address to write to: as typed, with the domain in ASCII."""

    def validate_email(self, field: Any) -> None:
        """Check the syntax; nothing is looked up in the network."""
        typed = (field.data or "").strip()
        if not typed:
            raise StopValidation(_l("Write your e-mail address."))
        if len(typed) > _LONGEST_ADDRESS:
            raise StopValidation(_l("This e-mail address is too long."))
        try:
            self.address = _address_of(typed)
        except EmailNotValidError:
            raise StopValidation(
                _l("This does not read like an e-mail address. An example: name@example.org")
            ) from None


def _address_of(typed: str) -> str:
    """Return the address to write to. Raises EmailNotValidError."""
    demonstration = current_app.extensions["petitions"].demonstration
    found = validate_email(typed, check_deliverability=False, test_environment=demonstration)
    return f"{found.local_part}@{found.ascii_domain}"


class SignerShape(Form):
    """What a signer tells and chooses, the address aside."""

    name = StringField(_l("Name"))
    initials = StringField(_l("Initials"))
    country = StringField(
        _l("Country"),
        [AnyOf(countries(), message=_l("Choose the country that you live in."))],
        filters=[country_code],
    )
    place = StringField(_l("Town or place"))
    appearance = StringField(
        _l("What may the officials see?"),
        [AnyOf([*Appearance], message=_l("Choose what the officials may see."))],
    )
    news = BooleanField()
    consent = BooleanField(
        validators=[InputRequired(_l("Without your consent we cannot pass on your signature."))],
        false_values=(False, ""),
    )
    stamp = StringField(validators=[Length(max=_LONGEST_STAMP)])

    order: tuple[str, ...] = ()

    def validate_name(self, field: Any) -> None:
        """Hold the name to the domain's rules."""
        _refuse(clean_name, field)

    def validate_initials(self, field: Any) -> None:
        """Hold the initials to the rules; the domain suggests them where it can."""
        name = self.name.data or ""
        _refuse(lambda initials: clean_initials(initials, name), field)
        chosen = self.appearance.data == Appearance.INITIALS
        if chosen and not (field.data or "").strip() and not suggested_initials(name):
            raise StopValidation(_NEEDED)

    def validate_place(self, field: Any) -> None:
        """Hold the place to the rules."""
        _refuse(clean_place, field)

    def problems(self) -> list[tuple[str, str]]:
        """Return (field id, message) in the order of the page."""
        return [(name, str(text)) for name in self.order for text in self.errors.get(name, ())]


class SigningShape(SignerShape, AddressShape):
    """The form that signs, with exactly the fields of the outer contract."""

    order = ("name", "initials", "email", "country", "place", "appearance", "consent")


class SecondSignerShape(SignerShape):
    """The form of somebody else with the same mailbox: the link stands for the address."""

    another = BooleanField(
        validators=[
            InputRequired(
                _l("Only somebody else can sign here. Whoever has signed counts already.")
            )
        ],
        false_values=(False, ""),
    )

    order = ("name", "initials", "country", "place", "appearance", "another", "consent")


@dataclass(frozen=True, slots=True)
class PlainForm:
    """A form that signs, without a fault that can be seen at once; names are the domain's."""

    name: str = field(repr=False)
    initials: str = field(repr=False)
    address: str = field(repr=False)
    place: str = field(repr=False)
    country: str
    appearance: str
    news: bool
    stamp: str


def plain_form(sent: MultiDict[str, str]) -> PlainForm | None:
    """Return what was sent where it is in order, as nearly every form is; None in any doubt.

    The same as `SigningShape` would say, at a quarter of the cost: that one then finds the words
    for what is wrong.
    """
    name, email = sent.get("name", ""), sent.get("email", "").strip()
    country, appearance = country_code(sent.get("country")), sent.get("appearance", "")
    stamp = sent.get("stamp", "")
    if not name or not email or len(email) > _LONGEST_ADDRESS or len(stamp) > _LONGEST_STAMP:
        return None
    if country not in _countries() or appearance not in _PLAIN or not sent.get("consent"):
        return None
    try:
        address = _address_of(email)
    except EmailNotValidError:
        return None
    news = sent.get("news", "") not in BooleanField.false_values
    initials, place = sent.get("initials", ""), sent.get("place", "")
    return PlainForm(name, initials, address, place, country, appearance, news, stamp)


def plain_of(form: SignerShape, address: str) -> PlainForm:
    """Return the values of a form that was found to be in order."""
    return PlainForm(
        name=form.name.data or "",
        initials=form.initials.data or "",
        address=address,
        place=form.place.data or "",
        country=form.country.data or "",
        appearance=form.appearance.data or "",
        news=form.news.data,
        stamp=form.stamp.data or "",
    )


_PLAIN = frozenset({Appearance.FULL.value, Appearance.COUNTED.value})
"""Initials may have to be written: whoever chooses them has their form looked at closely."""


@cache
def _countries() -> frozenset[str]:
    return frozenset(countries())


def _refuse(clean: Callable[[str], str], field: Any) -> None:
    try:
        clean(field.data or "")
    except NameRefused as refused:
        raise StopValidation(_REFUSALS[refused.reason]) from None
