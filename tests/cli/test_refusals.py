"""Refusals: one line that says what to do, exit status 2, no traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command, Said, assert_refused
from tests.servers.run import free_port
from tests.servers.site import ROOT
from tests.settings import environ_for


def run(*arguments: str, **environ: str) -> Said:
    """Run a command as an operator does, with nothing but these settings."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PETITIONS_")}
    done = subprocess.run(
        [sys.executable, "-m", "petitions", *arguments],
        env=inherited | environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("bundles", "verify"),
        ("bundles", "verify", "/no/such/file.zip"),
        ("sample-signatures", "anna-b", "many"),
        ("sample-signatures", "anna-b", "0"),
        ("organisers", "add"),
        ("organisers", "add", "x@example.org", "--role", "king"),
        ("serve", "--port", "99999"),
        ("bundles", "build", "anna-b"),
        ("bundles", "build", "anna-b", "--all", "--official", "1"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_refused(arguments: tuple[str, ...], bare_command: Command) -> None:
    assert_refused(bare_command(*arguments), "--help")


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "list", "mails"])
@pytest.mark.parametrize("missing", ["PETITIONS_SECRET_KEY", "PETITIONS_VAULT_KEY"])
def test_missing_secret_refuses_to_start(
    command: str, missing: str, tmp_path: Path, command_with: Command
) -> None:
    environ = environ_for(tmp_path, f"sqlite:///{tmp_path / 'petitions.db'}")
    del environ[missing]
    assert_refused(command_with(command, **environ), missing, "32 random bytes")
    assert not (tmp_path / "petitions.db").exists()


def test_refusal_as_the_operator_sees_it(tmp_path: Path) -> None:
    environ = environ_for(tmp_path, f"sqlite:///{tmp_path / 'petitions.db'}")
    del environ["PETITIONS_VAULT_KEY"]
    assert_refused(run("serve", **environ), "PETITIONS_VAULT_KEY", "32 random bytes")


def test_guessable_secret_refuses_to_start(tmp_path: Path, command_with: Command) -> None:
    environ = environ_for(tmp_path, f"sqlite:///{tmp_path / 'petitions.db'}")
    said = command_with("serve", **environ | {"PETITIONS_SECRET_KEY": "changeme" * 4})
    assert_refused(said, "PETITIONS_SECRET_KEY can be guessed")
    assert "changeme" not in said.err


@pytest.mark.parametrize("command", ["serve", "worker", "list"])
def test_database_that_is_not_set_up_refuses_to_start(
    command: str, tmp_path: Path, unmigrated_database_url: str, command_with: Command
) -> None:
    environ = environ_for(tmp_path / "data", unmigrated_database_url)
    assert_refused(command_with(command, **environ), "run `petitions migrate` first")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight"),
        ("PETITIONS_BASE_URL", "petitions.example.org"),
        ("PETITIONS_DATABASE_URL", "mysql://db"),
        ("PETITIONS_DATABASE_URL", "postgresql://nobody:hunter2@127.0.0.1:9/petitions"),
        ("PETITIONS_SMTP_URL", "relay.example.org:25"),
        ("PETITIONS_DATA_DIR", "/dev/null/nowhere"),
        ("PETITIONS_RATELIMIT_STORAGE_URL", "memcached://x"),
    ],
)
def test_setting_that_does_not_work_is_named(
    name: str, value: str, tmp_path: Path, command_with: Command
) -> None:
    environ = environ_for(tmp_path, f"sqlite:///{tmp_path / 'petitions.db'}") | {name: value}
    said = command_with("migrate", **environ)
    assert_refused(said)
    assert "hunter2" not in said.err


def test_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        environ = {"PETITIONS_DATA_DIR": str(tmp_path / "data"), "PORT": port}
        assert_refused(run("demo", **environ), f"port {port}", "--port")


def test_demonstration_refuses_a_directory_with_a_real_site(tmp_path: Path) -> None:
    environ = environ_for(tmp_path, f"sqlite:///{tmp_path / 'petitions.db'}")
    assert run("migrate", **environ).status == 0
    assert_refused(run("demo", PETITIONS_DATA_DIR=str(tmp_path)), "holds a real site")
    assert not (tmp_path / "demonstration").exists()


def test_demonstration_refuses_the_database_of_a_real_site_and_leaves_no_trace(
    tmp_path: Path, database_url: str
) -> None:
    """The directory must not count as a demonstration afterwards: that would open the mailbox."""
    real = environ_for(tmp_path / "real", database_url)
    assert run("migrate", **real).status == 0
    assert run("organisers", "add", "ada@example.org", **real).status == 0
    environ = {
        "PETITIONS_DATA_DIR": str(tmp_path / "demo"),
        "PETITIONS_DATABASE_URL": database_url,
        "PORT": str(free_port()),
    }
    assert_refused(run("demo", **environ), "holds a real site")
    assert not (tmp_path / "demo" / "demonstration").exists()


def test_organiser_there_already_is_refused(command: Command) -> None:
    assert command("organisers", "add", "ada@example.org").status == 0
    assert_refused(command("organisers", "add", "Ada@Example.org"), "already")


@pytest.mark.parametrize("address", ["ada", "ada@", "ada@example.org, eve@example.org", "a b@c.de"])
def test_what_is_no_address_makes_no_organiser(address: str, command: Command) -> None:
    assert_refused(command("organisers", "add", address), "not an e-mail address")


@pytest.mark.parametrize(
    "arguments",
    [
        ("organisers", "reset", "nobody@example.org"),
        ("officials", "no-such-petition"),
        ("bundles", "list", "no-such-petition"),
        ("sample-signatures", "no-such-petition", "5"),
    ],
    ids=" ".join,
)
def test_what_does_not_exist_is_refused(arguments: tuple[str, ...], command: Command) -> None:
    assert_refused(command(*arguments), "there is no")


def test_key_that_was_never_made_is_refused(command: Command) -> None:
    assert_refused(command("bundles", "key"), "signing.key")


def test_fault_of_ours_keeps_its_traceback(
    bare_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AssertionError, match="needs no settings"):
        bare_command("list")
