"""A copy of the whole database in a form of its own: the same from SQLite and PostgreSQL, for both.

One line of JSON for each row. What is written says which migration it stands at, and ends with the
number of rows and a digest of each table, so that a restored database can be held against it.
"""

from petitions.domain.copying.checking import (
    Finding,
    check_bundle_files,
    check_keys,
    check_restored,
    check_rows,
)
from petitions.domain.copying.dumping import Made, begin_snapshot_of, dump, prepare
from petitions.domain.copying.forms import CopyDamaged, Header
from petitions.domain.copying.loading import Copy, load, open_copy

__all__ = [
    "Copy",
    "CopyDamaged",
    "Finding",
    "Header",
    "Made",
    "begin_snapshot_of",
    "check_bundle_files",
    "check_keys",
    "check_restored",
    "check_rows",
    "dump",
    "load",
    "open_copy",
    "prepare",
]
