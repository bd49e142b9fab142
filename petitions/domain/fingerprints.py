"""Telling whether somebody else changed a thing between showing it and saving it.

A form carries the fingerprint of the values that it was filled with; saving compares it with the
values as they are now, in the transaction that writes.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from petitions.errors import ChangedMeanwhile


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return a short hash of plain values: texts, numbers, days, lists and mappings of those."""
    told = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:20]


def refuse_changed(seen: str, values: Mapping[str, Any]) -> None:
    """Raise ChangedMeanwhile, which carries the values of now, unless `seen` is their fingerprint.

    An empty `seen` comes from a script or a command that has not looked, and passes.
    """
    if seen and seen != fingerprint(values):
        raise ChangedMeanwhile(values)
