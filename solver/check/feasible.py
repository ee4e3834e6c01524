"""Whether an item can be carried as its flows say: whole packs, arcs, floors, conservation, no circles."""

from collections.abc import Iterator

import numpy as np

from solver.check.case import Case
from solver.check.rows import line, sums
from solver.problem import Fault


def feasible_faults(case: Case) -> list[Fault]:
    """Everything that keeps the grants of an item from being carried as the flows say."""
    faults = [*_grant_faults(case), *_arc_faults(case)]
    return faults or [*_balance_faults(case), *_cycle_faults(case)]


def _grant_faults(case: Case) -> Iterator[Fault]:
    """Grants that are no whole packs or more than was wanted."""
    requests, size = case.question.requests, case.question.size
    units, most = case.plan.granted[requests.rows], requests.wanted
    for place in np.flatnonzero((case.granted * size != units) | (case.granted > most)).tolist():
        row, number, allowed = int(requests.rows[place]), int(units[place]), int(most[place]) * size
        zh, en = f"不是整包({size} 一包)", f"not whole packs of {size}"
        if number % size == 0:
            zh, en = f"多于所需 {allowed}", f"more than the {allowed} wanted"
        name = case.model.problem.demand.ids[row]
        zh, en = f"申请 {name} 获 {number},{zh}", f"request {name} is granted {number}, {en}"
        yield Fault("allocation.csv", "granted", line(row), zh, en)


def _arc_faults(case: Case) -> Iterator[Fault]:
    """Flows where no open arc stands, of broken packs, or more than the arc can carry."""
    question, quantity = case.question, case.plan.flows.quantity[case.flows]
    for place in np.flatnonzero(~case.stands).tolist():
        way, closed = _way(case, place), _is_closed(case, place)
        zh, en = ("道路中断", "the road is cut") if closed else ("没有这条路", "no arc stands there")
        yield _flow_fault(case, place, "from_code", f"{way}:{zh}", f"{way}: {en}")
    for place in np.flatnonzero(quantity % question.size).tolist():
        zh = f"{quantity[place]} 不是整包({question.size} 一包)"
        yield _flow_fault(case, place, "quantity", zh, f"{quantity[place]} is not whole packs of {question.size}")
    over = (case.arc >= 0) & (case.carried > question.capacity)[case.arc]
    for place in np.flatnonzero(over).tolist():
        way, number = _way(case, place), int(case.carried[case.arc[place]]) * question.size
        allowed = int(question.capacity[case.arc[place]]) * question.size
        zh, en = f"{way} 运 {number},运力只有 {allowed}", f"{way} carries {number}, its capacity is {allowed}"
        yield _flow_fault(case, place, "quantity", zh, en)


def _is_closed(case: Case, place: int) -> bool:
    arcs, flows, row = case.question.arcs, case.plan.flows, case.flows[place]
    ends = case.model.number[[flows.from_node[row], flows.to_node[row]]]
    return bool(((arcs.closed_tail == ends[0]) & (arcs.closed_head == ends[1])).any())


def _way(case: Case, place: int) -> str:
    flows, row = case.plan.flows, case.flows[place]
    return f"{case.model.code(int(flows.from_node[row]))}>{case.model.code(int(flows.to_node[row]))}"


def _flow_fault(case: Case, place: int, column: str, zh: str, en: str) -> Fault:
    return Fault("flows.csv", column, line(int(case.flows[place])), zh, en)


def _balance_faults(case: Case) -> Iterator[Fault]:
    """Places where what comes in is not what goes out and what is granted; depots that ship what they have not."""
    model, question = case.model, case.question
    net, least, most = case.came - case.left, np.zeros(model.nodes, np.int64), np.zeros(model.nodes, np.int64)
    granted = sums(question.requests.place, case.granted, model.divisions)
    least[: model.divisions] = most[: model.divisions] = granted
    least[model.divisions :] = -question.offer.on_offer
    for node in np.flatnonzero((net < least) | (net > most)).tolist():
        into, out, size = int(case.came[node]), int(case.left[node]), question.size
        zh = f"物资 {question.code} 在 {model.code(node)} 流入 {into * size}、流出 {out * size}"
        en = f"item {question.code} at {model.code(node)}: {into * size} in, {out * size} out"
        if node < model.divisions:
            own = int(granted[node]) * size
            zh, en = f"{zh},与获配 {own} 不符", f"{en}, does not agree with {own} granted"
        else:
            depot = node - model.divisions
            offered = int(question.offer.on_offer[depot]) * size
            held = int(question.offer.withheld[depot]) * size
            zh = f"{zh};可发 {offered}(保底留存 {held})"
            en = f"{en}; the depot offers {offered} (floor withholds {held})"
        yield Fault("flows.csv", "quantity", -1, zh, en)


def _cycle_faults(case: Case) -> Iterator[Fault]:
    """Nodes that flows go round."""
    _, carrying = case.support()
    nodes = " ".join(case.model.codes(carrying.on_cycle()))
    if nodes:
        code = case.question.code
        zh, en = f"物资 {code} 的流向成环:{nodes}", f"flows of item {code} go in a circle among {nodes}"
        yield Fault("flows.csv", "from_code", -1, zh, en)
