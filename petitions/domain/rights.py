"""What each role may do. One table; views name the right that they need, never a role."""

import enum
from collections.abc import Iterable

from petitions.models import Role


class Right(enum.StrEnum):
    """One thing that an organiser may be allowed to do."""

    LOOK = "look at everything that names no signer"
    WRITE_TEXTS = "write texts of cases, petitions, officials and updates"
    EDIT = "edit cases, petitions, asks, addressees and officials"
    PUBLISH = "publish, pause, close, stop, archive and hide"
    SEE_SIGNERS = "see who signed"
    REVIEW = "resend, attest, withdraw, set aside and put back"
    DELIVER = "build bundles, log deliveries and replies"
    MANAGE_ORGANISATION = "change the organisation and its contact offices"
    MANAGE_ORGANISERS = "invite organisers, change their roles and end their access"
    READ_AUDIT = "read the audit trail"


_EVERYBODY = frozenset({Right.LOOK})
GRANTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset(Right),
    Role.CAMPAIGNER: _EVERYBODY | {Right.WRITE_TEXTS, Right.EDIT, Right.PUBLISH},
    Role.TRANSLATOR: _EVERYBODY | {Right.WRITE_TEXTS},
    Role.REVIEWER: _EVERYBODY | {Right.SEE_SIGNERS, Right.REVIEW},
    Role.DELIVERER: _EVERYBODY | {Right.DELIVER},
}
"""What a role brings; who has several roles may do all of it."""

SEE_NAMES = frozenset({Right.DELIVER, Right.SEE_SIGNERS})
"""Whoever has one of these sees names of signers, or takes them out of the house."""
NEED_TWO_FACTOR = SEE_NAMES | {Right.PUBLISH}
"""Whoever has one of these needs the second step: names, and what the world reads of a person."""


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """Return all that somebody with these roles may do."""
    return frozenset().union(*(GRANTS[role] for role in roles))
