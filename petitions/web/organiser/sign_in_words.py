"""What the library's pages say, in this house's words."""

from typing import Any

from flask_babel import lazy_gettext as _l

MESSAGES: dict[str, tuple[Any, str]] = {
    "GENERIC_AUTHN_FAILED": (
        _l("Address, password or code is not right. Please check all of them."),
        "error",
    ),
    "LOGIN": ("", "info"),
    "UNAUTHENTICATED": ("", "info"),
    "REAUTHENTICATION_REQUIRED": ("", "info"),
    "REAUTHENTICATION_SUCCESSFUL": ("", "info"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": ("", "info"),
    "INVALID_PASSWORD": (_l("This is not your password."), "error"),
    "PASSWORD_NOT_PROVIDED": (_l("Write your password."), "error"),
    "EMAIL_NOT_PROVIDED": (_l("Write your e-mail address."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (_l("The two passwords are not the same."), "error"),
    "PASSWORD_TOO_SIMPLE": (
        _l("This password is easy to guess. Take three or four words that do not belong together."),
        "error",
    ),
    "PASSWORD_BREACHED": (
        _l("This password was stolen somewhere and is tried first. Take another one."),
        "error",
    ),
    "PASSWORD_IS_THE_SAME": (_l("The new password is the old one."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (_l("Your password is kept. Sign in with it now."), "success"),
    "PASSWORD_CHANGE": (_l("Your password was changed."), "success"),
    "INVALID_RESET_PASSWORD_TOKEN": (
        _l("This link is no longer good. You can ask for a new one."),
        "error",
    ),
    "TWO_FACTOR_INVALID_TOKEN": (_l("This code is not right, or was used before."), "error"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (_l("The second step is set up."), "success"),
    "TWO_FACTOR_DISABLED": (_l("The second step has ended."), "success"),
    "INVALID_RECOVERY_CODE": (_l("This recovery code is not right, or was used before."), "error"),
}


def named(field: Any, label: str) -> Any:
    """Return a field of the library's under our label."""
    field.label.text = label
    return field
