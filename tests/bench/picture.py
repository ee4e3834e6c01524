"""What fairness bought as a picture: requests from the worst-off to the best, and what part each of them gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from tests.bench.case import Floats

WIDTH, HEIGHT = 960, 470
SIDE, TOP, GAP, BOTTOM = 64, 96, 56, 76
COLOURS = ("#14524a", "#b26a00", "#a1261f")
DASHES = ("", "7 4", "2 3")
"""Lines that can be told apart without their colours."""
INK, FAINT, LINE = "#16211f", "#566461", "#d9e0de"
FONT = "system-ui, 'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
POINTS = 240
CAPTION = "每条请求一点，由差到好；高低为所得占所求 / a point a request, worst off to best; height: what part it gets"


@dataclass(frozen=True)
class Curve:
    """Fills of requests, ascending, of one way to share out."""

    zh: str
    en: str
    values: Floats


@dataclass(frozen=True)
class Panel:
    """Curves over the same requests."""

    zh: str
    en: str
    curves: Sequence[Curve]


def draw(panels: Sequence[Panel]) -> str:
    """An SVG with the panels side by side and one legend."""
    wide = (WIDTH - 2 * SIDE - GAP * (len(panels) - 1)) / len(panels)
    body = [_legend(panels[0].curves)]
    for number, panel in enumerate(panels):
        body += _panel(panel, SIDE + number * (wide + GAP), wide)
    body.append(_text(WIDTH / 2, HEIGHT - 16, CAPTION, anchor="middle", colour=FAINT))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FONT}" font-size="14">'
    )
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>', *body, "</svg>\n"])


def _legend(curves: Sequence[Curve]) -> str:
    wide = (WIDTH - 2 * SIDE) / len(curves)
    found = []
    for number, curve in enumerate(curves):
        left = SIDE + number * wide
        found.append(f'<path d="M{left:.0f} 28h34" {_stroke(number)}/>')
        found.append(_text(left + 44, 26, curve.zh))
        found.append(_text(left + 44, 44, curve.en, colour=FAINT))
    return "\n".join(found)


def _panel(panel: Panel, left: float, wide: float) -> list[str]:
    """Axes from 0 to 100 %, titles above and below, one line a curve."""
    high = HEIGHT - TOP - BOTTOM
    found = [_text(left, TOP - 14, f"{panel.zh} / {panel.en}", weight="600")]
    for part in (0, 25, 50, 75, 100):
        level = TOP + high * (1 - part / 100)
        found.append(f'<path d="M{left:.1f} {level:.1f}h{wide:.1f}" stroke="{LINE}"/>')
        found.append(_text(left - 8, level + 5, f"{part}%", anchor="end", colour=FAINT))
    found += [_curve(curve, number, left, wide, high) for number, curve in enumerate(panel.curves)]
    found.append(_text(left, HEIGHT - BOTTOM + 24, "境况最差 / worst off", colour=FAINT))
    found.append(_text(left + wide, HEIGHT - BOTTOM + 24, "最好 / best", anchor="end", colour=FAINT))
    return found


def _curve(curve: Curve, number: int, left: float, wide: float, high: float) -> str:
    places = np.linspace(0, len(curve.values) - 1, min(POINTS, len(curve.values))).round().astype(np.int64)
    across = left + wide * places / max(len(curve.values) - 1, 1)
    up = TOP + high * (1 - curve.values[places])
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True))
    return f'<polyline points="{points}" {_stroke(number)}/>'


def _stroke(number: int) -> str:
    dash = f' stroke-dasharray="{DASHES[number]}"' if DASHES[number] else ""
    return f'fill="none" stroke="{COLOURS[number]}" stroke-width="2.5" stroke-linejoin="round"{dash}'


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = INK, weight: str = "400") -> str:
    look = f'text-anchor="{anchor}" fill="{colour}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'
