"""Metrics: guarded by a token, of all processes, and without a word about anybody."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from petitions.domain import audit, beats
from petitions.domain.condition import condition
from petitions.errors import ConfigurationError
from petitions.web.metrics import kind_of, standing_text
from tests.pages import CheckingClient
from tests.servers.site import ROOT
from tests.settings import environ_for, settings_for
from tests.web.conftest import ANNA, OPEN, Loaded

TOKEN = "a token of the tests, made up of 43 letters."
_ASKS = """
import os, sys
from petitions import create_app
app = create_app()
client = app.test_client()
for path in sys.argv[1:]:
    client.get(path)
headers = {"Authorization": "Bearer " + os.environ["PETITIONS_METRICS_TOKEN"]}
print(client.get("/metrics", headers=headers).text)
"""


def ask_in_a_process(environ: dict[str, str], *paths: str) -> str:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PETITIONS_")}
    done = subprocess.run(
        [sys.executable, "-c", _ASKS, *paths],
        env=inherited | environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def environ(tmp_path: Path, database_url: str) -> dict[str, str]:
    return environ_for(tmp_path / "data", database_url, PETITIONS_METRICS_TOKEN=TOKEN)


def test_without_a_token_there_is_no_such_page(client: CheckingClient) -> None:
    assert client.get("/metrics").status_code == 404


def test_token_that_can_be_guessed_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="PETITIONS_METRICS_TOKEN can be guessed"):
        settings_for(tmp_path, "sqlite:///x.db", PETITIONS_METRICS_TOKEN="metrics")


def test_requests_are_counted_by_kind_without_what_is_in_their_paths(
    environ: dict[str, str], loaded: Loaded, copied_demonstration: None
) -> None:
    said = ask_in_a_process(
        environ, "/", f"/petitions/{OPEN}", "/confirm/secret-token-of-anna", "/anna@example.org"
    )
    assert 'petitions_requests_total{kind="front",method="GET",status="200"} 1.0' in said
    assert 'petitions_requests_total{kind="petitions",method="GET",status="200"} 1.0' in said
    assert 'petitions_requests_total{kind="confirm",method="GET",status="404"} 1.0' in said
    assert 'petitions_requests_total{kind="other",method="GET",status="404"} 1.0' in said
    assert 'petitions_request_seconds_count{kind="front"} 1.0' in said
    assert "anna" not in said
    assert OPEN not in said
    assert "secret" not in said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_processes_of_a_machine_are_added_up(
    environ: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    """The first process is still there when the second is asked."""
    program = _ASKS + "\nprint('asked', flush=True)\nsys.stdin.read()\n"
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PETITIONS_")}
    with subprocess.Popen(
        [sys.executable, "-c", program, "/about"], env=inherited | environ, cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as first:  # fmt: skip
        assert first.stdout is not None
        while first.stdout.readline() != "asked\n":
            assert first.poll() is None
        said = ask_in_a_process(environ, "/about")
        first.communicate()
    assert 'kind="about",method="GET",status="200"} 2.0' in said


def test_whoever_has_another_token_is_told_nothing(
    environ: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    program = _ASKS.replace('os.environ["PETITIONS_METRICS_TOKEN"]', '"another"')
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PETITIONS_")}
    done = subprocess.run(
        [sys.executable, "-c", program], env=inherited | environ, cwd=ROOT, capture_output=True,
        text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "petitions_" not in done.stdout
    assert "There is no such page" in done.stdout


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "front"),
        ("/petitions/anna-b/sign", "petitions"),
        ("/organiser/organisers/3", "organiser"),
        ("/wp-login.php", "other"),
        ("/anna@example.org", "other"),
        ("//petitions", "petitions"),
    ],
)
def test_kinds_are_few(path: str, kind: str) -> None:
    assert kind_of(path) == kind


def test_every_public_page_has_a_kind(app: Flask) -> None:
    firsts = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()} - {""}
    unknown = {first for first in firsts if "<" not in first and kind_of(f"/{first}") == "other"}
    assert unknown <= {"robots.txt", "sitemap.xml", "updates.atom", "mailbox", "thank-you"}


def test_numbers_of_the_site_are_those_of_the_database(
    database: SQLAlchemy,
    loaded: Loaded,
    signed: Callable[..., Any],
    frozen_time: Any,
    now: datetime,
) -> None:
    signed()
    audit.record("command", audit.BACKED_UP, "site", {}, now - timedelta(hours=2))
    beats.beat("one", now - timedelta(seconds=7))
    database.session.commit()
    frozen_time.shift(timedelta(seconds=90))
    found = condition(now + timedelta(seconds=90))
    told = standing_text(found, Path()).decode()
    for line in (
        'petitions_signatures{state="pending"} 1.0',
        'petitions_signatures{state="confirmed"} 0.0',
        'petitions_mails_waiting{why="due"} 1.0',
        "petitions_mail_age_seconds 90.0",
        "petitions_worker_age_seconds 97.0",
        "petitions_backup_age_seconds 7290.0",
        "petitions_builds_open 0.0",
        "petitions_build_age_seconds -1.0",
    ):
        assert line in told.splitlines()
    assert ANNA["name"] not in told


@pytest.fixture(autouse=True)
def _library_as_it_was() -> Iterator[None]:
    kept = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    yield
    assert os.environ.get("PROMETHEUS_MULTIPROC_DIR") == kept, "an application here set it"


def test_alerts_and_documentation_name_metrics_that_there_are(
    database: SQLAlchemy, now: datetime
) -> None:
    told = standing_text(condition(now), Path()).decode()
    there = set(re.findall(r"^# TYPE (petitions_\w+)", told, re.MULTILINE))
    there |= {"petitions_requests_total", "petitions_limits_hit_total"}
    there |= {"petitions_request_seconds", "petitions_request_seconds_bucket"}
    for file in ("deploy/prometheus/alerts.yml", "docs/watching.md"):
        named = set(re.findall(r"\bpetitions_[a-z_]+", (ROOT / file).read_text()))
        assert named, file
        assert named <= there, f"{file}: {named - there}"
    documented = set(re.findall(r"petitions_[a-z_]+", (ROOT / "docs/watching.md").read_text()))
    assert there - {"petitions_request_seconds_bucket"} <= documented
