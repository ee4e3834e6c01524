"""What a rig's clients want done: receipts and issues, each with a mark in its note by which it is found again."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

DEPOT, ITEM = "A1", "mask"
"""Where all of them meet: one depot, one item, a few lots."""

LOTS = [f"rig-{n}" for n in range(4)]


@dataclass(frozen=True)
class Errand:
    """One document. The key is made before the first try; the mark is in the note, whatever key it goes under."""

    mark: str
    path: str
    body: bytes
    units: int
    """By how much it changes what the depot holds of the item."""


def make_errands(seed: int) -> Iterator[Errand]:
    """Documents without end, the same for the same seed but for their marks; more comes in than goes out."""
    chance = random.Random(seed)
    while True:
        mark = str(uuid.uuid4())
        if chance.random() < 0.6:
            lots = chance.sample(LOTS, 2)
            lines = [
                {"item": ITEM, "quantity": chance.randint(5, 9), "lot": lot, "expires_on": "2099-01-01"} for lot in lots
            ]
            yield _errand(mark, "/receipts", lines, 1)
        else:
            yield _errand(mark, "/issues", [{"item": ITEM, "quantity": chance.randint(1, 3)}], -1)


def _errand(mark: str, path: str, lines: list[dict[str, object]], sign: int) -> Errand:
    body = json.dumps({"depot": DEPOT, "note": mark, "lines": lines}).encode()
    return Errand(mark, f"/api/v1{path}", body, sign * sum(int(str(line["quantity"])) for line in lines))
