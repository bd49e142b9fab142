"""Since when somebody is held or missing: read where a paper says it plainly, else nowhere."""

from __future__ import annotations

import pytest

from petitions.intake.since import since_of
from petitions.intake.urgent_action import read_urgent_action

NAME = "Anna Example"
PAPER = """URGENT ACTION
TEACHER DETAINED WITHOUT CHARGE
Anna Example has been detained without charge since 3 March 2014. She is at risk of torture.

Please write immediately in English or your own language:
 Urging the authorities to release Anna Example;

PLEASE SEND APPEALS BEFORE 28 JANUARY 2015 TO:
Minister of Justice
Ministry of Justice
Street 1
Tashkent
UZBEKISTAN
Salutation: Dear Minister

Name: Anna Example
Gender m/f: f
"""


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "Anna Example has been detained since 3 March 2014.", ("detained", "2014-03-03")),
        ("en", "Example, a teacher, is held in Osh since March 2014.", ("detained", "2014-03")),
        ("en", "Anna Example, detained since 2014, is ill.", ("detained", "2014")),
        ("en", "Anna Example has been missing since 14 December 2012.", ("missing", "2012-12-14")),
        ("fr", "Anna Example est détenue depuis le 3 mars 2014.", ("detained", "2014-03-03")),
        ("es", "Anna Example está detenida desde marzo de 2014.", ("detained", "2014-03")),
        ("de", "Anna Example ist seit dem 3. März 2014 in Haft.", ("detained", "2014-03-03")),
    ],
)
def test_what_a_paper_says_plainly_is_read(
    language: str, text: str, found: tuple[str, str]
) -> None:
    assert since_of(text, [NAME], language) == found


@pytest.mark.parametrize(
    "text",
    [
        "Anna Example's brother has been detained since 3 March 2014.",
        "Anna Example says that ten colleagues have been detained since 3 March 2014.",
        "Anna Example has reportedly been detained since 3 March 2014.",
        "Anna Example has been detained since early 2014.",
        "Anna Example has been detained since 3 March.",
        "Anna Example was detained on 3 March 2014.",
        "She has been detained since 3 March 2014.",
        "Anna Example has been detained since 2013. Example has been detained since 3 March 2014.",
        "Anna Example has been detained since 3 March 2014. She was released on 5 May 2014.",
    ],
)
def test_what_is_reported_told_of_others_or_over_is_not_read(text: str) -> None:
    assert since_of(text, [NAME], "en") is None


def test_of_several_people_nothing_is_read() -> None:
    assert (
        since_of("Anna Example has been detained since 2014.", [NAME, "Bo Example"], "en") is None
    )


def test_paper_is_read_with_it_and_the_printed_object_keeps_its_fields() -> None:
    draft = read_urgent_action(PAPER)
    assert (draft.status, draft.status_since) == ("detained", "2014-03-03")
    assert draft.as_json()["people"] == [{"name": NAME, "gender": "f", "age": None}]
    assert not {"status", "status_since"} & set(draft.as_json())
