"""What commands do and print."""

from __future__ import annotations

import io
import json
import mailbox
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions import clock
from petitions.config import Settings
from petitions.documents.minisigning import SigningKey
from petitions.domain import bounces, outbox, signing
from petitions.domain.demonstration import load_demonstration
from petitions.domain.signing_keys import ensure_signing_key, public_key
from petitions.domain.site import Site
from petitions.models import (
    Mail,
    MailKind,
    MailState,
    Organisation,
    Organiser,
    OrganiserSession,
    Signature,
)
from tests.cli.conftest import Command, assert_refused
from tests.domain.cast import Cast, form, publish
from tests.mail.queueing import only_mail, sign
from tests.mail.test_reports import DSN, RETURNED
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
    stored = database.session.execute(select(Organiser.password).order_by(Organiser.id))
    hashed = stored.scalars().first()
    assert hashed is not None
    assert hashed.startswith("$argon2id$")
    assert PasswordHasher().verify(hashed, password)


def test_reset_lets_an_organiser_in_who_has_lost_everything(
    command: Command, database: SQLAlchemy, now: datetime
) -> None:
    old = command("organisers", "add", "ada@example.org").out.strip()
    ada = database.session.execute(select(Organiser)).scalar_one()
    session_key = ada.fs_uniquifier
    ada.tf_primary_method, ada.tf_totp_secret, ada.totp_counter = "authenticator", "a secret", 7
    ada.mf_recovery_codes = ["a code"]
    database.session.add(
        OrganiserSession(organiser_id=ada.id, key_hash="k", started_at=now, last_seen_at=now)
    )
    new = command("organisers", "reset", "ADA@example.org").out.strip()
    assert new != old
    organiser = database.session.execute(select(Organiser)).scalar_one()
    assert organiser.fs_uniquifier != session_key
    assert organiser.password is not None
    assert PasswordHasher().verify(organiser.password, new)
    second_step = ("tf_primary_method", "tf_totp_secret", "totp_counter", "mf_recovery_codes")
    assert [getattr(organiser, name) for name in second_step] == [None] * 4
    assert database.session.execute(select(OrganiserSession.ended_at)).scalar_one() is not None
    mail = only_mail()
    assert (mail.kind, mail.organiser_id) == (MailKind.SECURITY_NOTICE, organiser.id)


def test_reset_of_a_blocked_account_says_that_it_stays_blocked(
    command: Command, database: SQLAlchemy
) -> None:
    command("organisers", "add", "ada@example.org")
    database.session.execute(select(Organiser)).scalar_one().active = False
    assert "blocked all the same" in command("organisers", "reset", "ada@example.org").err
    assert rows(command("organisers", "list").out)[0][4:] == ["blocked", "off", "never"]
    assert database.session.execute(select(Mail)).first() is None


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
    named, initials, counted, eligible = map(int, row[3:7])
    assert row[7:] == [""], "it continues none"
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


def test_key_is_replaced_and_a_bundle_from_before_is_still_known_on_the_sites_own_machine(
    bundle: Path, site: Site, command: Command, bare_command: Command
) -> None:
    before = public_key(site.keyring)
    after = command("bundles", "replace-key").out.strip()
    assert command("bundles", "key").out.splitlines() == [after, before]
    told = command("bundles", "verify", str(bundle))
    assert "signed with the key of the site on this machine" in told.out
    refused = bare_command("bundles", "verify", str(bundle), "--key", after)
    assert_refused(refused, "another key")


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
        "password and second step reset",
        "bundle written",
    ]
    assert "ann@example.org" not in said
    verified = command("audit", "verify").out.splitlines()
    assert verified[0] == "the record is whole: 5 entries"
    noted = verified[2].rpartition(" ")[2]
    assert command("audit", "verify", "--expect", noted).status == 0
    assert command("audit", "verify", "--expect", f"{noted[:8]} {noted[8:].upper()}").status == 0
    assert_refused(command("audit", "verify", "--expect", "0" * 64), "cut off")
    for mistyped in ("deadbeef", noted[:-1], f"{noted[:-1]}g"):
        refused = command("audit", "verify", "--expect", mistyped)
        assert_refused(refused, "a hash has 64 signs")
        assert "cut off" not in refused.err
    exported = [json.loads(line) for line in command("audit", "list", "--json").out.splitlines()]
    assert [entry["action"] for entry in exported] == actions
    assert exported[-1]["hash"] == noted
    assert exported[1]["previous_hash"] == exported[0]["hash"]
    database.session.execute(database.text("DELETE FROM audit_entry WHERE id = 2"))
    assert_refused(command("audit", "verify"), "entry 3 does not fit")


class TestBounces:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, bounce_address="bounces@example.org")

    @pytest.fixture
    def report(self, cast: Cast, site: Site) -> bytes:
        now = clock.now()
        sign(site, cast, now)
        claimed = outbox.claim(site, "w", now)
        ids = bounces.give_return_ids(site, claimed, now)
        outbox.mark_sent([mail.id for mail in claimed], "w", now)
        returned = f"bounces+{ids[claimed[0].id]}@example.org"
        return DSN.replace(RETURNED, returned).encode()

    def test_a_report_by_pipe_suppresses_and_prints_nothing(
        self, *, command: Command, report: bytes, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(report)))
        said = command("mails", "bounces")
        assert (said.status, said.out, said.err) == (0, "", "")
        assert only_mail().outcome == "came back 5.1.1"
        shown = command("mails").out
        assert "sent\tcame back 5.1.1\t1" in shown
        assert "@" not in shown

    def test_a_mailbox_is_told_in_numbers(
        self, *, command: Command, report: bytes, tmp_path: Path
    ) -> None:
        box = mailbox.mbox(tmp_path / "box")
        for message in (report, report, b"Subject: hello\n\nno report\n"):
            box.add(message)
        box.close()
        said = command("mails", "bounces", str(tmp_path / "box"))
        assert said.out == "reports\tnumber\nhard\t2\nno report of ours\t1\n"
        assert only_mail().outcome == "came back 5.1.1"


def test_bounces_without_an_address_for_them_are_refused(
    command: Command, monkeypatch: Any
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(DSN.encode())))
    said = command("mails", "bounces")
    assert said.status == 2
    assert "PETITIONS_BOUNCE_ADDRESS is not set" in said.err
