"""docs/asvs.md names no test and no file that is not there, and says first what is not met."""

from __future__ import annotations

import ast
import re

from tests.house.files import ROOT, tree_of

DOCUMENT = ROOT / "docs" / "asvs.md"
NAMED = re.compile(r"`((?:[\w-]+/)*[\w-]+\.(?:py|js|md|txt))`|`(test_\w+)`")
PLACES = ("", "petitions/", "static/js/", "tests/", "docs/")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+[^|]*) \| ([^|]+) \|", re.MULTILINE)


def names_of_tests() -> set[str]:
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        nodes = ast.walk(tree_of(path))
        found |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    return found


def file_is_there(name: str) -> bool:
    if any((ROOT / place / name).exists() for place in PLACES):
        return True
    return "/" not in name and any((ROOT / "tests").rglob(name))


def test_every_test_and_file_that_it_names_is_there() -> None:
    text, tests = DOCUMENT.read_text(encoding="utf-8"), names_of_tests()
    named = NAMED.findall(text)
    missing = [file for file, _ in named if file and not file_is_there(file)]
    missing += [test for _, test in named if test and test not in tests]
    assert not missing, (
        "docs/asvs.md names what is not there: name what meets the requirement now, or say that "
        "it is not met:\n" + "\n".join(missing)
    )
    assert len(named) > 60


def test_what_is_not_met_is_said_at_the_top() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    head = text[: text.index("## V1 ")]
    open_rows = [row for row, standing in ROW.findall(text) if standing in {"no", "part"}]
    numbers = [number for row in open_rows for number in re.findall(r"\d+\.\d+\.\d+", row)]
    untold = [number for number in numbers if number not in head]
    assert not untold, f"docs/asvs.md: say at the top that these are open: {untold}"
