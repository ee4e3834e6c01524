"""Settings, read once from the environment: everything that differs between a demo, a county and a province."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from environs import Env, validate

from supplyhub.domain.refusals import NotConfigured, words

DEFAULT_DATABASE_URL = "sqlite:///var/supplyhub.db"
METRICS_TOKEN_MIN = 16


@dataclass(frozen=True)
class Config:
    """What the service needs to know before it starts."""

    database_url: str
    secret_key: str
    mode: str
    """`demo` (loopback, made-up users) or `production` (which refuses demo users and default secrets)."""
    language: str = "zh_Hans"
    https: bool = False
    """Whether browsers reach us over HTTPS: session cookies are then marked Secure."""
    app_role: str = ""
    """The role of PostgreSQL that serves without owning anything: `migrate` gives it its rights."""
    metrics_token: str = ""
    """What Prometheus must send to read /metrics; without one nobody may."""
    verify_hour: int = 3
    """From which hour of China's clock on a worker proves the ledger, once a day."""


def read_config(mode: str | None = None, *, serving: bool = True) -> Config:
    """The settings from SUPPLYHUB_* variables; raises NotConfigured naming what production lacks.

    Commands that serve nobody (`serving` False) sign nothing, and need no secret.
    """
    env = Env(prefix="SUPPLYHUB_")
    chosen = mode or env.str("MODE", "production", validate=validate.OneOf(["demo", "production"]))
    secret = env.str("SECRET_KEY", "")
    if serving and chosen == "production" and (len(secret) < 32 or len(set(secret)) < 10):
        raise NotConfigured(
            what=words("Set SUPPLYHUB_SECRET_KEY to at least 32 random characters before a production start.")
        )
    metrics_token = env.str("METRICS_TOKEN", "")
    if serving and metrics_token and len(metrics_token) < METRICS_TOKEN_MIN:
        raise NotConfigured(what=words("Set SUPPLYHUB_METRICS_TOKEN to at least 16 characters, or not at all."))
    return Config(
        database_url=env.str("DATABASE_URL", DEFAULT_DATABASE_URL),
        secret_key=secret or secrets.token_hex(32),
        mode=chosen,
        language=env.str("LANGUAGE", "zh_Hans", validate=validate.OneOf(["zh_Hans", "en"])),
        https=env.bool("HTTPS", False),
        app_role=env.str("APP_ROLE", ""),
        metrics_token=metrics_token,
        verify_hour=env.int("VERIFY_HOUR", 3, validate=validate.Range(0, 23)),
    )
