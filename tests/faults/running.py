"""One run: a site, a fault at a random instant, what is true afterwards; the table of many."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.breaking import FAULTS, Fault
from tests.faults.world import World
from tests.servers.run import temporary_directory

NEVER = (
    "lost", "doubled", "unmailed", "unexplained mails", "other ids", "confirmations lost",
    "miscounted", "odd answers",
)  # fmt: skip


@dataclass
class Run:
    """What came of one."""

    fault: str
    kind: str
    seed: int
    numbers: dict[str, Any] = field(default_factory=dict)
    recovered_after: float = 0.0

    @property
    def broken(self) -> dict[str, Any]:
        """What must never be, and was."""
        return {name: self.numbers[name] for name in NEVER if self.numbers[name]}


def run_once(fault: Fault, seed: int, kind: str | None = None) -> Run:
    """Break a site once. The same seed breaks it in the same way, as far as machines repeat."""
    random = Random(seed)
    kind = kind or random.choice(fault.kinds)
    directory = temporary_directory("faults", in_memory=True)
    directory.chmod(0o755)
    world = World(directory, kind, with_redis=fault.with_redis, workers=fault.workers)
    done = Run(fault.name, kind, seed)
    try:
        world.start()
        world.visitors.start()
        try:
            time.sleep(random.uniform(0.5, 2.5))
            fault.do(world, random)
            done.recovered_after = _recovered(world)
            time.sleep(0.5)
        finally:
            world.visitors.stop()
        world.drain()
        done.numbers = world.reconcile()
    finally:
        world.close()
        shutil.rmtree(directory, ignore_errors=True)
    return done


def _recovered(world: World) -> float:
    """Seconds from the end of the fault until the next signature was acknowledged."""
    healed = time.monotonic()
    while time.monotonic() < healed + 60:
        if any(at > healed for at in list(world.visitors.ledger.acknowledged.values())):
            return time.monotonic() - healed
        time.sleep(0.05)
    return 60.0


def faults_in_turn(number: int, seed: int) -> list[tuple[Fault, int]]:
    """Which faults are run, each with a seed of its own."""
    return [(FAULTS[n % len(FAULTS)], seed * 100_000 + n) for n in range(number)]


def table_of(runs: list[Run]) -> str:
    """One line for each fault."""
    heads = ("fault", "runs", "acknowledged", "lost", "doubled", "unmailed", "unexplained mails",
             "copies", "miscounted", "odd answers", "slowest recovery")  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for name in dict.fromkeys(run.fault for run in runs):
        of = [run for run in runs if run.fault == name]
        cells = [name, str(len(of))]
        cells += [str(sum(run.numbers[head] for run in of)) for head in heads[2:-1]]
        cells.append(f"{max(run.recovered_after for run in of):.1f} s")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write_table(runs: list[Run], path: Path) -> None:
    """Keep the table."""
    path.write_text(table_of(runs) + "\n", encoding="utf-8")
