"""The door for operations: request ids and a log line for each request, health, and metrics for Prometheus."""

from __future__ import annotations

from flask import Flask

from supplyhub.watch import health, metrics, requests
from supplyhub.watch.counting import Counting

__all__ = ["Counting", "register"]


def register(app: Flask, *, metrics_token: str) -> None:
    """Watch an application that has its hub in `app.extensions["supplyhub"]`."""
    app.config["METRICS_TOKEN"] = metrics_token
    requests.register(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
