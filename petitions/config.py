"""Environment -> typed, checked settings. Refuses unsafe production. Only the roof imports this.

A data directory made by `petitions demo` holds a marker and its own secrets; whoever works in that
directory works on a demonstration.
"""

import os
import re
import secrets
import shlex
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from petitions.errors import ConfigurationError

ORGANISER_PASSWORD = "organiser.password"  # noqa: S105  # nosec B105  # a file's name
"""File of a demonstration that holds the password of its organiser."""
DEMONSTRATION_MARKER = "demonstration"
_PLACEHOLDERS = frozenset(
    {"changeme", "changethis", "secret", "secretkey", "password", "dev", "development", "test"}
    | {"example", "default", "petitions", "insecure", "none", "null", "key", "vaultkey"}
)
_LEAST_LENGTH = 32
_LEAST_DISTINCT = 8


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the application is told from outside; secrets stay out of `repr`."""

    data_dir: Path
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    vault_key: str = field(repr=False)
    base_url: str
    port: int
    database_prepares: bool = True
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = ""
    mail_per_petition_and_day: int = 2
    mail_per_day: int = 3
    mail_gap_seconds: int = 600
    mail_per_domain_and_hour: int = 20_000
    mail_per_hour: int = 50_000
    mail_reminder_hours: int = 48
    mail_news_share: int = 50
    mail_connections: int = 4
    mail_per_second: int = 0
    mail_slow_per_second: int = 5
    official_mail_seconds: int = 20
    official_link_days: int = 14
    bounce_address: str = ""
    ratelimit_storage_url: str = "memory://"
    sign_limit: str = "300 per minute"
    slow_lane: str = "60 per minute"
    ask_limit: str = "20 per minute"
    trusted_proxies: int = 0
    page_cache_mb: int = 32
    shared_cache_seconds: int = 0
    metrics_token: str = field(default="", repr=False)
    virus_scanner: tuple[str, ...] = ()
    keep_unconfirmed_days: int = 7
    keep_names_days: int = 90
    demonstration: bool = False

    @classmethod
    def from_environ(
        cls, environ: Mapping[str, str] | None = None, *, demonstration: bool = False
    ) -> "Settings":
        """Read and check the PETITIONS_* variables.

        Raises ConfigurationError where one is missing, malformed or guessable.
        """
        env = os.environ if environ is None else environ
        data_dir = data_dir_of(env)
        demonstration = demonstration or is_demonstration(data_dir)
        port = _whole(env, "PORT", 8000, most=65535)
        base_url = (env.get("PETITIONS_BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/")
        host = _checked_host(base_url)
        return cls(
            data_dir=data_dir,
            database_url=_database_url(env, data_dir),
            database_prepares=_is_on(env, "PETITIONS_DATABASE_PREPARES"),
            secret_key=_secret(env, "PETITIONS_SECRET_KEY", data_dir / "secret.key", demonstration),
            secret_key_fallbacks=_words(env.get("PETITIONS_SECRET_KEY_FALLBACKS", "")),
            vault_key=_secret(env, "PETITIONS_VAULT_KEY", data_dir / "vault.key", demonstration),
            base_url=base_url,
            port=port,
            smtp_url=_smtp_url(env),
            mail_from=_mail_from(env, host),
            mail_per_petition_and_day=_whole(env, "PETITIONS_MAIL_PER_PETITION_AND_DAY", 2),
            mail_per_day=_whole(env, "PETITIONS_MAIL_PER_DAY", 3),
            mail_gap_seconds=_whole(env, "PETITIONS_MAIL_GAP_SECONDS", 600),
            mail_per_domain_and_hour=_whole(env, "PETITIONS_MAIL_PER_DOMAIN_AND_HOUR", 20_000),
            mail_per_hour=_whole(env, "PETITIONS_MAIL_PER_HOUR", 50_000),
            mail_reminder_hours=_whole(env, "PETITIONS_MAIL_REMINDER_HOURS", 48, most=160),
            mail_news_share=_whole(env, "PETITIONS_MAIL_NEWS_SHARE", 50, most=100),
            mail_connections=_whole(env, "PETITIONS_MAIL_CONNECTIONS", 4, most=64, least=1),
            mail_per_second=_whole(env, "PETITIONS_MAIL_PER_SECOND", 0),
            mail_slow_per_second=_whole(env, "PETITIONS_MAIL_SLOW_PER_SECOND", 5, least=1),
            official_mail_seconds=_whole(env, "PETITIONS_OFFICIAL_MAIL_SECONDS", 20, most=86_400),
            official_link_days=_whole(env, "PETITIONS_OFFICIAL_LINK_DAYS", 14, most=90, least=1),
            bounce_address=_bounce_address(env),
            ratelimit_storage_url=_storage_url(env),
            sign_limit=env.get("PETITIONS_SIGN_LIMIT") or "300 per minute",
            slow_lane=env.get("PETITIONS_SLOW_LANE") or "60 per minute",
            ask_limit=env.get("PETITIONS_ASK_LIMIT") or "20 per minute",
            trusted_proxies=_whole(env, "PETITIONS_TRUSTED_PROXIES", 0, most=10),
            page_cache_mb=_whole(env, "PETITIONS_PAGE_CACHE_MB", 32, most=4096),
            shared_cache_seconds=_whole(env, "PETITIONS_SHARED_CACHE_SECONDS", 0, most=5),
            metrics_token=_metrics_token(env),
            virus_scanner=_virus_scanner(env),
            keep_unconfirmed_days=_whole(
                env, "PETITIONS_KEEP_UNCONFIRMED_DAYS", 7, least=1, most=7
            ),
            keep_names_days=_whole(env, "PETITIONS_KEEP_NAMES_DAYS", 90, least=1, most=3660),
            demonstration=demonstration,
        )


def data_dir_of(env: Mapping[str, str]) -> Path:
    """Return the directory that keys, the SQLite database and the demonstration's mails are in."""
    return Path(env.get("PETITIONS_DATA_DIR") or "instance").absolute()


