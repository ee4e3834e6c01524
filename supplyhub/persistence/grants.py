"""What the service's role may do with each table of PostgreSQL: write what the code writes, rewrite no history."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

APPEND = "SELECT, INSERT"
GRANTS: Mapping[str, str] = {
    "alembic_version": "SELECT",
    # UPDATE of one column lets a row be locked; the policy lets nobody but the installation change it.
    "division": f"{APPEND}, UPDATE (valid_to)",
    "institution": APPEND,
    "depot": APPEND,
    "way": APPEND,
    "category": APPEND,
    "item": APPEND,
    "reserve_floor": APPEND,
    "user_account": f"{APPEND}, UPDATE (password_hash, active)",
    "token": f"{APPEND}, UPDATE (revoked_at)",
    "failed_sign_in": f"{APPEND}, DELETE",
    "request": f"{APPEND}, UPDATE (status, version)",
    "request_line": f"{APPEND}, UPDATE (quantity_units, ceiling_units, ordered_units, override_reason, state)",
    "planning_run": f"{APPEND}, UPDATE (status, started_at, ended_at, phase, done_steps, total_steps, error, "
    "error_facts, version)",
    "job": f"{APPEND}, UPDATE (state, attempts, lease_until, worker, cancel_requested)",
    # What a lost worker left half written is deleted.
    "plan": f"{APPEND}, DELETE, UPDATE (status, overview, decided_by, decided_at, decision_note, version)",
    "plan_line": f"{APPEND}, DELETE",
    "plan_set": f"{APPEND}, DELETE",
    "plan_shipment": f"{APPEND}, DELETE, UPDATE (state, refusal)",
    "plan_flow": f"{APPEND}, DELETE",
    "approval": f"{APPEND}, UPDATE (status, ordered_count, refused_count, next_depot_id, version)",
    "transfer_order": f"{APPEND}, UPDATE (status, version)",
    "order_line": f"{APPEND}, UPDATE (received_units, lost_units, loss_reason)",
    "account": APPEND,
    "lot": APPEND,
    "balance": f"{APPEND}, UPDATE (on_hand, reserved, version, hash)",
    "reservation": f"{APPEND}, UPDATE (state)",
    "posting": APPEND,
    "answer": APPEND,
    "movement": APPEND,
    "posting_note": f"{APPEND}, UPDATE (note, salt)",
    "feed": APPEND,
    "unnumbered": f"{APPEND}, DELETE",
    "seal": APPEND,
    "verification": f"{APPEND}, UPDATE (status, started_at, ended_at, phase, done_steps, total_steps, upto_seq, "
    "movements, balances, fault_count, faults)",
    "stock_rollup": f"{APPEND}, DELETE, UPDATE (on_hand, in_transit)",
    "rolled_up": "SELECT, UPDATE (seq)",
}
"""A new table needs a line here, and in its migration a policy: whom its rows are shown to."""


def grant(connection: Connection, role: str) -> None:
    """Give a role these rights and no others; who calls it owns the tables."""
    name = connection.dialect.identifier_preparer.quote_identifier(role)
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {name}")
    for table, rights in GRANTS.items():
        connection.exec_driver_sql(f'REVOKE ALL ON "{table}" FROM {name}')
        connection.exec_driver_sql(f'GRANT {rights} ON "{table}" TO {name}')
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")


def is_guarded(connection: Connection) -> bool:
    """Whether the database itself keeps this connection to its district: not for owners and those above the rules."""
    if connection.dialect.name == "sqlite":
        return True  # one file, one machine: there is no role to be other than the owner
    return bool(connection.scalar(text("SELECT row_security_active('posting')")))
