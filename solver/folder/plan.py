"""The plan folder: a Plan into CSV and JSON files, and back; what a reader cannot believe is refused by line."""

from __future__ import annotations

import json
import resource
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from solver.digest import input_digest
from solver.folder.sheet import Sheet, lookup, named
from solver.folder.whole import write_csv, written_whole
from solver.plan import FILL_DECIMALS, LIMITS, Flows, Limits, MalformedPlan, Plan, Prices, Shipments, fill_text
from solver.problem import MODEL_VERSION, Fault, Int64, Problem

_ALLOCATION = ["id", "division_code", "item_code", "priority", "requested", "granted", "fill", "limited_by", "set"]
_SHIPMENTS = ["id", "depot_code", "division_code", "item_code", "lot", "quantity", "metres", "hours"]
_FLOWS = ["from_code", "to_code", "item_code", "quantity"]
_LIMITS = ["set", "item_code", "requests", "packs_missing", "limited_by", "higher_class", "remedies"]
_PRICES = ["node_code", "item_code", "price"]
_HOURS = r"^(0|[1-9][0-9]{0,11})\.[0-9]{3}$"
_FILL_EXACT = 2**63 // 10**FILL_DECIMALS
"""Packs up to here can be multiplied to millionths inside int64."""


def write_plan(plan: Plan, problem: Problem, folder: Path) -> None:
    """Write the plan as a folder, whole or not at all; an older plan there is replaced.

    Raises FolderOccupied where other files stand there, OSError where the disk refuses.
    """
    with written_whole(folder) as draft:
        write_csv(_allocation_frame(plan, problem), draft / "allocation.csv")
        write_csv(_shipments_frame(plan, problem), draft / "shipments.csv")
        write_csv(_flows_frame(plan, problem), draft / "flows.csv")
        write_csv(_limits_frame(plan, problem), draft / "limits.csv")
        write_csv(_prices_frame(plan, problem), draft / "prices.csv")
        _write_json(draft / "summary.json", {**plan.summary, "proved": plan.proved})
        # Linux reports the peak in KiB.
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        _write_json(draft / "run.json", {"seconds": dict(plan.seconds), "workers": 1, "peak_memory_mib": peak_mib})


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _allocation_frame(plan: Plan, problem: Problem) -> pl.DataFrame:
    return pl.DataFrame(
        {
            **_request_columns(problem),
            "granted": plan.granted,
            "fill": _fills(problem, plan.granted),
            "limited_by": named(LIMITS, plan.limited_by),
            "set": _set_numbers(plan.set.astype(np.int64)),
        }
    )


def _request_columns(problem: Problem) -> dict[str, Any]:
    """What allocation.csv repeats of each request."""
    demand = problem.demand
    return {
        "id": demand.ids,
        "division_code": named(problem.divisions.codes, demand.division),
        "item_code": named(problem.items.codes, demand.item),
        "priority": demand.priority,
        "requested": demand.quantity,
    }


def _fills(problem: Problem, granted: Int64) -> pl.Series:
    """Text of packs granted over packs wanted for each request, rounded down."""
    demand = problem.demand
    pack = problem.items.pack_size[demand.item]
    packs, wanted = granted // pack, -(-demand.quantity // pack)
    scale = 10**FILL_DECIMALS
    small = np.abs(packs) < _FILL_EXACT
    millionths = np.where(small, packs, 0) * scale // np.maximum(wanted, 1)
    millionths[wanted == 0] = scale
    whole, rest = pl.Series(millionths // scale), pl.Series(millionths % scale)
    texts = whole.cast(pl.String) + "." + rest.cast(pl.String).str.zfill(FILL_DECIMALS)
    large = np.flatnonzero(~small)
    if len(large):
        texts = texts.scatter(large, [fill_text(int(packs[row]), int(wanted[row])) for row in large])
    return texts


def _set_numbers(sets: Int64) -> pl.Series:
    """Set numbers, blank for none."""
    numbers = pl.Series(sets)
    return pl.select(pl.when(numbers == 0).then(None).otherwise(numbers)).to_series()


def _shipments_frame(plan: Plan, problem: Problem) -> pl.DataFrame:
    shipments, demand = plan.shipments, problem.demand
    row = shipments.demand_row
    return pl.DataFrame(
        {
            "id": named(demand.ids, row),
            "depot_code": named(problem.depots.codes, shipments.depot),
            "division_code": named(problem.divisions.codes, demand.division[row]),
            "item_code": named(problem.items.codes, demand.item[row]),
            "lot": named(problem.stock.lot, shipments.stock_row),
            "quantity": shipments.quantity,
            "metres": shipments.metres,
            "hours": _hours(shipments.hours_thousandths),
        }
    )


def _hours(thousandths: Int64) -> pl.Series:
    whole, rest = pl.Series(thousandths // 1000), pl.Series(thousandths % 1000)
    return whole.cast(pl.String) + "." + rest.cast(pl.String).str.zfill(3)


def _flows_frame(plan: Plan, problem: Problem) -> pl.DataFrame:
    nodes = problem.node_codes()
    return pl.DataFrame(
        {
            "from_code": named(nodes, plan.flows.from_node),
            "to_code": named(nodes, plan.flows.to_node),
            "item_code": named(problem.items.codes, plan.flows.item),
            "quantity": plan.flows.quantity,
        }
    )


def _limits_frame(plan: Plan, problem: Problem) -> pl.DataFrame:
    limits = plan.limits
    return pl.DataFrame(
        {
            "set": np.arange(1, len(limits) + 1),
            "item_code": named(problem.items.codes, limits.item),
            "requests": limits.requests,
            "packs_missing": limits.packs_missing,
            "limited_by": named(LIMITS, limits.limited_by),
            "higher_class": limits.higher_class,
            "remedies": pl.Series(limits.remedies, dtype=pl.String),
        }
    )


def _prices_frame(plan: Plan, problem: Problem) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "node_code": named(problem.node_codes(), plan.prices.node),
            "item_code": named(problem.items.codes, plan.prices.item),
            "price": plan.prices.price,
        }
    )


