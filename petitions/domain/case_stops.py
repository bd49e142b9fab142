"""Whether a case asks for no further action: its stop action holds until a new call ends it."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from sqlalchemy import select

from petitions.extensions import db
from petitions.models import CaseUpdate, UpdateKind

_FOLLOWS = frozenset({UpdateKind.CORRECTION, UpdateKind.OUTCOME})


class _Dated(Protocol):
    @property
    def kind(self) -> UpdateKind: ...


_Update = TypeVar("_Update", bound=_Dated)


def holding_stop(updates: Iterable[_Update]) -> _Update | None:
    """Return the stop action that holds, of published updates that come newest first.

    Corrections and an outcome may follow it.
    """
    newest = next((update for update in updates if update.kind not in _FOLLOWS), None)
    return newest if newest is not None and newest.kind is UpdateKind.STOP else None


def is_stopped(case_id: int) -> bool:
    """Whether the case's page asks readers to do nothing more."""
    query = select(CaseUpdate).where(
        CaseUpdate.case_id == case_id, CaseUpdate.published_at.is_not(None)
    )
    newest_first = db.session.execute(query.order_by(CaseUpdate.position.desc())).scalars()
    return holding_stop(newest_first) is not None
