"""Fields that the forms of cases share: days and whole numbers, refused in our own words."""

from typing import Any

from flask_babel import gettext
from wtforms import DateField, IntegerField
from wtforms.validators import Optional


class DayField(DateField):
    """A day that may stay empty; what cannot be read is shown again as it was typed."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, [Optional()], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(
                gettext("Write the day as year, month and day, such as 2026-03-14.")
            ) from None


class NumberField(IntegerField):
    """A whole number that may stay empty."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, [Optional()], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(gettext("Write a whole number, or leave it empty.")) from None
