"""What a program of this package gets when it runs in a process of its own. Loads nothing else."""

import os
from pathlib import Path

_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """Return this process's environment, without the site's secrets, and with this package."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PETITIONS_")}
    paths = filter(None, [str(_PACKAGE_ROOT), kept.get("PYTHONPATH")])
    return {**kept, "PYTHONPATH": os.pathsep.join(paths)}
