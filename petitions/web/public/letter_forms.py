"""Shapes of a letter as its writer sends it. What is typed lives as long as the request."""

import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, RadioField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, StopValidation

from petitions.domain.appeals import LetterChannel
from petitions.i18n import countries

LONGEST_LETTER = 8_000
_LONGEST_SUBJECT = 200
_MOST_LINES = 400
_MOST_SENDER_LINES = 6
_TOO_LONG = _l("This is too long. Please shorten it.")


def plain_text(value: str | None) -> str:
    """Return text without control characters, its lines ended by LF alone."""
    text = (value or "").replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc").strip()


def plain_line(value: str | None) -> str:
    """Return text on one line, without control characters."""
    return " ".join(plain_text(value).split())


def country_code(value: str | None) -> str:
    """Return a country as chosen, or nothing where it is none."""
    code = (value or "").strip().upper()
    return code if code in countries() else ""


class CountryShape(Form):
    """The reader's country, for the embassies there."""

    country = StringField(_l("Country that you live in"), filters=[country_code])


class LetterShape(Form):
    """A letter, who writes it, and how it is to be printed."""

    subject = StringField(
        _l("Subject"),
        [InputRequired(_l("Write a subject.")), Length(max=_LONGEST_SUBJECT, message=_TOO_LONG)],
        filters=[plain_line],
    )
    letter = TextAreaField(
        _l("Your letter"),
        [InputRequired(_l("Write your letter.")), Length(max=LONGEST_LETTER, message=_TOO_LONG)],
        filters=[plain_text],
    )
    sender_name = StringField(
        _l("Your name"), [Length(max=120, message=_TOO_LONG)], filters=[plain_line]
    )
    sender_lines = TextAreaField(
        _l("Your address"), [Length(max=400, message=_TOO_LONG)], filters=[plain_text]
    )
    paper = RadioField(
        _l("Paper"), choices=[("a4", "A4"), ("us-letter", "US Letter")], validate_choice=False
    )
    cover = BooleanField(_l("Begin with a cover page for a fax"))

    def validate_subject(self, field: Any) -> None:
        """A mail without a subject is thrown away."""
        if not field.data:
            raise StopValidation(_l("Write a subject."))

    def validate_letter(self, field: Any) -> None:
        """An empty letter is no letter; very many lines are none either."""
        if not field.data:
            raise StopValidation(_l("Write your letter."))
        if field.data.count("\n") >= _MOST_LINES:
            raise StopValidation(_TOO_LONG)

    def validate_sender_lines(self, field: Any) -> None:
        """There is room for a few lines at the head of a letter."""
        if field.data.count("\n") >= _MOST_SENDER_LINES:
            raise StopValidation(_TOO_LONG)

    def problems(self) -> list[tuple[str, str]]:
        """Return (field id, message) in the order of the page."""
        order = ("subject", "letter", "sender_name", "sender_lines")
        return [(name, str(text)) for name in order for text in self.errors.get(name, ())]

    def text(self) -> str:
        """Return the letter with its writer below it, as it is copied or mailed."""
        sender = "\n".join(part for part in (self.sender_name.data, self.sender_lines.data) if part)
        return "\n\n".join(part for part in (self.letter.data, sender) if part)


class SentShape(Form):
    """What a signer tells of a letter that was sent."""

    channel = RadioField(
        _l("How did you send it?"),
        [AnyOf([*LetterChannel], message=_l("Choose how you sent it."))],
        choices=[(channel.value, channel.value) for channel in LetterChannel],
        validate_choice=False,
    )
    language = StringField(filters=[plain_line])
