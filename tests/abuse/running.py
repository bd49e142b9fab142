"""A site with a worker and a mailbox, as its operator runs it, and people who sign on it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from petitions import create_app
from petitions.config import Settings
from petitions.extensions import db
from tests.journeys.staging import Signer, links_in, until
from tests.journeys.visiting import Visitor, path_of
from tests.servers.site import ROOT, LiveSite
from tests.servers.smtp import SmtpServer
from tests.settings import environ_for

CASE = "anna-b"
T = TypeVar("T")


def signer(name: str, initials: str, place: str, **more: str) -> Signer:
    email = f"{name.split(maxsplit=1)[0].lower()}@signers.example"
    return Signer(name=name, initials=initials, place=place, email=email, country="IS", **more)


def inside(environ: Mapping[str, str], do: Callable[[Any], T]) -> T:
    """Do something in this process, over the database and with the keys of a running site."""
    app = create_app(Settings.from_environ(environ))
    with app.app_context():
        try:
            return do(app.extensions["petitions"])
        finally:
            db.session.remove()
            db.engine.dispose()


class Running:
    """A site with a worker and a mailbox, and the hands of its operator."""

    def __init__(self, directory: Path, url: str, smtp: SmtpServer) -> None:
        self.data_dir, self.url, self.smtp = directory / "data", url, smtp
        environ = environ_for(
            self.data_dir,
            url,
            PETITIONS_SMTP_URL=smtp.url,
            PETITIONS_MAIL_GAP_SECONDS="0",
            PETITIONS_TRUSTED_PROXIES="1",
        )
        self.live = LiveSite(environ, directory=directory / "site", worker=False)

    def command(self, *arguments: str, typed: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "petitions", *arguments],
            input=typed, capture_output=True, text=True, env=self.live.environ, cwd=ROOT,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def inside(self, do: Callable[[Any], Any]) -> Any:
        return inside(self.live.environ, do)

    def signs(self, one: Signer, **more: str) -> None:
        assert Visitor(self.live.url).sign(CASE, one.typed(**more)).status == 303

    def confirms(self, one: Signer) -> None:
        link = next(url for url in links_in(self.mail_to(one)) if "/confirm/" in url)
        assert Visitor(self.live.url).post(path_of(link)).status == 303

    def mail_to(self, one: Signer) -> Any:
        found = until(
            lambda: [mail for mail in self.smtp.mails if mail.recipients == (one.email,)],
            what=f"no mail came for {one.email}",
        )
        return found[0]

    def stops_the_worker(self) -> None:
        self.live.process("worker").send_signal(signal.SIGTERM)
        self.live.forget("worker")
