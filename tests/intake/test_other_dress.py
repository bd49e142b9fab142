"""The same paper in another dress says the same: what is read may get less, never other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from petitions.intake.urgent_action import read_urgent_action
from tests.intake.comparing import compare, papers

_CONTACT = r"(?:Fax|Email|E-mail|Salutation|Courriel|Correo-e|Formule|Tratamiento|Phone)\b"
_LABEL = r"(?:Fax|Email|E-mail|Salutation|Courriel|Correo-e|Name|Nom|Nombre|Copies to|Copias a)"
_BULLET = r"^\s*(?:[\ue000-\uf8ff•■*-])\s*"


def _by_line(change: Callable[[int, str], str]) -> Callable[[str], str]:
    return lambda text: "\n".join(change(at, line) for at, line in enumerate(text.split("\n")))


DRESSES: dict[str, Callable[[str], str]] = {
    "blank lines between all lines": lambda text: text.replace("\n", "\n\n"),
    "the lines of Windows": lambda text: text.replace("\n", "\r\n"),
    "indented": _by_line(lambda _, line: f"   {line}  "),
    "pages with numbers": _by_line(
        lambda at, line: f"{line}\n\nPage {at // 23 + 1} of 9\n\f\n" if at % 23 == 22 else line
    ),
    "form feeds": _by_line(lambda at, line: f"{line}\n{at}\n\f" if at % 17 == 16 else line),
    "symbols of Word": _by_line(lambda _, line: re.sub(_BULLET, "\uf0b7 ", line)),
    "dashes": _by_line(lambda _, line: re.sub(_BULLET, "– ", line)),
    "hidden addresses": lambda text: re.sub(r"([\w.]+)@([\w.-]+)", r"\1 (at) \2", text),
    "well hidden addresses": lambda text: re.sub(
        r"([\w.]+)@([\w.-]+)", lambda m: f"{m[1]}[at]{m[2].replace('.', '[dot]')}", text
    ),
    "contacts on one line": lambda text: re.sub(rf"(?<=\d)\n(?={_CONTACT})", "; ", text),
    "labels in capitals": lambda text: re.sub(
        rf"^({_LABEL}[^:\n]*:)", lambda m: m[1].upper(), text, flags=re.MULTILINE
    ),
    "hard spaces": lambda text: re.sub(r"(?<=\S) (?=\S)", "\u00a0", text),
}
# Here columns stand row by row. Where a dress tears them, officials may be refused, never mixed.
IN_COLUMNS = {
    "en_2001_two_columns_by_gaps",
    "en_2010_two_columns_side_by_side",
    "en_2017_lost_symbols",
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("paper", papers(), ids=lambda path: path.stem)
def test_another_dress_changes_no_fact(paper: Path, dress: str) -> None:
    read = read_urgent_action(DRESSES[dress](paper.read_text("utf-8"))).as_json()
    expected = json.loads(paper.with_suffix(".json").read_text("utf-8"))
    count = compare(expected, read)
    assert count.wrong == 0, "\n".join(count.faults)
    if paper.stem not in IN_COLUMNS:
        assert count.empty <= 4 + expected.get("left", 0), "\n".join(count.faults)
