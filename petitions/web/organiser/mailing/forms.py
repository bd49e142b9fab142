"""Shapes of what is typed on pages of news. Rules are the domain's."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from petitions.web.organiser.forms import ConsoleForm, stripped, tidied

_TOO_LONG = _l("This is too long. Please shorten it.")


class NewsForm(ConsoleForm):
    """What news says, in one language."""

    title = StringField(_l("Title"), [Length(max=300, message=_TOO_LONG)], filters=[stripped])
    text = TextAreaField(_l("Text"), [Length(max=20_000, message=_TOO_LONG)], filters=[tidied])


class SetUpForm(ConsoleForm):
    """How fast it goes out, and what signers read in whose language nothing is written."""

    per_hour = IntegerField(_l("Mails an hour"), [Optional()])
    fallback_language = SelectField(
        _l("Signers in whose language nothing is written"), choices=[], validate_choice=False
    )
