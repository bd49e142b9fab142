"""Pages of a long list of signatures, the first against the middle and the last, interleaved.

Every page is asked of the domain as the console asks: one query, names opened. Then the numbers
and the series of the petition's page, and a plan to send 500 mails again.

Usage: python benchmarks/signatures_page.py [SIGNATURES]   (default 200,000)
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import cast

from flask import current_app
from site_made import PETITION, demonstration
from sqlalchemy import text

from petitions.clock import now
from petitions.domain import resending, watching
from petitions.domain.petitions import petition_named
from petitions.domain.resend_choice import Choice
from petitions.domain.signatures_shown import PAGE, Shelf, page_of
from petitions.domain.site import Site
from petitions.domain.watching import Span
from petitions.extensions import begin_write, db

ROUNDS = 15
# Where the rows are: over 60 days, one in ten pending, a few set aside, attested, withdrawn.
_SPREAD = """
UPDATE signature SET
  created_at = datetime(julianday(:now) - (:most - id) * 60.0 / :most) || '.000000',
  confirmed_at = datetime(julianday(:now) - (:most - id) * 60.0 / :most + 0.01) || '.000000'
"""
_STATES = """
UPDATE signature SET state = 'pending', confirmed_at = NULL WHERE id % 10 = 0;
UPDATE signature SET state = 'set aside', set_aside_reason = 'automatic', set_aside_at = created_at
  WHERE id % 100 = 1;
UPDATE signature SET state = 'withdrawn', withdrawn_at = confirmed_at WHERE id % 100 = 3;
INSERT INTO organiser (id, email, name, session_key, active, language, created_at)
  VALUES (1, 'r@example.org', 'R', 'x', 1, 'en', '2026-01-01 00:00:00.000000');
UPDATE signature SET verified_by = 'attested', attested_by = 1
  WHERE id % 2000 = 5 AND state = 'confirmed';
INSERT INTO mail (kind, state, petition_id, signature_id, language, message_id, created_at,
  not_before, attempts, final_at, outcome)
  SELECT 'signing', iif(id % 50 = 0, 'failed', 'sent'), petition_id, id, language, 'm' || id,
  created_at, created_at, 1, created_at, iif(id % 50 = 0, 'refused', NULL) FROM signature;
ANALYZE;
"""


def spread() -> int:
    """Give the rows the times and states of a petition that has run for 60 days."""
    begin_write()
    most: int = db.session.execute(text("SELECT max(id) FROM signature")).scalar_one()
    moment = now().strftime("%Y-%m-%d %H:%M:%S")
    db.session.execute(text(_SPREAD), {"now": moment, "most": most})
    for statement in filter(str.strip, _STATES.split(";")):
        db.session.execute(text(statement))
    db.session.commit()
    return most


def seconds(what: Callable[[], object]) -> float:
    """Time one call, and forget what it loaded."""
    begin = time.perf_counter()
    what()
    taken = time.perf_counter() - begin
    db.session.rollback()
    db.session.expunge_all()
    return taken


def report(name: str, runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Run each thing once to warm up, then all of them in turn; print the medians."""
    taken: dict[str, list[float]] = {key: [] for key in runs}
    for what in runs.values():
        what()
    for _ in range(ROUNDS):
        for key in random.sample(list(runs), len(runs)):
            taken[key].append(seconds(runs[key]))
    medians = {key: statistics.median(times) for key, times in taken.items()}
    told = ", ".join(f"{key} {1000 * median:.1f} ms" for key, median in medians.items())
    print(f"{name}: {told}")
    return medians


def pages(site: Site, most: int) -> None:
    """Time pages of the confirmed, and of the few attested."""
    at = {"first": None, "middle": most // 2, "last": PAGE + 20}
    for shelf in (Shelf.CONFIRMED, Shelf.PENDING, Shelf.ATTESTED):
        runs = {key: partial(_page, site, shelf, before) for key, before in at.items()}
        medians = report(f"{shelf.value} page", runs)
        print(f"  middle/first {medians['middle'] / medians['first']:.2f}, ", end="")
        print(f"last/first {medians['last'] / medians['first']:.2f}")


def _page(site: Site, shelf: Shelf, before: int | None) -> object:
    return page_of(site, petition_named(PETITION), shelf, before=before)


def numbers(site: Site) -> None:
    """Time what the petition's page and the page over all ask for."""
    petition_id, moment = petition_named(PETITION).id, now()
    report(
        "numbers",
        {
            "one petition": lambda: watching.standing_of(petition_id),
            "all petitions": watching.standings,
            "60 days": lambda: watching.steps(Span.DAY, "Europe/Moscow", moment, petition_id),
            "48 hours": lambda: watching.steps(Span.HOUR, "Europe/Moscow", moment, petition_id),
            "60 days of all": lambda: watching.steps(Span.DAY, "UTC", moment),
        },
    )
    report("plan for 500 pending", {"plan": partial(_plan, site)})


def _plan(site: Site) -> object:
    return resending.plan(site, petition_named(PETITION), Choice(days=0), now())


if __name__ == "__main__":
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as folder, demonstration(folder, rows).app_context():
        site = cast(Site, current_app.extensions["petitions"])
        most = spread()
        print(f"{rows} signatures and as many mails, medians of {ROUNDS} rounds")
        pages(site, most)
        numbers(site)
        db.session.remove()
        db.engine.dispose()
