"""The ledger's rows: postings, accounts, balances and shelves, under one gate."""

from supplyhub.persistence.stock.accounts import AccountRows
from supplyhub.persistence.stock.balances import BalanceRows
from supplyhub.persistence.stock.changes import ChangeRows
from supplyhub.persistence.stock.overview import OverviewReading
from supplyhub.persistence.stock.shelves import ShelfReading


class StockRepository(ChangeRows, AccountRows, BalanceRows, ShelfReading, OverviewReading):
    """The gate to the ledger: the only one that writes it."""


__all__ = ["StockRepository"]
