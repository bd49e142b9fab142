"""Sending what waits in the outbox: claim, send, mark. Each of the three is a transaction apart.

No transaction is open while a relay is talked to. What was sent is marked soon after, so that a
killed worker leaves few mails that are sent twice, and those with their old Message-ID.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from flask import Flask

from petitions.clock import now as clock_now
from petitions.domain import outbox
from petitions.domain.outbox import ClaimedMail
from petitions.domain.site import Site
from petitions.extensions import begin_write, db
from petitions.mail.compose import compose
from petitions.mail.outgoing import Outgoing
from petitions.mail.settings import MailSettings
from petitions.mail.verdicts import NotToBeSent, Refused, RelayDown, RetryLater, Undelivered
from petitions.models import MailState
from petitions.worker.leases import Leases

BATCH = 20
MARKED_EVERY = 0.5
PAUSES = tuple(timedelta(seconds=s) for s in (2, 5, 15, 30))
"""How long no mail is tried after the relay was down, by how often in a row."""
_log = structlog.get_logger("petitions.worker")


@dataclass(slots=True)
class _Results:
    """What became of the mails of a batch, not yet marked."""

    sent: list[int] = field(default_factory=list)
    others: list[tuple[ClaimedMail, Undelivered]] = field(default_factory=list)

    def ids(self) -> list[int]:
        return [*self.sent, *(mail.id for mail, _ in self.others)]


class MailStep:
    """Sends a batch of due mails each time it is taken."""

    def __init__(
        self,
        app: Flask,
        worker: str,
        stopping: threading.Event,
        clock: Callable[[], datetime] = clock_now,
    ) -> None:
        self._app = app
        self._site: Site = app.extensions["petitions"]
        self._settings: MailSettings = app.extensions["petitions.mail"]
        self._worker = worker
        self._stopping = stopping
        self._clock = clock
        self._outgoing = Outgoing(self._settings)
        self._relay_failures = 0
        self._not_before: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Send one batch; return whether there may be more to do at once."""
        if self._not_before is not None and now < self._not_before:
            return False
        claimed = self._claim(now)
        if not claimed:
            self._outgoing.rest()
            return False
        with Leases(self._app, self._worker, [mail.id for mail in claimed], self._clock) as leases:
            self._send_all(claimed, leases)
        return len(claimed) == BATCH

    def close(self) -> None:
        """End the connection to the relay."""
        self._outgoing.close()

    def abort(self) -> None:
        """Break off what is being sent, from another thread."""
        self._outgoing.abort()

    def _claim(self, now: datetime) -> list[ClaimedMail]:
        with self._app.app_context():
            if not outbox.anything_due(now):  # readers never wait; most rounds end here
                return []
            db.session.rollback()
            begin_write()
            claimed = outbox.claim(self._site, self._worker, now, BATCH)
            db.session.commit()
        return sorted(claimed, key=lambda mail: mail.id)

    def _send_all(self, claimed: list[ClaimedMail], leases: Leases) -> None:
        results = _Results()
        untried = list(claimed)
        marked_at = time.monotonic()
        try:
            while untried and not self._stopping.is_set():
                mail = untried.pop(0)
                if not leases.holds(mail.id):
                    continue  # another worker has it by now
                if not self._send(mail, results):
                    break
                if time.monotonic() - marked_at > MARKED_EVERY:
                    self._mark(results, leases)
                    results, marked_at = _Results(), time.monotonic()
        finally:
            self._mark(results, leases, give_back=[mail.id for mail in untried])

    def _send(self, mail: ClaimedMail, results: _Results) -> bool:
        """Send one mail and note what came of it; return whether to go on with the next."""
        try:
            with self._app.app_context():
                message = compose(self._site, self._settings, mail, self._clock())
            self._outgoing.deliver(message)
        except RelayDown as verdict:
            results.others.append((mail, verdict))
            self._relay_down(verdict)
            return False
        except Undelivered as verdict:
            results.others.append((mail, verdict))
        except Exception as error:  # one mail's fault must not keep the others waiting
            _log.error("mail not composed", mail=mail.id, error=type(error).__name__)
            results.others.append((mail, RetryLater(f"error: {type(error).__name__}")))
        else:
            results.sent.append(mail.id)
            self._relay_failures, self._not_before = 0, None
        return True

    def _relay_down(self, verdict: RelayDown) -> None:
        pause = PAUSES[min(self._relay_failures, len(PAUSES) - 1)]
        self._relay_failures += 1
        self._not_before = self._clock() + pause
        _log.warning("mails wait for the relay", reason=verdict.word, seconds=pause.seconds)

    def _mark(self, results: _Results, leases: Leases, give_back: list[int] | None = None) -> None:
        if not results.ids() and not give_back:
            return
        now = self._clock()
        with self._app.app_context():
            begin_write()
            if results.sent:
                outbox.mark_sent(results.sent, self._worker, now)
            for mail, verdict in results.others:
                self._mark_other(mail, verdict, now)
            if give_back:
                outbox.give_back(give_back, self._worker)
            db.session.commit()
        leases.release([*results.ids(), *(give_back or [])])
        self._tell(results)

    def _mark_other(self, mail: ClaimedMail, verdict: Undelivered, now: datetime) -> None:
        match verdict:
            case NotToBeSent():
                outbox.mark_final(mail.id, self._worker, verdict.state, verdict.word, now)
            case Refused():
                outbox.mark_final(mail.id, self._worker, MailState.FAILED, verdict.word, now)
            case _:
                outbox.retry_later(mail, self._worker, verdict.word, now)

    def _tell(self, results: _Results) -> None:
        if results.sent:
            _log.info("mails sent", number=len(results.sent))
        for mail, verdict in results.others:
            _log.info("mail not sent", mail=mail.id, reason=verdict.word)
