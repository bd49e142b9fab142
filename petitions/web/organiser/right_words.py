"""Words for rights: what somebody may do, and what they would lose."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l

from petitions.domain.rights import Right, rights_of
from petitions.models import Role

RIGHTS: dict[Right, Any] = {
    Right.LOOK: _l("look at everything that names no signer"),
    Right.WRITE_TEXTS: _l("write texts of cases, petitions, officials and updates"),
    Right.EDIT: _l("edit cases, petitions, asks, addressees and officials"),
    Right.PUBLISH: _l("publish, pause, close, stop, archive and hide"),
    Right.SEE_SIGNERS: _l("see who signed"),
    Right.REVIEW: _l("resend, attest, withdraw, set aside and put back"),
    Right.DELIVER: _l("build bundles, log deliveries and replies"),
    Right.MANAGE_ORGANISATION: _l("change the organisation and its contact offices"),
    Right.MANAGE_ORGANISERS: _l("invite organisers, change their roles and end their access"),
    Right.READ_AUDIT: _l("read the record of what was done"),
}


def right_named(name: str) -> str:
    """Return the words for a right by the name that the record has for it."""
    found = Right.__members__.get(name.upper())
    return str(RIGHTS[found]) if found else name


def lost_rights(before: Iterable[Role], after: Iterable[Role]) -> list[str]:
    """Return in words what somebody with these roles could not do any more."""
    gone = rights_of(before) - rights_of(after)
    return [str(words) for right, words in RIGHTS.items() if right in gone]
