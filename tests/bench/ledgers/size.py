"""How big a ledger is, each way it can grow by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

BEGAN = datetime(2025, 6, 1, tzinfo=UTC)
"""The first moment of every made-up ledger; each posting comes a second after the one before."""


@dataclass(frozen=True)
class Size:
    """What there is; `movements` counts all of them, those that opened shelves, used lots up and ran orders too."""

    movements: int = 1_000_000
    balances: int = 404_200
    """Shelves with stock: so many pairs of a depot and a lot."""
    spent: int = 0
    """Shelves besides, of lots of their own that are used up."""
    closed_orders: int = 0
    """Orders received, each with a balance in transit that is empty again."""
    places: int = 64_095
    depots: int = 2_021
    items: int = 200
    lots_per_item: int = 20
    """Lots with stock; spent shelves bring as many again."""
    lines: int = 20
    """Movements of one posting."""

    def __post_init__(self) -> None:
        needed = self.balances + 2 * self.spent + 2 * self.closed_orders
        if self.movements < needed:
            raise ValueError(f"these shelves and orders take {needed} movements, not {self.movements}")
        layers = -(-max(self.balances, self.spent) // (self.depots * self.items))
        if layers > self.lots_per_item:
            raise ValueError(f"{layers} lots stand on one shelf, each item has {self.lots_per_item}")
