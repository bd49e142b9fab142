"""The environment a test gives the application, in one place."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from petitions.config import Settings

# Long and of many characters, so that nothing here counts as guessable; the same in every run.
SECRET_KEY = hashlib.sha256(b"the tests' secret key").hexdigest()
VAULT_KEY = base64.urlsafe_b64encode(hashlib.sha256(b"the tests' vault key").digest()).decode()
NOBODY_LISTENS = "smtp://127.0.0.1:9?starttls=off"


def environ_for(data_dir: Path, database_url: str, **overrides: str) -> dict[str, str]:
    """The PETITIONS_* variables; overrides by their full names."""
    environ = {
        "PETITIONS_DATA_DIR": str(data_dir),
        "PETITIONS_DATABASE_URL": database_url,
        "PETITIONS_SECRET_KEY": SECRET_KEY,
        "PETITIONS_VAULT_KEY": VAULT_KEY,
        "PETITIONS_BASE_URL": "http://localhost",
        "PETITIONS_SMTP_URL": NOBODY_LISTENS,
        "PETITIONS_MAIL_FROM": "petitions@example.org",
        "PETITIONS_RATELIMIT_STORAGE_URL": "memory://",
        "PETITIONS_PAGE_CACHE_MB": "0",  # clocks of tests stand still; tests/web/test_page_cache.py
    }
    return environ | overrides


def settings_for(data_dir: Path, database_url: str, **overrides: str) -> Settings:
    """Settings as the application reads them from such an environment."""
    from petitions.config import Settings

    data_dir.mkdir(parents=True, exist_ok=True)
    return Settings.from_environ(environ_for(data_dir, database_url, **overrides))
