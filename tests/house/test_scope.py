"""Nobody learns what lies outside his district: selects are scoped or say why not, and every table has its rights."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from supplyhub.persistence.grants import GRANTS
from supplyhub.persistence.rows import Row

ROOT = Path(__file__).parents[2]
PERSISTENCE = ROOT / "supplyhub" / "persistence"
FOR_ALL = {"DivisionRow", "ItemRow", "CategoryRow"}
"""Rows of what everybody may read: the names of places and goods."""

SCOPERS = {"within", "_depots_of"}
"""What adds the scope: `within`, and what is made of it for depots."""

FOR_THE_INSTALLATION = {
    "jobs.py": "the queue is the workers' own",
    "oversight": "a sum proved in part is not proved; what is sealed is sealed whole",
    "planning/snapshot.py": "a run looks at a whole place, whoever asks: it was allowed when it was started",
}
"""Rooms that read for the installation itself."""

BY_KEY = "named by a document the caller has come by"
SIGNING_IN = "before there is a scope"
LOADING = "called by the installation's own loads"
WRITING = "called by the worker, of the run or approval it does"
LOCKING = "locks what is then read through the scope"
UNSCOPED = {
    "people.py:_actor_by_token": SIGNING_IN,
    "people.py:_actors": SIGNING_IN,
    "people.py:count_failures": SIGNING_IN,
    "people.py:find_password": SIGNING_IN,
    "people.py:find_password_by_id": SIGNING_IN,
    "people.py:find_user_id": "a name is given once in the whole installation",
    "people.py:has_demo_users": "asked at the start",
    "people.py:list_tokens": "the caller's own",
    "places.py:_name_depots": BY_KEY,
    "places.py:list_way_keys": LOADING,
    "places.py:name_institutions": BY_KEY,
    "planning/approving.py:add_approval": "of a plan that was locked through the scope",
    "planning/approving.py:list_closed_arcs": WRITING,
    "planning/approving.py:list_flow_arcs": WRITING,
    "planning/approving.py:count_open_shipments": WRITING,
    "planning/reading.py:_is_ordered": "a part of selects that are scoped",
    "planning/reading.py:_select_lines": "a part of selects that are scoped",
    "planning/reading.py:_statuses": BY_KEY,
    "planning/reading.py:_sum_flows_by_tier": WRITING,
    "planning/reading.py:load_overview": BY_KEY,
    "planning/reading.py:lock_plan": LOCKING,
    "planning/reading.py:select_shipments": "a part of selects that are scoped, or of what the worker does",
    "planning/runs.py:lock_run": LOCKING,
    "planning/sets.py:load_question_of_line": BY_KEY,
    "planning/writing.py:discard_plan": WRITING,
    "planning/writing.py:discard_unfinished": WRITING,
    "requests.py:lock_lines": BY_KEY,
    "requests.py:lock_request": LOCKING,
    "requests.py:sum_open": "of places that were found through the scope",
    "reserves.py:list_floor_keys": LOADING,
    "stock/accounts.py:_positions": "of depots that were found through the scope",
    "stock/accounts.py:map_account_keys": BY_KEY,
    "stock/accounts.py:map_depot_lots": "of a depot that was found through the scope",
    "stock/accounts.py:map_expiries": WRITING,
    "stock/changes.py:find_end": "the number alone",
    "stock/changes.py:find_place": "a number and its mark alone",
    "stock/overview.py:read_as_of": "a number, a moment and a count, the same for all",
    "stock/balances.py:_balances_locked": "balances by the accounts that a verb moves",
    "stock/balances.py:_open_balances": "balances by the accounts that a verb moves",
    "stock/lots.py:_lot_codes": BY_KEY,
    "stock/postings.py:find_answer": "by the caller's own key; what is not the caller's is not replayed",
    "stock/postings.py:_keys_claimed": "selects what was sent, no row",
    "stock/postings.py:list_custodians": "by the caller's own key; who keeps the depots now must allow the replay",
    "stock/postings.py:list_postings": "a part of a select that is scoped",
    "stock/postings.py:load_movements": BY_KEY,
    "stock/postings.py:_ends": BY_KEY,
    "stock/postings.py:_posting_select": "a part of selects that are scoped",
    "stock/shelves.py:_shelves": "of a depot that was found through the scope",
    "stock/shelves.py:lock_shelves": "of a depot that was found through the scope",
    "stock/shelves.py:list_shelves": "of a depot that was found through the scope",
    "transfers.py:_lines": BY_KEY,
    "transfers.py:lock_order": LOCKING,
}
"""Selects of a district's rows that do not go through `within`, and why. PostgreSQL's own policies bind these too."""

BEYOND = {
    "persistence/jobs.py:add": "a run is queued with its job",
    "persistence/jobs.py:request_cancel": "a run is stopped with its job",
    "persistence/oversight/__init__.py:verify": "a sum proved in part is not proved",
    "persistence/oversight/sealing.py:find_last_seal": "a supervisor keeps the newest seal, which is over everything",
    "persistence/oversight/verifications.py:_list": "a supervisor is told that faults are elsewhere, and not which",
    "persistence/places.py:get_named_depot": "who keeps the depot at the other end of an order says who may act",
    "persistence/places.py:name_depots": "documents name depots of other districts",
    "persistence/planning/reading.py:_statuses": "an office sees its lines of a plan, not the plan",
    "persistence/planning/sets.py:load_question_of_line": "an office is told what would help its own line",
    "persistence/stock/accounts.py:map_account_keys": "a posting is reversed whole or not at all",
    "persistence/stock/changes.py:find_end": "a follower passes over what is not his, and learns the last number",
    "persistence/stock/changes.py:find_place": "a follower passes over what is not his, and keeps a mark of the place",
    "persistence/stock/overview.py:read_as_of": "how far the sums have come is the same for all",
    "persistence/stock/lots.py:with_lot_codes": "documents name lots that have not arrived yet",
    "persistence/stock/postings.py:list_custodians": "a replay is refused when a depot has gone to another keeper",
    "persistence/stock/postings.py:with_ends": "a movement into the district names where it came from",
    "persistence/stock/postings.py:load_movements": "a posting is reversed whole or not at all",
    "service/transfers/life.py:_give_back": "a sender gives back what another district had asked for",
}
"""Where a caller's transaction acts for the installation, and why: always by exact keys that the caller has come by."""

