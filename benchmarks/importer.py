"""The importer's own table: documents; fields right, left empty, wrong. Wrong must be zero.

    .venv/bin/python benchmarks/importer.py [FILE…]

Without FILE, all papers of tests/intake/documents and tests/intake/marked. A FILE is a paper with
its expected result, a .json of the same name, beside it, or marked in it. Exit status 1 where a
field is wrong.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from petitions.intake.urgent_action import read_document
from tests.intake.comparing import Count, compare, papers
from tests.intake.marking import marked_papers, read_marked


def main(files: list[str]) -> int:
    """Print the table and return the exit status."""
    chosen = [Path(name) for name in files] or [*papers(), *marked_papers()]
    whole = Count()
    print(f"{'document':<44} {'right':>6} {'empty':>6} {'wrong':>6} {'doubts':>7} {'ms':>6}")
    for path in chosen:
        data, expected = _paper(path)
        begun = time.perf_counter()
        read = read_document(data).as_json()
        took = (time.perf_counter() - begun) * 1000
        count = compare(expected, read)
        print(
            f"{path.stem:<44} {count.right:>6} {count.empty:>6} {count.wrong:>6} "
            f"{len(read['doubts']):>7} {took:>6.1f}"
        )
        for fault in count.faults:
            print(f"    {fault}")
        whole.right += count.right
        whole.empty += count.empty
        whole.wrong += count.wrong
    print(f"{len(chosen):<4} documents {whole.right:>37} {whole.empty:>6} {whole.wrong:>6}")
    return 1 if whole.wrong else 0


def _paper(path: Path) -> tuple[bytes, dict[str, Any]]:
    beside = path.with_suffix(".json")
    if beside.exists():
        return path.read_bytes(), json.loads(beside.read_text("utf-8"))
    marked = read_marked(path)
    return marked.text.encode(), marked.expected


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
