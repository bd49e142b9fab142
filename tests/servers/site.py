"""The site as an operator runs it: its own processes, started, waited for, and stopped cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.run import free_port

ROOT = Path(__file__).resolve().parents[2]
_READY_WITHIN = 60.0
_STOPPED_WITHIN = 30.0


class LiveSite:
    """`serve` and `worker` side by side, or `demo`, on a free port.

    site = LiveSite(environ, directory=tmp_path)           # migrate, serve, worker
    site = LiveSite(environ, directory=tmp_path, demo=True)
    with site: ... site.url ... site.run("bundles", "build", …)
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        directory: Path,
        demo: bool = False,
        worker: bool = True,
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.directory = directory
        self._demo = demo
        self._worker = worker
        # Nothing of the person's own settings; everything else, coverage's variables among it.
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PETITIONS_")}
        own = {"PORT": str(self.port), "PETITIONS_BASE_URL": self.url, "PYTHONUNBUFFERED": "1"}
        self.environ = inherited | dict(environ) | own
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> Self:
        self.directory.mkdir(parents=True, exist_ok=True)
        try:
            if self._demo:
                self.launch("demo")
            else:
                self.run("migrate")
                self.launch("serve")
                if self._worker:
                    self.launch("worker")
            self.wait_until_ready()
        except BaseException:
            self._kill()
            raise
        return self

    def stop(self) -> None:
        """Asks all to end by SIGTERM and fails where one ends with anything but 0."""
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOPPED_WITHIN
        faults = []
        for name, process in self._processes.items():
            try:
                code = process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                faults.append(f"petitions {name} did not end within {_STOPPED_WITHIN} s of SIGTERM")
                continue
            if code != 0:
                faults.append(f"petitions {name} ended with status {code}")
        self._kill()
        output = self.output()
        self._processes.clear()
        assert not faults, "; ".join(faults) + "\n" + output

    def launch(self, name: str, *arguments: str, key: str | None = None) -> subprocess.Popen[bytes]:
        """Starts one long-running command; its output goes to a file beside the data.

        Several of a name need a key each.
        """
        with self._log(key or name).open("ab") as log:
            process = subprocess.Popen(
                self._command(name, *arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environ,
                cwd=ROOT,
                # Ctrl-C in the terminal reaches the tests, which then stop the site.
                start_new_session=True,
            )
        self._processes[key or name] = process
        return process

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """One of the running processes, for tests that kill it."""
        return self._processes[name]

    def forget(self, name: str) -> None:
        """The test has ended this process itself; how it ended is no fault."""
        self._processes.pop(name).wait(_STOPPED_WITHIN)

    def run(
        self, *arguments: str, status: int = 0, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command of the site to its end and fails on any other exit status."""
        done = subprocess.run(
            self._command(*arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=self.environ,
            cwd=ROOT,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == status, (
            f"petitions {' '.join(arguments)} ended with status {done.returncode}, not {status}\n"
            f"{done.stdout}\n{done.stderr}"
        )
        return done

    def output(self) -> str:
        """What the processes have written, for a test that failed."""
        return "\n".join(
            f"--- petitions {name}\n{self._log(name).read_text(errors='replace')[-6000:]}"
            for name in self._processes
        )

    def wait_until_ready(self) -> None:
        """Asks /readyz until it says yes; fails at once when a process has ended."""
        deadline = time.monotonic() + _READY_WITHIN
        while not self._is_ready():
            for name, process in self._processes.items():
                code = process.poll()
                assert code is None, f"petitions {name} ended with {code}\n{self.output()}"
            assert time.monotonic() < deadline, (
                f"/readyz did not answer 200 within {_READY_WITHIN} s\n{self.output()}"
            )
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310 - http, ours
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _command(self, *arguments: str) -> Sequence[str]:
        return [sys.executable, "-m", "petitions", *arguments]

    def _log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def _kill(self) -> None:
        for process in self._processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.stop()
            return
        # The test has failed already: show what the site said, and do not hide that failure.
        print(self.output())
        self._kill()
