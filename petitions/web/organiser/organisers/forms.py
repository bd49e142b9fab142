"""Forms about accounts, and the words for what the domain refuses."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from petitions.domain.names import NameRefused
from petitions.domain.organisers import AddressRefused, OrganiserExists
from petitions.errors import PetitionsError, Refused
from petitions.i18n import interface_languages, language_name
from petitions.models import Role
from petitions.web.organiser.forms import ConsoleForm, stripped, tidied

_ROLES = [(role.value, role.value) for role in Role]
_NO_ROLE = _l("Choose at least one role.")
_REFUSALS: dict[str, Any] = {
    "no role": _NO_ROLE,
    "no reason": _l("Say why: whoever reads the record later wants to know."),
    "last admin": _l(
        "This is the last admin who can sign in. Make somebody else an admin first: without one "
        "nobody could let anybody in."
    ),
    "limited": _l(
        "This account is limited to some cases. Let it reach all cases before it becomes an admin."
    ),
    "own loss": _l("Please confirm that you know what you give up."),
    "yourself": _l(
        "You cannot do this to your own account. Another admin can, or you change it under "
        "“Your account”."
    ),
    "accepted already": _l("The invitation was accepted already. Nothing was sent."),
    "blocked": _l("The account is blocked. Let it in again first. Nothing was sent."),
}
_NAMES: dict[str, Any] = {
    "empty": _l("Write the name under which other organisers know this person."),
    "too long": _l("This name is too long."),
    "no letter": _l("A name has at least one letter."),
}


def _name_field() -> StringField:
    needed, short = InputRequired(_NAMES["empty"]), Length(max=200, message=_NAMES["too long"])
    return StringField(_l("Name"), filters=[stripped], validators=[needed, short])


def _roles_field() -> SelectMultipleField:
    return SelectMultipleField(_l("Roles"), choices=_ROLES, validators=[InputRequired(_NO_ROLE)])


class _Roles(ConsoleForm):
    """What both forms of a person have in common."""

    def chosen_roles(self) -> list[Role]:
        """Return the roles that were ticked."""
        return [Role(value) for value in self["roles"].data or ()]


class PersonForm(_Roles):
    """Name and roles of an account that is there."""

    name = _name_field()
    roles = _roles_field()
    knows_the_loss = BooleanField(_l("I know that I cannot take this back myself"))


class InvitationForm(_Roles):
    """Somebody who is to get an account."""

    name = _name_field()
    email = StringField(
        _l("E-mail address"),
        filters=[stripped],
        validators=[InputRequired(_l("Write the address that the invitation goes to."))],
    )
    roles = _roles_field()
    language = SelectField(_l("Language of mails to this person"), validate_choice=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = [(tag, language_name(tag)) for tag in interface_languages()]


class ReasonForm(ConsoleForm):
    """Why something is done. It is sealed, and read by whoever reads the record."""

    reason = TextAreaField(
        _l("Why"),
        filters=[tidied],
        validators=[Length(max=2000, message=_l("Please say it in fewer words."))],
    )


def refuse(form: ConsoleForm, error: Exception) -> None:
    """Put a refusal of the domain beside the field that it is about."""
    if isinstance(error, OrganiserExists):
        form.add_error("email", gettext("There is an account with this address already."))
    elif isinstance(error, AddressRefused):
        form.add_error("email", gettext("This is not an e-mail address. Is something missing?"))
    elif isinstance(error, NameRefused):
        default = gettext("This cannot be taken as a name.")
        form.add_error("name", _NAMES.get(error.reason, default))
    elif isinstance(error, Refused):
        form.add_error(error.field or "reason", refusal(error))
    else:
        raise error


REFUSALS: tuple[type[Exception], ...] = (
    OrganiserExists,
    AddressRefused,
    NameRefused,
    Refused,
)


def refusal(error: PetitionsError) -> str:
    """Return the words for what the domain refused."""
    return str(_REFUSALS.get(str(error), error))
