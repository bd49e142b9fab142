"""Organisers: accounts with roles. They are added by command, or invited by mail.

A password that is made here is shown once and kept as argon2id, hashed before the transaction that
keeps it. What changes an account that is there is in `organiser_changes`.
"""

import enum
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from argon2 import PasswordHasher
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from petitions.domain import audit, organiser_mail
from petitions.domain.names import clean_name, clean_place
from petitions.domain.site import Site
from petitions.errors import NotFound, PetitionsError, Refused
from petitions.extensions import db
from petitions.models import MailKind, Organiser, OrganiserRole, Role

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Letters and digits that are not taken for one another; 32 of them, so five bits each."""
_GROUPS, _LETTERS = 5, 5


class OrganiserExists(PetitionsError):
    """There is an account with this address already."""


class AddressRefused(PetitionsError):
    """What was given is not an e-mail address."""


class Standing(enum.StrEnum):
    """Where an account is."""

    INVITED = "invited"
    ACTIVE = "active"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """A password that somebody passes on, and its hash."""

    plain: str = field(repr=False)
    hashed: str = field(repr=False)


def first_password(plain: str = "") -> FirstPassword:
    """Return this password, or a new one, with its hash. Call it before a write begins."""
    plain = plain or new_password()
    return FirstPassword(plain, PasswordHasher().hash(plain))


def standing_of(organiser: Organiser) -> Standing:
    """Return where an account is: blocked, invited and without a password yet, or active."""
    if not organiser.active:
        return Standing.BLOCKED
    return Standing.INVITED if organiser.password is None else Standing.ACTIVE


def add_organiser(
    email: str, name: str, roles: set[Role], password: FirstPassword, now: datetime
) -> None:
    """Add an account with its first password, good for choosing one's own.

    The first account is an admin.

    Raises AddressRefused, OrganiserExists, NameRefused.
    """
    first = db.session.execute(select(func.count()).select_from(Organiser)).scalar_one() == 0
    granted = (roles or {Role.CAMPAIGNER}) | ({Role.ADMIN} if first else set())
    organiser = _new(email, clean_place(name), granted, now)
    organiser.password = password.hashed
    organiser.password_is_first = True
    detail = {"roles": sorted(granted)}
    audit.record("command", "organiser added", f"organiser {organiser.id}", detail, now)


def invite(
    site: Site,
    *,
    email: str,
    name: str,
    roles: Iterable[Role],
    language: str,
    actor: str,
    now: datetime,
) -> Organiser:
    """Add an account without a password and mail its person a link to choose one.

    Raises AddressRefused, OrganiserExists, NameRefused, Refused ("no role").
    """
    granted = frozenset(roles)
    if not granted:
        raise Refused("no role", "roles")
    organiser = _new(email, clean_name(name), granted, now)
    organiser.language = language
    db.session.flush()
    detail = {"roles": sorted(granted), "language": language}
    audit.record(actor, "organiser invited", f"organiser {organiser.id}", detail, now)
    organiser_mail.enqueue(site, MailKind.INVITATION, organiser, now)
    return organiser


def invite_again(site: Site, organiser_id: int, actor: str, now: datetime) -> bool:
    """Mail the invitation again; say whether it goes, or was withheld since five went this hour.

    Raises NotFound, Refused ("accepted already", "blocked").
    """
    organiser = organiser_held(organiser_id)
    if not organiser.active:
        raise Refused("blocked")
    if organiser.password is not None:
        raise Refused("accepted already")
    audit.record(actor, "organiser invited again", f"organiser {organiser_id}", {}, now)
    return organiser_mail.enqueue(site, MailKind.INVITATION, organiser, now)


def organiser_numbered(organiser_id: int) -> Organiser:
    """Return an account. Raises NotFound."""
    organiser = db.session.get(Organiser, organiser_id)
    if organiser is None:
        raise NotFound("there is no such organiser")
    return organiser


def organiser_held(organiser_id: int) -> Organiser:
    """Return an account as it is now; nobody else changes it in this transaction.

    Rows that point to it can still be added meanwhile (FOR NO KEY UPDATE). Raises NotFound.
    """
    query = select(Organiser).where(Organiser.id == organiser_id).with_for_update(key_share=True)
    fresh = query.execution_options(populate_existing=True)
    organiser = db.session.execute(fresh).scalar_one_or_none()
    if organiser is None:
        raise NotFound("there is no such organiser")
    return organiser


def organiser_at(email: str) -> Organiser:
    """Return the account of an address. Raises AddressRefused, NotFound."""
    organiser = _find(_checked(email))
    if organiser is None:
        raise NotFound("there is no organiser with this address: `petitions organisers list`")
    return organiser


def the_only_organiser() -> Organiser | None:
    """Return the account where there is exactly one that can sign in."""
    query = select(Organiser).where(Organiser.active.is_(True)).limit(2)
    found = list(db.session.execute(query).scalars())
    return found[0] if len(found) == 1 else None


def roles_of(organiser_id: int) -> frozenset[Role]:
    """Return the roles of an account."""
    query = select(OrganiserRole.role).where(OrganiserRole.organiser_id == organiser_id)
    return frozenset(db.session.execute(query).scalars())


def names_of(organiser_ids: Iterable[int]) -> dict[int, str]:
    """Return how organisers are called: by name, or by address where there is no name."""
    query = select(Organiser.id, Organiser.name, Organiser.email)
    found = db.session.execute(query.where(Organiser.id.in_(set(organiser_ids))))
    return {row.id: row.name or row.email for row in found}


def all_organisers() -> list[tuple[Organiser, set[Role]]]:
    """Return all accounts with their roles, oldest first."""
    roles: dict[int, set[Role]] = {}
    for row in db.session.execute(select(OrganiserRole)).scalars():
        roles.setdefault(row.organiser_id, set()).add(row.role)
    found = db.session.execute(select(Organiser).order_by(Organiser.id)).scalars()
    return [(organiser, roles.get(organiser.id, set())) for organiser in found]


def new_password() -> str:
    """Return a password of 125 random bits that can be read out and typed."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS)) for _ in range(_GROUPS))
    return "-".join(groups)


def new_session_key() -> str:
    """Return a new key of an account's sign-ins: those under the old one are over."""
    return secrets.token_hex(32)


def _new(email: str, name: str, roles: Iterable[Role], now: datetime) -> Organiser:
    address = _checked(email)
    if _find(address) is not None:
        raise OrganiserExists("there is an organiser with this address already")
    organiser = Organiser(
        email=address, name=name, fs_uniquifier=new_session_key(), created_at=now, language="en"
    )
    db.session.add(organiser)
    db.session.flush()
    db.session.add_all(OrganiserRole(organiser_id=organiser.id, role=role) for role in roles)
    return organiser


def as_kept(email: str) -> str:
    """Return an address as an account would have it: many spellings are one address."""
    try:
        return _checked(email)
    except AddressRefused:
        return email.strip().lower()


def _checked(email: str) -> str:
    try:
        valid = validate_email(email, check_deliverability=False)
    except EmailNotValidError as error:
        raise AddressRefused(f"this is not an e-mail address: {error}") from None
    return valid.normalized.lower()


def _find(address: str) -> Organiser | None:
    query = select(Organiser).where(Organiser.email == address)
    return db.session.execute(query).scalar_one_or_none()
