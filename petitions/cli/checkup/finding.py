"""One thing that was looked at, and what came of it."""

import enum
from dataclasses import asdict, dataclass


class State(enum.StrEnum):
    """How it stands: well, worth a look, or to be mended before anything else."""

    GOOD = "good"
    LOOK = "look"
    MEND = "MEND"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do where it is not good."""

    what: str
    state: State
    found: str
    do: str = ""

    def as_json(self) -> dict[str, str]:
        """Return it for programs."""
        return {name: str(value) for name, value in asdict(self).items()}


def good(what: str, found: str) -> Finding:
    """Nothing to do."""
    return Finding(what, State.GOOD, found)


def look(what: str, found: str, do: str) -> Finding:
    """It works, and could be better or is about to go wrong."""
    return Finding(what, State.LOOK, found, do)


def mend(what: str, found: str, do: str) -> Finding:
    """It does not work, or not safely."""
    return Finding(what, State.MEND, found, do)
