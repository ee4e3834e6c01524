"""The one function that keeps every select inside the caller's district, and what PostgreSQL is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeAlias, cast

from sqlalchemy import BigInteger, Connection, Select, bindparam, or_


@dataclass(frozen=True)
class Scope:
    """A half-open interval of tree positions: what the caller may see."""

    lo: int
    hi: int


AnySelect: TypeAlias = Select[*tuple[Any, ...]]
"""A select of whatever columns."""

EVERYWHERE = Scope(0, 2**63 - 1)
"""For the jobs and the command line, which act for the installation itself."""


ANYBODYS = Scope(cast(int, bindparam("lo", type_=BigInteger)), cast(int, bindparam("hi", type_=BigInteger)))
"""A scope whose bounds are parameters, for statements that are made once and run for everybody."""


def within(statement: AnySelect, scope: Scope, *positions: Any) -> AnySelect:
    """Only rows of which at least one position lies in the scope."""
    return statement.where(or_(*((pos >= scope.lo) & (pos < scope.hi) for pos in positions)))


def scope_sql(scope: Scope) -> str:
    """Tells PostgreSQL, until the transaction ends, which rows its policies show."""
    return f"SET LOCAL supplyhub.lo = '{scope.lo:d}'; SET LOCAL supplyhub.hi = '{scope.hi:d}'"


class Repository:
    """A gate to one noun's rows, open for one transaction and one scope."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self.connection = connection
        self.scope = scope

    @contextmanager
    def beyond(self) -> Iterator[Self]:
        """The same gate for the installation: for what a document that the caller has come by names by its key.

        Whatever is raised inside ends the transaction. Who uses it stands in a list that a guard test holds.
        """
        if self.scope == EVERYWHERE:
            yield self
            return
        self._tell(EVERYWHERE)
        yield type(self)(self.connection, EVERYWHERE)
        self._tell(self.scope)

    def _tell(self, scope: Scope) -> None:
        if self.connection.dialect.name == "postgresql":
            self.connection.exec_driver_sql(scope_sql(scope))
