"""The site that is attacked: a real one, not a demonstration, with server and worker processes.

It is made once for each database and shared by all attacks, so each brings signers of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from petitions import clock
from petitions.extensions import begin_write, db
from petitions.tokens import CONFIRM
from tests.abuse.running import CASE, inside
from tests.domain.cast import publish
from tests.journeys.staging import Signer, Stage, links_in
from tests.journeys.visiting import path_of
from tests.servers.site import LiveSite
from tests.servers.smtp import SmtpServer
from tests.settings import SECRET_KEY, VAULT_KEY, environ_for

OTHERS = tuple(f"case-{letter}" for letter in "cdefg")
"""More petitions, of as many cases."""
BOUNCES = "bounces@attacked.example"
NOT_THEIRS = {"day_key", "worker_beat", "lease", "tally", "tally_of_day", "tally_change"}
"""Tables that a worker writes by itself, whatever anybody does."""
PER_PETITION, PER_DAY = 2, 3
"""Mails that an address may get in a day."""
_ONE = sa.text("SELECT * FROM signature WHERE id = :id")
_PURPOSES = ("confirm", "not-me", "also-sign", "my-signature", "unsubscribe")

T = TypeVar("T")
Doors = dict[int, LiveSite]


class Target(Stage):
    """A running site with the hands of whoever keeps it, to see what an attack has done to it."""

    def inside(self, do: Callable[[Any], T]) -> T:
        """Do something in this process, over the same database and keys."""
        return inside(self.site.environ, do)

    def log(self) -> str:
        """All that the processes have written."""
        files = sorted(self.site.directory.glob("*.log"))
        return "\n".join(file.read_text(errors="replace") for file in files)

    def links_of(self, signer: Signer, number: int = 1) -> dict[str, str]:
        """The links of a mail to a signer by what they are for."""
        links = [path_of(url) for url in links_in(self.mail_to(signer.email, number))]
        found = [(link.strip("/").split("/")[0], link) for link in links]
        return {purpose: link for purpose, link in found if purpose in _PURPOSES}

    def row_of(self, confirm: str) -> dict[str, Any]:
        """All that is stored of the signature of a link for confirming."""
        token = confirm.rpartition("/")[2]
        number = self._tokens().read(CONFIRM, token, datetime.now(UTC))[0]
        with self._engine.connect() as connection:
            found = connection.execute(_ONE, {"id": number}).mappings().one()
        return {
            name: bytes(value) if isinstance(value, memoryview) else value
            for name, value in found.items()
        }

    def settled(self) -> dict[str, list[str]]:
        """Every row of every table, once no mail is under way; but for what comes by itself."""
        tables = self.everything()
        return {name: rows for name, rows in tables.items() if name not in NOT_THEIRS}


@contextmanager
def open_target(directory: Path, database_url: str) -> Iterator[Target]:
    """The site with six cases over a migrated database; its mails go to a server of our own."""
    data_dir = directory / "data"
    data_dir.mkdir(mode=0o700, exist_ok=True)
    for name, secret in (("secret.key", SECRET_KEY), ("vault.key", VAULT_KEY)):
        (data_dir / name).touch(mode=0o600)
        (data_dir / name).write_text(secret)
    with SmtpServer() as smtp:
        environ = environ_for(
            data_dir,
            database_url,
            PETITIONS_SMTP_URL=smtp.url,
            PETITIONS_TRUSTED_PROXIES="1",
            # An attack cannot wait for ten minutes; that mails are apart has tests in the domain.
            PETITIONS_MAIL_GAP_SECONDS="0",
            PETITIONS_MAIL_PER_PETITION_AND_DAY=str(PER_PETITION),
            PETITIONS_MAIL_PER_DAY=str(PER_DAY),
            PETITIONS_BOUNCE_ADDRESS=BOUNCES,
        )
        site = LiveSite(environ, directory=directory / "site")
        target = Target(site, smtp, data_dir, database_url)
        target.inside(_staged)
        with _running(site, "serve", "worker"):
            site.wait_until_ready()
            yield target


@contextmanager
def other_doors(target: Target, settings: Mapping[int, Mapping[str, str]]) -> Iterator[Doors]:
    """More servers over the same data, with other settings, which start side by side."""
    with ExitStack() as stack:
        doors = {}
        for number, more in settings.items():
            directory = target.site.directory / f"door-{number}"
            doors[number] = LiveSite({**target.site.environ, **more}, directory=directory)
            stack.enter_context(_running(doors[number], "serve"))
        for door in doors.values():
            door.wait_until_ready()
        yield doors


@contextmanager
def _running(site: LiveSite, *commands: str) -> Iterator[None]:
    """The commands, without the migration that a site usually begins with: it costs seconds."""
    site.directory.mkdir(parents=True, exist_ok=True)
    try:
        for command in commands:
            site.launch(command)
        yield
    finally:
        site.stop()


def _staged(site: Any) -> None:
    from petitions.domain.signing_keys import ensure_signing_key

    ensure_signing_key(site.keyring)
    begin_write()
    for slug in (CASE, *OTHERS):
        publish(site, clock.now(), slug=slug)
    db.session.commit()


def tokens_in(text: str) -> list[str]:
    """Whatever stands in a text where a token would."""
    return re.findall(rf"/(?:{'|'.join(_PURPOSES)})/[\w.~-]{{20,}}", text)
