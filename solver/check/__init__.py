"""Is this plan true? Reads problem and plan, shares nothing with what made the plan, and says every fault in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from solver.check.case import Case, case_of, question_of
from solver.check.decomposed import decomposed_faults
from solver.check.fair import fair_faults
from solver.check.feasible import feasible_faults
from solver.check.held import held_faults
from solver.check.limits import limit_faults
from solver.check.lots import lot_faults, sum_faults
from solver.check.model import Model
from solver.check.near import near_faults
from solver.check.order import flow_order, price_order, shipment_order
from solver.check.residual import Residual, residual_of
from solver.check.rows import split_by
from solver.check.sets import Sets, sets_of
from solver.check.shape import shape_faults
from solver.check.totals import item_totals, total_faults
from solver.plan import Plan
from solver.problem import Fault, Problem

__all__ = ["check"]


def check(problem: Problem, plan: Plan, seconds: dict[str, float] | None = None) -> list[Fault]:
    """Every fault of a plan, in the order of the items; an empty list means that the plan is true.

    What is asked later makes sense only where what is asked first holds: numbers that can be read; an item that can
    be carried as written; grants by the rule, least transport, shipments that are ways of the flows; true reasons and
    sets. The summary is held to the rows when all of them stand. Faults name the file of the plan folder, its line
    (or -1 where it is about several), the column, and the numbers.

    Time spent is added to `seconds` by phase: read, feasible, fair, near, reasons, shipments, totals.
    """
    clock = Clock({} if seconds is None else seconds)
    with clock.phase("read"):
        faults = shape_faults(problem, plan) or held_faults(problem, plan)
    return faults or Checker(problem, plan, clock).all_faults()


@dataclass(frozen=True)
class Clock:
    """Seconds spent in each phase."""

    seconds: dict[str, float]

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time of the block to the phase."""
        start = perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - start


class Checker:
    """One plan beside its problem, item by item; `faults` grow as they are found.

    `sets` and `totals` are the true ones, of items in which nothing was found that makes them meaningless.
    """

    def __init__(self, problem: Problem, plan: Plan, clock: Clock) -> None:
        self.problem, self.plan, self.phase = problem, plan, clock.phase
        self.sets: list[Sets] = []
        self.totals: list[dict[str, Any]] = []
        with self.phase("read"):
            self.model, items = Model(problem), len(problem.items)
        with self.phase("feasible"):
            self.flows, self.faults = split_by(plan.flows.item, items), flow_order(self.model, plan.flows)
        with self.phase("near"):
            self.prices = split_by(plan.prices.item, items)
            self.faults += price_order(self.model, plan.prices)
        with self.phase("shipments"):
            self.shipments = split_by(problem.demand.item[plan.shipments.demand_row], items)
            self.faults += shipment_order(self.model, plan.shipments)

    def all_faults(self) -> list[Fault]:
        """Look at every item that the plan holds, then at what it says of all together."""
        for item in self.plan.items.tolist():
            self._look_at(item)
        with self.phase("reasons"):
            if len(self.sets) == len(self.plan.items):
                self.faults += limit_faults(self.problem, self.plan, self.sets)
        with self.phase("totals"):
            return self.faults or total_faults(self.plan, self.problem, self.totals)

    def _look_at(self, item: int) -> None:
        """Whether an item can be carried as written and its shipments add up; if so, whether all else holds."""
        with self.phase("read"):
            question = question_of(self.model, item)
        with self.phase("feasible"):
            case = case_of(question, self.plan, self.flows[item], self.shipments[item])
            faults = feasible_faults(case)
        with self.phase("shipments"):
            faults += sum_faults(case)
        self.faults += faults
        if not faults:
            self._prove(case)

    def _prove(self, case: Case) -> None:
        with self.phase("fair"):
            residual = residual_of(case)
            unfair = list(fair_faults(case, residual))
            self.faults += unfair
        with self.phase("near"):
            self.faults += near_faults(case, residual, self.prices[case.question.item])
        with self.phase("shipments"):
            self.faults += lot_faults(case) or decomposed_faults(case)
        with self.phase("reasons"):
            if not unfair:
                self._explain(case, residual)
        with self.phase("totals"):
            if not self.faults:
                self.totals.append(item_totals(case))

    def _explain(self, case: Case, residual: Residual) -> None:
        sets, faults = sets_of(case, residual)
        self.sets.append(sets)
        self.faults += faults
