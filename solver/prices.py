"""Prices of places, in metres: what shows in one pass that no other flow ships the same grants over less.

A price p proves least transport where p(v) <= p(u) + length for every arc u>v with room, >= for every one that carries,
p(D) <= 0 where depot D has packs left and >= 0 where it ships (docs/allocation-model.md, section 7). The lowest such
prices are taken: what a place is served with came at most that far.
"""

from __future__ import annotations

import numpy as np

from solver.network import Ground, Network
from solver.problem import Bool, Int64
from solver.residual import Residual
from solver.ways import Carried

_NONE = -(2**62)
_FAR = 2**62


def find_prices(network: Network, residual: Residual, carried: Carried, offered: Int64) -> Int64:
    """A price for each inner node. `offered` are packs per node."""
    price = np.full(network.nodes, _NONE, dtype=np.int64)
    price[carried.shipped > 0] = 0
    _raise(price, residual, np.arange(len(residual.tail)))
    # What cannot be taken back to stock carries nothing, and all lengths there are 0 or more.
    apart = price == _NONE
    price[apart] = _FAR
    price[apart & (offered > carried.shipped)] = 0
    _lower(price, residual, apart)
    # To what is still open nothing leads; it need only not be too cheap for what it leads to.
    far = price == _FAR
    price[far] = 0
    _raise(price, residual, np.flatnonzero(far[residual.tail]))
    return price


def _raise(price: Int64, residual: Residual, steps: Int64) -> None:
    """Prices at the tails of these steps just so high that none is too low for the price at its head."""
    tails, heads, metres = residual.tail[steps], residual.head[steps], residual.metres[steps]
    while True:
        known = price[heads] > _NONE
        tail, floor = tails[known], price[heads[known]] - metres[known]
        rises = floor > price[tail]
        if not rises.any():
            return
        np.maximum.at(price, tail[rises], floor[rises])


def _lower(price: Int64, residual: Residual, apart: Bool) -> None:
    """Prices of the rest as high as the ways to them allow."""
    into = np.flatnonzero(apart[residual.head])
    tail, head, metres = residual.tail[into], residual.head[into], residual.metres[into]
    while True:
        known = price[tail] < _FAR
        ceiling = np.where(known, price[np.where(known, tail, head)] + metres, _FAR)
        falls = known & (ceiling < price[head])
        if not falls.any():
            return
        np.minimum.at(price, head[falls], ceiling[falls])


def price_rows(ground: Ground, network: Network, price: Int64) -> tuple[Int64, Int64]:
    """Nodes that need a row of their own, ascending, and their prices.

    These are depots, roots, and divisions whose price is not their parent's and the length of the arc from it.
    """
    roads, parent = network.roads, ground.parent
    inner = roads.inner
    by_parent = np.full(len(inner), _NONE, dtype=np.int64)
    child = np.flatnonzero(inner < len(parent))
    child = child[parent[inner[child]] >= 0]
    place = inner[child]
    above = parent[place]
    by_parent[child] = price[roads.gate[above]] + roads.gate_metres[above] + ground.metres_to_parent[place]
    own = np.flatnonzero(by_parent != price)
    return inner[own], price[own]
