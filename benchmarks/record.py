"""The record load on one small machine: people come, sign and confirm from their mails.

All else goes on beside it, and at the end everything must add up.

The web process has core 0 alone. On core 1: the worker, a relay that says yes, this load generator,
somebody who looks at lists every few seconds, and a bundle that is built at low priority. Signing,
pages, and the links of the mails that really arrive are each sent when they are due, and timed from
that moment.

Usage: python benchmarks/record.py [--minutes 10] [--rate 167] [--views 50] [--confirming 0.6]
       [--signatures 1000] [--database sqlite|postgresql] [--port 8460]
"""

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import stage
from load import Answers, Connection, get, post
from signing import SiteUnderLoad
from site_made import PETITION, large_site
from sqlalchemy import text

CONNECTIONS = 96
THINKS = (1.0, 8.0)
"""Seconds between a mail's arrival and its link's being opened, and again until the button."""
_LINK = re.compile(rb"/confirm/([A-Za-z0-9_.=\r\n-]+?)(?:\?|\r\n\r\n|\"|\s)")
_ID = re.compile(rb"(?m)^Message-ID: (\S+)")


@dataclass(slots=True)
class Scene:
    """What happens, and what came of it."""

    site: SiteUnderLoad
    port: int
    options: Any
    waiting: asyncio.Queue[tuple[float, str, bytes] | None] = field(default_factory=asyncio.Queue)
    answers: dict[str, Answers] = field(default_factory=dict)
    mails: set[bytes] = field(default_factory=set)
    links: int = 0
    over: bool = False

    async def play(self, port_of_relay: int) -> None:
        """Let people come for so many minutes, then wait until everybody is answered."""
        relay = await asyncio.start_server(self._relay, "127.0.0.1", port_of_relay)
        people = [asyncio.create_task(self._answer()) for _ in range(CONNECTIONS)]
        length = 60 * self.options.minutes
        page = get(f"/petitions/{PETITION}", self._host(), Accept_Encoding="gzip")
        forms = iter(self.site.forms(int(length * self.options.rate)))
        views = self.options.rate * self.options.views
        await asyncio.gather(
            self._every(1 / self.options.rate, "sign", lambda: next(forms), length),
            self._every(1 / views, "page", lambda: page, length) if views else _nothing(),
        )
        await self._settled()
        for _ in people:
            self.waiting.put_nowait(None)
        await asyncio.gather(*people)
        relay.close()

    async def _every(
        self, apart: float, kind: str, make: Callable[[], bytes], length: float
    ) -> None:
        begin = time.perf_counter()
        for number in range(int(length / apart)):
            due = begin + number * apart
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            self.waiting.put_nowait((due, kind, make()))

    async def _answer(self) -> None:
        connection = Connection(self.port)
        while (one := await self.waiting.get()) is not None:
            due, kind, data = one
            status = await connection.ask(data)
            of_kind = self.answers.setdefault(kind, Answers())
            of_kind.statuses[status] += 1
            of_kind.seconds.append(time.perf_counter() - due)
        connection.close()

    async def _settled(self) -> None:
        """Wait until all mails have come and all links were used, for two minutes at most."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            signed = self.answers["sign"].statuses[303]
            used = sum(self.answers.get("confirm", Answers()).statuses.values())
            if len(self.mails) >= signed and used >= self.links and self.waiting.empty():
                break
            await asyncio.sleep(0.5)
        await asyncio.sleep(5)  # after which the number must be exact

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        while line := await reader.readline():
            if line[:4].upper() == b"DATA":
                writer.write(b"354 go on\r\n")
                self._take(await reader.readuntil(b"\r\n.\r\n"))
            writer.write(b"250 OK\r\n")
        writer.close()

    def _take(self, mail: bytes) -> None:
        found, link = _ID.search(mail), _LINK.search(mail)
        assert found is not None
        if found[1] in self.mails:
            return  # sent twice, with the same id
        self.mails.add(found[1])
        if link is None or random.random() > self.options.confirming:
            return
        self.links += 1
        path = f"/confirm/{link[1].decode().replace('=' + chr(13) + chr(10), '')}"
        loop, wait = asyncio.get_running_loop(), random.uniform(*THINKS)
        opened = get(path, self._host(), Accept_Language="en")
        button = post(path, self._host(), {"appearance": "counted"})
        loop.call_later(wait, self._now, "link", opened)
        loop.call_later(wait + random.uniform(*THINKS), self._now, "confirm", button)

    def _now(self, kind: str, data: bytes) -> None:
        self.waiting.put_nowait((time.perf_counter(), kind, data))

    def _host(self) -> str:
        return f"127.0.0.1:{self.port}"


async def _nothing() -> None:
    return None


def beside(environ: dict[str, str], arguments: list[str], pause: float) -> subprocess.Popen[bytes]:
    """Run a command of the site again and again, niced, until it is ended."""
    again = f"while :; do nice -n 19 {sys.executable} -m petitions {' '.join(arguments)}"
    again += f" >/dev/null 2>&1; sleep {pause}; done"
    return subprocess.Popen(
        ["taskset", "-c", str(stage.OTHERS), "sh", "-c", again],
        env={**_clean(), **environ},
        cwd=stage.ROOT,
    )


def _clean() -> dict[str, str]:
    import os

    return {k: v for k, v in os.environ.items() if not k.startswith("PETITIONS_")}


def reconcile(scene: Scene, before: int) -> list[tuple[str, int, int]]:
    """Return what was counted in two ways, each with both numbers."""
    with scene.site._engine.connect() as connection:

        def one(query: str) -> int:
            return int(connection.execute(text(query)).scalar_one())

        stored = one("SELECT count(*) FROM signature") - before
        confirmed = one("SELECT count(*) FROM signature WHERE state = 'confirmed'")
        sent = one("SELECT count(*) FROM mail WHERE kind = 'signing' AND state = 'sent'") - before
    url = f"http://127.0.0.1:{scene.port}/api/v1/petitions/{PETITION}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        shown = json.load(answer)["numbers"]["confirmed"]
    signed = scene.answers["sign"].statuses[303]
    pressed = scene.answers.get("confirm", Answers()).statuses[303]
    return [
        ("signatures acknowledged, stored", signed, stored),
        ("signatures stored, mails marked as sent", stored, sent),
        ("mails marked as sent, arrived", sent, len(scene.mails)),
        ("confirmations acknowledged, stored", pressed, confirmed - before),
        ("confirmed rows, number shown", confirmed, shown),
    ]


def report(scene: Scene, server: stage.Server, cpu: float, took: float) -> None:
    """Print how each kind of request was answered."""
    print(f"\n{'':10}{'number':>9}{'per s':>8}{'p50 ms':>9}{'p99 ms':>9}{'errors':>8}")
    for kind, wanted in (("page", 200), ("sign", 303), ("link", 200), ("confirm", 303)):
        if (found := scene.answers.get(kind)) is not None:
            print(
                f"{kind:10}{len(found.seconds):9}{len(found.seconds) / took:8.1f}"
                f"{found.quantile(0.5):9.1f}{found.quantile(0.99):9.1f}{found.errors(wanted):8}"
            )
    print(f"web process: {100 * cpu / took:.0f} % of a core, {server.memory():.0f} MB")


def run(options: Any, addresses: tuple[str, str], folder: Path) -> bool:
    """Play it on one database; return whether all adds up."""
    database = stage.new_database(addresses[0]) if addresses[0] else ""
    environ = stage.environ_of(folder / "site", options.port, database, addresses[1])
    environ |= {
        "PETITIONS_SMTP_URL": f"smtp://127.0.0.1:{options.port + 1}?starttls=off",
        "PETITIONS_MAIL_FROM": "petitions@example.org",
        "PETITIONS_MAIL_CONNECTIONS": "8",
    }
    large_site(environ, options.signatures)
    scene = Scene(SiteUnderLoad(environ), options.port, options)
    with ExitStack() as stack:
        server = stack.enter_context(stage.served(environ))
        stack.enter_context(
            stage.running(["-m", "petitions", "worker"], 0, environ, core=stage.OTHERS)
        )
        out = str(folder / "out")
        for arguments, pause in (
            (["list"], 10.0),
            (["bundles", "build", PETITION, "--all", "--out", out], 30.0),
        ):
            process = beside(environ, arguments, pause)
            stack.callback(process.kill)
        begin, cpu = time.perf_counter(), server.cpu()
        asyncio.run(scene.play(options.port + 1))
        report(scene, server, server.cpu() - cpu, time.perf_counter() - begin)
        lines = reconcile(scene, options.signatures)
    for what, one, other in lines:
        print(f"{'same' if one == other else 'DIFFERENT':10}{what}: {one}, {other}")
    return all(one == other for _, one, other in lines)


def main() -> None:
    """Read the options, and play."""
    parser = argparse.ArgumentParser(description="The record load on one small machine.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=167)
    parser.add_argument("--views", type=float, default=50, help="pages for each signature")
    parser.add_argument("--confirming", type=float, default=0.6)
    parser.add_argument("--signatures", type=int, default=1000)
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    parser.add_argument("--port", type=int, default=8460)
    options = parser.parse_args()
    stage.stay_on(stage.OTHERS)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        addresses = ("", "memory://")
        if options.database == "postgresql":
            addresses = stack.enter_context(stage.databases())
        if not run(options, addresses, Path(folder)):
            sys.exit(1)


if __name__ == "__main__":
    main()
