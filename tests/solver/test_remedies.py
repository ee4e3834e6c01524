"""Every remedy that a plan names is tried and helps; every floor, aid arc, link and closed arc that is not, does not.

SUPPLYHUB_REMEDY_INSTANCES says on how many random instances (60 unless told); seeds are 5000, 5001, 5002 ...
"""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from solver import LIMITS, Plan, read_instance, solve
from tests.solver import instances, oracle, reasons
from tests.solver.oracle import SOURCE, Asked
from tests.solver.reasons import Item, Set

FIRST = 5000
SEEDS = range(FIRST, FIRST + int(os.environ.get("SUPPLYHUB_REMEDY_INSTANCES", "60")))


@pytest.mark.parametrize("seed", SEEDS)
def test_remedies_help_and_nothing_else_does(
    seed: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    tables = instances.make(seed)
    instances.write(tables, tmp_path / "instance", seed)
    problem = read_instance(tmp_path / "instance")
    plan, tried, by_hand = solve(problem), Counter[str](), list[Set]()
    for code in problem.items.codes:
        item = reasons.item_by_the_rule(tables, code)
        by_hand += reasons.sets(item)
        for request in item.unfilled():
            named = plan.limits.remedies[plan.set[request.row] - 1].split()
            tried += forms_tried(item, request, named) + stock_tried(item, request, named)
    assert told(plan, problem.items.codes) == [written(one) for one in sorted(by_hand, key=lambda one: one.rows[0])]
    record_property(f"remedies tried on instances {SEEDS.start} to {SEEDS.stop - 1}", dict(tried))


def forms_tried(item: Item, request: Asked, named: list[str]) -> Counter[str]:
    """Try one more of everything that is held back, lent, linked or closed: it helps where it is named, else not."""
    tried = Counter[str]()
    for name, arc in reasons.arc_to(item):
        helps = oracle.helps(item.residual, arc, request.place)
        assert helps == (name in named), (item.code, request, name)
        tried[f"{name.partition('@')[0]} that {'helps' if helps else 'does not help'}"] += 1
    assert {name for name in named if not name.startswith("stock@")} <= {name for name, _ in reasons.arc_to(item)}
    return tried


def stock_tried(item: Item, request: Asked, named: list[str]) -> Counter[str]:
    """Try one more pack at the one place named for all, or at the request's own place among those named."""
    places = [name.removeprefix("stock@") for name in named if name.startswith("stock@")]
    place = places[0] if len(places) == 1 else request.place
    assert place in places
    assert oracle.helps(item.residual, (SOURCE, place), request.place)
    return Counter(["stock at one place that helps all" if len(places) == 1 else "stock at its own place that helps"])


def told(plan: Plan, codes: list[str]) -> list[tuple[object, ...]]:
    """What the plan says of each set, and the rows of its requests."""
    limits = plan.limits
    columns = zip(
        [codes[item] for item in limits.item],
        limits.requests.tolist(),
        limits.packs_missing.tolist(),
        [LIMITS[reason] for reason in limits.limited_by],
        limits.higher_class.tolist(),
        limits.remedies,
        strict=True,
    )
    rows = [(plan.set == number + 1).nonzero()[0].tolist() for number in range(len(limits))]
    return [(members, *said) for members, said in zip(rows, columns, strict=True)]


def written(one: Set) -> tuple[object, ...]:
    """The same of a set done by hand."""
    numbers = len(one.rows), one.packs_missing
    return one.rows, one.item, *numbers, one.limited_by, one.higher_class, " ".join(one.remedies)
