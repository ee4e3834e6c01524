"""Remedies of a request or of a set, tried one by one: what each would give it, and who else would get more or less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from solver.closures import closed_between
from solver.explain.changes import only_item, to_be_changed
from solver.explain.trials import Trial, find_joint_trials, find_own_trial, find_trials
from solver.grants import grant
from solver.network import Ground
from solver.packs import Offers, Requests, offers_by_item, requests_by_item, sums_by
from solver.plan import LIMITS, Plan
from solver.problem import Bool, Int64, Problem, Tables

TRIED = 12
"""Remedies tried unless told otherwise: each takes some hundredths of a second at the size of a province."""


@dataclass(frozen=True)
class Effect:
    """What would come of one remedy, or of several at once.

    `remedies` as limits.csv names them; `units` are released or added, 0 where a limit is lifted instead; `granted` are
    packs of what is explained; `more` and `less` count other requests for the item that would get more, or less.
    """

    remedies: tuple[str, ...]
    units: int
    granted: int
    more: int
    less: int


@dataclass(frozen=True)
class Explanation:
    """What a request, or the requests of a set, got and why not more; and what would help, the most helpful first.

    `item` is a row of the problem; `asked_units` were asked for, which are `wanted` packs, of which `granted` are got;
    `limited_by` is one of LIMITS, "" where nothing is missing; `untried` is how many of the remedies were not tried.
    """

    item: int
    requests: int
    asked_units: int
    wanted: int
    granted: int
    limited_by: str = ""
    higher_class: bool = False
    effects: tuple[Effect, ...] = ()
    untried: int = 0


def explain_request(problem: Problem, plan: Plan, row: int, *, most: int = TRIED) -> Explanation:
    """Why the request in a row of the demand got less, and what would help it; at most `most` remedies are tried.

    Each is tried alone, and all floors together: a floor is released whole, a lender or a link has no limit any more, a
    cut road stands again, what is missing lies where stock would help, or where it is missing. Cut roads between any
    stock and the request are tried too: no pack lies ready for them, but shared out anew some might come that way.
    Shares of lenders move with what depots offer, as they always do. The plan must hold the request's item.
    """
    return _explain(problem, plan, np.array([row]), int(plan.set[row]), most)


def explain_set(problem: Problem, plan: Plan, number: int, *, most: int = TRIED) -> Explanation:
    """Why the requests of a set (1 ...) of the plan got less, and what would help them all together."""
    return _explain(problem, plan, np.flatnonzero(plan.set == number), number, most)


def _explain(problem: Problem, plan: Plan, rows: Int64, number: int, most: int) -> Explanation:
    item = int(problem.demand.item[rows[0]])
    case = _Case.of(problem, plan, item, rows)
    asked = int(problem.demand.quantity[rows].sum())
    found = Explanation(item, len(rows), asked, case.sum(case.requests.wanted), case.sum(case.before))
    if not number:
        return found
    limits = plan.limits
    told, missing = limits.remedies[number - 1].split(), case.missing()
    named = [*told, *(name for name in case.closed(missing) if name not in told)]
    trials = find_trials(case.tables, case.offers, named, missing, case.left)
    more = find_joint_trials(case.tables, case.offers, named)
    if len(missing) == 1:
        more += find_own_trial(case.tables, named, missing)
    effects = [case.effect(trial) for trial in [*trials[:most], *more]]
    effects = [effect for effect in effects if effect.granted != found.granted or effect.more or effect.less]
    return replace(
        found,
        limited_by=LIMITS[limits.limited_by[number - 1]],
        higher_class=bool(limits.higher_class[number - 1]),
        effects=tuple(sorted(effects, key=_most_helpful_first)),
        untried=max(len(trials) - most, 0),
    )


def _most_helpful_first(effect: Effect) -> tuple[int, int, bool, int, tuple[str, ...]]:
    """What gives most and takes least, and of that what needs no goods that nobody has."""
    needs_goods = effect.remedies[0].startswith("stock@")
    return -effect.granted, effect.less, needs_goods, -effect.units, effect.remedies


@dataclass(frozen=True)
class _Case:
    """The question of one item, which of its requests are explained (`mine`), and the packs all of them got.

    `shipped` are packs by depot.
    """

    tables: Tables
    mine: Bool
    before: Int64
    shipped: Int64

    @classmethod
    def of(cls, problem: Problem, plan: Plan, item: int, rows: Int64) -> _Case:
        """The case of these requests, which are all for one item."""
        of_item, size = np.flatnonzero(problem.demand.item == item), problem.items.pack_size[item]
        sent = np.flatnonzero(problem.stock.item[plan.shipments.stock_row] == item)
        units = sums_by(plan.shipments.depot[sent], plan.shipments.quantity[sent], len(problem.depots))
        before = plan.granted[of_item] // size
        return cls(to_be_changed(only_item(problem, item)), np.isin(of_item, rows), before, units // size)

    @property
    def left(self) -> Int64:
        """Packs on offer that are not shipped, by depot."""
        return self.offers.offered - self.shipped

    @cached_property
    def offers(self) -> Offers:
        """What depots offer before anything is changed."""
        return offers_by_item(self.tables)[0]

    @cached_property
    def requests(self) -> Requests:
        """Who asks, whatever is changed."""
        return requests_by_item(self.tables)[0]

    @cached_property
    def ground(self) -> Ground:
        """What is shared by all changes that leave the roads alone."""
        return Ground(self.tables)

    def sum(self, packs: Int64) -> int:
        """Of the packs of all requests, those of what is explained."""
        return int(packs[self.mine].sum())

    def missing(self) -> dict[int, int]:
        """Packs that what is explained did not get, by the division that asked."""
        short = np.flatnonzero(self.mine & (self.before < self.requests.wanted))
        packs = (self.requests.wanted - self.before)[short]
        places, number = np.unique(self.requests.place[short], return_inverse=True)
        return dict(zip(places.tolist(), sums_by(number, packs, len(places)).tolist(), strict=True))

    def closed(self, missing: Mapping[int, int]) -> list[str]:
        """Closed roads between stock and where something is missing, as remedies are named."""
        ways = closed_between(self.ground, 0, self.offers.held > 0, np.array([*missing], dtype=np.int64))
        return [f"open@{way}" for way in ways]

    def effect(self, trial: Trial) -> Effect:
        """What everybody would get after the change."""
        after = self._grants(trial.change(self.tables))
        others = ~self.mine
        more, less = (int(np.count_nonzero(others & differs)) for differs in (after > self.before, after < self.before))
        return Effect(trial.remedies, trial.units, self.sum(after), more, less)

    def _grants(self, changed: Tables) -> Int64:
        """Packs by request. Nothing else of an answer is asked for, which is half the work."""
        offered, requests = offers_by_item(changed)[0].offered, self.requests
        same_roads = changed.depots is self.tables.depots and changed.links is self.tables.links
        ground = self.ground if same_roads else Ground(changed)
        network = ground.network(0, offered, sums_by(requests.place, requests.wanted, ground.divisions))
        packs = np.concatenate([np.zeros(ground.divisions, dtype=np.int64), offered])[network.roads.inner]
        return grant(network, packs, requests, network.roads.gate[requests.place])
