"""Whether a plan can be shipped as written: whole packs, lots first expired first, floors, arcs, conservation."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from solver.check.graph import Graph, Ints
from solver.check.model import Arcs, Model, Offer, Requests
from solver.check.rows import line, repeated, sums
from solver.plan import Plan
from solver.problem import Fault


@dataclass(frozen=True)
class Case:
    """One item of a plan beside what the model allows it.

    `shipments` and `flows` are rows of the plan that are about the item; `granted` is packs by request,
    `arc` the open arc of each flow row (-1 where none stands), `carried` packs by arc, `sent` packs by depot.
    """

    model: Model
    plan: Plan
    item: int
    offer: Offer
    requests: Requests
    arcs: Arcs
    shipments: Ints
    flows: Ints
    granted: Ints
    arc: Ints
    carried: Ints
    sent: Ints

    @property
    def size(self) -> int:
        return int(self.model.problem.items.pack_size[self.item])

    @property
    def code(self) -> str:
        return self.model.problem.items.codes[self.item]

    def support(self) -> tuple[Ints, Graph]:
        """Arcs that carry, and the graph they make."""
        arcs = np.flatnonzero(self.carried > 0)
        return arcs, Graph(self.model.nodes, self.arcs.tail[arcs], self.arcs.head[arcs])


def case_of(model: Model, plan: Plan, item: int, shipments: Ints, flows: Ints) -> Case:
    """Lay one item of the plan beside the model's arcs and offers."""
    offer, requests = model.offer(item), model.requests(item)
    arcs, size = model.arcs(item, offer, requests), int(model.problem.items.pack_size[item])
    key = plan.flows.from_node[flows] * model.nodes + plan.flows.to_node[flows]
    place = np.searchsorted(arcs.key, key)
    stands = place < len(arcs.key)
    stands[stands] = arcs.key[place[stands]] == key[stands]
    arc = np.where(stands, place, -1)
    carried = sums(arc[stands], plan.flows.quantity[flows[stands]] // size, len(arcs.key))
    sent = sums(plan.shipments.depot[shipments], plan.shipments.quantity[shipments] // size, model.depots)
    granted = plan.granted[requests.rows] // size
    return Case(model, plan, item, offer, requests, arcs, shipments, flows, granted, arc, carried, sent)


def shipped_faults(case: Case) -> list[Fault]:
    """Everything that keeps one item of the plan from being shipped as it is written."""
    faults = [*_grant_faults(case), *_row_faults(case), *_arc_faults(case)]
    return faults or [*_sum_faults(case), *_lot_faults(case), *_balance_faults(case), *_cycle_faults(case)]


def _grant_faults(case: Case) -> Iterator[Fault]:
    """Grants that are no whole packs or more than was wanted."""
    units, most = case.plan.granted[case.requests.rows], case.requests.wanted
    for place in np.flatnonzero((units % case.size != 0) | (case.granted > most)).tolist():
        row = int(case.requests.rows[place])
        name, number = case.model.problem.demand.ids[row], int(units[place])
        if number % case.size:
            yield Fault(
                "allocation.csv",
                "granted",
                line(row),
                f"申请 {name} 获 {number},不是整包({case.size} 一包)",
                f"request {name} is granted {number}, not whole packs of {case.size}",
            )
        if case.granted[place] > most[place]:
            allowed = int(most[place]) * case.size
            yield Fault(
                "allocation.csv",
                "granted",
                line(row),
                f"申请 {name} 获 {number},多于所需 {allowed}",
                f"request {name} is granted {number}, more than the {allowed} wanted",
            )


def _row_faults(case: Case) -> Iterator[Fault]:
    """Shipments of another depot's or item's lot, of broken packs, or standing twice."""
    shipments, stock = case.plan.shipments, case.model.problem.stock
    rows = case.shipments
    lot, broken = shipments.stock_row[rows], shipments.quantity[rows] % case.size != 0
    strange = (stock.depot[lot] != shipments.depot[rows]) | (stock.item[lot] != case.item)
    for row in rows[strange].tolist():
        depot = case.model.problem.depots.codes[int(shipments.depot[row])]
        yield Fault(
            "shipments.csv",
            "lot",
            line(row),
            f"储备库 {depot} 没有物资 {case.code} 的这一批次",
            f"depot {depot} holds no such lot of item {case.code}",
        )
    for row in rows[broken].tolist():
        number = int(shipments.quantity[row])
        yield Fault(
            "shipments.csv",
            "quantity",
            line(row),
            f"{number} 不是整包({case.size} 一包)",
            f"{number} is not whole packs of {case.size}",
        )
    keys = (shipments.hours_thousandths[rows], shipments.metres[rows], lot, shipments.demand_row[rows])
    for row in rows[repeated(keys)].tolist():
        name = case.model.problem.demand.ids[int(shipments.demand_row[row])]
        yield Fault(
            "shipments.csv",
            "id",
            line(row),
            f"申请 {name} 的同一批次、里程和时长重复出现",
            f"request {name} stands twice with one lot, metres and hours",
        )


def _arc_faults(case: Case) -> Iterator[Fault]:
    """Flows where no open arc stands, of broken packs, standing twice, or more than the arc can carry."""
    flows, rows = case.plan.flows, case.flows
    quantity = flows.quantity[rows]
    closed = set(zip(case.arcs.closed_tail.tolist(), case.arcs.closed_head.tolist(), strict=True))
    for row in rows[case.arc < 0].tolist():
        ends = (int(flows.from_node[row]), int(flows.to_node[row]))
        zh, en = ("道路中断", "the road is cut") if ends in closed else ("没有这条路", "no arc stands there")
        yield Fault("flows.csv", "from_code", line(row), f"{_way(case, *ends)}:{zh}", f"{_way(case, *ends)}: {en}")
    for row in rows[quantity % case.size != 0].tolist():
        number = int(flows.quantity[row])
        yield Fault(
            "flows.csv",
            "quantity",
            line(row),
            f"{number} 不是整包({case.size} 一包)",
            f"{number} is not whole packs of {case.size}",
        )
    for row in rows[repeated((flows.to_node[rows], flows.from_node[rows]))].tolist():
        way = _way(case, int(flows.from_node[row]), int(flows.to_node[row]))
        yield Fault(
            "flows.csv",
            "from_code",
            line(row),
            f"{way} 物资 {case.code} 重复出现",
            f"{way} stands twice for item {case.code}",
        )
    stands = np.flatnonzero(case.arc >= 0)
    most = case.arcs.capacity[case.arc[stands]]
    for place in stands[quantity[stands] // case.size > most].tolist():
        row, allowed = int(rows[place]), int(case.arcs.capacity[case.arc[place]]) * case.size
        way, number = _way(case, int(flows.from_node[row]), int(flows.to_node[row])), int(quantity[place])
        yield Fault(
            "flows.csv",
            "quantity",
            line(row),
            f"{way} 运 {number},运力只有 {allowed}",
            f"{way} carries {number}, its capacity is {allowed}",
        )


def _way(case: Case, tail: int, head: int) -> str:
    return f"{case.model.codes[tail]}>{case.model.codes[head]}"


def _sum_faults(case: Case) -> Iterator[Fault]:
    """Requests whose shipments do not add up to the grant."""
    shipments, rows = case.plan.shipments, case.shipments
    arrived = sums(shipments.demand_row[rows], shipments.quantity[rows], len(case.model.problem.demand))
    for row in case.requests.rows[arrived[case.requests.rows] != case.plan.granted[case.requests.rows]].tolist():
        name, granted, shipped = case.model.problem.demand.ids[row], int(case.plan.granted[row]), int(arrived[row])
        yield Fault(
            "allocation.csv",
            "granted",
            line(row),
            f"申请 {name} 获 {granted},发运合计 {shipped}",
            f"request {name} is granted {granted}, its shipments add up to {shipped}",
        )


def _lot_faults(case: Case) -> Iterator[Fault]:
    """Depots that ship more than they offer, or another lot than the one that expires first."""
    over = case.sent > case.offer.on_offer
    for depot in np.flatnonzero(over).tolist():
        code, number = case.model.problem.depots.codes[depot], int(case.sent[depot]) * case.size
        offered, held = int(case.offer.on_offer[depot]) * case.size, int(case.offer.withheld[depot]) * case.size
        yield Fault(
            "shipments.csv",
            "quantity",
            -1,
            f"储备库 {code} 发出物资 {case.code} {number},可发 {offered}(保底留存 {held})",
            f"depot {code} ships {number} of item {case.code}, it offers {offered} (floor withholds {held})",
        )
    for place, due, sent in _wrong_lots(case):
        depot = int(case.offer.depot[place])
        if over[depot]:
            continue
        code, lot = case.model.problem.depots.codes[depot], case.model.problem.stock.lot[int(case.offer.rows[place])]
        yield Fault(
            "shipments.csv",
            "lot",
            -1,
            f"储备库 {code} 物资 {case.code} 批次 {lot!r} 发出 {sent},按先到期先出应为 {due}",
            f"depot {code} ships {sent} of item {case.code} lot {lot!r}, first expired first out makes it {due}",
        )


def _wrong_lots(case: Case) -> Iterator[tuple[int, int, int]]:
    """(place in the offer, units due, units sent) of lots that first-expired-first-out does not explain."""
    offer, shipments, rows = case.offer, case.plan.shipments, case.shipments
    sent = sums(shipments.stock_row[rows], shipments.quantity[rows] // case.size, len(case.model.problem.stock))
    before = np.cumsum(offer.packs) - offer.packs
    first = np.searchsorted(offer.depot, offer.depot)
    due = np.clip(case.sent[offer.depot] - (before - before[first]), 0, offer.packs)
    for place in np.flatnonzero(due != sent[offer.rows]).tolist():
        yield place, int(due[place]) * case.size, int(sent[offer.rows[place]]) * case.size


def _balance_faults(case: Case) -> Iterator[Fault]:
    """Nodes where what comes in, or is taken from stock, is not what goes out and what stays."""
    arcs, model = case.arcs, case.model
    came, left = sums(arcs.head, case.carried, model.nodes), sums(arcs.tail, case.carried, model.nodes)
    stays, taken = np.zeros(model.nodes, dtype=np.int64), np.zeros(model.nodes, dtype=np.int64)
    stays[: model.divisions] = sums(case.requests.place, case.granted, model.divisions)
    taken[model.divisions :] = case.sent
    for node in np.flatnonzero(came - left != stays - taken).tolist():
        into, out, size = int(came[node]), int(left[node]), case.size
        own = int(stays[node] + taken[node]) * size
        zh, en = ("获配", "granted") if node < model.divisions else ("发出", "shipped from stock")
        yield Fault(
            "flows.csv",
            "quantity",
            -1,
            f"物资 {case.code} 在 {model.codes[node]} 流入 {into * size}、流出 {out * size},与{zh} {own} 不符",
            f"item {case.code} at {model.codes[node]}: {into * size} in, {out * size} out, "
            f"does not agree with {own} {en}",
        )


def _cycle_faults(case: Case) -> Iterator[Fault]:
    """Nodes that flows go round."""
    _, carrying = case.support()
    nodes = " ".join(case.model.codes[node] for node in carrying.on_cycle().tolist())
    if nodes:
        yield Fault(
            "flows.csv",
            "from_code",
            -1,
            f"物资 {case.code} 的流向成环:{nodes}",
            f"flows of item {case.code} go in a circle among {nodes}",
        )
