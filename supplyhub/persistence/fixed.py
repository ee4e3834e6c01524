"""Statements that are made into text once: what every posting runs should not be composed anew each time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Dialect,
    Executable,
    Subquery,
    Text,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.compiler import SQLCompiler

from supplyhub.persistence.arrays import Rows, array_of, on_driver, table_of
from supplyhub.persistence.rows import Row

KEYS = "keys"
"""The parameter under which SQLite gets all columns of keys, as one JSON text."""


class Fixed:
    """A statement of Core whose text is kept for each engine; its parameters and results are the driver's own values.

    `make` gets the name of the engine, so that keys can come as its arrays (`keys_of`).
    """

    def __init__(self, make: Callable[[str], Executable]) -> None:
        self._make = make
        self._texts: dict[str, tuple[str, list[str] | None, dict[str, Any]]] = {}

    def run(self, connection: Connection, **values: Any) -> Rows:
        """Execute it; its rows."""
        name = connection.dialect.name
        text, order, constants = self._texts.get(name) or self._compile(connection.dialect)
        sent = {**constants, **values}
        return on_driver(connection, text, sent if order is None else tuple(sent[each] for each in order))

    def run_for_keys(self, connection: Connection, keys: Mapping[str, Sequence[Any]], **values: Any) -> Rows:
        """Execute it for columns of keys; its rows."""
        if connection.dialect.name == "sqlite":
            return self.run(connection, **{KEYS: json.dumps(list(zip(*keys.values(), strict=True)))}, **values)
        return self.run(connection, **{name: array_of(column) for name, column in keys.items()}, **values)

    def _compile(self, dialect: Dialect) -> tuple[str, list[str] | None, dict[str, Any]]:
        compiled = self._make(dialect.name).compile(dialect=dialect)  # type: ignore[attr-defined]  # every Executable we make has it
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - narrows the type for mypy
        order = list(compiled.positiontup) if compiled.positiontup is not None else None
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._texts[dialect.name] = str(compiled), order, constants
        return self._texts[dialect.name]


def keys_of(engine: str, row: type[Row], *names: str) -> Subquery:
    """Keys as a table to join with, to be given to `run_for_keys`: a column for each name, typed like the row's."""
    columns = table_of(row).c
    if engine == "sqlite":
        each = func.json_each(bindparam(KEYS, type_=Text)).table_valued("value")
        return select(
            *(
                cast(func.json_extract(each.c.value, f"$[{place}]"), columns[name].type).label(name)
                for place, name in enumerate(names)
            )
        ).subquery("keys")
    return select(*(func.unnest(_array(name, columns[name].type)).label(name) for name in names)).subquery("keys")


def _array(name: str, type_: Any) -> Any:
    parameter: BindParameter[Any] = bindparam(name, type_=ARRAY(type_))
    return cast(parameter, ARRAY(type_))
