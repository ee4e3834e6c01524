"""The allocation model done by hand: one pack at a time, on the rows of the files, with no code of `solver`.

It is slow and literal on purpose. Each function does what one sentence of docs/allocation-model.md says, so
that a disagreement with the solver can be settled by reading that sentence.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

Row = dict[str, str]
Node = str
Pair = tuple[Node, Node]

SOURCE = "@stock"
NEVER = "9999-99-99"


@dataclass
class Tables:
    """The rows of one instance folder, as text, and its settings as JSON values."""

    divisions: list[Row]
    depots: list[Row]
    items: list[Row]
    stock: list[Row]
    demand: list[Row]
    links: list[Row]
    settings: dict[str, object]


@dataclass
class Arc:
    """One way from a node to the next: packs it may carry (None = any number), its length and its time."""

    capacity: int | None
    metres: int
    hours: Fraction
    kind: str


@dataclass
class Asked:
    """One request of the item that is being shared out."""

    row: int
    place: Node
    priority: int
    weight: Fraction
    wanted: int
    granted: int = 0

    def next_pack(self) -> tuple[int, Fraction, Fraction, int]:
        """Place of the next pack in the one order of section 4 (smallest comes first)."""
        before = Fraction(self.granted, self.wanted) / self.weight
        after = Fraction(self.granted + 1, self.wanted) / self.weight
        return (self.priority, before, -after, self.row)


@dataclass
class Residual:
    """What can still move: packs left on each arc, in both directions; None = any number."""

    room: dict[Pair, int | None] = field(default_factory=dict)
    back: dict[Pair, int] = field(default_factory=dict)

    def copy(self) -> "Residual":
        return Residual(dict(self.room), dict(self.back))

    def steps(self, node: Node) -> list[tuple[Node, Pair, int]]:
        """Where one pack may go from `node`: (node, arc, +1 along it, -1 where a pack comes back off it)."""
        along = [
            (head, (tail, head), 1)
            for (tail, head), room in self.room.items()
            if tail == node and (room is None or room > 0)
        ]
        against = [
            (tail, (tail, head), -1) for (tail, head), carried in self.back.items() if head == node and carried > 0
        ]
        return along + against

    def add_pack(self, place: Node) -> bool:
        """Bring one more pack to `place` if the packs already sent can be rearranged so; breadth first."""
        came: dict[Node, tuple[Node, Pair, int]] = {}
        queue = deque([SOURCE])
        while queue and place not in came:
            node = queue.popleft()
            for head, arc, sign in self.steps(node):
                if head not in came and head != SOURCE:
                    came[head] = (node, arc, sign)
                    queue.append(head)
        if place not in came:
            return False
        node = place
        while node != SOURCE:
            node, arc, sign = came[node]
            room = self.room[arc]
            self.room[arc] = None if room is None else room - sign
            self.back[arc] = self.back.get(arc, 0) + sign
        return True


def number(text: str | None, otherwise: str = "0") -> Decimal:
    return Decimal(text if text else otherwise)


def metres(kilometres: Decimal) -> int:
    return round(kilometres * 1000)


def road_hours(length: int, road: int) -> Fraction:
    """0.15 h and km / 55 for a leg; no leg, no time."""
    return Fraction(15, 100) + Fraction(road, 55_000) if length else Fraction(0)


def pack_size(tables: Tables, item: str) -> int:
    return next(int(row.get("pack_size") or 1) for row in tables.items if row["code"] == item)


def wanted_packs(tables: Tables, request: Row) -> int:
    return math.ceil(Fraction(int(request["quantity"]), pack_size(tables, request["item_code"])))


def lots(tables: Tables, depot: str, item: str) -> list[tuple[str, str, int]]:
    """Lots of a depot that have not expired, first expired first: (date, lot, packs), floors not counted."""
    as_of = str(tables.settings.get("as_of") or "")
    found = []
    for row in tables.stock:
        if (row["depot_code"], row["item_code"]) == (depot, item):
            date = row.get("expires_on") or NEVER
            if not as_of or date > as_of:
                found.append((date, row.get("lot", ""), int(row["quantity"]) // pack_size(tables, item)))
    return sorted(found)


def in_date(tables: Tables, depot: str, item: str) -> int:
    return sum(packs for _, _, packs in lots(tables, depot, item))


def withheld(tables: Tables, depot: str, item: str) -> int:
    """Packs that the reserve floor really keeps back at a depot."""
    if tables.settings.get("release_reserves"):
        return 0
    floors = [
        int(row.get("reserve_floor") or 0)
        for row in tables.stock
        if (row["depot_code"], row["item_code"]) == (depot, item)
    ]
    floor = math.ceil(Fraction(max(floors, default=0), pack_size(tables, item)))
    return min(floor, in_date(tables, depot, item))


def on_offer(tables: Tables, depot: str, item: str) -> int:
    return in_date(tables, depot, item) - withheld(tables, depot, item)


def first_expired(tables: Tables, depot: str, item: str, units: int) -> dict[str, int]:
    """Units of each lot that leave a depot which ships `units`, the lot that expires first going first."""
    size, taken = pack_size(tables, item), {}
    left = units // size
    for _, lot, packs in lots(tables, depot, item):
        if min(left, packs):
            taken[lot] = min(left, packs) * size
        left -= min(left, packs)
    return taken


def subtree(tables: Tables, place: Node) -> set[Node]:
    inside = {place}
    while True:
        more = {row["code"] for row in tables.divisions if row["parent_code"] in inside} - inside
        if not more:
            return inside
        inside |= more


def aid_capacity(tables: Tables, place: Node, item: str, share: Fraction) -> int:
    inside = subtree(tables, place)
    base = sum(on_offer(tables, row["code"], item) for row in tables.depots if row["division_code"] in inside)
    if tables.settings.get("mutual_aid_basis") == "surplus":
        asked = sum(
            wanted_packs(tables, row)
            for row in tables.demand
            if row["item_code"] == item and row["division_code"] in inside
        )
        base = max(0, base - asked)
    return math.floor(share * base)


def road_metres(tables: Tables, child: Row) -> int:
    """Length from a division to its parent: as written, else 1.36 times the great circle."""
    if child["km_to_parent"]:
        return metres(number(child["km_to_parent"]))
    parent = next(row for row in tables.divisions if row["code"] == child["parent_code"])
    lon_a, lat_a, lon_b, lat_b = (math.radians(float(row[axis])) for row in (child, parent) for axis in ("lon", "lat"))
    across = math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    half = math.sin((lat_b - lat_a) / 2) ** 2 + across
    return round(2 * 6371.0 * math.asin(math.sqrt(half)) * 1.36 * 1000)


def tree_arcs(tables: Tables, item: str) -> dict[Pair, Arc]:
    """Arcs that stand before links.csv is read."""
    arcs = {}
    shares = tables.settings.get("mutual_aid") or {}
    assert isinstance(shares, dict)
    penalty = metres(number(str(tables.settings.get("mutual_aid_penalty_km") or 0)))
    for row in tables.depots:
        if row["division_code"]:
            length = metres(number(row.get("km_to_division")))
            arcs[row["code"], row["division_code"]] = Arc(None, length, road_hours(length, length), "tree")
    for row in tables.divisions:
        if not row["parent_code"]:
            continue
        length = road_metres(tables, row)
        arcs[row["parent_code"], row["code"]] = Arc(None, length, road_hours(length, length), "tree")
        if row["level"] in shares:
            share = Fraction(str(shares[row["level"]]))
            capacity = aid_capacity(tables, row["code"], item, share)
            hours = road_hours(length + penalty, length)
            arcs[row["code"], row["parent_code"]] = Arc(capacity, length + penalty, hours, "aid")
    return arcs


def is_open(row: Row) -> bool:
    return (row.get("open") or "1").lower() not in ("0", "false", "no")


def link_rows(tables: Tables, item: str) -> dict[Pair, list[Row]]:
    """Rows of links.csv that speak of this item, by direction; the one that counts (names the item) first."""
    rows: dict[Pair, list[Row]] = {}
    for row in sorted(tables.links, key=lambda row: not row.get("item_code")):
        if row.get("item_code", "") in ("", item):
            rows.setdefault((row["from_code"], row["to_code"]), []).append(row)
    return rows


def link_arc(row: Row, size: int) -> Arc:
    capacity = int(row["capacity"]) // size if row.get("capacity") else None
    road, length = metres(number(row["km"])), metres(number(row["km"]) + number(row.get("penalty_km")))
    hours = Fraction(row["hours"]) if row.get("hours") else road_hours(length, road)
    return Arc(capacity, length, hours, "link")


def arcs_of(tables: Tables, item: str) -> tuple[dict[Pair, Arc], set[Pair]]:
    """All arcs of an item as section 3 builds them, and the directions whose arc a closed road takes away."""
    arcs, closed, size = tree_arcs(tables, item), set(), pack_size(tables, item)
    for pair, rows in link_rows(tables, item).items():
        stood = pair in arcs or any(is_open(row) for row in rows)
        if is_open(rows[0]):
            arcs[pair] = link_arc(rows[0], size)
        elif stood:
            closed.add(pair)
            arcs.pop(pair, None)
    return arcs, closed


def residual_of(tables: Tables, item: str, arcs: dict[Pair, Arc]) -> Residual:
    room: dict[Pair, int | None] = {pair: arc.capacity for pair, arc in arcs.items()}
    for row in tables.depots:
        room[SOURCE, row["code"]] = on_offer(tables, row["code"], item)
    return Residual(room)


def requests_of(tables: Tables, item: str) -> list[Asked]:
    return [
        Asked(
            index,
            row["division_code"],
            int(row.get("priority") or 4),
            Fraction(row.get("weight") or "1"),
            wanted_packs(tables, row),
        )
        for index, row in enumerate(tables.demand)
        if row["item_code"] == item
    ]


def grant(requests: list[Asked], residual: Residual) -> None:
    """Section 4, literally: while some request can still take a pack, the first in the order takes it."""
    able = [request for request in requests if request.granted < request.wanted]
    while able:
        first = min(able, key=Asked.next_pack)
        shipped = residual.add_pack(first.place)
        first.granted += shipped
        # A request that cannot take a pack now never can later: the packs already granted stay granted.
        if not shipped or first.granted == first.wanted:
            able.remove(first)


def least_transport(
    tables: Tables, item: str, arcs: dict[Pair, Arc], requests: list[Asked]
) -> tuple[int, dict[Pair, int]]:
    """Least sum of packs x metres that ships these grants, and packs by arc: shortest residual way, pack by pack."""
    residual = residual_of(tables, item, arcs)
    owed: dict[Node, int] = {}
    for request in requests:
        owed[request.place] = owed.get(request.place, 0) + request.granted
    total = 0
    sink = "@served"
    for place, packs in owed.items():
        residual.room[place, sink] = packs
    for _ in range(sum(owed.values())):
        total += send_shortest(residual, arcs, sink)
    return total, residual.back


def send_shortest(residual: Residual, arcs: dict[Pair, Arc], sink: Node) -> int:
    """Send one pack from stock to the sink over the shortest residual way (Bellman-Ford); its metres."""
    far: dict[Node, int] = {SOURCE: 0}
    came: dict[Node, tuple[Node, Pair, int]] = {}
    changed = True
    while changed:
        changed = False
        for node in list(far):
            for head, arc, sign in residual.steps(node):
                length = far[node] + sign * (arcs[arc].metres if arc in arcs else 0)
                if head not in far or length < far[head]:
                    far[head], came[head], changed = length, (node, arc, sign), True
    node = sink
    while node != SOURCE:
        node, arc, sign = came[node]
        room = residual.room[arc]
        residual.room[arc] = None if room is None else room - sign
        residual.back[arc] = residual.back.get(arc, 0) + sign
    return far[sink]


def helps(residual: Residual, arc: Pair, place: Node) -> bool:
    """Whether one pack more over `arc` lets every grant and one pack more at `place` be shipped together."""
    tried = residual.copy()
    room = tried.room.get(arc, 0)
    tried.room[arc] = None if room is None else room + 1
    return tried.add_pack(place)
