"""Each way to break a site: what it needs, and what is done at the instant."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.faults.world import World


@dataclass(frozen=True)
class Fault:
    """A name, the databases it is tried on, and the deed; when it returns, all is healed."""

    name: str
    do: Callable[[World, Random], None]
    kinds: tuple[str, ...] = ("sqlite", "postgresql")
    with_redis: bool = False
    workers: int = 1


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


def _no_worker(world: World, random: Random) -> None:
    time.sleep(random.uniform(1, 3))
    world.start_worker()


def _database_away(world: World, random: Random) -> None:
    world.lock_database(random.uniform(1, 8))


def _relay_refuses(world: World, random: Random) -> None:
    world.smtp.refuse("MAIL", "421 4.3.2 closed for now")
    time.sleep(random.uniform(1, 6))
    world.forgive()


def _relay_hangs(world: World, random: Random) -> None:
    world.smtp.hang(random.choice(("RCPT", "DATA", "STORED")), times=1)
    time.sleep(random.uniform(1, 4))
    world.smtp.release()


def _relay_greylists(world: World, random: Random) -> None:
    world.smtp.refuse("RCPT", "451 4.7.1 come back later")
    time.sleep(random.uniform(1, 4))
    world.forgive()


def _relay_forgets_to_say_that_it_took_it(world: World, random: Random) -> None:
    world.smtp.drop("STORED", times=random.randint(1, 5))
    time.sleep(2)


def _redis_away(world: World, random: Random) -> None:
    world.stop_redis()
    time.sleep(random.uniform(1, 4))
    world.start_redis()


FAULTS = (
    Fault("web killed", _web_killed),
    Fault("worker killed", _worker_killed),
    Fault("everything killed", _all_killed),
    Fault("two workers, one killed", _one_of_two_workers_killed, workers=2),
    Fault("no worker for a while", _no_worker, workers=0),
    Fault("database away, or locked", _database_away),
    Fault("relay refuses", _relay_refuses),
    Fault("relay hangs", _relay_hangs),
    Fault("relay greylists", _relay_greylists),
    Fault("relay took it, its answer is lost", _relay_forgets_to_say_that_it_took_it),
    Fault("Redis away", _redis_away, with_redis=True),
)
"""Not here: a full disk (nothing mounts a small one in every place that runs tests)."""
