"""The layer: gives kept pages out, and has each one made by one thread while the others wait or
get the one before."""

from collections.abc import Iterable
from threading import Lock
from typing import Any

from petitions.i18n import languages_met
from petitions.web.headers import ASK_EACH_TIME
from petitions.web.page_cache.kept import Answer, Kept, kept_of
from petitions.web.page_cache.making import Made, make
from petitions.web.page_cache.wanted import Reader, Wanted
from petitions.web.page_cache.watch import Watch

FRESH = 2.0
"""Seconds after which a page is remade when somebody asks for it."""
LONGEST = 4.0
"""Seconds that no page gets older than, so that changes and numbers show within five."""
SHARE = 5.0
"""A page is kept for as many times what it takes to make it, so that one page under overload takes
a fifth of a core at most: then its number slows, and nobody waits for it."""
GIVING_WAY = 20.0
"""Seconds after which a page is remade where pages give way to heavy load, by a switch."""
SLOWEST = 30.0
"""Seconds, even then. Hiding, closing and last days do not wait for any of this."""
_WAITS = 10.0
_LARGEST = 1024 * 1024
_UNKEPT_FOR = 1.0
_READS = frozenset({"GET", "HEAD"})


class PageCache:
    """WSGI middleware. `peek` is for servers that look before they spend a thread on a request."""

    def __init__(
        self,
        wsgi_app: Any,
        *,
        reader: Reader,
        watch: Watch,
        most_bytes: int,
        shared_seconds: int = 0,
    ) -> None:
        self._wsgi_app = wsgi_app
        self._reader = reader
        self._watch = watch
        self._most_bytes = most_bytes
        self._shared_seconds = shared_seconds
        self._shelf: dict[Wanted, Kept] = {}
        self._size = 0
        self._lock = Lock()
        self._makers = [Lock() for _ in range(64)]  # pages that share one wait for each other
        self._unkept: dict[Wanted, float] = {}
        self._met = languages_met()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer from what is kept, or have the page made; anything else goes to the house."""
        if environ["REQUEST_METHOD"] in _READS and "HTTP_RANGE" not in environ:
            wanted = self._wanted(environ)
            made = self._find(wanted, environ) if wanted is not None else None
            if made is not None:
                answer = made if isinstance(made, Answer) else self._answer(made, environ)
                start_response(answer.status, answer.headers)
                return [answer.body]
        unkept: Iterable[bytes] = self._wsgi_app(environ, start_response)
        return unkept

    def peek(
        self,
        method: str,
        scheme: str,
        host: str,
        path: str,
        query: str,
        *,
        languages: str,
        encodings: str,
        none_match: str | None,
    ) -> Answer | None:
        """Return an answer that is there already, and may be given; never waits, asks nothing."""
        reader = self._reader
        if method not in _READS or not reader.is_own_host(host):
            return None
        wanted = reader.wanted(scheme, path, query, languages)
        kept = self._shelf.get(wanted) if wanted is not None else None
        if kept is None or not self._is_good(kept):
            return None
        return kept.answer(reader.encoding(encodings), none_match, head=method == "HEAD")

    def _is_good(self, kept: Kept) -> bool:
        watch = self._watch
        at = watch.seconds()
        if not watch.holds(at) or kept.generation != watch.generation:
            return False
        age = at - kept.made_at
        if age >= kept.fresh and (age >= kept.longest or at >= kept.claimed_until):
            kept.claimed_until = at + kept.longest - kept.fresh  # whoever is told no remakes it
            return False
        kept.used_at = at
        return True

    def _wanted(self, environ: dict[str, Any]) -> Wanted | None:
        if environ.get("SCRIPT_NAME") or not self._reader.is_own_host(environ.get("HTTP_HOST", "")):
            return None
        return self._reader.wanted(
            environ["wsgi.url_scheme"],
            environ.get("PATH_INFO", ""),
            environ.get("QUERY_STRING", ""),
            environ.get("HTTP_ACCEPT_LANGUAGE", ""),
        )

    def _answer(self, kept: Kept, environ: dict[str, Any]) -> Answer:
        encoding = self._reader.encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        head = environ["REQUEST_METHOD"] == "HEAD"
        return kept.answer(encoding, environ.get("HTTP_IF_NONE_MATCH"), head=head)

    def _find(self, wanted: Wanted, environ: dict[str, Any]) -> Kept | Answer | None:
        kept = self._shelf.get(wanted)
        if kept is not None and self._is_good(kept):
            return kept
        if not self._watch.look() or self._unkept.get(wanted, 0.0) > self._watch.seconds():
            return None
        maker = self._makers[hash(wanted) % len(self._makers)]
        if not maker.acquire(timeout=_WAITS):
            return None
        try:
            kept = self._shelf.get(wanted)
            if kept is not None and self._is_new(kept):
                return kept  # made while this one waited
            return self._make(wanted, environ)
        finally:
            maker.release()

    def _is_new(self, kept: Kept) -> bool:
        fresh = self._watch.seconds() - kept.made_at < kept.fresh
        return fresh and kept.generation == self._watch.generation

    def _make(self, wanted: Wanted, environ: dict[str, Any]) -> Kept | Answer | None:
        generation, began = self._watch.generation, self._watch.seconds()
        made = make(self._wsgi_app, environ, wanted)
        if languages_met() != self._met:
            # Texts in a new language: wishes for it were left out so far, this reader's perhaps.
            self._met = languages_met()
            self._reader.forget_languages()
            return None
        if not made.may_be_kept or len(made.body) > _LARGEST:
            self._leave_out(wanted)
            return made.answer(head=environ["REQUEST_METHOD"] == "HEAD")
        kept = kept_of(
            made.headers,
            made.body,
            generation=generation,
            made_at=began,
            lasting=self._lasting(made),
            times=times_of(
                self._watch.seconds() - began, GIVING_WAY if self._watch.pages_give_way else FRESH
            ),
        )
        self._keep(wanted, kept)
        return kept

    def _lasting(self, made: Made) -> str:
        """Return what caches of others are told. None of theirs may outlive a last day either."""
        told, seconds, ends_at = made.lasting, self._shared_seconds, self._watch.ends_at
        if not seconds or told != ASK_EACH_TIME:
            return told
        if ends_at is not None:
            left = (ends_at - self._watch.moment()).total_seconds()
            if left < seconds + LONGEST + 1:
                return told
        return f"public, max-age=0, s-maxage={seconds}, must-revalidate"

    def _keep(self, wanted: Wanted, kept: Kept) -> None:
        with self._lock:
            before = self._shelf.pop(wanted, None)
            self._size += kept.size - (before.size if before else 0)
            self._shelf[wanted] = kept
            if self._size > self._most_bytes:
                self._clear_out()

    def _clear_out(self) -> None:
        """Drop what nobody asked for longest, down to nine tenths: not one at a time."""
        for wanted, kept in sorted(self._shelf.items(), key=lambda item: item[1].used_at):
            if self._size <= self._most_bytes * 0.9:
                return
            del self._shelf[wanted]
            self._size -= kept.size

    def _leave_out(self, wanted: Wanted) -> None:
        if len(self._unkept) > 4096:
            self._unkept.clear()
        self._unkept[wanted] = self._watch.seconds() + _UNKEPT_FOR


def times_of(took: float, least: float = FRESH) -> tuple[float, float]:
    """Return after how long a page is remade, and not given out, that took so long to make."""
    fresh = min(max(least, SHARE * took), SLOWEST)
    return fresh, max(LONGEST - FRESH + least, min(fresh + SHARE * took, 2 * SLOWEST))
