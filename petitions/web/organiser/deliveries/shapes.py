"""Forms of deliveries and replies: their shape. What may be true is the domain's to say."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from petitions.domain.deliveries import DeliveryFacts
from petitions.domain.replies import ReplyFacts
from petitions.models import Channel, Delivery, DeliveryOutcome, DeliveryState
from petitions.web.organiser.deliveries.address import moment_of
from petitions.web.organiser.forms import ConsoleForm, stripped, tidied
from petitions.web.organiser.organisation_choices import is_language
from petitions.web.organiser.time_fields import ClockField, DayField

_LONGEST_LINE = 300
_LONGEST_TEXT = 50_000
_too_long = Length(max=_LONGEST_LINE, message=_l("Write at most 300 characters."))
_too_many_lines = Length(max=2_000, message=_l("Write at most 2,000 characters."))
_AS_THEY_ARE = ("delegation", "contact", "deliverer_id", "incoming_number", "reply_due_on")


def _number(value: Any) -> int | None:
    return int(value) if value and str(value).isdecimal() else None


class ListForm(ConsoleForm):
    """Why an office gets the list as a file."""

    reason = TextAreaField(_l("Why as a file?"), filters=[tidied], validators=[_too_long])


class DeliveryForm(ConsoleForm):
    """One attempt to hand over a bundle."""

    state = RadioField(
        _l("How far is it?"),
        choices=[(state.value, state.value) for state in DeliveryState],
        validators=[InputRequired(_l("Say how far it is."))],
    )
    channel = SelectField(
        _l("Channel"),
        choices=[("", "")] + [(channel.value, channel.value) for channel in Channel],
        validators=[InputRequired(_l("Choose the channel."))],
    )
    attempted_on = DayField(_l("Day"), validators=[Optional()])
    attempted_time = ClockField(_l("Time"), validators=[Optional()])
    place = StringField(_l("Place"), filters=[stripped], validators=[_too_long])
    handed_over_by = StringField(_l("By whom"), filters=[stripped], validators=[_too_long])
    outcome = SelectField(
        _l("Outcome"),
        choices=[("", "")] + [(outcome.value, outcome.value) for outcome in DeliveryOutcome],
    )
    note = TextAreaField(
        _l("Note"),
        filters=[tidied],
        validators=[Length(max=_LONGEST_TEXT, message=_l("This note is too long."))],
    )
    delegation = TextAreaField(_l("Delegation"), filters=[tidied], validators=[_too_many_lines])
    contact = TextAreaField(
        _l("Contact at the office"), filters=[tidied], validators=[_too_many_lines]
    )
    deliverer_id = SelectField(
        _l("Who sees to it"), coerce=_number, validate_choice=False, default=None
    )
    incoming_number = StringField(_l("Incoming number"), filters=[stripped], validators=[_too_long])
    reply_due_on = DayField(_l("Reply due on"), validators=[Optional()])
    follow_up_on = DayField(_l("Follow up on"), validators=[Optional()])
    public = BooleanField(_l("Show it to readers"))
    receipt = FileField(_l("Receipt"))

    def facts(self, time_zone: str) -> DeliveryFacts:
        """Return what was typed. Only for a form that validates."""
        return DeliveryFacts(
            state=DeliveryState(self.state.data),
            channel=Channel(self.channel.data),
            attempted_at=moment_of(self.attempted_on.data, self.attempted_time.data, time_zone),
            place=self.place.data or "",
            handed_over_by=self.handed_over_by.data or "",
            outcome=DeliveryOutcome(self.outcome.data) if self.outcome.data else None,
            note=self.note.data or "",
            delegation=self.delegation.data or "",
            contact=self.contact.data or "",
            deliverer_id=self.deliverer_id.data,
            incoming_number=self.incoming_number.data or "",
            reply_due_on=self.reply_due_on.data,
            follow_up_on=self.follow_up_on.data,
            public=bool(self.public.data),
        )

    def show(self, delivery: Delivery, zone: Any) -> None:
        """Fill the form with what is logged."""
        self.state.data, self.channel.data = delivery.state.value, delivery.channel.value
        self.outcome.data = delivery.outcome.value if delivery.outcome else ""
        if delivery.attempted_at is not None:
            at = delivery.attempted_at.astimezone(zone)
            self.attempted_on.data = at.date()
            self.attempted_time.data = at.time() if (at.hour, at.minute) != (0, 0) else None
        self.place.data, self.handed_over_by.data = delivery.place, delivery.handed_over_by
        self.note.data, self.follow_up_on.data = delivery.note, delivery.follow_up_on
        self.public.data = delivery.public
        for name in _AS_THEY_ARE:
            self[name].data = getattr(delivery, name)


class ReplyForm(ConsoleForm):
    """What an official answered."""

    official = SelectField(_l("Who replied"), coerce=int, validate_choice=False)
    received_on = DayField(
        _l("Day it came"), validators=[InputRequired(_l("Say on which day it came."))]
    )
    reference = StringField(_l("Reference"), filters=[stripped], validators=[_too_long])
    language = SelectField(_l("Language"), validate_choice=False)
    text = TextAreaField(
        _l("What it says"),
        filters=[tidied],
        validators=[
            InputRequired(_l("Write what the reply says.")),
            Length(max=_LONGEST_TEXT, message=_l("This text is too long.")),
        ],
    )
    translation = TextAreaField(
        _l("Translation"),
        filters=[tidied],
        validators=[Length(max=_LONGEST_TEXT, message=_l("This text is too long."))],
    )
    public = BooleanField(_l("Show it to readers"))

    def validate_language(self, field: SelectField) -> None:
        """Refuse what is no language. Raises ValidationError."""
        if not is_language(field.data or ""):
            raise ValidationError(str(_l("Choose the language of the reply.")))

    def facts(self) -> ReplyFacts:
        """Return what was typed. Only for a form that validates."""
        received_on = self.received_on.data
        if received_on is None:
            raise ValueError("a reply without a day: the form was not validated")
        return ReplyFacts(
            received_on=received_on,
            language=self.language.data,
            text=self.text.data or "",
            reference=self.reference.data or "",
            translation=self.translation.data or "",
            public=bool(self.public.data),
        )
