"""People who sign without a pause, and confirm what they are mailed, whatever breaks."""

from __future__ import annotations

import http.client
import re
import threading
import time
import urllib.parse
from dataclasses import dataclass, field

from tests.servers.smtp import SmtpServer

PETITION = "mirsobir-khamidkariev"
_PAUSE = 0.05


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


class Visitors:
    """`number` people at once against one port. Safe to ask while they run."""

    def __init__(self, port: int, smtp: SmtpServer, number: int = 3) -> None:
        self.ledger = Ledger()
        self._port = port
        self._smtp = smtp
        self._over = threading.Event()
        self._stamp = ""
        self._threads = [
            threading.Thread(target=self._sign_on, args=(n,), daemon=True) for n in range(number)
        ]
        self._threads.append(threading.Thread(target=self._confirm_on, daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
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
        while not self._over.wait(_PAUSE):
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
        if status not in {500, 502, 503} or (status == 503 and address not in html):
            self.ledger.odd.append(f"a form got {status}, or lost what was typed")

    def _confirm_on(self) -> None:
        """Every third person confirms, as soon as their mail has come."""
        seen = 0
        while not self._over.wait(_PAUSE):
            mails = self._smtp.mails
            for mail in mails[seen:]:
                if int(mail.recipients[0].split("@")[0].rpartition("-")[2]) % 3 == 0:
                    self._confirm(mail.recipients[0], mail.text)
            seen = len(mails)

    def _confirm(self, address: str, text: str) -> None:
        link = re.search(r"https?://[^/\s]+(/confirm/\S+)", text)
        if link is None:
            return
        try:
            status, _ = self.ask("POST", link[1], {})
        except (OSError, http.client.HTTPException):
            return
        if status == 303:
            self.ledger.confirmed.add(address)