def read_plan(folder: Path, problem: Problem) -> Plan:
    """A plan of this problem from its folder. Raises MalformedPlan with every fault: file, line, column, reason.

    Read is what can be read as a plan of this problem, columns that repeat the instance included; whether it is true
    is for `check` to say.
    """
    allocation = Sheet(folder, "allocation.csv", _ALLOCATION)
    shipped = Sheet(folder, "shipments.csv", _SHIPMENTS)
    carried = Sheet(folder, "flows.csv", _FLOWS)
    limited = Sheet(folder, "limits.csv", _LIMITS)
    priced = Sheet(folder, "prices.csv", _PRICES)
    summary, faults = _read_summary(folder, problem)
    granted, limits, sets = _read_allocation(allocation, problem)
    shipments = _read_shipments(shipped, problem)
    flows = _read_flows(carried, problem)
    sets_limits, prices = _read_limits(limited, problem), _read_prices(priced, problem)
    sheets = (allocation, shipped, carried, limited, priced)
    faults = [*(fault for sheet in sheets for fault in sheet.faults), *faults]
    if faults:
        raise MalformedPlan(faults)
    proved = summary.pop("proved")
    return Plan(
        granted=granted,
        limited_by=limits.astype(np.int8),
        set=sets.astype(np.int32),
        limits=sets_limits,
        shipments=shipments,
        flows=flows,
        prices=prices,
        items=_held(problem, summary),
        summary=summary,
        proved=proved,
    )


def _read_allocation(sheet: Sheet, problem: Problem) -> tuple[Int64, Int64, Int64]:
    demand = problem.demand
    row = sheet.references("id", demand.ids, ("需求", "request"), blank=False)
    granted, sets = sheet.integers("granted"), sheet.integers("set", "0")
    limits = sheet.choices("limited_by", LIMITS)
    _refuse_missing(sheet, row, demand.ids)
    truth = _request_columns(problem)
    in_order = np.zeros(len(demand), dtype=np.int64)
    in_order[row] = granted
    truth["fill"] = _fills(problem, in_order)
    for column in ("division_code", "item_code", "priority", "requested"):
        _hold_against(sheet, column, pl.Series(truth[column]).cast(pl.String), row)
    fits = ("与 granted 不符，或 granted 有误：按它应为", "does not fit granted, or granted is wrong: by it this is")
    _hold_against(sheet, "fill", pl.Series(truth["fill"]).cast(pl.String), row, fits)
    return in_order, _placed(limits, row, len(demand)), _placed(sets, row, len(demand))


def _placed(values: Int64, row: Int64, rows: int) -> Int64:
    """Values of a file's lines, in the order of the demand file."""
    placed = np.zeros(rows, dtype=np.int64)
    placed[row] = values
    return placed


def _refuse_missing(sheet: Sheet, row: Int64, ids: Sequence[str]) -> None:
    """Requests that stand on two lines, or on none."""
    if not sheet.has("id"):
        return
    order = np.argsort(row, kind="stable")
    again = order[1:][row[order][1:] == row[order][:-1]]
    sheet.refuse("id", np.sort(again).tolist(), "此需求已有一行", "stands twice; each request has one line")
    for missing in np.flatnonzero(np.bincount(row, minlength=len(ids)) == 0).tolist():
        sheet.refuse_file(f"缺少需求 {ids[missing]!r} 的一行", f"no line for request {ids[missing]!r}")


def _hold_against(
    sheet: Sheet, column: str, truth: pl.Series, row: Int64, says: tuple[str, str] = ("应为", "must be")
) -> None:
    """Refuse what a column says otherwise than the instance does; `row` is the request of each line."""
    if not sheet.has(column) or not len(truth):
        return
    true = truth.gather(row)
    for line in np.flatnonzero((sheet.text(column) != true).to_numpy()).tolist():
        if not sheet.is_bad("id", line):
            sheet.refuse(column, [line], f"{says[0]} {true[line]}", f"{says[1]} {true[line]}")


