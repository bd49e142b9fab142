"""Every page of the console, on a site of many signatures and on one of 2,000, interleaved.

An organiser with all roles opens each page in this process. Printed are medians in milliseconds,
the number of questions asked of the database, and how many times as long the larger site takes.

Usage: python benchmarks/console.py [SIGNATURES] [--database sqlite|postgresql] [--rounds 5]
       [--page PART_OF_A_NAME]   (default 200,000 on SQLite)
"""

import argparse
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, url_for
from flask.testing import FlaskClient
from site_made import PETITION, demonstration, multiplied
from sqlalchemy import event, func, select

from petitions.clock import now
from petitions.domain import bundles, sign_ins, tallies
from petitions.domain.petitions import petition_named
from petitions.domain.samples import add_samples
from petitions.extensions import begin_snapshot, begin_write, db
from petitions.models import (
    BuildState,
    BundleBuild,
    CaseUpdate,
    Channel,
    Delivery,
    DeliveryOutcome,
    DeliveryState,
    News,
    Organiser,
    OrganiserRole,
    Person,
    Role,
    Signature,
)
from petitions.web.organiser.access import Door, need_of

SMALL = 2000
_NEWEST = 500
MOST_QUERIES, MOST_TIMES = 40, 3.0
_NOT_TIMED = frozenset({"static", "audit.verify"})  # the chain is walked whole, as it must be


@dataclass
class Site:
    """A site with a browser in which an organiser is signed in."""

    app: Flask
    client: FlaskClient
    values: dict[str, Any]
    queries: int = 0
    taken: dict[str, list[float]] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)

    def opens(self, endpoint: str, address: str) -> int:
        """Open a page, note what that took, and return its status."""
        self.queries = 0
        begin = time.perf_counter()
        answer = self.client.get(address)
        _ = answer.data
        self.taken.setdefault(endpoint, []).append(time.perf_counter() - begin)
        self.asked[endpoint] = self.queries
        return answer.status_code


def made(folder: str, database: str, signatures: int) -> Site:
    """Make a site with what an organiser works on: a bundle, a delivery, news, an update."""
    app = demonstration(folder, 1000, database)
    with app.app_context():
        multiplied(signatures - _NEWEST)
        keyring = app.extensions["petitions"].keyring
        begin_write()
        petition = petition_named(PETITION)
        add_samples(petition, _NEWEST, keyring, now())  # what lists begin with opens
        db.session.commit()
        begin_write()
        tallies.count_anew()  # as the worker would have added up by now
        db.session.commit()
        begin_snapshot()
        petition = petition_named(PETITION)
        recipient = bundles.recipients_of(petition)[0]
        bundle = bundles.freeze(petition, recipient, now())[0]
        someone = Organiser(
            email="o@example.org", name="O", password="x", fs_uniquifier=secrets.token_hex(8),
            created_at=now(), tf_primary_method="authenticator", tf_totp_secret="x",
            mf_recovery_codes=[],
        )  # fmt: skip
        db.session.add(someone)
        db.session.flush()
        db.session.add_all(OrganiserRole(organiser_id=someone.id, role=role) for role in Role)
        build = BundleBuild(
            petition_id=petition.id, requested_by=someone.id, requested_at=now(),
            state=BuildState.WAITING,
        )  # fmt: skip
        delivery = Delivery(
            bundle_id=bundle.id, state=DeliveryState.DONE, channel=Channel.POST,
            outcome=DeliveryOutcome.POSTED, recorded_at=now(), follow_up_on=now().date(),
        )  # fmt: skip
        news = News(petition_id=petition.id, per_hour=60, created_by=someone.id, created_at=now())
        db.session.add_all([build, delivery, news])
        db.session.commit()
        people = select(func.min(Person.id)).where(Person.case_id == petition.case_id)
        updates = select(CaseUpdate.id).where(CaseUpdate.case_id == petition.case_id).limit(1)
        values = {
            "person_id": db.session.execute(people).scalar_one(),
            "official_id": bundle.official_id,
            "case_id": petition.case_id,
            "petition_id": petition.id,
            "bundle_id": bundle.id,
            "delivery_id": delivery.id,
            "build_id": build.id,
            "news_id": news.id,
            "update_id": db.session.execute(updates).scalar_one_or_none(),
            "signature_id": db.session.execute(select(func.max(Signature.id))).scalar_one(),
            "organiser_id": someone.id,
            "language": "en",
            "number": 1,
            "country": "GB",
            "to": "closed",
        }
        site = Site(app, _signed_in(app, someone), values)
        event.listen(db.engine, "before_cursor_execute", lambda *_: _count(site))
        db.session.commit()
    return site


