"""`petitions vault` on a terminal: nothing typed in secret is shown, and paper comes first."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from petitions import clock, create_app
from petitions.config import Settings
from petitions.domain.case_keys import is_sealed
from petitions.domain.unlocking import unlock
from petitions.extensions import db
from tests.domain.cast import publish
from tests.domain.sealing_cast import MAJA
from tests.servers.site import ROOT
from tests.settings import environ_for


class Terminal:
    """A command on a terminal of its own, and the person in front of it."""

    def __init__(self, environ: dict[str, str], *arguments: str) -> None:
        self.seen = ""
        self._read = 0
        pid, self._screen = pty.fork()
        if pid == 0:  # the child: becomes the command
            os.chdir(ROOT)
            os.execve(sys.executable, [sys.executable, "-m", "petitions", *arguments], environ)  # noqa: S606 - our own program
        self._pid = pid

    def waits_for(self, words: str) -> str:
        """Read on until the screen shows something; return what came before it."""
        deadline = time.monotonic() + 30
        while words not in self.seen[self._read :]:
            assert time.monotonic() < deadline, f"{words!r} did not come: {self.seen}"
            if select.select([self._screen], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self._screen, 4096).decode()
                except OSError:  # the command has ended
                    break
        assert words in self.seen[self._read :], self.seen
        before, _, _ = self.seen[self._read :].partition(words)
        self._read += len(before) + len(words)
        return before

    def types(self, words: str) -> None:
        os.write(self._screen, f"{words}\n".encode())

    def ends(self) -> int:
        while True:
            try:
                if not (more := os.read(self._screen, 4096)):
                    break
            except OSError:
                break
            self.seen += more.decode()
        os.close(self._screen)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


@pytest.mark.filterwarnings("ignore:.*forkpty.*:DeprecationWarning")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sealing_on_a_terminal(tmp_path: Path, database_url: str) -> None:
    environ = {**os.environ, **environ_for(tmp_path / "data", database_url)}
    subprocess.run(
        [sys.executable, "-m", "petitions", "migrate"],
        env=environ, cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    app = create_app(Settings.from_environ(environ))
    with app.app_context():
        publish(app.extensions["petitions"], clock.now())
        db.session.commit()
        db.session.remove()
    terminal = Terminal(environ, "vault", "seal", "anna-b", "--custodian", "Maja")
    terminal.waits_for("Go on?")
    terminal.types("y")
    terminal.waits_for("New passphrase of Maja:")
    terminal.types(MAJA)
    terminal.waits_for("once more:")
    terminal.types(MAJA)
    terminal.waits_for("shown once:")
    recovery_key = terminal.waits_for("Type its last four letters:").strip()
    terminal.types("XXXX")
    terminal.waits_for("not its last four letters")
    terminal.waits_for("Type its last four letters:")
    terminal.types(recovery_key[-4:])
    assert terminal.ends() == 0
    assert MAJA not in terminal.seen
    with app.app_context():
        assert is_sealed(1)
        assert unlock(1, recovery_key).private_key == unlock(1, MAJA).private_key
        db.session.remove()
        db.engine.dispose()
