"""The command `petitions`: hands the roof's ways in to the commands, and ends with their status."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask


def main() -> None:
    """Run the command line and end the process with its exit status."""
    from petitions.cli import run
    from petitions.cli.house import House

    sys.exit(run(House(_application, _demonstration, _data_dir)))


def _application() -> "Flask":
    from petitions import create_app

    return create_app()


def _demonstration(check: "Callable[[Flask], None]", port: int | None) -> "Flask":
    from petitions import create_demonstration

    return create_demonstration(check, port)


def _data_dir() -> "Path":
    from petitions import data_dir

    return data_dir()


if __name__ == "__main__":
    main()
