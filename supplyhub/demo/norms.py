"""The demo's norms: what reserves hold for each person they may have to serve, and what communities ask for."""

from __future__ import annotations

from dataclasses import dataclass

from supplyhub.domain.places import Level

PERSONS_SERVED = {Level.PROVINCE: 160_000, Level.CITY: 50_000, Level.COUNTY: 6_000, Level.TOWNSHIP: 100}
"""People a depot is built for. 建标121-2009: province 120,000-200,000, city 40,000-60,000, county 5,000-7,000 evacuees;
a township office 100, as in the plan of a city in Guangdong."""


@dataclass(frozen=True)
class Reserve:
    """Units of an item for 1,000 persons served, by tier; 0 where a tier keeps none."""

    item_code: str
    province: int
    city: int
    county: int
    township: int

    def per_1000(self, level: Level) -> int:
        """The figure of a tier."""
        return {
            Level.PROVINCE: self.province,
            Level.CITY: self.city,
            Level.COUNTY: self.county,
            Level.TOWNSHIP: self.township,
        }[level]


RESERVES = (
    # What reserves were built for: earthquake and flood. One quilt and bed a person, a tent for four, three days' food.
    Reserve("quilt", 1000, 1000, 1000, 1000),
    Reserve("coat", 500, 500, 500, 300),
    Reserve("folding-bed", 800, 600, 400, 100),
    Reserve("tent", 250, 200, 150, 20),
    Reserve("food", 9000, 9000, 9000, 9000),
    Reserve("water", 12000, 12000, 12000, 12000),
    # What nobody had laid in for an epidemic.
    Reserve("mask-medical", 5000, 2000, 2000, 3000),
    Reserve("mask-surgical", 500, 500, 500, 0),
    Reserve("mask-n95", 250, 80, 60, 0),
    Reserve("coverall", 50, 16, 10, 0),
    Reserve("goggles", 30, 10, 10, 0),
    Reserve("face-shield", 25, 10, 0, 0),
    Reserve("cap", 300, 60, 0, 0),
    Reserve("gown-surgical", 60, 20, 0, 0),
    Reserve("gown-isolation", 40, 20, 0, 0),
    Reserve("gloves", 700, 500, 300, 0),
    Reserve("shoe-cover", 200, 40, 0, 0),
    Reserve("boot-cover", 60, 0, 0, 0),
    Reserve("boots", 20, 5, 5, 0),
    Reserve("disinfectant-84", 800, 800, 600, 1200),
    Reserve("alcohol-75", 300, 300, 200, 0),
    Reserve("hand-rub", 80, 20, 0, 0),
    Reserve("peracetic-acid", 40, 0, 0, 0),
    Reserve("povidone-iodine", 10, 0, 0, 0),
    Reserve("thermometer", 40, 60, 60, 50),
    Reserve("air-disinfector", 1, 0, 0, 0),
)


@dataclass(frozen=True)
class CommunityNeed:
    """Units of an item that a community asks for, for 1,000 of its people; class 2 protects life, 4 eases it."""

    item_code: str
    per_1000: int
    priority: int
    days: int
    """Needed within so many days."""
    reason: str


COMMUNITY_NEEDS = (
    CommunityNeed("mask-medical", 2000, 2, 3, "居民每人2只"),
    CommunityNeed("mask-surgical", 46, 2, 3, "值守人员每300人1名,每日2只,7日"),
    CommunityNeed("gloves", 24, 2, 3, "值守人员每日1双,7日"),
    CommunityNeed("disinfectant-84", 38, 2, 3, "每10户1瓶"),
    CommunityNeed("alcohol-75", 19, 3, 7, "每20户1瓶"),
    CommunityNeed("thermometer", 4, 3, 7, "每100户1支"),
    CommunityNeed("food", 270, 3, 7, "需救助人口3%,3日每日3份"),
    CommunityNeed("water", 360, 3, 7, "需救助人口3%,3日每日4瓶"),
    CommunityNeed("quilt", 30, 4, 14, "需救助人口3%"),
    CommunityNeed("coat", 30, 4, 14, "需救助人口3%"),
    CommunityNeed("folding-bed", 10, 4, 14, "集中隔离点,1%"),
)

HOSPITAL_PRIORITY = 1
HOSPITAL_DAYS = 2

HOSPITAL_ITEMS = {
    "普通医用口罩": "mask-medical",
    "医用外科口罩": "mask-surgical",
    "医用防护口罩 | N95口罩": "mask-n95",
    "防护服": "coverall",
    "防冲击眼罩/护目镜/防护眼镜": "goggles",
    "防护面罩": "face-shield",
    "防护帽/医用帽/圆帽": "cap",
    "手术衣": "gown-surgical",
    "隔离衣": "gown-isolation",
    "乳胶手套": "gloves",
    "防污染鞋套": "shoe-cover",
    "防污染靴套": "boot-cover",
    "长筒胶鞋/防污染靴": "boots",
    "84消毒液": "disinfectant-84",
    "75%酒精": "alcohol-75",
    "手部皮肤消毒液": "hand-rub",
    "过氧乙酸": "peracetic-acid",
    "活力碘": "povidone-iodine",
    "测体温设备": "thermometer",
    "空气消毒设备": "air-disinfector",
    "医用紫外线消毒车": "uv-cart",
    "床罩": "bed-cover",
    "医用面罩式雾化器": "nebulizer-mask",
}
"""The words of the hospitals' sheet for items of the catalogue."""
