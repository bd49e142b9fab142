"""Many processes on PostgreSQL and Redis: four web processes, four workers, and all adds up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from petitions.domain.counting import numbers_of
from petitions.models import Lease, Mail, MailKind, MailState, Signature, SignatureState, Tally
from tests.domain.cast import publish
from tests.servers.postgres import PostgresServer, temporary_database
from tests.servers.site import LiveSite
from tests.servers.smtp import SmtpServer
from tests.settings import environ_for, settings_for
from tests.worker.test_mails import wait_until

PEOPLE = 48
AT_ONCE = 12
LINK = re.compile(r"/confirm/\S+")


@pytest.fixture
def grown(
    tmp_path: Path, postgres: PostgresServer, redis_url: str, smtp_server: SmtpServer
) -> Iterator[tuple[LiveSite, Flask]]:
    """The site with four web processes and four workers, and an application over its database."""
    from petitions import create_app
    from petitions.clock import now
    from petitions.extensions import db
    from tests.servers.databases import postgres_template

    with temporary_database(postgres, template=postgres_template(postgres)) as url:
        environ = environ_for(
            tmp_path / "data",
            url,
            PETITIONS_SMTP_URL=smtp_server.url,
            PETITIONS_RATELIMIT_STORAGE_URL=redis_url,
            PETITIONS_SIGN_LIMIT="40 per hour",
            PETITIONS_TRUSTED_PROXIES="1",
            PETITIONS_DATABASE_PREPARES="off",
        )
        app = create_app(settings_for(tmp_path / "data", url))
        with app.app_context():
            publish(app.extensions["petitions"], now())
            db.session.commit()
            site = LiveSite(environ, directory=tmp_path / "site")
            site.directory.mkdir()
            site.launch("serve", "--workers", "4")
            for number in range(4):
                site.launch("worker", key=f"worker-{number}")
            site.wait_until_ready()
            yield site, app
            site.stop()
            db.session.remove()
            db.engine.dispose()


def ask(site: LiveSite, network: int, method: str, path: str, **fields: str) -> tuple[int, str]:
    """Ask as somebody from one of several networks, over a connection of their own."""
    connection = HTTPConnection("127.0.0.1", site.port, timeout=60)
    headers = {"X-Forwarded-For": f"192.0.2.{network}"}
    if fields:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, urlencode(fields) or None, headers)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def test_four_web_processes_and_four_workers_add_up(
    grown: tuple[LiveSite, Flask], smtp_server: SmtpServer
) -> None:
    from petitions.extensions import db

    site, _ = grown
    slug = db.session.execute(text("SELECT slug FROM petition")).scalar_one()
    db.session.rollback()
    page = ask(site, 250, "GET", f"/petitions/{slug}")[1]
    stamp = re.search(r'name="stamp" value="([^"]+)"', page)
    assert stamp is not None

    def sign(number: int) -> int:
        form = {"name": "Ada", "email": f"ada{number}@example.org", "country": "FI"}
        form |= {"appearance": "full", "consent": "1", "stamp": stamp[1]}
        return ask(site, number % 4, "POST", f"/petitions/{slug}/sign", **form)[0]

    with ThreadPoolExecutor(AT_ONCE) as people:
        assert set(people.map(sign, range(PEOPLE))) == {303}
        mails = smtp_server.wait_for(PEOPLE, timeout=90)
        assert len({mail.recipients[0] for mail in mails}) == len(mails) == PEOPLE
        links = [found[0] for mail in mails if (found := LINK.search(mail.text))]

        def confirm(link: str) -> int:
            return ask(site, 251, "POST", link, appearance="counted")[0]

        assert set(people.map(confirm, [*links, *links[:8]])) == {303}  # some press twice

    petition_id = db.session.execute(text("SELECT id FROM petition")).scalar_one()
    confirmed = select(func.count()).where(Signature.state == SignatureState.CONFIRMED)
    assert db.session.execute(confirmed).scalar_one() == PEOPLE
    assert numbers_of(petition_id).confirmed == PEOPLE
    db.session.rollback()
    sent = select(func.count()).where(Mail.state == MailState.SENT, Mail.kind == MailKind.SIGNING)
    wait_until(lambda: _fresh(sent) == PEOPLE)
    added_up = select(func.coalesce(func.sum(Tally.number), 0))
    wait_until(lambda: _fresh(added_up) == PEOPLE)
    assert numbers_of(petition_id).confirmed == PEOPLE  # added up, and the same
    leases = select(Lease.name, func.count()).group_by(Lease.name)
    assert dict(db.session.execute(leases).all())["tallies"] == 1

    # Limits are shared: this network has had twelve of its forty, in whatever process.
    statuses = [ask(site, 1, "POST", f"/petitions/{slug}/sign", name="x")[0] for _ in range(30)]
    assert statuses == [422] * 28 + [429] * 2


def _fresh(query: object) -> object:
    from petitions.extensions import db

    db.session.rollback()
    return db.session.execute(query).scalar_one()  # type: ignore[call-overload]  # any statement
