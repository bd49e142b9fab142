"""Migrations run while yesterday's code serves: it must still read, and write, what it knows.

What it reads may not go or be called otherwise, and what it does not know may not be asked of it: a
column goes one release after the last code that reads it, with its number in `GONE_SINCE`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.files import ROOT

FIRST_HELD = 43
"""Those before ran on sites that nobody had yet."""
GONE_SINCE: frozenset[str] = frozenset()
"""Migrations that take away what no code of the release before reads any more."""
_TAKES_AWAY = {"drop_column", "drop_table", "rename_table"}
_MIGRATIONS = sorted(
    path
    for path in (ROOT / "migrations" / "versions").glob("[0-9]*_*.py")
    if int(path.name[:4]) >= FIRST_HELD
)


@pytest.mark.parametrize("path", _MIGRATIONS, ids=lambda path: path.name[:4])
def test_migration_lets_the_code_of_yesterday_go_on(path: Path) -> None:
    if path.name[:4] not in GONE_SINCE:
        assert list(faults_of(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('batch.drop_column("name")', "drop_column"),
        ('op.rename_table("a", "b")', "rename_table"),
        ('op.alter_column("a", "b", new_column_name="c")', "another name"),
        ('op.alter_column("a", "b", nullable=False)', "must be filled"),
        ('op.add_column("a", sa.Column("b", sa.Text(), nullable=False))', "must be filled"),
        ('op.add_column("a", sa.Column("b", sa.Text(), nullable=False, server_default=""))', ""),
        ('op.add_column("a", sa.Column("b", sa.Text()))', ""),
    ],
)
def test_what_would_stop_it_is_told(line: str, says: str) -> None:
    found = list(
        faults_of(f"def upgrade():\n    {line}\n\ndef downgrade():\n    op.drop_table('a')")
    )
    assert [says in one for one in found] == ([True] if says else [])


def faults_of(source: str) -> Iterator[str]:
    """Each in a line; what the way back does is its own affair."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "downgrade":
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield from _faults_of_call(node, node.func.attr)


def _faults_of_call(call: ast.Call, name: str) -> Iterator[str]:
    given = {word.arg: word.value for word in call.keywords}
    if name in _TAKES_AWAY:
        yield f"line {call.lineno}: {name} takes away what yesterday's code reads"
    if name == "alter_column" and "new_column_name" in given:
        yield f"line {call.lineno}: yesterday's code knows no column by another name"
    if name == "alter_column" and _is_false(given.get("nullable")):
        yield f"line {call.lineno}: yesterday's code leaves out what must be filled"
    if name == "add_column":
        for part in [*call.args, *given.values()]:
            if isinstance(part, ast.Call) and _must_be_filled(part):
                yield f"line {call.lineno}: yesterday's code leaves out what must be filled"


def _must_be_filled(column: ast.Call) -> bool:
    given = {word.arg: word.value for word in column.keywords}
    return _is_false(given.get("nullable")) and "server_default" not in given


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