def _read_shipments(sheet: Sheet, problem: Problem) -> Shipments:
    demand = problem.demand
    row = sheet.references("id", demand.ids, ("需求", "request"), blank=False)
    depot = sheet.references("depot_code", problem.depots.codes, ("储备库", "depot"), blank=False)
    for column in ("division_code", "item_code"):
        _hold_against(sheet, column, pl.Series(_request_columns(problem)[column]), row)
    return Shipments(
        demand_row=row,
        depot=depot,
        stock_row=_read_lots(sheet, problem, depot, demand.item[row] if len(demand) else row),
        quantity=sheet.integers("quantity"),
        metres=sheet.integers("metres"),
        hours_thousandths=_read_hours(sheet),
    )


def _read_hours(sheet: Sheet) -> Int64:
    """Thousandths of hours written with three decimals."""
    texts = sheet.text("hours")
    wrong = ~texts.str.contains(_HOURS)
    sheet.refuse(
        "hours", np.flatnonzero(wrong.to_numpy()).tolist(), "应为三位小数的小时数", "must be hours with three decimals"
    )
    digits = texts.str.replace(".", "", literal=True).cast(pl.Int64, strict=False)
    return digits.fill_null(0).to_numpy().copy()


def _read_lots(sheet: Sheet, problem: Problem, depot: Int64, item: Int64) -> Int64:
    """The stock row that each line's depot, item and lot name."""
    stock = problem.stock
    known = _lot_keys(stock.depot, stock.item, pl.Series(stock.lot, dtype=pl.String))
    rows = lookup(_lot_keys(depot, item, sheet.text("lot")), known.to_list())
    sheet.refuse(
        "lot",
        np.flatnonzero(rows.is_null().to_numpy()).tolist(),
        "此储备库没有这一物资的这一批次",
        "the depot holds no such lot of the item",
    )
    return rows.fill_null(0).to_numpy().copy()


def _lot_keys(depot: Int64, item: Int64, lot: pl.Series) -> pl.Series:
    """Depot, item and lot in one text; numbers first, so that no name can pass for another."""
    return pl.Series(depot).cast(pl.String) + " " + pl.Series(item).cast(pl.String) + " " + lot


def _read_flows(sheet: Sheet, problem: Problem) -> Flows:
    nodes, end = problem.node_codes(), ("区划或储备库", "division or depot")
    return Flows(
        from_node=sheet.references("from_code", nodes, end, blank=False),
        to_node=sheet.references("to_code", nodes, end, blank=False),
        item=sheet.references("item_code", problem.items.codes, ("物资", "item"), blank=False),
        quantity=sheet.integers("quantity"),
    )


def _read_limits(sheet: Sheet, problem: Problem) -> Limits:
    wrong = np.flatnonzero(sheet.integers("set") != np.arange(1, len(sheet) + 1))
    sheet.refuse("set", wrong.tolist(), "集合应按 1、2、3……编号", "sets are numbered 1, 2, 3 ...")
    return Limits(
        item=sheet.references("item_code", problem.items.codes, ("物资", "item"), blank=False),
        requests=sheet.integers("requests"),
        packs_missing=sheet.integers("packs_missing"),
        limited_by=sheet.choices("limited_by", LIMITS).astype(np.int8),
        higher_class=sheet.choices("higher_class", ["0", "1"]).astype(np.int8),
        remedies=sheet.text("remedies").to_list(),
    )


def _read_prices(sheet: Sheet, problem: Problem) -> Prices:
    return Prices(
        node=sheet.references("node_code", problem.node_codes(), ("区划或储备库", "division or depot"), blank=False),
        item=sheet.references("item_code", problem.items.codes, ("物资", "item"), blank=False),
        price=sheet.integers("price"),
    )


def _held(problem: Problem, summary: Mapping[str, Any]) -> Int64:
    """The items that a plan does not say it lacks."""
    missing = set(map(str, summary.get("items_missing", [])))
    held = [item for item, code in enumerate(problem.items.codes) if code not in missing]
    return np.array(held, dtype=np.int64)


def _read_summary(folder: Path, problem: Problem) -> tuple[dict[str, Any], list[Fault]]:
    try:
        summary = json.loads((folder / "summary.json").read_text("utf-8-sig"))
    except OSError:
        return {}, [_summary_fault("", "文件缺失", "the file is missing")]
    except (ValueError, RecursionError) as error:
        return {}, [_summary_fault("", f"不是 JSON({error})", f"is not JSON ({error})")]
    if not isinstance(summary, dict):
        return {}, [_summary_fault("", "应为 JSON 对象", "must be a JSON object")]
    faults = []
    if not isinstance(summary.get("proved"), bool):
        faults.append(_summary_fault("proved", "应为 true 或 false", "must be true or false"))
    for key, true in (("model_version", MODEL_VERSION), ("input_digest", input_digest(problem))):
        if summary.get(key) != true:
            found = summary.get(key)
            faults.append(_summary_fault(key, f"{found!r} 应为 {true!r}", f"{found!r} must be {true!r}"))
    return summary, faults


def _summary_fault(column: str, zh: str, en: str) -> Fault:
    return Fault("summary.json", column, -1, zh, en)
