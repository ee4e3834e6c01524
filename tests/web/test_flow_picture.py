"""The picture of flows: no flow is left out, none lies outside the frame, and wider means more."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from supplyhub.web.flow_picture import BAND_MAX, TIERS, draw_flows

PLACES = st.sampled_from(TIERS)
FLOWS = st.dictionaries(
    st.tuples(st.sampled_from(("depot", *TIERS)), PLACES), st.integers(1, 10**12), min_size=1, max_size=12
)


@given(FLOWS)
def test_every_flow_is_drawn_inside_the_frame(sums: dict[tuple[str, str], int]) -> None:
    picture = draw_flows([(source, target, units) for (source, target), units in sums.items()])
    assert picture is not None
    assert sorted(band.units for band in picture.bands) == sorted(sums.values())
    for band in picture.bands:
        assert 2 <= band.width <= BAND_MAX
        assert 0 <= band.x <= picture.width
        assert 0 <= band.y <= picture.height
        numbers = [int(number) for number in re.findall(r"\d+", band.path)]
        assert max(numbers) <= max(picture.width, picture.height)


@given(FLOWS)
def test_wider_means_more(sums: dict[tuple[str, str], int]) -> None:
    picture = draw_flows([(source, target, units) for (source, target), units in sums.items()])
    assert picture is not None
    by_units = sorted(picture.bands, key=lambda band: band.units)
    assert [band.width for band in by_units] == sorted(band.width for band in by_units)


@given(PLACES, PLACES)
def test_only_what_goes_up_or_across_is_lent(source: str, target: str) -> None:
    picture = draw_flows([(source, target, 5)])
    assert picture is not None
    assert [band.lent for band in picture.bands] == [TIERS.index(source) >= TIERS.index(target)]


def test_nothing_flows_makes_no_picture() -> None:
    assert draw_flows([("depot", "city", 0)]) is None
