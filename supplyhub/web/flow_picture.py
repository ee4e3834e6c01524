"""Where a plan's goods flow between tiers, as the geometry of a small picture: tiers from top to bottom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

TIERS = ("province", "city", "county", "township", "community")
WIDTH, MARGIN = 404, 8
ROW_HEIGHT, BOX_HEIGHT = 92, 34
DEPOT_WIDTH, TIER_X, TIER_WIDTH = 78, 152, 104
BAND_MAX = 26
"""The widest band; the others are drawn in proportion, at least two wide so that none vanishes."""
LENT_BOW, LEAP_BOW = 44, 104
"""How far to the right aid between neighbours, and what leaps over a tier, swing out of each other's way."""


@dataclass(frozen=True)
class Box:
    """A tier, or the depots of a tier."""

    tier: str
    x: int
    y: int
    width: int
    height: int = BOX_HEIGHT


@dataclass(frozen=True)
class Band:
    """One flow: a path, how wide it is drawn, its units and where their number stands; `lent` is mutual aid."""

    path: str
    width: int
    units: int
    x: int
    y: int
    anchor: str
    lent: bool = False


@dataclass(frozen=True)
class Picture:
    """Boxes and the bands between them."""

    width: int
    height: int
    tiers: list[Box]
    depots: list[Box]
    bands: list[Band]


def draw_flows(flows: Iterable[tuple[str, str, int]]) -> Picture | None:
    """The picture of (from tier, to tier, units); None when nothing flows."""
    flows = [flow for flow in flows if flow[2] > 0]
    if not flows:
        return None
    used = [tier for tier in TIERS if any(tier in flow[:2] for flow in flows)]
    tops = {tier: MARGIN + row * ROW_HEIGHT for row, tier in enumerate(used)}
    most = max(units for _, _, units in flows)
    bands = [_band(flow, tops, max(2, BAND_MAX * flow[2] // most)) for flow in flows]
    fed = {target for source, target, _ in flows if source == "depot"}
    return Picture(
        width=WIDTH,
        height=(len(used) - 1) * ROW_HEIGHT + BOX_HEIGHT + 2 * MARGIN,
        tiers=[Box(tier, TIER_X, top, TIER_WIDTH) for tier, top in tops.items()],
        depots=[Box(tier, MARGIN, top, DEPOT_WIDTH) for tier, top in tops.items() if tier in fed],
        bands=sorted(bands, key=lambda band: -band.width),
    )


def _band(flow: tuple[str, str, int], tops: dict[str, int], width: int) -> Band:
    source, target, units = flow
    if source not in tops or target not in tops:  # out of a depot, or straight into one
        y = tops[target if target in tops else source] + BOX_HEIGHT // 2
        left = MARGIN + DEPOT_WIDTH
        return Band(f"M{left} {y}H{TIER_X}", width, units, (left + TIER_X) // 2, y - width // 2 - 4, "middle")
    low, high = tops[source], tops[target]
    if high - low == ROW_HEIGHT:  # one step down the tree
        x, start = TIER_X + TIER_WIDTH // 2, low + BOX_HEIGHT
        return Band(f"M{x} {start}V{high}", width, units, x + width // 2 + 6, (start + high) // 2 + 4, "start")
    return _bow(low, high, width, units)


def _bow(low: int, high: int, width: int, units: int) -> Band:
    """Up the tree or within a tier it is aid between neighbours; down over several tiers it is a leap."""
    lent = high <= low
    right, swing = TIER_X + TIER_WIDTH, LENT_BOW if lent else LEAP_BOW
    start, end = low + BOX_HEIGHT // 2 + 6, high + BOX_HEIGHT // 2 - 6
    path = f"M{right} {start}C{right + swing} {start} {right + swing} {end} {right} {end}"
    return Band(path, width, units, right + swing * 3 // 4 + 4, (start + end) // 2 + 4, "start", lent)
