"""`petitions import urgent-action`: needs nothing set up, prints JSON, refuses in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from petitions import clock
from petitions.domain.organisers import add_organiser, first_password
from petitions.models import Addressee, Case, CaseUpdate, Official, Petition, Role, UpdateKind
from tests.cli.conftest import Command
from tests.intake.comparing import DOCUMENTS

NEW = """URGENT ACTION
BAKER RISKS FORCED RETURN
Baker Anvar Misolov was taken from his flat in Moscow, Russia, on 3 March 2031.

Please write immediately in Russian or your own language:
- Urging the Russian authorities to say where Anvar Misolov is.

PLEASE SEND APPEALS BEFORE 28 APRIL 2031 TO:
Minister of Internal Affairs
Pavel Primerov
Zhitnaya ul., 16
119049 Moscow, Russian Federation
Email: mvd@mvd.example
Twitter: @mvd
Salutation: Dear Minister

Name: Anvar Misolov

UA: 77/31 Index: EUR 46/001/2031 Issue Date: 17 March 2031
"""
STOP = """Further information on UA: 77/31 Index: EUR 46/003/2031 Issue Date: 10 April 2031
URGENT ACTION
BAKER HOME AGAIN
Anvar Misolov was released on 9 April 2031.

No further action is requested. Many thanks to all who sent appeals.

Name: Anvar Misolov
"""
PAPER = DOCUMENTS / "en_2013_first_update.txt"


def test_dry_run_prints_one_json_object_without_settings_or_database(bare_command: Command) -> None:
    said = bare_command("import", "urgent-action", str(PAPER), "--dry-run")
    assert said.status == 0
    assert said.err == ""
    read = json.loads(said.out)
    assert read["case_number"] == "UA 271/13"
    assert read["deadline_on"] == "2013-12-18"
    assert [official["role"] for official in read["officials"]] == ["to", "to", "copy"]


def test_names_are_printed_in_their_own_letters(bare_command: Command) -> None:
    assert "Tofig Nümunəyev" in bare_command("import", "urgent-action", str(PAPER), "--dry-run").out


def test_a_missing_file_is_refused_in_one_line(bare_command: Command, tmp_path: Path) -> None:
    said = bare_command("import", "urgent-action", str(tmp_path / "none.pdf"), "--dry-run")
    assert (said.status, said.out) == (2, "")
    assert said.err.count("\n") == 1


def test_a_story_is_refused_in_one_line(bare_command: Command, tmp_path: Path) -> None:
    story = tmp_path / "story.txt"
    story.write_text("He was a good man.\nTake action here.\n")
    said = bare_command("import", "urgent-action", str(story), "--dry-run")
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("petitions: story.txt: no Urgent Action")
    assert said.err.count("\n") == 1


@pytest.fixture
def kim(database: SQLAlchemy) -> str:
    add_organiser("kim@example.org", "Kim", {Role.CAMPAIGNER}, first_password(), clock.now())
    return "kim@example.org"


def file(folder: Path, text: str) -> str:
    paper = folder / "ua.txt"
    paper.write_text(text)
    return str(paper)


def number(database: SQLAlchemy, table: Any) -> int:
    return database.session.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.mark.usefixtures("kim")
def test_a_new_paper_becomes_a_case_and_its_petition(
    command: Command, database: SQLAlchemy, tmp_path: Path
) -> None:
    said = command("import", "urgent-action", file(tmp_path, NEW))
    assert (said.status, said.out.splitlines()) == (0, ["case 1", "update 1", "petition 1"])
    assert said.err.splitlines() == [
        "line 14: a way to reach somebody that is not kept here: Twitter: @mvd"
    ]
    petition = database.session.get_one(Petition, 1)
    assert (str(petition.deadline_on), petition.published_at) == ("2031-04-27", None)
    assert number(database, Addressee) == 1


def test_officials_that_are_alike_are_not_taken_for_the_same_by_themselves(
    command: Command, database: SQLAlchemy, tmp_path: Path, kim: str
) -> None:
    paper = file(tmp_path, NEW)
    command("import", "urgent-action", paper, "--as", kim)
    again = command("import", "urgent-action", paper, "--as", kim)
    assert (again.status, again.out, again.err.count("\n")) == (2, "", 1)
    assert "official 1 of the paper may be one of the directory" in again.err
    assert number(database, Case) == 1
    assert command("import", "urgent-action", paper, "--same-officials").status == 0
    assert (number(database, Case), number(database, Official)) == (2, 1)


@pytest.mark.usefixtures("kim")
def test_a_stop_action_is_attached_to_the_case_that_is_named(
    command: Command, database: SQLAlchemy, tmp_path: Path
) -> None:
    command("import", "urgent-action", file(tmp_path, NEW))
    paper = file(tmp_path, STOP)
    refused = command("import", "urgent-action", paper)
    assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert "--case" in refused.err
    said = command("import", "urgent-action", paper, "--case", "1")
    assert said.out.splitlines() == ["case 1", "update 2"]
    assert database.session.get_one(CaseUpdate, 2).kind is UpdateKind.STOP
    assert number(database, Petition) == 1


def test_who_takes_it_in_is_said_where_there_is_more_than_one(
    command: Command, database: SQLAlchemy, tmp_path: Path, kim: str
) -> None:
    add_organiser("lou@example.org", "Lou", {Role.CAMPAIGNER}, first_password(), clock.now())
    paper = file(tmp_path, NEW)
    said = command("import", "urgent-action", paper)
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    assert number(database, Case) == 0
    assert command("import", "urgent-action", paper, "--as", kim).status == 0
