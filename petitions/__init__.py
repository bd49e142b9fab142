"""The roof: create_app() puts the house together from settings; nothing else lives here."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from petitions.config import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Return the WSGI application for the given settings, or those of the environment.

    Raises ConfigurationError where a setting is missing, malformed or unsafe.
    """
    from pathlib import Path  # the roof imports inside

    from flask import Flask

    from petitions import extensions, models, web
    from petitions.config import Settings
    from petitions.domain.budgets import Budgets
    from petitions.domain.sealing import Sealer
    from petitions.domain.site import Site
    from petitions.mail.settings import MailSettings
    from petitions.tokens import Tokens
    from petitions.vault import KeyRing

    del models  # imported so that migrations see every table
    settings = settings or Settings.from_environ()
    root = Path(__file__).resolve().parent.parent
    app = Flask(
        "petitions", template_folder=str(root / "templates"), static_folder=str(root / "static")
    )
    app.config.from_mapping(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_pre_ping": True,
            "pool_size": 20,
            "max_overflow": 10,
            "hide_parameters": True,  # errors with rows in them end up in logs
        },
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SETTINGS=settings,
    )
    app.extensions["petitions"] = Site(
        base_url=settings.base_url,
        demonstration=settings.demonstration,
        budgets=Budgets(
            settings.mail_per_petition_and_day, settings.mail_per_day, settings.mail_gap_seconds
        ),
        keyring=KeyRing(settings.data_dir / "keys", settings.vault_key),
        sealer=Sealer(),
        tokens=Tokens([settings.secret_key, *settings.secret_key_fallbacks]),
    )
    app.extensions["petitions.mail"] = MailSettings(
        sender=settings.mail_from,
        smtp_url=settings.smtp_url,
        mailbox=settings.data_dir / "mailbox" if settings.demonstration else None,
    )
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    extensions.db.init_app(app)
    extensions.migrate.init_app(app, extensions.db, directory=str(root / "migrations"))
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
    check(app)
    mark_demonstration(data_dir)
    return app