def is_demonstration(data_dir: Path) -> bool:
    """Tell whether `petitions demo` made this data directory."""
    return (data_dir / DEMONSTRATION_MARKER).exists()


def prepare_demonstration(data_dir: Path) -> None:
    """Make a data directory a demonstration with secrets of its own. Repeating it changes nothing.

    Raises ConfigurationError where the directory already holds something else.
    """
    make_demonstration_secrets(data_dir)
    mark_demonstration(data_dir)


def make_demonstration_secrets(data_dir: Path) -> None:
    """Write the secrets of a demonstration, and not yet the marker that makes it one.

    Raises ConfigurationError where the directory already holds something else.
    """
    # A site on PostgreSQL has no database file here, but it has keys.
    real = any((data_dir / name).exists() for name in ("petitions.db", "keys"))
    if real and not is_demonstration(data_dir):
        raise ConfigurationError(
            f"{data_dir} holds a real site, not a demonstration: "
            "set PETITIONS_DATA_DIR to another directory"
        )
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("secret.key", "vault.key", ORGANISER_PASSWORD):
        write_secret(data_dir / name)


def mark_demonstration(data_dir: Path) -> None:
    """Make a data directory count as a demonstration from now on."""
    (data_dir / DEMONSTRATION_MARKER).touch()


