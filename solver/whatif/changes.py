"""What may be otherwise: each change is a fact with a way to make it true in the tables of a question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import ClassVar, Protocol

import numpy as np
import polars as pl

from solver.problem import (
    BASES,
    CLASSES,
    LEVELS,
    NO_EXPIRY,
    QUANTITY_MAX,
    Stock,
    Tables,
)
from solver.problem.tables import WEIGHT_DENOMINATOR_MAX
from solver.whatif.codes import Codes, Wrong

_EPOCH = date(1970, 1, 1)
_WEIGHT_DECIMALS = len(str(WEIGHT_DENOMINATOR_MAX)) - 1
_WEIGHT_MAX = 10**9


class Change(Protocol):
    """One thing that may be otherwise. Fields are named as the columns of the instance folder are."""

    def wrongs(self, tables: Tables, codes: Codes) -> Iterator[Wrong]:
        """Why these tables cannot be changed so; nothing where they can."""

    def apply(self, tables: Tables, codes: Codes) -> Tables:
        """The tables with the change made. Only where nothing is wrong."""


@dataclass(frozen=True)
class ReleaseReserves:
    """Hold nothing back: of these depots and these items, no code meaning all."""

    kind: ClassVar = "release-reserves"
    depot_codes: tuple[str, ...] = ()
    item_codes: tuple[str, ...] = ()

    def wrongs(self, tables: Tables, codes: Codes) -> Iterator[Wrong]:
        """Codes that nothing has."""
        yield from codes.unknown_among("depot_codes", self.depot_codes)
        yield from codes.unknown_among("item_codes", self.item_codes)

    def apply(self, tables: Tables, codes: Codes) -> Tables:
        """Floors of 0 in the rows of stock that are meant."""
        stock = tables.stock
        meant = np.ones(len(stock), dtype=np.bool_)
        if self.depot_codes:
            meant &= np.isin(stock.depot, [codes.depots[code] for code in self.depot_codes])
        if self.item_codes:
            meant &= np.isin(stock.item, [codes.items[code] for code in self.item_codes])
        return replace(tables, stock=replace(stock, reserve_floor=np.where(meant, 0, stock.reserve_floor)))


@dataclass(frozen=True)
class AddStock:
    """Units more in a depot: of a lot that is there, or a new one, which without a date expires last."""

    kind: ClassVar = "add-stock"
    depot_code: str
    item_code: str
    quantity: int
    lot: str = "what-if"
    expires_on: date | None = None

    def wrongs(self, tables: Tables, codes: Codes) -> Iterator[Wrong]:
        """Codes that nothing has, a quantity that is none, another date than the lot has."""
        unknown = list(codes.unknown(depot_code=self.depot_code, item_code=self.item_code))
        yield from unknown
        row = None if unknown else self._row(tables.stock, codes)
        held = 0 if row is None else int(tables.stock.quantity[row])
        if not 1 <= self.quantity <= QUANTITY_MAX - held:
            most = QUANTITY_MAX - held
            yield Wrong("quantity", f"{self.quantity} 不在 1 至 {most} 之间", f"{self.quantity} is not in 1 to {most}")
        if row is not None and self.expires_on is not None and tables.stock.expires_on[row] != self._day():
            zh, en = f"批次 {self.lot!r} 的有效期不是这一天", f"lot {self.lot!r} does not expire on that day"
            yield Wrong("expires_on", zh, en)

    def apply(self, tables: Tables, codes: Codes) -> Tables:
        """A longer row of stock, or one row more."""
        stock, row = tables.stock, self._row(tables.stock, codes)
        if row is not None:
            quantity = stock.quantity.copy()
            quantity[row] += self.quantity
            return replace(tables, stock=replace(stock, quantity=quantity))
        return replace(
            tables,
            stock=Stock(
                depot=np.append(stock.depot, codes.depots[self.depot_code]),
                item=np.append(stock.item, codes.items[self.item_code]),
                quantity=np.append(stock.quantity, self.quantity),
                lot=pl.concat([pl.Series(stock.lot, dtype=pl.String), pl.Series([self.lot], dtype=pl.String)]),
                expires_on=np.append(stock.expires_on, np.int32(self._day())),
                reserve_floor=np.append(stock.reserve_floor, 0),
            ),
        )

    def _row(self, stock: Stock, codes: Codes) -> int | None:
        """The row of the lot, if it is there."""
        shelf = (stock.depot == codes.depots[self.depot_code]) & (stock.item == codes.items[self.item_code])
        rows = np.flatnonzero(shelf)
        named = pl.Series(stock.lot, dtype=pl.String).gather(rows).eq_missing(self.lot).to_numpy()
        return int(rows[named][0]) if named.any() else None

    def _day(self) -> int:
        return NO_EXPIRY if self.expires_on is None else (self.expires_on - _EPOCH).days


@dataclass(frozen=True)
class ChangeRequest:
    """Another class or weight of a request."""

    kind: ClassVar = "change-request"
    id: str
    priority: int | None = None
    weight: Decimal | None = None

    def wrongs(self, tables: Tables, codes: Codes) -> Iterator[Wrong]:
        """An id that nothing has, a class or weight that is none."""
        yield from codes.unknown(id=self.id)
        if self.priority is None and self.weight is None:
            yield Wrong("priority", "类别与权重至少给出一项", "a class or a weight must be given")
        if self.priority is not None and self.priority not in CLASSES:
            yield Wrong("priority", f"{self.priority} 不是 1 至 4 的类别", f"{self.priority} is no class from 1 to 4")
        if self.weight is not None and not _is_weight(self.weight):
            zh = f"{self.weight} 不是大于 0、小于 10^9、至多 {_WEIGHT_DECIMALS} 位小数的权重"
            en = f"{self.weight} is no weight above 0 and below 10^9 with at most {_WEIGHT_DECIMALS} decimals"
            yield Wrong("weight", zh, en)

    def apply(self, tables: Tables, codes: Codes) -> Tables:
        """Another number in the row; all weights get decimals enough for it."""
        demand, row = tables.demand, codes.requests[self.id]
        if self.priority is not None:
            priority = demand.priority.copy()
            priority[row] = self.priority
            demand = replace(demand, priority=priority)
        if self.weight is not None:
            finer = max(10 ** _decimals(self.weight) // demand.weight_denominator, 1)
            denominator, numerator = demand.weight_denominator * finer, demand.weight_numerator * finer
            numerator[row] = int(self.weight * denominator)
            demand = replace(demand, weight_numerator=numerator, weight_denominator=denominator)
        return replace(tables, demand=demand)


def _decimals(weight: Decimal) -> int:
    exponent = weight.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _is_weight(weight: Decimal) -> bool:
    return weight.is_finite() and 0 < weight < _WEIGHT_MAX and _decimals(weight) <= _WEIGHT_DECIMALS


@dataclass(frozen=True)
class ChangeShare:
    """Another share that divisions of a level lend upward; None where they are to lend nothing and no way leads up."""

    kind: ClassVar = "mutual-aid"
    level: str
    share: Decimal | None

    def wrongs(self, tables: Tables, codes: Codes) -> Iterator[Wrong]:
        """A level or a share that is none."""
        if self.level not in LEVELS:
            yield _no_choice("level", self.level, LEVELS)
        if self.share is not None and not (self.share.is_finite() and 0 <= self.share <= 1):
            yield Wrong("share", f"{self.share} 不在 0 至 1 之间", f"{self.share} is not in 0 to 1")

    def apply(self, tables: Tables, codes: Codes) -> Tables:
        """Other settings."""
        shares = {level: share for level, share in tables.settings.mutual_aid.items() if level != self.level}
        if self.share is not None:
            shares[self.level] = self.share
        return replace(tables, settings=replace(tables.settings, mutual_aid=shares))


@dataclass(frozen=True)
class ChangeBasis:
    """Another basis of what may be lent: all that is on offer, or what is not asked for at home."""

    kind: ClassVar = "mutual-aid-basis"
    basis: str

    def wrongs(self, tables: Tables, codes: Codes) -> Iterator[Wrong]:
        """A basis that is none."""
        if self.basis not in BASES:
            yield _no_choice("basis", self.basis, BASES)

    def apply(self, tables: Tables, codes: Codes) -> Tables:
        """Other settings."""
        return replace(tables, settings=replace(tables.settings, mutual_aid_basis=self.basis))


def _no_choice(field: str, found: str, allowed: tuple[str, ...]) -> Wrong:
    names = " ".join(allowed)
    return Wrong(field, f"{found!r} 不在 {names} 之中", f"{found!r} is none of {names}")
