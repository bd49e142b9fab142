"""Imports run one way, as the architecture says. All of them are walked, inside functions too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.files import modules_of_petitions, shown, tree_of

# The floors of the house, from the ground up. A part imports only from floors below its own.
FLOORS: list[set[str]] = [
    {"turns", "confined"},
    {"extensions", "clock", "errors", "logs"},
    {"writing"},
    {"models", "vault", "documents", "intake"},
    {"tokens", "i18n"},
    {"domain"},
    {"mail"},
    {"web", "worker"},
    {"cli"},
    {"the roof"},
    {"wsgi", "__main__"},
]
FLOOR_OF = {part: floor for floor, parts in enumerate(FLOORS) for part in parts}
# The roof alone reads the environment; whoever needs a setting is given it.
MAY_IMPORT_CONFIG = {"the roof", "config"}
CONFIG_MAY_IMPORT = {"errors"}
# A command is an entrance: it asks the roof for an application, and for settings.
MAY_CALL_THE_ROOF = {"cli", "wsgi", "__main__"}
# Apart on the same floor: what everybody sees is not to lead to what organisers see.
APART = {"petitions.web.public": "petitions.web.organiser"}

# The pure parts and the rules know none of these. The message of a failure says why.
FORBIDDEN_LIBRARIES = {
    "documents": {"flask", "sqlalchemy", "flask_sqlalchemy", "wtforms", "flask_wtf"},
    "intake": {"flask", "sqlalchemy", "flask_sqlalchemy", "wtforms", "flask_wtf"},
    "models": {"flask", "wtforms", "flask_wtf", "werkzeug"},
    "domain": {"flask", "wtforms", "flask_wtf", "werkzeug"},
}
# These take `now` as an argument.
GETS_TIME_HANDED_DOWN = {"documents", "intake", "models", "vault", "domain"}
READS_TIME = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
}


@dataclass(frozen=True)
class Import:
    """One import statement's one name."""

    importer: str
    imported: str
    path: Path
    line: int

    def __str__(self) -> str:
        return f"{shown(self.path, self.line)}: {self.importer} imports {self.imported}"


