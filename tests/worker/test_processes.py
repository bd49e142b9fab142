"""The worker as a process: killed, stopped, and without a relay."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from petitions.models import Mail, MailState
from tests.mail.queueing import only_mail, sign
from tests.servers.site import LiveSite
from tests.settings import environ_for
from tests.worker.conftest import Stage
from tests.worker.test_mails import wait_until


@pytest.fixture
def with_relay() -> bool:
    """Whether PETITIONS_SMTP_URL is set."""
    return True


@pytest.fixture
def site_of(
    stage: Stage, tmp_path: Path, database_url: str, with_relay: bool
) -> Iterator[LiveSite]:
    """Not started: a directory, an environment and commands over the stage's database."""
    environ = environ_for(tmp_path, database_url, PETITIONS_SMTP_URL=stage.smtp.url)
    if not with_relay:
        del environ["PETITIONS_SMTP_URL"]
    site = LiveSite(environ, directory=tmp_path / "site")
    site.directory.mkdir()
    yield site
    site.stop()


def started(site: LiveSite) -> subprocess.Popen[bytes]:
    """Start a worker and wait until it says so."""
    log = site.directory / "worker.log"
    before = log.read_text().count("worker started") if log.exists() else 0
    process = site.launch("worker")
    wait_until(lambda: log.exists() and log.read_text().count("worker started") > before)
    return process


def test_killed_worker_is_taken_over(stage: Stage, site_of: LiveSite) -> None:
    stage.smtp.hang("RCPT")
    first = started(site_of)
    sign_now(stage)
    stage.smtp.wait_until_it_hangs()
    first.kill()
    site_of.forget("worker")
    stage.smtp.release()
    started(site_of)
    stage.smtp.wait_for(1, timeout=60)
    assert {mail.message["Message-ID"] for mail in stage.smtp.mails} == {only_mail().message_id}


def test_worker_stops_though_the_relay_hangs_and_gives_back_its_mail(
    stage: Stage, site_of: LiveSite
) -> None:
    stage.smtp.hang("RCPT")
    process = started(site_of)
    sign_now(stage)
    stage.smtp.wait_until_it_hangs()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    mail = only_mail()
    assert (mail.state, mail.claimed_by) == (MailState.WAITING, None)
    # By the worker, which did not wait until the relay's time was over.
    assert mail.outcome == "the connection was lost"


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_idle_worker_stops_in_order(by: signal.Signals, stage: Stage, site_of: LiveSite) -> None:
    process = started(site_of)
    process.send_signal(by)
    assert process.wait(60) == 0
    assert "Traceback" not in site_of.output()


@pytest.mark.parametrize("with_relay", [False])
def test_without_a_relay_mails_wait_and_one_line_says_so(stage: Stage, site_of: LiveSite) -> None:
    process = started(site_of)
    sign_now(stage)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    said = site_of.output()
    assert said.count("PETITIONS_SMTP_URL is not set: mails wait until it is") == 1
    mail: Mail = only_mail()
    assert (mail.state, mail.attempts) == (MailState.WAITING, 0)


def sign_now(stage: Stage) -> None:
    """Sign by the clock that the processes read."""
    from petitions.clock import now

    sign(stage.site, stage.cast, now())


def test_worker_says_nothing_personal(stage: Stage, site_of: LiveSite) -> None:
    stage.smtp.refuse("RCPT", "550 5.1.1 signer@example.org is unknown")
    started(site_of)
    sign_now(stage)
    wait_until(lambda: only_mail().state is MailState.FAILED)
    wait_until(lambda: "reason=" in site_of.output())  # said once it is committed
    said = site_of.output()
    for secret in ("signer", "Ada", "Lovelace", "London", "anna", "Anna"):
        assert secret not in said
