"""A problem in pieces has the plan of the whole, whatever the size below which pieces are put together."""

from collections import Counter
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from solver import Plan, check, read_instance, solve
from solver.pieces import split
from tests.solver import instances, small


def columns(value: Any, path: str = "") -> dict[str, Any]:
    """All columns of a plan by name, seconds left out."""
    if is_dataclass(value):
        parts = (columns(getattr(value, part.name), f"{path}.{part.name}") for part in fields(value))
        return {name: column for part in parts for name, column in part.items() if name != ".seconds"}
    return {path: value.tolist() if isinstance(value, np.ndarray) else value}


def solved_in_pieces_of(nodes: int, problem: Any) -> tuple[Plan, int]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("solver.pieces._NODES", nodes)
        return solve(problem), len(list(split(problem)))


def test_pieces_change_nothing(tmp_path: Path, record_property: Any) -> None:
    pieces = Counter[int]()
    for seed in range(2000, 2080):
        instances.write(instances.make(seed), tmp_path / str(seed), seed)
        problem = read_instance(tmp_path / str(seed))
        (apart, many), (together, one) = (solved_in_pieces_of(nodes, problem) for nodes in (1, 10**6))
        assert one == 1
        assert columns(apart) == columns(together), seed
        pieces[many] += 1
    record_property("pieces", str(dict(pieces)))
    assert sum(count for many, count in pieces.items() if many > 1) >= 10


def test_what_two_pieces_lack_alike_is_one_set_with_stock_wherever_somebody_asks() -> None:
    places = small.divisions(P="", A="P", Q="", B="Q", C="Q")
    problem = small.problem(places, [("P", 1), ("Q", 1)], [("A", 5), ("B", 5), ("C", 5)])
    plan, pieces = solved_in_pieces_of(1, problem)
    assert pieces == 2
    assert plan.set.tolist() == [1, 1, 1]
    assert plan.limits.remedies == ["stock@A stock@B stock@C"]
    assert (plan.limits.requests.tolist(), plan.limits.packs_missing.tolist()) == ([3], [13])
    assert not check(problem, plan)