def imports_of(module: str, path: Path) -> Iterator[Import]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, path, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            above = parents[: len(parents) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                # `from petitions import clock` is the module clock, not the roof.
                whole = f"{source}.{alias.name}"
                imported = whole if whole in modules_of_petitions() else source
                yield Import(module, imported, path, node.lineno)


def all_imports() -> list[Import]:
    return [
        found
        for module, path in modules_of_petitions().items()
        for found in imports_of(module, path)
    ]


def own_imports() -> list[Import]:
    return [found for found in all_imports() if part_of(found.imported) is not None]


def part_of(module: str) -> str | None:
    """The part of the house a module belongs to; None for a library."""
    names = module.split(".")
    if module == "wsgi":
        return "wsgi"
    if names[0] != "petitions":
        return None
    return names[1] if len(names) > 1 else "the roof"


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def test_every_part_has_its_floor() -> None:
    homeless = [m for m in modules_of_petitions() if part_of(m) not in {*FLOOR_OF, "config"}]
    assert not homeless, (
        f"{homeless} have no floor. Put them into a part that has one, or, if the house really "
        "needs a new part, give it a floor in the architecture and in FLOORS."
    )


def test_imports_run_down() -> None:
    wrong = []
    for found in own_imports():
        importer, imported = part_of(found.importer), part_of(found.imported)
        # config has its own rule, and what has no floor its own test.
        if importer == imported or importer not in FLOOR_OF or imported not in FLOOR_OF:
            continue
        if imported == "the roof" and importer in MAY_CALL_THE_ROOF:
            continue
        if FLOOR_OF[imported] > FLOOR_OF[importer]:
            wrong.append(f"{found}, which is a floor above it")
        elif FLOOR_OF[imported] == FLOOR_OF[importer]:
            wrong.append(f"{found}, its neighbour on the same floor")
    assert not wrong, (
        "Imports run from a floor to those below. Hand the thing in as an argument, or move what "
        "both need to a floor below both:\n" + "\n".join(wrong)
    )


def test_only_the_roof_imports_config() -> None:
    wrong = [
        str(found)
        for found in own_imports()
        if part_of(found.imported) == "config" and part_of(found.importer) not in MAY_IMPORT_CONFIG
    ]
    wrong += [
        str(found)
        for found in own_imports()
        if part_of(found.importer) == "config"
        and part_of(found.imported) not in {"config", *CONFIG_MAY_IMPORT}
    ]
    assert not wrong, (
        "Only the roof reads settings, and settings know nothing of the house. Let the roof put "
        "the value where it is needed (app.config, an argument):\n" + "\n".join(wrong)
    )


@pytest.mark.parametrize(("here", "there"), APART.items())
def test_public_pages_never_lead_to_the_console(here: str, there: str) -> None:
    wrong = [
        str(found)
        for found in own_imports()
        if is_within(found.importer, here) and is_within(found.imported, there)
    ]
    assert not wrong, (
        f"{here} never imports {there}: what a stranger may reach must not hold an organiser's "
        "code. Move what both need to petitions.web:\n" + "\n".join(wrong)
    )


def test_pure_parts_and_rules_know_no_web_and_no_database() -> None:
    wrong = [
        str(found)
        for found in all_imports()
        if found.imported.split(".")[0]
        in FORBIDDEN_LIBRARIES.get(part_of(found.importer) or "", set())
    ]
    # Spawned processes import documents alone: a database pool must not come with it.
    wrong += [
        str(found)
        for found in own_imports()
        if part_of(found.importer) in {"documents", "intake"}
        and part_of(found.imported) == "extensions"
    ]
    assert not wrong, (
        "documents and intake take plain values and files; domain and models know no request, "
        "session or form. Read what is needed in the entrance and hand it in:\n" + "\n".join(wrong)
    )


def test_no_circles() -> None:
    """Among models above all, but nowhere else either, save between the roof and commands."""
    edges: dict[str, set[str]] = {}
    for found in own_imports():
        if "the roof" not in {part_of(found.importer), part_of(found.imported)}:
            edges.setdefault(found.importer, set()).add(found.imported)
    circle = find_circle(edges)
    assert circle is None, (
        f"{' -> '.join(circle)} is a circle. One of these modules holds two ideas: move the one "
        "both need into a module of its own."
    )


def find_circle(edges: dict[str, set[str]]) -> list[str] | None:
    finished: set[str] = set()

    def follow(module: str, way: list[str]) -> list[str] | None:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in finished:
            return None
        for following in sorted(edges.get(module, set()) - {module}):
            if circle := follow(following, [*way, module]):
                return circle
        finished.add(module)
        return None

    for module in sorted(edges):
        if circle := follow(module, []):
            return circle
    return None


def test_clock_is_the_only_reader_of_time() -> None:
    wrong = []
    for module, path in modules_of_petitions().items():
        if module == "petitions.clock":
            continue
        names = names_imported(tree_of(path))
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute | ast.Name) and full_name(node, names) in READS_TIME:
                wrong.append(f"{shown(path, node.lineno)}: {ast.unparse(node)}")
            elif is_database_time(node):
                wrong.append(f"{shown(path, getattr(node, 'lineno', 0))}: the database's now()")
    assert not wrong, (
        "clock.now() is the only reader of time (time.monotonic() measures and is free). Call it "
        "in the entrance and pass `now` down, so that a test can say when it is:\n"
        + "\n".join(wrong)
    )


def test_only_entrances_ask_the_clock() -> None:
    wrong = [
        str(found)
        for found in own_imports()
        if part_of(found.imported) == "clock" and part_of(found.importer) in GETS_TIME_HANDED_DOWN
    ]
    assert not wrong, (
        "Views, commands and worker steps ask the clock; everything below takes `now` as an "
        "argument:\n" + "\n".join(wrong)
    )


def names_imported(tree: ast.Module) -> dict[str, str]:
    """Local name -> full name, so that aliases do not hide anything."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.split(".")[0]
                names[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def full_name(node: ast.expr, names: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = full_name(node.value, names)
        return f"{owner}.{node.attr}" if owner else None
    return None


def is_database_time(node: ast.AST) -> bool:
    """func.now(), func.current_timestamp(): a reader of time as well."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr in {"now", "current_timestamp", "current_date", "localtimestamp"}
        and ast.unparse(node.value).split(".")[-1] == "func"
    )
