"""The Nu checker (validator.w3.org/nu), run once over a folder of saved pages."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tests.servers.run import UnavailableError
from tests.setup.provide_tools import NU_CHECKER

_SECONDS = 300
# A guess of the checker from the words of a page, which quotes texts that organisers wrote.
_GUESSES = ("This document appears to be written in",)


def faults_in(folder: Path) -> list[str]:
    """What the checker holds against the pages in a folder, errors and warnings, one line each.

    Raises UnavailableError where Java or the checker is missing.
    """
    java = shutil.which("java")
    if java is None:
        raise UnavailableError("no Java: the Nu checker needs it")
    if not NU_CHECKER.exists():
        raise UnavailableError("no Nu checker: npm could not bring vnu-jar")
    options = ["--format", "json", "--stdout", "--exit-zero-always"]
    ran = subprocess.run(
        [java, "-Xss1m", "-jar", NU_CHECKER, *options, *sorted(folder.glob("*.html"))],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=True,
    )
    return [
        f"{Path(said['url']).name}, line {said.get('lastLine', '?')}: {said['message']}"
        f" {said.get('extract', '')!r}"
        for said in json.loads(ran.stdout)["messages"]
        if not said["message"].startswith(_GUESSES)
    ]
