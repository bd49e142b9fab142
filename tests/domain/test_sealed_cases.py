"""Sealed cases: the site collects and cannot read; one passphrase opens for one job."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.documents.verify import verify_bundle
from petitions.domain import audit, privacy, resending, sealed_cases, signing
from petitions.domain.bundle_files import keep_proof, write_file
from petitions.domain.case_keys import case_key, is_sealed
from petitions.domain.custodians import (
    by_passphrase,
    by_recovery_key,
    custodians_of,
    forget_custodians,
)
from petitions.domain.presenting import everything_held
from petitions.domain.resend_choice import Choice
from petitions.domain.resending import Fate
from petitions.domain.sealing import opener_for
from petitions.domain.signatures_shown import Shelf, page_of
from petitions.domain.signing_keys import ensure_signing_key, public_key
from petitions.domain.site import Site
from petitions.domain.unlocking import note_unlocking, unlock, unlocked_site
from petitions.errors import CannotOpen, CaseSealed, Refused
from petitions.extensions import begin_write
from petitions.models import (
    CaseKey,
    Custodian,
    DataKey,
    Mail,
    MailState,
    Petition,
    Signature,
    SignatureState,
)
from petitions.vault import KeyRing
from petitions.vault.custodians import new_recovery_key
from tests.domain.cast import Cast, form
from tests.domain.sealing_cast import LIGHT, MAJA, OLEG, sealed
from tests.domain.test_bundles import frozen, recipient
from tests.settings import VAULT_KEY

ACTOR = "organiser 1"


@pytest.fixture
def signature(database: SQLAlchemy, site: Site, cast: Cast, now: datetime) -> Signature:
    """One confirmed signature, given before the case was sealed."""
    signing.sign(site, cast.petition, form(), now)
    made = signing.confirm(cast.petition, newest(database).id, now)
    database.session.commit()
    return made


@pytest.fixture
def recovery_key(site: Site, cast: Cast, now: datetime, signature: Signature) -> str:
    return sealed(site, cast.case.id, now)


def newest(database: SQLAlchemy) -> Signature:
    query = select(Signature).order_by(Signature.id.desc()).limit(1)
    return database.session.execute(query).scalar_one()


def name_of(site: Site, signature: Signature) -> str | None:
    person = privacy.own_signature(site, signature.id).person
    return person.name if person else None


def opened(site: Site, cast: Cast, secret: str = MAJA) -> Site:
    return unlocked_site(site, unlock(cast.case.id, secret))


def stored(database: SQLAlchemy) -> list[tuple[Any, ...]]:
    rows = database.session.execute(
        select(Signature.person_sealed, Signature.address_sealed, Signature.lookup)
    )
    return [tuple(row) for row in rows]


def refusal(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.reason


def test_the_site_goes_on_to_collect_count_confirm_and_withdraw(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, recovery_key: str
) -> None:
    assert recovery_key
    signing.sign(site, cast.petition, form("second@example.org", name="Boris"), now)
    second = signing.confirm(cast.petition, newest(database).id, now)
    signing.sign(site, cast.petition, form("SECOND+x@example.org", name="Chen"), now)
    assert newest(database).id == second.id
    assert privacy.signatures_of(site, "second@example.org") == [second.id]
    privacy.withdraw(second.id, now)
    assert second.state is SignatureState.WITHDRAWN


def test_no_name_opens_and_whatever_asks_for_one_is_told_calmly(
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    now: datetime,
    signature: Signature,
    *,
    recovery_key: str,
) -> None:
    with pytest.raises(CaseSealed):
        opener_for(cast.case.id, site.keyring)
    assert name_of(site, signature) is None
    (line,) = page_of(site, cast.petition, Shelf.CONFIRMED).lines
    assert (line.person, line.is_wiped) == (None, False)
    (held,) = everything_held(site, [signature.id])
    assert (held["name"], held["country"]) == (None, "GB")
    signing.sign(site, cast.petition, form("second@example.org"), now)
    pending = newest(database)
    for mail in database.session.execute(select(Mail)).scalars():
        mail.state, mail.final_at, mail.address_sealed = MailState.SENT, now, None
    choice = Choice(ids=(pending.id,))
    plan = resending.plan(site, cast.petition, choice, now + timedelta(hours=1))
    assert plan.fates == {pending.id: Fate.SEALED}


@pytest.mark.usefixtures("recovery_key")
def test_key_ring_and_memory_of_the_server_hold_no_private_key(
    app: Flask, site: Site, cast: Cast
) -> None:
    key = case_key(cast.case.id)
    folder = Path(app.config["SETTINGS"].data_dir) / "keys"
    assert not site.keyring.holds_private_key(key.ref)
    assert [path.name for path in folder.glob("case-*")] == [f"case-{key.ref}.key"]
    again = KeyRing(folder, VAULT_KEY)
    assert again.lookup_key(key.ref) == site.keyring.lookup_key(key.ref)
    with pytest.raises(CaseSealed):
        again.case(key.ref)


def test_a_key_ring_kept_from_before_opens_nothing_any_more(
    app: Flask, site: Site, cast: Cast, now: datetime, signature: Signature
) -> None:
    key = case_key(cast.case.id)
    before = site.keyring.case(key.ref).private_key
    assert signature.data_key_id is not None
    sealed(site, cast.case.id, now)
    stolen = site.keyring.unlocked_with(key.ref, before)
    with pytest.raises(CannotOpen):
        opener_for(cast.case.id, stolen).person(
            signature.data_key_id,
            signature.person_sealed or b"",
            signature.petition_id,
            signature.order_number,
        )


def test_what_was_signed_before_and_after_sealing_opens_with_either_secret(
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    now: datetime,
    signature: Signature,
    *,
    recovery_key: str,
) -> None:
    site.sealer.forget()
    signing.sign(site, cast.petition, form("second@example.org", name="Boris"), now)
    second = newest(database)
    database.session.commit()
    for secret in (MAJA, f"  {MAJA} ", recovery_key, recovery_key.lower().replace("-", " ")):
        job = opened(site, cast, secret)
        assert (name_of(job, signature), name_of(job, second)) == ("Ada Lovelace", "Boris")
    assert name_of(site, signature) is None  # the running site stays locked


def test_wrong_and_mistyped_secrets_are_told_apart(cast: Cast, recovery_key: str) -> None:
    assert refusal(unlock, cast.case.id, OLEG) == "wrong passphrase"
    assert refusal(unlock, cast.case.id, new_recovery_key()) == "wrong passphrase"
    wrong = ("C" if recovery_key[0] == "A" else "A") + recovery_key[1:]
    assert refusal(unlock, cast.case.id, wrong) == "mistyped"
    assert MAJA not in repr(unlock(cast.case.id, MAJA))


def test_a_case_that_is_not_sealed_needs_no_unlocking(cast: Cast) -> None:
    assert refusal(unlock, cast.case.id, MAJA) == "not sealed"


@pytest.mark.parametrize(
    ("label", "passphrase", "reason"),
    [
        ("Oleg", "short", "too short"),
        ("Oleg", "passwordpassword", "too easy"),
        ("Oleg Petrov", "oleg petrov 1234", "too easy"),
        (" ", OLEG, "no label"),
    ],
)
def test_passphrases_that_can_be_guessed_are_refused(
    label: str, passphrase: str, reason: str
) -> None:
    assert refusal(by_passphrase, label, passphrase, work=LIGHT) == reason


@pytest.mark.usefixtures("recovery_key")
def test_a_custodian_added_opens_and_no_signature_is_touched(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, signature: Signature
) -> None:
    rows = stored(database)
    oleg = by_passphrase("Oleg", OLEG, work=LIGHT)
    sealed_cases.add_custodian(unlock(cast.case.id, MAJA), oleg, actor=ACTOR, now=now)
    database.session.commit()
    assert name_of(opened(site, cast, OLEG), signature) == "Ada Lovelace"
    assert stored(database) == rows
    assert [one.label for one in custodians_of(cast.case.id)] == ["Maja", "recovery key", "Oleg"]


def test_a_custodian_removed_opens_nothing_even_with_what_they_kept(
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    now: datetime,
    signature: Signature,
    *,
    recovery_key: str,
) -> None:
    rows = stored(database)
    kept = unlock(cast.case.id, MAJA)
    oleg = by_passphrase("Oleg", OLEG, work=LIGHT)
    sealed_cases.add_custodian(kept, oleg, actor=ACTOR, now=now)
    database.session.commit()
    maja = custodians_of(cast.case.id)[0]
    by_oleg = unlock(cast.case.id, OLEG)
    sealed_cases.remove_custodian(by_oleg, maja.id, actor=ACTOR, now=now)
    database.session.commit()
    assert refusal(unlock, cast.case.id, MAJA) == "wrong passphrase"
    with pytest.raises(CannotOpen):
        name_of(unlocked_site(site, kept), signature)
    for secret in (OLEG, recovery_key):
        assert name_of(opened(site, cast, secret), signature) == "Ada Lovelace"
    assert stored(database) == rows
    assert (maja.wrapped_key, maja.removed_at) == (None, now)
    add = sealed_cases.add_custodian
    assert refusal(add, by_oleg, oleg, actor=ACTOR, now=now) == "changed meanwhile"


def test_the_last_custodian_and_the_recovery_key_cannot_be_removed(
    cast: Cast, now: datetime, recovery_key: str
) -> None:
    unlocked = unlock(cast.case.id, recovery_key)
    maja, paper = custodians_of(cast.case.id)
    for custodian_id, reason in (
        (maja.id, "last custodian"),
        (paper.id, "recovery key"),
        (4711, "no such custodian"),
    ):
        remove = sealed_cases.remove_custodian
        assert refusal(remove, unlocked, custodian_id, actor=ACTOR, now=now) == reason


def test_rotation_renews_all_keys_and_touches_no_signature(
    database: SQLAlchemy,
    site: Site,
    cast: Cast,
    now: datetime,
    signature: Signature,
    *,
    recovery_key: str,
) -> None:
    rows, before = stored(database), case_key(cast.case.id).public_key
    new = new_recovery_key()
    unlocked = unlock(cast.case.id, MAJA)
    sealed_cases.rotate(unlocked, actor=ACTOR, now=now, recovery=by_recovery_key(new))
    database.session.commit()
    assert case_key(cast.case.id).public_key != before
    assert stored(database) == rows
    for secret in (MAJA, new):
        assert name_of(opened(site, cast, secret), signature) == "Ada Lovelace"
    assert refusal(unlock, cast.case.id, recovery_key) == "wrong passphrase"


@pytest.mark.usefixtures("recovery_key")
def test_a_key_that_somebody_put_into_the_database_is_never_handed_the_cases_key(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    mallory = by_passphrase("Mallory", OLEG, work=LIGHT)
    maja = custodians_of(cast.case.id)[0]
    maja_was = maja.public_key
    unlocked = unlock(cast.case.id, MAJA)
    maja.public_key = mallory.public_key
    database.session.commit()
    with pytest.raises(CannotOpen):
        sealed_cases.rotate(unlocked, actor=ACTOR, now=now)
    database.session.rollback()
    assert maja_was != custodians_of(cast.case.id)[0].public_key


@pytest.mark.usefixtures("recovery_key")
def test_unsealing_gives_the_key_back_and_ends_all_passphrases(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, signature: Signature
) -> None:
    unlocked = unlock(cast.case.id, MAJA)
    sealed_cases.unseal(site, unlocked, actor=ACTOR, now=now)
    database.session.commit()
    assert not is_sealed(cast.case.id)
    assert name_of(site, signature) == "Ada Lovelace"
    assert custodians_of(cast.case.id) == []
    rows = database.session.execute(select(Custodian)).scalars().all()
    assert [row.wrapped_key for row in rows] == [None, None]
    sealed(site, cast.case.id, now)
    assert name_of(site, signature) is None
    assert name_of(opened(site, cast), signature) == "Ada Lovelace"


@pytest.mark.usefixtures("recovery_key")
def test_unsealing_that_is_not_committed_leaves_a_key_that_opens_nothing(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, signature: Signature
) -> None:
    sealed_cases.unseal(site, unlock(cast.case.id, MAJA), actor=ACTOR, now=now)
    database.session.rollback()
    assert name_of(site, signature) is None
    ref = case_key(cast.case.id).ref
    ring = site.keyring.unlocked_with(ref, site.keyring.case(ref).private_key)
    with pytest.raises(CannotOpen):
        name_of(replace(site, keyring=ring), signature)
    sealed_cases.take_from_server(site, cast.case.id)
    assert not site.keyring.holds_private_key(case_key(cast.case.id).ref)


@pytest.mark.usefixtures("recovery_key")
def test_a_case_is_sealed_once(site: Site, cast: Cast, now: datetime) -> None:
    maja = by_passphrase("Maja", MAJA, work=LIGHT)
    paper = by_recovery_key(new_recovery_key())
    again = refusal(sealed_cases.seal, site, cast.case.id, maja, paper, actor=ACTOR, now=now)
    assert again == "sealed already"


@pytest.mark.usefixtures("recovery_key")
def test_a_bundle_is_written_by_whoever_unlocks_and_by_nobody_else(
    site: Site, cast: Cast, now: datetime, tmp_path: Path, database: SQLAlchemy
) -> None:
    ensure_signing_key(site.keyring)
    bundle = frozen(cast, recipient(cast, "minister-anna-b"), now)
    with pytest.raises(CaseSealed):
        write_file(site, bundle, tmp_path)
    unlocked = unlock(cast.case.id, MAJA)
    written = write_file(unlocked_site(site, unlocked), bundle, tmp_path)
    database.session.rollback()
    begin_write()
    keep_proof(site, bundle, written, now)
    note_unlocking(unlocked, f"bundle {bundle.public_id}", ACTOR, now)
    database.session.commit()
    found = verify_bundle(written.path, public_key(site.keyring))
    assert found.signer == "trusted"
    first = written.path.read_bytes()
    again = write_file(opened(site, cast), bundle, tmp_path)
    assert again.path.read_bytes() == first


@pytest.mark.usefixtures("recovery_key")
def test_the_trail_tells_what_was_done_and_names_nobody(
    database: SQLAlchemy, cast: Cast, now: datetime
) -> None:
    unlocked = unlock(cast.case.id, MAJA)
    oleg = by_passphrase("Oleg", OLEG, work=LIGHT)
    sealed_cases.add_custodian(unlocked, oleg, actor=ACTOR, now=now)
    sealed_cases.remove_custodian(unlocked, custodians_of(cast.case.id)[0].id, actor=ACTOR, now=now)
    trail = [(entry.action, entry.subject, entry.detail) for entry in audit.entries()]
    subject = f"case {cast.case.id}"
    assert [one[:2] for one in trail] == [
        ("case sealed", subject),
        ("custodian added", subject),
        ("custodian removed", subject),
    ]
    assert "Oleg" not in str(trail)
    assert "Maja" not in str(trail)


def test_data_keys_of_other_cases_stay_as_they_are(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime, signature: Signature
) -> None:
    from tests.domain.cast import publish

    other = publish(site, now, slug="boris-c")
    signing.sign(site, other.petition, form("b@example.org"), now)
    second = newest(database)
    keys = select(DataKey.sealed_key).where(DataKey.case_id == other.case.id)
    before = database.session.execute(keys).scalars().all()
    sealed(site, cast.case.id, now)
    assert database.session.execute(keys).scalars().all() == before
    assert name_of(site, second) == "Ada Lovelace"
    modes = dict(database.session.execute(select(CaseKey.case_id, CaseKey.mode)).all())
    assert modes == {cast.case.id: "sealed", other.case.id: "server"}


@pytest.mark.usefixtures("recovery_key")
def test_where_a_cases_keys_are_destroyed_no_custodian_opens_it(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    kept = [one.wrapped_key for one in custodians_of(cast.case.id)]
    assert forget_custodians(cast.case.id, now) == 2
    site.keyring.destroy_case(case_key(cast.case.id).ref)
    database.session.commit()
    assert refusal(unlock, cast.case.id, MAJA) == "wrong passphrase"
    left = database.session.execute(select(Custodian.wrapped_key)).scalars().all()
    assert (len(kept), left) == (2, [None, None])
    assert forget_custodians(cast.case.id, now) == 0


@pytest.mark.parametrize("first", ["signer", "sealing"])
def test_somebody_who_signs_while_the_case_is_sealed_is_not_lost(
    app: Flask, database: SQLAlchemy, site: Site, cast: Cast, now: datetime, *, first: str
) -> None:
    """Whoever is second waits: a data key sealed to a key of before would open with none."""
    begun, case_id = Event(), cast.case.id

    def sign() -> None:
        with app.app_context():
            begin_write()
            petition = database.session.get_one(Petition, cast_petition)
            signing.sign(site, petition, form(), now)
            wait_a_moment("signer")
            database.session.commit()

    def seal() -> None:
        maja = by_passphrase("Maja", MAJA, work=LIGHT)
        paper = by_recovery_key(new_recovery_key())
        with app.app_context():
            begin_write()
            sealed_cases.seal(site, case_id, maja, paper, actor=ACTOR, now=now)
            wait_a_moment("sealing")
            database.session.commit()
            sealed_cases.take_from_server(site, case_id)

    def wait_a_moment(who: str) -> None:
        if who == first:
            begun.set()
            Event().wait(0.5)  # the other one comes to the same row meanwhile

    cast_petition = cast.petition.id
    database.session.commit()
    one, two = (sign, seal) if first == "signer" else (seal, sign)
    with ThreadPoolExecutor() as threads:
        running = [threads.submit(one)]
        assert begun.wait(60)
        running.append(threads.submit(two))
        for each in running:
            each.result(60)
    database.session.expire_all()
    signature = newest(database)
    assert name_of(site, signature) is None
    assert name_of(opened(site, cast), signature) == "Ada Lovelace"
