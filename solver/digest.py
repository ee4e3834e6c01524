"""The fingerprint of a problem: what two runs must share to be about the same question."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal

import numpy as np

from solver.plan import decimal_text
from solver.problem import MODEL_VERSION, Demand, Problem


def input_digest(problem: Problem) -> str:
    """SHA-256 over what the problem says, whatever folder, column order or machine it came from."""
    digest = hashlib.sha256(f"supplyhub problem {MODEL_VERSION}".encode())
    problem = replace(problem, demand=_canonical_demand(problem.demand))
    for part in fields(problem):
        table = getattr(problem, part.name)
        for column in fields(table) if is_dataclass(table) else ():
            digest.update(f"\n{part.name}.{column.name}\n".encode())
            digest.update(_canonical_bytes(getattr(table, column.name)))
    return digest.hexdigest()


def _canonical_demand(demand: Demand) -> Demand:
    """The same demand with the smallest denominator of weights, and hours only where somebody names some."""
    numerator, denominator = demand.weight_numerator, demand.weight_denominator
    while denominator > 1 and not (numerator % 10).any():
        numerator, denominator = numerator // 10, denominator // 10
    hours = demand.needed_within_hours
    named = hours if hours is not None and any(value is not None for value in hours) else None
    return replace(demand, weight_numerator=numerator, weight_denominator=denominator, needed_within_hours=named)


def _canonical_bytes(value: object) -> bytes:
    if isinstance(value, np.ndarray):
        return value.astype("<i8").tobytes()
    if isinstance(value, list) and value and isinstance(value[0], str):
        lengths = np.fromiter(map(len, value), dtype="<i8", count=len(value))
        return lengths.tobytes() + "".join(value).encode()
    if isinstance(value, Mapping):
        value = sorted((level, decimal_text(share)) for level, share in value.items())
    return json.dumps(value, ensure_ascii=False, default=_canonical_text).encode()


def _canonical_text(value: object) -> str:
    return decimal_text(value) if isinstance(value, Decimal) else str(value)
