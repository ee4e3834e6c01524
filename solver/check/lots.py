"""Whether the shipments of an item are its grants out of the right lots: whole packs, first expired first."""

from collections.abc import Iterator

import numpy as np

from solver.check.case import Case
from solver.check.rows import Ints, line, sums
from solver.problem import Fault


def sum_faults(case: Case) -> list[Fault]:
    """Shipments that are none, and requests whose shipments do not add up to the grant."""
    return [*_row_faults(case), *_request_faults(case)]


def lot_faults(case: Case) -> list[Fault]:
    """Depots that do not ship what the flows take from them, else lots that go out of turn."""
    packs = case.plan.shipments.quantity[case.shipments] // case.question.size
    return list(_depot_faults(case, packs)) or list(_wrong_lots(case, packs))


def _row_faults(case: Case) -> Iterator[Fault]:
    """Shipments of another depot's or item's lot, or of broken packs."""
    shipments, stock = case.plan.shipments, case.model.problem.stock
    rows, code, size = case.shipments, case.question.code, case.question.size
    lot, quantity = shipments.stock_row[rows], shipments.quantity[rows]
    strange = (stock.depot[lot] != shipments.depot[rows]) | (stock.item[lot] != case.question.item)
    for row in rows[strange].tolist():
        depot = case.model.problem.depots.codes[int(shipments.depot[row])]
        zh, en = f"储备库 {depot} 没有物资 {code} 的这一批次", f"depot {depot} holds no such lot of item {code}"
        yield Fault("shipments.csv", "lot", line(row), zh, en)
    for row in rows[quantity % size != 0].tolist():
        number = int(shipments.quantity[row])
        zh, en = f"{number} 不是整包({size} 一包)", f"{number} is not whole packs of {size}"
        yield Fault("shipments.csv", "quantity", line(row), zh, en)


def _request_faults(case: Case) -> Iterator[Fault]:
    """Requests whose shipments do not add up to the grant."""
    shipments, rows = case.plan.shipments, case.question.requests.rows
    # Rows of the item's requests, which are ascending.
    request = np.searchsorted(rows, shipments.demand_row[case.shipments])
    arrived, granted = sums(request, shipments.quantity[case.shipments], len(rows)), case.plan.granted[rows]
    for place in np.flatnonzero(arrived != granted).tolist():
        row, right, shipped = int(rows[place]), int(granted[place]), int(arrived[place])
        name = case.model.problem.demand.ids[row]
        zh, en = f"获 {right},发运合计 {shipped}", f"is granted {right}, its shipments add up to {shipped}"
        yield Fault("allocation.csv", "granted", line(row), f"申请 {name} {zh}", f"request {name} {en}")


def _depot_faults(case: Case, packs: Ints) -> Iterator[Fault]:
    """Depots whose shipments are not what the flows take from their stock."""
    sent, size = sums(case.plan.shipments.depot[case.shipments], packs, case.model.depots), case.question.size
    for depot in np.flatnonzero(sent != case.sent).tolist():
        code, shipped, carried = case.model.problem.depots.codes[depot], int(sent[depot]) * size, int(case.sent[depot])
        item, flow = case.question.code, carried * size
        zh = f"储备库 {code} 发出物资 {item} {shipped},按流向为 {flow}"
        en = f"depot {code} ships {shipped} of item {item}, the flows take {flow} from its stock"
        yield Fault("shipments.csv", "quantity", -1, zh, en)


def _wrong_lots(case: Case, packs: Ints) -> Iterator[Fault]:
    """Lots of which first-expired-first-out makes more or less than is shipped."""
    offer, size, stock = case.question.offer, case.question.size, case.model.problem.stock
    shipped = sums(case.plan.shipments.stock_row[case.shipments], packs, len(stock))[offer.rows]
    before = np.cumsum(offer.packs) - offer.packs
    first = np.searchsorted(offer.depot, offer.depot)
    due = np.clip(case.sent[offer.depot] - (before - before[first]), 0, offer.packs)
    for place in np.flatnonzero(due != shipped).tolist():
        depot, lot = case.model.problem.depots.codes[int(offer.depot[place])], stock.lot[int(offer.rows[place])]
        units, right, item = int(shipped[place]) * size, int(due[place]) * size, case.question.code
        zh = f"储备库 {depot} 物资 {item} 批次 {lot!r} 发出 {units},按先到期先出应为 {right}"
        en = f"depot {depot} ships {units} of item {item} lot {lot!r}, first expired first out makes it {right}"
        yield Fault("shipments.csv", "lot", -1, zh, en)
