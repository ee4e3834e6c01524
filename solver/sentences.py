"""Why requests got less, in words for people: for each set of a plan what is missing, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache

from solver.closures import closed_ways
from solver.plan import LIMITS, Plan, decimal_text
from solver.problem import LEVELS, Tables
from solver.shelves import carried_upward, common_places, find_shelves
from solver.wording import NAMED, Goods, Names, Said, goods_of, grouped, listed_en, listed_zh

_HIGHER_CLASS = Said("更高级别的需求优先。", "Requests of a higher class went first.")
_NO_WAY = Said("凡有此物资的储备库，都没有通路到达。", "No open road leads there from any depot that has the item.")
_USELESS = Said(
    "各储备库的此物资都已过期，或不足一包。", "All that the depots have of it has expired, or is less than a pack."
)
_NONE = Said("各储备库均无此物资。", "No depot has any.")
_ALL_GIVEN = Said("各储备库的此物资已全部分配。", "All that the depots had is given out.")


def say(problem: Tables, plan: Plan, goods: Sequence[Goods] | None = None) -> tuple[list[str], list[str]]:
    """A text in Chinese and one in English for each set of the plan, made from problem and plan alone.

    `goods` says how items are called where they have a name in each language.

    It says how many requests lack how much of what; whether a higher class went first; which depots of the lowest
    place common to them, and above it, have nothing left; and what the set's remedies name: floors, closed roads,
    lenders that have lent their share, full links; some names of each kind, and how many more there are. Where no way
    leads, it names the closed roads that cut it off; where no depot has any, whether there is some that is no use.
    """
    teller, limits = _Teller(problem, plan, goods or goods_of(problem)), plan.limits
    columns = (limits.item, limits.requests, limits.packs_missing, limits.limited_by, limits.higher_class)
    told = common_places(problem, plan), limits.remedies, closed_ways(problem, plan)
    sets = zip(*(column.tolist() for column in columns), *told, strict=True)
    said = [list(teller.tell(*each)) for each in sets]
    return ["".join([zh for zh, _ in texts]) for texts in said], [" ".join([en for _, en in texts]) for texts in said]


class _Teller:
    """The sentences about sets, and what they are made from, looked up once."""

    def __init__(self, problem: Tables, plan: Plan, goods: Sequence[Goods]) -> None:
        self._names, self._goods = Names(problem), goods
        self._parent = problem.divisions.parent.tolist()
        self._shelves, self._carried = find_shelves(problem, plan), carried_upward(problem, plan)
        self._level, self._shares = problem.divisions.level, problem.settings.mutual_aid
        self._empty, self._road = cache(self._tell_empty), cache(self._tell_road)

    def tell(
        self,
        item: int,
        requests: int,
        packs: int,
        reason: int,
        higher_class: int,
        place: int,
        remedies: str,
        closed: Sequence[str],
    ) -> Iterator[Said]:
        """The sentences of one set, whose requests all lie at or below `place` (-1: no place is common to them).

        `closed`: roads that cut them off from all stock, where no way leads to them.
        """
        yield self._lack(item, requests, packs, place)
        if higher_class:
            yield _HIGHER_CLASS
        yield from self._empty(item, place)
        named: dict[str, list[str]] = {}
        for remedy in remedies.split():
            form, _, where = remedy.partition("@")
            named.setdefault(form, []).append(where)
        if floors := named.get("floor"):
            yield self._tell_floors(item, floors)
        if roads := named.get("open", closed):
            yield self._tell_roads(roads) if len(roads) > 1 else self._road(roads[0])
        if lenders := named.get("aid"):
            yield self._tell_lenders(item, lenders)
        if links := named.get("link"):
            yield self._tell_links(item, links)
        yield from self._tell_rest(item, LIMITS[reason])

    def _lack(self, item: int, requests: int, packs: int, place: int) -> Said:
        missing, (name_zh, name_en), number = self._goods[item].packs(packs), self._goods[item].name, grouped(requests)
        where = self._names.of(place) if place >= 0 else ""
        zh, en = (f"{where} ", f" in {where}") if where else ("", "")
        if requests == 1:
            return Said(f"{zh}1 项需求缺{name_zh} {missing.zh}。", f"1 request{en} lacks {missing.en} of {name_en}.")
        return Said(
            f"{zh}{number} 项需求共缺{name_zh} {missing.zh}。", f"{number} requests{en} lack {missing.en} of {name_en}."
        )

    def _tell_empty(self, item: int, place: int) -> list[Said]:
        """Depots at a place and above it that had some and have nothing left, the nearest first."""
        names: list[str] = []
        while place >= 0:
            names += map(self._names.of, self._shelves[item].emptied.get(place, ()))
            place = self._parent[place]
        if not names:
            return []
        zh, en = listed_zh(names, len(names), "处储备库"), listed_en(names, len(names), "depots")
        return [Said(f"{zh}已无剩余。", f"Nothing is left at {en}.")]

    def _tell_floors(self, item: int, depots: Sequence[str]) -> Said:
        """Floors that hold something back, the largest first."""
        withheld, goods = self._shelves[item].withheld, self._goods[item]
        largest_first = sorted(depots, key=lambda code: (-withheld.get(code, 0), code))
        names = [self._names[code] for code in largest_first]
        units = goods.units(sum(withheld.get(code, 0) for code in depots) * goods.pack_size)
        together, verb = ("", "A reserve floor holds") if len(names) == 1 else ("共", "Reserve floors hold")
        return Said(
            f"{listed_zh(names, len(names), '处储备库')}保底{together}留存 {units.zh}。",
            f"{verb} {units.en} back at {listed_en(names, len(names), 'depots')}.",
        )

    def _tell_road(self, way: str) -> Said:
        start, end = self._names.ends(way)
        return Said(f"{start}至{end}的道路中断。", f"The road from {start} to {end} is closed.")

    def _tell_roads(self, ways: Sequence[str]) -> Said:
        ends = [self._names.ends(way) for way in ways]
        zh = listed_zh([f"{start}至{end}" for start, end in ends], len(ends), "条")
        en = listed_en([f"from {start} to {end}" for start, end in ends], len(ends))
        return Said(f"{zh}{'的' if len(ways) <= NAMED else ''}道路中断。", f"Roads are closed {en}.")

    def _tell_lenders(self, item: int, ways: Sequence[str]) -> Said:
        """Places that have lent all that their shares allow."""
        lent = [self._goods[item].units(self._carried.get((item, way), 0)) for way in ways[:NAMED]]
        lenders = [way.partition(">")[0] for way in ways]
        names, shares = [self._names[code] for code in lenders], [self._share(code) for code in lenders[:NAMED]]
        if len(ways) == 1:
            return Said(
                f"{names[0]}已借出 {lent[0].zh}，达到互助比例 {shares[0]}% 的上限。",
                f"{names[0]} has lent {lent[0].en}, all that its share of {shares[0]} % allows.",
            )
        told = list(zip(names, lent, shares, strict=False))
        zh = listed_zh([f"{name}（{units.zh}，比例 {share}%）" for name, units, share in told], len(ways), "地")
        en = listed_en([f"{name} ({units.en}, {share} %)" for name, units, share in told], len(ways), "lenders")
        return Said(f"{zh}的借出已达互助比例的上限。", f"{en} have lent all that their shares allow.")

    def _share(self, code: str) -> str:
        """What a division may lend, in per cent."""
        node = self._names.node(code)
        level = LEVELS[self._level[node]] if 0 <= node < len(self._level) else ""
        return decimal_text(self._shares.get(level, Decimal(0)).scaleb(2))

    def _tell_links(self, item: int, ways: Sequence[str]) -> Said:
        """Links that carry all they can."""
        full = [
            (*self._names.ends(way), self._goods[item].units(self._carried.get((item, way), 0))) for way in ways[:NAMED]
        ]
        zh = listed_zh([f"{start}至{end}（{units.zh}）" for start, end, units in full], len(ways), "条")
        en = listed_en([f"from {start} to {end} ({units.en})" for start, end, units in full], len(ways))
        one = len(ways) == 1
        return Said(
            f"{zh}{'的' if len(ways) <= NAMED else ''}线路已满。",
            f"The {'link' if one else 'links'} {en} {'is' if one else 'are'} full.",
        )

    def _tell_rest(self, item: int, reason: str) -> Iterator[Said]:
        """What is to be said where nothing that stands in the way can be named."""
        shelves, goods = self._shelves[item], self._goods[item]
        if reason == "no-way":
            yield _NO_WAY
        elif reason == "stock" and shelves.left:
            units = shelves.left * goods.pack_size
            left, verb = goods.units(units), "is" if units == 1 else "are"
            yield Said(
                f"别处尚余 {left.zh}，仅放开任何一项限制都无法运到。",
                f"Elsewhere {left.en} {verb} left, which no single change would bring here.",
            )
        elif reason == "stock" and shelves.held:
            yield _ALL_GIVEN
        elif reason == "stock":
            yield _USELESS if shelves.stored else _NONE
