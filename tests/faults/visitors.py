"""People who read, sign without a pause, and confirm what they are mailed, whatever breaks."""

from __future__ import annotations

import http.client
import re
import threading
import time
import urllib.parse
from dataclasses import dataclass, field

from tests.faults.typed import kept_in
from tests.servers.smtp import SmtpServer

PETITION = "mirsobir-khamidkariev"
_PAUSE = 0.05
_MOST_CONFIRM = 60


@dataclass
class Ledger:
    """What the site has told people, and when."""

    acknowledged: dict[str, float] = field(default_factory=dict)
    """Addresses for which the site said that a mail is on its way."""
    uncertain: set[str] = field(default_factory=set)
    """Addresses of forms that got no answer, or one that says "try again"."""
    confirmed: set[str] = field(default_factory=set)
    odd: list[str] = field(default_factory=list)
    """Answers that nobody should get, whatever breaks."""
    refusals: int = 0
    """Forms that came back with everything that was typed."""


class Visitors:
    """`number` people at once against one port. Safe to ask while they run."""

    def __init__(self, port: int, smtp: SmtpServer, number: int = 3) -> None:
        self.ledger = Ledger()
        self._port = port
        self._smtp = smtp
        self._over = threading.Event()
        self._stamp = ""
        self._signed = threading.Event()
        self._signers = [
            threading.Thread(target=self._sign_on, args=(n,), daemon=True) for n in range(number)
        ]
        self._others = [
            threading.Thread(target=do, daemon=True) for do in (self._confirm_on, self._read_on)
        ]

    def start(self) -> None:
        for thread in [*self._signers, *self._others]:
            thread.start()

    def sign_no_more(self) -> None:
        """Nobody signs from here on; those who have go on reading and confirming."""
        self._signed.set()
        for thread in self._signers:
            thread.join()

    def stop(self) -> None:
        """Whoever is to confirm what has come does so; then all is quiet."""
        self.sign_no_more()
        self._over.set()
        for thread in self._others:
            thread.join()

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        body = urllib.parse.urlencode(form) if form is not None else None
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def _sign_on(self, number: int) -> None:
        signed = 0
        while not self._signed.wait(_PAUSE):
            signed += 1
            address = f"signer-{number}-{signed}@example.org"
            try:
                self._sign(address)
            except (OSError, http.client.HTTPException):
                self.ledger.uncertain.add(address)

    def _sign(self, address: str) -> None:
        if not self._stamp:
            _, html = self.ask("GET", f"/petitions/{PETITION}")
            found = re.search(r'name="stamp" value="([^"]+)"', html)
            if found is None:
                return
            self._stamp = found[1]
        form = {
            "name": "Ann Other", "initials": "A. O.", "email": address, "country": "FR",
            "appearance": "counted", "consent": "yes", "stamp": self._stamp,
        }  # fmt: skip
        status, html = self.ask("POST", f"/petitions/{PETITION}/sign", form)
        if status == 303:
            self.ledger.acknowledged[address] = time.monotonic()
            return
        self.ledger.uncertain.add(address)
        lost = {name for name, text in form.items() if kept_in(html).get(name) != text}
        if status != 503 or lost:
            self.ledger.odd.append(f"a form got {status}, without {sorted(lost)}")
        else:
            self.ledger.refusals += 1

    def _read_on(self) -> None:
        while not self._over.wait(5 * _PAUSE):
            self._look("GET", f"/petitions/{PETITION}", {200, 503})

    def _confirm_on(self) -> None:
        """Every third person confirms, as soon as their mail has come; the first of many."""
        seen = 0
        while True:
            over = self._over.wait(_PAUSE)
            mails = self._smtp.mails
            for mail in mails[seen:]:
                third = int(mail.recipients[0].split("@")[0].rpartition("-")[2]) % 3 == 0
                if third and len(self.ledger.confirmed) < _MOST_CONFIRM:
                    self._confirm(mail.recipients[0], mail.text)
            seen = len(mails)
            if over:
                return

    def _confirm(self, address: str, text: str) -> None:
        link = re.search(r"https?://[^/\s]+(/confirm/\S+)", text)
        if link is None:  # a second copy is of then: it tells whoever confirmed that they have
            if address not in self.ledger.confirmed:
                self.ledger.odd.append("a mail without its link")
        elif self._look("POST", link[1], {303, 503}) == 303:
            self.ledger.confirmed.add(address)

    def _look(self, method: str, path: str, fair: set[int]) -> int:
        """Ask, and note an answer that is none of those, or no page that says something."""
        try:
            status, html = self.ask(method, path, {} if method == "POST" else None)
        except (OSError, http.client.HTTPException):
            return 0
        if status not in fair or (status != 303 and "<h1" not in html):
            self.ledger.odd.append(f"{method} {path[:9]}… got {status}")
        return status
