"""What commands get from the roof: ways to build the application, and a view of its settings.

Only the roof reads the environment, so it is handed in from above.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import click

if TYPE_CHECKING:
    from flask import Flask

    from petitions.domain.site import Site


class KnownSettings(Protocol):
    """The settings that commands look at."""

    @property
    def data_dir(self) -> Path: ...
    @property
    def port(self) -> int: ...
    @property
    def base_url(self) -> str: ...
    @property
    def demonstration(self) -> bool: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def secret_key_fallbacks(self) -> tuple[str, ...]: ...
    @property
    def vault_key(self) -> str: ...
    @property
    def trusted_proxies(self) -> int: ...
    @property
    def ratelimit_storage_url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class House:
    """The roof's ways in: nothing is read or built before one of them is called."""

    application: "Callable[[], Flask]"
    demonstration: "Callable[[Callable[[Flask], None], int | None], Flask]"
    data_dir: Callable[[], Path] = Path
    """Where data and keys go, for what is done before there are secrets to build with."""


pass_house = click.make_pass_decorator(House)


def settings_of(app: "Flask") -> KnownSettings:
    """Return the settings the application was made with."""
    return cast("KnownSettings", app.config["SETTINGS"])


def site_of(app: "Flask") -> "Site":
    """Return what the domain needs of the running site."""
    return cast("Site", app.extensions["petitions"])


def inside(house: House) -> "AbstractContextManager[object]":
    """Return the application's context, over a database that is set up.

    Raises ConfigurationError where a setting or the database is not ready.
    """
    from petitions.cli.schema import refuse_unmigrated

    app = house.application()
    refuse_unmigrated(app)
    return app.app_context()
