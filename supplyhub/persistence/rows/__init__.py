"""Every table, once: the same on SQLite and PostgreSQL but for types; one file a noun."""

from supplyhub.persistence.rows.base import Moment, Row
from supplyhub.persistence.rows.catalogue import CategoryRow, ItemRow
from supplyhub.persistence.rows.oversight import (
    FeedRow,
    RolledUpRow,
    SealRow,
    StockRollupRow,
    UnnumberedRow,
    VerificationRow,
)
from supplyhub.persistence.rows.people import FailedSignInRow, TokenRow, UserRow
from supplyhub.persistence.rows.places import DepotRow, DivisionRow, InstitutionRow, WayRow
from supplyhub.persistence.rows.planning import (
    ApprovalRow,
    JobRow,
    PlanFlowRow,
    PlanLineRow,
    PlanRow,
    PlanSetRow,
    PlanShipmentRow,
    RunRow,
)
from supplyhub.persistence.rows.requests import RequestLineRow, RequestRow
from supplyhub.persistence.rows.reserves import ReserveFloorRow
from supplyhub.persistence.rows.stock import (
    AccountRow,
    AnswerRow,
    BalanceRow,
    LotRow,
    MovementRow,
    PostingNoteRow,
    PostingRow,
    ReservationRow,
)
from supplyhub.persistence.rows.transfers import OrderLineRow, OrderRow

__all__ = [
    "AccountRow",
    "AnswerRow",
    "ApprovalRow",
    "BalanceRow",
    "CategoryRow",
    "DepotRow",
    "DivisionRow",
    "FailedSignInRow",
    "FeedRow",
    "InstitutionRow",
    "ItemRow",
    "JobRow",
    "LotRow",
    "Moment",
    "MovementRow",
    "OrderLineRow",
    "OrderRow",
    "PlanFlowRow",
    "PlanLineRow",
    "PlanRow",
    "PlanSetRow",
    "PlanShipmentRow",
    "PostingNoteRow",
    "PostingRow",
    "RequestLineRow",
    "RequestRow",
    "ReservationRow",
    "ReserveFloorRow",
    "RolledUpRow",
    "Row",
    "RunRow",
    "SealRow",
    "StockRollupRow",
    "TokenRow",
    "UnnumberedRow",
    "UserRow",
    "VerificationRow",
    "WayRow",
]
