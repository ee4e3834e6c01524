"""What depots hold and what is asked for, item by item, in whole packs (section 2 of the allocation model)."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from solver.check.rows import Ints, lined_up, split_by
from solver.problem import Problem


@dataclass(frozen=True)
class Offer:
    """Packs of one item at D depots, and its lots, first expired first within each depot.

    `rows` are rows of stock, `packs` what each of those lots holds in date, `depot` where it lies;
    `in_date`, `withheld` and `on_offer` are packs by depot.
    """

    rows: Ints
    packs: Ints
    depot: Ints
    in_date: Ints
    withheld: Ints

    @property
    def on_offer(self) -> Ints:
        return self.in_date - self.withheld


@dataclass(frozen=True)
class Requests:
    """Requests of one item: rows of demand, place, packs wanted, class, numerator of the weight."""

    rows: Ints
    place: Ints
    wanted: Ints
    priority: Ints
    weight: Ints


class Stock:
    """Lots of all items, and requests of all items, each in one order."""

    def __init__(self, problem: Problem) -> None:
        stock, items = problem.stock, len(problem.items)
        self.problem = problem
        names = pl.Series(stock.lot, dtype=pl.String).rank("dense").to_numpy().astype(np.int64)
        days = stock.expires_on.astype(np.int64) - np.iinfo(np.int32).min
        by_shelf = lined_up(stock.depot, days, names)
        self.rank = np.empty(len(stock), dtype=np.int64)
        self.rank[by_shelf] = np.arange(len(stock))
        self._lots = [by_shelf[rows] for rows in split_by(stock.item[by_shelf], items)]
        self._requests = split_by(problem.demand.item, items)

    def offer(self, item: int) -> Offer:
        """What depots hold of an item: nothing of an expired lot, the largest floor named held back."""
        stock, rows = self.problem.stock, self._lots[item]
        depot, size = stock.depot[rows], int(self.problem.items.pack_size[item])
        fresh = stock.expires_on[rows] > self.problem.as_of_day()
        packs = np.where(fresh, stock.quantity[rows] // size, 0)
        in_date, floor = np.zeros((2, len(self.problem.depots)), dtype=np.int64)
        np.add.at(in_date, depot, packs)
        if not self.problem.settings.release_reserves:
            np.maximum.at(floor, depot, -(-stock.reserve_floor[rows] // size))
        return Offer(rows, packs, depot, in_date, np.minimum(floor, in_date))

    def requests(self, item: int) -> Requests:
        """What is asked for of an item: a part of a pack is a pack."""
        demand, rows = self.problem.demand, self._requests[item]
        wanted = -(-demand.quantity[rows] // int(self.problem.items.pack_size[item]))
        priority = demand.priority[rows].astype(np.int64)
        return Requests(rows, demand.division[rows], wanted, priority, demand.weight_numerator[rows])
