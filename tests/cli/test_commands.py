"""What commands do and print."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.documents.minisigning import SigningKey
from petitions.domain import outbox, signing
from petitions.domain.demonstration import load_demonstration
from petitions.domain.signing_keys import ensure_signing_key, public_key
from petitions.domain.site import Site
from petitions.models import MailState, Organisation, Organiser, Signature
from tests.cli.conftest import Command, assert_refused
from tests.domain.cast import Cast, form, publish
from tests.mail.queueing import only_mail, sign
from tests.servers.site import LiveSite
from tests.settings import environ_for


@pytest.fixture
def cast(database: SQLAlchemy, site: Site, now: datetime) -> Cast:
    made = publish(site, now)
    database.session.commit()
    return made


def rows(out: str) -> list[list[str]]:
    """The cells of a table as a pipe gets it, without the heads."""
    return [line.split("\t") for line in out.splitlines()[1:] if "\t" in line]


def test_migrate_sets_up_an_empty_database_and_says_nothing_new_the_second_time(
    tmp_path: Path, unmigrated_database_url: str
) -> None:
    environ = environ_for(tmp_path / "data", unmigrated_database_url)
    site = LiveSite(environ, directory=tmp_path)
    first = site.run("migrate")
    assert first.stdout.startswith("migrated: empty → 00")
    assert "made the key that signs bundles" in first.stderr
    key = site.run("bundles", "key").stdout
    again = site.run("migrate")
    assert again.stdout.startswith("up to date: migration 00")
    assert again.stderr == ""
    assert site.run("bundles", "key").stdout == key
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert site.run("list").stdout == "id\tpetition\tstate\tconfirmed\n"


def test_first_organiser_is_an_admin_and_others_are_what_they_are_made(
    command: Command, database: SQLAlchemy
) -> None:
    first = command("organisers", "add", "Ada@Example.org", "--name", "Ada Lovelace")
    command("organisers", "add", "b@example.org", "--role", "reviewer", "--role", "deliverer")
    command("organisers", "add", "c@example.org")
    assert [(row[1], row[2], row[3]) for row in rows(command("organisers", "list").out)] == [
        ("ada@example.org", "Ada Lovelace", "admin,campaigner"),
        ("b@example.org", "", "deliverer,reviewer"),
        ("c@example.org", "", "campaigner"),
    ]
    password = first.out.strip()
    assert len(password.replace("-", "")) == 25
    stored = database.session.execute(select(Organiser.password_hash).order_by(Organiser.id))
    hashed = stored.scalars().first()
    assert hashed is not None
    assert hashed.startswith("$argon2id$")
    assert PasswordHasher().verify(hashed, password)


def test_reset_gives_a_new_password_and_ends_all_sign_ins(
    command: Command, database: SQLAlchemy
) -> None:
    old = command("organisers", "add", "ada@example.org").out.strip()
    session_key = database.session.execute(select(Organiser.session_key)).scalar_one()
    new = command("organisers", "reset", "ADA@example.org").out.strip()
    assert new != old
    organiser = database.session.execute(select(Organiser)).scalar_one()
    assert organiser.session_key != session_key
    assert organiser.password_hash is not None
    assert PasswordHasher().verify(organiser.password_hash, new)


def test_list_shows_petitions_with_their_confirmed_numbers(
    command: Command, cast: Cast, site: Site, now: datetime, database: SQLAlchemy
) -> None:
    publish(site, now, slug="other")
    database.session.commit()
    signature = sign(site, cast, now)
    signing.confirm(cast.petition, signature.id, now)
    signing.sign(site, cast.petition, form("pending@example.org"), now)
    listed = [row[1:] for row in rows(command("list").out)]
    assert listed == [["anna-b", "open", "1"], ["other", "open", "0"]]


def test_officials_of_a_demonstration_case_show_who_gets_names(
    command: Command, site: Site, now: datetime, database: SQLAlchemy
) -> None:
    load_demonstration(now, site.keyring)
    petition = rows(command("list").out)[0][1]
    shown = rows(command("officials", petition).out)
    by_name = {row[1]: row for row in shown}
    assert by_name["uz-interior-minister"][2:] == ["to", "names go", "all"]
    assert by_name["ru-border-agency-director"][2:] == ["copy", "numbers only", "all"]
    assert all(row[2:4] == ["copy", "numbers only"] for row in shown if row[4] != "all")
    assert (
        command("officials", rows(command("list").out)[0][0]).out
        == command("officials", petition).out
    )


def test_mails_shows_what_became_of_them_and_no_address(
    command: Command, cast: Cast, site: Site, now: datetime, database: SQLAlchemy
) -> None:
    sign(site, cast, now)
    [mail] = outbox.claim(site, "w", now)
    outbox.mark_final(mail.id, "w", MailState.FAILED, "550 recipient refused", now)
    said = command("mails")
    assert only_mail().state is MailState.FAILED
    assert "failed\t550 recipient refused\t1\n" in said.out
    assert f"{mail.id}\tsigning\tfailed\t1\t550 recipient refused\t2026-03-14 09:26 UTC" in said.out
    assert "example.org" not in said.out


def test_sample_signatures_are_for_demonstrations_alone(
    command: Command, cast: Cast, database: SQLAlchemy
) -> None:
    assert_refused(command("sample-signatures", "anna-b", "5"), "demonstration")
    organisation = database.session.get(Organisation, 1)
    assert organisation is not None
    organisation.demonstration = True
    said = command("sample-signatures", "anna-b", "25")
    assert said.out == "added 25 sample signatures to anna-b\n"
    assert said.err == ""
    assert len(database.session.execute(select(Signature.id)).all()) == 25
    assert rows(command("list").out) == [["1", "anna-b", "open", "25"]]


@pytest.fixture
def bundle(command: Command, cast: Cast, site: Site, database: SQLAlchemy, tmp_path: Path) -> Path:
    """A bundle of twelve sample signatures for the minister."""
    ensure_signing_key(site.keyring)
    organisation = database.session.get(Organisation, 1)
    assert organisation is not None
    organisation.demonstration = True
    command("sample-signatures", "anna-b", "12")
    minister = ("--official", "minister-anna-b")
    built = command("bundles", "build", "anna-b", *minister, "--out", str(tmp_path))
    assert built.status == 0, built.err
    return Path(built.out.strip())


def test_bundle_that_was_built_is_listed_with_its_numbers(bundle: Path, command: Command) -> None:
    assert bundle.is_file()
    [row] = rows(command("bundles", "list", "anna-b").out)
    assert row[:2] == ["1", "minister-anna-b"]
    named, initials, counted, eligible = map(int, row[3:])
    assert named + initials + counted == eligible == 12


def test_bundle_is_verified_without_settings_and_only_a_key_tells_whose_it_is(
    bundle: Path, site: Site, bare_command: Command, tmp_path: Path
) -> None:
    public = public_key(site.keyring)
    trusted = bare_command("bundles", "verify", str(bundle), "--key", public)
    assert trusted.status == 0
    assert "is intact" in trusted.out
    assert "signed with the key you gave" in trusted.out
    assert "signer unknown" in bare_command("bundles", "verify", str(bundle)).out
    key_file = tmp_path / "key.pub"
    key_file.write_text(f"untrusted comment: ours\n{public}\n")
    assert bare_command("bundles", "verify", str(bundle), "--key", str(key_file)).status == 0


def test_changed_bundle_is_refused_in_plain_words(
    bundle: Path, site: Site, bare_command: Command, tmp_path: Path
) -> None:
    public = public_key(site.keyring)
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[:-9] if name.endswith("signatures.csv") else data)
    verify = ("bundles", "verify", str(changed), "--key", public)
    assert_refused(bare_command(*verify), "signatures.csv was changed after the bundle was signed")
    bundle.write_bytes(bundle.read_bytes()[:-200])
    assert_refused(bare_command("bundles", "verify", str(bundle)))
    other = SigningKey.generate().public_key
    assert_refused(bare_command("bundles", "verify", str(changed), "--key", other), "another key")


def test_public_key_is_printed_alone(command: Command, site: Site) -> None:
    ensure_signing_key(site.keyring)
    assert command("bundles", "key").out == public_key(site.keyring) + "\n"


def test_several_bundles_are_verified_at_once_and_the_bad_one_is_named(
    bundle: Path, bare_command: Command, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(bundle.read_bytes()[:-200])
    assert bare_command("bundles", "verify", str(bundle), str(bundle)).out.count("is intact") == 2
    said = bare_command("bundles", "verify", str(bundle), str(bad))
    assert said.status == 2
    assert said.err.startswith("petitions: bad.zip: ")


def test_refused_build_freezes_nothing(bundle: Path, command: Command, tmp_path: Path) -> None:
    before = command("bundles", "list", "anna-b").out
    file = tmp_path / "a file"
    file.touch()
    assert_refused(
        command("bundles", "build", "anna-b", "--all", "--out", str(file / "x")), "--out"
    )
    unknown = ("--official", "minister-anna-b", "--language", "xx")
    assert_refused(command("bundles", "build", "anna-b", *unknown), "exist in en")
    assert_refused(
        command("bundles", "build", "anna-b", "--all", "--language", "xx"), "exist in en"
    )
    assert command("bundles", "list", "anna-b").out == before


def test_wrong_vault_key_is_refused_at_the_start(command: Command, site: Site) -> None:
    ensure_signing_key(site.keyring)
    site.keyring._root = b"another vault key, by mistake"
    assert_refused(command("list"), "PETITIONS_VAULT_KEY")


def test_what_commands_do_leaves_a_trace_and_a_changed_one_is_seen(
    bundle: Path, command: Command, database: SQLAlchemy, tmp_path: Path
) -> None:
    command("organisers", "add", "ann@example.org")
    command("organisers", "reset", "ann@example.org")
    command("bundles", "write", "anna-b", "1", "--out", str(tmp_path))
    said = command("audit", "list").out
    actions = [row[3] for row in rows(said)]
    assert actions == [
        "bundle frozen",
        "bundle written",
        "organiser added",
        "password reset",
        "bundle written",
    ]
    assert "ann@example.org" not in said
    assert command("audit", "verify").out == "the record is whole: 5 entries\n"
    database.session.execute(database.text("DELETE FROM audit_entry WHERE id = 2"))
    assert_refused(command("audit", "verify"), "entry 3 does not fit")
