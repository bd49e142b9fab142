"""Backup and restore: the drill on both databases, across them, and what is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyrage
import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from petitions.config import Settings
from petitions.domain import audit
from petitions.domain.signing_keys import ensure_signing_key
from petitions.domain.site import Site
from petitions.models import Organisation
from petitions.vault.age import new_identity
from tests.cli.conftest import Command, assert_refused
from tests.domain.cast import publish
from tests.mail.queueing import sign
from tests.servers.postgres import temporary_database
from tests.settings import SECRET_KEY, VAULT_KEY

NAMES = ("Ağça Öztürk", "Мария Фёдорова", "محمد")


@dataclass(frozen=True)
class Kept:
    """A backup, and the secret key that opens it."""

    data: Path
    keys: Path
    identity: Path

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("restore", str(self.data), str(self.keys), "--identity", str(self.identity))

    def opened(self) -> list[str]:
        """The lines of the data, as whoever has the key reads them."""
        identity = pyrage.x25519.Identity.from_str(self.identity.read_text().splitlines()[-1])
        packed = pyrage.decrypt(self.data.read_bytes(), [identity])
        return gzip.decompress(packed).decode().splitlines()


@pytest.fixture
def filled(
    database: SQLAlchemy, site: Site, now: datetime, command: Command, tmp_path: Path
) -> None:
    """A petition with a bundle that was written, a mail that waits, and a sealed reason."""
    ensure_signing_key(site.keyring)
    cast = publish(site, now)
    database.session.commit()
    sign(site, cast, now)
    audit.record("organiser 1", "noted", "site", {}, now, reason="a name", keyring=site.keyring)
    organisation = database.session.get(Organisation, 1)
    assert organisation is not None
    organisation.demonstration = True
    command("sample-signatures", "anna-b", "30")
    minister = ("--official", "minister-anna-b", "--out", str(tmp_path / "bundles"))
    assert command("bundles", "build", "anna-b", *minister).status == 0


@pytest.fixture
def backup(filled: None, command: Command, tmp_path: Path) -> Kept:
    secret, public = new_identity()
    identity = tmp_path / "identity"
    identity.write_text(f"# public key: {public}\n{secret}\n")
    said = command("backup", str(tmp_path / "backup"), "--to", public)
    assert said.status == 0, said.err
    data, keys = map(Path, said.out.split())
    return Kept(data, keys, identity)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where to restore into: nothing said, or an empty database of PostgreSQL's."""
    if request.param == "sqlite":
        yield ""
        return
    with temporary_database(request.getfixturevalue("postgres")) as url:
        yield url


def numbers(url: str) -> dict[str, int]:
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        count = {
            name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()
            for name in tables
        }
    engine.dispose()
    return count


def test_restored_site_is_the_one_that_was_backed_up(
    backup: Kept, settings: Settings, tmp_path: Path, command_with: Command, new_database: str
) -> None:
    before, url = numbers(settings.database_url), new_database
    place = tmp_path / "new machine"
    environ = {"PETITIONS_DATA_DIR": str(place)} | ({"PETITIONS_DATABASE_URL": url} if url else {})
    said = command_with(*backup.arguments, **environ)
    assert said.status == 0, said.err
    checked = [line.split("\t")[0] for line in said.out.splitlines()[1:]]
    assert checked == [
        "rows", "references", "the record", "keys", "sealed rows", "bundles", "proofs",
        "bundle files",
    ]  # fmt: skip
    assert "1 written again, the same to the byte" in said.out
    after = numbers(url or f"sqlite:///{place / 'petitions.db'}")
    assert after["audit_entry"] == before["audit_entry"]  # not yet that it was copied, but that
    assert command_with("audit", "list", **environ).out.splitlines()[-1].split("\t")[3] == (
        "restored from a backup"
    )
    assert after == before
    assert command_with("audit", "verify", **environ).status == 0
    assert command_with("list", **environ).out.splitlines()[1].endswith("open\t30")
    assert {path.name for path in place.iterdir()} >= {"keys", "secret.key", "vault.key"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in [place, *place.rglob("*")])
    assert not list(place.glob(".restore*"))
    # The next signature gets a number of its own, on either database.
    more = command_with("sample-signatures", "anna-b", "3", **environ)
    assert more.status == 0, more.err


def test_neither_half_alone_names_anybody(backup: Kept, site: Site) -> None:
    for file in (backup.data, backup.keys):
        assert file.read_bytes().startswith(b"age-encryption.org/v1\n")
        assert file.stat().st_mode & 0o077 == 0
    text = "\n".join(backup.opened())
    for word in (SECRET_KEY, VAULT_KEY, "anna@example.org", "Anna"):
        assert word not in text.replace("anna-b", "").replace("Anna B", "")


def test_another_persons_key_opens_neither(
    backup: Kept, tmp_path: Path, command_with: Command
) -> None:
    backup.identity.write_text(new_identity()[0])
    place = tmp_path / "new"
    said = command_with(*backup.arguments, PETITIONS_DATA_DIR=str(place))
    assert_refused(said, "does not open")
    assert not place.exists()


