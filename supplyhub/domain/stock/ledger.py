"""The ledger's rules: units are never made or lost, they move between accounts, and one `apply` moves them all.

Receipt 接收, issue 支出, use 使用, dispatch, arrival, loss, count correction 盘点 and reversal are lists of
`Movement`. Reserving is no movement: it holds part of a balance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeAlias

from supplyhub.domain.moments import to_micros
from supplyhub.domain.places import Depot
from supplyhub.domain.refusals import InsufficientStock, tell_all
from supplyhub.domain.stock.lots import LotFacts

GENESIS = b"\0" * 32
"""The hash before the first entry of a balance."""


class AccountKind(StrEnum):
    """Where units can be. Only `on_hand` and `transit` are floored: they never hold less than nothing."""

    __hash__ = str.__hash__  # as the text it is; an enum's own hash is written in Python, and accounts are keys

    ON_HAND = "on_hand"  # 在库
    TRANSIT = "transit"  # 在途
    SUPPLIER = "supplier"  # 供方
    OPENING = "opening"  # 期初
    USED = "used"  # 使用
    LOST = "lost"  # 损失
    SCRAPPED = "scrapped"  # 报废
    CONVERSION = "conversion"  # 转换


FLOORED = frozenset({AccountKind.ON_HAND, AccountKind.TRANSIT})


class Condition(StrEnum):
    """The state of goods on a shelf; only good ones are planned and dispatched."""

    __hash__ = str.__hash__  # as above

    GOOD = "good"  # 完好
    DAMAGED = "damaged"  # 损坏
    QUARANTINED = "quarantined"  # 待检


class Reason(StrEnum):
    """Why units moved. Codes are chained into the ledger's hashes; free text is not."""

    DELIVERY = "delivery"  # 到货
    DONATION = "donation"  # 捐赠
    OPENING = "opening"  # 期初建账
    RETURN = "return"  # 回收
    USE = "use"  # 发放使用
    EXPIRED = "expired"  # 过期
    DAMAGED = "damaged"  # 损坏
    MISSING = "missing"  # 丢失
    COUNT = "count"  # 盘点差异
    TRANSFER = "transfer"  # 调拨
    CORRECTION = "correction"  # 更正


class AccountKey(NamedTuple):
    """What makes an account one of its kind: the division it answers to, and depot, order or condition if any."""

    kind: AccountKind
    division_id: int
    depot_id: int | None = None
    order_id: int | None = None
    condition: Condition | None = None

    @property
    def floored(self) -> bool:
        """Whether a balance row guards the account."""
        return self.kind in FLOORED

    @property
    def text(self) -> str:
        """The key in one line, unique and stable."""
        parts = (self.kind, self.division_id, self.depot_id, self.order_id, self.condition)
        return ":".join("" if part is None else str(part) for part in parts)


class Movement(NamedTuple):
    """So many units of one lot, from one account to another; `reserved` draws on what was held for it."""

    from_account_id: int
    to_account_id: int
    item_id: int
    lot_id: int
    quantity_units: int
    reason: Reason
    reserved: bool = False


def on_hand(depot: Depot, condition: Condition = Condition.GOOD) -> AccountKey:
    """The shelf of a depot for goods in one condition."""
    return AccountKey(AccountKind.ON_HAND, depot.division_id, depot_id=depot.id, condition=condition)


class NewMovement(NamedTuple):
    """A movement before its accounts have numbers, and its lot if that may be new."""

    from_key: AccountKey
    to_key: AccountKey
    item_id: int
    lot: int | LotFacts
    quantity_units: int
    reason: Reason
    reserved: bool = False


class Balance(NamedTuple):
    """What a floored account holds of one lot: `reserved` of `on_hand` is promised."""

    account_id: int
    lot_id: int
    item_id: int
    pos: int
    on_hand: int
    reserved: int
    version: int
    hash: bytes
    item_code: str = ""
    lot_code: str = ""

    @property
    def free(self) -> int:
        """Units on hand that nobody was promised."""
        return self.on_hand - self.reserved


class Side(NamedTuple):
    """One end of a movement as it stands in a floored account's chain: version, balance after, hash."""

    version: int
    after: int
    hash: bytes


class Entry(NamedTuple):
    """A movement as it is appended: its line in the posting, and its two ends (None where no floor is)."""

    line: int
    movement: Movement
    from_side: Side | None
    to_side: Side | None


class NewPosting(NamedTuple):
    """A posting before it has a number: under which key, what exactly was sent, by whom, and when."""

    key: str
    body_sha256: str
    actor_id: int
    verb: str
    pos: int
    occurred_at: datetime
    recorded_at: datetime
    reverses_id: int | None = None


