"""A compiled shape loads what marshmallow loads, or asks it; what marshmallow refuses it never takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from supplyhub.schemas import planning, requests, stock, transfers
from supplyhub.schemas.compiled import ASK, compiled

SHAPES = [
    shape
    for room in (stock, requests, transfers, planning)
    for name, shape in vars(room).items()
    if isinstance(shape, type) and issubclass(shape, Schema) and shape.__module__ == room.__name__
    and (name.startswith("New") or name in ("ArrivalSchema", "AnswerLineSchema"))
]  # fmt: skip

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 2**65), st.floats(allow_nan=False), st.text(max_size=70),
    st.just([]), st.just({}), st.dates(date(1890, 1, 1), date(2210, 1, 1)).map(str),
    st.sampled_from(["2026-07-01", "20260701", "2026-W01-1", "2026-13-01", "mask", "good", "used", "lost", "delivery"]),
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def words() -> Iterator[None]:
    """The words of refusals need an application."""
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        yield


def bodies(shape: type[Schema]) -> st.SearchStrategy[Any]:
    """Bodies that are nearly right: known fields with lawful and odd values, now and then one that is not known."""
    fields = shape().load_fields
    values = {name: _values(field) for name, field in fields.items()}
    needed = {name: value for name, value in values.items() if fields[name].required}
    rest = {name: value for name, value in values.items() if name not in needed}
    right = st.fixed_dictionaries(needed, optional=rest)
    return right | st.fixed_dictionaries({}, optional={**values, "unknown": ODD})


def _values(field: Any) -> st.SearchStrategy[Any]:
    inner = getattr(field, "inner", None)
    if inner is not None and hasattr(inner, "schema"):
        return st.lists(bodies(type(inner.schema)), max_size=3) | ODD
    for validator in field.validators:
        if hasattr(validator, "choices"):
            return st.sampled_from(list(validator.choices)) | ODD
        if isinstance(getattr(validator, "min", None), int) and type(field).__name__ == "Whole":
            return st.integers(validator.min, validator.max) | ODD
    return st.text(min_size=1, max_size=12) | ODD


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_it_says_what_marshmallow_says_or_asks(shape: type[Schema], data: st.DataObject) -> None:
    body = data.draw(bodies(shape))
    loaded = compiled(shape)(body)
    try:
        true = shape().load(body)
    except ValidationError:
        true = ASK
    assert loaded is ASK or loaded == true


def test_what_is_plainly_right_needs_no_asking() -> None:
    line = {"item": "mask", "quantity": 5, "lot": "L", "expires_on": "2099-01-01", "owner": None, "condition": "good"}
    receipt = {"depot": "A1", "reason": "donation", "lines": [line, {"item": "suit", "packs": 2}]}
    assert compiled(stock.NewReceiptSchema)(receipt) == stock.NewReceiptSchema().load(receipt)
    issue = {"depot": "A1", "to": "used", "lines": [{"item": "mask", "quantity": 1, "lot_id": 7}]}
    assert compiled(stock.NewIssueSchema)(issue) == stock.NewIssueSchema().load(issue)
    count = {"depot": "A1", "lines": [{"lot_id": 7, "seen": 0, "counted": 3}]}
    assert compiled(stock.NewCountSchema)(count) == stock.NewCountSchema().load(count)
