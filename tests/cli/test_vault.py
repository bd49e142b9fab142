"""`petitions vault`: sealing, custodians, rotation, unsealing; passphrases come through a pipe."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.documents.verify import verify_bundle
from petitions.domain import audit, privacy, signing
from petitions.domain.case_keys import is_sealed
from petitions.domain.custodians import custodians_of
from petitions.domain.signing_keys import ensure_signing_key
from petitions.domain.site import Site
from petitions.domain.unlocking import unlock
from petitions.models import Signature
from tests.cli.conftest import Command, assert_refused
from tests.domain.cast import Cast, form, publish
from tests.domain.sealing_cast import MAJA, OLEG, sealed

Piped = Callable[..., None]


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Piped:
    """piped("first line", "second line"): what the next command reads from standard input."""
    return lambda *lines: monkeypatch.setattr(
        "sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines))
    )


@pytest.fixture
def cast(database: SQLAlchemy, site: Site, now: datetime) -> Cast:
    made = publish(site, now)
    ensure_signing_key(site.keyring)
    signing.sign(site, made.petition, form(), now)
    signing.confirm(made.petition, database.session.execute(select(Signature.id)).scalar_one(), now)
    database.session.commit()
    return made


@pytest.fixture
def recovery_key(site: Site, cast: Cast, now: datetime) -> str:
    return sealed(site, cast.case.id, now)


def test_sealing_prints_the_recovery_key_and_it_unlocks(
    command: Command, piped: Piped, site: Site, cast: Cast
) -> None:
    piped(MAJA)
    said = command("vault", "seal", "anna-b", "--custodian", "Maja")
    assert said.status == 0
    (recovery_key,) = said.out.splitlines()
    assert len(recovery_key.split("-")) == 11
    assert MAJA not in said.out + said.err
    assert is_sealed(cast.case.id)
    assert unlock(cast.case.id, recovery_key).private_key == unlock(cast.case.id, MAJA).private_key
    again = command("vault", "seal", "anna-b", "--custodian", "Maja")
    assert_refused(again, "sealed already")
    assert command("vault", "status").out.splitlines()[1].split("\t")[1:] == ["anna-b", "sealed"]


def test_status_lists_custodians(command: Command, recovery_key: str) -> None:
    said = command("vault", "status", "anna-b")
    rows = [line.split("\t")[1:3] for line in said.out.splitlines()[1:]]
    assert rows == [["Maja", "passphrase"], ["recovery key", "recovery"]]
    assert recovery_key not in said.out
    assert_refused(command("vault", "status", "nobody"), "no case 'nobody'")


def test_custodians_come_and_go(
    command: Command, piped: Piped, cast: Cast, recovery_key: str
) -> None:
    piped(recovery_key, OLEG)
    assert command("vault", "add-custodian", "anna-b", "Oleg").status == 0
    maja = custodians_of(cast.case.id)[0].id
    piped(OLEG)
    assert command("vault", "remove-custodian", "anna-b", str(maja)).status == 0
    piped(MAJA)
    assert_refused(command("vault", "rotate", "anna-b"), "passphrase of no custodian")
    piped(OLEG)
    said = command("vault", "rotate", "anna-b", "--new-recovery-key")
    assert unlock(cast.case.id, said.out.strip())
    piped(recovery_key)
    assert_refused(command("vault", "rotate", "anna-b"), "passphrase of no custodian")


def test_a_passphrase_comes_through_a_descriptor(
    command: Command, piped: Piped, site: Site, cast: Cast, recovery_key: str
) -> None:
    piped("what stands here is not read")
    reader, writer = os.pipe()
    os.write(writer, f"{MAJA}\n".encode())
    os.close(writer)
    said = command("vault", "unseal", "anna-b", "--passphrase-fd", str(reader))
    os.close(reader)
    assert said.status == 0
    assert not is_sealed(cast.case.id)
    assert "Ada Lovelace" in str(_name(site))


def test_weak_passphrases_and_missing_ones_are_refused(
    command: Command, piped: Piped, cast: Cast
) -> None:
    piped("password")
    said = command("vault", "seal", "anna-b", "--custodian", "Maja")
    assert_refused(said, "at least twelve characters")
    piped()
    assert_refused(command("vault", "seal", "anna-b", "--custodian", "Maja"), "nothing came for")
    piped(MAJA)
    assert_refused(command("vault", "rotate", "anna-b"), "not sealed")
    assert not is_sealed(cast.case.id)


def test_bundles_of_a_sealed_case_ask_for_the_passphrase(
    command: Command, piped: Piped, site: Site, tmp_path: Path, *, recovery_key: str
) -> None:
    build = ("bundles", "build", "anna-b", "--official", "minister-anna-b", "--out", str(tmp_path))
    for typed, words in (
        ((OLEG,), "passphrase of no custodian"),
        ((MAJA,), "nothing came for: Passphrase of another custodian"),
        ((MAJA, MAJA), "it takes two people"),
        ((MAJA, OLEG), "passphrase of no custodian"),
    ):
        piped(*typed)
        assert_refused(command(*build), words)
    assert command("bundles", "list", "anna-b").out.count("\n") == 1  # nothing was frozen
    piped(MAJA, recovery_key)
    said = command(*build)
    assert said.status == 0
    first = Path(said.out.strip())
    content = first.read_bytes()
    assert verify_bundle(first).files
    first.unlink()
    write = ("bundles", "write", "anna-b", "1", "--out", str(tmp_path), "--agreed-by")
    assert_refused(command(*write, "nobody@example.org"), "nobody with that address")
    number = _deliverer("oleg@example.org")
    piped(recovery_key)
    again = command(*write, "Oleg@example.org")
    assert Path(again.out.strip()).read_bytes() == content
    assert _name(site) is None
    unlocked = [entry.detail for entry in audit.entries() if entry.action == "case unlocked"]
    assert ["building bundles" in one for one in unlocked] == [True, False]
    assert '"and custodian": 2' in unlocked[0]
    assert f'"agreed, as the command says": "organiser {number}"' in unlocked[1]


def test_what_is_held_is_told_to_whoever_asks(
    command: Command, piped: Piped, recovery_key: str
) -> None:
    assert recovery_key
    piped(MAJA, "Signer+x@example.org")
    said = command("vault", "held", "anna-b")
    (held,) = json.loads(said.out)
    assert (held["name"], held["place"]) == ("Ada Lovelace", "London")
    piped(MAJA, "signer@example.org")
    text = command("vault", "held", "anna-b", "--as", "text").out
    assert "Name: Ada Lovelace" in text
    assert "What you agreed to (version 1):" in text
    piped(MAJA, "nobody@example.org")
    assert json.loads(command("vault", "held", "anna-b").out) == []
    assert all("example.org" not in entry.detail for entry in audit.entries())


def _deliverer(email: str) -> int:
    from petitions.clock import now
    from petitions.extensions import db
    from petitions.models import Organiser, OrganiserRole, Role

    made = Organiser(email=email, fs_uniquifier="x", password="$no hash", created_at=now())
    db.session.add(made)
    db.session.flush()
    number = made.id
    db.session.add(OrganiserRole(organiser_id=number, role=Role.DELIVERER))
    db.session.commit()
    return number


def _name(site: Site) -> object:
    person = privacy.own_signature(site, 1).person
    return person.name if person else None
