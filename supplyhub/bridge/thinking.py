"""Ask, solve, check, answer: a run's thinking, with no transaction open."""

from __future__ import annotations

import io
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

import solver
from solver.check import check
from solver.sentences import say
from solver.wording import Goods, Said
from supplyhub.bridge.question import ask
from supplyhub.domain.planning import NOT_PLANNED, NewPlan, Snapshot

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""One date for every packed file, so that the same question packs to the same bytes."""


class Stopped(Exception):
    """Somebody cancelled the run before anything was planned."""


class NotProved(Exception):
    """The checker refused the solver's plan: it is never shown, and the faults are said."""


def think(
    snapshot: Snapshot,
    *,
    progress: Callable[[str, int, int], None] = lambda phase, done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> NewPlan:
    """The plan for a snapshot, proved by the checker; of the items that were done, once `cancelled()`.

    Raises Stopped where none was, or NotProved naming what is false.
    """
    seconds: dict[str, float] = {}
    started = time.perf_counter()
    progress("ask", 0, 1)
    problem = ask(snapshot)
    seconds["ask"] = time.perf_counter() - started
    plan = solver.solve(problem, progress=lambda done, total, item: progress("solve", done, total), cancelled=cancelled)
    if not len(plan.items) and len(problem.items):
        raise Stopped
    seconds["solve"] = time.perf_counter() - started - seconds["ask"]
    progress("check", 0, 1)
    checked = time.perf_counter()
    faults = check(problem, plan)
    if faults:
        raise NotProved("\n".join(str(fault) for fault in faults[:20]))
    seconds["check"] = time.perf_counter() - checked
    progress("pack", 0, 1)
    packed = time.perf_counter()
    instance = pack_instance(problem)
    seconds["pack"] = time.perf_counter() - packed
    return _answer(snapshot, problem, replace(plan, proved=True), seconds, instance)


def _answer(
    snapshot: Snapshot, problem: solver.Problem, plan: solver.Plan, seconds: dict[str, float], instance: bytes
) -> NewPlan:
    nodes, limits = [*problem.divisions.codes, *problem.depots.codes], plan.limits
    say_zh, say_en = say(problem, plan, _goods(snapshot))
    pack_size = problem.items.pack_size[problem.demand.item]
    wanted = -(-problem.demand.quantity // pack_size)
    got = plan.granted // pack_size
    return NewPlan(
        digest=solver.input_digest(problem),
        solver_version=solver.__version__,
        proved=plan.proved,
        summary=plan.summary,
        seconds={phase: round(spent, 3) for phase, spent in seconds.items()},
        snapshot=instance,
        granted_units=plan.granted.tolist(),
        fill_millionths=[
            1_000_000 * some // all_ if all_ else 1_000_000
            for some, all_ in zip(got.tolist(), wanted.tolist(), strict=True)
        ],
        limited_by=_limits(problem, plan),
        demand_set=plan.set.tolist(),
        set_first=_first_of_sets(plan),
        set_item=limits.item.tolist(),
        set_requests=limits.requests.tolist(),
        set_packs_missing=limits.packs_missing.tolist(),
        set_limited_by=[solver.LIMITS[cause] for cause in limits.limited_by.tolist()],
        set_higher_class=[bool(higher) for higher in limits.higher_class.tolist()],
        set_remedies=limits.remedies,
        set_say_zh=say_zh,
        set_say_en=say_en,
        shipment_demand=plan.shipments.demand_row.tolist(),
        shipment_stock=plan.shipments.stock_row.tolist(),
        shipment_units=plan.shipments.quantity.tolist(),
        shipment_metres=plan.shipments.metres.tolist(),
        shipment_hours=[solver.hours_text(time) for time in plan.shipments.hours_thousandths.tolist()],
        flow_from=[nodes[node] for node in plan.flows.from_node.tolist()],
        flow_to=[nodes[node] for node in plan.flows.to_node.tolist()],
        flow_item=plan.flows.item.tolist(),
        flow_units=plan.flows.quantity.tolist(),
    )


def _limits(problem: solver.Problem, plan: solver.Plan) -> list[str]:
    """What limits each request, or that its item is not planned."""
    planned = np.isin(problem.demand.item, plan.items).tolist()
    causes = zip(plan.limited_by.tolist(), planned, strict=True)
    return [solver.LIMITS[cause] if held else NOT_PLANNED for cause, held in causes]


def _first_of_sets(plan: solver.Plan) -> list[int]:
    """The first request of each set."""
    numbers, first = np.unique(plan.set, return_index=True)
    found: list[int] = first[numbers > 0].tolist()
    return found


def _goods(snapshot: Snapshot) -> list[Goods]:
    """How items are called in each language."""
    names = map(Said, snapshot.item_name, snapshot.item_name_en)
    units = map(Said, snapshot.item_unit, snapshot.item_unit_en)
    return [Goods(*some) for some in zip(names, units, snapshot.item_pack_size, strict=True)]


def pack_instance(problem: solver.Problem) -> bytes:
    """The instance folder of a problem in one file; the same problem packs to the same bytes."""
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        folder = Path(scratch) / "instance"
        solver.write_instance(problem, folder)
        for path in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name, ZIP_DATE), path.read_bytes(), zipfile.ZIP_DEFLATED, 1)
    return packed.getvalue()


def unpack_instance(packed: bytes, folder: Path) -> None:
    """The instance folder that a plan was made from, as files again; the folder must not exist yet."""
    folder.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder)


def write_question(snapshot: Snapshot, folder: Path) -> str:
    """Write the question a run started now would ask as an instance folder; its digest."""
    problem = ask(snapshot)
    solver.write_instance(problem, folder)
    return solver.input_digest(problem)