def _signed_in(app: Flask, someone: Organiser) -> FlaskClient:
    client = app.test_client()
    key = sign_ins.begin(someone, "benchmark", now())
    with client.session_transaction("/organiser/") as session:
        session["_user_id"] = someone.fs_uniquifier
        session["_fresh"] = True
        session["fs_paa"] = now().timestamp()
        session["console"] = key
    return client


def _count(site: Site) -> None:
    site.queries += 1


def pages(site: Site, part: str) -> Iterator[tuple[str, str]]:
    """Yield name and address of each page of the console whose numbers are known."""
    with site.app.test_request_context():
        for rule in sorted(site.app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
            need = need_of(site.app.view_functions[rule.endpoint])
            is_page = rule.rule.startswith("/organiser") and "GET" in rule.methods
            if not is_page or need is None or isinstance(need.of, Door):
                continue
            known = all(site.values.get(name) is not None for name in rule.arguments)
            if known and part in rule.endpoint and rule.endpoint not in _NOT_TIMED:
                values = {name: site.values[name] for name in rule.arguments}
                yield rule.endpoint, url_for(rule.endpoint, **values)


def report(small: Site, large: Site) -> None:
    """Print a line for each page, the slowest first, and what grows or asks too much."""
    rows = []
    for endpoint in large.taken:
        before, after = (1000 * statistics.median(one.taken[endpoint]) for one in (small, large))
        rows.append((after, before, endpoint, small.asked[endpoint], large.asked[endpoint]))
    print("| page | ms at 2,000 | ms | times | queries at 2,000 | queries |")
    print("|---|---|---|---|---|---|")
    for after, before, endpoint, few, many in sorted(rows, reverse=True):
        marks = " !" if after / before > MOST_TIMES or many > MOST_QUERIES else ""
        print(f"| {endpoint}{marks} | {before:.1f} | {after:.1f} | {after / before:.2f} |"
              f" {few} | {many} |")  # fmt: skip


@contextmanager
def databases(kind: str) -> Iterator[list[str]]:
    """Yield the addresses of two databases; empty ones mean a file in each site's folder."""
    if kind == "sqlite":
        yield ["", ""]
        return
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.servers import postgres

    server = postgres.durable_postgres()
    try:
        yield [server.create_database(), server.create_database()]
    finally:
        postgres.stop_postgres()


def main() -> None:
    """Make both sites, open each page once to warm up, then all of them in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("signatures", nargs="?", type=int, default=200_000)
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page", default="")
    options = parser.parse_args()
    with ExitStack() as stack:
        folders = [stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(2)]
        urls = stack.enter_context(databases(options.database))
        sizes = (SMALL, options.signatures)
        both = [made(*one) for one in zip(folders, urls, sizes, strict=True)]
        addresses = [dict(pages(site, options.page)) for site in both]
        for endpoint in list(addresses[1]):
            statuses = [
                site.opens(endpoint, at[endpoint]) for site, at in zip(both, addresses, strict=True)
            ]
            if statuses != [200, 200]:
                print(f"{endpoint}: answers {statuses}, not timed", file=sys.stderr)
                for at in addresses:
                    del at[endpoint]
        for site in both:
            site.taken.clear()
        for _ in range(options.rounds):
            for endpoint in addresses[1]:
                for place in random.sample((0, 1), 2):
                    both[place].opens(endpoint, addresses[place][endpoint])
        print(f"{options.signatures} signatures, {options.database}, medians of {options.rounds}")
        report(*both)
        for site in both:
            with site.app.app_context():
                db.session.remove()
                db.engine.dispose()


if __name__ == "__main__":
    main()
