"""Finds what refusals say, for the translators: their titles are docstrings, which no keyword marks (see babel.cfg)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, BinaryIO

Found = tuple[int, None, str, list[str]]


def extract(file: BinaryIO, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Found]:
    """The texts of a Python file that are marked by `words`, and the docstrings of its refusals."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "words":
            yield node.lineno, None, ast.literal_eval(node.args[0]), []
        elif isinstance(node, ast.ClassDef) and [ast.unparse(base) for base in node.bases] in (
            ["SupplyError"],
            ["Exception"],
        ):
            yield node.lineno, None, ast.get_docstring(node) or "", []
