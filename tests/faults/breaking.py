"""Each way to break a site: what it needs, and what is done at the instant."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.faults import databases
from tests.faults.places import why_no_clock, why_no_mounts
from tests.faults.world import World

_OWN_DISK = {"disk": "400m"}


@dataclass(frozen=True)
class Fault:
    """A name, the databases it is tried on, and the deed; when it returns, all is healed."""

    name: str
    do: Callable[[World, Random], None]
    kinds: tuple[str, ...] = ("sqlite", "postgresql")
    world: dict[str, Any] = field(default_factory=dict)
    told: str = ""
    """A pattern of what the operator has to be told, by /readyz or in the logs; what cost nobody an
    answer may pass in silence where it begins with a question mark."""
    every: int = 1
    """It has its turn in each round, or in each so many: some take long."""
    why_not: Callable[[], str] = lambda: ""
    """Why it cannot be tried on this machine."""


def _web_killed(world: World, random: Random) -> None:
    world.kill("serve")
    time.sleep(random.uniform(0, 1))
    world.start_web()


def _worker_killed(world: World, random: Random) -> None:
    world.kill(*world.workers())
    time.sleep(random.uniform(0, 1))
    world.start_worker()


def _all_killed(world: World, random: Random) -> None:
    world.kill("serve", *world.workers())
    time.sleep(random.uniform(0, 1))
    world.start_web()
    world.start_worker()


def _one_of_two_workers_killed(world: World, random: Random) -> None:
    world.kill(random.choice(world.workers()))


def _two_workers(_: World, random: Random) -> None:
    time.sleep(random.uniform(1, 3))


def _no_worker(world: World, random: Random) -> None:
    time.sleep(random.uniform(1, 3))
    world.start_worker()


def _no_worker_for_long(world: World, _: Random) -> None:
    """The page of a watching machine says so within a minute, and a few seconds."""
    until = time.monotonic() + 65
    while time.monotonic() < until and not any("no worker" in one for one in world.reasons):
        time.sleep(0.2)
    world.start_worker()


def _disk_full(world: World, random: Random) -> None:
    filler = world.fill_disk()
    time.sleep(random.uniform(1, 4))
    filler.unlink()


def _clock_steps(world: World, random: Random) -> None:
    """An hour to one side and back again; half the time the worker ends meanwhile."""
    world.set_clock(random.choice((3600, -3600)))
    time.sleep(random.uniform(2, 4))
    killed = random.choice((True, False))
    if killed:
        world.kill(*world.workers())
    world.set_clock(0)
    time.sleep(1.5)
    if killed:
        world.start_worker()


def _relay_refuses(world: World, random: Random) -> None:
    world.smtp.refuse("MAIL", "421 4.3.2 closed for now")
    time.sleep(random.uniform(1, 6))
    world.smtp.forgive()


def _relay_away(world: World, random: Random) -> None:
    """For days: while nobody listens, each pause between two attempts is over at once."""
    world.smtp.go_away()
    until = time.monotonic() + random.uniform(4, 9)
    while time.monotonic() < until:
        world.hurry()
        time.sleep(0.2)
    world.smtp.come_back()


def _relay_hangs(world: World, random: Random) -> None:
    world.smtp.hang(random.choice(("RCPT", "DATA", "STORED")), times=1)
    time.sleep(random.uniform(1, 4))
    world.smtp.release()


def _relay_is_slow(world: World, random: Random) -> None:
    world.smtp.slow_by = random.uniform(0.1, 0.5)
    time.sleep(random.uniform(1, 4))
    world.smtp.slow_by = 0.0


def _relay_greylists(world: World, random: Random) -> None:
    """Each address is told to come back, once."""
    seen: set[str] = set()

    def is_new(address: str) -> bool:
        new = address not in seen
        seen.add(address)
        return new

    world.smtp.refuse("RCPT", "451 4.7.1 come back later", recipient=is_new)
    time.sleep(random.uniform(1, 4))


def _is_odd(address: str) -> bool:
    return int(address.partition("@")[0].rpartition("-")[2]) % 2 == 1


def _half_unknown(world: World, random: Random) -> None:
    world.nobody_at = _is_odd
    world.smtp.refuse("RCPT", "550 5.1.1 no such user", recipient=_is_odd)
    time.sleep(random.uniform(1, 4))


def _half_full(world: World, random: Random) -> None:
    world.smtp.refuse("RCPT", "452 4.2.2 mailbox full", recipient=_is_odd)
    time.sleep(random.uniform(1, 4))
    world.smtp.forgive()


def _relay_forgets_to_say_that_it_took_it(world: World, random: Random) -> None:
    world.smtp.drop("STORED", times=random.randint(1, 5))
    time.sleep(2)


def _redis_away(world: World, random: Random) -> None:
    world.stop_redis()
    time.sleep(random.uniform(1, 4))
    world.start_redis()


def _redis_hangs(world: World, random: Random) -> None:
    world.signal_redis(signal.SIGSTOP)
    time.sleep(random.uniform(1, 4))
    world.signal_redis(signal.SIGCONT)


_NO_DATABASE = "?database failed|database does not answer|database not available"
FAULTS = (
    Fault("web killed", _web_killed),
    Fault("worker killed", _worker_killed),
    Fault("everything killed", _all_killed),
    Fault("two workers", _two_workers, world={"workers": 2}),
    Fault("two workers, one killed", _one_of_two_workers_killed, world={"workers": 2}),
    Fault("no worker for a while", _no_worker, world={"workers": 0}),
    Fault("no worker for over a minute", _no_worker_for_long, world={"workers": 0}, every=5,
          told="no worker has been seen for over a minute"),
    Fault("database away, or locked", databases.away, told=_NO_DATABASE),
    Fault("database read-only", databases.read_only, world=_OWN_DISK, told=_NO_DATABASE,
          why_not=why_no_mounts),
    Fault("database out of connections", databases.out_of_connections, kinds=("postgresql",),
          told=_NO_DATABASE),
    Fault("disk full", _disk_full, kinds=("sqlite",), world=_OWN_DISK,
          told="the disk is full", why_not=why_no_mounts),
    Fault("clock steps by an hour", _clock_steps, world={"clock": True}, why_not=why_no_clock),
    Fault("relay refuses", _relay_refuses, told="mails wait for the relay"),
    Fault("relay away for days", _relay_away, told="mails wait for the relay"),
    Fault("relay hangs", _relay_hangs),
    Fault("relay is slow", _relay_is_slow),
    Fault("relay greylists", _relay_greylists, told="mail not sent"),
    Fault("half the addresses unknown", _half_unknown, told="mail not sent"),
    Fault("half the mailboxes full", _half_full, told="mail not sent"),
    Fault("relay took it, its answer is lost", _relay_forgets_to_say_that_it_took_it),
    Fault("Redis away", _redis_away, world={"with_redis": True}),
    Fault("Redis hangs", _redis_hangs, world={"with_redis": True}),
)  # fmt: skip
