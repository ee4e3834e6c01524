"""How much a database holds: the rows of every table, whatever its schema, and of which moment."""

from __future__ import annotations

from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, inspect, select, table, text

from supplyhub.persistence.rows import PostingRow, UnnumberedRow
from supplyhub.persistence.scope import Repository


class Holdings(Repository):
    """What a copy must hold too; the caller's transaction is the moment at which it is read."""

    def count_rows(self) -> dict[str, int]:
        """The rows of every table there is."""
        names = sorted(inspect(self.connection).get_table_names())
        return {name: self._count(name) for name in names}

    def count_postings(self) -> int:
        """How many postings stand: everything that was ever acknowledged."""
        return self._count(PostingRow.__tablename__)

    def _count(self, name: str) -> int:
        return self.connection.scalar(select(func.count()).select_from(table(name))) or 0

    def find_migration(self) -> str | None:
        """The migration at which the schema stands."""
        return MigrationContext.configure(self.connection).get_current_revision()

    def count_unnumbered(self) -> int:
        """Committed postings that have no number in the feed yet."""
        return self._count(UnnumberedRow.__tablename__)

    def export_snapshot(self) -> tuple[str, int]:
        """PostgreSQL: a name by which another connection sees this transaction's moment, and the server's version."""
        name = self.connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        return str(name), self.find_server()

    def find_server(self) -> int:
        """PostgreSQL's major version."""
        return int(self.connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
