"""Logs: a line an event on standard error, JSON in production, each with the id of its request."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

STAMPED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
"""What every line says, whoever writes it: what its request or job is, how bad it is, when."""


def set_up(mode: str) -> None:
    """Send our events and everybody else's log records the same way; call once, when a process starts."""
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if mode == "demo":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    # Ours go straight to the stream: through the standard library each would cost as much as reading a balance.
    structlog.configure(
        processors=[*STAMPED, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*STAMPED, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for talkative in ("alembic", "waitress.queue"):
        logging.getLogger(talkative).setLevel(logging.ERROR)
