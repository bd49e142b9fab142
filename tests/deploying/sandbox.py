"""A place in which commands of the pages run: the directories that they name, moved aside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.servers.site import ROOT

MOVED = (
    "/opt/petitions", "/etc/petitions", "/var/lib/petitions", "/var/backups", "/etc/systemd/system",
    "/etc/nginx", "/usr/local/bin", "/var/cache/nginx", "/var/log/nginx", "/var/www", "/etc/ssl",
)  # fmt: skip
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_RUN = re.compile(r"not run in our tests|\bIn `|inside the second|there are two proxies", re.I)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, and the paragraph before it."""

    language: str
    text: str
    before: str


def blocks_of(page: Path) -> list[Block]:
    """All blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2], text[: found.start()].rstrip().split("\n\n")[-1])
        for found in _BLOCK.finditer(text)
    ]


def is_said_not_to_run(block: Block) -> bool:
    """Whether the page says so, or the block is a piece of a file."""
    return bool(_NOT_RUN.search(" ".join(block.before.split())))


@dataclass(frozen=True)
class Sandbox:
    """Directories below one of our own."""

    root: Path

    def prepare(self) -> None:
        for path in MOVED:
            (self.root / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        for path in (
            "/etc/systemd/system",
            "/etc/nginx/conf.d",
            "/usr/local/bin",
            "/opt/petitions",
        ):
            (self.root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
        (self.root / "opt/petitions/current").symlink_to(self._release())

    def _release(self) -> Path:
        """Its deploy folder, and the program as the tests run it."""
        release = self.root / "release"
        release.mkdir()
        for file in (ROOT / "deploy").rglob("*"):
            if file.is_file():
                copy = release / file.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                # What a file names is moved aside as well: nothing outside is touched.
                copy.write_text(self.moved(file.read_text(encoding="utf-8")))
                copy.chmod(file.stat().st_mode)
        (release / ".venv/bin").mkdir(parents=True)
        program = release / ".venv/bin/petitions"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m petitions "$@"\n')
        program.chmod(0o755)
        return release

    def moved(self, text: str) -> str:
        """The text, with the directories it names moved aside."""
        for path in MOVED:
            text = re.sub(rf"(?<![\w.-]){re.escape(path)}(?![\w-])", str(self.root) + path, text)
        # A user named petitions belongs to a real machine.
        return text.replace("id petitions", "id no-such-user-here")

    def run(self, text: str, **environ: str) -> subprocess.CompletedProcess[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PETITIONS_")}
        path = f"{self.root}/usr/local/bin:{inherited['PATH']}"
        return subprocess.run(
            ["sh", "-eu", "-c", self.moved(text)],
            env=inherited | {"PATH": path, "PYTHONPATH": str(ROOT)} | environ,
            cwd=self.root, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
