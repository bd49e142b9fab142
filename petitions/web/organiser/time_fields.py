"""A day and a time of day in forms; what cannot be read is said in our words."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, TimeField


class DayField(DateField):
    """A day. What cannot be read is said in our words."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_l("Write the day as 2026-05-31."))) from None


class ClockField(TimeField):
    """A time of day. What cannot be read is said in our words."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_l("Write the time as 14:30."))) from None
