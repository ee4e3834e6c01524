"""Why requests got less, done by hand: every remedy is tried, pack by pack, with no code of `solver`.

As in `oracle`, each function does what one sentence of section 7 of docs/allocation-model.md says.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.solver import oracle
from tests.solver.oracle import SOURCE, Arc, Asked, Node, Pair, Residual, Tables

REASONS = ("reserve-floor", "closed", "mutual-aid", "link-capacity", "no-way", "stock")
FORM_REASON = {"floor": "reserve-floor", "open": "closed", "aid": "mutual-aid", "link": "link-capacity"}


@dataclass
class Item:
    """One item of an instance with a plan: its arcs, its requests, and what can still move once they are granted."""

    tables: Tables
    code: str
    arcs: dict[Pair, Arc]
    closed: set[Pair]
    residual: Residual
    requests: list[Asked]

    def unfilled(self) -> list[Asked]:
        return [request for request in self.requests if request.granted < request.wanted]


@dataclass
class Set:
    """Unfilled requests alike in their remedies, reason and higher class: a row of limits.csv."""

    item: str
    requests: list[Asked]
    limited_by: str
    higher_class: int
    remedies: list[str]

    @property
    def rows(self) -> list[int]:
        return [request.row for request in self.requests]

    @property
    def packs_missing(self) -> int:
        return sum(request.wanted - request.granted for request in self.requests)


@dataclass
class Answer:
    """What the model grants: units and reason for each row of the demand file, pack-metres for each item."""

    granted: list[int]
    limited_by: list[str]
    pack_metres: dict[str, int]


def item_by_the_rule(tables: Tables, code: str) -> Item:
    """The item with its requests granted as section 4 says."""
    arcs, closed = oracle.arcs_of(tables, code)
    item = Item(tables, code, arcs, closed, oracle.residual_of(tables, code, arcs), oracle.requests_of(tables, code))
    oracle.grant(item.requests, item.residual)
    return item


def answer(tables: Tables) -> Answer:
    """Grants, reasons and least transport of every item of the instance."""
    found = Answer([0] * len(tables.demand), [""] * len(tables.demand), {})
    for code in (row["code"] for row in tables.items):
        item = item_by_the_rule(tables, code)
        found.pack_metres[code] = oracle.least_transport(tables, code, item.arcs, item.requests)[0]
        for request in item.requests:
            found.granted[request.row] = request.granted * oracle.pack_size(tables, code)
        for request in item.unfilled():
            found.limited_by[request.row] = reason(item, request.place, remedies(item, request.place))
    return found


def arc_to(item: Item) -> Iterator[tuple[str, Pair]]:
    """Every floor, closed arc, aid arc and link, by the name of its remedy, and the arc that would carry one more."""
    for row in item.tables.depots:
        if oracle.withheld(item.tables, row["code"], item.code):
            yield f"floor@{row['code']}", (SOURCE, row["code"])
    for tail, head in item.closed:
        yield f"open@{tail}>{head}", (tail, head)
    for (tail, head), arc in item.arcs.items():
        if arc.kind != "tree":
            yield f"{arc.kind}@{tail}>{head}", (tail, head)


def remedies(item: Item, place: Node) -> list[str]:
    """The names of all that helps a request at `place`, found by trying each; stock apart."""
    return sorted(name for name, arc in arc_to(item) if oracle.helps(item.residual, arc, place))


def reason(item: Item, place: Node, names: list[str]) -> str:
    """`limited_by` of an unfilled request at `place` that has these remedies: the first of the list that holds."""
    found = {FORM_REASON[name.split("@")[0]] for name in names}
    held = any(oracle.in_date(item.tables, row["code"], item.code) for row in item.tables.depots)
    if held and not has_way(item, place):
        found.add("no-way")
    return next((name for name in REASONS if name in found), "stock")


def has_way(item: Item, place: Node) -> bool:
    """Whether a depot that has the item in date, its floor not counted, has a way here of any capacity."""
    seen = {row["code"] for row in item.tables.depots if oracle.in_date(item.tables, row["code"], item.code)}
    while True:
        more = {head for tail, head in item.arcs if tail in seen} - seen
        if not more:
            return place in seen
        seen |= more


def higher_class(item: Item, request: Asked) -> int:
    """1 if a pack taken from a request of a higher class could have been shipped to this one instead."""
    givers = {one.place for one in item.requests if one.granted and one.priority < request.priority}
    return int(any(oracle.helps(item.residual, (SOURCE, giver), request.place) for giver in givers))


def sets(item: Item) -> list[Set]:
    """The sets of the item, in the order of their first requests."""
    forms = {request.place: remedies(item, request.place) for request in item.unfilled()}
    found: dict[tuple[str, ...], Set] = {}
    for request in item.unfilled():
        names = forms[request.place]
        why, higher = reason(item, request.place, names), higher_class(item, request)
        one = found.setdefault((*names, why, str(higher)), Set(item.code, [], why, higher, names))
        one.requests.append(request)
    for one in found.values():
        one.remedies = sorted([*one.remedies, *stock_remedies(item, one)])
    return list(found.values())


def stock_remedies(item: Item, one: Set) -> list[str]:
    """stock@ the lowest division above all that ask if stock there reaches them all, else each of those divisions."""
    places = {request.place for request in one.requests}
    above = [ancestors(item.tables, place) for place in places]
    common = [code for code in above[0] if all(code in others for others in above)]
    if common and all(oracle.helps(item.residual, (SOURCE, common[0]), place) for place in places):
        places = {common[0]}
    return [f"stock@{place}" for place in places]


def ancestors(tables: Tables, place: Node) -> list[Node]:
    """The place and all divisions above it, going up."""
    parent = {row["code"]: row["parent_code"] for row in tables.divisions}
    found = [place]
    while parent[found[-1]]:
        found.append(parent[found[-1]])
    return found
