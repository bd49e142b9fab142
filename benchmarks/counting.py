"""The numbers of a petition: what they cost at a thousand and at many signatures, in turn.

Beside them a count of the rows, as it was done before, and what it costs to hold all sums against
the rows, as is done at night.

Usage: python benchmarks/numbers.py [SIGNATURES]   (default 1,000,000)
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import stage
from site_made import PETITION, large_site
from sqlalchemy import text

from petitions import create_app
from petitions.config import Settings
from petitions.domain import tallies
from petitions.domain.counting import numbers_of
from petitions.domain.petitions import petition_named
from petitions.extensions import begin_write, db

ROUNDS = 15
_COUNT = text("SELECT count(*) FROM signature WHERE petition_id = :id AND state = 'confirmed'")


def milliseconds(what: Callable[[], object]) -> float:
    """Time one call."""
    begin = time.perf_counter()
    what()
    taken = time.perf_counter() - begin
    db.session.rollback()
    return 1000 * taken


def main(most: int) -> None:
    """Make both sites, add up, and print the medians."""
    with tempfile.TemporaryDirectory() as folder:
        apps, taken = {}, dict[tuple[int, str], list[float]]()
        for size in (1000, most):
            environ = stage.environ_of(Path(folder) / str(size), 8460, "", "memory://")
            large_site(environ, size)
            apps[size] = create_app(Settings.from_environ(environ))
            with apps[size].app_context():
                begin_write()
                while tallies.add_up(most=50_000):
                    pass
                db.session.commit()
        for round_number in range(ROUNDS + 1):
            for size, app in apps.items():
                with app.app_context():
                    number = petition_named(PETITION).id
                    ways: dict[str, Callable[[], object]] = {
                        "numbers": lambda number=number: numbers_of(number),
                        "count of the rows": lambda number=number: db.session.execute(
                            _COUNT, {"id": number}
                        ).scalar(),
                    }
                    if round_number < 3:
                        ways["all sums against the rows"] = tallies.wrong_sums
                    for name, what in ways.items():
                        taken.setdefault((size, name), []).append(milliseconds(what))
        for (size, name), found in taken.items():
            print(f"{name:26} at {size:>9,}: {statistics.median(found):9.2f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
