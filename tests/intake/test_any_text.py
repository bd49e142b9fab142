"""Whatever the text: reading ends soon, and ends in a draft or in an IntakeError."""

from __future__ import annotations

import json
import time
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from petitions.intake.refusals import IntakeError
from petitions.intake.text import LONGEST
from petitions.intake.urgent_action import read_document, read_urgent_action
from tests.intake.comparing import papers

LINES = sorted({line for path in papers() for line in path.read_text("utf-8").splitlines()})
ODD = st.text(st.characters(codec="utf-8"), max_size=60)


def _ends_well(text: str) -> None:
    begun = time.process_time()
    with suppress(IntakeError):
        json.dumps(read_urgent_action(text).as_json())
    assert time.process_time() - begun < 5


@given(st.text(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_any_text_ends_in_a_draft_or_a_refusal(text: str) -> None:
    _ends_well("URGENT ACTION\n" + text)


@given(st.lists(st.one_of(st.sampled_from(LINES), ODD), max_size=80))
@settings(max_examples=150, deadline=None)
def test_papers_in_any_disorder_end_in_a_draft_or_a_refusal(lines: list[str]) -> None:
    _ends_well("\n".join(lines))


@given(st.binary(max_size=500), st.sampled_from([b"", b"%PDF-1.4\n", b"PK\x03\x04", b"\xff\xfe"]))
@settings(max_examples=100, deadline=None)
def test_any_bytes_end_in_a_draft_or_a_refusal(data: bytes, beginning: bytes) -> None:
    with suppress(IntakeError):
        read_document(beginning + data)


def test_the_worst_lines_do_not_take_long() -> None:
    for piece in (
        "a ",
        "(",
        "Fax: 1 ",
        "1/",
        "of the ",
        "A" * 50 + " ",
        "@",
        ".",
        "- ",
        "28 ",
        "\n",
        "to:",
    ):
        _ends_well("APPEALS TO:\n" + (piece * LONGEST)[: LONGEST // 4])
