"""What runs beside the demonstration's web server: the worker, and what announces that it is up."""

import http.client
import subprocess
import sys
import threading
from collections.abc import Callable

from petitions.cli.saying import note

_WORKER = (sys.executable, "-m", "petitions", "worker", "--with-parent")
_STOPPED_WITHIN = 10.0


class Supervision:
    """Keeps one worker process alive from start() to stop(), and announces the first answer."""

    def __init__(self, host: str, port: int, announce: Callable[[], None]) -> None:
        self._address = (host, port)
        self._announce = announce
        self._stopping = threading.Event()
        self._worker: subprocess.Popen[bytes] | None = None
        self._threads = [
            threading.Thread(target=self._keep_working, daemon=True),
            threading.Thread(target=self._announce_when_up, daemon=True),
        ]

    def start(self) -> None:
        """Start the worker, and threads that watch it and the server."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the worker as SIGTERM asks it to. Repeating it changes nothing."""
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(_STOPPED_WITHIN + 5)

    def _keep_working(self) -> None:
        # Started by a thread that lives as long as the demonstration: the kernel ends the worker
        # with the thread that started it.
        pause = 0.5
        while not self._stopping.is_set():
            # A session of its own: Ctrl-C in the terminal reaches us alone, and we end it in order.
            with subprocess.Popen(_WORKER, start_new_session=True) as worker:  # noqa: S603  # ours
                while worker.poll() is None and not self._stopping.wait(0.2):
                    pass
                if worker.poll() is None:
                    _end(worker)
            if not self._stopping.is_set():
                note(f"the worker ended with status {worker.returncode}; it is started again")
                self._stopping.wait(pause)
                pause = min(pause * 2, 10)

    def _announce_when_up(self) -> None:
        while not self._stopping.wait(0.05):
            if self._answers():
                self._announce()
                return

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(*self._address, timeout=30)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(_STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        worker.kill()
