"""What the parts of the console are called, in its navigation and in the record."""

from typing import Any

from flask_babel import lazy_gettext as _l

PARTS: dict[str, Any] = {
    "overview": _l("Overview"),
    "cases": _l("Cases"),
    "importing": _l("Import an Urgent Action"),
    "petitions": _l("Petitions"),
    "scheduling": _l("Publish at a set time"),
    "officials": _l("Officials"),
    "confirmations": _l("Confirmations"),
    "rules": _l("Block and allow lists"),
    "mailing": _l("News"),
    "bundles": _l("Bundles"),
    "deliveries": _l("Deliveries"),
    "retention": _l("How long names are kept"),
    "sealing": _l("Sealed cases"),
    "organisation": _l("Organisation"),
    "organisers": _l("Organisers"),
    "audit": _l("Audit"),
    "account": _l("Your account"),
    "condition": _l("How the site runs"),
    "security": _l("Signing in"),
}


def page_named(endpoint: str) -> str:
    """Return the part of the console that a page belongs to, by the name its code has for it."""
    part, _, _ = endpoint.partition(".")
    return str(PARTS.get(part, endpoint))
