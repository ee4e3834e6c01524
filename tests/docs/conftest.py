"""Both halves of the document, and the example that it shows."""

from __future__ import annotations

import csv
import json

import pytest

import solver
from solver import Plan, Problem
from tests.docs.document import Half, half
from tests.docs.example import EXAMPLE
from tests.solver.oracle import Tables


@pytest.fixture(params=["zh", "en"])
def page(request: pytest.FixtureRequest) -> Half:
    return half(request.param)


@pytest.fixture(scope="module")
def problem() -> Problem:
    return solver.read_instance(EXAMPLE)


@pytest.fixture(scope="module")
def plan(problem: Problem) -> Plan:
    return solver.solve(problem)


@pytest.fixture(scope="module")
def rows() -> Tables:
    """The example's files as the oracle reads them."""
    names = ("divisions", "depots", "items", "stock", "demand", "links")
    read = {name: list(csv.DictReader((EXAMPLE / f"{name}.csv").read_text("utf-8").splitlines())) for name in names}
    return Tables(**read, settings=json.loads((EXAMPLE / "settings.json").read_text("utf-8")))


@pytest.fixture
def called(page: Half, rows: Tables) -> dict[str, str]:
    """What the document calls each place: its name in Chinese, its code in English."""
    places = [*rows.divisions, *rows.depots]
    return {row["code"]: page.either(row["name"], row["code"]) for row in places}
