"""The ledger's rows: postings, accounts, balances and shelves, under one gate."""

from supplyhub.persistence.stock.accounts import AccountRows
from supplyhub.persistence.stock.balances import BalanceRows
from supplyhub.persistence.stock.postings import PostingRows
from supplyhub.persistence.stock.shelves import ShelfReading


class StockRepository(PostingRows, AccountRows, BalanceRows, ShelfReading):
    """The gate to the ledger: the only one that writes it."""


__all__ = ["StockRepository"]
