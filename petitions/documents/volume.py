"""Volumes of a list of signatures; run as a program, this sets one in a process of its own.

`python -m petitions.documents.volume DATA.json OUT.pdf` prints the number of pages. A process of
its own because typst keeps what it has set (365 MB for 5,000 names), and a plain one because a
multiprocessing child would import the program that started it, and with it the web application.
It ends when its standard input does, which its parent holds open: so it does not outlive a parent
that was killed.
"""

import json
import os
import subprocess  # nosec B404  # our own programs alone
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from petitions.documents.own_process import environment
from petitions.documents.staging import PRIVATE
from petitions.documents.typesetting import TypesettingProblem, typeset

PROCESSES = 2


def write_volume(data_path: Path, path: Path) -> int:
    """Set the volume whose template data lie in `data_path`; return its pages."""
    data = json.loads(data_path.read_text(encoding="utf-8"))
    template = "roll.typ" if data.get("roll") else "signatures.typ"
    return typeset(template, data, path, date(*data["day"]))


def write_volumes(jobs: list[tuple[Path, Path]], done: Callable[[], None]) -> list[int]:
    """Set many volumes, two at a time, each in a fresh process; return the pages of each.

    `done` is called after each. Raises TypesettingProblem if one fails, once the others ended.
    """
    pages: list[int] = []
    with ThreadPoolExecutor(PROCESSES) as pool:
        try:
            for count in pool.map(_in_a_process, jobs):
                pages.append(count)
                done()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return pages


def _in_a_process(job: tuple[Path, Path]) -> int:
    with _input_that_lasts() as handle:
        ran = subprocess.run(  # noqa: S603  # nosec B603  # our own module, no shell
            [sys.executable, "-P", "-m", "petitions.documents.volume", *map(str, job)],
            env=environment(),
            stdin=handle,
            capture_output=True,
            text=True,
            check=False,
        )
    if ran.returncode:
        # What the process wrote to its error output may quote a name: not passed on.
        raise TypesettingProblem(f"{job[1].name} could not be set (exit status {ran.returncode})")
    return int(ran.stdout)


@contextmanager
def _input_that_lasts() -> Iterator[int]:
    """The reading end of a pipe that ends when this process does, and not before.

    (`subprocess.PIPE` would be closed at once by `communicate`.) Children inherit no writing end.
    """
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(writing)
        os.close(reading)


def _end_with_parent() -> None:
    """End this process, at once and whatever it does, when its standard input ends."""

    def wait() -> None:
        # Unbuffered: a thread inside sys.stdin would be in the way of an ordinary end.
        while os.read(0, 1024):
            pass
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    _end_with_parent()
    os.umask(PRIVATE)
    sys.stdout.write(f"{write_volume(Path(sys.argv[1]), Path(sys.argv[2]))}\n")
