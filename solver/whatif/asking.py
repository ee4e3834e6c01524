"""A question and variants of it answered in one go: what a change leaves as it is, is not solved again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.executors import Executor, InProcess
from solver.gather import Part, gather
from solver.item import ItemAnswer
from solver.network import Ground
from solver.plan import Plan
from solver.problem import Bool, Int64, Problem
from solver.solve import Ask, Progress, Ready, Stop, answer_groups, prepare
from solver.whatif.sameness import same_questions, same_roads
from solver.whatif.variants import BASE, Variant, changed


@dataclass(frozen=True)
class Outcome:
    """What came of the question as it stands, or of a variant.

    `parts`: of each item that is held; `solved`: the items, ascending, of which anything was solved for it.
    """

    name: str
    problem: Problem
    parts: Mapping[int, Sequence[Part]]
    solved: Int64

    @cached_property
    def plan(self) -> Plan:
        """The whole plan, put together when it is first looked at: the same as solving the problem by itself."""
        return gather(self.problem, self.parts, {})


@dataclass(frozen=True)
class WhatIf:
    """The question as it stands, and each variant in the order given."""

    base: Outcome
    variants: list[Outcome]


def what_if(
    problem: Problem,
    variants: Sequence[Variant],
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    seconds_max: float | None = None,
) -> WhatIf:
    """Solve a problem and variants of it. Raises MalformedVariants, before anything is solved, with every fault.

    `progress(done, of, name)` is called after each item that was solved for the base or for a variant. Once
    `cancelled()` is true, or `seconds_max` have gone by, nothing further is begun, and outcomes hold what is done.
    """
    problems = [problem, *changed(problem, variants)]
    ready = prepare(problem)
    worlds = [_World.of(ready), *(_World.beside(ready, problem, other) for other in problems[1:])]
    names = [BASE, *(variant.name for variant in variants)]
    grounds = _grounds(worlds)
    groups = [group for place, world in enumerate(worlds) for group in world.groups(place, grounds)]
    answers = answer_groups(grounds, groups, executor or InProcess(), Stop(cancelled, seconds_max))
    found: list[dict[int, list[ItemAnswer]]] = [{} for _ in worlds]
    for done, ((place, item), given) in enumerate(answers, start=1):
        found[place][item] = given
        if progress is not None:
            progress(done, len(groups), names[place])
    base, *others = (
        Outcome(name, other, world.parts(mine, found[0]), np.array(sorted(mine), dtype=np.int64))
        for name, other, world, mine in zip(names, problems, worlds, found, strict=True)
    )
    return WhatIf(base, others)


@dataclass(frozen=True)
class _World:
    """The pieces of a problem, and what of them is asked and answered in the base already.

    `twin`: the place of the base's piece of the same nodes, for each piece; `same`: for each piece, the items of which
    it has the same question as its twin.
    """

    ready: list[Ready]
    twin: list[int]
    same: list[Bool]

    @classmethod
    def of(cls, ready: list[Ready]) -> _World:
        """A problem beside which there is none."""
        return cls(ready, [0] * len(ready), [np.zeros(len(one.offers), dtype=np.bool_) for one in ready])

    @classmethod
    def beside(cls, base: list[Ready], before: Problem, after: Problem) -> _World:
        """A variant of the base's problem; what is the same is held once."""
        ready, twin, same = [], [], []
        by_first = {int(one.nodes[0]): place for place, one in enumerate(base) if len(one.nodes)}
        for one in prepare(after):
            place = by_first.get(int(one.nodes[0]), 0) if len(one.nodes) else 0
            twin.append(place)
            if np.array_equal(one.nodes, base[place].nodes):
                same.append(same_questions(before, after, base[place], one))
                ready.append(_shared(one, base[place], same[-1], before, after))
            else:
                same.append(np.zeros(len(one.offers), dtype=np.bool_))
                ready.append(one)
        return cls(ready, twin, same)

    def groups(self, number: int, grounds: Sequence[Ground]) -> Iterator[tuple[tuple[int, int], list[Ask]]]:
        """What is to be asked, item by item, with this world's number and the item's."""
        place = {id(ground): at for at, ground in enumerate(grounds)}
        for item in range(len(self.same[0])):
            asked = [(one, same[item]) for one, same in zip(self.ready, self.same, strict=True)]
            asks = [one.ask(place[id(one.ground)], item) for one, same in asked if not same]
            if asks:
                yield (number, item), asks

    def parts(
        self, found: Mapping[int, list[ItemAnswer]], base: Mapping[int, list[ItemAnswer]]
    ) -> dict[int, list[Part]]:
        """The parts of every item of which all is answered, in this world or in the base."""
        parts = {}
        for item in range(len(self.same[0])):
            same = [bool(mine[item]) for mine in self.same]
            if (item in base or not any(same)) and (item in found or all(same)):
                fresh = iter(found.get(item, []))
                answers = [base[item][twin] if old else next(fresh) for old, twin in zip(same, self.twin, strict=True)]
                parts[item] = [one.part(item, answer) for one, answer in zip(self.ready, answers, strict=True)]
        return parts


def _shared(one: Ready, twin: Ready, same: Bool, before: Problem, after: Problem) -> Ready:
    """A piece that holds its twin's arrays and ground where its own say the same in the same numbers."""
    roads = same_roads(before, after, one.nodes).all()
    scaled = before.demand.weight_denominator != after.demand.weight_denominator
    return Ready(
        one.nodes,
        twin.ground if roads else one.ground,
        [old if alike else new for new, old, alike in zip(one.offers, twin.offers, same, strict=True)],
        [
            old if alike and not scaled else new
            for new, old, alike in zip(one.requests, twin.requests, same, strict=True)
        ],
    )


def _grounds(worlds: Sequence[_World]) -> list[Ground]:
    """The grounds of all pieces, those that are shared once."""
    return list({id(one.ground): one.ground for world in worlds for one in world.ready}.values())
