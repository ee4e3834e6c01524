"""The plan folder written: a Plan into CSV and JSON files, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from solver.executors.memory import peak_kib
from solver.folder.columns import (
    Columns,
    Rows,
    blank_where,
    ending,
    named,
    needs_quotes,
    node_codes,
    with_decimals,
    write_table,
)
from solver.folder.whole import written_whole
from solver.plan import FILL_DECIMALS, HOURS_DECIMALS, LIMITS, Plan
from solver.problem import Int64, Problem
from solver.sentences import say

_FILL_EXACT = 2**63 // 10**FILL_DECIMALS
"""Packs up to here can be multiplied to millionths inside int64."""


def write_plan(
    plan: Plan,
    problem: Problem,
    folder: Path,
    *,
    workers: int = 1,
    workers_peak_kib: int = 0,
    compressed: bool = False,
) -> None:
    """Write the plan as a folder, whole or not at all; an older plan there is replaced.

    `workers`: how many solved at once, and `workers_peak_kib` what they held in memory beside this process, for
    run.json; `compressed` gzips the tables. Raises FolderOccupied where other files stand there, OSError where the
    disk refuses.
    """
    quotes = needs_quotes(problem)
    with written_whole(folder) as draft:
        for table, (rows, columns) in _tables(plan, problem).items():
            path = draft / f"{table}{ending(compressed)}"
            write_table(path, rows, columns, quoted=quotes or table == "limits")
        _write_json(draft / "summary.json", {**plan.summary, "proved": plan.proved})
        peak_mib = (peak_kib() + workers_peak_kib) // 1024
        run = {"seconds": dict(plan.seconds), "workers": workers, "peak_memory_mib": peak_mib}
        _write_json(draft / "run.json", run)


def _tables(plan: Plan, problem: Problem) -> dict[str, tuple[int, Callable[[slice], Columns]]]:
    """Rows of each table, and what gives the columns of some of them."""
    return {
        "allocation": (len(problem.demand), partial(_allocation, plan, problem)),
        "shipments": (len(plan.shipments), partial(_shipments, plan, problem)),
        "flows": (len(plan.flows), partial(_flows, plan, problem, node_codes(problem))),
        "limits": (len(plan.limits), partial(_limits, plan, problem, say(problem, plan))),
        "prices": (len(plan.prices), partial(_prices, plan, problem, node_codes(problem))),
    }


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _allocation(plan: Plan, problem: Problem, part: slice) -> Columns:
    demand, sets = problem.demand, plan.set[part]
    return {
        "id": demand.ids[part],
        "division_code": named(problem.divisions.codes, demand.division[part]),
        "item_code": named(problem.items.codes, demand.item[part]),
        "priority": demand.priority[part],
        "requested": demand.quantity[part],
        "granted": plan.granted[part],
        "fill": fills(problem, plan.granted[part], part),
        "limited_by": named(LIMITS, plan.limited_by[part]),
        "set": blank_where(sets, sets == 0),
    }


def fills(problem: Problem, granted: Int64, part: Rows) -> pl.Series:
    """Packs granted over packs wanted of some requests, rounded down; 1 where nothing is wanted."""
    quantity = problem.demand.quantity[part]
    pack = problem.items.pack_size[problem.demand.item[part]]
    packs, wanted = granted // pack, -(-quantity // pack)
    millionths = _millionths(packs, np.maximum(wanted, 1))
    millionths[wanted == 0] = 10**FILL_DECIMALS
    return with_decimals(millionths, FILL_DECIMALS)


def _millionths(packs: Int64, wanted: Int64) -> Int64:
    """Packs times 10**6 over packs wanted, rounded down; three digits at a time where int64 does not hold more."""
    if packs.max(initial=0) < _FILL_EXACT:
        found: Int64 = packs * 10**FILL_DECIMALS // wanted
        return found
    whole, rest = np.divmod(packs, wanted)
    # Nobody can be granted a trillion times what is wanted; a hostile plan may say so.
    found = np.minimum(whole, 10**12)
    for _ in range(FILL_DECIMALS // 3):
        digits, rest = np.divmod(rest * 1000, wanted)
        found = found * 1000 + digits
    return found


def _shipments(plan: Plan, problem: Problem, part: slice) -> Columns:
    shipments, demand = plan.shipments, problem.demand
    row = shipments.demand_row[part]
    return {
        "id": named(demand.ids, row),
        "depot_code": named(problem.depots.codes, shipments.depot[part]),
        "division_code": named(problem.divisions.codes, demand.division[row]),
        "item_code": named(problem.items.codes, demand.item[row]),
        "lot": named(problem.stock.lot, shipments.stock_row[part]),
        "quantity": shipments.quantity[part],
        "metres": shipments.metres[part],
        "hours": with_decimals(shipments.hours_thousandths[part], HOURS_DECIMALS),
    }


def _flows(plan: Plan, problem: Problem, nodes: pl.Series, part: slice) -> Columns:
    flows = plan.flows
    return {
        "from_code": named(nodes, flows.from_node[part]),
        "to_code": named(nodes, flows.to_node[part]),
        "item_code": named(problem.items.codes, flows.item[part]),
        "quantity": flows.quantity[part],
    }


def _limits(plan: Plan, problem: Problem, said: tuple[list[str], list[str]], part: slice) -> Columns:
    limits = plan.limits
    return {
        "set": np.arange(1, len(limits) + 1)[part],
        "item_code": named(problem.items.codes, limits.item[part]),
        "requests": limits.requests[part],
        "packs_missing": limits.packs_missing[part],
        "limited_by": named(LIMITS, limits.limited_by[part]),
        "higher_class": limits.higher_class[part],
        "remedies": limits.remedies[part],
        "say_zh": said[0][part],
        "say_en": said[1][part],
    }


def _prices(plan: Plan, problem: Problem, nodes: pl.Series, part: slice) -> Columns:
    prices = plan.prices
    return {
        "node_code": named(nodes, prices.node[part]),
        "item_code": named(problem.items.codes, prices.item[part]),
        "price": prices.price[part],
    }
