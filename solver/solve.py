"""From a problem to its plan: each item of each piece alone, then all put together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from time import monotonic
from typing import TypeVar

from solver.executors import Executor, InProcess
from solver.gather import Part, gather
from solver.item import Clock, ItemAnswer, ItemQuestion, solve_item
from solver.network import Ground
from solver.packs import Offers, Requests, offers_by_item, requests_by_item
from solver.pieces import Piece, split
from solver.plan import Plan
from solver.problem import Int64, Problem

Progress = Callable[[int, int, str], None]
Key = TypeVar("Key")


def solve(
    problem: Problem,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    seconds_max: float | None = None,
    executor: Executor | None = None,
) -> Plan:
    """The plan of a problem, as docs/allocation-model.md defines it.

    `progress(done, of, item code)` is called after each item. Once `cancelled()` is true, or `seconds_max` have gone
    by, no further item is begun, and the plan holds those that are done: `Plan.items` and its summary say which.
    `executor` says where items are solved, here unless told; the plan is the same wherever that is.
    """
    clock, stop = Clock(), Stop(cancelled, seconds_max)
    with clock.phase("prepare"):
        ready = prepare(problem)
    parts = {}
    for item, of_item in solve_items(ready, range(len(problem.items)), executor or InProcess(), stop):
        parts[item] = of_item
        if progress is not None:
            progress(len(parts), len(problem.items), problem.items.codes[item])
    with clock.phase("gather"):
        return gather(problem, parts, clock.seconds)


@dataclass
class Stop:
    """Whether no further item is to be begun: somebody cancelled, or `seconds_max` have gone by."""

    cancelled: Callable[[], bool] | None = None
    seconds_max: float | None = None
    began: float = field(default_factory=monotonic)

    def __call__(self) -> bool:
        late = self.seconds_max is not None and monotonic() - self.began >= self.seconds_max
        return late or (self.cancelled is not None and self.cancelled())


@dataclass(frozen=True)
class Ready:
    """A piece with all that its items share, and what each item offers and is asked for.

    `nodes`: the nodes of the whole problem that it holds. Offers and requests name rows of the whole problem, and
    places and depots of the piece.
    """

    nodes: Int64
    ground: Ground
    offers: list[Offers]
    requests: list[Requests]

    def ask(self, ground: int, item: int) -> Ask:
        """What is to be answered for one item of the piece, whose ground has this number."""
        return Ask(ground, item, self.offers[item], self.requests[item])

    def part(self, item: int, answer: ItemAnswer) -> Part:
        """The answer for one item of the piece."""
        return Part(self.nodes, self.ground.divisions, self.requests[item], answer)


@dataclass(frozen=True)
class Ask:
    """One item of one piece, and the number of the piece's ground among those that workers have been sent."""

    ground: int
    item: int
    offers: Offers
    requests: Requests


def prepare(problem: Problem) -> list[Ready]:
    """The pieces of a problem, ready to be asked about item by item."""
    return [_ready(piece) for piece in split(problem)]


def _ready(piece: Piece) -> Ready:
    offers, requests = offers_by_item(piece.tables), requests_by_item(piece.tables)
    return Ready(
        piece.nodes,
        Ground(piece.tables),
        [
            replace(some, stock_row=piece.stock[some.stock_row], stored=bool(stored))
            for some, stored in zip(offers, piece.stored, strict=True)
        ],
        [replace(some, row=piece.demand[some.row]) for some in requests],
    )


def solve_items(
    ready: Sequence[Ready], items: Iterable[int], executor: Executor, stop: Callable[[], bool]
) -> Iterator[tuple[int, list[Part]]]:
    """Each item with its parts, one for each piece, as they are done; ends early once `stop()` is true."""
    asked = ((item, [one.ask(place, item) for place, one in enumerate(ready)]) for item in items)
    for item, answers in answer_groups([one.ground for one in ready], asked, executor, stop):
        yield item, [one.part(item, answer) for one, answer in zip(ready, answers, strict=True)]


def answer_groups(
    grounds: Sequence[Ground],
    groups: Iterable[tuple[Key, Sequence[Ask]]],
    executor: Executor,
    stop: Callable[[], bool],
) -> Iterator[tuple[Key, list[ItemAnswer]]]:
    """Each group of questions (one or more) by its key with its answers, as they are done; none is begun once
    `stop()` is true.
    """
    begun: deque[tuple[Key, int]] = deque()

    def questions() -> Iterator[Ask]:
        for key, asked in groups:
            if stop():
                return
            begun.append((key, len(asked)))
            yield from asked

    answers = executor.run(_answer, grounds, questions())
    for first in answers:
        key, count = begun.popleft()
        yield key, [first, *islice(answers, count - 1)]


def _answer(grounds: Sequence[Ground], ask: Ask) -> ItemAnswer:
    return solve_item(ItemQuestion(grounds[ask.ground], ask.item, ask.offers, ask.requests))
