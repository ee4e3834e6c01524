"""Metrics in Prometheus' format, for who has the token of SUPPLYHUB_METRICS_TOKEN; without that setting for nobody."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from supplyhub.service.readings import Readings, take_readings
from supplyhub.service.unit_of_work import Hub
from supplyhub.watch.counting import OWN

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def read_metrics() -> Response:
    """All counts of all processes, and what the database says of the work that waits."""
    token = current_app.config["METRICS_TOKEN"]
    if not token:
        abort(404)
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(sent.strip().encode(), token.encode()):
        return Response("", 401, {"WWW-Authenticate": 'Bearer realm="metrics"'})
    return Response(b"".join(_collected()), 200, {"Cache-Control": "no-store"}, content_type=CONTENT_TYPE_LATEST)


read_metrics.right = "metrics_token"  # type: ignore[attr-defined]  # as the API's doors say it


def _collected() -> Iterator[bytes]:
    counted = OWN
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    yield generate_latest(counted)
    at, hub = datetime.now(UTC), cast(Hub, current_app.extensions["supplyhub"])
    with hub.read(None, at=at) as work:
        readings = take_readings(work)
    registry = CollectorRegistry()
    registry.register(_Read(readings, at))
    yield generate_latest(registry)


class _Read(Collector):
    """Readings as Prometheus takes them."""

    def __init__(self, readings: Readings, at: datetime) -> None:
        self._readings, self._at = readings, at

    def collect(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("supplyhub_jobs", "Jobs in the queue, by state", labels=["state"])
        for state in ("queued", "running", "done", "failed", "cancelled"):
            jobs.add_metric([state], self._readings.jobs.get(state, 0))
        yield jobs
        yield GaugeMetricFamily(
            "supplyhub_oldest_waiting_job_seconds", "Age of the job that waits longest; 0 when none does",
            self._age(self._readings.oldest_waiting_at),
        )  # fmt: skip
        yield GaugeMetricFamily(
            "supplyhub_unnumbered_postings", "Committed postings without a number in the feed",
            self._readings.unnumbered,
        )  # fmt: skip
        if self._readings.last_sealed_at is not None:
            yield GaugeMetricFamily(
                "supplyhub_seal_age_seconds", "Age of the newest seal", self._age(self._readings.last_sealed_at)
            )

        last = self._readings.last_verification
        if last is not None:
            yield GaugeMetricFamily(
                "supplyhub_verification_age_seconds", "Age of the newest proof of the ledger", self._age(last.ended_at)
            )
            yield GaugeMetricFamily("supplyhub_verification_faults", "Faults that it found", last.fault_count)

    def _age(self, since: datetime | None) -> float:
        return 0.0 if since is None else max(0.0, (self._at - since).total_seconds())
