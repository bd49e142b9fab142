"""One run: a site, a fault at a random instant, what is true afterwards; the table of many."""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.breaking import FAULTS, Fault
from tests.faults.reconciling import NEVER, reconcile
from tests.faults.world import World
from tests.servers.run import temporary_directory

_SUMS = ("acknowledged", "given back", "lost", "doubled", "unmailed", "unexplained mails", "copies",
         "miscounted", "misbundled")  # fmt: skip


_PATIENCE = 60.0
"""Seconds within which somebody must be able to sign again."""


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
        return {name: self.numbers[name] for name in NEVER if self.numbers.get(name)}


def run_once(fault: Fault, seed: int, kind: str | None = None) -> Run:
    """Break a site once. The same seed breaks it in the same way, as far as machines repeat."""
    random = Random(seed)
    kind = kind if kind in fault.kinds else random.choice(fault.kinds)
    directory = temporary_directory("faults", in_memory=True)
    directory.chmod(0o755)
    world = World(directory, kind, **fault.world)
    done = Run(fault.name, kind, seed)
    try:
        world.start()
        world.visitors.start()
        try:
            time.sleep(random.uniform(0.5, 2.5))
            fault.do(world, random)
            done.recovered_after = _recovered(world)
            time.sleep(0.5)
            world.visitors.sign_no_more()
            world.drain()
        finally:
            world.visitors.stop()
        done.numbers = reconcile(world, fault.told)
        done.numbers["not recovered"] = int(done.recovered_after >= _PATIENCE)
        if done.broken:
            print(world.log()[-20_000:], file=sys.stderr)
    finally:
        world.close()
        shutil.rmtree(directory, ignore_errors=True)
    return done


def _recovered(world: World) -> float:
    """Seconds from the end of the fault until the next signature was acknowledged."""
    healed = time.monotonic()
    while time.monotonic() < healed + _PATIENCE:
        if any(at > healed for at in list(world.visitors.ledger.acknowledged.values())):
            return time.monotonic() - healed
        time.sleep(0.05)
    return _PATIENCE


def faults_in_turn(number: int, seed: int) -> list[tuple[Fault, int]]:
    """Which faults are run, each with a seed of its own; those that take long, less often."""
    turns: list[Fault] = []
    rounds = 0
    while len(turns) < number:
        turns += [fault for fault in FAULTS if rounds % fault.every == 0]
        rounds += 1
    return [(fault, seed * 100_000 + n) for n, fault in enumerate(turns[:number])]


def kept_runs(path: Path) -> list[Run]:
    """Those that an earlier call has kept in a file, one a line."""
    if not path.exists():
        return []
    return [Run(**json.loads(line)) for line in path.read_text().splitlines()]


def keep(run: Run, path: Path) -> None:
    with path.open("a") as file:
        file.write(json.dumps(asdict(run)) + "\n")


def table_of(runs: list[Run]) -> str:
    """One line for each fault."""
    heads = ("fault", "runs", *_SUMS, "odd", "slowest recovery")
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for name in dict.fromkeys(run.fault for run in runs):
        of = [run for run in runs if run.fault == name]
        cells = [name, str(len(of))]
        cells += [str(sum(run.numbers[head] for run in of)) for head in _SUMS]
        cells.append(str(sum(bool(run.broken) for run in of)))
        cells.append(f"{max(run.recovered_after for run in of):.1f} s")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
