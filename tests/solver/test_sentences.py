"""The sentences of sets: what they must name, held on random instances, and how each reason reads."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from solver import Plan, Problem, Settings, read_instance, solve
from solver.sentences import say
from solver.wording import NAMED, Goods, Said
from tests.solver import instances, small

SEEDS = range(40)


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[int], tuple[Problem, Plan]]:
    """The instance of a seed and its plan; a place or depot is called by a name that no other begins with."""

    def asked(seed: int) -> tuple[Problem, Plan]:
        instances.write(instances.make(seed), tmp_path / str(seed), seed)
        problem = read_instance(tmp_path / str(seed))
        places = replace(problem.divisions, names=[f"<{code}>" for code in problem.divisions.codes])
        depots = replace(problem.depots, names=[f"<{code}>" for code in problem.depots.codes])
        problem = replace(problem, divisions=places, depots=depots)
        return problem, solve(problem)

    return asked


def named_in(remedies: str, form: str) -> list[str]:
    return [remedy.partition("@")[2] for remedy in remedies.split() if remedy.startswith(f"{form}@")]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_floor_road_lender_and_link_of_the_remedies_is_named_or_counted(
    seed: int, ask: Callable[[int], tuple[Problem, Plan]]
) -> None:
    problem, plan = ask(seed)
    for remedies, *texts in zip(plan.limits.remedies, *say(problem, plan), strict=True):
        for form in ("floor", "open", "aid", "link"):
            found = named_in(remedies, form)
            ends = [way.split(">")[0] if form == "aid" else way for way in found]
            for text in texts:
                told = sum(all(f"<{code}>" in text for code in end.split(">")) for end in ends)
                assert told >= min(len(found), NAMED)
            if len(found) > NAMED:
                assert f"{len(found) - NAMED} more" in texts[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_missing_is_told_and_a_higher_class_where_one_went_first(
    seed: int, ask: Callable[[int], tuple[Problem, Plan]]
) -> None:
    problem, plan = ask(seed)
    limits = plan.limits
    size = problem.items.pack_size[limits.item]
    columns = (limits.requests, limits.packs_missing * size, limits.higher_class)
    rows = zip(*(column.tolist() for column in columns), *say(problem, plan), strict=True)
    for requests, units, higher_class, zh, en in rows:
        assert f"{requests} 项需求" in zh
        assert en.startswith(f"{requests} request")
        assert f" {units} " in zh
        assert f" {units} " in en
        assert ("更高级别" in zh) == ("higher class" in en) == bool(higher_class)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_depot_that_is_called_empty_has_no_pack_left(seed: int, ask: Callable[[int], tuple[Problem, Plan]]) -> None:
    problem, plan = ask(seed)
    stock, shipments = problem.stock, plan.shipments
    for number, en in enumerate(say(problem, plan)[1]):
        item = int(plan.limits.item[number])
        if "Nothing is left at " not in en:
            continue
        empty = en.partition("Nothing is left at ")[2].partition(".")[0]
        for depot, name in enumerate(problem.depots.names):
            if name in empty:
                mine = (stock.depot == depot) & (stock.item == item) & (stock.expires_on > problem.as_of_day())
                packs = int((stock.quantity[mine] // problem.items.pack_size[item]).sum())
                sent = int(shipments.quantity[mine[shipments.stock_row]].sum())
                assert packs > 0
                assert sent == packs * int(problem.items.pack_size[item])


def read(problem: Problem) -> list[tuple[str, str]]:
    return list(zip(*say(problem, solve(problem)), strict=True))


PAIR = small.divisions(P=("", "city", 0), A=("P", "county", 5), B=("P", "county", 5))
MANY = small.divisions(P=("", "city", 0), **dict.fromkeys("ABCDE", ("P", "county", 5)))


def test_empty_shelves_are_named_the_nearest_first_and_amounts_are_grouped() -> None:
    problem = small.problem(PAIR, [("P", 3), ("A", 7)], [("A", 1200), ("A", 20)], pack=2)
    assert read(problem) == [
        (
            "A 2 项需求共缺item 1,212 box（606 包，每包 2 box）。DA、DP已无剩余。各储备库的此物资已全部分配。",
            "2 requests in A lack 1,212 boxes (606 packs of 2) of item. Nothing is left at DA and DP. "
            "All that the depots had is given out.",
        )
    ]


def test_what_no_depot_has() -> None:
    expired = [("P", 9, date(2020, 1, 1), 0)]
    problem = small.problem(PAIR, expired, [("A", 1)], settings=Settings(as_of=date(2020, 1, 2)))
    assert read(problem) == [
        (
            "A 1 项需求缺item 1 box。各储备库的此物资都已过期，或不足一包。",
            "1 request in A lacks 1 box of item. All that the depots have of it has expired, or is less than a pack.",
        )
    ]
    assert read(small.problem(PAIR, [("P", 0)], [("A", 1)])) == [
        ("A 1 项需求缺item 1 box。各储备库均无此物资。", "1 request in A lacks 1 box of item. No depot has any.")
    ]


def test_where_no_way_leads_the_roads_that_are_closed_are_named() -> None:
    cut = small.problem(PAIR, [("P", 6)], [("A", 4), ("B", 9)], [{"from": "P", "to": "A", "open": False}])
    assert read(cut)[0] == (
        "A 1 项需求缺item 4 box。DP已无剩余。P至A的道路中断。凡有此物资的储备库，都没有通路到达。",
        "1 request in A lacks 4 boxes of item. Nothing is left at DP. The road from P to A is closed. "
        "No open road leads there from any depot that has the item.",
    )


def test_a_floor_and_a_higher_class() -> None:
    problem = small.problem(PAIR, [("P", 9, None, 4)], [("A", 5, 1), ("A", 3, 2)])
    assert read(problem) == [
        (
            "A 1 项需求缺item 3 box。更高级别的需求优先。DP保底留存 4 box。",
            "1 request in A lacks 3 boxes of item. Requests of a higher class went first. "
            "A reserve floor holds 4 boxes back at DP.",
        )
    ]


def test_of_many_floors_the_largest_are_named_and_the_others_counted() -> None:
    lots = [(place, 90, None, floor) for place, floor in zip("ABCDE", (1, 9, 5, 7, 3), strict=True)]
    links = [{"from": place, "to": "P"} for place in "ABCDE"]
    [(zh, en)] = read(small.problem(MANY, lots, [("P", 500)], links))
    assert zh == "P 1 项需求缺item 75 box。DB、DD、DC等 5 处储备库保底共留存 25 box。"
    assert en.endswith("Reserve floors hold 25 boxes back at DB, DD, DC and 2 more depots.")


def test_roads_that_are_cut() -> None:
    links = [{"from": "P", "to": place, "open": False} for place in "ABCDE"]
    alone = small.problem(MANY, [("P", 90)], [("A", 5)], links)
    assert read(alone) == [
        (
            "A 1 项需求缺item 5 box。P至A的道路中断。",
            "1 request in A lacks 5 boxes of item. The road from P to A is closed.",
        )
    ]
    ways = [{"from": place, "to": "E"} for place in "ABCD"]
    [(zh, en)] = read(small.problem(MANY, [("P", 90)], [("E", 5)], [*links, *ways]))
    assert zh == "E 1 项需求缺item 5 box。P至A、P至B、P至C等 5 条道路中断。"
    assert en.endswith("Roads are closed from P to A, from P to B, from P to C and 2 more.")


def test_lenders_that_have_lent_their_share() -> None:
    aid = Settings(mutual_aid={"county": Decimal("0.125")})
    [(zh, en)] = read(small.problem(PAIR, [("A", 2000)], [("P", 9000)], settings=aid))
    assert zh == "P 1 项需求缺item 8,750 box。A已借出 250 box，达到互助比例 12.5% 的上限。"
    assert en.endswith("A has lent 250 boxes, all that its share of 12.5 % allows.")
    lots = [(place, 2000) for place in "ABCDE"]
    [(zh, en)] = read(small.problem(MANY, lots, [("P", 9000)], settings=aid))
    assert zh.endswith(
        "A（250 box，比例 12.5%）、B（250 box，比例 12.5%）、C（250 box，比例 12.5%）等 5 地的借出已达互助比例的上限。"
    )
    assert en.endswith(
        "A (250 boxes, 12.5 %), B (250 boxes, 12.5 %), C (250 boxes, 12.5 %) and 2 more lenders "
        "have lent all that their shares allow."
    )


def test_links_that_are_full() -> None:
    links = [{"from": place, "to": "P", "capacity": 3} for place in "ABCDE"]
    [(zh, en)] = read(small.problem(MANY, [("A", 9)], [("P", 50)], links))
    assert zh.endswith("A至P（3 box）的线路已满。")
    assert en.endswith("The link from A to P (3 boxes) is full.")
    [(zh, en)] = read(small.problem(MANY, [(place, 9) for place in "ABCDE"], [("P", 50)], links))
    assert zh.endswith("A至P（3 box）、B至P（3 box）、C至P（3 box）等 5 条线路已满。")
    assert en.endswith(
        "The links from A to P (3 boxes), from B to P (3 boxes), from C to P (3 boxes) and 2 more are full."
    )


def test_no_way_and_more_than_one_thing_in_the_way() -> None:
    [(zh, en)] = read(small.problem(PAIR, [("A", 20)], [("B", 9)]))
    assert zh.endswith("没有通路到达。")
    assert en.endswith("No open road leads there from any depot that has the item.")
    links = [{"from": "A", "to": "P", "capacity": 3}, {"from": "P", "to": "B", "capacity": 3}]
    [(zh, en)] = read(small.problem(PAIR, [("A", 20)], [("B", 9)], links))
    assert zh.endswith("别处尚余 17 box，仅放开任何一项限制都无法运到。")
    assert en.endswith("Elsewhere 17 boxes are left, which no single change would bring here.")


def test_requests_with_no_place_in_common_are_not_placed() -> None:
    places = small.divisions(P="", Q="")
    [(zh, en)] = read(small.problem(places, [("P", 1), ("Q", 1)], [("P", 5), ("Q", 5)]))
    assert zh.startswith("2 项需求共缺item 8 box。")
    assert en.startswith("2 requests lack 8 boxes of item.")


def test_a_plan_that_names_what_is_not_there_is_told_all_the_same() -> None:
    problem = small.problem(PAIR, [("P", 3)], [("A", 9)])
    plan = solve(problem)
    invented = "aid@X>Y floor@X link@A open@ spell@A stock@P swift"
    forged = replace(plan, set=plan.set * 7, limits=replace(plan.limits, remedies=[invented]))
    [zh], [en] = say(problem, forged)
    assert "X保底留存 0 box" in zh
    assert "X has lent 0 boxes, all that its share of 0 % allows." in en


@pytest.mark.parametrize(
    ("unit", "one", "two"),
    [("", "1 unit", "2 units"), ("kg", "1 kg", "2 kg"), ("pieces", "1 pieces", "2 pieces"),
     ("batch", "1 batch", "2 batches"), ("瓶", "1 瓶", "2 瓶")],
)  # fmt: skip
def test_units_in_english(unit: str, one: str, two: str) -> None:
    goods = Goods(Said("物", "item"), Said(unit, unit), 1)
    assert (goods.units(1).en, goods.units(2).en) == (one, two)
    assert goods.units(2).zh == f"2 {unit or '件'}"
