"""What forms send becomes values: one schema a form, every fault of it at once, each beside its field.

Fields of a line are named `lines-3-item`; lines left empty are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from supplyhub.domain.places import Level
from supplyhub.domain.refusals import Fault, InvalidInput, SupplyError, moved, words
from supplyhub.domain.stock import Condition, Reason
from supplyhub.schemas import cells

LINE_FIELD = re.compile(r"lines-(\d{1,4})-([a-z_]+)", re.ASCII)
LINE_PATH = re.compile(r"lines\[(\d+)\](?:\.([a-z_]+))?")
MISSING = words("fill this in")

DRAWN_AS = {"received": "quantity", "lot_id": "goods", "to_depot": "to"}
"""Fields of facts that forms draw under another name."""

note = cells.words_of(400)
name = cells.words_of(120)


def share(text: str) -> str:
    """A share of 0 to 1 as an exact decimal."""
    if not re.fullmatch(r"[01](\.\d{1,4})?", text, re.ASCII) or Decimal(text) > 1:
        raise cells.CellFault(words("{text!r} is no share; write a number from 0 to 1, such as 0.5"), text=text[:40])
    return text


WIDE = str.maketrans("０１２３４５６７８９，", "0123456789,")
GROUPED = re.compile(r"\d{1,3}(,\d{3})+", re.ASCII)


def typed(text: str) -> int:
    """An amount as people type it: in the wide digits of a Chinese keyboard, or grouped as pages print it."""
    plain = text.translate(WIDE)
    return int(cells.units(plain.replace(",", "") if GROUPED.fullmatch(plain) else plain))


class Cell(fields.Field[Any]):
    """A field read by one of the readers of cells; an empty one is missing."""

    def __init__(self, read: cells.Read, **options: Any) -> None:
        super().__init__(error_messages={"required": MISSING}, **options)
        self.read = read

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        try:
            return self.read(value)
        except cells.CellFault as fault:
            raise ValidationError([Fault("", fault.message, fault.facts)]) from None


class Form(Schema):
    """What every form has in common: unknown fields are the browser's business."""

    class Meta:
        """Marshmallow's settings."""

        unknown = EXCLUDE


class Quantity(Form):
    """An amount in whole packs, in units, or in both together; the server adds them up."""

    packs = Cell(typed, load_default=0)
    units = Cell(typed, load_default=0)


class ReceiptLineForm(Quantity):
    """A lot that arrived."""

    item = Cell(cells.short_code, required=True)
    lot = Cell(name, load_default="")
    produced_on = Cell(cells.day, load_default=None)
    expires_on = Cell(cells.day, load_default=None)
    owner = Cell(cells.division_code, load_default=None)
    origin = Cell(name, load_default="")
    condition = Cell(cells.one_of(Condition), load_default=Condition.GOOD)


class ReceiptForm(Form):
    """A receipt."""

    depot = Cell(cells.short_code, required=True)
    reason = Cell(cells.one_of(Reason), required=True)
    note = Cell(note, load_default="")
    lines = fields.List(fields.Nested(ReceiptLineForm), load_default=list)


class GoodsLineForm(Quantity):
    """Goods from a shelf: `item:CODE` for first-expired lots, or `lot:ID:CONDITION` for a named one."""

    goods = Cell(name, required=True)


class IssueForm(Form):
    """An issue: what for says which account the goods go to."""

    depot = Cell(cells.short_code, required=True)
    purpose = Cell(cells.one_of(Reason), required=True)
    place = Cell(name, load_default="")
    note = Cell(note, load_default="")
    lines = fields.List(fields.Nested(GoodsLineForm), load_default=list)


class TransferForm(Form):
    """A direct transfer to another depot, or to a place that will use the goods."""

    depot = Cell(cells.short_code, required=True)
    to = Cell(name, required=True)
    note = Cell(note, load_default="")
    lines = fields.List(fields.Nested(GoodsLineForm), load_default=list)


class CountLineForm(Form):
    """One shelf counted; a shelf nobody counted has neither packs nor units."""

    shelf = Cell(name, required=True)
    seen = Cell(cells.units, required=True)
    packs = Cell(typed, load_default=None)
    units = Cell(typed, load_default=None)


class CountForm(Form):
    """A stock count."""

    depot = Cell(cells.short_code, required=True)
    note = Cell(note, load_default="")
    lines = fields.List(fields.Nested(CountLineForm), load_default=list)


class ArrivalLineForm(Form):
    """What came of one order line."""

    line = Cell(cells.whole(1, 100_000), required=True)
    packs = Cell(typed, load_default=0)
    units = Cell(typed, load_default=0)
    loss_reason = Cell(cells.one_of(Reason), load_default=None)


