"""Help: for each command, quickly, without settings, and for somebody who knows nothing of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from petitions.cli import petitions
from petitions.cli.organisers import ROLES
from petitions.models import Role
from tests.cli.conftest import Command


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all commands."""
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", list(commands(petitions)), ids=" ".join)
def test_each_command_explains_itself_without_settings(
    path: tuple[str, ...], bare_command: Command
) -> None:
    said = bare_command(*path, "--help")
    assert said.status == 0
    assert said.err == ""
    assert said.out.startswith(f"Usage: petitions {' '.join(path)}")
    explained = said.out.split("Options:")[0].splitlines()[2:]
    assert len(" ".join(explained).split()) >= 6, "say what it is for, and what comes of it"


def test_all_commands_of_the_contract_are_there() -> None:
    there = {" ".join(path) for path in commands(petitions)}
    assert there >= {
        "demo", "serve", "worker", "migrate", "organisers add", "organisers reset",
        "bundles build", "bundles verify", "sample-signatures",
    }  # fmt: skip


def test_command_alone_shows_help(bare_command: Command) -> None:
    said = bare_command()
    assert said.status == 0
    assert "sample-signatures" in said.out


def test_help_loads_neither_flask_nor_database() -> None:
    program = (
        "import sys\n"
        "sys.argv = ['petitions', '--help']\n"
        "from petitions.__main__ import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'flask', 'sqlalchemy', 'alembic', 'granian', 'rich', 'typst'}\n"
        "heavy &= set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PETITIONS_")}
    subprocess.run([sys.executable, "-c", program], env=environ, check=True, capture_output=True)


def test_roles_offered_are_those_there_are() -> None:
    assert set(ROLES) == {role.value for role in Role}
