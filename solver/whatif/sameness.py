"""Of which items a variant asks the same as what it varies: all that an answer depends on is compared."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from solver.packs import Offers, Requests
from solver.problem import Bool, Int64, Links, Problem
from solver.solve import Ready

_EVERY = -1


def same_questions(before: Problem, after: Problem, one: Ready, other: Ready) -> Bool:
    """For each item, whether it has the same question in two problems, over pieces of the same nodes.

    The two have the same places, items and requests; anything else may differ.
    """
    scales = before.demand.weight_denominator, after.demand.weight_denominator
    same = same_roads(before, after, one.nodes)
    for item in np.flatnonzero(same).tolist():
        same[item] = _same_offers(one.offers[item], other.offers[item]) and _same_requests(
            one.requests[item], other.requests[item], *scales
        )
    return same


def same_roads(before: Problem, after: Problem, nodes: Int64) -> Bool:
    """For each item, whether its arcs between these nodes are the same, for the same goods with the same limits."""
    same = np.full(len(before.items), _same_aid(before, after))
    if before.links is not after.links:
        links = [_within(problem.links, nodes) for problem in (before, after)]
        for item in np.flatnonzero(same).tolist():
            same[item] = _deciding(links[0], item) == _deciding(links[1], item)
    return same


def _same_aid(before: Problem, after: Problem) -> bool:
    one, other = before.settings, after.settings
    return (
        one.mutual_aid == other.mutual_aid
        and one.mutual_aid_basis == other.mutual_aid_basis
        and one.mutual_aid_penalty_metres == other.mutual_aid_penalty_metres
    )


def _within(links: Links, nodes: Int64) -> list[tuple[object, ...]]:
    """Links that start at these nodes, a tuple of everything a row; a piece holds both ends of a link, or neither."""
    inside = np.isin(links.from_node, nodes)
    columns = [links.item, links.from_node, links.to_node, links.metres, links.road_metres, links.capacity, links.open]
    hours = [links.hours[row] for row in np.flatnonzero(inside).tolist()]
    return list(zip(*(column[inside].tolist() for column in columns), hours, strict=True))


def _deciding(links: list[tuple[object, ...]], item: int) -> list[tuple[object, ...]]:
    """The rows that have a say in where the item may go."""
    return [row for row in links if row[0] in (_EVERY, item)]


def _same_offers(one: Offers, other: Offers) -> bool:
    return all(np.array_equal(getattr(one, part.name), getattr(other, part.name)) for part in fields(Offers))


def _same_requests(one: Requests, other: Requests, scale: int, other_scale: int) -> bool:
    """Weights may be written with more decimals, and be the same."""
    names = ("row", "place", "wanted", "priority")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names) and _same_weights(
        one.weight, other.weight, scale, other_scale
    )


def _same_weights(one: Int64, other: Int64, scale: int, other_scale: int) -> bool:
    """Numerators over two powers of ten; divided and not multiplied, so that nothing overflows."""
    if other_scale < scale:
        return _same_weights(other, one, other_scale, scale)
    finer = other_scale // scale
    return np.array_equal(one, other // finer) and not (other % finer).any()
