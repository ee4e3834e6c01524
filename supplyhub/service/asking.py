"""Requests by the thousand: loaded in one go, and held to population x norm like a single one."""

from __future__ import annotations

from supplyhub.domain.catalogue import Item
from supplyhub.domain.column_faults import find_unknown, must_be_sound
from supplyhub.domain.columns import RequestColumns
from supplyhub.domain.places import Division, Institution
from supplyhub.domain.refusals import Fault
from supplyhub.domain.requests import LineState, NewRequestLine, ceiling_units, find_bound_fault
from supplyhub.service.unit_of_work import Work


def load_requests(work: Work, columns: RequestColumns, made_by: int, reason: str) -> int:
    """Make one request for each office, its lines in the order given; how many lines. All or nothing."""
    divisions = work.places.map_divisions([*columns.office_code, *columns.division_code])
    institutions = work.places.map_institutions(columns.institution_code)
    items = work.catalogue.map_items()
    must_be_sound(
        columns,
        find_unknown(columns, columns.office_code, divisions, "office_code"),
        find_unknown(columns, columns.division_code, divisions, "division_code"),
        find_unknown(columns, columns.institution_code, institutions, "institution_code"),
        find_unknown(columns, columns.item_code, items, "item_code"),
    )
    must_be_sound(columns, _find_bounds(columns, divisions, items))
    offices = list(dict.fromkeys(columns.office_code))
    count = len(offices)
    request_ids = work.requests.add_requests(
        {
            "township_id": [divisions[office].id for office in offices],
            "pos": [divisions[office].lo for office in offices],
            "status": ["open"] * count,
            "reason": [reason] * count,
            "made_by": [made_by] * count,
            "made_at": [work.at] * count,
            "version": [1] * count,
        }
    )
    work.requests.add_lines(
        _lines(columns, dict(zip(offices, request_ids, strict=True)), divisions, institutions, items)
    )
    return len(columns.where)


def _find_bounds(columns: RequestColumns, divisions: dict[str, Division], items: dict[str, Item]) -> list[Fault]:
    asked: dict[tuple[str, str], int] = {}
    faults = []
    for row, where in enumerate(columns.where):
        division, item = divisions[columns.division_code[row]], items[columns.item_code[row]]
        line = NewRequestLine(
            division.id, item.id, columns.quantity_units[row], columns.priority[row],
            override_reason=columns.override_reason[row],
        )  # fmt: skip
        key = (division.code, item.code)
        already = 0 if columns.institution_code[row] else asked.get(key, 0)
        fault = find_bound_fault(f"{where}:quantity", line, item, division.population, already)
        if fault is not None:
            faults.append(fault)
        if not columns.institution_code[row]:
            asked[key] = already + (line.quantity_units or 0)
    return faults


def _lines(
    columns: RequestColumns,
    request_of: dict[str, int],
    divisions: dict[str, Division],
    institutions: dict[str, Institution],
    items: dict[str, Item],
) -> dict[str, list[object]]:
    filled = dict.fromkeys(request_of.values(), 0)
    request_id, number = [], []
    for office in columns.office_code:
        request = request_of[office]
        filled[request] += 1
        request_id.append(request)
        number.append(filled[request])
    known = [items[code] for code in columns.item_code]
    return {
        "request_id": [*request_id],
        "line": [*number],
        "division_id": [divisions[code].id for code in columns.division_code],
        "pos": [divisions[code].lo for code in columns.division_code],
        "institution_id": [institutions[code].id if code else None for code in columns.institution_code],
        "item_id": [item.id for item in known],
        "quantity_units": [*columns.quantity_units],
        "ceiling_units": [
            ceiling_units(units, item) for units, item in zip(columns.quantity_units, known, strict=True)
        ],
        "ordered_units": [0] * len(known),
        "priority": [*columns.priority],
        "needed_by": [*columns.needed_by],
        "reason": [*columns.reason],
        "override_reason": [*columns.override_reason],
        "state": [
            (LineState.ASKED_BACK if units is None else LineState.OPEN).value for units in columns.quantity_units
        ],
    }
