"""What can be tried of the remedies that are named: each a change of the question, the most promising first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest

import numpy as np

from solver.explain.changes import with_stock, without_floors, without_limit
from solver.packs import Offers
from solver.problem import Int64, Tables

_WAYS = ("open", "aid", "link")


@dataclass(frozen=True)
class Trial:
    """A change of the question of one item that stands for remedies; `units` are released or added by it."""

    remedies: tuple[str, ...]
    units: int
    change: Callable[[Tables], Tables]


def find_trials(
    tables: Tables, offers: Offers, named: Iterable[str], missing: Mapping[int, int], left: Int64
) -> list[Trial]:
    """A trial for each remedy: the first of each form, then the second of each ...

    Of ways those come first where most is left at or below their beginnings (`left`: packs by depot), of floors the
    largest. `missing` are packs by division: what is added where stock would help; several such places are one trial.
    A name that is no remedy of this question is passed over.
    """
    forms, below = _by_form(tables, named), _sums_below(tables, left)
    ways = [
        [_lift(*remedy) for remedy in sorted(forms[form].items(), key=lambda remedy: -below[remedy[1][0]])]
        for form in _WAYS
    ]
    floors = [_release(tables, offers, {name: nodes}) for name, nodes in forms["floor"].items()]
    floors.sort(key=lambda trial: -trial.units)
    in_turn = chain.from_iterable(zip_longest(*ways, floors, _add(tables, forms["stock"], missing)))
    return [trial for trial in in_turn if trial is not None]


def find_own_trial(tables: Tables, named: Iterable[str], missing: Mapping[int, int]) -> list[Trial]:
    """What is missing put where it is missing, unless that is what `stock@` of the remedies named means already.

    Further up it might go to others first; here all of it reaches who stands here.
    """
    own = {f"stock@{tables.divisions.codes[place]}": (place,) for place in missing}
    return [] if set(own) <= set(named) else list(_add(tables, own, missing))


def find_joint_trials(tables: Tables, offers: Offers, named: Iterable[str]) -> list[Trial]:
    """All floors released together, where several are named."""
    floors = _by_form(tables, named)["floor"]
    return [_release(tables, offers, floors)] if len(floors) > 1 else []


Ends = tuple[int, ...]
"""The nodes a remedy is about: one, or both ends of a way."""


def _sums_below(tables: Tables, left: Int64) -> Int64:
    """At each node what is left there and, the tree down, below it."""
    divisions = len(tables.divisions)
    sums, place = np.concatenate([np.zeros(divisions, dtype=np.int64), left]), tables.depots.division
    while (place >= 0).any():
        np.add.at(sums, place[place >= 0], left[place >= 0])
        place = np.where(place >= 0, tables.divisions.parent[place], -1)
    return sums


def _by_form(tables: Tables, named: Iterable[str]) -> dict[str, dict[str, Ends]]:
    """Remedies and their nodes by form, of those that name what there is."""
    node, divisions = {code: place for place, code in enumerate(tables.node_codes())}, len(tables.divisions)
    forms: dict[str, dict[str, Ends]] = {form: {} for form in (*_WAYS, "floor", "stock")}
    for name in named:
        form, _, where = name.partition("@")
        ends = tuple(node.get(code, -1) for code in where.split(">"))
        fits = {"floor": ends[0] >= divisions, "stock": ends[0] < divisions}.get(form, len(ends) == 2)
        if form in forms and fits and min(ends) >= 0:
            forms[form][name] = ends
    return forms


def _lift(name: str, ends: Ends) -> Trial:
    """A way without its limit, or open again."""
    return Trial((name,), 0, partial(without_limit, tail=ends[0], head=ends[1]))


def _release(tables: Tables, offers: Offers, floors: Mapping[str, Ends]) -> Trial:
    depots = [ends[0] - len(tables.divisions) for ends in floors.values()]
    units = int(offers.withheld[depots].sum()) * int(tables.items.pack_size[0])
    return Trial(tuple(floors), units, partial(without_floors, depots=depots))


def _add(tables: Tables, stock: Mapping[str, Ends], missing: Mapping[int, int]) -> Iterator[Trial]:
    """What is missing, put where stock would reach all that miss it, or else wherever it is missing."""
    size = int(tables.items.pack_size[0])
    if len(stock) == 1:
        [place] = [ends[0] for ends in stock.values()]
        missing = {place: sum(missing.values())}
    names = tuple(name for name, ends in stock.items() if ends[0] in missing)
    if names:
        units = {place: packs * size for place, packs in missing.items()}
        yield Trial(names, sum(units.values()), partial(with_stock, units=units))
