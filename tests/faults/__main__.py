"""python -m tests.faults --runs 200 --seed 1: break a site again and again, and print a table."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from tests.faults.running import Run, faults_in_turn, keep, kept_runs, run_once, table_of
from tests.servers import postgres, valkey
from tests.servers.run import close_run_directory, open_run_directory


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=22)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--on", choices=("sqlite", "postgresql"))
    parser.add_argument("--only", default="", help="a part of a fault's name")
    kept = "add each run to this file, and go on after those that are in it"
    parser.add_argument("--keep", type=Path, metavar="FILE", help=kept)
    wanted = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    runs = kept_runs(wanted.keep) if wanted.keep else []
    open_run_directory()
    try:
        _run_all(runs, wanted)
    finally:
        postgres.stop_postgres()
        valkey.stop_valkey()
        close_run_directory()
    print(table_of(runs))
    return 2 if any(run.broken for run in runs) else 0


def _run_all(runs: list[Run], wanted: argparse.Namespace) -> None:
    done = {run.seed for run in runs}
    for fault, seed in faults_in_turn(wanted.runs, wanted.seed):
        if wanted.only not in fault.name or seed in done:
            continue
        if reason := fault.why_not():
            print(f"{fault.name}: not tried, {reason}", file=sys.stderr, flush=True)
            continue
        began = time.monotonic()
        run = run_once(fault, seed, wanted.on)
        runs.append(run)
        if wanted.keep:
            keep(run, wanted.keep)
        print(_said(run, time.monotonic() - began), file=sys.stderr, flush=True)


def _said(run: Run, seconds: float) -> str:
    of = run.numbers
    odd = f"{run.broken} {of['odd']}" if run.broken else "all well"
    return (
        f"{run.fault} on {run.kind}, seed {run.seed}, {seconds:.0f} s: {of['acknowledged']}"
        f" acknowledged, {of['given back']} given back, {of['confirmed']} confirmed, {odd}"
    )


if __name__ == "__main__":
    sys.exit(main())