def write_secret(path: Path) -> bool:
    """Write 256 random bits to a file that its owner alone may read, unless it is there already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def guessable(secret: str) -> bool:
    """Tell whether a secret is too short, too uniform or a well-known placeholder."""
    letters = "".join(c for c in secret.lower() if c.isalpha())
    repeated = any(
        letters and letters == word * max(1, len(letters) // len(word)) for word in _PLACEHOLDERS
    )
    return len(secret) < _LEAST_LENGTH or len(set(secret)) < _LEAST_DISTINCT or repeated


def _secret(env: Mapping[str, str], name: str, path: Path, demonstration: bool) -> str:
    value = env.get(name, "").strip() or _from_file(path)
    if not value:
        raise ConfigurationError(
            f"{name} is not set: put 32 random bytes there, "
            'for instance from python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    if guessable(value) and not demonstration:
        raise ConfigurationError(
            f"{name} can be guessed: replace it by 32 random bytes, "
            'for instance from python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return value


def _from_file(path: Path) -> str:
    if not path.exists():
        return ""
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(f"{path} can be read by others: run chmod 600 on it")
    return path.read_text(encoding="ascii").strip()


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("PETITIONS_DATABASE_URL") or f"sqlite:///{data_dir / 'petitions.db'}"
    if url.startswith(("postgresql://", "postgres://")):
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigurationError(
            "PETITIONS_DATABASE_URL is not understood: use sqlite:///FILE or postgresql://…"
        )
    return url


def _mail_from(env: Mapping[str, str], host: str) -> str:
    text = env.get("PETITIONS_MAIL_FROM") or f"petitions@{host}"
    try:
        if not text.isprintable() or not Address(addr_spec=parseaddr(text)[1]).domain:
            raise ValueError("a mail needs a sender")
        return text
    except (ValueError, HeaderParseError) as error:
        raise ConfigurationError(
            "PETITIONS_MAIL_FROM is no e-mail address: use petitions@example.org"
        ) from error


def _bounce_address(env: Mapping[str, str]) -> str:
    """Return the address that gets "+" and an id of 32 letters before its @, or nothing."""
    text = env.get("PETITIONS_BOUNCE_ADDRESS", "").strip()
    local, at, domain = text.rpartition("@")
    if text and not (at and domain and re.fullmatch(r"[A-Za-z0-9._=-]{1,31}", local)):
        raise ConfigurationError(
            "PETITIONS_BOUNCE_ADDRESS is not understood: use bounces@example.org"
        )
    return text


def _virus_scanner(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command that looks at files, or nothing; one that is not there refuses."""
    try:
        command = tuple(shlex.split(env.get("PETITIONS_VIRUS_SCANNER", "")))
    except ValueError:
        command = ("",)
    if command and shutil.which(command[0]) is None:
        raise ConfigurationError(
            "PETITIONS_VIRUS_SCANNER names no command that is there: use for instance "
            "clamdscan --no-summary -"
        )
    return command


def _metrics_token(env: Mapping[str, str]) -> str:
    """Return what whoever reads /metrics must send, or nothing: then there is no such page."""
    token = env.get("PETITIONS_METRICS_TOKEN", "").strip()
    if token and guessable(token):
        raise ConfigurationError(
            "PETITIONS_METRICS_TOKEN can be guessed: replace it by 32 random bytes, "
            'for instance from python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return token


def _smtp_url(env: Mapping[str, str]) -> str | None:
    url = env.get("PETITIONS_SMTP_URL") or None
    if url and (urlsplit(url).scheme not in {"smtp", "smtps"} or not urlsplit(url).hostname):
        raise ConfigurationError(
            "PETITIONS_SMTP_URL is not understood: use smtp://user:password@host:port or smtps://…"
        )
    return url


def _storage_url(env: Mapping[str, str]) -> str:
    url = env.get("PETITIONS_RATELIMIT_STORAGE_URL") or "memory://"
    if not url.startswith(("memory://", "redis://", "rediss://", "unix://", "redis+unix://")):
        raise ConfigurationError(
            "PETITIONS_RATELIMIT_STORAGE_URL is not understood: use memory:// or redis://host:port"
        )
    return url


def _checked_host(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise ConfigurationError(
            "PETITIONS_BASE_URL is not understood: use https://petitions.example.org"
        )
    return parts.hostname


def _whole(
    env: Mapping[str, str], name: str, default: int, most: int = 10**9, *, least: int = 0
) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ConfigurationError(f"{name} must be a whole number from {least} to {most}")
    return int(text)


def _is_on(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "").strip()
    if text not in {"", "on", "off"}:
        raise ConfigurationError(f"{name} is 'on' or 'off'")
    return text != "off"


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace(",", " ").split() if word)
