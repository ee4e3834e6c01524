"""Row-level security: PostgreSQL itself shows each transaction its own district, whatever a statement forgets to ask.

A transaction says its interval of tree positions (`supplyhub.lo`, `supplyhub.hi`); one that says none sees nothing. The
owner of the tables is not bound, so that migrations and backups run; the service must not be the owner.
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

LO = "(SELECT nullif(current_setting('supplyhub.lo', true), '')::bigint)"
HI = "(SELECT nullif(current_setting('supplyhub.hi', true), '')::bigint)"
ALL = "(SELECT current_setting('supplyhub.hi', true) = '9223372036854775807')"
"""Selects, so that each is worked out once a statement and not once a row. ALL is the installation itself."""


def here(column: str) -> str:
    """Whether a position lies in the transaction's interval."""
    return f"({column} >= {LO} AND {column} < {HI})"


def stands(table: str, condition: str) -> str:
    """Whether there is such a row among those that the transaction sees."""
    return f"EXISTS (SELECT FROM {table} WHERE {condition})"


BY_DIVISION = stands("division", f"division.id = division_id AND {here('division.lo')}")
BY_KEEPER = stands("division", f"division.id = custodian_id AND {here('division.lo')}")
BY_PLAN = stands("plan", "plan.id = plan_id")
BY_LINE = stands(
    "plan_line", f"plan_line.plan_id = plan_set.plan_id AND set_number = plan_set.number AND {here('plan_line.pos')}"
)

ASIDE = {
    "shows_account": ("account", "account.id = $1"),
    "shows_movement_of": ("movement", "movement.posting_id = $1"),
}
"""What is asked only when a row does not lie here, in a function of its own: as a part of the policy it would be made
ready for each statement that posts, a third of what posting costs, and hardly ever be run.
"""
POSITIONS = {"account_pos": "account", "posting_pos": "posting"}
"""Where a row of another table lies, past its policy: to ask that costs a posting more than to write its line."""
CALLER = """
SELECT u.id, u.display_name::text, u.role::text, u.division_id, here.code::text, here.lo, here.hi,
  coalesce(root.id, u.division_id)
FROM token JOIN user_account u ON u.id = token.user_id AND u.active JOIN division here ON here.id = u.division_id
LEFT JOIN division root ON root.parent_id IS NULL AND root.lo <= here.lo AND root.hi > here.lo
WHERE token.digest = $1 AND token.revoked_at IS NULL AND (token.expires_at IS NULL OR token.expires_at > $2)"""
"""Who calls, by the digest of a token that is good at a moment (microseconds): asked before any district is known."""
BY_KEY = {"find_accounts": ("account", "key"), "find_lots": ("lot", "identity")}
"""Ids by exact keys, whoever asks: a document opens what it moves by its key, and a key says all there is to see."""

SEEN = {
    "institution": BY_DIVISION,
    # 县管、乡储: a depot shows where it stands and to who keeps it.
    "depot": f"{here('pos')} OR {BY_KEEPER}",
    "way": here("pos"),
    "reserve_floor": stands("depot", "depot.id = depot_id"),
    "user_account": BY_DIVISION,
    "token": stands("user_account", "user_account.id = user_id"),
    "failed_sign_in": stands("user_account", "user_account.username = failed_sign_in.username"),
    "request": here("pos"),
    "request_line": here("pos"),
    "planning_run": here("pos"),
    "plan": here("pos"),
    "plan_line": here("pos"),
    "plan_shipment": here("pos"),
    # Why a line got less stands with its set: also for the office that asked, which does not see the plan.
    "plan_set": f"{BY_PLAN} OR {BY_LINE}",
    "plan_flow": BY_PLAN,
    "approval": BY_PLAN,
    # An order shows at both its ends, and to who keeps the depots there.
    "transfer_order": f"{here('from_pos')} OR {here('pos')}"
    f" OR {stands('depot', 'depot.id IN (from_depot_id, to_depot_id)')}",
    "order_line": stands("transfer_order", "transfer_order.id = order_id"),
    "reservation": stands("order_line", "order_line.id = order_line_id"),
    # A shelf goes with its depot, what is on its way with its order, the other accounts with a depot that stands there.
    "account": f"{here('pos')} OR CASE WHEN depot_id IS NOT NULL THEN {stands('depot', 'depot.id = depot_id')}"
    f" WHEN order_id IS NOT NULL THEN {stands('transfer_order', 'transfer_order.id = order_id')}"
    f" ELSE {stands('depot', 'depot.division_id = account.division_id')} END",
    "balance": f"{here('pos')} OR shows_account(account_id)",
    "lot": stands("balance", "balance.lot_id = lot.id"),
    "movement": f"{stands('account', 'account.id = from_account_id')}"
    f" OR {stands('account', 'account.id = to_account_id')}",
    # A posting also shows to whom one of its movements does; what was said and noted there does not.
    "posting": f"{here('pos')} OR shows_movement_of(id)",
    "answer": here("posting_pos(posting_id)"),
    "posting_note": here("posting_pos(posting_id)"),
    "feed": stands("posting", "posting.id = posting_id"),
    "seal": "false",
    "unnumbered": "false",
    "job": "false",
}
"""What each table shows to a district; to the installation itself it shows everything."""

