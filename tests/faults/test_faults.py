"""One run of the harness in the suite; `python -m tests.faults --runs 200` does many."""

from __future__ import annotations

import pytest

from tests.faults.breaking import FAULTS
from tests.faults.running import NEVER, Run, faults_in_turn, run_once, table_of


@pytest.mark.parametrize(("name", "kind"), [("everything killed", "sqlite")])
def test_nothing_acknowledged_is_lost_when_everything_is_killed(name: str, kind: str) -> None:
    [fault] = [one for one in FAULTS if one.name == name]
    done = run_once(fault, 7, kind)
    assert done.broken == {}, f"seed {done.seed}: {done.numbers}"
    assert done.numbers["acknowledged"] > 5


def test_each_fault_has_its_turn_and_a_seed_of_its_own() -> None:
    long = [fault for fault in FAULTS if fault.every > 1]
    turns = faults_in_turn(2 * len(FAULTS) - len(long), 3)
    second = [fault for fault in FAULTS if fault not in long]
    assert [fault for fault, _ in turns] == [*FAULTS, *second]
    assert len({seed for _, seed in turns}) == len(turns)


def test_what_must_never_be_is_told() -> None:
    numbers = dict.fromkeys(("acknowledged", "given back", "copies", *NEVER), 0)
    run = Run("web killed", "sqlite", 1, numbers | {"acknowledged": 12, "lost": 1})
    assert run.broken == {"lost": 1}
    assert "| web killed | 1 | 12 | 0 | 1 | 0 |" in table_of([run])
