"""Why a request got less: what, had there been one more of it, would have let one more pack through (section 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solver.network import AID, LINK, Ground, Network
from solver.packs import Offers, Requests, changes, in_order, sums_by
from solver.plan import LIMITS
from solver.problem import Int8, Int64
from solver.residual import Residual
from solver.ways import Carried

_FORMS = {"aid": "mutual-aid", "floor": "reserve-floor", "link": "link-capacity", "open": "closed"}
"""Forms of remedy, as they sort, and what they say of the request they help."""
_WORD = 64


@dataclass(frozen=True)
class ItemLimits:
    """Why requests of one item got less.

    By request: `limited_by` (index into LIMITS, 0 where it is filled) and `set`, the row in the columns that follow,
    -1 where it is filled. By set, in the order of their first requests: `first` (that request), `requests`,
    `packs_missing`, `reason`, `higher_class`, and remedies: `forms` (floors, aid, links and closed arcs, sorted) and
    `stock`, the division where stock would reach them all, -1 where it takes stock at each division that asks.
    """

    limited_by: Int8
    set: Int64
    first: Int64
    requests: Int64
    packs_missing: Int64
    reason: Int8
    higher_class: Int8
    forms: list[str]
    stock: Int64


@dataclass(frozen=True)
class _Remedies:
    """One more of what each of these stands for arrives at `node`; sorted by name. `form` is a place in _FORMS."""

    names: list[str]
    node: Int64
    form: Int64


def find_limits(
    ground: Ground,
    network: Network,
    residual: Residual,
    carried: Carried,
    offers: Offers,
    requests: Requests,
    granted: Int64,
) -> ItemLimits:
    """Reasons, sets and remedies of every unfilled request.

    One pack more at a node helps a request that the residual network can be walked to from there.
    """
    short = np.flatnonzero(granted < requests.wanted)
    limited = np.zeros(len(requests), dtype=np.int8)
    place = network.roads.gate[requests.place]
    remedies = _remedies(ground.codes, ground.divisions, network, residual, carried, offers)
    bits = residual.spread(_seeds(remedies, network.nodes), np.bitwise_or)
    limited[short] = _reasons(ground.divisions, network, offers, remedies, bits)[place[short]]
    higher = _best_class(residual, place, requests, granted)[place[short]] < requests.priority[short]
    alike = _alike(bits)[place[short]]
    key = (alike * len(LIMITS) + limited[short]) * 2 + higher
    sets = _Sets.of(short, key, int(alike.max(initial=0) + 1) * len(LIMITS) * 2)
    of_request = np.full(len(requests), -1, dtype=np.int64)
    of_request[short] = sets.number
    count = len(sets.first)
    return ItemLimits(
        limited_by=limited,
        set=of_request,
        first=sets.first,
        requests=np.bincount(sets.number, minlength=count),
        packs_missing=sums_by(sets.number, (requests.wanted - granted)[short], count),
        reason=limited[sets.first],
        higher_class=higher[np.searchsorted(short, sets.first)].astype(np.int8),
        forms=_texts(remedies, bits[place[sets.first]]),
        stock=_common(ground, network, residual, requests.place[short], sets),
    )


@dataclass(frozen=True)
class _Sets:
    """Set of each unfilled request, sets numbered by their first requests, which are `first`."""

    number: Int64
    first: Int64

    @classmethod
    def of(cls, short: Int64, key: Int64, size: int) -> _Sets:
        order = in_order(key, size)
        starts = changes([key[order]])
        number = np.empty(len(short), dtype=np.int64)
        by_first = np.argsort(order[starts], kind="stable")
        renumbered = np.empty(len(starts), dtype=np.int64)
        renumbered[by_first] = np.arange(len(starts))
        number[order] = np.repeat(renumbered, np.diff(starts, append=len(order)))
        return cls(number, short[order[starts][by_first]])


def _remedies(
    codes: Sequence[str], divisions: int, network: Network, residual: Residual, carried: Carried, offers: Offers
) -> _Remedies:
    """Everything of which one more would bring a pack to some node: floors, and full or closed arcs from where stock
    that is left can come.
    """
    roads, arcs = network.roads, network.arcs
    offered = np.zeros(len(roads.inner), dtype=np.int64)
    stores = np.flatnonzero(roads.inner >= divisions)
    depot = roads.inner[stores] - divisions
    offered[stores] = offers.offered[depot]
    supplied = residual.spread(offered > carried.shipped, np.logical_or)
    full = (carried.flow >= arcs.capacity) & supplied[arcs.tail]
    removed = np.flatnonzero(supplied[roads.removed_tail])
    found = [
        (f"floor@{codes[divisions + at]}", node, "floor")
        for node, at in zip(stores.tolist(), depot.tolist(), strict=True)
        if offers.withheld[at]
    ]
    for kind, form in ((AID, "aid"), (LINK, "link")):
        rows = np.flatnonzero(full & (arcs.kind == kind))
        found += _over(codes, roads.inner, arcs.tail[rows], arcs.head[rows], form)
    found += _over(codes, roads.inner, roads.removed_tail[removed], roads.removed_head[removed], "open")
    found.sort()
    forms = list(_FORMS)
    return _Remedies(
        [name for name, _, _ in found],
        np.array([node for _, node, _ in found], dtype=np.int64),
        np.array([forms.index(form) for _, _, form in found], dtype=np.int64),
    )


def _over(codes: Sequence[str], inner: Int64, tail: Int64, head: Int64, form: str) -> list[tuple[str, int, str]]:
    ends = zip(inner[tail].tolist(), inner[head].tolist(), head.tolist(), strict=True)
    return [(f"{form}@{codes[start]}>{codes[end]}", node, form) for start, end, node in ends]


def _seeds(remedies: _Remedies, nodes: int) -> Int64:
    """A row of bits for each node: bit k of word w is set where remedy 64 w + k arrives."""
    count = len(remedies.names)
    bits = np.zeros((nodes, max(-(-count // _WORD), 1)), dtype=np.int64)
    number = np.arange(count)
    one = np.left_shift(np.int64(1), number % _WORD)
    np.bitwise_or.at(bits, (remedies.node, number // _WORD), one)
    return bits


def _reasons(divisions: int, network: Network, offers: Offers, remedies: _Remedies, bits: Int64) -> Int8:
    """What limits an unfilled request at each node: the first of LIMITS that holds."""
    reason = np.full(network.nodes, LIMITS.index("stock"), dtype=np.int8)
    held = np.zeros(network.nodes, dtype=np.bool_)
    stores = np.flatnonzero(network.roads.inner >= divisions)
    held[stores] = offers.held[network.roads.inner[stores] - divisions] > 0
    if offers.stored:
        arcs = network.arcs
        ways = Residual.sorted(arcs.tail, arcs.head, arcs.metres, network.nodes)
        reason[~ways.spread(held, np.logical_or)] = LIMITS.index("no-way")
    for limit in reversed(LIMITS[1:5]):
        form = list(_FORMS.values()).index(limit)
        reason[(bits & _mask(remedies, form, bits.shape[1])).any(axis=1)] = LIMITS.index(limit)
    return reason


def _mask(remedies: _Remedies, form: int, words: int) -> Int64:
    """The bits of all remedies of one form."""
    number = np.flatnonzero(remedies.form == form)
    mask = np.zeros(words, dtype=np.int64)
    np.bitwise_or.at(mask, number // _WORD, np.left_shift(np.int64(1), number % _WORD))
    return mask


def _best_class(residual: Residual, place: Int64, requests: Requests, granted: Int64) -> Int8:
    """The highest class of which a pack could have come to each node instead; 9 where none could."""
    best = np.full(residual.nodes, 9, dtype=np.int8)
    has = np.flatnonzero(granted > 0)
    np.minimum.at(best, place[has], requests.priority[has])
    return residual.spread(best, np.minimum)


def _alike(bits: Int64) -> Int64:
    """A number for each row of bits, equal rows sharing one."""
    order = np.lexsort(bits.T)
    number = np.zeros(len(bits), dtype=np.int64)
    starts = changes(list(bits[order].T))
    number[order] = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(order)))
    return number


def _texts(remedies: _Remedies, bits: Int64) -> list[str]:
    """Names of the remedies in each row of bits."""
    names = np.array(remedies.names, dtype=object)
    held = np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little")[:, : len(names)].astype(np.bool_)
    return [" ".join(names[row]) for row in held]


def _common(ground: Ground, network: Network, residual: Residual, asks: Int64, sets: _Sets) -> Int64:
    """The lowest division above all that ask in each set if stock there reaches them all, else -1."""
    count, first = len(sets.first), ground.first
    low, high = np.full(count, len(first), dtype=np.int64), np.full(count, -1, dtype=np.int64)
    np.minimum.at(low, sets.number, first[asks])
    np.maximum.at(high, sets.number, first[asks])
    common = ground.common(low, high)
    farthest = np.zeros(count, dtype=np.int64)
    np.maximum.at(farthest, sets.number, network.roads.breaks[asks])
    unsure = np.flatnonzero((common >= 0) & (farthest != network.roads.breaks[common]))
    for number in unsure.tolist():
        # The tree is broken somewhere below: only walking tells.
        at = np.zeros(residual.nodes, dtype=np.bool_)
        at[network.roads.gate[common[number]]] = True
        mine = network.roads.gate[asks[sets.number == number]]
        if not residual.spread(at, np.logical_or)[mine].all():
            common[number] = -1
    return common
