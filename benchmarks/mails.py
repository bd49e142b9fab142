"""Mails over SMTP: how many a second a worker claims, composes, sends and marks.

A sink on loopback, in a process of its own on the other core, that says yes to everything, after a
while if asked to: relays are not on this machine. One connection against several, interleaved, and
composing each mail against filling a form.

Usage: python benchmarks/mails.py [MAILS] [MILLISECONDS THAT THE RELAY TAKES FOR EACH ANSWER]
"""

import asyncio
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import stage
from site_made import PETITION, demonstration
from sqlalchemy import text

from petitions.clock import now
from petitions.domain import signing
from petitions.domain.petitions import petition_named
from petitions.extensions import begin_write, db
from petitions.mail.compose import compose
from petitions.mail.settings import MailSettings
from petitions.models import Appearance
from petitions.worker import mails as worker_mails
from petitions.worker.mails import MailStep

RUNS = 3


async def _serve(port: int, seconds: float) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            if seconds:
                await asyncio.sleep(seconds)
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                while await reader.readline() not in (b".\r\n", b""):
                    pass
                writer.write(b"250 OK\r\n")
            else:
                writer.write(b"250 OK\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


def sink(port: int, seconds: float) -> None:
    """Say yes to every mail."""
    stage.stay_on(stage.OTHERS)
    asyncio.run(_serve(port, seconds))


@contextmanager
def listening(port: int, seconds: float) -> Iterator[str]:
    """Run the sink; give its URL."""
    process = multiprocessing.get_context("spawn").Process(target=sink, args=(port, seconds))
    process.start()
    time.sleep(1.0)
    try:
        yield f"smtp://127.0.0.1:{port}?starttls=off"
    finally:
        process.kill()
        process.join()


def queue(app: Any, number: int) -> None:
    """Queue mails that ask for confirmation, as forms do."""
    site = app.extensions["petitions"]
    with app.app_context():
        begin_write()
        db.session.execute(text("DELETE FROM mail"))
        petition, moment = petition_named(PETITION), now()
        for _ in range(number):
            address = f"{time.perf_counter_ns()}@mail.example.net"
            form = signing.SigningForm(
                "A B", "", address, "", "FI", Appearance.FULL, False, "en", 1, 1
            )
            signing.sign(site, petition, form, moment)
        db.session.commit()


def send(app: Any, number: int) -> float:
    """Send all that is due; return mails a second."""
    queue(app, number)
    step = MailStep(app, "bench", threading.Event())
    begin = time.perf_counter()
    while step.take(now()):
        pass
    taken = time.perf_counter() - begin
    step.close()
    with app.app_context():
        sent = db.session.execute(text("SELECT count(*) FROM mail WHERE state = 'sent'")).scalar()
    assert sent == number, f"{sent} of {number} were sent"
    return number / taken


def main(number: int, seconds: float) -> None:
    """Send in each way, in turn; print the medians."""
    stage.stay_on(stage.WEB)
    with tempfile.TemporaryDirectory() as folder, listening(8467, seconds) as url:
        app = demonstration(folder, 10)
        app.extensions["petitions"] = replace(
            app.extensions["petitions"],
            demonstration=False,
            budgets=replace(app.extensions["petitions"].budgets, per_hour=0, per_domain_and_hour=0),
        )
        base = cast(MailSettings, app.extensions["petitions.mail"])
        filled = worker_mails.filled_or_composed

        def composed(site: Any, settings: Any, _forms: Any, mail: Any, moment: Any) -> Any:
            return compose(site, settings, mail, moment)

        ways = {"composed, 1 connection": (1, composed), "filled, 1 connection": (1, filled)}
        ways |= {f"filled, {n} connections": (n, filled) for n in (4, 16)}
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(RUNS):
            for name, (connections, how) in ways.items():
                app.extensions["petitions.mail"] = replace(
                    base, mailbox=None, smtp_url=url, connections=connections
                )
                worker_mails.filled_or_composed = how
                rates[name].append(send(app, number))
        print(f"{number} mails, {1000 * seconds:.0f} ms for each answer, medians of {RUNS}")
        for name, found in rates.items():
            print(f"{name:28}{sorted(found)[RUNS // 2]:8.0f} mails/s")


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 1000,
        float(sys.argv[2]) / 1000 if len(sys.argv) > 2 else 0.0,
    )
