"""What is text: it can be stored, shown and sent back by every part of this."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from supplyhub.domain.refusals import Fault, InvalidInput, words

ALLOWED_CONTROLS = frozenset("\t\n\r")


def must_be_text(sent: Any) -> None:
    """Refuse lone surrogates and control characters, which no database keeps."""
    message = words("may hold no control characters and no half characters")
    faults = [Fault(where, message) for where, text in _texts(sent) if not is_text(text)]
    if faults:
        raise InvalidInput(faults=faults)


def is_text(text: str) -> bool:
    """Whether a text can be stored and shown: no control characters but line ends and tabs, no lone surrogates."""
    return text.isprintable() or all(map(_is_stored, text))


def text_in(sent: str) -> str:
    """What of it is text."""
    return "".join(filter(_is_stored, sent))


def _is_stored(char: str) -> bool:
    return char in ALLOWED_CONTROLS or unicodedata.category(char) not in ("Cc", "Cs")


def _texts(sent: Any) -> Iterator[tuple[str, str]]:
    """Every text of a JSON document, keys too, with its path."""
    waiting: list[tuple[str, Any]] = [("", sent)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, str):
            yield where, value
        elif isinstance(value, list):
            waiting.extend((f"{where}[{place}]", part) for place, part in enumerate(value))
        elif isinstance(value, dict):
            yield from ((where, key) for key in value)
            waiting.extend((f"{where}.{key}" if where else key, part) for key, part in value.items())
