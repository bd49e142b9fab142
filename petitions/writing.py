"""Short writes that share a commit: on SQLite each commit waits for the disk, alone in its line.

Whoever comes while another commit waits puts their work into a list; the next one who leads does
all of it in one transaction, and wakes those who asked once it is durable. So nobody is told "done"
before the commit, and the disk is waited for once for many. PostgreSQL does the same by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, TypeVar

from flask import Flask, current_app
from sqlalchemy.exc import TimeoutError as TooLong

from petitions.extensions import begin_write, db
from petitions.turns import PATIENCE

T = TypeVar("T")
MOST = 64
"""Pieces of work in one transaction."""
_KEPT_AS = "petitions.writing"


@dataclass(slots=True, eq=False)
class _Piece:
    do: Callable[[], Any]
    done: Event = field(default_factory=Event)
    result: Any = None
    error: BaseException | None = None


class Together:
    """The list of one process."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._list: list[_Piece] = []
        self._guard = Lock()
        self._leading = Lock()

    def write(self, do: Callable[[], T]) -> T:
        """Do a piece of work, with whatever else is asked for now; return once it is durable.

        `do` may be done again where the work of somebody else failed, and by another thread.
        Raises what it raises, and sqlalchemy's TimeoutError where the line is too long.
        """
        mine = _Piece(do)
        with self._guard:
            self._list.append(mine)
        if self._leading.acquire(timeout=self._patience):
            try:
                if not mine.done.is_set():
                    self._lead()
            finally:
                self._leading.release()
        elif self._taken_back(mine):
            raise TooLong("too many write to this database at once")
        mine.done.wait()
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[no-any-return]  # what `do` has returned

    def _taken_back(self, piece: _Piece) -> bool:
        with self._guard:
            if piece in self._list:
                self._list.remove(piece)
                return True
        return False  # it is being done

    def _lead(self) -> None:
        """Do what is in the list, the leader's own piece among it."""
        with self._guard:
            pieces, self._list = self._list[:MOST], self._list[MOST:]
        try:
            if self._all_done(pieces):
                return
            for piece in pieces:  # one of them failed: each by itself, so that the others go on
                self._done_alone(piece)
        except BaseException as error:
            for piece in pieces:
                piece.error = piece.error or error
            raise
        finally:
            for piece in pieces:
                piece.done.set()

    def _all_done(self, pieces: list[_Piece]) -> bool:
        try:
            begin_write()
        except Exception as error:  # whatever it is, it would be the same for each
            db.session.rollback()
            for piece in pieces:
                piece.error = error
            return True
        try:
            for piece in pieces:
                piece.result = piece.do()
            db.session.commit()
        except Exception:  # told apart when each is done by itself
            db.session.rollback()
            return False
        return True

    def _done_alone(self, piece: _Piece) -> None:
        try:
            begin_write()
            piece.result = piece.do()
            db.session.commit()
        except Exception as error:  # raised where it was asked for
            db.session.rollback()
            piece.result, piece.error = None, error


def write_together(do: Callable[[], T]) -> T:
    """Do a short piece of writing in a transaction and commit it; return once it is durable.

    `do` asks the domain and returns plain values: on SQLite another thread may do it. Raises what
    it raises, after rolling back.
    """
    if db.engine.dialect.name == "sqlite":
        return _together(current_app._get_current_object()).write(do)  # type: ignore[attr-defined]  # Flask's proxy
    begin_write()
    result = do()
    db.session.commit()
    return result


def _together(app: Flask) -> Together:
    kept: Together = app.extensions.setdefault(_KEPT_AS, Together())
    return kept
