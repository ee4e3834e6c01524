"""Queues: each thing goes through once, by one thread at a time, in the order of coming; nobody is left waiting."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from supplyhub.service.queues import MOST, Queues


class Counter:
    """Carries numbers out, slowly enough for others to come, and remembers who came together."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.entered, self.gate = threading.Event(), threading.Event()
        self._inside = threading.Lock()

    def carry_out(self, numbers: Sequence[int]) -> None:
        assert self._inside.acquire(blocking=False), "two threads carry out the same queue"
        self.entered.set()
        assert self.gate.wait(10)
        self.batches.append(list(numbers))
        self._inside.release()


def test_what_comes_meanwhile_goes_through_together_in_the_order_of_coming() -> None:
    queues, counter = Queues[int](), Counter()
    threads = [threading.Thread(target=queues.take_part, args=("key", n, counter.carry_out)) for n in range(MOST + 9)]
    threads[0].start()
    assert counter.entered.wait(10)
    for thread in threads[1:]:
        thread.start()
        while not _is_waiting(queues, thread):
            pass
    counter.gate.set()
    for thread in threads:
        thread.join(10)
    assert counter.batches == [[0], list(range(1, MOST + 1)), list(range(MOST + 1, MOST + 9))]


def _is_waiting(queues: Queues[int], thread: threading.Thread) -> bool:
    number = thread._args[1]  # type: ignore[attr-defined]  # what it was started with
    return any(place.thing == number for places in queues._queues.values() for place in places)


def test_each_goes_through_once_whoever_carries_it_out() -> None:
    queues, through = Queues[int](), list[int]()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: queues.take_part(n % 3, n, through.extend), range(3000)))
    assert sorted(through) == list(range(3000))
    assert not queues._queues, "an empty queue is gone"


def test_one_queue_does_not_wait_for_another() -> None:
    queues, counter, done = Queues[int](), Counter(), list[int]()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(queues.take_part, "slow", 1, counter.carry_out)
        assert counter.entered.wait(10)
        queues.take_part("quick", 2, done.extend)
        assert done == [2]
        counter.gate.set()
        slow.result(10)


def test_who_leads_and_fails_leaves_nobody_waiting() -> None:
    queues, counter, done = Queues[int](), Counter(), list[int]()

    def fail(numbers: Sequence[int]) -> None:
        counter.carry_out(numbers)
        raise SystemExit("as a server stops a worker's thread")

    def lead() -> None:
        with pytest.raises(SystemExit):
            queues.take_part("key", 0, fail)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(lead)
        assert counter.entered.wait(10)
        others = [pool.submit(queues.take_part, "key", n, done.extend) for n in range(1, 8)]
        counter.gate.set()
        assert not wait([first, *others], timeout=10).not_done
        for each in (first, *others):
            each.result()
    assert sorted(done) == list(range(1, 8))
