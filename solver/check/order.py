"""Whether rows stand in the one order in which plans are written, so that one plan is one folder."""

from collections.abc import Callable, Iterator, Sequence

from solver.check.model import Model
from solver.check.rows import Column, line, not_after
from solver.plan import Flows, Prices, Shipments
from solver.problem import Fault


def flow_order(model: Model, flows: Flows) -> list[Fault]:
    """Flows stand by item, then by where they come from, then by where they go."""

    def name(row: int) -> str:
        return f"{model.code(int(flows.from_node[row]))}>{model.code(int(flows.to_node[row]))}"

    return list(_faults("flows.csv", "from_code", (flows.item, flows.from_node, flows.to_node), name))


def price_order(model: Model, prices: Prices) -> list[Fault]:
    """Prices stand by item, then by node."""

    def name(row: int) -> str:
        return model.code(int(prices.node[row]))

    return list(_faults("prices.csv", "node_code", (prices.item, prices.node), name))


def shipment_order(model: Model, shipments: Shipments) -> list[Fault]:
    """Shipments stand by request, depot, lot (first expired first), metres, hours."""
    lot = model.stock.rank[shipments.stock_row]
    way = (shipments.metres, shipments.hours_thousandths)

    def name(row: int) -> str:
        return model.problem.demand.ids[int(shipments.demand_row[row])]

    return list(_faults("shipments.csv", "id", (shipments.demand_row, shipments.depot, lot, *way), name))


def _faults(table: str, column: str, keys: Sequence[Column], name: Callable[[int], str]) -> Iterator[Fault]:
    early, again = not_after(*keys)
    for row in early.tolist():
        zh, en = "应排在前面", "stands after a row that comes later in the order"
        yield Fault(table, column, line(row), f"{name(row)} {zh}", f"{name(row)} {en}")
    for row in again.tolist():
        zh, en = "与上一行重复", "stands twice: the row before is about the same"
        yield Fault(table, column, line(row), f"{name(row)} {zh}", f"{name(row)} {en}")
