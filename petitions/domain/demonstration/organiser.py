"""The organiser of a demonstration, whose sign-in is printed at each start."""

from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from sqlalchemy import select

from petitions.domain.organisers import add_organiser, first_password
from petitions.extensions import db
from petitions.models import Organiser, Role

ADDRESS = "organiser@example.org"
_NAME = "Olivia Organiser"


def add_demonstration_organiser(password: str, now: datetime) -> None:
    """Add the organiser with a password that is kept beside the data; do nothing where it is."""
    if _find() is not None:
        return
    add_organiser(ADDRESS, _NAME, {Role.ADMIN}, first_password(password), now)
    added = _find()
    if added is not None:
        added.password_is_first = False


def still_opens(password: str) -> bool:
    """Whether the password is still the one that was made: an organiser may have changed it."""
    organiser = _find()
    if organiser is None or not organiser.password or not organiser.active:
        return False
    try:
        return PasswordHasher().verify(organiser.password, password)
    except Argon2Error:
        return False


def _find() -> Organiser | None:
    query = select(Organiser).where(Organiser.email == ADDRESS)
    return db.session.execute(query).scalar_one_or_none()
