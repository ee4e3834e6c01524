"""Divisions, institutions, depots and the ways between them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from supplyhub.domain.places import Depot, DepotKind, Division, Institution, Level, RiskClass
from supplyhub.domain.refusals import NotFound
from supplyhub.persistence.arrays import allocate_ids, insert_columns, key_table
from supplyhub.persistence.fixed import Fixed, keys_of
from supplyhub.persistence.rows import DepotRow, DivisionRow, InstitutionRow, WayRow
from supplyhub.persistence.scope import ANYBODYS, EVERYWHERE, AnySelect, Repository, Scope, within


class PlacesRepository(Repository):
    """The tree, scoped by position: a division outside the district is not there."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        super().__init__(connection, scope)
        self._seen: dict[int, Depot] = {}

    def get_division(self, code: str) -> Division:
        """The valid division of this code."""
        division = self.find_division(code)
        if division is None:
            raise NotFound(noun="division", key=code)
        return division

    def find_division(self, code: str) -> Division | None:
        """The valid division of this code, or None."""
        row = self.connection.execute(self._divisions().where(DivisionRow.code == code)).one_or_none()
        return None if row is None else _division(row)

    def get_division_by_id(self, division_id: int) -> Division:
        """The division of this row number."""
        row = self.connection.execute(self._divisions().where(DivisionRow.id == division_id)).one_or_none()
        if row is None:
            raise NotFound(noun="division", key=str(division_id))
        return _division(row)

    def lock_divisions(self, division_ids: Iterable[int]) -> None:
        """Hold divisions still while what is asked for them is summed; others may refer to them meanwhile."""
        keys = key_table(self.connection, DivisionRow, id=sorted(set(division_ids)))
        self.connection.execute(
            select(DivisionRow.id)
            .join(keys, keys.c.id == DivisionRow.id)
            .order_by(DivisionRow.id)
            .with_for_update(of=DivisionRow, key_share=True)
        )

    def list_children(self, parent: Division) -> list[Division]:
        """The divisions right below, in tree order."""
        statement = self._divisions().where(DivisionRow.parent_id == parent.id).order_by(DivisionRow.lo)
        return [_division(row) for row in self.connection.execute(statement)]

    def list_path(self, division: Division) -> list[Division]:
        """From the top of the district down to the division itself."""
        statement = self._divisions().where(DivisionRow.lo <= division.lo, DivisionRow.hi >= division.hi)
        return [_division(row) for row in self.connection.execute(statement.order_by(DivisionRow.lo))]

    def list_divisions(
        self, *, level: Level | None = None, search: str = "", after: int = -1, limit: int = 100
    ) -> list[Division]:
        """Divisions in tree order after a position."""
        statement = self._divisions().where(DivisionRow.lo > after)
        if level is not None:
            statement = statement.where(DivisionRow.level == level.value)
        if search:
            statement = statement.where(DivisionRow.name.contains(search, autoescape=True))
        return [_division(row) for row in self.connection.execute(statement.order_by(DivisionRow.lo).limit(limit))]

    def map_divisions(self, codes: Sequence[str]) -> dict[str, Division]:
        """The valid divisions of these codes that are in scope."""
        if not codes:
            return {}
        keys = key_table(self.connection, DivisionRow, code=list(dict.fromkeys(codes)))
        statement = self._divisions().join(keys, keys.c.code == DivisionRow.code)
        return {row.code: _division(row) for row in self.connection.execute(statement)}

    def name_divisions(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Code and name by id, for documents that name a place outside the reader's district."""
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        keys = key_table(self.connection, DivisionRow, id=wanted)
        rows = self.connection.execute(
            select(DivisionRow.id, DivisionRow.code, DivisionRow.name).join(keys, keys.c.id == DivisionRow.id)
        )
        return {row.id: (row.code, row.name) for row in rows}

    def add_divisions(self, columns: Mapping[str, Sequence[Any]]) -> list[int]:
        """Append divisions whose `parent` column holds indices into the same columns (-1 = root); their ids."""
        ids = allocate_ids(self.connection, DivisionRow, len(columns["code"]))
        parents = [None if parent < 0 else ids[parent] for parent in columns["parent"]]
        rest = {name: values for name, values in columns.items() if name != "parent"}
        # Parents first: row order is tree order, so the foreign key holds at every row.
        insert_columns(self.connection, DivisionRow, {"id": ids, "parent_id": parents, **rest})
        return ids

    def count_divisions(self) -> int:
        """How many divisions are in scope."""
        statement = within(select(func.count()).select_from(DivisionRow), self.scope, DivisionRow.lo)
        return self.connection.scalar(statement) or 0

    # --- depots -----------------------------------------------------------------------------------------------

    def get_depot(self, code: str) -> Depot:
        """The depot of this code."""
        row = self.connection.execute(self._depots().where(DepotRow.code == code)).one_or_none()
        if row is None:
            raise NotFound(noun="depot", key=code)
        return _depot(row)

    def get_depot_by_id(self, depot_id: int) -> Depot:
        """The depot of this row number; one that was looked up in this transaction is known."""
        if depot_id in self._seen:
            return self._seen[depot_id]
        rows = DEPOT_BY_ID.run(self.connection, id=depot_id, lo=self.scope.lo, hi=self.scope.hi)
        if not rows:
            raise NotFound(noun="depot", key=str(depot_id))
        return _depot(rows[0])

    def get_named_depot(self, depot_id: int) -> Depot:
        """The depot that a document names, wherever it stands; for who has come by the document."""
        with self.beyond() as everywhere:
            return everywhere.get_depot_by_id(depot_id)

    def list_depots(
        self,
        *,
        below: Division | None = None,
        kept_by: int | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> list[Depot]:
        """Depots by id, of a subtree and of a custodian if named."""
        statement = self._depots().where(DepotRow.id > after)
        if below is not None:
            statement = statement.where(DepotRow.pos >= below.lo, DepotRow.pos < below.hi)
        if kept_by is not None:
            statement = statement.where(DepotRow.custodian_id == kept_by)
        return [_depot(row) for row in self.connection.execute(statement.order_by(DepotRow.id).limit(limit))]

    def map_depots(self, codes: Sequence[str]) -> dict[str, Depot]:
        """The depots of these codes that are in scope; one that was looked up in this transaction is known."""
        found = {depot.code: depot for depot in self._seen.values()}
        unseen = [code for code in dict.fromkeys(codes) if code not in found]
        if unseen:
            keys = {"code": unseen}
            rows = DEPOTS_BY_CODE.run_for_keys(self.connection, keys, lo=self.scope.lo, hi=self.scope.hi)
            new = [_depot(row) for row in rows]
            self._seen |= {depot.id: depot for depot in new}
            found |= {depot.code: depot for depot in new}
        return {code: found[code] for code in codes if code in found}

    def name_depots(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Code and name by id, for documents that name a depot outside the reader's district."""
        wanted = set(ids)
        named = self._name_depots(wanted)
        if wanted - named.keys():
            with self.beyond() as everywhere:
                named |= everywhere._name_depots(wanted - named.keys())
        return named

    def _name_depots(self, ids: Collection[int]) -> dict[int, tuple[str, str]]:
        if not ids:
            return {}
        keys = key_table(self.connection, DepotRow, id=sorted(ids))
        rows = self.connection.execute(
            select(DepotRow.id, DepotRow.code, DepotRow.name).join(keys, keys.c.id == DepotRow.id)
        )
        return {row.id: (row.code, row.name) for row in rows}

    def add_depots(self, columns: Mapping[str, Sequence[Any]]) -> list[int]:
        """Append depots; their ids."""
        ids = allocate_ids(self.connection, DepotRow, len(columns["code"]))
        insert_columns(self.connection, DepotRow, {"id": ids, **columns})
        return ids

    # --- institutions and ways --------------------------------------------------------------------------------

    def list_institutions(self, below: Division) -> list[Institution]:
        """Institutions of a subtree by name."""
        statement = self._institutions().where(DivisionRow.lo >= below.lo, DivisionRow.lo < below.hi)
        return [
            Institution(row.id, row.code, row.name, row.division_id)
            for row in self.connection.execute(statement.order_by(InstitutionRow.name))
        ]

    def map_institutions(self, codes: Sequence[str]) -> dict[str, Institution]:
        """The institutions of these codes that are in scope."""
        keys = key_table(self.connection, InstitutionRow, code=list(dict.fromkeys(codes)))
        statement = self._institutions().join(keys, keys.c.code == InstitutionRow.code)
        return {
            row.code: Institution(row.id, row.code, row.name, row.division_id)
            for row in self.connection.execute(statement)
        }

    def name_institutions(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Code and name by id."""
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        keys = key_table(self.connection, InstitutionRow, id=wanted)
        rows = self.connection.execute(
            select(InstitutionRow.id, InstitutionRow.code, InstitutionRow.name).join(
                keys, keys.c.id == InstitutionRow.id
            )
        )
        return {row.id: (row.code, row.name) for row in rows}

    def add_institutions(self, columns: Mapping[str, Sequence[Any]]) -> list[int]:
        """Append institutions; their ids."""
        ids = allocate_ids(self.connection, InstitutionRow, len(columns["code"]))
        insert_columns(self.connection, InstitutionRow, {"id": ids, **columns})
        return ids

    def add_ways(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Append ways of their own (direct links, cut roads, limits)."""
        ids = allocate_ids(self.connection, WayRow, len(columns["from_code"]))
        insert_columns(self.connection, WayRow, {"id": ids, **columns})

    def list_way_keys(self) -> set[tuple[str, str, str]]:
        """Both ends and the item code ("" for every item) of all ways of their own."""
        rows = self.connection.execute(select(WayRow.from_code, WayRow.to_code, WayRow.item_key))
        return {(row[0], row[1], row[2]) for row in rows}

    def _divisions(self) -> AnySelect:
        statement = select(*DivisionRow.__table__.c).where(DivisionRow.valid_to.is_(None))
        return within(statement, self.scope, DivisionRow.lo)

    def _depots(self) -> AnySelect:
        statement = select(*DepotRow.__table__.c)
        return statement if self.scope == EVERYWHERE else _depots_of(self.scope, statement)

    def _institutions(self) -> AnySelect:
        statement = select(*InstitutionRow.__table__.c).join(DivisionRow, DivisionRow.id == InstitutionRow.division_id)
        return within(statement, self.scope, DivisionRow.lo)


def _depots_of(scope: Scope, statement: AnySelect) -> AnySelect:
    """Depots that stand in a district, or are kept by it (县管、乡储)."""
    keeper = select(DivisionRow.lo).where(DivisionRow.id == DepotRow.custodian_id).scalar_subquery()
    return within(statement, scope, DepotRow.pos, keeper)


def _depot_by_id(_engine: str) -> AnySelect:
    return _depots_of(ANYBODYS, select(*DepotRow.__table__.c)).where(DepotRow.id == bindparam("id"))


def _depots_by_code(engine: str) -> AnySelect:
    keys = keys_of(engine, DepotRow, "code")
    return _depots_of(ANYBODYS, select(*DepotRow.__table__.c)).join(keys, keys.c.code == DepotRow.code)


DEPOT_BY_ID, DEPOTS_BY_CODE = Fixed(_depot_by_id), Fixed(_depots_by_code)


def _division(row: Any) -> Division:
    return Division(
        id=row.id, code=row.code, name=row.name, level=Level(row.level), parent_id=row.parent_id,
        population=row.population, population_source=row.population_source, lon=row.lon, lat=row.lat,
        metres_to_parent=row.metres_to_parent, risk_class=RiskClass(row.risk_class),
        weight_thousandths=row.weight_thousandths, lo=row.lo, hi=row.hi,
    )  # fmt: skip


def _depot(row: Any) -> Depot:
    number, code, name, kind, division_id, custodian_id, metres_to_division, pos = row
    return Depot(number, code, name, DepotKind(kind), division_id, custodian_id, metres_to_division, pos)
