"""What is counted while it happens; in several processes at once where PROMETHEUS_MULTIPROC_DIR names their folder."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from supplyhub.service.watcher import Watcher

OWN = CollectorRegistry()
"""What this process has counted."""

POSTS = Counter("supplyhub_posts", "Commands carried out, by verb", ["verb"], registry=OWN)
REPLAYS = Counter("supplyhub_replays", "Commands answered again as before, by verb", ["verb"], registry=OWN)
SHARED = Counter("supplyhub_shared", "Commands carried out in one transaction with others", registry=OWN)
RETRIES = Counter("supplyhub_retries", "Transactions that lost a race and ran again, by cause", ["cause"], registry=OWN)
REFUSALS = Counter("supplyhub_refusals", "Answers that said no, by kind", ["kind"], registry=OWN)
TURN_SECONDS = Histogram(
    "supplyhub_turn_wait_seconds", "How long writers of SQLite waited for their turn", registry=OWN,
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 1, 3),
)  # fmt: skip
REQUEST_SECONDS = Histogram(
    "supplyhub_request_seconds", "How long requests took, by route", ["method", "route", "status"], registry=OWN,
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 1, 5, 30),
)  # fmt: skip


class Counting(Watcher):
    """Counts what the unit of work tells."""

    def performed(self, verb: str, *, replayed: bool) -> None:
        (REPLAYS if replayed else POSTS).labels(verb).inc()

    def shared(self, count: int) -> None:
        SHARED.inc(count)

    def retried(self, cause: str) -> None:
        RETRIES.labels(cause).inc()

    def waited(self, seconds: float) -> None:
        TURN_SECONDS.observe(seconds)
