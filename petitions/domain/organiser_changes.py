"""What changes an account: name and roles, blocking, and giving way back in when all is lost.

The last admin who can sign in keeps the role and the account: otherwise nobody could ever let
anybody in again. Accounts are never deleted, since the record of what was done names them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from petitions.domain import audit, organiser_mail
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.names import clean_name
from petitions.domain.organisers import (
    FirstPassword,
    new_session_key,
    organiser_at,
    organiser_held,
    roles_of,
)
from petitions.domain.site import Site
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import MailKind, Organiser, OrganiserRole, OrganiserSession, Role


def values_of(organiser: Organiser) -> dict[str, Any]:
    """Return what the form of an account shows, to tell whether somebody else changed it."""
    return {"name": organiser.name, "roles": sorted(roles_of(organiser.id))}


def change(
    organiser_id: int,
    *,
    name: str,
    roles: Iterable[Role],
    seen: str,
    actor: str,
    now: datetime,
    knows_the_loss: bool = False,
) -> None:
    """Change name and roles of an account. Whoever drops their own admin role must know the loss.

    Raises NotFound, NameRefused, ChangedMeanwhile, Refused ("no role", "last admin",
    "own loss", "limited": an admin reaches all cases).
    """
    _lock_admins()
    organiser = organiser_held(organiser_id)
    before = values_of(organiser)
    refuse_changed(seen, before)
    after = {"name": clean_name(name), "roles": sorted(frozenset(roles))}
    if after == before:
        return
    if not after["roles"]:
        raise Refused("no role", "roles")
    if Role.ADMIN in before["roles"] and Role.ADMIN not in after["roles"]:
        _refuse_last_admin(organiser, "roles")
        if actor == _subject(organiser) and not knows_the_loss:
            raise Refused("own loss", "knows_the_loss")
    if Role.ADMIN in after["roles"] and organiser.only_chosen_cases:
        raise Refused("limited", "roles")
    organiser.name = str(after["name"])
    if after["roles"] != before["roles"]:
        _give_roles(organiser_id, (Role(role) for role in after["roles"]))
    _record_change(actor, organiser, before, after, now)


def block(site: Site, organiser_id: int, reason: str, actor: str, now: datetime) -> None:
    """Let an organiser in no more, and end all their sign-ins at once. Repeating it is no fault.

    Raises NotFound, Refused ("yourself", "last admin").
    """
    _lock_admins()
    organiser = organiser_held(organiser_id)
    if actor == _subject(organiser):
        raise Refused("yourself")
    if not organiser.active:
        return
    _refuse_last_admin(organiser, "")
    organiser.active = False
    _end_sign_ins(organiser, now)
    why, ring = reason.strip(), site.keyring
    subject = _subject(organiser)
    audit.record(actor, "organiser blocked", subject, {}, now, reason=why, keyring=ring)


def unblock(organiser_id: int, actor: str, now: datetime) -> None:
    """Let an organiser in again. Repeating it is no fault. Raises NotFound."""
    organiser = organiser_held(organiser_id)
    if organiser.active:
        return
    organiser.active = True
    audit.record(actor, "organiser unblocked", _subject(organiser), {}, now)


def reset_second_step(
    site: Site, organiser_id: int, reason: str, actor: str, now: datetime
) -> None:
    """Take second step and recovery codes off an account, end its sign-ins, and tell its person.

    Raises NotFound, Refused ("yourself", "no reason").
    """
    organiser = organiser_held(organiser_id)
    if actor == _subject(organiser):
        raise Refused("yourself")
    why, ring = reason.strip(), site.keyring
    if not why:
        raise Refused("no reason", "reason")
    _forget_second_step(organiser)
    _end_sign_ins(organiser, now)
    subject = _subject(organiser)
    audit.record(actor, "second step reset", subject, {}, now, reason=why, keyring=ring)
    organiser_mail.enqueue(site, MailKind.SECURITY_NOTICE, organiser, now)


def reset_password(site: Site, email: str, password: FirstPassword, now: datetime) -> None:
    """Give an organiser a new password, when all is lost.

    Second step and recovery codes are taken off, all sign-ins end, and a mail tells the person.
    Raises AddressRefused, NotFound.
    """
    organiser = organiser_at(email)
    organiser.password = password.hashed
    organiser.password_is_first = True
    _forget_second_step(organiser)
    _end_sign_ins(organiser, now)
    audit.record("command", "password and second step reset", _subject(organiser), {}, now)
    if organiser.active:
        organiser_mail.enqueue(site, MailKind.SECURITY_NOTICE, organiser, now)


def _lock_admins() -> None:
    """Hold all admins' rows until the end of this transaction.

    Two admins who block each other at the same moment come here one after the other: the second
    sees what the first did. On SQLite the write transaction itself does that.
    """
    admins = select(Organiser.id).join(OrganiserRole, OrganiserRole.organiser_id == Organiser.id)
    admins = admins.where(OrganiserRole.role == Role.ADMIN).order_by(Organiser.id)
    db.session.execute(admins.with_for_update(of=Organiser, key_share=True)).all()


def _refuse_last_admin(organiser: Organiser, field: str) -> None:
    """Raise Refused ("last admin") where nobody else could manage accounts any more."""
    others = (
        select(Organiser.id)
        .join(OrganiserRole, OrganiserRole.organiser_id == Organiser.id)
        .where(OrganiserRole.role == Role.ADMIN, Organiser.id != organiser.id)
        .where(Organiser.active, Organiser.password.is_not(None))
    )
    is_one = organiser.active and organiser.password and Role.ADMIN in roles_of(organiser.id)
    if is_one and db.session.execute(others.limit(1)).first() is None:
        raise Refused("last admin", field)


def _give_roles(organiser_id: int, roles: Iterable[Role]) -> None:
    old = delete(OrganiserRole).where(OrganiserRole.organiser_id == organiser_id)
    db.session.execute(old.execution_options(synchronize_session="fetch"))
    db.session.add_all(OrganiserRole(organiser_id=organiser_id, role=role) for role in roles)
    db.session.flush()


def _forget_second_step(organiser: Organiser) -> None:
    organiser.tf_primary_method = None
    organiser.tf_totp_secret = None
    organiser.totp_counter = None
    organiser.mf_recovery_codes = None


def _end_sign_ins(organiser: Organiser, now: datetime) -> None:
    """End all sign-ins, and links to choose a password that are on their way."""
    organiser.fs_uniquifier = new_session_key()
    mine = (OrganiserSession.organiser_id == organiser.id) & OrganiserSession.ended_at.is_(None)
    db.session.execute(update(OrganiserSession).where(mine).values(ended_at=now))


def _record_change(
    actor: str, organiser: Organiser, before: dict[str, Any], after: dict[str, Any], now: datetime
) -> None:
    fields = [name for name in before if before[name] != after[name]]
    detail: dict[str, object] = {"fields": fields}
    if "roles" in fields:  # names of people stay out of the record
        detail |= {"before": {"roles": before["roles"]}, "after": {"roles": after["roles"]}}
    audit.record(actor, "organiser changed", _subject(organiser), detail, now)


def _subject(organiser: Organiser) -> str:
    return f"organiser {organiser.id}"
