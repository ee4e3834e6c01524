"""Every pair of status and wish: the table's steps are taken, all others are refused and say what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest

from supplyhub.domain import planning, requests, transfers
from supplyhub.domain.lives import list_steps, take_step
from supplyhub.domain.refusals import StepNotAllowed

LIVES: list[tuple[Mapping[Any, Any], type[StrEnum]]] = [
    (planning.RUN_STEPS, planning.RunStatus),
    (planning.PLAN_STEPS, planning.PlanStatus),
    (requests.STEPS, requests.LineState),
    (transfers.STEPS, transfers.OrderStatus),
]


@pytest.mark.parametrize(("life", "statuses"), LIVES)
def test_all_pairs(life: Mapping[Any, Any], statuses: type[StrEnum]) -> None:
    wishes = {wish for _, wish in life}
    for status in statuses:
        for wish in wishes:
            if (status, wish) in life:
                assert take_step(life, "thing", status, wish) == life[status, wish]
                continue
            with pytest.raises(StepNotAllowed) as refusal:
                take_step(life, "thing", status, wish)
            assert refusal.value.allowed == (", ".join(list_steps(life, status)) or "-")


def test_goods_leave_a_depot_only_by_dispatch_and_every_life_ends() -> None:
    ends = {status for status in transfers.OrderStatus if not list_steps(transfers.STEPS, status)}
    assert ends == {"received", "cancelled", "recalled", "lapsed"}
    effects = [step.effect for step in transfers.STEPS.values()]
    assert sorted(effects) == sorted(transfers.Effect)
