"""Settings, read once from the environment: everything that differs between a demo, a county and a province."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from environs import Env, EnvValidationError, validate

from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.languages import DEFAULT_LANGUAGE, LANGUAGES

DEFAULT_DATABASE_URL = "sqlite:///var/supplyhub.db"
MODES = ("production", "demo")
METRICS_TOKEN_MIN = 16

ALLOWED = {
    "SUPPLYHUB_MODE": words("write production or demo"),
    "SUPPLYHUB_LANGUAGE": words("write zh_Hans or en"),
    "SUPPLYHUB_HTTPS": words("write true or false"),
    "SUPPLYHUB_VERIFY_HOUR": words("write an hour from 0 to 23"),
    "SUPPLYHUB_SECRET_KEY": words("set it to at least 32 random characters before a production start"),
    "SUPPLYHUB_METRICS_TOKEN": words("set it to at least 16 characters, or not at all"),
}
"""What a setting may be, said where it is something else."""


@dataclass(frozen=True)
class Config:
    """What the service needs to know before it starts."""

    database_url: str
    secret_key: str
    mode: str
    """`demo` (loopback, made-up users) or `production` (which refuses demo users and default secrets)."""
    language: str = DEFAULT_LANGUAGE
    https: bool = False
    """Whether browsers reach us over HTTPS: session cookies are then marked Secure."""
    app_role: str = ""
    """The role of PostgreSQL that serves without owning anything: `migrate` gives it its rights."""
    metrics_token: str = ""
    """What Prometheus must send to read /metrics; without one nobody may."""
    verify_hour: int = 3
    """From which hour of China's clock on a worker proves the ledger, once a day."""


def read_config(mode: str | None = None, *, serving: bool = True) -> Config:
    """The settings from SUPPLYHUB_* variables; raises InvalidInput naming every one that cannot be used.

    Commands that serve nobody (`serving` False) sign nothing, and need no secret.
    """
    env = Env(prefix="SUPPLYHUB_", eager=False)
    chosen = mode or env.str("MODE", "production", validate=validate.OneOf(MODES))
    secret, metrics_token = env.str("SECRET_KEY", ""), env.str("METRICS_TOKEN", "")
    config = Config(
        database_url=env.str("DATABASE_URL", DEFAULT_DATABASE_URL),
        secret_key=secret or secrets.token_hex(32),
        mode=chosen,
        language=env.str("LANGUAGE", DEFAULT_LANGUAGE, validate=validate.OneOf(LANGUAGES)),
        https=env.bool("HTTPS", False),
        app_role=env.str("APP_ROLE", ""),
        metrics_token=metrics_token,
        verify_hour=env.int("VERIFY_HOUR", 3, validate=validate.Range(0, 23)),
    )
    try:
        env.seal()
        wrong = []
    except EnvValidationError as error:
        wrong = list(error.error_messages)
    if serving and chosen != "demo" and (len(secret) < 32 or len(set(secret)) < 10):
        wrong.append("SUPPLYHUB_SECRET_KEY")
    if serving and metrics_token and len(metrics_token) < METRICS_TOKEN_MIN:
        wrong.append("SUPPLYHUB_METRICS_TOKEN")
    if wrong:
        raise InvalidInput(faults=[Fault(name, ALLOWED[name]) for name in wrong])
    return config


def read_language() -> str:
    """The language of what commands say; the default where the setting cannot be used."""
    said = Env(prefix="SUPPLYHUB_").str("LANGUAGE", DEFAULT_LANGUAGE)
    return said if said in LANGUAGES else DEFAULT_LANGUAGE
