"""Organisers: accounts with roles. Passwords are made here, shown once, and kept as argon2id."""

import secrets
from datetime import datetime

from argon2 import PasswordHasher
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from petitions.domain import audit
from petitions.domain.names import clean_place
from petitions.errors import NotFound, PetitionsError
from petitions.extensions import db
from petitions.models import Organiser, OrganiserRole, Role

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Letters and digits that are not taken for one another; 32 of them, so five bits each."""
_GROUPS, _LETTERS = 5, 5


class OrganiserExists(PetitionsError):
    """There is an account with this address already."""


class AddressRefused(PetitionsError):
    """What was given is not an e-mail address."""


def add_organiser(email: str, name: str, roles: set[Role], now: datetime) -> str:
    """Add an account and return its first password. The first account is an admin.

    Raises AddressRefused, OrganiserExists, NameRefused.
    """
    address = _checked(email)
    if _find(address) is not None:
        raise OrganiserExists("there is an organiser with this address already")
    first = db.session.execute(select(func.count()).select_from(Organiser)).scalar_one() == 0
    granted = (roles or {Role.CAMPAIGNER}) | ({Role.ADMIN} if first else set())
    password = new_password()
    organiser = Organiser(
        email=address,
        name=clean_place(name),
        password_hash=PasswordHasher().hash(password),
        session_key=secrets.token_hex(32),
        created_at=now,
    )
    db.session.add(organiser)
    db.session.flush()
    db.session.add_all(OrganiserRole(organiser_id=organiser.id, role=role) for role in granted)
    detail = {"roles": sorted(granted)}
    audit.record("command", "organiser added", f"organiser {organiser.id}", detail, now)
    return password


def reset_password(email: str, now: datetime) -> str:
    """Give an organiser a new password, return it, and end all sign-ins. Raises NotFound."""
    organiser = _find(_checked(email))
    if organiser is None:
        raise NotFound("there is no organiser with this address: `petitions organisers list`")
    password = new_password()
    organiser.password_hash = PasswordHasher().hash(password)
    organiser.session_key = secrets.token_hex(32)
    audit.record("command", "password reset", f"organiser {organiser.id}", {}, now)
    return password


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


def _checked(email: str) -> str:
    try:
        valid = validate_email(email, check_deliverability=False)
    except EmailNotValidError as error:
        raise AddressRefused(f"this is not an e-mail address: {error}") from None
    return valid.normalized.lower()


def _find(address: str) -> Organiser | None:
    query = select(Organiser).where(Organiser.email == address)
    return db.session.execute(query).scalar_one_or_none()
