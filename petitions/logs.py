"""Logs: structured lines on standard error. They name ids only.

Whatever a library or a traceback brings along, path segments that are tokens and everything that
looks like an e-mail address are masked before a line is written.
"""

import logging
import re
import sys
import traceback
from typing import Any

import structlog

_TOKEN = re.compile(
    r"/(confirm|not-me|also-sign|my-signature|(?<!/organiser/)news|unsubscribe|handed-over)/[^\s/?\"'<>]+"
)
_ADDRESS = re.compile(r"[^\s@<>\"'=(]+@[^\s@<>\"',)]+\.[^\s@<>\"',)]+")


def masked(line: str) -> str:
    """Return a line without tokens and addresses."""
    return _ADDRESS.sub("[address]", _TOKEN.sub(r"/\1/[token]", line))


def where(error: BaseException) -> str:
    """Return an error's kind and the place that raised it, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place


def set_up() -> None:
    """Send all logs of this process to standard error, one line each, masked. Repeatable."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Handler(sys.stderr)
    handler.setFormatter(_Formatter(foreign_pre_chain=shared, processors=_written()))
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if not isinstance(h, _Handler)] + [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("petitions").setLevel(logging.INFO)


class _Handler(logging.StreamHandler[Any]):
    """Ours, to be told from others."""


class _Formatter(structlog.stdlib.ProcessorFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def _written() -> list[Any]:
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
    ]
