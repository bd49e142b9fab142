"""What holds for every file of the repository."""

from __future__ import annotations

import ast
import re
import tokenize
from pathlib import Path

from tests.house.files import ROOT, shown, tracked_files, tree_of

# Written in two halves, so that this file does not hold what it forbids.
FORBIDDEN_HOSTS = [
    "pypi" + ".org", "python" + "hosted.org", "registry.npm" + "js.org", "npm" + "js.com",
    "deb.deb" + "ian.org", "security.deb" + "ian.org", "crates" + ".io", "proxy.gol" + "ang.org",
]  # fmt: skip
FORBIDDEN_PATHS = [
    "/wo" + r"rk/(?:main|shared|\.library)\b", "/ro" + "ot/", "/ho" + r"me/\w", "/Us" + r"ers/\w",
    "/opt/whe" + "els", "/opt/py" + "pi",
]  # fmt: skip
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
BROAD = {"Exception", "BaseException"}
REASON = r"[^\w]*\w.{7,}"  # a word or two
SILENCED = re.compile(
    r"#\s*(?:type:\s*ignore(?:\[[^\]]*\])?|noqa(?::\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*)?"
    r"|pragma:\s*no (?:cover|branch))(?P<rest>.*)$"
)


def python_files() -> list[Path]:
    return [path for path in tracked_files() if path.suffix == ".py"]


def text_files() -> list[tuple[Path, str]]:
    found = []
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            found.append((path, content.decode("utf-8", errors="replace")))
    return found


def test_no_registry_host_and_no_machine_path() -> None:
    pattern = re.compile("|".join([*map(re.escape, FORBIDDEN_HOSTS), *FORBIDDEN_PATHS]))
    wrong = [
        f"{shown(path, number)}: {match.group()}"
        for path, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert not wrong, (
        "Everybody's pip knows where packages come from, and everybody's machine is laid out "
        "differently. Name packages, and paths relative to the repository:\n" + "\n".join(wrong)
    )


def test_names_say_something() -> None:
    wrong = [
        shown(path)
        for path in python_files()
        if SAYS_NOTHING.intersection(path.relative_to(ROOT).with_suffix("").parts)
    ]
    assert not wrong, (
        "utils, helpers, common and manager hold whatever comes along. Name the module after the "
        "one idea it holds, or move each function to the idea it serves:\n" + "\n".join(wrong)
    )


def test_every_module_says_what_it_holds() -> None:
    wrong = [
        shown(path)
        for path in python_files()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree_of(path))
    ]
    assert not wrong, (
        "A module opens with a sentence or two on what it holds and what it does not:\n"
        + "\n".join(wrong)
    )


def test_a_broad_except_gives_its_reason() -> None:
    wrong = []
    for path in python_files():
        commented = lines_with_comments(path)
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.ExceptHandler) or not is_broad(node):
                continue
            if ast.unparse(node.body[-1]) == "raise":
                continue  # Tidies up and passes the error on: hides nothing.
            first = node.body[0].lineno
            if not commented.intersection(range(node.lineno - 1, first + 1)):
                wrong.append(shown(path, node.lineno))
    assert not wrong, (
        "An except that catches everything hides faults nobody thought of. Name the errors you "
        "expect, or say in a comment there why everything must be caught:\n" + "\n".join(wrong)
    )


def test_whatever_is_silenced_gives_its_reason() -> None:
    wrong = [
        f"{shown(path, number)}: {match.group().strip()}"
        for path in python_files()
        for number, comment in comments_of(path)
        if (match := SILENCED.search(comment)) and not re.match(REASON, match.group("rest"))
    ]
    assert not wrong, (
        "Say after noqa, type: ignore or pragma why the tool is wrong here "
        "(`# noqa: S603 - our own program`):\n" + "\n".join(wrong)
    )


def is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in BROAD for kind in kinds)


def comments_of(path: Path) -> list[tuple[int, str]]:
    with path.open("rb") as file:
        return [
            (token.start[0], token.string)
            for token in tokenize.tokenize(file.readline)
            if token.type == tokenize.COMMENT
        ]


def lines_with_comments(path: Path) -> set[int]:
    return {number for number, _ in comments_of(path)}
