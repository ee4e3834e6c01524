"""The answer: what each request gets, from which lot, over which arcs, and in what words it sums up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from solver.problem import Fault, Int8, Int32, Int64

LIMITS = ("", "reserve-floor", "closed", "mutual-aid", "link-capacity", "no-way", "stock")
"""Why a request got less, by index; 0 for a request that got everything."""
FILL_DECIMALS = 6
HOURS_DECIMALS = 3
"""Hours of a shipment are rounded to this many decimals, halves up."""


class MalformedPlan(ValueError):
    """The plan folder cannot be read as a plan of this problem; `faults` holds every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Shipments:
    """Who gets what from which lot, S rows, one for each request, lot, metres and hours.

    `quantity` in units; `metres` of the way with penalties; hours in thousandths, written with HOURS_DECIMALS decimals.
    """

    demand_row: Int64
    depot: Int64
    stock_row: Int64
    quantity: Int64
    metres: Int64
    hours_thousandths: Int64

    def __len__(self) -> int:
        return len(self.demand_row)


@dataclass(frozen=True)
class Flows:
    """Arcs that carry, one row for each arc and item; nodes as in `problem`; `quantity` in units."""

    from_node: Int64
    to_node: Int64
    item: Int64
    quantity: Int64

    def __len__(self) -> int:
        return len(self.from_node)


@dataclass(frozen=True)
class Limits:
    """Sets of unfilled requests that the same remedies would help, S rows, numbered by their first requests.

    `requests`: how many; `packs_missing` between them; `limited_by`: index into LIMITS; `higher_class`: 1 where a pack
    could have come from a request of a higher class instead; `remedies` are names, sorted, a space between.
    """

    item: Int64
    requests: Int64
    packs_missing: Int64
    limited_by: Int8
    higher_class: Int8
    remedies: list[str]

    def __len__(self) -> int:
        return len(self.item)


@dataclass(frozen=True)
class Prices:
    """What proves least transport: a price in metres for nodes and items, sorted by item, then node.

    A division without a row has its parent's price and the metres of the tree's arc from there; roots and depots have
    a row.
    """

    node: Int64
    item: Int64
    price: Int64

    def __len__(self) -> int:
        return len(self.node)


@dataclass(frozen=True)
class Plan:
    """Grants of R requests in units, and everything that shows how they come about.

    `set` is the row in `limits`, from 1, of each request that got less, else 0. `items` are the items that the plan
    holds, ascending; a run that was cancelled or ran out of time leaves some out, and their requests stand at 0.

    `summary` is ready for JSON:
    {"model_version", "input_digest", "complete", "items_missing": [codes], "tonne_km",
     "items": [{"item", "tonne_km", "pack_metres",
      "classes": [{"priority", "requests", "requested", "granted", "fill", "lowest_level"}]}]}
    Items held stand in the order of the problem, classes ascending and only where somebody asks. `requested` and
    `granted` are units; `fill` is packs granted over packs wanted, text with FILL_DECIMALS decimals rounded
    down ("1.000000" where none is wanted); `lowest_level` is the least (g / q) / w as a reduced fraction "a/b",
    over requests that want packs, else null; `tonne_km` is an exact decimal as text without an exponent;
    `pack_metres` is the integer that the ways minimise.
    """

    granted: Int64
    limited_by: Int8
    set: Int32
    limits: Limits
    shipments: Shipments
    flows: Flows
    prices: Prices
    items: Int64
    summary: Mapping[str, Any]
    seconds: Mapping[str, float] = field(default_factory=dict)
    proved: bool = False


def fill_text(granted_packs: int, wanted_packs: int) -> str:
    """Packs granted over packs wanted, six decimals, rounded down; 1 where nothing is wanted."""
    scale = 10**FILL_DECIMALS
    millionths = granted_packs * scale // wanted_packs if wanted_packs else scale
    return f"{millionths // scale}.{millionths % scale:0{FILL_DECIMALS}d}"


def hours_text(thousandths: int) -> str:
    """Hours of a shipment as written: `1.250`."""
    return f"{thousandths // 1000}.{thousandths % 1000:03d}"


def decimal_text(value: Decimal) -> str:
    """An exact decimal without exponent or trailing zeros: `0.5`, `12`, `0`."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
