"""docs/threat-model.md claims nothing that no test holds, and names no test that is not there."""

from __future__ import annotations

import ast
import re

from tests.house.files import ROOT, tree_of

DOCUMENT = ROOT / "docs" / "threat-model.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?(?:::(\w+))?`")
NO_TEST = re.compile(r"by the operator|not yet")
COLUMNS = 4


def answers() -> list[list[str]]:
    """The rows of the tables of threats: threat, answer, test, what remains."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:1] == "|"
    ]
    return [
        row for row in rows if len(row) == COLUMNS and row[0] != "threat" and "---" not in row[0]
    ]


def names_in(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name: node for node in body if isinstance(node, kinds)}


def is_there(file: str, *names: str) -> bool:
    path = ROOT / file
    if not path.exists():
        return False
    body: list[ast.stmt] = tree_of(path).body
    for name in names:
        found = names_in(body).get(name)
        if found is None:
            return False
        body = getattr(found, "body", [])
    return True


def test_every_test_that_it_names_is_there() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    named = [tuple(filter(None, found.groups())) for found in TEST.finditer(text)]
    missing = ["::".join(one) for one in named if not is_there(*one)]
    assert not missing, (
        "docs/threat-model.md names tests that are not there: name the test that holds the answer "
        "now, or take the claim out:\n" + "\n".join(missing)
    )
    assert named


def test_every_answer_has_a_test_or_says_whose_it_is() -> None:
    bare = [row[0] for row in answers() if not TEST.search(row[2]) and not NO_TEST.search(row[2])]
    assert not bare, (
        "Each answer in docs/threat-model.md names the test that holds it, or says “by the "
        "operator” or “not yet”:\n" + "\n".join(bare)
    )
    assert len(answers()) > 20