EVERYWHERE = {
    "api/transfers.py:_transfer",
    "service/transfers/making.py:make_transfer",
    "web/choices.py:possible_owners",
    "web/transfers.py:_transfer",
}
"""Who looks at the tree of divisions beyond the district: names and codes of divisions are public, depots are not."""


def functions(folder: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function below a folder with its place, `stock/postings.py:find_answer`."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(folder)}:{node.name}", node


def calls(function: ast.FunctionDef, name: str) -> list[ast.Call]:
    """Calls of a function or method of this name."""
    found = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return [node for node in found if name in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))]


def scoped_rows(function: ast.FunctionDef) -> set[str]:
    """Row classes of a district's own that stand in a function."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return {name for name in names if name.endswith("Row") and name != "Row"} - FOR_ALL


def test_every_select_goes_through_within_or_says_why_not() -> None:
    around = {
        place
        for place, function in functions(PERSISTENCE)
        if not place.startswith(tuple(FOR_THE_INSTALLATION))
        and not any(calls(function, scoper) for scoper in SCOPERS)
        and calls(function, "select")
        and scoped_rows(function)
    }
    assert around - UNSCOPED.keys() == set(), "scope it with `within`, or add a line with the reason to UNSCOPED"
    assert UNSCOPED.keys() - around == set(), "these lines of UNSCOPED say nothing any more"


def test_what_acts_for_the_installation_in_a_callers_transaction_is_listed() -> None:
    uses = {place for place, function in functions(ROOT / "supplyhub") if calls(function, "beyond")}
    assert uses - BEYOND.keys() == set(), "act within the district, or add a line with the reason to BEYOND"
    assert BEYOND.keys() - uses == set(), "these lines of BEYOND say nothing any more"


def test_what_looks_at_places_everywhere_is_listed() -> None:
    uses = {
        place
        for place, function in functions(ROOT / "supplyhub")
        if any(isinstance(node, ast.Attribute) and node.attr == "everywhere" for node in ast.walk(function))
    }
    assert uses - {"service/unit_of_work.py:__init__"} == EVERYWHERE


def test_every_table_says_what_the_service_may_do_with_it() -> None:
    tables = {*Row.metadata.tables, "alembic_version"}
    asked = "a line in persistence/grants.py, a policy in the table's migration, a line in tests/persistence/shown.py"
    assert tables - GRANTS.keys() == set(), asked
    assert GRANTS.keys() - tables == set()
    for table in ("posting", "answer", "movement", "feed", "seal", "lot", "account"):
        assert GRANTS[table] == "SELECT, INSERT"
