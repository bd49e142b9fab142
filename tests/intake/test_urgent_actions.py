"""Urgent Actions in the forms of thirty years, each with what a person finds on the paper."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from petitions.intake.refusals import IntakeError
from petitions.intake.urgent_action import read_document, read_urgent_action
from tests.intake.comparing import compare, papers

KEYS = [
    "kind", "update_number", "title", "case_number", "index", "issued_on", "deadline_on",
    "language", "countries", "people", "summary", "asks", "officials", "embassies",
    "letter_languages", "additional_information", "doubts",
]  # fmt: skip


@pytest.mark.parametrize("paper", papers(), ids=lambda path: path.stem)
def test_a_paper_is_read_as_a_person_reads_it(paper: Path) -> None:
    read = read_document(paper.read_bytes()).as_json()
    expected = json.loads(paper.with_suffix(".json").read_text("utf-8"))
    count = compare(expected, read)
    assert count.wrong == 0, "\n".join(count.faults)
    # `left` counts what is left empty where two readings are possible; it points at the line.
    assert count.empty == expected.get("left", 0), "\n".join(count.faults)
    pointed = {doubt["line"] for doubt in read["doubts"]}
    assert pointed == set(expected["doubts"])
    assert list(read) == KEYS


def test_there_are_papers_of_every_kind_and_language() -> None:
    expected = [json.loads(path.with_suffix(".json").read_text("utf-8")) for path in papers()]
    assert len(expected) >= 20
    assert {one["kind"] for one in expected} == {"new", "update", "correction", "stop"}
    assert {one["language"] for one in expected} == {"en", "fr", "es", "de"}


def test_before_a_day_leaves_the_day_before_and_by_a_day_leaves_that_day() -> None:
    paper = (
        "URGENT ACTION\n\nPLEASE SEND APPEALS {} 28 JANUARY 2013 TO:\nMinister of Justice\nKabul\n"
    )
    read = {word: read_urgent_action(paper.format(word)).deadline_on for word in ("BEFORE", "BY")}
    assert {word: day and day.isoformat() for word, day in read.items()} == {
        "BEFORE": "2013-01-27",
        "BY": "2013-01-28",
    }


def test_a_deadline_takes_its_year_from_the_day_of_issue() -> None:
    paper = (
        "URGENT ACTION\nUA: 1/13 Index: EUR 46/001/2012 Issue Date: 17 December 2012\n"
        "PLEASE SEND APPEALS BEFORE 28 JANUARY TO:\nMinister of Justice\nKabul\n"
    )
    deadline = read_urgent_action(paper).deadline_on
    assert deadline is not None
    assert deadline.isoformat() == "2013-01-27"


def test_pronouns_state_no_gender() -> None:
    paper = "URGENT ACTION\n\nNAME AND PREFERRED PRONOUN: Nadia Exampli (she/her)\n"
    assert [(one.name, one.gender) for one in read_urgent_action(paper).people] == [
        ("Nadia Exampli", None)
    ]


def test_a_doubt_tells_its_line_as_an_editor_counts() -> None:
    paper = (
        "URGENT ACTION\r\n\r\n\fAPPEALS TO:\r\nMinister of Justice\r\nKabul\r\n"
        "Telex: 24536 JUST\r\n"
    )
    assert [(doubt.line, doubt.text) for doubt in read_urgent_action(paper).doubts] == [
        (6, "Telex: 24536 JUST")
    ]


@pytest.mark.parametrize(
    "story",
    [
        "He was taken from his home at night. I wrote to the minister, and nobody answered.",
        "Join us and demand that the authorities investigate. Take action here.",
        "Name: a cake\n\nAdditional information\nUse less sugar.",
        "",
    ],
)
def test_a_story_is_no_urgent_action(story: str) -> None:
    with pytest.raises(IntakeError, match=r"no Urgent Action|no text"):
        read_urgent_action(story) if story else read_document(story.encode())