@dataclass(frozen=True)
class Stamp:
    """The facts of a posting that every hash of its movements covers."""

    posting_id: int
    actor_id: int
    verb: str
    recorded_at: datetime

    @cached_property
    def text(self) -> str:
        """What every entry of the posting begins with."""
        fields = ("supplyhub-ledger-1", self.posting_id, self.actor_id, self.verb, to_micros(self.recorded_at))
        return "\n".join(map(str, fields))


BalanceKey: TypeAlias = tuple[int, int]
"""(account id, lot id)."""


def entry_bytes(stamp: Stamp, line: int, side: str, movement: Movement, version: int, after: int) -> bytes:
    """The canonical bytes of one end of a movement, version 1 (docs/ledger.md has a test vector).

    Fields in fixed order, joined by newlines, UTF-8; the moment as integer microseconds since 1970 UTC.
    """
    source, target, item_id, lot_id, units, reason, _ = movement
    return (
        f"{stamp.text}\n{line}\n{side}\n{source}\n{target}\n{item_id}\n{lot_id}\n{units}\n{reason.value}\n"
        f"{version}\n{after}"
    ).encode()


def chain(previous: bytes, entry: bytes) -> bytes:
    """The next hash of a balance's chain."""
    return hashlib.sha256(previous + entry).digest()


def note_digest(salt: bytes, note: str) -> bytes:
    """What stays of a note, and is sealed, when its text and salt are erased."""
    return hashlib.sha256(salt + note.encode("utf-8", "surrogatepass")).digest()


def apply(
    stamp: Stamp,
    balances: Mapping[BalanceKey, Balance],
    movements: Sequence[Movement],
    lines: Sequence[int] = (),
) -> tuple[dict[BalanceKey, Balance], list[Entry]]:
    """Move the units: new balances and the entries to append, or `InsufficientStock` and nothing at all.

    `balances` holds a row for every floored end, locked by the caller; an end without a row has no floor. `lines` says
    of which line of a document each movement is, so that every line that is short is told.
    """
    now = dict(balances)
    entries = []
    refused: list[tuple[int, InsufficientStock]] = []
    for line, movement in enumerate(movements, start=1):
        if movement.quantity_units <= 0:
            raise ValueError(f"line {line} moves {movement.quantity_units} units; a movement is positive")
        try:
            from_side = _step(stamp, line, "from", movement, now)
        except InsufficientStock as short:
            refused.append((lines[line - 1] if lines else line - 1, short))
            continue
        to_side = _step(stamp, line, "to", movement, now)
        entries.append(Entry(line, movement, from_side, to_side))
    if refused:
        raise tell_all(refused)
    return now, entries


def _step(stamp: Stamp, line: int, side: str, movement: Movement, now: dict[BalanceKey, Balance]) -> Side | None:
    leaving = side == "from"
    key = (movement.from_account_id if leaving else movement.to_account_id, movement.lot_id)
    balance = now.get(key)
    if balance is None:
        return None
    if leaving:
        _must_hold(balance, movement)
    account_id, lot_id, item_id, pos, held, reserved, version, before, *codes = balance
    after = held - movement.quantity_units if leaving else held + movement.quantity_units
    if leaving and movement.reserved:
        reserved -= movement.quantity_units
    digest = chain(before, entry_bytes(stamp, line, side, movement, version + 1, after))
    now[key] = Balance(account_id, lot_id, item_id, pos, after, reserved, version + 1, digest, *codes)
    return Side(version + 1, after, digest)


def _must_hold(balance: Balance, movement: Movement) -> None:
    available = balance.reserved if movement.reserved else balance.free
    if available < movement.quantity_units:
        raise short_of(balance, movement.quantity_units, available)


def short_of(balance: Balance, wanted_units: int, free_units: int | None = None) -> InsufficientStock:
    """The refusal that says what is short."""
    free = balance.free if free_units is None else free_units
    return InsufficientStock(
        item=balance.item_code,
        lot=balance.lot_code,
        wanted_units=wanted_units,
        free_units=free,
        reserved_units=balance.reserved,
        short_units=wanted_units - free,
    )


def hold(balance: Balance, units: int) -> Balance:
    """Promise part of a balance; it stays on hand."""
    if balance.free < units:
        raise short_of(balance, units)
    return balance._replace(reserved=balance.reserved + units)


def release(balance: Balance, units: int) -> Balance:
    """Give a promise up."""
    return balance._replace(reserved=balance.reserved - units)


def reversed_movements(movements: Iterable[Movement]) -> list[Movement]:
    """The same units the other way round, last line first: a mistake is answered, never rubbed out."""
    return [
        m._replace(
            from_account_id=m.to_account_id,
            to_account_id=m.from_account_id,
            reason=Reason.CORRECTION,
            reserved=False,
        )
        for m in reversed(list(movements))
    ]
