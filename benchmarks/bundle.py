"""Bundles of any size against a raw read of the same rows in the same run: time and memory.

Each measurement is a process of its own, so that its memory is its own. One site is made for each
number of signatures, by the real vault; its bundle is frozen once, then:

- `raw`: the sealed rows are read by the driver alone, and nothing is done with them (1 x);
- `record`: the real bundle without its PDFs: rows opened, CSV, XLSX, JSON Lines, commitments, bag,
  zip, hashes, signature;
- `roll`: the names as a PDF list in three columns, PDF/A and PDF/UA-1, in volumes, rows opened;
- `letter`: letter and list to the finished zip, again and again in one process, at 1,000.

On a machine that others use as well the processor's seconds say more than the clock's.

Usage: python benchmarks/bundle.py [SIGNATURES ...]   (default 100000; SQLite; letter at 1,000)
"""

import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import current_app
from site_made import PETITION, demonstration
from sqlalchemy import select

from petitions import create_app
from petitions.clock import now
from petitions.config import Settings
from petitions.documents import assemble
from petitions.documents.entries import Entry, ListHeading, ListReport
from petitions.documents.name_list import write_lists
from petitions.domain import bundles
from petitions.domain.bundle_files import entries_of, write_file
from petitions.domain.petitions import petition_named
from petitions.domain.sealing import opener_for
from petitions.extensions import begin_snapshot, db
from petitions.models import Bundle, Petition

TARGETS = {"record": (20, 128), "roll": (60, 800)}
"""Times a raw read, and megabytes of each process."""
_RAW = (
    "SELECT s.country, s.created_at, s.order_number, s.data_key_id, s.person_sealed FROM signature"
    " s WHERE s.petition_id = (SELECT petition_id FROM bundle WHERE id = ?)"
)


def prepare(folder: str, signatures: int) -> float:
    """Make the site and freeze its bundle with names; return the seconds of the freeze."""
    with demonstration(folder, signatures).app_context():
        petition = petition_named(PETITION)
        to = next(one for one in bundles.recipients_of(petition) if one.names_go)
        db.session.rollback()
        began = time.perf_counter()
        begin_snapshot()
        bundles.freeze(petition, to, now())
        db.session.commit()
        took = time.perf_counter() - began
        db.engine.dispose()
    return took


def raw(bundle: Bundle, folder: Path) -> None:
    """Read the sealed rows with the driver alone."""
    path = Path(os.environ["PETITIONS_DATA_DIR"]) / "petitions.db"
    with sqlite3.connect(path) as connection:
        for _ in connection.execute(_RAW, (bundle.id,)):
            pass


class _NoList:
    """Takes the place of the printed list where the record alone is measured."""

    def __init__(self, *_given: object) -> None: ...

    def __enter__(self) -> "_NoList":
        return self

    def __exit__(self, *_problem: object) -> None: ...

    def add(self, _entry: Entry) -> bool:
        return True

    def write(self, _progress: object = None) -> ListReport:
        return ListReport(("none.pdf",), 0, 0)


def record(bundle: Bundle, folder: Path) -> None:
    """Write the real bundle, but no PDF."""
    vars(assemble).update(ListSpool=_NoList, write_letter=lambda *_given: 0)
    write_file(current_app.extensions["petitions"], bundle, folder)


def roll(bundle: Bundle, folder: Path) -> None:
    """Set the list alone, from opened rows."""
    case = db.session.get_one(Petition, bundle.petition_id).case_id
    opener = opener_for(case, current_app.extensions["petitions"].keyring)
    heading = ListHeading(
        language="en",
        petition="A petition",
        addressee="A minister",
        reference=bundle.public_id,
        dated_on=bundle.frozen_at.date(),
        roll=True,
    )
    write_lists(entries_of(bundle, opener), heading=heading, directory=folder)


def letter(bundle: Bundle, folder: Path) -> None:
    """Write the whole bundle."""
    write_file(current_app.extensions["petitions"], bundle, folder)


PARTS: dict[str, Callable[[Bundle, Path], None]] = {
    "raw": raw,
    "record": record,
    "roll": roll,
    "letter": letter,
}


def one(part: str) -> None:
    """Be the process that measures a part: print seconds, own and largest child's megabytes."""
    app = create_app(Settings.from_environ())
    with app.app_context(), tempfile.TemporaryDirectory() as folder:
        bundle = db.session.execute(select(Bundle)).scalar_one()
        times, worked = [], []
        for _ in range({"letter": 8, "raw": 3}.get(part, 1)):
            began, before = time.perf_counter(), processor()
            PARTS[part](bundle, Path(folder))
            times.append(time.perf_counter() - began)
            worked.append(processor() - before)
        db.session.rollback()
    own, children = (
        resource.getrusage(who).ru_maxrss // 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    told = {"seconds": times, "worked": worked, "own": own, "children": children}
    print(json.dumps(told))


def processor() -> float:
    """Return the processor seconds of this process and its ended children: others do not count."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def measured(part: str, folder: str) -> dict[str, Any]:
    """Measure a part in a process of its own."""
    ran = subprocess.run(
        [sys.executable, __file__, "--part", part],
        env=os.environ | {"PETITIONS_DATA_DIR": folder},
        check=True,
        stdout=subprocess.PIPE,
    )
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def at_size(signatures: int) -> dict[str, int]:
    """Measure the parts at one size, a raw read before each; return megabytes by part."""
    memory = {}
    with tempfile.TemporaryDirectory() as folder:
        print(f"{signatures} signatures, frozen in {prepare(folder, signatures):.1f} s")
        for part, (most_times, most_mb) in TARGETS.items():
            before, told = measured("raw", folder), measured(part, folder)
            base, took = min(before["seconds"]), told["seconds"][0]
            base_worked, worked = min(before["worked"]), told["worked"][0]
            memory[part] = max(told["own"], told["children"])
            print(
                f"  {part:8} {took:7.1f} s  {took / base:5.1f} x of {base:.2f} s (at most"
                f" {most_times}); processor {worked:.1f} s, {worked / base_worked:.1f} x;"
                f" {told['own']} MB, children {told['children']} MB (at most {most_mb})",
                flush=True,
            )
    return memory


def main(sizes: list[int]) -> None:
    """Measure all, and print."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder, 1000)
        told = measured("letter", folder)
        warm, worked = (statistics.median(told[each][1:]) for each in ("seconds", "worked"))
        print(f"letter and list of 1000, warm: {warm:.2f} s (at most 1.5),", end=" ")
        print(f"processor {worked:.2f} s")
    memory = [at_size(size) for size in sizes]
    for part in TARGETS if len(memory) > 1 else ():
        grown = memory[-1][part] / memory[0][part]
        print(f"memory of {part}, {sizes[-1]} against {sizes[0]}: {grown:.2f} x (at most 1.2)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        one(sys.argv[2])
    else:
        main([int(size) for size in sys.argv[1:]] or [100_000])
