#!/usr/bin/env python3
"""Write a corpus of template articles to measure with: as many as wanted, the same for the same seed.

    python scripts/generate_corpus.py OUT [--count 100000] [--seed 1]

The sentences are written for this script and say nothing about any place; names of places come from `rules/divisions.csv`,
figures from a generator seeded with the article's number, so that article 7 of a thousand is article 7 of a million. Every
fourth article is in traditional characters. Folders hold a thousand articles each.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]

TITLES = (
    "{p}:用好{n}个小站 办好家门口的事",
    "{p}:一张清单管到底 {n}项服务送上门",
    "{p}:把食堂开进楼栋 让老人少走{n}步路",
    "{p}:给社工搭台 为居民解忧",
)
LEADS = (
    "{p}民政局从居民反映最多的吃饭、看护、办证三件事入手,{y}年以来新设便民小站{n}个,配备专职人员{m}名,惠及{k}万余人。",
    "近年来,{p}把村(居)服务场所重新排布,腾出闲置房屋{n}间,改建面积{k}万平方米,日均接待居民约{m}人次。",
    "{p}人口老龄化程度达{c}%,60周岁以上老人有{k}万人。{y}年起,该地投入{w}万元,分批改造{n}个社区的公共场所。",
)
SECTIONS = (
    "一是理清底数。组织{m}名网格员逐户走访,登记独居、留守和行动不便的老人{n}名,录入信息{k}万条,走访率达到{c}%。",
    "二是配齐队伍。面向社会招聘护理员{n}名,其中持证者占{c}%,每人每月发放岗位津贴{a}元,全年培训{m}课时。",
    "三是压实责任。凡群众求助,须在{h}小时内回应、{d}个工作日内办结;逾期{d2}件以上的,由镇街说明理由。",
    "四是算清细账。区级财政每年安排{w}万元,福彩公益金配套{w2}万元,爱心企业累计捐赠{a2}万元,三项合计不低于{t}万元。",
    "提质扩面。把助餐点由{n}个增加到{n2}个,床位扩充至{b}张,其中护理型床位占比不低于{c}%,入住率同比提高{q}个百分点。",
    "让利于民。对低保家庭按每户每年{a}元补助,对80岁以上老人每餐减免{q}元,困难儿童每月可领{a2}元至{a3}元不等。",
    "办事提速。婚姻登记平均用时由{h2}分钟压缩到{h}分钟,材料精简{c2}%,网上预约比例升至{c}%,满意率为{c3}%。",
    "多方出力。引入社会组织{d}家、志愿队伍{n}支,开展邻里活动{m}场次,调解纠纷{n2}起,近{k}万人次参加。",
)
ENDINGS = (
    "截至{y}年底,全域已建成综合服务点{n}处,覆盖{c}%的行政村,老人家门口{h}分钟可达。下一步,力争到{y2}年再添床位{b}张。",
    "{y2}年,当地计划追加资金{w}万元,使社区食堂增至{n}家以上,服务对象超过{k}万人。",
    "{y}年下半年以来,来信来访同比下降{q}.{d}%,群众评价“好”的占到九成以上。",
)


@cache
def counties() -> tuple[str, ...]:
    """County-level units with their city, as an article names them."""
    with (ROOT / "rules" / "divisions.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["status"] == "current"]
    names = {r["code"]: r["name"] for r in rows}
    return tuple(
        names.get(r["parent"], "") + r["name"] for r in rows if r["level"] == "county" and r["parent"][2:4] != "00"
    )


@cache
def traditional() -> object:
    """The converter to traditional characters."""
    from opencc import OpenCC

    return OpenCC("s2t")


@cache
def converted(template: str) -> str:
    """A template in traditional characters; the fields keep their names."""
    text: str = traditional().convert(template)  # type: ignore[attr-defined]
    return text


def figures(random_: random.Random) -> dict[str, object]:
    """One figure for each field of the templates, in the sizes that such articles print."""
    draw = random_.randint
    return {
        "n": draw(11, 890), "n2": draw(900, 3200), "m": draw(12, 980), "k": f"{draw(1, 98)}.{draw(1, 9)}", "c": draw(51, 97),
        "c2": draw(20, 80), "c3": f"9{draw(0, 9)}.{draw(0, 9)}", "w": draw(60, 9800), "w2": draw(50, 4000), "t": draw(9900, 20000),
        "a": draw(12, 90) * 10, "a2": draw(20, 60) * 10, "a3": draw(70, 180) * 10, "h": draw(5, 48), "h2": draw(50, 120),
        "d": draw(2, 9), "d2": draw(3, 8), "q": draw(2, 19), "b": draw(800, 32000), "y": draw(2018, 2023), "y2": draw(2024, 2027),
    }  # fmt: skip


def fill(template: str, random_: random.Random, place: str, hant: bool) -> str:
    """A sentence with figures of its own."""
    place = converted(place) if hant else place
    return (converted(template) if hant else template).format(p=place, **figures(random_))


def article(number: int, seed: int = 1) -> str:
    """The article of this number: a heading, a metadata line and one or two cases."""
    random_ = random.Random(f"{seed}:{number}")
    hant = number % 4 == 3
    month, day = random_.randint(1, 12), random_.randint(1, 28)
    lines = [f"基层服务见闻第{number + 1}辑", f"发布时间:2023-{month:02}-{day:02}", ""]
    for _ in range(random_.randint(1, 2)):
        place = random_.choice(counties())
        chosen = [random_.choice(TITLES), random_.choice(LEADS), *random_.sample(SECTIONS, random_.randint(3, 6))]
        lines += [fill(t, random_, place, hant) for t in (*chosen, random_.choice(ENDINGS))] + [""]
    if hant:
        lines[0] = converted("基层服务见闻第") + f"{number + 1}" + converted("辑")
    return "\n".join(lines)


def write(out: Path, count: int, seed: int = 1) -> int:
    """Write the articles 0 to `count` below `out`; the bytes written."""
    written = 0
    for number in range(count):
        folder = out / f"{number // 1000:04}"
        if number % 1000 == 0:
            folder.mkdir(parents=True, exist_ok=True)
        written += (folder / f"{number:07}.txt").write_bytes(article(number, seed).encode())
    return written


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    print(
        f"{write(options.out, options.count, options.seed):,} bytes in {options.count:,} articles below {options.out}"
    )


if __name__ == "__main__":
    main()
