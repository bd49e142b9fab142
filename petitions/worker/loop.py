"""The worker's loop: takes step after step until SIGTERM or SIGINT, whatever goes wrong in one."""

import os
import secrets
import signal
import socket
import sys
import threading
from datetime import datetime
from types import FrameType
from typing import Protocol

import structlog
from flask import Flask
from sqlalchemy.exc import DBAPIError

from petitions import logs
from petitions.clock import now
from petitions.mail.settings import MailSettings
from petitions.worker.batches import BatchStep
from petitions.worker.beats import Beats
from petitions.worker.builds import BuildStep
from petitions.worker.mails import MailStep
from petitions.worker.news import NewsStep
from petitions.worker.official_mails import OfficialMailStep
from petitions.worker.outgoing import OutgoingStep
from petitions.worker.reply_reminders import ReplyReminderStep
from petitions.worker.retention import RetentionStep, WrittenPagesStep
from petitions.worker.scheduling import ScheduleStep
from petitions.worker.tallies import TallyStep

WAKES_EVERY = 0.7
GRACE = 3.0
"""Seconds that a mail under way may still take once the worker is asked to stop."""
_AFTER_A_FAULT = 2.0
_log = structlog.get_logger("petitions.worker")


class Step(Protocol):
    """One kind of work."""

    def take(self, now: datetime) -> bool:
        """Do a bounded amount of work; return whether there is more to do at once."""

    def close(self) -> None:
        """Let go of what is held between turns."""


def work(app: Flask) -> None:
    """Work until a signal asks to stop. Called in the main thread of a process of its own."""
    logs.set_up()
    stopping = threading.Event()
    mail_step = _mail_step(app, stopping)
    _stop_on_signals(stopping)
    if mail_step is not None:
        threading.Thread(target=_cut_short, args=(mail_step, stopping), daemon=True).start()
    steps: list[Step] = [
        BuildStep(app, worker_name()),
        ScheduleStep(app),
        BatchStep(app),
        NewsStep(app),
        OfficialMailStep(app),
        OutgoingStep(app),
        ReplyReminderStep(app),
        RetentionStep(app),
        WrittenPagesStep(app),
        TallyStep(app, worker_name()),
    ]
    if mail_step is not None:
        steps.insert(0, mail_step)
    _log.info("worker started", pid=os.getpid())
    with Beats(app, worker_name(), now):
        repeat(steps, stopping)
    for step in steps:
        step.close()
    _log.info("worker stopped", pid=os.getpid())


def repeat(steps: list[Step], stopping: threading.Event) -> None:
    """Take all steps in turn, and sleep while there is nothing to do."""
    while not stopping.is_set():
        busy = False
        for step in steps:
            try:
                busy = step.take(now()) or busy
            except DBAPIError as error:
                _log.error("database not available", error=type(error.orig).__name__)
                stopping.wait(_AFTER_A_FAULT)
            except Exception as error:  # whatever it is, the other steps go on
                _log.error("step failed", step=type(step).__name__, error=logs.where(error))
                stopping.wait(_AFTER_A_FAULT)
            if stopping.is_set():
                return
        if not busy:
            stopping.wait(WAKES_EVERY)


def worker_name() -> str:
    """Return a name that no other worker has, nor this one after a restart."""
    return f"{socket.gethostname()[:16]}-{os.getpid()}-{secrets.token_hex(4)}"


def _mail_step(app: Flask, stopping: threading.Event) -> MailStep | None:
    settings: MailSettings = app.extensions["petitions.mail"]
    if settings.leads_anywhere:
        return MailStep(app, worker_name(), stopping)
    sys.stderr.write("petitions: PETITIONS_SMTP_URL is not set: mails wait until it is\n")
    sys.stderr.flush()
    return None


def _stop_on_signals(stopping: threading.Event) -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)


def _cut_short(mail_step: MailStep, stopping: threading.Event) -> None:
    """Break the connection to a relay that keeps us from stopping."""
    stopping.wait()
    stopping_for = threading.Event()
    while not stopping_for.wait(GRACE):
        mail_step.abort()
