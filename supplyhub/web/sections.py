"""Which entry of the navigation a page belongs to."""

from __future__ import annotations

from flask import request

SECTIONS = {
    "documents.post_receipt": "documents.new_receipt",
    "documents.post_issue": "documents.new_issue",
    "documents.post_count": "documents.new_count",
    "oversight.show_entry": "oversight.show_entries",
    "oversight.reverse_posting": "oversight.show_entries",
    "oversight.show_verification": "oversight.show_ledger",
    "oversight.start_verification": "oversight.show_ledger",
    "planning.show": "planning.show_all",
    "planning.start_run": "planning.show_all",
    "requests.make_request": "requests.new_request",
    "requests.show": "requests.show_all",
    "stock.show": "stock.show_own",
    "stock.show_depot": "stock.show_own",
}
UPLOADS = {
    "receipts": "documents.new_receipt",
    "issues": "documents.new_issue",
    "counts": "documents.new_count",
}
ROOMS = {"plans": "plans.show_all", "explanations": "plans.show_all", "transfers": "transfers.show_all"}
"""Rooms all of whose pages belong to one entry."""


def section() -> str:
    """The endpoint that stands in the navigation for the page that is shown."""
    endpoint = request.endpoint or ""
    room = endpoint.partition(".")[0]
    if room == "uploads":
        return UPLOADS[(request.view_args or {})["papers"]]
    return SECTIONS.get(endpoint) or ROOMS.get(room) or endpoint
