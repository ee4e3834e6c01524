"""What a run looks at: everything below one division, as it stands in one transaction, as columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, select

from supplyhub.domain.places import Division, Level
from supplyhub.domain.planning import PLANNED_KINDS, RunOptions, Snapshot
from supplyhub.persistence.rows import (
    AccountRow,
    BalanceRow,
    DepotRow,
    DivisionRow,
    ItemRow,
    LotRow,
    RequestLineRow,
    ReserveFloorRow,
    WayRow,
)
from supplyhub.persistence.scope import AnySelect, Repository

Columns: TypeAlias = dict[str, list[Any]]
"""What a select found, a list for each of its columns."""


class SnapshotRows(Repository):
    """Looks at a whole place whoever asks: the run was allowed when it was started."""

    def take_snapshot(self, division: Division, options: RunOptions) -> Snapshot:
        """Everything a run plans with, below one division.

        Stock is what is free and good, of no earmark, in the kinds of depot that plans draw on; demand is
        what is open: asked, minus ordered and not cancelled.
        """
        divisions, depots, items = self._divisions(division), self._depots(division), self._items()
        stock, floors, demand = self._stock(division), self._floors(division), self._demand(division)
        ways = self._ways({*divisions["code"], *depots["code"]})
        division_at, depot_at, item_at = (_places(columns["id"]) for columns in (divisions, depots, items))
        item_of_code = _places(items["code"])
        demand_division = [division_at[division_id] for division_id in demand["division_id"]]
        weights = divisions["weight_thousandths"]
        return Snapshot(
            options=options,
            division_id=divisions["id"],
            division_code=divisions["code"],
            division_name=divisions["name"],
            division_parent=[division_at.get(parent, -1) for parent in divisions["parent_id"]],
            division_level=[Level(level) for level in divisions["level"]],
            division_metres=divisions["metres_to_parent"],
            division_population=divisions["population"],
            division_pos=divisions["lo"],
            depot_id=depots["id"],
            depot_code=depots["code"],
            depot_name=depots["name"],
            depot_division=[division_at[division_id] for division_id in depots["division_id"]],
            depot_metres=depots["metres_to_division"],
            depot_kind=depots["kind"],
            item_id=items["id"],
            item_code=items["code"],
            item_name=items["name_zh"],
            item_name_en=items["name_en"],
            item_pack_size=items["pack_size"],
            item_unit=items["unit_zh"],
            item_unit_en=items["unit_en"],
            item_category=items["category_code"],
            item_weight_g=items["weight_g"],
            stock_depot=[depot_at[depot_id] for depot_id in stock["depot_id"]],
            stock_item=[item_at[item_id] for item_id in stock["item_id"]],
            stock_units=stock["units"],
            stock_lot_id=stock["lot_id"],
            stock_lot_code=stock["code"],
            stock_expires_on=stock["expires_on"],
            floor_depot=[depot_at[depot_id] for depot_id in floors["depot_id"]],
            floor_item=[item_at[item_id] for item_id in floors["item_id"]],
            floor_units=floors["quantity_units"],
            demand_line_id=demand["id"],
            demand_division=demand_division,
            demand_item=[item_at[item_id] for item_id in demand["item_id"]],
            demand_units=demand["units"],
            demand_priority=demand["priority"],
            demand_weight_thousandths=[weights[place] for place in demand_division],
            way_from=ways["from_code"],
            way_to=ways["to_code"],
            way_item=[item_of_code.get(key, -1) for key in ways["item_key"]],
            way_metres=ways["metres"],
            way_penalty_metres=ways["penalty_metres"],
            way_capacity_units=ways["capacity_units"],
            way_open=ways["open"],
            way_hours_thousandths=ways["hours_thousandths"],
        )

    def _divisions(self, division: Division) -> Columns:
        statement = select(
            DivisionRow.id, DivisionRow.code, DivisionRow.name, DivisionRow.parent_id, DivisionRow.level,
            DivisionRow.metres_to_parent, DivisionRow.population, DivisionRow.weight_thousandths, DivisionRow.lo,
        ).where(_inside(division, DivisionRow.lo), DivisionRow.valid_to.is_(None))  # fmt: skip
        return self._columns(statement.order_by(DivisionRow.lo))

    def _depots(self, division: Division) -> Columns:
        statement = select(
            DepotRow.id, DepotRow.code, DepotRow.name, DepotRow.division_id, DepotRow.metres_to_division, DepotRow.kind
        ).where(_inside(division, DepotRow.pos), _is_planned())
        return self._columns(statement.order_by(DepotRow.id))

    def _items(self) -> Columns:
        statement = select(
            ItemRow.id, ItemRow.code, ItemRow.name_zh, ItemRow.name_en, ItemRow.pack_size, ItemRow.unit_zh,
            ItemRow.unit_en, ItemRow.category_code, ItemRow.weight_g,
        )  # fmt: skip
        return self._columns(statement.order_by(ItemRow.code))

    def _stock(self, division: Division) -> Columns:
        statement = (
            select(
                AccountRow.depot_id, BalanceRow.item_id, (BalanceRow.on_hand - BalanceRow.reserved).label("units"),
                BalanceRow.lot_id, LotRow.code, LotRow.expires_on,
            )
            .join(AccountRow, AccountRow.id == BalanceRow.account_id)
            .join(LotRow, LotRow.id == BalanceRow.lot_id)
            .join(DepotRow, DepotRow.id == AccountRow.depot_id)
            .where(
                _inside(division, BalanceRow.pos), AccountRow.kind == "on_hand", AccountRow.condition == "good",
                BalanceRow.live, BalanceRow.on_hand > BalanceRow.reserved, LotRow.earmark_id.is_(None), _is_planned(),
            )
        )  # fmt: skip
        return self._columns(statement.order_by(AccountRow.depot_id, BalanceRow.item_id, BalanceRow.lot_id))

    def _floors(self, division: Division) -> Columns:
        statement = (
            select(ReserveFloorRow.depot_id, ReserveFloorRow.item_id, ReserveFloorRow.quantity_units)
            .join(DepotRow, DepotRow.id == ReserveFloorRow.depot_id)
            .where(_inside(division, DepotRow.pos), _is_planned())
        )
        return self._columns(statement.order_by(ReserveFloorRow.depot_id, ReserveFloorRow.item_id))

    def _demand(self, division: Division) -> Columns:
        statement = select(
            RequestLineRow.id, RequestLineRow.division_id, RequestLineRow.item_id,
            (RequestLineRow.quantity_units - RequestLineRow.ordered_units).label("units"), RequestLineRow.priority,
        ).where(
            _inside(division, RequestLineRow.pos), RequestLineRow.state == "open",
            RequestLineRow.quantity_units > RequestLineRow.ordered_units,
        )  # fmt: skip
        return self._columns(statement.order_by(RequestLineRow.id))

    def _ways(self, known_codes: set[str]) -> Columns:
        """Ways of their own with both ends inside; there are few, so they are sorted out here."""
        statement = select(
            WayRow.from_code, WayRow.to_code, WayRow.item_key, WayRow.metres, WayRow.penalty_metres,
            WayRow.capacity_units, WayRow.open, WayRow.hours_thousandths,
        )  # fmt: skip
        return self._columns(
            statement.order_by(WayRow.id),
            keep=lambda row: row.from_code in known_codes and row.to_code in known_codes,
        )

    def _columns(self, statement: AnySelect, keep: Callable[[Any], bool] | None = None) -> Columns:
        result = self.connection.execute(statement)
        names = list(result.keys())
        rows = [row for row in result.all() if keep is None or keep(row)]
        columns = zip(*rows, strict=True) if rows else ([] for _ in names)
        return dict(zip(names, map(list, columns), strict=True))


def _inside(division: Division, pos: Any) -> ColumnElement[bool]:
    return and_(pos >= division.lo, pos < division.hi)


def _is_planned() -> ColumnElement[bool]:
    return DepotRow.kind.in_([kind.value for kind in PLANNED_KINDS])


def _places(keys: Sequence[Any]) -> Mapping[Any, int]:
    return {key: place for place, key in enumerate(keys)}
