"""The fingerprint of a problem: what two runs must share to be about the same question."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from solver.plan import decimal_text
from solver.problem import HOURS_DECIMALS, MODEL_VERSION, Bool, Demand, Int8, Int32, Int64, Problem

_ROWS = 2**20
"""Numbers widened to eight bytes at a time, so that a fingerprint takes no memory to speak of."""


def input_digest(problem: Problem) -> str:
    """SHA-256 over what the problem says, whatever folder, column order or machine it came from."""
    digest = hashlib.sha256(f"supplyhub problem {MODEL_VERSION}".encode())
    for part in fields(problem):
        table = getattr(problem, part.name)
        for column, value in _columns(table):
            digest.update(f"\n{part.name}.{column}\n".encode())
            for piece in _canonical_bytes(value):
                digest.update(piece)
    return digest.hexdigest()


def _columns(table: object) -> Iterator[tuple[str, object]]:
    """Names and values of a table's columns, weights and hours of demand as they are written."""
    if not is_dataclass(table):
        return
    columns = {column.name: getattr(table, column.name) for column in fields(table)}
    if isinstance(table, Demand):
        columns |= _shortest_weights(table)
        columns["needed_within_hours"] = _hours_text(columns.pop("needed_within_hours_millionths"))
    yield from columns.items()


def _shortest_weights(demand: Demand) -> dict[str, object]:
    """The weights over their smallest denominator."""
    numerator, denominator = pl.Series(demand.weight_numerator).unique().to_numpy(), demand.weight_denominator
    shorter = 1
    while denominator > shorter and not (numerator % (shorter * 10)).any():
        shorter *= 10
    weights = demand.weight_numerator // shorter if shorter > 1 else demand.weight_numerator
    return {"weight_numerator": weights, "weight_denominator": denominator // shorter}


def _hours_text(millionths: Int64 | None) -> bytes:
    """JSON of the hours named, null where a request names none, and null altogether where nobody does."""
    if millionths is None or (millionths < 0).all():
        return b"null"
    rows = pl.Series("hours", millionths)
    distinct = rows.unique()
    texts = [_hour_text(value) for value in distinct.to_list()]
    joined: str = rows.replace_strict(distinct, texts).str.join(", ").item()
    return f"[{joined}]".encode()


def _hour_text(millionths: int) -> str:
    if millionths < 0:
        return "null"
    return f'"{decimal_text(Decimal(millionths).scaleb(-HOURS_DECIMALS))}"'


def _canonical_bytes(value: object) -> Iterator[bytes | memoryview]:
    """The same bytes for the same value, whether text stands in a list or in a Series."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, np.ndarray):
        yield from _wide(value)
    elif isinstance(value, pl.Series) or (isinstance(value, list) and value and isinstance(value[0], str)):
        yield from _text_bytes(pl.Series("text", value, dtype=pl.String))
    else:
        if isinstance(value, Mapping):
            value = sorted((level, decimal_text(share)) for level, share in value.items())
        yield json.dumps(value, ensure_ascii=False, default=_canonical_text).encode()


def _wide(numbers: Int64 | Int32 | Int8 | Bool) -> Iterator[memoryview]:
    for start in range(0, len(numbers), _ROWS):
        yield np.ascontiguousarray(numbers[start : start + _ROWS], dtype="<i8").data


def _text_bytes(texts: pl.Series) -> Iterator[bytes | memoryview]:
    """Lengths of the texts in characters, then all of them; JSON's empty list where there are none."""
    if not len(texts):
        yield b"[]"
        return
    yield from _wide(texts.str.len_chars().to_numpy())
    for start in range(0, len(texts), _ROWS):
        yield texts[start : start + _ROWS].str.join().item().encode()


def _canonical_text(value: object) -> str:
    return decimal_text(value) if isinstance(value, Decimal) else str(value)
