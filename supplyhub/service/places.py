"""Verbs of the tree: load divisions, depots, institutions and ways; read where things are."""

from __future__ import annotations

from collections.abc import Iterable

from supplyhub.domain.column_faults import (
    find_repeats,
    find_taken,
    find_tree_faults,
    find_unknown,
    find_way_faults,
    must_be_sound,
)
from supplyhub.domain.columns import DepotColumns, InstitutionColumns, PlaceColumns, WayColumns
from supplyhub.domain.distances import road_metres
from supplyhub.domain.people import Actor
from supplyhub.domain.places import Depot, Division, Institution, Level, number_tree
from supplyhub.domain.refusals import Fault, words
from supplyhub.service.unit_of_work import Work


def import_places(work: Work, columns: PlaceColumns) -> int:
    """Load the tree of divisions into an installation that has none; how many there are."""
    must_be_sound(columns, find_tree_faults(columns), _faults_of_second_tree(work, columns))
    rows = {code: row for row, code in enumerate(columns.code)}
    parents = [rows[code] if code else -1 for code in columns.parent_code]
    lo, hi = number_tree(parents)
    order = sorted(range(len(parents)), key=lo.__getitem__)  # parents first, as the rows must be appended
    place_of = {row: place for place, row in enumerate(order)}
    work.places.add_divisions(
        {
            "code": [columns.code[row] for row in order],
            "parent": [place_of.get(parents[row], -1) for row in order],
            "name": [columns.name[row] for row in order],
            "level": [columns.level[row].value for row in order],
            "population": [columns.population[row] for row in order],
            "population_source": [columns.population_source[row] for row in order],
            "lon": [columns.lon[row] for row in order],
            "lat": [columns.lat[row] for row in order],
            "metres_to_parent": [_metres_to_parent(columns, row, parents[row]) for row in order],
            "risk_class": [columns.risk_class[row].value for row in order],
            "weight_thousandths": [columns.weight_thousandths[row] for row in order],
            "lo": [lo[row] for row in order],
            "hi": [hi[row] for row in order],
            "valid_from": [work.at.date()] * len(order),
            "valid_to": [None] * len(order),
        }
    )
    return len(order)


def _faults_of_second_tree(work: Work, columns: PlaceColumns) -> list[Fault]:
    count = work.places.count_divisions()
    message = words("{count} divisions are loaded here already; the tree is loaded once, into an empty installation")
    return [Fault(columns.where[0], message, {"count": count})] if count else []


def _metres_to_parent(columns: PlaceColumns, row: int, parent: int) -> int:
    given = columns.metres_to_parent[row]
    if parent < 0 or given is not None:
        return given or 0
    ends = (columns.lon[row], columns.lat[row], columns.lon[parent], columns.lat[parent])
    return road_metres(*(end for end in ends if end is not None))


def import_depots(work: Work, columns: DepotColumns) -> int:
    """Load depots, each with where it stands and who keeps it; how many."""
    divisions = work.places.map_divisions([*columns.division_code, *columns.custodian_code])
    one_name_space = work.places.map_depots(columns.code).keys() | work.places.map_divisions(columns.code).keys()
    must_be_sound(
        columns,
        find_repeats(columns, columns.code, "code"),
        find_taken(columns, columns.code, one_name_space, "code"),
        find_unknown(columns, columns.division_code, divisions, "division_code"),
        find_unknown(columns, columns.custodian_code, divisions, "custodian_code"),
    )
    stands_in = [divisions[code] for code in columns.division_code]
    named = zip(columns.custodian_code, stands_in, strict=True)
    keepers = [divisions[code] if code else division for code, division in named]
    work.places.add_depots(
        {
            "code": columns.code,
            "name": columns.name,
            "kind": [kind.value for kind in columns.kind],
            "division_id": [division.id for division in stands_in],
            "custodian_id": [keeper.id for keeper in keepers],
            "metres_to_division": columns.metres_to_division,
            "pos": [division.lo for division in stands_in],
        }
    )
    return len(columns.code)


