"""Numbers of confirmed signatures, kept by the database itself; leases of periodic work.

Triggers note each change of what counts in the transaction that makes it, whoever makes it, as a
row of its own: nobody waits for a counter. The worker adds them up.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_CHANGE = "INSERT INTO tally_change (petition_id, country, how, day, number)"
_COUNTS = "{row}.state = 'confirmed'"
_OTHER = " OR ".join(
    f"OLD.{name} <> NEW.{name}"
    for name in ("state", "petition_id", "country", "verified_by", "confirmed_at")
)
_DAY = {"sqlite": "date({row}.confirmed_at)"}
_DAY["postgresql"] = "({row}.confirmed_at AT TIME ZONE 'UTC')::date"


def _noted(dialect: str, row: str, number: int) -> str:
    day = _DAY[dialect].format(row=row)
    values = f"{row}.petition_id, {row}.country, {row}.verified_by, {day}, {number}"
    return f"{_CHANGE} SELECT {values} WHERE {_COUNTS.format(row=row)};"


def _columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("how", sa.String(24), nullable=False),
    )


def upgrade() -> None:
    petition = {"columns": ["petition_id"], "refcolumns": ["petition.id"]}
    for name, more in (("tally", ()), ("tally_of_day", ("day",))):
        op.create_table(
            name,
            *_columns(),
            *(sa.Column(day, sa.Date(), nullable=False) for day in more),
            sa.Column("number", sa.BigInteger(), nullable=False),
            sa.ForeignKeyConstraint(**petition, name=op.f(f"fk_{name}_petition_id_petition")),
            sa.PrimaryKeyConstraint(
                "petition_id", *more, "country", "how", name=op.f(f"pk_{name}")
            ),
        )
    big = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "tally_change",
        sa.Column("id", big, nullable=False),
        *_columns(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally_change")),
    )
    op.create_index(op.f("ix_tally_change_petition_id"), "tally_change", ["petition_id"])
    op.create_table(
        "lease",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("holder", sa.String(40), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _watch_on_postgresql()
    else:
        _watch_on_sqlite()
    _fill()


def _watch_on_sqlite() -> None:
    old, new = _noted("sqlite", "OLD", -1), _noted("sqlite", "NEW", 1)
    watched = "state, petition_id, country, verified_by, confirmed_at"
    for name, event, body in (
        ("inserted", "INSERT", new),
        ("deleted", "DELETE", old),
        ("changed", f"UPDATE OF {watched}", f"{old} {new}"),
    ):
        when = f"WHEN {_OTHER} OR OLD.confirmed_at IS NULL" if name == "changed" else ""
        op.execute(
            f"CREATE TRIGGER signature_{name} AFTER {event} ON signature {when} BEGIN {body} END"
        )


def _watch_on_postgresql() -> None:
    old, new = _noted("postgresql", "OLD", -1), _noted("postgresql", "NEW", 1)
    op.execute(
        "CREATE FUNCTION note_signature() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP <> 'INSERT' THEN {old} END IF;"
        f" IF TG_OP <> 'DELETE' THEN {new} END IF;"
        " RETURN NULL; END $$"
    )
    old_counts, new_counts = (_COUNTS.format(row=row) for row in ("OLD", "NEW"))
    watched = "state, petition_id, country, verified_by, confirmed_at"
    for name, event, when in (
        ("inserted", "INSERT", new_counts),
        ("deleted", "DELETE", old_counts),
        ("changed", f"UPDATE OF {watched}", f"{_OTHER} OR OLD.confirmed_at IS NULL"),
    ):
        op.execute(
            f"CREATE TRIGGER signature_{name} AFTER {event} ON signature FOR EACH ROW"
            f" WHEN ({when}) EXECUTE FUNCTION note_signature()"
        )


def _fill() -> None:
    day = _DAY[op.get_bind().dialect.name].format(row="signature")
    for table, more in (("tally", ""), ("tally_of_day", f", {day}")):
        names = "petition_id, country, how" + (", day" if more else "") + ", number"
        op.execute(
            f"INSERT INTO {table} ({names})"  # noqa: S608 - names above
            f" SELECT petition_id, country, verified_by{more}, count(*) FROM signature"
            f" WHERE state = 'confirmed' GROUP BY petition_id, country, verified_by{more}"
        )


def downgrade() -> None:
    on = " ON signature" if op.get_bind().dialect.name == "postgresql" else ""
    for name in ("inserted", "deleted", "changed"):
        op.execute(f"DROP TRIGGER signature_{name}{on}")
    if on:
        op.execute("DROP FUNCTION note_signature()")
    for table in ("lease", "tally_change", "tally_of_day", "tally"):
        op.drop_table(table)
