"""Whether time tells who has signed: the form and the asking for a link, interleaved by state.

Each state has an address of its own for each round, so that what is measured is the state and not
the day's budget. Medians of one run are to be compared with each other, and with what two runs of
the same state differ by (the line "new again").

Usage: python benchmarks/enumeration.py [ROUNDS]   (default 300)
"""

import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

from flask import Flask, current_app
from flask.testing import FlaskClient
from site_made import PETITION, demonstration

from petitions.clock import now
from petitions.domain import privacy, signing
from petitions.domain.outbox import suppression_key
from petitions.domain.petitions import petition_named
from petitions.extensions import begin_write, db
from petitions.models import Suppression

STATES = ("new", "new again", "pending", "confirmed", "withdrawn", "suppressed")
FORM = {
    "name": "Anna Signer", "initials": "A. S.", "country": "IS", "place": "Akureyri",
    "appearance": "full", "consent": "yes",
}  # fmt: skip


def address(state: str, number: int) -> str:
    return f"{state.replace(' ', '-'):-<12}.{number:05}@signers.example"


def stamp(client: FlaskClient) -> str:
    page = client.get(f"/petitions/{PETITION}").text
    found = re.search(r'name="stamp" value="([^"]+)"', page)
    assert found
    return found[1]


def sign(client: FlaskClient, form: dict[str, str], email: str) -> None:
    answer = client.post(f"/petitions/{PETITION}/sign", data={**form, "email": email})
    assert answer.status_code == 303, answer.status


def ask(client: FlaskClient, _: dict[str, str], email: str) -> None:
    answer = client.post("/my-signature", data={"email": email})
    assert answer.status_code == 303, answer.status


def prepare(app: Flask, form: dict[str, str], rounds: int) -> None:
    """Bring an address of each state and round into its state."""
    client = app.test_client()
    site = app.extensions["petitions"]
    for state in STATES[2:]:
        for number in range(rounds):
            email = address(state, number)
            begin_write()
            if state == "suppressed":
                key = suppression_key(site, email)
                db.session.add(Suppression(key=key, reason="not me", created_at=now()))
                db.session.commit()
                continue
            db.session.rollback()
            sign(client, form, email)
            begin_write()
            petition = petition_named(PETITION)
            [signature] = privacy.signatures_of(site, email)
            if state in {"confirmed", "withdrawn"}:
                signing.confirm(petition, signature, now())
            if state == "withdrawn":
                privacy.withdraw(signature, now())
            db.session.commit()


def measure(app: Flask, what: Callable[..., None], form: dict[str, str], rounds: int) -> None:
    """Ask about every state in each round, in a new order; print the medians."""
    client = app.test_client()
    taken: dict[str, list[float]] = {state: [] for state in STATES}
    for number in range(rounds):
        for state in random.sample(STATES, len(STATES)):
            began = time.perf_counter()
            what(client, form, address(state, number))
            taken[state].append(time.perf_counter() - began)
    base = statistics.median(taken["new"])
    print(f"{what.__name__}:")
    for state, times in taken.items():
        median = statistics.median(times)
        low, _, high = statistics.quantiles(times, n=4)
        print(
            f"  {state:12} {1000 * median:7.3f} ms  ({100 * (median / base - 1):+5.1f} % of new;"
            f" quartiles {1000 * low:.3f} to {1000 * high:.3f})"
        )


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as folder:
        app = demonstration(folder, 2_000)
        app.config["RATELIMIT_ENABLED"] = False
        from petitions.extensions import limiter

        limiter.enabled = False
        with app.app_context():
            form = {**FORM, "stamp": stamp(current_app.test_client())}
            prepare(app, form, rounds)
            for what in (sign, ask):
                measure(app, what, form, rounds)
            db.session.remove()
            db.engine.dispose()
