"""`petitions doctor` names the cause in broken set-ups, and nothing where nothing is wrong."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dns.exception
import dns.resolver
import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

from petitions import clock
from petitions.config import Settings
from petitions.domain import audit, beats
from petitions.domain.case_keys import make_case_keys
from petitions.domain.signing_keys import ensure_signing_key
from petitions.domain.site import Site
from petitions.models import Case
from tests.cli.conftest import Command, Said
from tests.servers.smtp import SmtpServer
from tests.settings import NOBODY_LISTENS, SECRET_KEY, VAULT_KEY, environ_for

Found = dict[str, dict[str, str]]


def findings(said: Said) -> Found:
    return {one["what"]: one for one in json.loads(said.out)}


def to_mend(said: Said) -> set[str]:
    assert said.status == 2
    found = {what for what, one in findings(said).items() if one["state"] == "MEND"}
    assert said.err == f"To mend: {', '.join(w for w in findings(said) if w in found)}\n"
    assert all(findings(said)[what]["do"] for what in found), "it says what to do"
    return found


@pytest.fixture
def well(database: SQLAlchemy, settings: Settings, site: Site) -> dict[str, str]:
    """The environment of a site that is set up, with a worker and a backup."""
    settings.data_dir.chmod(0o700)
    for path in settings.data_dir.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    ensure_signing_key(site.keyring)
    _set_for_database(database, "SET synchronous_commit = on")
    moment = clock.now()
    beats.beat("one", moment)
    audit.record("command", audit.BACKED_UP, "site", {}, moment)
    database.session.commit()
    url = settings.database_url.replace("+psycopg", "")
    return environ_for(settings.data_dir, url, PETITIONS_SMTP_URL=settings.smtp_url or "")


def _set_for_database(database: SQLAlchemy, how: str) -> None:
    """For connections made from here on. The tests' server may lose what it has, to be fast."""
    if database.engine.dialect.name == "postgresql":
        name = database.engine.url.database
        database.session.execute(text(f'ALTER DATABASE "{name}" {how}'))
        database.session.commit()


@pytest.fixture
def doctor(command_with: Command, well: dict[str, str]) -> Callable[..., Said]:
    """doctor("--mail-to", …, PETITIONS_…=…): the site that is well, but for these settings."""

    def ask(*arguments: str, **changes: str) -> Said:
        environ = {name: value for name, value in (well | changes).items() if value}
        return command_with("doctor", "--json", *arguments, **environ)

    return ask


def test_nothing_is_to_be_mended_where_all_is_well(doctor: Callable[..., Said]) -> None:
    said = doctor()
    assert said.status == 0, said.out
    assert said.err == "Nothing is to be mended.\n"
    found = findings(said)
    assert {what for what, one in found.items() if one["state"] == "MEND"} == set()
    assert set(found) >= {
        "permissions", "secrets", "address", "proxies", "disk", "fonts", "database", "migrations",
        "key ring", "clock", "worker", "queue", "backup", "limits", "mail", "mail: SPF",
        "mail: DKIM", "mail: DMARC", "public address",
    }  # fmt: skip


def test_no_secret_is_shown(doctor: Callable[..., Said]) -> None:
    said = doctor(PETITIONS_SMTP_URL="smtp://user:hunter2@127.0.0.1:9?starttls=off")
    assert not any(word in said.out + said.err for word in (SECRET_KEY, VAULT_KEY, "hunter2"))


# Broken set-ups: of each the cause, and nothing that hides it.

