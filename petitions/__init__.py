"""The roof: create_app() puts the house together from settings; nothing else lives here."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from petitions.config import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Return the WSGI application for the given settings, or those of the environment.

    Raises ConfigurationError where a setting is missing, malformed or unsafe.
    """
    from pathlib import Path  # noqa: PLC0415  # the roof imports inside

    from flask import Flask  # noqa: PLC0415

    from petitions import extensions, models, web  # noqa: PLC0415
    from petitions.config import Settings  # noqa: PLC0415
    from petitions.domain.budgets import Budgets  # noqa: PLC0415
    from petitions.domain.sealing import Sealer  # noqa: PLC0415
    from petitions.domain.site import Site  # noqa: PLC0415
    from petitions.tokens import Tokens  # noqa: PLC0415
    from petitions.vault import KeyRing  # noqa: PLC0415

    del models  # imported so that migrations see every table
    settings = settings or Settings.from_environ()
    root = Path(__file__).resolve().parent.parent
    app = Flask(
        "petitions", template_folder=str(root / "templates"), static_folder=str(root / "static")
    )
    app.config.from_mapping(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True, "pool_size": 20, "max_overflow": 10},
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
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    extensions.db.init_app(app)
    extensions.migrate.init_app(app, extensions.db, directory=str(root / "migrations"))
    web.register(app)
    return app