def import_institutions(work: Work, columns: InstitutionColumns) -> int:
    """Load institutions; how many."""
    divisions = work.places.map_divisions(columns.division_code)
    must_be_sound(
        columns,
        find_repeats(columns, columns.code, "code"),
        find_taken(columns, columns.code, work.places.map_institutions(columns.code), "code"),
        find_unknown(columns, columns.division_code, divisions, "division_code"),
    )
    work.places.add_institutions(
        {
            "code": columns.code,
            "name": columns.name,
            "division_id": [divisions[code].id for code in columns.division_code],
        }
    )
    return len(columns.code)


def import_ways(work: Work, columns: WayColumns) -> int:
    """Load ways of their own: direct links, cut roads, limits on what stands between two nodes; how many."""
    ends = [*columns.from_code, *columns.to_code]
    nodes: dict[str, int] = {code: division.lo for code, division in work.places.map_divisions(ends).items()}
    nodes |= {code: depot.pos for code, depot in work.places.map_depots(ends).items()}
    keys = list(zip(columns.from_code, columns.to_code, columns.item_code, strict=True))
    must_be_sound(
        columns,
        find_repeats(columns, keys, "to_code"),
        find_taken(columns, keys, work.places.list_way_keys(), "to_code"),
        find_unknown(columns, columns.from_code, nodes, "from_code"),
        find_unknown(columns, columns.to_code, nodes, "to_code"),
        find_unknown(columns, columns.item_code, work.catalogue.map_items(), "item_code"),
        find_way_faults(columns),
    )
    work.places.add_ways(
        {
            "from_code": columns.from_code,
            "to_code": columns.to_code,
            "item_key": columns.item_code,
            "metres": [metres or 0 for metres in columns.metres],
            "penalty_metres": columns.penalty_metres,
            "capacity_units": columns.capacity_units,
            "open": columns.open,
            "hours_thousandths": columns.hours_thousandths,
            "pos": [nodes[code] for code in columns.from_code],
        }
    )
    return len(columns.from_code)


def read_division(work: Work, actor: Actor, code: str) -> Division:
    """One division of the district."""
    actor.must("read_places")
    return work.places.get_division(code)


def read_children(work: Work, actor: Actor, code: str) -> list[Division]:
    """The divisions right below one, in tree order."""
    actor.must("read_places")
    return work.places.list_children(work.places.get_division(code))


def read_path(work: Work, actor: Actor, code: str) -> list[Division]:
    """From the top of the district down to a division."""
    actor.must("read_places")
    return work.places.list_path(work.places.get_division(code))


def name_divisions(work: Work, actor: Actor, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Code and name by id, for documents that name a place outside the reader's district."""
    actor.must("read_places")
    return work.places.name_divisions(ids)


def name_depots(work: Work, actor: Actor, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Code and name by id, for documents that name a depot outside the reader's district."""
    actor.must("read_places")
    return work.places.name_depots(ids)


def list_divisions(
    work: Work, actor: Actor, *, level: Level | None = None, search: str = "", after: int = -1, limit: int = 100
) -> list[Division]:
    """Divisions of the district in tree order, after a position."""
    actor.must("read_places")
    return work.places.list_divisions(level=level, search=search, after=after, limit=limit)


def list_depots(
    work: Work, actor: Actor, *, below: str | None = None, kept_by: int | None = None, after: int = 0, limit: int = 100
) -> list[Depot]:
    """Depots of the district by id: of one division's subtree, of one custodian, if named."""
    actor.must("read_places")
    division = None if below is None else work.places.get_division(below)
    return work.places.list_depots(below=division, kept_by=kept_by, after=after, limit=limit)


def read_depot(work: Work, actor: Actor, code: str) -> Depot:
    """One depot that stands in the district or is kept by it."""
    actor.must("read_places")
    return work.places.get_depot(code)


def list_institutions(work: Work, actor: Actor, below: str) -> list[Institution]:
    """The institutions of a division's subtree, by name."""
    actor.must("read_places")
    return work.places.list_institutions(work.places.get_division(below))
