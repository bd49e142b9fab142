"""What runs beside the demonstration's web server: the worker, and what announces that it is up."""

import http.client
import subprocess  # nosec B404  # our own programs alone
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
        self._thread = threading.Thread(target=self._supervise, daemon=True)

    def start(self) -> None:
        """Start a thread that waits for the server, and then keeps the worker running."""
        self._thread.start()

    def stop(self) -> None:
        """End the worker as SIGTERM asks it to. Repeating it changes nothing."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOPPED_WITHIN + 5)

    def _supervise(self) -> None:
        # One after the other: on two cores a worker that starts as well costs the first page 0.4 s.
        self._announce_when_up()
        # This thread lives as long as the demonstration: the kernel ends a worker with the thread
        # that started it, see parents.
        self._keep_working()

    def _keep_working(self) -> None:
        pause = 0.5
        while not self._stopping.is_set():
            # A session of its own: Ctrl-C in the terminal reaches us alone, and we end it in order.
            with subprocess.Popen(_WORKER, start_new_session=True) as worker:  # noqa: S603  # nosec B603  # our own program
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
