"""From a problem to its plan: each item of each piece alone, then all put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from time import monotonic

from solver.executors import Executor, InProcess
from solver.gather import Part, gather
from solver.item import Clock, ItemQuestion, solve_item
from solver.network import Ground
from solver.packs import Offers, Requests, offers_by_item, requests_by_item
from solver.pieces import Piece, split
from solver.plan import Plan
from solver.problem import Int64, Problem

Progress = Callable[[int, int, str], None]


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

    def question(self, item: int) -> ItemQuestion:
        """What is to be answered for one item of the piece."""
        return ItemQuestion(self.ground, item, self.offers[item], self.requests[item])


def prepare(problem: Problem) -> list[Ready]:
    """The pieces of a problem, ready to be asked about item by item."""
    return [_ready(piece) for piece in split(problem)]


def _ready(piece: Piece) -> Ready:
    offers, requests = offers_by_item(piece.tables), requests_by_item(piece.tables)
    return Ready(
        piece.nodes,
        Ground(piece.tables),
        [replace(some, stock_row=piece.stock[some.stock_row]) for some in offers],
        [replace(some, row=piece.demand[some.row]) for some in requests],
    )


def solve_items(
    ready: Sequence[Ready], items: Iterable[int], executor: Executor, stop: Callable[[], bool]
) -> Iterator[tuple[int, list[Part]]]:
    """Each item with its parts, one for each piece, as they are done; ends early once `stop()` is true."""
    begun: list[int] = []

    def questions() -> Iterator[ItemQuestion]:
        for item in items:
            if stop():
                return
            begun.append(item)
            for one in ready:
                yield one.question(item)

    answers = executor.run(solve_item, questions())
    done = 0
    while parts := list(islice(answers, len(ready))):
        item = begun[done]
        done += 1
        yield (
            item,
            [
                Part(one.nodes, one.ground.divisions, one.requests[item], answer)
                for one, answer in zip(ready, parts, strict=True)
            ],
        )
