"""Signing and confirming over HTTP beside an empty Flask route that reads the same form.

Everything is on: limits (wide), stamp, sealing, rules, budgets, outbox, trends, durable commits.
The web process has one core, database and load generator the other. Sites of different sizes and
the empty route take turns in one run.

Usage: python benchmarks/signing.py [--sizes 1000,1000000] [--runs 5] [--each 1000]
       [--database sqlite|postgresql|both] [--port 8460]
"""

import argparse
import secrets
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import stage
from load import Answers, drive, middle, post
from site_made import PETITION, large_site
from sqlalchemy import create_engine, text

from petitions import create_app
from petitions.clock import now
from petitions.config import Settings
from petitions.domain.petitions import petition_named
from petitions.tokens import CONFIRM, text_of

SIGN = f"/petitions/{PETITION}/sign"


@dataclass(slots=True)
class Subject:
    """What is measured: where it listens, its requests, and what came of each run."""

    name: str
    server: stage.Server
    requests: Callable[[int], list[bytes]]
    runs: list[dict[str, float]] = field(default_factory=list)

    def run(self, number: int) -> Answers:
        """Drive it once."""
        requests = self.requests(number)
        before = self.server.cpu()
        answers = drive(self.server.port, requests)
        cpu = self.server.cpu() - before
        self.runs.append(
            {
                "rate": answers.rate,
                "p50": answers.quantile(0.5),
                "p99": answers.quantile(0.99),
                "errors": answers.errors(303),
                "cpu": 1e6 * cpu / max(1, len(answers.seconds)),
                "memory": self.server.memory(),
            }
        )
        return answers

    def median(self, what: str) -> float:
        """Return the median of all runs."""
        return middle(run[what] for run in self.runs)


class SiteUnderLoad:
    """A site with its requests: forms of new addresses, links of signatures that wait."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ
        app = create_app(Settings.from_environ(environ))
        self._site: Any = app.extensions["petitions"]
        with app.app_context():
            petition = petition_named(PETITION).id
            self._stamp = self._site.tokens.stamp(petition, 1, 1, "en", now())
        self._engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"])

    def forms(self, number: int, path: str = SIGN) -> list[bytes]:
        """Return so many valid forms, each with an address that nobody has used."""
        return [post(path, self._host(), form_of(self._stamp)) for _ in range(number)]

    def links(self, number: int) -> list[bytes]:
        """Return the button of as many mails as there are signatures waiting, at most `number`."""
        query = text(
            "SELECT id FROM signature WHERE state = 'pending' ORDER BY created_at DESC LIMIT :n"
        )
        with self._engine.connect() as connection:
            ids = connection.execute(query, {"n": number}).scalars().all()
        return [self.link(signature_id) for signature_id in ids]

    def link(self, signature_id: int) -> bytes:
        """Return the POST of one link."""
        payload = [signature_id, text_of(secrets.token_bytes(32))]
        token = self._site.tokens.mint(CONFIRM, payload, now())
        return post(f"/confirm/{token}", self._host(), {"appearance": "counted"})

    def _host(self) -> str:
        return f"127.0.0.1:{self.environ['PORT']}"


def form_of(stamp: str) -> dict[str, str]:
    """Return a filled form."""
    return {
        "name": "Zilola Yusupova",
        "initials": "",
        "email": f"{secrets.token_hex(9)}@mail.example.org",
        "country": "FI",
        "place": "Jyväskylä",
        "appearance": "full",
        "consent": "1",
        "stamp": stamp,
    }


def measure(sites: dict[int, SiteUnderLoad], empty: stage.Server, options: Any) -> list[Subject]:
    """Let all subjects take turns; return them with their runs."""
    with ExitStack() as stack:
        first = next(iter(sites.values()))
        subjects = [
            Subject("empty Flask POST", empty, lambda n: first.forms(n, "/sign")),
        ]
        for size, site in sites.items():
            server = stack.enter_context(stage.served(site.environ))
            subjects.append(Subject(f"sign at {size:,}", server, site.forms))
            subjects.append(Subject(f"confirm at {size:,}", server, site.links))
        for subject in subjects:  # once to warm up
            subject.run(200)
            subject.runs.clear()
        for _ in range(options.runs):
            for subject in subjects:
                subject.run(options.each)
    return subjects


def report(database: str, subjects: list[Subject]) -> None:
    """Print the medians, and each beside the empty route."""
    empty = subjects[0]
    print(f"\n{database}, medians of {len(empty.runs)} runs, one core for the web process")
    print(
        f"{'':22}{'per s':>8}{'p50 ms':>8}{'p99 ms':>8}{'errors':>8}{'µs CPU':>8}"
        f"{'MB':>6}{'of empty':>10}{'CPU':>7}"
    )
    for subject in subjects:
        of_empty = subject.median("rate") / empty.median("rate")
        of_cpu = empty.median("cpu") / subject.median("cpu")
        print(
            f"{subject.name:22}{subject.median('rate'):8.0f}{subject.median('p50'):8.1f}"
            f"{subject.median('p99'):8.1f}{subject.median('errors'):8.0f}"
            f"{subject.median('cpu'):8.0f}{subject.median('memory'):6.0f}"
            f"{'1/' + format(1 / of_empty, '.1f'):>10}{'1/' + format(1 / of_cpu, '.1f'):>7}"
        )
    by_kind: dict[str, list[Subject]] = defaultdict(list)
    for subject in subjects[1:]:
        by_kind[subject.name.partition(" at")[0]].append(subject)
    for kind, same in by_kind.items():
        if len(same) > 1:
            ratio = same[-1].median("rate") / same[0].median("rate")
            print(f"{kind}: the largest site at {ratio:.2f} of the smallest's rate")


def run(name: str, addresses: tuple[str, str], options: Any) -> None:
    """Measure on one database."""
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, ExitStack() as stack:
        sites = {}
        for index, size in enumerate(options.sizes):
            database = stage.new_database(addresses[0]) if addresses[0] else ""
            data_dir = Path(folder) / str(size)
            environ = stage.environ_of(data_dir, options.port + index, database, addresses[1])
            print(f"{name}: making a site with {size:,} signatures", file=sys.stderr)
            large_site(environ, size)
            sites[size] = SiteUnderLoad(environ)
        port = options.port + len(sites)
        script = str(Path(__file__).with_name("empty_route.py"))
        empty = stack.enter_context(stage.running([script, str(port)], port))
        report(name, measure(sites, empty, options))


def main() -> None:
    """Read the options and run on each database."""
    parser = argparse.ArgumentParser(description="Signing and confirming over HTTP.")
    parser.add_argument("--sizes", default="1000,1000000")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--each", type=int, default=1000)
    parser.add_argument("--database", default="both", choices=("sqlite", "postgresql", "both"))
    parser.add_argument("--port", type=int, default=8460)
    parser.add_argument("--folder", help="where databases are made; a disk, not memory")
    options = parser.parse_args()
    options.sizes = [int(size) for size in options.sizes.split(",")]
    stage.stay_on(stage.OTHERS)
    if options.database != "postgresql":
        run("SQLite", ("", "memory://"), options)
    if options.database != "sqlite":
        with stage.databases() as addresses:
            run("PostgreSQL and Valkey", addresses, options)


if __name__ == "__main__":
    main()
