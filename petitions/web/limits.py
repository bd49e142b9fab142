"""Limits on requests that write, and on guessing tokens; each per network.

Redis by setting. Where it is refused or hangs, limits are kept in memory within a quarter of a
second: the first request to notice waits for one answer and one ping, each at most the time-out.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import structlog
from flask import Flask, current_app, request
from limits import RateLimitItem, parse_many

from petitions.clock import now
from petitions.errors import ConfigurationError, TokenExpired, TokenUnknown
from petitions.extensions import limiter
from petitions.tokens import Purpose
from petitions.web.counters import SCHEME
from petitions.web.networks import client_network

GUESSING_LIMIT = "30 per minute"
LONGEST_IN_SLOW_LANE = timedelta(minutes=10)
_STRATEGY = "fixed-window"
_ANSWER_WITHIN = 0.08
_log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Point the limiter at its store. Raises ConfigurationError for a limit not understood."""
    settings = app.config["SETTINGS"]
    _check_notation("PETITIONS_SIGN_LIMIT", settings.sign_limit)
    _check_notation("PETITIONS_SLOW_LANE", settings.slow_lane)
    _check_notation("PETITIONS_ASK_LIMIT", settings.ask_limit)
    url = settings.ratelimit_storage_url
    in_memory = url.startswith("memory")
    app.config.update(
        RATELIMIT_STORAGE_URI=f"{SCHEME}://" if in_memory else url,
        RATELIMIT_STORAGE_OPTIONS={} if in_memory else _redis_options(),
        RATELIMIT_STRATEGY=_STRATEGY,
        # Another strategy on the same Redis would meet values of another type, and answer 500.
        RATELIMIT_KEY_PREFIX=f"petitions:{_STRATEGY}",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        # The first request to notice that the store is gone goes over to memory; of those under way
        # in that moment the limiter would make 500s. They are let through.
        RATELIMIT_SWALLOW_ERRORS=True,
    )
    limiter._storage_options = {}  # kept from another application in the same process otherwise
    limiter._storage_dead = False
    limiter.init_app(app)


limit_signing = limiter.limit(
    lambda: current_app.config["SETTINGS"].sign_limit, key_func=client_network
)
limit_asking = limiter.limit(
    lambda: current_app.config["SETTINGS"].ask_limit, key_func=client_network, methods=["POST"]
)


def limit_unknown_tokens(purpose: Purpose) -> Callable[..., Any]:
    """Limit a view with a `token` in its path, for tokens that this site never made alone."""
    return limiter.shared_limit(
        GUESSING_LIMIT,
        scope="unknown tokens",
        key_func=client_network,
        exempt_when=lambda: _is_ours(purpose),
    )


def wait_in_slow_lane() -> timedelta:
    """Count one accepted form of this network; return how long its mail waits, mostly not at all.

    Over the number of the lane each mail waits one turn longer than the one before, so that they
    leave at the lane's pace; never longer than ten minutes. One step of a counter: the count that
    the store returns is the place in the queue.
    """
    network, waits = client_network(), [0.0]
    for item in _parsed(current_app.config["SETTINGS"].slow_lane):
        key = item.key_for(f"petitions:{_STRATEGY}", "slow lane", network)
        try:
            place = limiter.limiter.storage.incr(key, item.get_expiry())
        except Exception as error:  # whatever a store raises: it must not cost a signature
            _log.warning("slow lane not counted", error=type(error).__name__)
            continue
        waits.append((place - item.amount) * item.get_expiry() / max(item.amount, 1))
    return min(timedelta(seconds=max(waits)), LONGEST_IN_SLOW_LANE)


def seconds_to_wait() -> int:
    """Return after how many seconds the limit that stopped this request allows another."""
    stopped = limiter.current_limit
    left = stopped.reset_at - int(now().timestamp()) if stopped else 0
    return max(left, 1)


def _is_ours(purpose: Purpose) -> bool:
    tokens = current_app.extensions["petitions"].tokens
    try:
        tokens.read(purpose, (request.view_args or {})["token"], now())
    except TokenExpired:
        return True
    except TokenUnknown:
        return False
    return True


def _redis_options() -> dict[str, Any]:
    from redis.backoff import NoBackoff  # 6 MB that a site without Redis does not need
    from redis.retry import Retry

    return {
        "socket_timeout": _ANSWER_WITHIN,
        "socket_connect_timeout": _ANSWER_WITHIN,
        "retry": Retry(NoBackoff(), 0),  # redis-py would try three times more
    }


def _check_notation(name: str, limit: str) -> None:
    try:
        _parsed(limit)
    except ValueError:
        raise ConfigurationError(
            f"{name} is not understood: write for instance 300 per minute"
        ) from None


@cache
def _parsed(limit: str) -> list[RateLimitItem]:
    return parse_many(limit)
