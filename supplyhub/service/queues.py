"""Queues of what waits: who comes first carries out all that has come meanwhile, and the others find it done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

MOST = 32
"""How many are carried out at once where more threads wait: how long one waits for others grows with it."""

Thing = TypeVar("Thing")


class Queues(Generic[Thing]):
    """A queue for each key, of things that may be carried out together. In each, one thread at a time does so.

    Nobody waits for company: a thing that finds its queue empty is carried out at once, alone.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queues: dict[Hashable, list[_Place[Thing]]] = {}

    def take_part(self, key: Hashable, thing: Thing, carry_out: Callable[[Sequence[Thing]], None]) -> None:
        """Return when the thing has been through `carry_out`, by this thread or by another, whatever came of it."""
        place = _Place(thing)
        with self._guard:
            leads = key not in self._queues
            self._queues.setdefault(key, []).append(place)
        if not leads:
            place.called.wait()
        if not place.through:
            self._lead(key, carry_out)

    def _lead(self, key: Hashable, carry_out: Callable[[Sequence[Thing]], None]) -> None:
        """Carry out what waits, this thread's own first, and call those it was done for, and who leads next."""
        with self._guard:
            taken = self._queues[key][:MOST]
        try:
            carry_out([place.thing for place in taken])
        finally:
            with self._guard:
                waiting = self._queues[key][len(taken) :]
                if waiting:
                    self._queues[key] = waiting
                else:
                    del self._queues[key]
            for place in taken:
                place.through = True
                place.called.set()
            if waiting:
                waiting[0].called.set()


class _Place(Generic[Thing]):
    """A place in a queue; it is called when its thing is through, or when it is its turn to lead."""

    def __init__(self, thing: Thing) -> None:
        self.thing = thing
        self.through = False
        self.called = threading.Event()
