"""Verbs of sending: make a transfer, approve a plan into orders, dispatch, receive, cancel, recall, lapse."""

from supplyhub.service.transfers.approving import approve_plan, list_approvals, order_next, read_approval, stop_approval
from supplyhub.service.transfers.life import (
    cancel_transfer,
    dispatch_transfer,
    lapse_transfer,
    list_overdue,
    list_transfers,
    read_transfer,
    recall_transfer,
    receive_transfer,
)
from supplyhub.service.transfers.making import make_transfer

__all__ = [
    "approve_plan",
    "cancel_transfer",
    "dispatch_transfer",
    "lapse_transfer",
    "list_approvals",
    "list_overdue",
    "list_transfers",
    "make_transfer",
    "order_next",
    "read_approval",
    "read_transfer",
    "recall_transfer",
    "receive_transfer",
    "stop_approval",
]