class ArrivalForm(Form):
    """What arrived of an order, and onto which shelf if any."""

    version = Cell(cells.whole(1), required=True)
    depot = Cell(cells.short_code, load_default=None)
    note = Cell(note, load_default="")
    lines = fields.List(fields.Nested(ArrivalLineForm), load_default=list)


class StepForm(Form):
    """A step that needs nothing but the version that was looked at."""

    version = Cell(cells.whole(1), required=True)
    note = Cell(note, load_default="")


class RequestLineForm(Quantity):
    """One item for one community or institution; `amount_unknown` says that the amount is not known yet."""

    target = Cell(name, required=True)
    item = Cell(cells.short_code, required=True)
    priority = Cell(cells.whole(1, 4), required=True)
    needed_by = Cell(cells.day, load_default=None)
    reason = Cell(note, load_default="")
    override_reason = Cell(note, load_default="")
    amount_unknown = Cell(cells.yes_or_no, load_default=False)


class RequestForm(Form):
    """What an office asks for in one go."""

    reason = Cell(note, required=True)
    lines = fields.List(fields.Nested(RequestLineForm), load_default=list)


class AnswerForm(Quantity):
    """How many are needed where the amount was unknown."""

    override_reason = Cell(note, load_default="")


class RunForm(Form):
    """What a planner may choose."""

    division = Cell(cells.division_code, required=True)
    as_of = Cell(cells.day, required=True)
    release_reserves = Cell(cells.yes_or_no, load_default=False)
    basis = Cell(cells.words_of(20), load_default="stock")
    aid_city = Cell(share, load_default="0")
    aid_county = Cell(share, load_default="0")
    aid_township = Cell(share, load_default="0")
    aid_community = Cell(share, load_default="0")
    penalty_km = Cell(cells.scaled(3, 10_000), load_default=0)

    LENDERS = (Level.CITY, Level.COUNTY, Level.TOWNSHIP, Level.COMMUNITY)


class ApprovalForm(Form):
    """A yes, whole or to one item or place."""

    version = Cell(cells.whole(1), required=True)
    item = Cell(cells.short_code, load_default=None)
    division = Cell(cells.division_code, load_default=None)


class RejectionForm(Form):
    """A no, with the reason."""

    version = Cell(cells.whole(1), required=True)
    note = Cell(note, required=True)


class SignInForm(Form):
    """Who wants to come in."""

    username = Cell(cells.words_of(200), required=True)
    password = Cell(str, required=True)


def read_form(form: type[Form], sent: Mapping[str, str], ignore: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The values of a form; `InvalidInput` with every fault, named by its field.

    A line counts as empty when every field of it outside `ignore` (what is chosen before anything is typed) is.
    The list of values under "rows" says which line of the form each of "lines" was.
    """
    plain, lines = _nested(sent)
    filled = sorted(row for row, line in lines.items() if line.keys() - ignore)
    try:
        values: dict[str, Any] = form().load({**plain, "lines": [lines[row] for row in filled]})
    except ValidationError as error:
        faults = [
            Fault(field_of(where, filled), fault.message, fault.facts) for where, fault in _flat(error.messages, "")
        ]
        raise InvalidInput(faults=faults) from None
    return {**values, "rows": filled}


def _nested(sent: Mapping[str, str]) -> tuple[dict[str, str], dict[int, dict[str, str]]]:
    """Fields and lines that hold anything; passwords keep their spaces."""
    plain: dict[str, str] = {}
    lines: dict[int, dict[str, str]] = {}
    for key, value in sent.items():
        text = value if key == "password" else cells.clean(value)
        match = LINE_FIELD.fullmatch(key)
        if not text:
            continue
        if match:
            lines.setdefault(int(match[1]), {})[match[2]] = text
        else:
            plain[key] = text
    return plain, lines


def _flat(messages: Any, where: str) -> Iterator[tuple[str, Fault]]:
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            path = f"{where}[{key}]" if isinstance(key, int) else f"{where}.{key}".lstrip(".")
            yield from _flat(below, path)
        return
    for message in messages if isinstance(messages, list) else [messages]:
        yield where, message if isinstance(message, Fault) else Fault("", str(message))


def field_of(where: str, rows: list[int]) -> str:
    """The form field that a path such as `lines[0].quantity` means; `rows` says which line each index was."""
    match = LINE_PATH.fullmatch(where)
    if match is None:
        return DRAWN_AS.get(where, where)
    index, field = int(match[1]), match[2] or "goods"
    row = rows[index] if index < len(rows) else index
    return f"lines-{row}-{DRAWN_AS.get(field, field)}"


@contextmanager
def naming_fields(rows: list[int]) -> Iterator[None]:
    """Faults that name lines by index come out naming the fields of the form."""
    try:
        yield
    except SupplyError as refusal:
        refusal.faults = moved(refusal.faults, lambda where: field_of(where, rows))
        raise
