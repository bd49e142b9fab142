"""Opening sealed rows against reading the same rows raw, interleaved, five rounds.

Usage: python benchmarks/opening.py [ROWS]   (default 100,000)
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable

from flask import current_app
from site_made import PETITION, demonstration
from sqlalchemy import select

from petitions.domain.petitions import petition_named
from petitions.domain.sealing import opener_for
from petitions.extensions import db
from petitions.models import Petition, Signature

ROUNDS = 5
COLUMNS = (Signature.data_key_id, Signature.person_sealed, Signature.order_number)


def read(petition: Petition) -> int:
    """Read the sealed rows and do nothing with them."""
    query = select(*COLUMNS).where(Signature.petition_id == petition.id)
    return sum(1 for _ in db.session.execute(query.execution_options(yield_per=1000)))


def open_all(petition: Petition) -> int:
    """Read the sealed rows and open each of them."""
    opener = opener_for(petition.case_id, current_app.extensions["petitions"].keyring)
    query = select(*COLUMNS).where(Signature.petition_id == petition.id)
    done = 0
    for key_id, sealed, order in db.session.execute(query.execution_options(yield_per=1000)):
        opener.person(key_id, sealed, petition.id, order)
        done += 1
    return done


def seconds(what: Callable[[Petition], int], petition: Petition) -> float:
    """Time one call."""
    begin = time.perf_counter()
    what(petition)
    return time.perf_counter() - begin


if __name__ == "__main__":
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder, demonstration(folder, rows).app_context():
        petition = petition_named(PETITION)
        pairs = [(seconds(read, petition), seconds(open_all, petition)) for _ in range(ROUNDS)]
        db.session.rollback()
        db.engine.dispose()
    raw, opened = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"{rows} rows: read {raw:.2f} s, read and opened {opened:.2f} s, ratio {ratio:.1f}")
