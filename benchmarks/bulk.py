"""Setting aside in bulk on a long petition, and what a signature costs beside it.

Signing in this process, without and with a thousand rules; previews; the parts in which a worker
sets aside and puts back, each of which is one lock that signing waits for.

Measured with 200,000 signatures in November 2026, on two cores that others used as well: signing
4.6 ms (95 %: 14), with a thousand rules 4.1 ms (17), so neither the length of the petition nor that
of the lists is felt (at 3,000 signatures: 4.0 ms). Previews by country, network or domain 0.3 to
0.4 s. 120,693 set aside in 32 s and put back in 28 s by parts of 1000, each of which held the lock
for 138 ms, at most 409; therefore parts of 250 now: 48 ms, at most 278 with the machine busier,
in 50 s and 42 s. Names that mix scripts took 12 s to look for in all: more than 40,000 are refused
now, and none is opened under the lock.

Usage: python benchmarks/bulk.py [SIGNATURES]   (default 200,000; on SQLite)
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Address
from typing import cast

from flask import current_app
from site_made import PETITION, demonstration
from sqlalchemy import text

from petitions.clock import now
from petitions.domain import bulk, bulk_work, signing
from petitions.domain.arrivals import Origin
from petitions.domain.conditions import Condition
from petitions.domain.petitions import petition_named
from petitions.domain.signing import SigningForm
from petitions.domain.site import Site
from petitions.extensions import begin_write, db
from petitions.models import Appearance, Petition

ORIGIN = Origin("b" * 32, IPv4Address("192.0.2.1"))
SIGNED = 300
_NEEDED = """
INSERT INTO organiser (id, email, name, session_key, active, language, created_at)
  VALUES (1, 'r@example.org', 'R', 'x', 1, 'en', '2026-01-01 00:00:00.000000')
"""


def main(signatures: int) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        app = demonstration(folder, signatures)
        with app.app_context():
            site = cast(Site, current_app.extensions["petitions"])
            begin_write()
            db.session.execute(text(_NEEDED))
            db.session.commit()
            petition = petition_named(PETITION)
            db.session.rollback()
            print(f"{signatures} signatures, SQLite")
            sign_many(site, petition, "signing on the long petition")
            add_rules(site)
            sign_many(site, petition, "the same with a thousand rules")
            previews(site, petition)
            batches(site, petition)
            db.session.remove()
            db.engine.dispose()


def sign_many(site: Site, petition: Petition, name: str) -> None:
    """Sign, each in a transaction of its own."""
    template = SigningForm(
        name="Ada Lovelace", initials="A. L.", place="London", country="GB", email="",
        appearance=Appearance.FULL, news=False, language="en", text_number=1, consent_number=1,
    )  # fmt: skip
    taken = []
    for number in range(SIGNED):
        form = replace(template, email=f"{name.replace(' ', '')}{number}@example.net")
        began = time.perf_counter()
        begin_write()
        signing.sign(site, petition, form, now(), ORIGIN)
        db.session.commit()
        taken.append(time.perf_counter() - began)
    told(name, taken)


def add_rules(site: Site) -> None:
    """Block a thousand networks that nobody comes from."""
    begin_write()
    for number in range(1000):
        db.session.execute(
            text(
                "INSERT INTO block (kind, value, allow, reason, created_at) VALUES"
                " ('network', :value, 0, 'a measurement', '2026-01-01 00:00:00.000000')"
            ),
            {"value": f"198.18.{number // 256}.{number % 256}/32"},
        )
    db.session.commit()
    time.sleep(2.1)  # rules are read again every two seconds


def previews(site: Site, petition: Petition) -> None:
    """Look at what conditions mean."""
    for name, condition in (
        ("one country", Condition(country="UZ")),
        ("one network", Condition(network=ORIGIN.network[:16])),
        ("one mail domain", Condition(domain="example.net")),
        ("mixed scripts in one country", Condition(mixed=True, country="DE")),
    ):
        times = [seconds(partial(bulk.preview, site, petition, condition)) for _ in range(3)]
        print(f"preview of {name}: {statistics.median(times):.3f} s")


def batches(site: Site, petition: Petition) -> None:
    """Set everybody aside by a condition that all fit, and put them back."""
    condition = Condition(appearance=Appearance.FULL)
    seen = bulk.preview(site, petition, condition)
    db.session.rollback()
    begin_write()
    batch, _ = bulk.request(
        site, petition, condition, ground="automatic", reason="a measurement",
        last_seen=seen.last_seen, organiser_id=1, now=now(),
    )  # fmt: skip
    number, total = batch.id, batch.total
    db.session.commit()
    work(site, f"set aside {total}")
    begin_write()
    bulk.undo(site, bulk.batch_numbered(number), reason="over", organiser_id=1, now=now())
    db.session.commit()
    work(site, f"put back {total}")


def work(site: Site, name: str) -> None:
    """Do all parts as a worker does; tell the whole, and how long the lock is held."""
    held, began = [], time.perf_counter()
    while (part := bulk_work.next_part(site)) is not None:
        db.session.rollback()
        locked = time.perf_counter()
        begin_write()
        bulk_work.do_part(site, part, now())
        db.session.commit()
        held.append(time.perf_counter() - locked)
    print(f"{name}: {time.perf_counter() - began:.1f} s in {len(held)} parts")
    told("  a part's lock", held)


def seconds(what: Callable[[], object]) -> float:
    """Time one call."""
    began = time.perf_counter()
    what()
    taken = time.perf_counter() - began
    db.session.rollback()
    return taken


def told(name: str, taken: list[float]) -> None:
    """Print median, 95th percentile and the longest, in milliseconds."""
    ordered = sorted(1000 * one for one in taken)
    middle, late = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{name}: median {middle:.1f} ms, 95 % {late:.1f}, most {ordered[-1]:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
