"""Changing a finished bundle as somebody else might, and unpacking it as anybody would."""

import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

Files = dict[str, bytes]


def files_of(path: Path) -> Files:
    """The files of the one root folder by their names below it."""
    with zipfile.ZipFile(path) as bundle:
        return {name.split("/", 1)[1]: bundle.read(name) for name in bundle.namelist()}


def rewritten(path: Path, change: Callable[[Files], object], root: str = "khamidkariev-3") -> Path:
    """A copy of the bundle with its files changed in place by `change`."""
    files = files_of(path)
    change(files)
    copy = path.with_name("changed.zip")
    with zipfile.ZipFile(copy, "w") as bundle:
        for name, data in files.items():
            bundle.writestr(f"{root}/{name}", data)
    return copy


def manifest_anew(files: Files, name: str, members: list[str]) -> None:
    """Write a manifest that fits the files, as a forger without the key would."""
    lines = (f"{sha256(files[member]).hexdigest()}  {member}\n" for member in members)
    files[name] = "".join(lines).encode()
