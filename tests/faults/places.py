"""What only some machines can do: small disks, disks that cannot be written to, other clocks."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
FAKE_CLOCK = {
    "LD_PRELOAD": str(FAKETIME),
    "FAKETIME_CACHE_DURATION": "1",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    "FAKETIME_DONT_RESET": "1",
    "NO_FAKE_STAT": "1",
}


@contextmanager
def mounted(place: Path, size: str) -> Iterator[None]:
    """A disk of that size, in memory."""
    _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(place))
    try:
        yield
    finally:
        _run("umount", "--lazy", str(place))


@contextmanager
def read_only_over(place: Path) -> Iterator[None]:
    """Whoever opens a file below it anew can only read; who had it open goes on."""
    _run("mount", "--bind", str(place), str(place))
    try:
        _run("mount", "-o", "remount,bind,ro", str(place))
        yield
    finally:
        _run("umount", "--lazy", str(place))


@cache
def why_no_mounts() -> str:
    """Why nothing can be mounted here; empty where it can."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return "only root mounts a disk"
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    return f"nothing can be mounted here: {done.stderr.strip()}" if done.returncode else ""


def why_no_clock() -> str:
    return "" if FAKETIME.exists() else "libfaketime is not installed"


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
