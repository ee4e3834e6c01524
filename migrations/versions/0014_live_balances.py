"""Stock is read from balances that hold something: spent lots and closed orders stay out of its indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

LIVE = {"sqlite": "live = 1", "postgresql": "live"}
INDEXES = {"ix_balance_item_id_pos": ["item_id", "pos"], "ix_balance_account_id_item_id": ["account_id", "item_id"]}


def upgrade() -> None:
    """Whether a balance holds anything, and whether it is on its way: both are the database's own to say.

    An update stays heap-only on PostgreSQL as long as no column of an index changes, those of its condition counted:
    so the condition is whether there is anything, which changes when a lot is used up, and not how much.
    """
    name = op.get_bind().dialect.name
    op.drop_index("ix_balance_item_id_pos", "balance")
    if name == "postgresql":  # room on each page for the next versions of its rows; adding the column rewrites them
        op.execute("ALTER TABLE balance SET (fillfactor = 85)")
    stored = "STORED" if name == "postgresql" else "VIRTUAL"
    op.execute(f"ALTER TABLE balance ADD COLUMN live BOOLEAN GENERATED ALWAYS AS (on_hand > 0) {stored}")
    op.add_column("balance", sa.Column("in_transit", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE balance SET in_transit = (1 = 1) WHERE account_id IN (SELECT id FROM account WHERE kind = 'transit')"
    )
    for index, columns in INDEXES.items():
        where = {f"{name}_where": sa.text(LIVE[name])}
        op.create_index(index, "balance", columns, **where)  # type: ignore[arg-type]  # a dialect's own keyword
    if name == "sqlite":
        op.execute(
            "CREATE TRIGGER balance_says_whether_in_transit AFTER INSERT ON balance "
            "WHEN (SELECT kind FROM account WHERE id = NEW.account_id) = 'transit' "
            "BEGIN UPDATE balance SET in_transit = 1 WHERE account_id = NEW.account_id AND lot_id = NEW.lot_id; END"
        )
        return
    op.execute(
        "CREATE FUNCTION say_whether_in_transit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "NEW.in_transit := EXISTS (SELECT FROM account WHERE id = NEW.account_id AND kind = 'transit'); "
        "RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER balance_says_whether_in_transit BEFORE INSERT ON balance "
        "FOR EACH ROW EXECUTE FUNCTION say_whether_in_transit()"
    )


def downgrade() -> None:
    """One index over all balances again."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("DROP TRIGGER balance_says_whether_in_transit" + ("" if sqlite else " ON balance"))
    if not sqlite:
        op.execute("DROP FUNCTION say_whether_in_transit()")
        op.execute("ALTER TABLE balance RESET (fillfactor)")
    for index in INDEXES:
        op.drop_index(index, "balance")
    op.execute("ALTER TABLE balance DROP COLUMN in_transit")
    op.execute("ALTER TABLE balance DROP COLUMN live")
    op.create_index("ix_balance_item_id_pos", "balance", ["item_id", "pos"])