WRITTEN = {
    # A trigger looks at the accounts, once a statement: nobody moves anything from or to one that is not also his own.
    "movement": "true",
    # A lot is named before any of it stands somewhere.
    "lot": "true",
    # The trigger on postings writes it in the posting's own transaction.
    "unnumbered": "true",
}
"""What a district may write, where that is not what it sees."""

PUBLIC = ("division", "item", "category")
"""Shown to all, written by the installation alone; districts may still lock a row."""


def upgrade() -> None:
    """Set the barrier up, on PostgreSQL; SQLite has none."""
    op.create_index("ix_balance_lot_id", "balance", ["lot_id"])
    if op.get_bind().dialect.name == "sqlite":
        return
    for name, (table, condition) in ASIDE.items():
        op.execute(
            f"CREATE FUNCTION {name}(bigint) RETURNS boolean LANGUAGE plpgsql STABLE COST 10000 AS "  # asked last
            f"$$ BEGIN RETURN {stands(table, condition)}; END $$"
        )
    for name, (table, key) in BY_KEY.items():
        found = f"SELECT {table}.{key}::text, {table}.id FROM {table} WHERE {table}.{key} = ANY ($1)"  # noqa: S608 - ours
        _look_past(f"{name}(text[])", "TABLE (key text, id bigint)", f"RETURN QUERY {found}")
    for name, table in POSITIONS.items():
        found = f"SELECT pos FROM public.{table} WHERE id = $1"  # noqa: S608 - our own names
        # Nothing is set for it, as _look_past does: that takes longer than looking, and pg_catalog comes first anyway.
        op.execute(
            f"CREATE FUNCTION {name}(bigint) RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER AS "
            f"$$ BEGIN RETURN ({found}); END $$"
        )
    who = (
        "id bigint, display_name text, role text, division_id bigint, code text, lo bigint, hi bigint, tenant_id bigint"
    )
    _look_past("find_caller(text, bigint)", f"TABLE ({who})", f"RETURN QUERY {CALLER}")
    op.execute(
        "CREATE FUNCTION refuse_others_accounts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 - ours
        "IF EXISTS (SELECT FROM "
        "(SELECT from_account_id AS id FROM moved UNION SELECT to_account_id FROM moved) AS ends "
        f"WHERE NOT ({ALL} OR {here('account_pos(id)')} OR shows_account(id))) "
        "THEN RAISE insufficient_privilege USING MESSAGE = 'row-level security: an account of somebody else'; END IF; "
        "RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER movement_of_own_accounts AFTER INSERT ON movement REFERENCING NEW TABLE AS moved "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_others_accounts()"
    )
    for table in (*SEEN, *PUBLIC):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for table, seen in SEEN.items():
        written = WRITTEN.get(table, seen)
        _policy(table, "district", f"FOR ALL USING ({ALL} OR {seen}) WITH CHECK ({ALL} OR {written})")
    for table in PUBLIC:
        _policy(table, "shown", "FOR SELECT USING (true)")
        _policy(table, "locked", f"FOR UPDATE USING (true) WITH CHECK ({ALL})")
        _policy(table, "written", f"FOR INSERT WITH CHECK ({ALL})")


def _look_past(function: str, answer: str, body: str) -> None:
    """A function that looks as the owner does. PL/pgSQL keeps its plan; plain SQL would be planned at each call."""
    op.execute(
        f"CREATE FUNCTION {function} RETURNS {answer} LANGUAGE plpgsql STABLE SECURITY DEFINER "
        "SET search_path = public, pg_temp "
        "SET enable_seqscan = off "  # its plan may be older than the rows it is to find
        f"AS $$ BEGIN {body}; END $$"
    )


def _policy(table: str, name: str, what: str) -> None:
    op.execute(f"CREATE POLICY {table}_{name} ON {table} {what}")


def downgrade() -> None:
    """Take it down again."""
    op.drop_index("ix_balance_lot_id", "balance")
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in SEEN:
        op.execute(f"DROP POLICY {table}_district ON {table}")
    for table in PUBLIC:
        for name in ("shown", "locked", "written"):
            op.execute(f"DROP POLICY {table}_{name} ON {table}")
    for table in (*SEEN, *PUBLIC):
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("DROP TRIGGER movement_of_own_accounts ON movement")
    op.execute("DROP FUNCTION refuse_others_accounts()")
    for name in ASIDE:
        op.execute(f"DROP FUNCTION {name}(bigint)")
    op.execute("DROP FUNCTION find_caller(text, bigint)")
    for name in POSITIONS:
        op.execute(f"DROP FUNCTION {name}(bigint)")
    for name in BY_KEY:
        op.execute(f"DROP FUNCTION {name}(text[])")
