"""Where a plan's goods flow between tiers, as the geometry of a small picture: tiers from top to bottom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

TIERS = ("province", "city", "county", "township", "community")
ROW_HEIGHT = 92
BOX_HEIGHT = 34
BAND_MAX = 26
"""The widest band; the others are drawn in proportion, at least two wide so that none vanishes."""

DEPOT_X, TIER_X, BOX_WIDTH = 8, 142, 116


@dataclass(frozen=True)
class Band:
    """One flow: a path, how wide it is drawn, its units and where the number stands; `lent` is mutual aid."""

    path: str
    width: int
    from_tier: str
    to_tier: str
    units: int
    x: int
    y: int
    lent: bool


@dataclass(frozen=True)
class Picture:
    """Boxes of tiers at heights, and the bands between them."""

    height: int
    tiers: list[tuple[str, int]]
    depots: list[tuple[str, int]]
    bands: list[Band]


def draw_flows(flows: Iterable[tuple[str, str, int]]) -> Picture | None:
    """The picture of (from tier, to tier, units); None when nothing flows."""
    flows = [flow for flow in flows if flow[2] > 0]
    if not flows:
        return None
    used = [tier for tier in TIERS if any(tier in flow[:2] for flow in flows)]
    tops = {tier: 8 + row * ROW_HEIGHT for row, tier in enumerate(used)}
    most = max(units for _, _, units in flows)
    bands = [_band(flow, tops, max(2, BAND_MAX * flow[2] // most)) for flow in flows]
    fed = {target for source, target, _ in flows if source == "depot"}
    return Picture(
        height=len(used) * ROW_HEIGHT - (ROW_HEIGHT - BOX_HEIGHT) + 16,
        tiers=list(tops.items()),
        depots=[(tier, top) for tier, top in tops.items() if tier in fed],
        bands=sorted(bands, key=lambda band: -band.width),
    )


def _band(flow: tuple[str, str, int], tops: dict[str, int], width: int) -> Band:
    source, target, units = flow
    middle = BOX_HEIGHT // 2
    if source == "depot":
        y = tops[target] + middle
        start, end = DEPOT_X + BOX_WIDTH - 30, TIER_X
        return Band(f"M{start} {y}H{end}", width, source, target, units, (start + end) // 2, y - width // 2 - 4, False)
    low, high = tops[source], tops[target]
    if high - low == ROW_HEIGHT:  # one step down the tree
        x = TIER_X + BOX_WIDTH // 2
        return Band(
            f"M{x} {low + BOX_HEIGHT}V{high}", width, source, target, units, x + width // 2 + 6,
            (low + BOX_HEIGHT + high) // 2 + 4, False,
        )  # fmt: skip
    right = TIER_X + BOX_WIDTH
    start, end = low + middle + 6, high + middle - 6
    bow = right + 46
    path = f"M{right} {start}C{bow} {start} {bow} {end} {right} {end}"
    return Band(path, width, source, target, units, right + 42, (start + end) // 2 + 4, True)
