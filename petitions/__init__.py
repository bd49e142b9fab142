"""The roof: create_app() puts the house together from settings; nothing else lives here."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from petitions.config import Settings


def create_app(settings: "Settings | None" = None, *, threads: int = 16) -> "Flask":
    """Return the WSGI application for the given settings, or those of the environment.

    `threads` answer at the same time, each with a database connection where it needs one. Raises
    ConfigurationError where a setting is missing, malformed or unsafe.
    """
    from datetime import timedelta  # the roof imports inside
    from pathlib import Path

    from flask import Flask

    from petitions import extensions, models, web
    from petitions.config import Settings
    from petitions.domain.budgets import Budgets
    from petitions.domain.day_keys import DayKeys
    from petitions.domain.recent import SECONDS, Recent
    from petitions.domain.rules import Rules
    from petitions.domain.sealing import Sealer
    from petitions.domain.site import Site
    from petitions.domain.terms import Terms
    from petitions.mail.settings import MailSettings
    from petitions.tokens import Tokens
    from petitions.vault import KeyRing

    del models  # imported so that migrations see every table
    settings = settings or Settings.from_environ()
    root = Path(__file__).resolve().parent.parent
    app = Flask(
        "petitions", template_folder=str(root / "templates"), static_folder=str(root / "static")
    )
    prepares = settings.database_prepares or settings.database_url.startswith("sqlite")
    app.config.from_mapping(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": threads + 4,
            "max_overflow": 4,
            "pool_use_lifo": True,  # few connections are busy, and keep their pages of the database
            "hide_parameters": True,  # errors with rows in them end up in logs
            # Behind a pooler that hands connections on, statements prepared in one are unknown.
            "connect_args": {} if prepares else {"prepare_threshold": None},
        },
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SETTINGS=settings,
    )
    keyring = KeyRing(settings.data_dir / "keys", settings.vault_key)
    app.extensions["petitions"] = Site(
        base_url=settings.base_url,
        demonstration=settings.demonstration,
        budgets=Budgets(
            settings.mail_per_petition_and_day,
            settings.mail_per_day,
            settings.mail_gap_seconds,
            settings.mail_per_domain_and_hour,
            settings.mail_per_hour,
            settings.mail_reminder_hours,
            settings.mail_news_share,
        ),
        keyring=keyring,
        sealer=Sealer(),
        day_keys=DayKeys(keyring),
        rules=Rules(keyring),
        recent=Recent(SECONDS if settings.page_cache_mb else 0),
        tokens=Tokens([settings.secret_key, *settings.secret_key_fallbacks]),
        outgoing=settings.data_dir / "outgoing",
        pictures=settings.data_dir / "pictures",
        terms=Terms(
            unconfirmed=timedelta(days=settings.keep_unconfirmed_days),
            names=timedelta(days=settings.keep_names_days),
        ),
    )
    app.extensions["petitions.mail"] = MailSettings(
        sender=settings.mail_from,
        bounce_address=settings.bounce_address,
        smtp_url=settings.smtp_url,
        mailbox=settings.data_dir / "mailbox" if settings.demonstration else None,
        connections=settings.mail_connections,
        per_second=settings.mail_per_second,
        slow_per_second=settings.mail_slow_per_second,
        official_seconds=settings.official_mail_seconds,
        official_link_days=settings.official_link_days,
    )
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    extensions.db.init_app(app)
    extensions.Migrations(app, root / "migrations")
    web.register(app)
    return app


def create_demonstration(check: "Callable[[Flask], None]", port: int | None = None) -> "Flask":
    """Make the data directory a demonstration and return its application.

    `check` refuses a database that holds a real site; only after it does the directory count as a
    demonstration. `port` takes the place of PORT, for processes started from here too. Raises
    ConfigurationError.
    """
    import os

    from petitions.config import (
        ORGANISER_PASSWORD,
        Settings,
        data_dir_of,
        make_demonstration_secrets,
        mark_demonstration,
    )

    if port is not None:
        os.environ["PORT"] = str(port)
    data_dir = data_dir_of(os.environ)
    make_demonstration_secrets(data_dir)
    app = create_app(Settings.from_environ(demonstration=True))
    password = data_dir / ORGANISER_PASSWORD
    app.config["DEMONSTRATION_PASSWORD"] = password.read_text(encoding="ascii").strip()
    check(app)
    mark_demonstration(data_dir)
    return app


def data_dir() -> "Path":
    """Return where data and keys go, which is known before there are secrets to build with."""
    import os

    from petitions.config import data_dir_of

    return data_dir_of(os.environ)
