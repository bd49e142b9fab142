"""`petitions vault status`: which cases are sealed, and who can unlock them."""

from typing import TYPE_CHECKING

import click

from petitions.cli.house import House, inside, pass_house, site_of
from petitions.cli.saying import note, table

if TYPE_CHECKING:
    from petitions.models import Case


@click.command()
@click.argument("case", required=False)
@pass_house
def status(house: House, case: str | None) -> None:
    """Say which cases are sealed, or of CASE (slug or number) who its custodians are."""
    with inside(house):
        if case is None:
            table(("id", "case", "private key"), _all_cases(house))
            return
        found = case_of(case)
        rows = _custodians(found)
        mode = _mode(house, found.id)
    note(f"{found.slug}: {mode}")
    if rows:
        table(("id", "custodian", "kind", "since"), rows)


def case_of(name: str) -> "Case":
    """Return a case by slug or number. Raises NotFound."""
    from petitions.domain.case_finding import case_named

    return case_named(name)


def _all_cases(house: House) -> list[tuple[object, ...]]:
    from sqlalchemy import select

    from petitions.extensions import db
    from petitions.models import Case

    cases = db.session.execute(select(Case).order_by(Case.id)).scalars()
    return [(case.id, case.slug, _mode(house, case.id)) for case in cases]


def _mode(house: House, case_id: int) -> str:
    """Say where a case's private key is."""
    from petitions.domain.case_keys import SEALED
    from petitions.extensions import db
    from petitions.models import CaseKey

    key = db.session.get(CaseKey, case_id)
    if key is None or key.destroyed_at is not None:
        return "destroyed"
    if key.mode != SEALED:
        return "on this server"
    if site_of(house.application()).keyring.holds_private_key(key.ref):
        return "sealed, but an old key lies on this server: run `petitions vault seal` again"
    return "sealed"


def _custodians(case: "Case") -> list[tuple[object, ...]]:
    from petitions.domain.custodians import custodians_of

    return [
        (one.id, one.label, one.kind, f"{one.created_at:%Y-%m-%d}")
        for one in custodians_of(case.id)
    ]
