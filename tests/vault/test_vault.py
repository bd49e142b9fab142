"""The vault: seals with the public half alone, opens with the private one, never without a key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from petitions.errors import CannotOpen, KeyMissing
from petitions.vault import (
    DataKey,
    KeyRing,
    Person,
    canonical_address,
    keyed_hash,
    open_data_key,
    open_with,
    seal_with,
)

NOW = datetime(2026, 3, 14, tzinfo=UTC)
VAULT = "the-vault-key-of-these-tests-0123456789"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys", VAULT)


def test_a_person_survives_sealing_and_shows_nothing_in_repr(ring: KeyRing) -> None:
    ref, public_key = ring.create_case()
    key = DataKey(public_key, NOW)
    person = Person.of("Ada", "A.", "London")
    sealed = key.seal(person.encode(), b"row 1")
    opened = open_data_key(key.sealed, ring.case(ref).private_key)
    assert Person.decode(opened.open(sealed, b"row 1")) == person
    assert "Ada" not in repr(person)
    with pytest.raises(CannotOpen):
        opened.open(sealed, b"row 2")
    with pytest.raises(CannotOpen):
        opened.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), b"row 1")


def test_another_cases_private_key_does_not_open(ring: KeyRing) -> None:
    _, public_key = ring.create_case()
    other, _ = ring.create_case()
    with pytest.raises(CannotOpen):
        open_data_key(DataKey(public_key, NOW).sealed, ring.case(other).private_key)


def test_data_key_lives_an_hour_and_no_longer_when_the_clock_steps_back(ring: KeyRing) -> None:
    key = DataKey(ring.create_case()[1], NOW)
    assert key.is_fresh(NOW)
    assert key.is_fresh(NOW + timedelta(minutes=59, seconds=59))
    assert not key.is_fresh(NOW + timedelta(hours=1))
    assert not key.is_fresh(NOW - timedelta(seconds=1))


def test_key_files_are_the_owners_alone_and_sealed(ring: KeyRing, tmp_path: Path) -> None:
    ref, _ = ring.create_case()
    secret = ring.case(ref).private_key
    (path,) = (tmp_path / "keys").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert secret not in path.read_bytes()


def test_wrong_vault_key_refuses(ring: KeyRing, tmp_path: Path) -> None:
    ref, _ = ring.create_case()
    with pytest.raises(KeyMissing, match="PETITIONS_VAULT_KEY"):
        KeyRing(tmp_path / "keys", VAULT + "x").case(ref)


def test_destroyed_case_is_gone_for_this_process_too(ring: KeyRing, tmp_path: Path) -> None:
    ref, _ = ring.create_case()
    ring.case(ref)
    ring.destroy_case(ref)
    with pytest.raises(KeyMissing):
        ring.case(ref)
    assert list((tmp_path / "keys").iterdir()) == []


def test_each_purpose_has_a_key_of_its_own(ring: KeyRing) -> None:
    assert ring.derived("mail") != ring.derived("suppressions")
    sealed = seal_with(ring.derived("mail"), b"address", b"id")
    assert open_with(ring.derived("mail"), sealed, b"id") == b"address"
    with pytest.raises(CannotOpen):
        open_with(ring.derived("suppressions"), sealed, b"id")


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        ("ada+news@example.org", "ada@example.org"),
        ("a.d.a@gmail.com", "ada@gmail.com"),
        ("a.d.a+x@googlemail.com", "ada@gmail.com"),
        ("a.d.a@example.org", "a.d.a@example.org"),
        ("ada-x@yahoo.com", "ada@yahoo.com"),
        ("a-da@ya.ru", "a.da@yandex.ru"),
        ("+ada@example.org", "+ada@example.org"),
        ("ΑΔΑ@example.org", "ΑΔΑ@example.org"),
        ("weiß@example.org", "weiß@example.org"),
        ("a.d-a_x@pm.me", "adax@proton.me"),
    ],
)
def test_spellings_of_one_mailbox_are_equal(typed: str, canonical: str) -> None:
    assert canonical_address(typed) == canonical


def test_hashed_parts_cannot_be_shifted() -> None:
    assert keyed_hash(b"k", "ab", "c") != keyed_hash(b"k", "a", "bc")
    assert keyed_hash(b"k", "ab") != keyed_hash(b"l", "ab")
