"""Sending what waits in the outbox: claim, send, mark. Each of the three is a transaction apart.

No transaction is open while a relay is talked to. What was sent is marked soon after, so that a
killed worker leaves few mails that are sent twice, and those with their old Message-ID.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage

import structlog
from flask import Flask

from petitions.clock import now as clock_now
from petitions.domain import bounces, outbox, relief
from petitions.domain.outbox import ClaimedMail
from petitions.domain.site import Site
from petitions.extensions import begin_write, db
from petitions.mail.compose import compose, filled_or_composed
from petitions.mail.filled import Filled, Forms
from petitions.mail.outgoing import Outgoing
from petitions.mail.settings import MailSettings
from petitions.mail.verdicts import (
    ConnectionLost,
    NoSuchAddress,
    NotToBeSent,
    Refused,
    RelayDown,
    RetryLater,
    Undelivered,
)
from petitions.models import MailState
from petitions.worker.leases import Leases

BATCH = 20
"""Mails for each connection that are claimed together."""
SLOW_BATCH = 10
"""Mails that are claimed together in the slower lane: other work of the worker waits for them."""
ALONE = 20
"""So many go over one connection, in their order; more of them take the others too."""
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


class Pace:
    """Keeps mails of a worker apart by a set time."""

    def __init__(self, per_second: int, stopping: threading.Event) -> None:
        self._apart = _apart(per_second)
        self._stopping = stopping
        self._next = 0.0
        self._lock = threading.Lock()

    def change(self, per_second: int) -> None:
        """Keep those that come from here on apart by another time."""
        self._apart = _apart(per_second)

    def wait(self) -> None:
        """Wait for the next place, or until all stop."""
        if not self._apart:
            return
        with self._lock:
            moment = time.monotonic()
            mine = max(moment, self._next)
            self._next = mine + self._apart
        self._stopping.wait(mine - moment)


def _apart(per_second: int) -> float:
    return 1 / per_second if per_second else 0.0


class _Batch:
    """What was claimed together, and what has come of it."""

    def __init__(self, untried: deque[ClaimedMail], leases: Leases) -> None:
        self.untried = untried
        self.leases = leases
        self.results = _Results()
        self.is_over = False
        """Whether the relay is down: nobody tries another."""
        self.marking = threading.Lock()
        self._noting = threading.Lock()
        self._marked_at = time.monotonic()

    def note(self, mail: ClaimedMail, verdict: Undelivered | None) -> None:
        """Note what came of a mail; None where it was handed over."""
        with self._noting:
            if verdict is None:
                self.results.sent.append(mail.id)
            else:
                self.results.others.append((mail, verdict))

    def due(self) -> _Results | None:
        """Return what is to be marked now, and begin anew."""
        if time.monotonic() - self._marked_at <= MARKED_EVERY:
            return None
        with self._noting:
            results, self.results = self.results, _Results()
            self._marked_at = time.monotonic()
        return results


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
        self._ways = [Outgoing(self._settings) for _ in range(self._settings.connections)]
        self._batch = BATCH * len(self._ways)
        self._forms = Forms()
        self._pace = Pace(self._settings.per_second, stopping)
        self._relay_failures = 0
        self._not_before: datetime | None = None
        self._return_ids: dict[int, str] = {}

    def take(self, now: datetime) -> bool:
        """Send one batch; return whether there may be more to do at once."""
        if self._pauses(now):
            return False
        claimed = self._claim(now)
        if not claimed:
            for way in self._ways:
                way.rest()
            return False
        ids = [mail.id for mail in claimed]
        with Leases(self._app, self._worker, ids, self._clock, claimed_at=now) as leases:
            self._send_all(claimed, leases)
        return len(claimed) == self._batch

    def _pauses(self, now: datetime) -> bool:
        """Whether the relay was down a moment ago; a clock that stepped back ends the pause."""
        until = self._not_before
        return until is not None and until - PAUSES[-1] <= now < until

    def close(self) -> None:
        """End the connections to the relay."""
        for way in self._ways:
            way.close()

    def abort(self) -> None:
        """Break off what is being sent, from another thread."""
        for way in self._ways:
            way.abort()

    def _claim(self, now: datetime) -> list[ClaimedMail]:
        with self._app.app_context():
            if not outbox.anything_due(now):  # readers never wait; most rounds end here
                return []
            slow = relief.gives_way(relief.Lane.MAILS)
            db.session.rollback()
            self._keep_pace(slow)
            begin_write()
            claimed = outbox.claim(self._site, self._worker, now, self._batch)
            if self._settings.bounce_address:
                self._return_ids = bounces.give_return_ids(self._site, claimed, now)
            db.session.commit()
        return sorted(claimed, key=lambda mail: mail.id)

    def _keep_pace(self, slow: bool) -> None:
        """Keep the set pace, or that of the slower lane where it is slower."""
        pace = self._settings.per_second
        if slow:
            pace = min(pace or self._settings.slow_per_second, self._settings.slow_per_second)
        self._pace.change(pace)
        self._batch = SLOW_BATCH if slow else BATCH * len(self._ways)

    def _send_all(self, claimed: list[ClaimedMail], leases: Leases) -> None:
        batch = _Batch(deque(claimed), leases)
        ways = self._ways[: max(1, -(-len(claimed) // ALONE))]
        try:
            if len(ways) == 1:
                self._send_over(ways[0], batch)
                return
            with ThreadPoolExecutor(len(ways), thread_name_prefix="mail") as senders:
                for sending in [senders.submit(self._send_over, way, batch) for way in ways]:
                    sending.result()
        finally:
            self._mark(batch.results, leases, give_back=[mail.id for mail in batch.untried])

    def _send_over(self, way: Outgoing, batch: _Batch) -> None:
        """Send over one connection what nobody has taken yet; mark from time to time."""
        while not self._stopping.is_set() and not batch.is_over:
            try:
                mail = batch.untried.popleft()
            except IndexError:
                return
            if not batch.leases.holds(mail.id):
                continue  # another worker has it by now
            self._pace.wait()
            if not self._send(way, mail, batch):
                batch.is_over = True
            with batch.marking:
                results = batch.due()
                if results is not None:
                    self._mark(results, batch.leases)

    def _send(self, way: Outgoing, mail: ClaimedMail, batch: _Batch) -> bool:
        """Send one mail and note what came of it; return whether to go on with the next."""
        try:
            message = self._composed(mail)
            if mail.once:
                self._note_handing_over(mail)
            way.deliver(message, self._settings.envelope_sender(self._return_ids.get(mail.id)))
        except RelayDown as verdict:
            batch.note(mail, verdict)
            self._relay_down(verdict)
            return False
        except ConnectionLost as verdict:
            lost = NotToBeSent(MailState.FAILED, outbox.UNKNOWN) if mail.once else verdict
            batch.note(mail, lost)
        except Undelivered as verdict:
            batch.note(mail, verdict)
        except Exception as error:  # one mail's fault must not keep the others waiting
            _log.error("mail not composed", mail=mail.id, error=type(error).__name__)
            batch.note(mail, RetryLater(f"error: {type(error).__name__}"))
        else:
            batch.note(mail, None)
            self._relay_failures, self._not_before = 0, None
        return True

    def _note_handing_over(self, mail: ClaimedMail) -> None:
        """Note it first: what a crash leaves here is not sent twice."""
        with self._app.app_context():
            begin_write()
            outbox.note_handing_over(mail.id, self._worker)
            db.session.commit()

    def _composed(self, mail: ClaimedMail) -> EmailMessage | Filled:
        with self._app.app_context():
            if self._settings.mailbox:  # a demonstration's page reads messages
                return compose(self._site, self._settings, mail, self._clock())
            return filled_or_composed(self._site, self._settings, self._forms, mail, self._clock())

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
            case NoSuchAddress():
                outbox.mark_final(mail.id, self._worker, MailState.FAILED, verdict.word, now)
                bounces.note_no_such_address(self._site, mail, now)
            case Refused():
                outbox.mark_final(mail.id, self._worker, MailState.FAILED, verdict.word, now)
            case RelayDown():
                outbox.wait_for_relay(mail, self._worker, verdict.word, now)
            case _:
                outbox.retry_later(mail, self._worker, verdict.word, now)

    def _tell(self, results: _Results) -> None:
        if results.sent:
            _log.info("mails sent", number=len(results.sent))
        for mail, verdict in results.others:
            _log.info("mail not sent", mail=mail.id, reason=verdict.word)
