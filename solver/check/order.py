"""Whether rows stand in the one order in which plans are written, so that one plan is one folder."""

from collections.abc import Iterator

from solver.check.model import Model
from solver.check.rows import Column, line, not_after
from solver.plan import Plan
from solver.problem import Fault


def flow_order(plan: Plan) -> list[Fault]:
    """Flows stand by item, then by where they come from, then by where they go."""
    flows = plan.flows
    return list(_faults("flows.csv", "from_code", flows.item, flows.from_node, flows.to_node))


def price_order(plan: Plan) -> list[Fault]:
    """Prices stand by item, then by node."""
    return list(_faults("prices.csv", "node_code", plan.prices.item, plan.prices.node))


def shipment_order(model: Model, plan: Plan) -> list[Fault]:
    """Shipments stand by request, depot, lot (first expired first), metres, hours."""
    rows = plan.shipments
    lot = model.stock.rank[rows.stock_row]
    return list(_faults("shipments.csv", "id", rows.demand_row, rows.depot, lot, rows.metres, rows.hours_thousandths))


def _faults(table: str, column: str, *keys: Column) -> Iterator[Fault]:
    early, again = not_after(*keys)
    for row in early.tolist():
        yield Fault(
            table, column, line(row), "排在应在其后的一行之后", "stands after a row that comes later in the order"
        )
    for row in again.tolist():
        yield Fault(table, column, line(row), "与上一行重复", "stands twice: the row before is about the same")
