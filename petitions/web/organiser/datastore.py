"""Accounts as Flask-Security changes them: it hashes first, and only then does a write begin.

A hash takes a tenth of a second and more, and SQLite has one writer: signers of petitions wait for
nobody's argon2.
"""

from typing import Any

from flask import abort
from flask_security import SQLAlchemyUserDatastore

from petitions.extensions import begin_write, db


class Accounts(SQLAlchemyUserDatastore):
    """Begins the write of a new password once its hash is made."""

    def set_uniquifier(self, user: Any, uniquifier: str | None = None) -> None:
        """Keep a new password and end what the old one opened.

        The library calls this when it has hashed what was chosen. Answers 400 where somebody else
        changed the password meanwhile, or the account was blocked: link and sign-in are over.
        """
        hashed, was = user.password, user.fs_uniquifier
        write_to(user)
        if user.fs_uniquifier != was or not user.active:
            abort(400)
        user.password = hashed
        super().set_uniquifier(user, uniquifier)


def write_to(user: Any) -> None:
    """Write from now on, with the account as it is now and as nobody else changes it meanwhile."""
    db.session.rollback()
    begin_write()
    db.session.refresh(user, with_for_update=True)
