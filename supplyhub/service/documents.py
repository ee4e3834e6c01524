"""Documents as they were sent become facts: every code is looked up, and all that name nothing are told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supplyhub.domain.codes import (
    codes_of,
    each,
    find_too_large,
    find_unknown,
    find_unknown_in,
    must_be_known,
    one,
    units_of,
)
from supplyhub.domain.stock import (
    ISSUE_REASONS,
    AccountKind,
    Condition,
    LotFacts,
    NewCount,
    NewCountLine,
    NewIssue,
    NewIssueLine,
    NewReceipt,
    NewReceiptLine,
    Reason,
)
from supplyhub.service.unit_of_work import Work

CONDITIONS = {condition.value: condition for condition in Condition}


def read_receipt(work: Work, sent: Mapping[str, Any]) -> NewReceipt:
    """A receipt as it was sent, its codes looked up."""
    lines = sent["lines"]
    items = work.catalogue.find_items(line["item"] for line in lines)
    divisions = work.places.map_divisions(codes_of(each(lines, "owner"), each(lines, "earmark")))
    depots = work.places.map_depots(codes_of(one(sent, "depot")))
    must_be_known(
        find_unknown(one(sent, "depot"), depots),
        find_unknown_in(lines, "item", items),
        find_unknown_in(lines, "owner", divisions),
        find_unknown_in(lines, "earmark", divisions),
        find_too_large(lines, items),
    )
    depot = depots[sent["depot"]]

    def lot(line: Mapping[str, Any]) -> LotFacts:
        return LotFacts(
            items[line["item"]].id,
            divisions[line["owner"]].id if line["owner"] else depot.custodian_id,
            line["lot"],
            divisions[line["earmark"]].id if line["earmark"] else None,
            line["produced_on"],
            line["expires_on"],
            line["origin"],
        )

    return NewReceipt(
        depot.id,
        Reason(sent["reason"]),
        tuple(
            NewReceiptLine(lot(line), units_of(line, items[line["item"]]), CONDITIONS[line["condition"]])
            for line in lines
        ),
        sent["note"],
        sent["occurred_at"],
    )


def read_issue(work: Work, sent: Mapping[str, Any]) -> NewIssue:
    """An issue as it was sent, its codes looked up."""
    lines = sent["lines"]
    items = work.catalogue.find_items(line["item"] for line in lines)
    depots = work.places.map_depots(codes_of(one(sent, "depot")))
    divisions = work.places.map_divisions(codes_of(one(sent, "division")))
    must_be_known(
        find_unknown(one(sent, "depot"), depots),
        find_unknown(one(sent, "division"), divisions),
        find_unknown_in(lines, "item", items),
        find_too_large(lines, items),
    )
    depot, to = depots[sent["depot"]], AccountKind(sent["to"])
    return NewIssue(
        depot.id,
        to,
        divisions[sent["division"]].id if sent["division"] else depot.division_id,
        Reason(sent["reason"] or ISSUE_REASONS[to][0]),
        tuple(
            NewIssueLine(
                items[line["item"]].id, units_of(line, items[line["item"]]), line["lot_id"],
                CONDITIONS[line["condition"]],
            )
            for line in lines
        ),
        sent["note"],
        sent["occurred_at"],
    )  # fmt: skip


def read_count(work: Work, sent: Mapping[str, Any]) -> NewCount:
    """A count as it was sent, its depot looked up."""
    depots = work.places.map_depots(codes_of(one(sent, "depot")))
    must_be_known(find_unknown(one(sent, "depot"), depots))
    lines = tuple(
        NewCountLine(line["lot_id"], line["seen"], line["counted"], CONDITIONS[line["condition"]])
        for line in sent["lines"]
    )
    return NewCount(depots[sent["depot"]].id, lines, sent["note"], sent["occurred_at"])
