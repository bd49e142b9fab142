"""The repository as house tests see it: tracked files, modules, their syntax trees."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked_files() -> tuple[Path, ...]:
    """What git knows, as far as it is there; an archive without git holds nothing else anyway."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        paths = [ROOT / name for name in done.stdout.split("\0") if name]
    else:
        hidden = {".venv", ".test-tools", "instance", "build", "dist"}
        paths = [p for p in ROOT.rglob("*") if not hidden.intersection(p.relative_to(ROOT).parts)]
    return tuple(path for path in paths if path.is_file())


@cache
def modules_of_petitions() -> dict[str, Path]:
    """Dotted name -> file, for all that is there, tracked or not yet; wsgi among them."""
    found = {}
    for path in [*sorted((ROOT / "petitions").rglob("*.py")), ROOT / "wsgi.py"]:
        if path.exists():
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def shown(path: Path, line: int | None = None) -> str:
    """As a person would click on it."""
    name = str(path.relative_to(ROOT))
    return name if line is None else f"{name}:{line}"
