"""Which cases somebody reaches: all, or those alone that an admin chose for them.

One place enforces it: while a session is `narrowed`, whatever it reads, changes or deletes through
the models is of those cases. What belongs to no case (officials, the organisation, accounts) is not
narrowed here: pages about that are refused by the guard of the console.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from petitions.extensions import Model, db
from petitions.models import AuditEntry, Case, Delivery, Organiser, OrganiserCase, Petition

_KEY = "petitions.reach"
_EVERY = "every_case"
EVERY_CASE = {_EVERY: True}
"""Execution options of a question about all cases whoever asks: whether an address is taken."""
OF_NO_CASE = frozenset(
    {
        "accreditation", "audit_entry", "block", "contact_office", "day_key", "former_holder",
        "lease", "letterhead", "mail_budget", "official", "official_apart", "official_contact",
        "official_text", "open_page", "organisation", "organiser", "organiser_case",
        "organiser_role", "organiser_session", "relief", "suppression", "unsaved_text",
        "worker_beat",
    }
)  # fmt: skip
"""Tables whose rows belong to no case. The trail is one chain: `of_audit` narrows what is shown."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The cases that somebody is limited to."""

    case_ids: frozenset[int]

    def options(self) -> tuple[Any, ...]:
        """Return what narrows a statement to these cases."""
        ids = sorted(self.case_ids)
        return tuple(
            with_loader_criteria(model, _within(model.__table__, ids), include_aliases=True)
            for model in _narrowed_models()
        )


def reach_of(organiser: Organiser) -> Reach | None:
    """Return what an organiser is limited to, or None where they reach all cases."""
    if not organiser.only_chosen_cases:
        return None
    query = sa.select(OrganiserCase.case_id).where(OrganiserCase.organiser_id == organiser.id)
    return Reach(frozenset(db.session.execute(query).scalars()))


def narrow(reach: Reach | None) -> None:
    """Let this session reach these cases alone, until it ends; None: all."""
    db.session().info[_KEY] = reach


def reached() -> Reach | None:
    """Return what this session is narrowed to, or None."""
    found: Reach | None = db.session().info.get(_KEY)
    return found


@contextmanager
def narrowed(reach: Reach | None) -> Iterator[None]:
    """Let this session reach these cases alone within the block."""
    before = reached()
    narrow(reach)
    try:
        yield
    finally:
        narrow(before)


def of_audit() -> sa.ColumnElement[bool] | None:
    """Return the condition of entries of the trail that concern the cases reached; None: all."""
    if reached() is None:
        return None
    named = [("case", Case.id), ("petition", Petition.id), ("delivery", Delivery.id)]
    subjects = [
        f"{kind} {number}"
        for kind, column in named
        for number in db.session.execute(sa.select(column)).scalars()
    ]
    return AuditEntry.subject.in_(subjects)


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    reach = state.session.info.get(_KEY)
    if reach is None or state.execution_options.get(_EVERY):
        return
    if (state.is_select and not state.is_column_load) or state.is_update or state.is_delete:
        state.statement = state.statement.options(*reach.options())


@cache
def _narrowed_models() -> tuple[Any, ...]:
    models = [mapper.class_ for mapper in Model.registry.mappers]
    return tuple(one for one in models if one.__tablename__ not in OF_NO_CASE)


def _within(table: Any, case_ids: list[int]) -> sa.ColumnElement[bool]:
    """Return the condition that a row belongs to one of these cases, along its foreign keys."""
    columns = table.columns
    if table.name == "case" or "case_id" in columns:
        key: sa.ColumnElement[Any] = columns["id" if table.name == "case" else "case_id"]
        return key.in_(case_ids)
    if "petition_id" in columns:
        petitions = Petition.__table__
        own = sa.select(petitions.c.id).where(petitions.c.case_id.in_(case_ids))
        of_petition: sa.ColumnElement[bool] = columns["petition_id"].in_(own)
        if not columns["petition_id"].nullable or "update_id" not in columns:
            return of_petition
        return sa.or_(of_petition, _through(columns["update_id"], case_ids))
    return _through(_way_to_a_case(table), case_ids)


def _through(column: Any, case_ids: list[int]) -> sa.ColumnElement[bool]:
    [key] = column.foreign_keys
    parent = key.column.table
    found: sa.ColumnElement[bool] = column.in_(
        sa.select(key.column).where(_within(parent, case_ids))
    )
    return found


def _way_to_a_case(table: Any) -> Any:
    """Return the column that leads nearer to a case. Raises LookupError where none does."""
    for column in table.columns:
        keys = list(column.foreign_keys)
        leads = keys and keys[0].column.table.name not in OF_NO_CASE
        if leads and keys[0].column.table is not table and not column.nullable:
            return column
    raise LookupError(f"{table.name} belongs to a case along no foreign key: say where it belongs")
