"""Forms of the pages on sealed cases.

Names of fields that hold a secret have "password" or "code" in them: where a form cannot be
accepted now, what such fields held is not shown again (`keeping`).
"""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, SelectField
from wtforms.validators import InputRequired, ValidationError

from petitions.domain.organisers import Standing, all_organisers, standing_of
from petitions.errors import Refused
from petitions.web.organiser.forms import ConsoleForm

_REFUSALS: dict[str, Any] = {
    "too short": _l("A passphrase has at least twelve characters. Five or six words are good."),
    "too easy": _l(
        "This can be guessed by trying. Take six words that do not belong together, and nothing "
        "that is known of you."
    ),
    "wrong passphrase": _l("This is the passphrase of no custodian of this case."),
    "mistyped": _l("A letter of the recovery key is wrong or missing. Compare it with the paper."),
    "last custodian": _l("This is the last custodian. Add another one first."),
    "changed meanwhile": _l(
        "Somebody changed the keys of this case at the same moment. Please begin again."
    ),
    "sealed already": _l("This case is sealed already."),
    "not sealed": _l("This case is not sealed."),
}


class UnlockingForm(ConsoleForm):
    """A secret that unlocks the case now."""

    unlocking_password = PasswordField(
        _l("Passphrase of a custodian, or the recovery key"),
        [InputRequired(_l("Type a passphrase that unlocks this case."))],
    )


class NewCustodianFields(ConsoleForm):
    """Somebody who is to be able to unlock the case, and their passphrase, typed twice."""

    custodian = SelectField(_l("Custodian"), coerce=str, validate_choice=False)
    new_password = PasswordField(
        _l("Their passphrase"), [InputRequired(_l("Let the custodian type a passphrase."))]
    )
    new_password_again = PasswordField(_l("Their passphrase once more"))

    def validate_custodian(self, field: Any) -> None:
        """Refuse whoever was not offered."""
        if field.data not in dict(organiser_options()):
            raise ValidationError(gettext("Choose who it is."))

    def validate_new_password_again(self, field: Any) -> None:
        """Refuse two that differ."""
        if field.data != self.new_password.data:
            raise ValidationError(gettext("The two are not the same. Please type both again."))


class AddForm(UnlockingForm, NewCustodianFields):
    """Another custodian."""


class RecoveryFields(ConsoleForm):
    """A recovery key that the page shows, and that it was written down."""

    recovery_code = HiddenField()
    last_letters_code = PasswordField(_l("The last four letters of the recovery key"))

    def is_wanted(self) -> bool:
        """Whether the recovery key is to be used."""
        return True

    def validate_last_letters_code(self, field: Any) -> None:
        """Make sure that the key is on paper: it is not shown again."""
        if not self.is_wanted():
            return
        if (field.data or "").strip().upper() != (self.recovery_code.data or "")[-4:]:
            raise ValidationError(
                gettext("These are not its last four letters. Read them from your paper.")
            )


class RenewForm(UnlockingForm, RecoveryFields):
    """New keys for a case, and another recovery key where that is wished."""

    replace = BooleanField(_l("Replace the recovery key by this one: the old paper ends"))

    def is_wanted(self) -> bool:
        """Whether there is to be another recovery key."""
        return bool(self.replace.data)


class SealForm(NewCustodianFields, RecoveryFields):
    """The first custodian, and that the recovery key is written down."""

    understood = BooleanField(
        _l("I understand: without a passphrase and without the recovery key, the names are lost"),
        [InputRequired(_l("Tick this if you have understood it. Otherwise do not go on."))],
    )


def organiser_options() -> list[tuple[str, str]]:
    """Return organisers who may sign in: number and name."""
    return [
        (str(one.id), one.name or one.email)
        for one, _ in all_organisers()
        if standing_of(one) is Standing.ACTIVE
    ]


def tell(refused: Refused, form: ConsoleForm) -> None:
    """Put what the domain refuses beside the field that it is about."""
    fields = {"passphrase": "new_password", "secret": "unlocking_password"}  # nosec B105  # names a field
    name = fields.get(refused.field, "unlocking_password")
    if name not in form:
        name = "new_password"
    form.add_error(name, _REFUSALS.get(refused.reason, refused.reason))
