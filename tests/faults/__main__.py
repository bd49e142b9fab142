"""python -m tests.faults --runs 200 --seed 1: break a site again and again, and print a table."""

from __future__ import annotations

import argparse
import sys

from tests.faults.running import Run, faults_in_turn, run_once, table_of
from tests.servers import postgres, valkey
from tests.servers.run import close_run_directory, open_run_directory


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--on", choices=("sqlite", "postgresql"))
    parser.add_argument("--only", help="a part of a fault's name")
    wanted = parser.parse_args()
    open_run_directory()
    runs: list[Run] = []
    try:
        for fault, seed in faults_in_turn(wanted.runs, wanted.seed):
            if wanted.only and wanted.only not in fault.name:
                continue
            done = run_once(fault, seed, wanted.on)
            runs.append(done)
            said = f"{done.numbers['acknowledged']} acknowledged, {done.broken or 'all well'}"
            print(f"{done.fault} on {done.kind}, seed {seed}: {said}", file=sys.stderr, flush=True)
    finally:
        postgres.stop_postgres()
        valkey.stop_valkey()
        close_run_directory()
    print(table_of(runs))
    return 2 if any(run.broken for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