SETTINGS: list[tuple[dict[str, str], str, str]] = [
    ({"PETITIONS_SECRET_KEY": ""}, "settings", "PETITIONS_SECRET_KEY is not set"),
    ({"PETITIONS_VAULT_KEY": "changeme" * 8}, "settings", "PETITIONS_VAULT_KEY can be guessed"),
    ({"PETITIONS_SECRET_KEY": VAULT_KEY}, "secrets", "are the same"),
    ({"PETITIONS_VAULT_KEY": "another " + VAULT_KEY}, "key ring", "PETITIONS_VAULT_KEY"),
    ({"PETITIONS_BASE_URL": "http://petitions.invalid"}, "address", "not encrypted"),
    ({"PETITIONS_BASE_URL": "https://petitions.invalid"}, "proxies", "PETITIONS_TRUSTED_PROXIES"),
    ({"PETITIONS_SMTP_URL": ""}, "mail", "mails wait"),
    ({"PETITIONS_SMTP_URL": NOBODY_LISTENS}, "mail", "cannot be reached"),
    ({"PETITIONS_RATELIMIT_STORAGE_URL": "redis://127.0.0.1:9"}, "limits", "does not answer"),
    ({"PETITIONS_DATABASE_URL": "postgresql://a:b@127.0.0.1:9/c"}, "database", "does not answer"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("changes", "what", "words"), SETTINGS, ids=lambda one: str(one)[:40])
def test_setting_that_is_wrong_is_the_one_thing_to_mend(
    doctor: Callable[..., Said], changes: dict[str, str], what: str, words: str
) -> None:
    said = doctor(**changes)
    assert to_mend(said) == {what}
    assert words in findings(said)[what]["found"]


def test_directory_that_others_can_read(doctor: Callable[..., Said], settings: Settings) -> None:
    settings.data_dir.chmod(0o755)
    said = doctor()
    assert to_mend(said) == {"permissions"}
    assert findings(said)["permissions"]["do"] == f"chmod 700 {settings.data_dir}"


def test_directory_that_is_not_there(doctor: Callable[..., Said], tmp_path: Path) -> None:
    said = doctor(PETITIONS_DATA_DIR=str(tmp_path / "typo"))
    assert "permissions" in to_mend(said)
    assert "typo is not there" in findings(said)["permissions"]["found"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_file_of_another_user(doctor: Callable[..., Said], settings: Settings) -> None:
    os.chown(settings.data_dir / "keys" / "signing.key", 12345, -1)
    said = doctor()
    assert to_mend(said) == {"permissions"}
    assert "another user" in findings(said)["permissions"]["found"]


def test_disk_that_is_full(doctor: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 5 << 20

    monkeypatch.setattr("petitions.cli.checkup.machine.shutil.disk_usage", lambda _: Usage)
    said = doctor()
    assert to_mend(said) == {"disk"}
    assert findings(said)["disk"]["found"].startswith("5 MB left")


def test_fonts_that_are_missing(
    doctor: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> None:
        raise LookupError("no font package is installed: pip install it")

    monkeypatch.setattr("petitions.documents.coverage.font_folders", none)
    assert to_mend(doctor()) == {"fonts"}


def test_database_that_was_not_migrated(doctor: Callable[..., Said], database: SQLAlchemy) -> None:
    database.session.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    database.session.commit()
    said = doctor()
    assert to_mend(said) == {"migrations"}
    assert "petitions migrate" in findings(said)["migrations"]["do"]


def test_key_of_a_case_that_is_missing(
    doctor: Callable[..., Said], database: SQLAlchemy, site: Site, settings: Settings
) -> None:
    moment = clock.now()
    case = Case(slug="a", source_language="en", created_at=moment)
    database.session.add(case)
    database.session.flush()
    row = make_case_keys(case.id, site.keyring, moment)
    database.session.commit()
    (settings.data_dir / "keys" / f"case-{row.ref}.key").unlink()
    said = doctor()
    assert to_mend(said) == {"key ring"}
    assert f"cases {case.id}" in findings(said)["key ring"]["found"]


def test_worker_that_does_not_run(doctor: Callable[..., Said], database: SQLAlchemy) -> None:
    database.session.execute(text("DELETE FROM worker_beat"))
    beats.beat("one", clock.now() - timedelta(minutes=5))
    database.session.commit()
    said = doctor()
    assert to_mend(said) == {"worker"}
    assert "petitions worker" in findings(said)["worker"]["do"]


def test_clock_that_was_set_back(doctor: Callable[..., Said], database: SQLAlchemy) -> None:
    audit.record("command", "noted", "site", {}, clock.now() + timedelta(hours=1))
    database.session.commit()
    said = doctor()
    assert to_mend(said) == {"clock"}
    assert "timedatectl" in findings(said)["clock"]["do"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_database_that_would_lose_what_was_acknowledged(
    doctor: Callable[..., Said], database: SQLAlchemy
) -> None:
    _set_for_database(database, "SET synchronous_commit = off")
    said = doctor()
    assert to_mend(said) == {"durability"}
    assert "synchronous_commit = on" in findings(said)["durability"]["do"]


def test_database_that_can_only_be_read(
    doctor: Callable[..., Said], database: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.engine.dialect.name == "sqlite":  # root may write to any file
        monkeypatch.setattr("os.access", lambda path, _: not str(path).endswith(".db"))
    _set_for_database(database, "SET default_transaction_read_only = on")
    said = doctor()
    assert to_mend(said) == {"database"}
    assert "a read-only disk" in said.out


# Mail.


@pytest.fixture
def with_password() -> Iterator[SmtpServer]:
    with SmtpServer(password_of={"user": "right"}) as server:
        yield server


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_wrong_password_of_the_relay(
    doctor: Callable[..., Said], with_password: SmtpServer
) -> None:
    said = doctor(PETITIONS_SMTP_URL=with_password.url.replace("right", "wrong"))
    assert to_mend(said) == {"mail"}
    assert "sign-in refused" in findings(said)["mail"]["found"]
    assert "%40" in findings(said)["mail"]["do"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_relay_without_the_tls_that_is_required(
    doctor: Callable[..., Said], smtp_server: SmtpServer
) -> None:
    said = doctor(PETITIONS_SMTP_URL=smtp_server.url.replace("off", "required"))
    assert to_mend(said) == {"mail"}
    assert "TLS" in findings(said)["mail"]["found"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_message_is_sent_where_asked_alone(
    doctor: Callable[..., Said], smtp_server: SmtpServer
) -> None:
    doctor()
    assert smtp_server.mails == []
    said = doctor("--mail-to", "me@example.org")
    assert said.status == 0
    [mail] = smtp_server.mails
    assert mail.recipients == ("me@example.org",)
    smtp_server.refuse("MAIL", "550 5.7.1 not from there")
    assert to_mend(doctor("--mail-to", "me@example.org")) == {"mail"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_records_are_looked_up_where_asked(
    doctor: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Text:
        def __init__(self, *strings: bytes) -> None:
            self.strings = strings

    there = {"example.org": [Text(b"v=spf1 mx ", b"-all")], "s1._domainkey.example.org": []}

    def resolve(name: str, _kind: str, **_: Any) -> list[Text]:
        if name == "s1._domainkey.example.org":
            raise dns.exception.Timeout
        if name not in there:
            raise dns.resolver.NXDOMAIN
        return there[name]

    monkeypatch.setattr(dns.resolver, "resolve", resolve)
    said = doctor("--dns", "--dkim-selector", "s1")
    assert to_mend(said) == {"mail: DMARC"}
    assert findings(said)["mail: SPF"]["found"] == "v=spf1 mx -all"
    assert findings(said)["mail: DKIM"]["state"] == "look"
    assert "_dmarc.example.org TXT" in findings(said)["mail: DMARC"]["do"]


# The public address.


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_address_that_leads_to_something_else(doctor: Callable[..., Said]) -> None:
    import http.server
    import threading

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        said = doctor(PETITIONS_BASE_URL=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
    assert to_mend(said) == {"public address"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_address_that_nobody_answers_at_is_worth_a_look(doctor: Callable[..., Said]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        said = doctor(PETITIONS_BASE_URL=f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert findings(said)["public address"]["state"] == "look"
