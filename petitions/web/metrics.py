"""Numbers for Prometheus: requests of all processes of this machine, and how the site stands.

There only where PETITIONS_METRICS_TOKEN is set, and told to whoever sends it alone. Labels are
kinds of pages, never paths: no token, petition or network is in them.
"""

import hmac
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, current_app, request

from petitions.clock import now
from petitions.domain.condition import Condition, condition

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

KEPT_SECONDS = 15.0
"""How long the numbers of the database are kept: several Prometheus servers may ask."""
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_KINDS = frozenset(
    {
        "about",
        "accessibility",
        "also-sign",
        "api",
        "bundles",
        "cards",
        "cases",
        "confirm",
        "embed",
        "feeds",
    }
    | {"feeds", "healthz", "metrics", "my-signature", "news", "not-me", "organiser"}
    | {"petitions", "pictures", "privacy", "readyz", "static", "unsubscribe", "handed-over"}
)
_METHODS = frozenset({"GET", "HEAD", "POST"})


def register(app: Flask) -> None:
    """Measure requests, outermost, and answer /metrics; nothing at all without a token."""
    settings = app.config["SETTINGS"]
    if not settings.metrics_token:
        return
    requests = Requests(settings.data_dir / "metrics" / os.uname().nodename)
    app.wsgi_app = requests.around(app.wsgi_app)  # type: ignore[method-assign,assignment]  # as Flask documents it
    standing = _Standing()

    def metrics() -> Response:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), settings.metrics_token.encode()):
            abort(404)
        text = requests.text() + standing.text()
        return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")

    app.add_url_rule("/metrics", "metrics", metrics)


class Requests:
    """Counts requests and their times in files that all processes of this machine share."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _forget_ended(folder)
        # Read once, when the library is first imported: so it is imported nowhere else.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        from prometheus_client import CollectorRegistry, Counter, Histogram, multiprocess

        own = CollectorRegistry()
        self._requests = Counter(
            "petitions_requests", "Requests answered.", ("kind", "method", "status"), registry=own
        )
        self._seconds = Histogram(
            "petitions_request_seconds", "Time to answer.", ("kind",), buckets=_BOUNDS, registry=own
        )
        self._limits = Counter(
            "petitions_limits_hit", "Requests refused as too many.", ("kind",), registry=own
        )
        self._all = CollectorRegistry()
        multiprocess.MultiProcessCollector(self._all, path=str(folder))

    def around(self, inner: "WSGIApplication") -> "WSGIApplication":
        """Return the application with a count around it."""

        def counted(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
            began = time.perf_counter()
            kind = kind_of(environ.get("PATH_INFO", ""))

            def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                self._count(kind, environ["REQUEST_METHOD"], status[:3])
                return start(status, headers, *rest)

            try:
                return inner(environ, note)
            finally:
                self._seconds.labels(kind).observe(time.perf_counter() - began)

        return counted

    def text(self) -> bytes:
        """Return the sum over all processes as Prometheus reads it."""
        from prometheus_client import generate_latest

        return bytes(generate_latest(self._all))

    def _count(self, kind: str, method: str, status: str) -> None:
        method = method if method in _METHODS else "other"
        self._requests.labels(kind, method, status).inc()
        if status == "429":
            self._limits.labels(kind).inc()


def kind_of(path: str) -> str:
    """Return which kind of page a path is, of a few: never what is after the first part."""
    first = path.lstrip("/").split("/", 1)[0]
    return "front" if not first else first if first in _KINDS else "other"


def _forget_ended(folder: Path) -> None:
    """Remove files of processes that ended: their counters begin anew, which Prometheus expects."""
    for path in folder.glob("*_*.db"):
        pid = path.stem.rpartition("_")[2]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            path.unlink(missing_ok=True)


class _Standing:
    """How the site stands, asked of the database and kept for some seconds."""

    def __init__(self) -> None:
        self._kept = b""
        self._until = 0.0

    def text(self) -> bytes:
        if time.monotonic() >= self._until:
            self._kept = standing_text(condition(now()), current_app.config["SETTINGS"].data_dir)
            self._until = time.monotonic() + KEPT_SECONDS
        return self._kept


def standing_text(found: Condition, data_dir: Path) -> bytes:
    """Return how the site stands as Prometheus reads it."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Told(lambda: _families(found, data_dir)))
    return bytes(generate_latest(registry))


class _Told:
    def __init__(self, families: Callable[[], list[Any]]) -> None:
        self._families = families

    def collect(self) -> list[Any]:
        return self._families()


def _families(found: Condition, data_dir: Path) -> list[Any]:
    import shutil

    moment = now()

    def age(at: Any) -> float:
        return -1.0 if at is None else max((moment - at).total_seconds(), 0.0)

    return [
        _family("signatures", "Signatures by state.", "state", found.signatures),
        _family(
            "mails", "Mails kept, by state and outcome.", "outcome",
            {f"{one.state}: {one.outcome}" if one.outcome else str(one.state): one.number
             for one in found.mails},
        ),
        _family(
            "mails_waiting", "Mails that wait, by reason.", "why",
            {one.why: one.number for one in found.waiting},
        ),
        _family("builds", "Builds of bundles that ended.", "state",
                {one.state: one.number for one in found.builds}),
        _family("build_seconds", "Time they took, from being asked for.", "state",
                {one.state: one.seconds for one in found.builds}),
        _single("builds_open", "Builds that wait or run.", found.builds_open),
        _single("build_age_seconds", "Age of the oldest of them; -1: none.",
                age(found.oldest_build_at)),
        _single("mail_age_seconds", "How long the oldest mail that may go waits; -1: none waits.",
                0.0 if found.oldest_due_at is None else age(found.oldest_due_at)),
        _single("worker_age_seconds", "Since a worker was last seen; -1: never.",
                age(found.worker_seen_at)),
        _single("backup_age_seconds", "Since the last backup; -1: never.",
                age(found.backed_up_at)),
        _single("disk_free_bytes", "Left where the data are.", shutil.disk_usage(data_dir).free),
    ]  # fmt: skip


def _family(name: str, what: str, label: str, values: Any) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(f"petitions_{name}", what, labels=[label])
    for key, value in values.items():
        family.add_metric([str(key)], value)
    return family


def _single(name: str, what: str, value: float) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(f"petitions_{name}", what, value=value)
