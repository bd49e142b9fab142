"""What is worth a look but fails nothing: shown at the end of a whole test run."""

from __future__ import annotations

from tests.house.files import ROOT, shown

_LOOK_BEYOND = 250


def long_modules() -> list[str]:
    """Modules past 250 lines, longest first; tables of data read well at any length."""
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("petitions", "tests")
        for path in (ROOT / folder).rglob("*.py")
    }
    longest = sorted(lengths.items(), key=lambda item: -item[1])
    return [f"{shown(path)}: {length} lines" for path, length in longest if length > _LOOK_BEYOND]
