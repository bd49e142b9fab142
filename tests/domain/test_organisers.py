"""Accounts: inviting, changing, blocking, and that somebody can always let others in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import audit, organiser_changes, organiser_mail, organisers, sign_ins
from petitions.domain.fingerprints import fingerprint
from petitions.domain.names import NameRefused
from petitions.domain.organisers import Standing, standing_of
from petitions.domain.site import Site
from petitions.errors import ChangedMeanwhile, NotFound, Refused
from petitions.extensions import begin_write
from petitions.models import (
    Mail,
    MailKind,
    MailState,
    Organiser,
    OrganiserRole,
    OrganiserSession,
    Role,
)

Make = Callable[..., int]


@pytest.fixture
def make(database: SQLAlchemy, now: datetime) -> Make:
    """make("ann", Role.ADMIN) -> id of an account that has a password."""

    def added(name: str, *roles: Role, password: str | None = "a hash", **facts: object) -> int:
        organiser = Organiser(
            email=f"{name}@example.org",
            name=name.title(),
            password=password,
            fs_uniquifier=f"key of {name}",
            created_at=now,
            **facts,
        )
        database.session.add(organiser)
        database.session.flush()
        database.session.add_all(
            OrganiserRole(organiser_id=organiser.id, role=role) for role in roles
        )
        database.session.commit()
        return organiser.id

    return added


def invited(site: Site, now: datetime, **changes: object) -> Organiser:
    given: dict[str, object] = {
        "email": "Bob@Example.org",
        "name": " Bob  Brown ",
        "roles": {Role.REVIEWER},
        "language": "ru",
        "actor": "organiser 1",
    }
    return organisers.invite(site, **{**given, **changes}, now=now)  # type: ignore[arg-type]  # a test's keyword soup


def mails(database: SQLAlchemy) -> list[Mail]:
    return list(database.session.execute(select(Mail).order_by(Mail.id)).scalars())


def test_who_is_invited_has_no_password_and_gets_a_mail_in_their_language(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    organiser = invited(site, now)
    assert (organiser.email, organiser.name) == ("bob@example.org", "Bob Brown")
    assert organiser.password is None
    assert standing_of(organiser) is Standing.INVITED
    assert organisers.roles_of(organiser.id) == {Role.REVIEWER}
    [mail] = mails(database)
    assert (mail.kind, mail.state) == (MailKind.INVITATION, MailState.WAITING)
    assert (mail.organiser_id, mail.language) == (organiser.id, "ru")
    assert mail.address_sealed is not None
    assert b"bob" not in mail.address_sealed
    entry = audit.latest(f"organiser {organiser.id}")
    assert entry is not None
    assert (entry.actor, entry.action) == ("organiser 1", "organiser invited")
    assert "bob" not in entry.detail.lower()


def test_invitation_needs_an_address_that_is_new_a_name_and_a_role(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    invited(site, now)
    with pytest.raises(organisers.OrganiserExists):
        invited(site, now, email="BOB@example.org")
    with pytest.raises(organisers.AddressRefused):
        invited(site, now, email="not an address")
    with pytest.raises(NameRefused, match="empty"):
        invited(site, now, email="c@example.org", name=" ")
    with pytest.raises(Refused, match="no role"):
        invited(site, now, email="c@example.org", roles=set())
    assert len(mails(database)) == 1


def test_invitation_is_mailed_again_until_it_is_accepted(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    organiser = invited(site, now)
    assert organisers.invite_again(site, organiser.id, "organiser 1", now)
    assert [mail.kind for mail in mails(database)] == [MailKind.INVITATION] * 2
    organiser.password = "a hash"
    with pytest.raises(Refused, match="accepted already"):
        organisers.invite_again(site, organiser.id, "organiser 1", now)
    organiser.active = False
    with pytest.raises(Refused, match="blocked"):
        organisers.invite_again(site, organiser.id, "organiser 1", now)


def test_sixth_mail_of_a_kind_within_an_hour_is_withheld_and_keeps_no_other_kind_away(
    database: SQLAlchemy, site: Site, make: Make, now: datetime
) -> None:
    ann = database.session.get(Organiser, make("ann", Role.ADMIN))
    assert ann is not None
    kind = MailKind.PASSWORD_RESET
    at = [now + timedelta(minutes=minute) for minute in range(7)]
    went = [organiser_mail.enqueue(site, kind, ann, moment) for moment in at]
    assert went == [True] * 5 + [False] * 2
    assert organiser_mail.enqueue(site, MailKind.SECURITY_NOTICE, ann, at[-1])
    [*_, withheld, notice] = mails(database)
    assert (withheld.state, withheld.outcome) == (MailState.WITHHELD, "over budget")
    assert withheld.address_sealed is None
    assert notice.state is MailState.WAITING
    assert organiser_mail.enqueue(site, kind, ann, now + timedelta(hours=1))


def test_mail_to_signers_is_not_sent_as_one_to_organisers(
    database: SQLAlchemy, site: Site, make: Make, now: datetime
) -> None:
    ann = database.session.get(Organiser, make("ann", Role.ADMIN))
    assert ann is not None
    with pytest.raises(ValueError, match="no mail to organisers"):
        organiser_mail.enqueue(site, MailKind.SIGNING, ann, now)


def change(organiser_id: int, now: datetime, **changes: object) -> None:
    given: dict[str, object] = {"name": "Ann", "roles": {Role.ADMIN}, "seen": "", "actor": "x"}
    organiser_changes.change(organiser_id, **{**given, **changes}, now=now)  # type: ignore[arg-type]  # a test's keyword soup


def test_changed_roles_are_told_before_and_after_and_a_name_only_as_changed(
    database: SQLAlchemy, make: Make, now: datetime
) -> None:
    bob = make("bob", Role.REVIEWER)
    change(bob, now, name="Robert", roles={Role.REVIEWER, Role.DELIVERER})
    assert organisers.roles_of(bob) == {Role.REVIEWER, Role.DELIVERER}
    entry = audit.latest(f"organiser {bob}")
    assert entry is not None
    assert entry.detail == (
        '{"after": {"roles": ["deliverer", "reviewer"]}, "before": {"roles": ["reviewer"]}, '
        '"fields": ["name", "roles"]}'
    )


def test_saving_what_is_there_leaves_no_trace(make: Make, now: datetime) -> None:
    change(make("ann", Role.ADMIN), now)
    assert audit.entries() == []


def test_two_admins_who_change_the_same_account_are_told_of_each_other(
    database: SQLAlchemy, make: Make, now: datetime
) -> None:
    bob = make("bob", Role.REVIEWER)
    organiser = organisers.organiser_numbered(bob)
    seen = fingerprint(organiser_changes.values_of(organiser))
    change(bob, now, name="Robert", roles={Role.REVIEWER}, seen=seen)
    with pytest.raises(ChangedMeanwhile) as told:
        change(bob, now, name="Bob", roles={Role.DELIVERER}, seen=seen)
    assert told.value.values == {"name": "Robert", "roles": ["reviewer"]}
    assert organisers.roles_of(bob) == {Role.REVIEWER}


def test_an_account_keeps_at_least_one_role(make: Make, now: datetime) -> None:
    with pytest.raises(Refused, match="no role"):
        change(make("bob", Role.REVIEWER), now, roles=set())


@pytest.mark.parametrize(
    "other",
    [
        {"password": None},
        {"active": False},
    ],
)
def test_last_admin_who_can_sign_in_keeps_role_and_account(
    other: dict[str, object], site: Site, make: Make, now: datetime
) -> None:
    ann = make("ann", Role.ADMIN)
    make("other", Role.ADMIN, **other)
    make("carol", Role.CAMPAIGNER)
    with pytest.raises(Refused, match="last admin"):
        change(ann, now, roles={Role.CAMPAIGNER})
    with pytest.raises(Refused, match="last admin"):
        organiser_changes.block(site, ann, "gone", "command", now)
    assert organisers.roles_of(ann) == {Role.ADMIN}
    make("second", Role.ADMIN)
    organiser_changes.block(site, ann, "gone", "command", now)
    assert not organisers.organiser_numbered(ann).active


def test_an_admin_who_cannot_sign_in_may_lose_the_role(make: Make, now: datetime) -> None:
    make("ann", Role.ADMIN)
    change(make("bob", Role.ADMIN, password=None), now, roles={Role.CAMPAIGNER})


def test_own_admin_role_is_dropped_only_knowing_the_loss(make: Make, now: datetime) -> None:
    ann, _bob = make("ann", Role.ADMIN), make("bob", Role.ADMIN)
    mine = {"roles": {Role.CAMPAIGNER}, "actor": f"organiser {ann}"}
    with pytest.raises(Refused, match="own loss"):
        change(ann, now, **mine)
    change(ann, now, **mine, knows_the_loss=True)
    assert organisers.roles_of(ann) == {Role.CAMPAIGNER}


def test_who_is_blocked_is_signed_out_everywhere_and_can_be_let_in_again(
    database: SQLAlchemy, site: Site, make: Make, now: datetime
) -> None:
    make("ann", Role.ADMIN)
    bob = make("bob", Role.REVIEWER)
    database.session.add(
        OrganiserSession(organiser_id=bob, key_hash="k", started_at=now, last_seen_at=now)
    )
    database.session.commit()
    organiser_changes.block(site, bob, "Bob left us", "organiser 1", now)
    blocked = organisers.organiser_numbered(bob)
    assert standing_of(blocked) is Standing.BLOCKED
    assert blocked.fs_uniquifier != "key of bob"
    assert database.session.execute(select(OrganiserSession.ended_at)).scalar_one() == now
    entry = audit.latest(f"organiser {bob}")
    assert entry is not None
    assert "Bob" not in entry.detail
    assert audit.reason_of(entry, site.keyring) == "Bob left us"
    organiser_changes.block(site, bob, "again", "organiser 1", now)
    organiser_changes.unblock(bob, "organiser 1", now)
    organiser_changes.unblock(bob, "organiser 1", now)
    assert organisers.organiser_numbered(bob).active
    told = [entry.action for entry in audit.entries()]
    assert told == ["organiser blocked", "organiser unblocked"]


def test_nobody_blocks_or_resets_themselves(site: Site, make: Make, now: datetime) -> None:
    ann, _bob = make("ann", Role.ADMIN), make("bob", Role.ADMIN)
    with pytest.raises(Refused, match="yourself"):
        organiser_changes.block(site, ann, "tired", f"organiser {ann}", now)
    with pytest.raises(Refused, match="yourself"):
        organiser_changes.reset_second_step(site, ann, "lost", f"organiser {ann}", now)
    with pytest.raises(NotFound):
        organiser_changes.unblock(999, f"organiser {ann}", now)


def test_second_step_is_taken_off_for_a_reason_and_its_owner_is_told(
    database: SQLAlchemy, site: Site, make: Make, now: datetime
) -> None:
    second = {
        "tf_primary_method": "authenticator",
        "tf_totp_secret": "secret",
        "totp_counter": 7,
        "mf_recovery_codes": ["a"],
    }
    make("ann", Role.ADMIN)
    bob = make("bob", Role.REVIEWER, **second)
    with pytest.raises(Refused, match="no reason"):
        organiser_changes.reset_second_step(site, bob, "  ", "organiser 1", now)
    assert mails(database) == []
    organiser_changes.reset_second_step(site, bob, "phone lost", "organiser 1", now)
    changed = organisers.organiser_numbered(bob)
    assert [getattr(changed, name) for name in second] == [None] * 4
    assert changed.password == "a hash"
    assert changed.fs_uniquifier != "key of bob"
    assert [(mail.kind, mail.organiser_id) for mail in mails(database)] == [
        (MailKind.SECURITY_NOTICE, bob)
    ]
    entry = audit.latest(f"organiser {bob}")
    assert entry is not None
    assert entry.action == "second step reset"
    assert audit.reason_of(entry, site.keyring) == "phone lost"


def _race(app: Flask, database: SQLAlchemy, *deeds: Callable[[], None]) -> list[str]:
    """Do several things at the same moment, each in a thread and a transaction of its own."""
    barrier = Barrier(len(deeds))
    database.session.rollback()

    def run(deed: Callable[[], None]) -> str:
        with app.app_context():
            barrier.wait(timeout=60)
            begin_write()
            try:
                deed()
            except Refused as refusal:
                database.session.rollback()
                return refusal.reason
            database.session.commit()
            return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(run, deeds))


@pytest.mark.parametrize("now", [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 3)])
def test_two_admins_who_remove_each_other_at_once_leave_one(
    app: Flask, database: SQLAlchemy, site: Site, make: Make, now: datetime
) -> None:
    ann, bob = make("ann", Role.ADMIN), make("bob", Role.ADMIN)
    came_to = _race(
        app,
        database,
        lambda: organiser_changes.block(site, bob, "", f"organiser {ann}", now),
        lambda: change(ann, now, roles={Role.CAMPAIGNER}, actor=f"organiser {bob}"),
    )
    assert came_to == ["done", "last admin"]
    left = [
        organiser.id
        for organiser, roles in organisers.all_organisers()
        if organiser.active and Role.ADMIN in roles
    ]
    assert len(left) == 1


def test_ten_admins_who_drop_their_role_at_once_leave_one(
    app: Flask, database: SQLAlchemy, make: Make, now: datetime
) -> None:
    ids = [make(f"admin{number}", Role.ADMIN) for number in range(10)]
    came_to = _race(
        app,
        database,
        *(lambda one=one: change(one, now, roles={Role.REVIEWER}) for one in ids),  # type: ignore[misc]  # a default binds the loop's value
    )
    assert came_to == ["done"] * 9 + ["last admin"]
    assert audit.first_broken() is None


def test_signing_in_while_the_account_is_changed_waits_and_both_come_through(
    app: Flask, database: SQLAlchemy, make: Make, now: datetime
) -> None:
    ann = make("ann", Role.ADMIN, password=None)

    def sign_in() -> None:
        organiser = database.session.get(Organiser, ann)
        assert organiser is not None
        sign_ins.begin(organiser, "Firefox", now)

    names = [f"Ann {number}" for number in range(6)]
    changes = [lambda name=name: change(ann, now, name=name) for name in names]  # type: ignore[misc]  # a default binds the loop's value
    assert _race(app, database, *changes, *[sign_in] * 6) == ["done"] * 12
    actions = sorted(entry.action for entry in audit.entries())
    assert actions == ["organiser changed"] * 6 + ["signed in"] * 6
    assert audit.first_broken() is None


def test_password_that_a_command_made_is_to_be_changed_but_not_in_a_demonstration(
    database: SQLAlchemy, site: Site, now: datetime
) -> None:
    from petitions.domain.demonstration.organiser import ADDRESS, add_demonstration_organiser

    organisers.add_organiser("ann@example.org", "Ann", set(), organisers.first_password(), now)
    ann = organisers.organiser_at("ann@example.org")
    assert ann.password_is_first
    ann.password_is_first = False
    organiser_changes.reset_password(site, ann.email, organisers.first_password(), now)
    assert ann.password_is_first
    add_demonstration_organiser("a password beside the data", now)
    assert not organisers.organiser_at(ADDRESS).password_is_first