def test_keys_can_go_to_another_place_and_person(
    filled: None, command: Command, tmp_path: Path, command_with: Command
) -> None:
    (data_secret, data_public), (keys_secret, keys_public) = new_identity(), new_identity()
    said = command(
        "backup", str(tmp_path / "a"), "--to", data_public,
        "--keys-folder", str(tmp_path / "b"), "--keys-to", keys_public,
    )  # fmt: skip
    data, keys = map(Path, said.out.split())
    assert (data.parent.name, keys.parent.name) == ("a", "b")
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text(data_secret)
    other.write_text(keys_secret)
    place = {"PETITIONS_DATA_DIR": str(tmp_path / "new")}
    restore = ("restore", str(data), str(keys), "--quick", "--identity", str(one))
    assert_refused(command_with(*restore, **place), keys.name, "does not open")
    assert command_with(*restore, "--identity", str(other), **place).status == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_place_that_is_not_empty_is_refused_and_left_alone(
    backup: Kept, tmp_path: Path, command_with: Command
) -> None:
    place = tmp_path / "full"
    place.mkdir()
    (place / "letter.txt").write_text("mine")
    assert_refused(command_with(*backup.arguments, PETITIONS_DATA_DIR=str(place)), "not empty")
    assert [path.name for path in place.iterdir()] == ["letter.txt"]


def test_database_that_is_not_empty_is_refused_and_left_alone(
    backup: Kept, settings: Settings, tmp_path: Path, command_with: Command
) -> None:
    before = numbers(settings.database_url)
    place = tmp_path / "new"
    said = command_with(
        *backup.arguments,
        PETITIONS_DATA_DIR=str(place),
        PETITIONS_DATABASE_URL=settings.database_url.replace("+psycopg", ""),
    )
    assert_refused(said, "database is not empty")
    assert numbers(settings.database_url) == before
    assert not place.exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_damaged_or_mixed_backups_are_refused_and_leave_nothing(
    backup: Kept, command: Command, tmp_path: Path, command_with: Command
) -> None:
    public = backup.identity.read_text().split()[3]
    place = {"PETITIONS_DATA_DIR": str(tmp_path / "new")}
    other = command("backup", str(tmp_path / "other"), "--to", public)
    _, other_keys = other.out.split()
    restore = ("--identity", str(backup.identity))
    mixed = command_with("restore", str(backup.data), other_keys, *restore, **place)
    assert_refused(mixed, "not of the same backup")
    swapped = command_with("restore", str(backup.keys), str(backup.data), *restore, **place)
    assert_refused(swapped, "does not open as keys")
    whole = backup.data.read_bytes()
    for broken in (whole[:-100], whole[:5000] + b"\0" + whole[5001:]):
        backup.data.write_bytes(broken)
        assert_refused(command_with(*backup.arguments, **place), "damaged")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_row_that_was_changed_is_found_though_the_file_opens(
    backup: Kept, tmp_path: Path, command_with: Command
) -> None:
    """Whoever has the public key can make a file that opens; its tables must fit their digests."""
    lines = backup.opened()
    row = next(number for number, line in enumerate(lines) if '"anna-b"' in line)
    public = pyrage.x25519.Recipient.from_str(backup.identity.read_text().split()[3])
    place = {"PETITIONS_DATA_DIR": str(tmp_path / "new")}
    changes = {
        "not whole": [*lines[:row], lines[row].replace("anna-b", "anna-c"), *lines[row + 1 :]],
        "is not whole in it": [*lines[:row], *lines[row + 1 :]],
        "end is missing": lines[:-1],
    }
    for words, changed in changes.items():
        packed = gzip.compress("\n".join([*changed, ""]).encode())
        backup.data.write_bytes(pyrage.encrypt(packed, [public]))
        assert_refused(command_with(*backup.arguments, **place), words)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_wrong_vault_key_in_the_environment_is_refused(
    backup: Kept, tmp_path: Path, command_with: Command
) -> None:
    place = tmp_path / "new"
    said = command_with(
        *backup.arguments, PETITIONS_DATA_DIR=str(place), PETITIONS_VAULT_KEY="another " + VAULT_KEY
    )
    assert_refused(said, "PETITIONS_VAULT_KEY")
    assert not place.exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_backup_of_a_newer_version_is_refused(
    backup: Kept, tmp_path: Path, command_with: Command
) -> None:
    lines = backup.opened()
    head = json.loads(lines[0]) | {"migration": "9999"}
    packed = gzip.compress("\n".join([json.dumps(head), *lines[1:], ""]).encode())
    public = pyrage.x25519.Recipient.from_str(backup.identity.read_text().split()[3])
    backup.data.write_bytes(pyrage.encrypt(packed, [public]))
    said = command_with(*backup.arguments, PETITIONS_DATA_DIR=str(tmp_path / "new"))
    assert_refused(said, "newer than this program knows")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_recipient_or_cannot_be_written_is_refused(
    command: Command, tmp_path: Path, bare_command: Command
) -> None:
    assert_refused(command("backup", str(tmp_path), "--to", "age1nonsense"), "no recipient")
    file = tmp_path / "file"
    file.touch()
    public = new_identity()[1]
    assert_refused(command("backup", str(file / "below"), "--to", public), "file")
    assert_refused(bare_command("backup-key", str(file)), "there already")
    made = bare_command("backup-key", str(tmp_path / "key"))
    assert made.out.startswith("age1")
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
