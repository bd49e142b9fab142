"""Words of the console for what the database holds as values."""

from typing import Any

from flask_babel import lazy_gettext as _l

from petitions.models import Role

ROLES: dict[Role, Any] = {
    Role.ADMIN: _l("admin"),
    Role.CAMPAIGNER: _l("campaigner"),
    Role.TRANSLATOR: _l("translator"),
    Role.REVIEWER: _l("reviewer"),
    Role.DELIVERER: _l("deliverer"),
}
WHAT_ROLES_DO: dict[Role, Any] = {
    Role.ADMIN: _l("may do everything, and decides who else may do what"),
    Role.CAMPAIGNER: _l("writes and publishes cases and petitions, knows the officials"),
    Role.TRANSLATOR: _l("writes texts in other languages; somebody else publishes them"),
    Role.REVIEWER: _l("sees who signed; resends mails, sets forged signatures aside"),
    Role.DELIVERER: _l("builds bundles, hands them over, writes down what came of it"),
}


def role_name(role: Role) -> str:
    """Return a role's name in the reader's language."""
    return str(ROLES[role])
