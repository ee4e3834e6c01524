"""What was got, what a remedy is, and what would come of it, in words for people."""

from __future__ import annotations

from solver.explain.trying import Effect, Explanation
from solver.problem import Tables
from solver.wording import Goods, Names, Said, counted, goods_of, grouped, listed_en, listed_zh


def percent(granted: int, wanted: int) -> str:
    """Packs granted of those wanted to a tenth of a percent, cut off and never rounded up: `62`, `62.5`."""
    thousandths = granted * 1000 // wanted if wanted else 1000
    return f"{thousandths // 10}.{thousandths % 10}" if thousandths % 10 else f"{thousandths // 10}"


def say_got(problem: Tables, explanation: Explanation) -> Said:
    """`This request got 300 of 500 pieces: 60 %.`"""
    goods, some = goods_of(problem)[explanation.item], percent(explanation.granted, explanation.wanted)
    got, wanted = grouped(explanation.granted * goods.pack_size), goods.units(explanation.wanted * goods.pack_size)
    if explanation.requests == 1:
        return Said(
            f"此项需求得 {got} / {wanted.zh}，即 {some}%。", f"This request got {got} of {wanted.en}: {some} %."
        )
    number = grouped(explanation.requests)
    return Said(
        f"这 {number} 项需求共得 {got} / {wanted.zh}，即 {some}%。",
        f"These {number} requests got {got} of {wanted.en}: {some} %.",
    )


def say_effect(problem: Tables, explanation: Explanation, effect: Effect) -> Said:
    """`Releasing 500 pieces held back at A would lift this from 60 % to 85 %; no other request would change.`"""
    what, others = say_remedy(problem, explanation, effect), _say_others(effect)
    change = _say_change(goods_of(problem)[explanation.item], explanation, effect)
    return Said(f"若{what.zh}，{change.zh}；{others.zh}。", f"{what.en} {change.en}; {others.en}.")


def say_remedy(problem: Tables, explanation: Explanation, effect: Effect) -> Said:
    """What would be done: `Reopening the road from A to B`."""
    names, goods = Names(problem), goods_of(problem)[explanation.item]
    form, _, where = effect.remedies[0].partition("@")
    if form in ("floor", "stock"):
        places = [names[remedy.partition("@")[2]] for remedy in effect.remedies]
        return (_say_floors if form == "floor" else _say_stock)(places, goods.units(effect.units))
    start, end = names.ends(where)
    if form == "open":
        return Said(f"{start}至{end}的道路恢复通行", f"Reopening the road from {start} to {end}")
    if form == "aid":
        return Said(f"{start}借给{end}不设上限", f"Letting {start} lend to {end} without limit")
    return Said(f"{start}至{end}的线路不限运量", f"Letting the link from {start} to {end} carry without limit")


def _say_floors(depots: list[str], units: Said) -> Said:
    return Said(
        f"{listed_zh(depots, '处储备库')}放出保底 {units.zh}",
        f"Releasing {units.en} held back at {listed_en(depots, 'depots')}",
    )


def _say_stock(places: list[str], units: Said) -> Said:
    where = f"{listed_en(places, 'places')}"
    return Said(f"在{listed_zh(places, '处')}增加 {units.zh}", f"Adding {units.en} at {where}")


def _say_change(goods: Goods, explanation: Explanation, effect: Effect) -> Said:
    """From how much to how much: in per cent, or in units where these would look the same."""
    before, after = explanation.granted, effect.granted
    one, other = (percent(packs, explanation.wanted) for packs in (before, after))
    if before == after:
        return Said(f"仍为 {one}%", f"would leave this at {one} %")
    zh, en = ("可由", "lift") if after > before else ("将由", "lower")
    up = "升至" if after > before else "降至"
    if one != other:
        return Said(f"{zh} {one}% {up} {other}%", f"would {en} this from {one} % to {other} %")
    few, many = grouped(before * goods.pack_size), goods.units(after * goods.pack_size)
    return Said(f"{zh} {few} {up} {many.zh}", f"would {en} this from {few} to {many.en}")


def _say_others(effect: Effect) -> Said:
    """How many other requests would get more, and how many less."""
    gains = counted(effect.more, "other request would get more", "other requests would get more")
    losses = counted(effect.less, "other request would get less", "other requests would get less")
    more, less = f"另有 {grouped(effect.more)} 项需求多得", f"另有 {grouped(effect.less)} 项需求少得"
    if effect.more and effect.less:
        return Said(f"{more}，{less}", f"{gains}, {losses}")
    if effect.more or effect.less:
        return Said(more, gains) if effect.more else Said(less, losses)
    return Said("其他需求不变", "no other request would change")
