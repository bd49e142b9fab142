"""Limits on requests that write, and on guessing tokens; each per network.

Redis by setting. Where it is refused or hangs, limits are kept in memory within a quarter of a
second: the first request to notice waits for one answer and one ping, each at most the time-out.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, request
from limits import parse_many
from redis.backoff import NoBackoff
from redis.retry import Retry

from petitions.clock import now
from petitions.errors import ConfigurationError, TokenExpired, TokenUnknown
from petitions.extensions import limiter
from petitions.tokens import Purpose
from petitions.web.networks import client_network

MY_SIGNATURE_LIMIT = "20 per minute"
GUESSING_LIMIT = "30 per minute"
_STRATEGY = "fixed-window"
_ANSWER_WITHIN = 0.08


def register(app: Flask) -> None:
    """Point the limiter at its store. Raises ConfigurationError for a limit not understood."""
    settings = app.config["SETTINGS"]
    _check_notation(settings.sign_limit)
    url = settings.ratelimit_storage_url
    app.config.update(
        RATELIMIT_STORAGE_URI=url,
        RATELIMIT_STORAGE_OPTIONS={} if url.startswith("memory") else _redis_options(),
        RATELIMIT_STRATEGY=_STRATEGY,
        # Another strategy on the same Redis would meet values of another type, and answer 500.
        RATELIMIT_KEY_PREFIX=f"petitions:{_STRATEGY}",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
    )
    limiter._storage_options = {}  # kept from another application in the same process otherwise
    limiter._storage_dead = False
    limiter.init_app(app)


limit_signing = limiter.limit(
    lambda: current_app.config["SETTINGS"].sign_limit, key_func=client_network
)
limit_asking = limiter.limit(MY_SIGNATURE_LIMIT, key_func=client_network, methods=["POST"])


def limit_unknown_tokens(purpose: Purpose) -> Callable[..., Any]:
    """Limit a view with a `token` in its path, for tokens that this site never made alone."""
    return limiter.shared_limit(
        GUESSING_LIMIT,
        scope="unknown tokens",
        key_func=client_network,
        exempt_when=lambda: _is_ours(purpose),
    )


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
    return {
        "socket_timeout": _ANSWER_WITHIN,
        "socket_connect_timeout": _ANSWER_WITHIN,
        "retry": Retry(NoBackoff(), 0),  # redis-py would try three times more
    }


def _check_notation(limit: str) -> None:
    try:
        parse_many(limit)
    except ValueError:
        raise ConfigurationError(
            "PETITIONS_SIGN_LIMIT is not understood: write for instance 300 per minute"
        ) from None
