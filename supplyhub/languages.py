"""The languages that everything people read is in."""

from __future__ import annotations

LANGUAGES = ("zh_Hans", "en")
DEFAULT_LANGUAGE = "zh_Hans"
