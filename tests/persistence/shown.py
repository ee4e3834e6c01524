"""Whom each row of the database is shown to, said a second time: a table of this file, worked out in Python alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]
Tables = Mapping[str, list[Row]]


class Shown:
    """What of a whole database a district [lo, hi) is shown."""

    def __init__(self, tables: Tables, lo: int, hi: int) -> None:
        self.tables, self._lo, self._hi = tables, lo, hi
        self._by_key: dict[tuple[str, str], dict[Any, Row]] = {}

    def rows(self, table: str) -> list[Row]:
        """The rows of a table that the district is shown."""
        return [row for row in self.tables[table] if self.row(table, row)]

    def row(self, table: str, row: Row) -> bool:
        """Whether a row of a table is shown."""
        return bool(SHOWN[table](self, row))

    def here(self, pos: int) -> bool:
        """Whether a position of the tree lies in the district."""
        return self._lo <= pos < self._hi

    def division(self, number: int) -> bool:
        """Whether a division lies in the district."""
        return self.here(self._get("division", "id", number)["lo"])

    def the(self, table: str, number: int, key: str = "id") -> bool:
        """Whether a row of another table is shown."""
        return self.row(table, self._get(table, key, number))

    def any(self, table: str, column: str, value: Any) -> bool:
        """Whether any shown row of another table has this in a column."""
        return any(self.row(table, row) for row in self.tables[table] if row[column] == value)

    def _get(self, table: str, key: str, value: Any) -> Row:
        known = self._by_key.setdefault((table, key), {row[key]: row for row in self.tables[table]})
        return known[value]


def _order(see: Shown, row: Row) -> bool:
    ends = [depot for depot in (row["from_depot_id"], row["to_depot_id"]) if depot is not None]
    return see.here(row["from_pos"]) or see.here(row["pos"]) or any(see.the("depot", depot) for depot in ends)


def _account(see: Shown, row: Row) -> bool:
    if see.here(row["pos"]):
        return True
    if row["depot_id"] is not None:
        return see.the("depot", row["depot_id"])
    if row["order_id"] is not None:
        return see.the("transfer_order", row["order_id"])
    return see.any("depot", "division_id", row["division_id"])


def _set(see: Shown, row: Row) -> bool:
    lines = [line for line in see.tables["plan_line"] if line["plan_id"] == row["plan_id"]]
    own = any(see.here(line["pos"]) for line in lines if line["set_number"] == row["number"])
    return own or see.the("plan", row["plan_id"])


def _own_posting(see: Shown, row: Row) -> bool:
    [posting] = [one for one in see.tables["posting"] if one["id"] == row["posting_id"]]
    return see.here(posting["pos"])


SHOWN: Mapping[str, Callable[[Shown, Row], bool]] = {
    # To everybody: the names of places and goods.
    "alembic_version": lambda see, row: True,
    "division": lambda see, row: True,
    "category": lambda see, row: True,
    "item": lambda see, row: True,
    # Where it stands; a depot also to who keeps it.
    "institution": lambda see, row: see.division(row["division_id"]),
    "depot": lambda see, row: see.here(row["pos"]) or see.division(row["custodian_id"]),
    "way": lambda see, row: see.here(row["pos"]),
    "reserve_floor": lambda see, row: see.the("depot", row["depot_id"]),
    # People of the district.
    "user_account": lambda see, row: see.division(row["division_id"]),
    "token": lambda see, row: see.the("user_account", row["user_id"]),
    "failed_sign_in": lambda see, row: see.any("user_account", "username", row["username"]),
    # Where it is asked for and planned; lines of a plan to the office that asked, and why they got less.
    "request": lambda see, row: see.here(row["pos"]),
    "request_line": lambda see, row: see.here(row["pos"]),
    "planning_run": lambda see, row: see.here(row["pos"]),
    "plan": lambda see, row: see.here(row["pos"]),
    "plan_line": lambda see, row: see.here(row["pos"]),
    "plan_shipment": lambda see, row: see.here(row["pos"]),
    "plan_set": _set,
    "plan_flow": lambda see, row: see.the("plan", row["plan_id"]),
    "approval": lambda see, row: see.the("plan", row["plan_id"]),
    # Orders at both their ends.
    "transfer_order": _order,
    "order_line": lambda see, row: see.the("transfer_order", row["order_id"]),
    "reservation": lambda see, row: see.the("order_line", row["order_line_id"]),
    # The ledger: accounts of the district and of what it keeps or is sent, and whatever touches them.
    "account": _account,
    "balance": lambda see, row: see.the("account", row["account_id"]),
    "lot": lambda see, row: see.any("balance", "lot_id", row["id"]),
    "movement": lambda see, row: see.the("account", row["from_account_id"]) or see.the("account", row["to_account_id"]),
    "posting": lambda see, row: see.here(row["pos"]) or see.any("movement", "posting_id", row["id"]),
    "answer": _own_posting,
    "posting_note": _own_posting,
    "feed": lambda see, row: see.the("posting", row["posting_id"]),
    "stock_rollup": lambda see, row: see.division(row["division_id"]),
    # To the installation alone.
    "rolled_up": lambda see, row: False,
    "seal": lambda see, row: False,
    "verification": lambda see, row: False,
    "unnumbered": lambda see, row: False,
    "job": lambda see, row: False,
}
"""A line a table. A new table needs one here, a policy in its migration, and its rights in persistence/grants.py."""
