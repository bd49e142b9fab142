"""Settings: refused where unsafe, clear where wrong, and a demonstration keeps its own secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from petitions.config import Settings, guessable, prepare_demonstration
from petitions.errors import ConfigurationError
from tests.settings import SECRET_KEY, VAULT_KEY, environ_for


def settings(tmp_path: Path, **changes: str) -> Settings:
    return Settings.from_environ(environ_for(tmp_path, "", **changes))


@pytest.mark.parametrize("name", ["PETITIONS_SECRET_KEY", "PETITIONS_VAULT_KEY"])
@pytest.mark.parametrize(
    "value", ["", "changeme", "a" * 64, "changeme" * 8, "Secret-" * 9, "0123456789abcdef"]
)
def test_missing_or_guessable_secret_refuses(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        settings(tmp_path, **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PETITIONS_BASE_URL", "petitions.example.org"),
        ("PETITIONS_SMTP_URL", "mail.example.org:25"),
        ("PETITIONS_DATABASE_URL", "mysql://x/y"),
        ("PETITIONS_RATELIMIT_STORAGE_URL", "file:///x"),
        ("PETITIONS_TRUSTED_PROXIES", "-1"),
        ("PETITIONS_SHARED_CACHE_SECONDS", "60"),
        ("PETITIONS_PAGE_CACHE_MB", "much"),
        ("PETITIONS_VIRUS_SCANNER", "/no/such/scanner -"),
        ("PETITIONS_VIRUS_SCANNER", "'unfinished"),
        ("PETITIONS_MAIL_FROM", "nonsense"),
        ("PETITIONS_MAIL_FROM", "a@b.org\r\nBcc: c@d.org"),
    ],
)
def test_malformed_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        settings(tmp_path, **{name: value})


def test_vault_key_file_must_be_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    path.write_text(VAULT_KEY)
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        settings(tmp_path, PETITIONS_VAULT_KEY="")
    path.chmod(0o600)
    assert settings(tmp_path, PETITIONS_VAULT_KEY="").vault_key == VAULT_KEY


def test_repr_shows_no_secret(tmp_path: Path) -> None:
    made = settings(tmp_path, PETITIONS_SMTP_URL="smtp://user:hunter2@mail.example.org")
    for secret in (SECRET_KEY, VAULT_KEY, "hunter2"):
        assert secret not in repr(made)


def test_demonstration_keeps_its_own_secrets(tmp_path: Path) -> None:
    prepare_demonstration(tmp_path / "one")
    prepare_demonstration(tmp_path / "two")
    one, again, two = (
        Settings.from_environ({"PETITIONS_DATA_DIR": str(tmp_path / name)})
        for name in ("one", "one", "two")
    )
    assert one == again
    assert one.demonstration
    assert {one.secret_key, one.vault_key}.isdisjoint({two.secret_key, two.vault_key})
    assert not any(guessable(key) for key in (one.secret_key, one.vault_key))


def test_real_site_is_not_turned_into_a_demonstration(tmp_path: Path) -> None:
    (tmp_path / "petitions.db").touch()
    with pytest.raises(ConfigurationError, match="PETITIONS_DATA_DIR"):
        prepare_demonstration(tmp_path)


def test_postgresql_address_gets_its_driver(tmp_path: Path) -> None:
    made = settings(tmp_path, PETITIONS_DATABASE_URL="postgresql://u@h/db")
    assert made.database_url == "postgresql+psycopg://u@h/db"
