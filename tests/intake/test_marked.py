"""Papers with their expected values marked in them: nothing wrong, never more left empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from petitions.intake.urgent_action import read_urgent_action
from tests.intake.comparing import compare
from tests.intake.marking import marked_papers, read_marked
from tests.intake.test_other_dress import DRESSES


@pytest.mark.parametrize("path", marked_papers(), ids=lambda path: path.stem)
def test_a_marked_paper_has_no_wrong_field(path: Path) -> None:
    paper = read_marked(path)
    count = compare(paper.expected, read_urgent_action(paper.text).as_json())
    assert count.wrong == 0, "\n".join(count.faults)
    assert count.empty == paper.left, "\n".join(count.faults)


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("path", marked_papers(), ids=lambda path: path.stem)
def test_a_marked_paper_in_another_dress_has_no_wrong_field(path: Path, dress: str) -> None:
    paper = read_marked(path)
    count = compare(paper.expected, read_urgent_action(DRESSES[dress](paper.text)).as_json())
    assert count.wrong == 0, "\n".join(count.faults)
