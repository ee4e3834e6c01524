"""What was got, what a remedy is, and what would come of it, in words for people."""

from __future__ import annotations

from collections.abc import Sequence

from solver.explain.trying import Effect, Explanation
from solver.problem import Tables
from solver.wording import Goods, Names, Said, counted, goods_of, grouped, listed_en, listed_zh


class Teller:
    """The words of one explanation; `goods` is how its item is called where it has a name in each language."""

    def __init__(self, problem: Tables, explanation: Explanation, goods: Goods | None = None) -> None:
        self._names, self._found = Names(problem), explanation
        self._goods = goods or goods_of(problem)[explanation.item]

    def got(self) -> Said:
        """`This request got 300 of 500 pieces: 60 %.`, or `... of 495 pieces (30 of 50 packs): 60 %.`"""
        found, size = self._found, self._goods.pack_size
        got, asked = grouped(found.granted * size), self._goods.units(found.asked_units)
        some, number = percent(found.granted, found.wanted), grouped(found.requests)
        one = found.requests == 1
        who, whose = ("This request", "此项需求得") if one else (f"These {number} requests", f"这 {number} 项需求共得")
        packs, of = grouped(found.granted), grouped(found.wanted)
        zh, en = ("", "") if size == 1 else (f"（{packs} / {of} 包）", f" ({packs} of {of} packs)")
        return Said(f"{whose} {got} / {asked.zh}{zh}，即 {some}%。", f"{who} got {got} of {asked.en}{en}: {some} %.")

    def effect(self, effect: Effect) -> Said:
        """`Releasing 500 pieces held back at A would lift this from 60 % to 85 %; no other request would change.`"""
        what, change, others = self.remedy(effect), self._change(effect), _say_others(effect)
        return Said(f"若{what.zh}，{change.zh}；{others.zh}。", f"{what.en} {change.en}; {others.en}.")

    def remedy(self, effect: Effect) -> Said:
        """What would be done: `Reopening the road from A to B`."""
        form, _, where = effect.remedies[0].partition("@")
        if form in ("floor", "stock"):
            places = [self._names[remedy.partition("@")[2]] for remedy in effect.remedies]
            return (_say_floors if form == "floor" else _say_stock)(places, self._goods.units(effect.units))
        start, end = self._names.ends(where)
        if form == "open":
            return Said(f"{start}至{end}的道路恢复通行", f"Reopening the road from {start} to {end}")
        if form == "aid":
            return Said(f"{start}借给{end}不设上限", f"Letting {start} lend to {end} without limit")
        return Said(f"{start}至{end}的线路不限运量", f"Letting the link from {start} to {end} carry without limit")

    def _change(self, effect: Effect) -> Said:
        """From how much to how much: in per cent, or in units where these would look the same."""
        before, after = self._found.granted, effect.granted
        one, other = (percent(packs, self._found.wanted) for packs in (before, after))
        if before == after:
            return Said(f"仍为 {one}%", f"would leave this at {one} %")
        zh, up, en = ("可由", "升至", "lift") if after > before else ("将由", "降至", "lower")
        if one != other:
            return Said(f"{zh} {one}% {up} {other}%", f"would {en} this from {one} % to {other} %")
        size = self._goods.pack_size
        few, many = grouped(before * size), self._goods.units(after * size)
        return Said(f"{zh} {few} {up} {many.zh}", f"would {en} this from {few} to {many.en}")


def percent(granted: int, wanted: int) -> str:
    """Packs granted of those wanted to a tenth of a percent, cut off and never rounded up: `62`, `62.5`."""
    thousandths = granted * 1000 // wanted if wanted else 1000
    return f"{thousandths // 10}.{thousandths % 10}" if thousandths % 10 else f"{thousandths // 10}"


def _say_floors(depots: Sequence[str], units: Said) -> Said:
    zh, en = listed_zh(depots, len(depots), "处储备库"), listed_en(depots, len(depots), "depots")
    return Said(f"{zh}放出保底 {units.zh}", f"Releasing {units.en} held back at {en}")


def _say_stock(places: Sequence[str], units: Said) -> Said:
    zh, en = listed_zh(places, len(places), "处"), listed_en(places, len(places), "places")
    return Said(f"在{zh}增加 {units.zh}", f"Adding {units.en} at {en}")


def _say_others(effect: Effect) -> Said:
    """How many other requests would get more, and how many less."""
    gains = counted(effect.more, "other request would get more", "other requests would get more")
    losses = counted(effect.less, "other request would get less", "other requests would get less")
    more, less = f"另有 {grouped(effect.more)} 项需求多得", f"另有 {grouped(effect.less)} 项需求少得"
    if effect.more and effect.less:
        return Said(f"{more}、{grouped(effect.less)} 项少得", f"{gains}, {losses}")
    if effect.more or effect.less:
        return Said(more, gains) if effect.more else Said(less, losses)
    return Said("其他需求不变", "no other request would change")
