"""Places: find the administrative units a text names and say which unit of China each one is.

The facts are ``rules/divisions.csv`` (see ``rules/divisions.md`` for its columns and sources); this module only knows
how names are written. All functions are pure and work on *normalised* text (simplified characters, half-width forms);
every offset is a ``str`` offset into that text.

* ``Gazetteer.match_at`` reads one place expression: a chain of names from the larger to the smaller unit
  (江苏省无锡市新吴区), a place below county level behind it (旺庄街道), and the body that acts (街道办事处, 民政局).
* ``Gazetteer.find`` reads all of them in a stretch of text.
* ``Gazetteer.resolve`` decides which unit is meant, with what the document says elsewhere (``Surroundings``).

A name is only believed as far as its form proves it. 济南 may stand alone; 合作 is a word, so it counts as 合作市 or behind
甘南; 城区 counts behind 晋城市 only. Which form proves how much is a column of the table, not a list in here.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from operator import itemgetter
from pathlib import Path
from typing import Final

from casextract.errors import CasextractError

COLUMNS: Final = (
    "code", "name", "level", "parent", "alone", "short", "word", "guard", "status", "successor", "ended", "kind",
)  # fmt: skip
_RANK: Final = {"province": 0, "city": 1, "county": 2, "area": 3}
STATUSES: Final = ("current", "former", "functional")
RECENT: Final = 2021
"""Without a date, a unit that ended from this year on is kept as printed, an older one becomes its successor."""

# What a form of a name proves.
_FULL, _EDGE, _ALONE, _BOTH, _BEHIND, _WORD, _DIRECT = range(7)
# _FULL: counts anywhere. _EDGE: needs a word edge before it. _ALONE: the same, short form of a province or city.
# _BOTH: needs an edge on both sides, short form of a county. _BEHIND: needs its parent before it. _WORD: its parent
# before it and an edge after it. _DIRECT: the full name is a common noun, needs its immediate parent before it.

_PROOF: Final = {"": _FULL, "edge": _EDGE, "parent": _DIRECT}
_proof = itemgetter(1)

_split = str.split

_HAN = re.compile(r"[\u3400-\u9fff]")
_BLANKS: Final = " \u3000\xa0·"
# Characters that end a word before a name, as prepositions, conjunctions and classifiers do.
_EDGE_BEFORE: Final = frozenset(
    "在从到与和及由以对往至于是向赴据经将把如像因自让为给来去离驻即乃近等省市县区州盟旗国了着给的归属"
)
# Verbs of the genre in front of a place, two characters because one would cut words.
_VERB_BEFORE: Final = frozenset(
    _split(
        "走进 支持 推动 指导 来自 位于 针对 围绕 帮助 带动 面向 前往 奔赴 深入 立足 服务 通过 包括 其中 例如 "
        "比如 推广 组织 批准 同意 授予 确定 选择 选取 选定 安排 要求 鼓励 借鉴 学习 考察 调研 参观 地处 坐落 "
        "辐射 覆盖 打造 建设 设立 命名 涉及 以及 全国 我国 中国 完善 依托 展现 引领 成立 具有 纳入 建立 推进 "
        "借助 结合 聚焦 走出 形成 宣传 擦亮 落户 扎根 入驻 亮相 成为 作为"
    )
)
_NATURE_BEFORE: Final = frozenset("长沿珠黄淮太鄱洞巢渤泰华恒衡嵩秦祁昆阴丽钱怒湘漓白大东两躲")
# A province name that is cut out of a river's or a mountain's bank (长江西岸, 黄河南部).
_NATURE_AFTER: Final = frozenset("岸麓坡侧")
_AFTER_SUFFIX: Final[Mapping[str, str]] = {
    "市": "场值面售",
    "区": "域块间划",
    "县": "",
    "州": "",
    "旗": "帜",
    "盟": "友",
}
# The suffix belongs to the next word (济南市场, 博山区域).
_AFTER_TWO: Final = frozenset("级域长直内外市区里情")
# 两字县名: what follows 县 as a word of its own (…县级, …县域) leaves too little proof.
_NOT_PLACE_AFTER: Final[Mapping[str, str]] = {
    "长治": "久",
    "三明": "治",
    "大理": "石岩",
    "中山": "装服陵",
    "文山": "会",
    "周口": "店",
    "延安": "精",
    "白银": "饰价",
    "黄山": "松",
}
# A road or a body that only bears the name (南京路, 浙江大学).
_NAMED_AFTER = re.compile(r"[路街籍]|大学|学院|航空|银行|日报|晚报|卫视|大道")
_CORPS = re.compile(r"生产建设兵团(?:第[一二三四五六七八九十]+师)?")

_STOP: Final = (
    "的|在|与|及|各|全[市县区镇乡面省]|等|个|是|了|为|将|把|被|从|向(?![上阳])|按|每|该|我|其|这|所有|也(?!木)|"
    "推进|引进|改进|促进|推动|打造|聚焦|建立|建成|建起|建好|建有|构建|搭建|创建|新建|共建|立足|开展|实施|组织|整合|探索|创新|坚持|依托|围绕|充分|积极|加强|"
    "强化|健全|完善|提升|发挥|通过|着力|率先|统筹|引导|激发|激活|发展|形成|实现|采取|制定|出台|印发|选取|选择|确定|定期|针对|注重|突出|根据|结合|深化|深入|"
    "启动|成功|获得|入选|试点|养老|服务|民政|救助|治理|改革|社会|基层|儿童|老年|残疾|慈善|志愿|市民|群众|居民|人员|部分|市级|县级|区级|乡级|镇级|村级|"
    "所属|下辖|辖区|街镇|既|又|还(?!地)|就|要|能够|可以|使|由(?!乡)|以(?!古)|并|或|但|而|则|无|没有|未|已|一批|首[批个]|十余|百余|约|超过|共有|目前|"
    "农村|行政村|乡村|新型|今年|去年|主要|重点|先后|同时|不断|持续|广泛|大力|努力|有力|有效|切实|扎实|认真|全力|精准"
)
_NO_STOP = rf"(?:(?!{_STOP})[\u3400-\u9fff])"
# Places below county level and functional areas: the shortest stem without a word of running text in it.
_TOWNSHIP = re.compile(
    rf"(?!城[和与内区里乡镇市中建管]|(?:中心|重点|建制|小)?[乡城街村集]?镇|镇?街道|乡[镇村])"
    rf"{_NO_STOP}{{1,9}}?(?:街道(?!经济|社区)|乡(?![镇村愁情贤音土亲])|镇(?![镇街区政])|镇(?=街道办)|苏木|嘎查)"
)
_VILLAGE = re.compile(
    rf"(?!社区|农村|乡村|行政村|村){_NO_STOP}{{1,6}}?(?:社区(?!服务|工作|治理|居民|养老|社会|党)|村(?![级民居庄落务]))"
)
_AREA = re.compile(
    rf"(?:{_NO_STOP}{{0,6}}?(?:高新技术产业开发区|高新技术开发区|经济技术开发区|经济开发区|高新区|经开区|开发区|新区(?![域块]))"
    rf"|{_NO_STOP}{{2,5}}?(?:示范区|管理区|度假区|保税区|工业园区|产业园区|试验区|实验区|合作区|风景名胜区|风景区))"
)
# A district no table holds (潍坊某某区): two or three characters, no common noun in …区, and a word's end behind it.
_DISTRICT = re.compile(
    rf"{_NO_STOP}{{2,3}}?(?<![社地辖园小片山城校厂老灾疫景市牧林库港矿农新郊乡街])区(?![域块间划县])"
)
_AREA_ALONE: Final = frozenset(
    _split("新区 示范区 管理区 度假区 保税区 工业园区 产业园区 试验区 实验区 合作区 风景名胜区 风景区")
)

_AGENCY_WORD = (
    "民政|社会|人民|儿童|未成年人|未保|老年人|老年|老龄|养老|敬老|残疾人|流浪|乞讨|人员|救助|救济|福利|保障|保护|事务|事业|管理|服务|工作|组织|慈善|殡葬|"
    "婚姻|登记|收养|低收入|家庭|经济|状况|核对|指导|人力资源|和|与|退役军人|卫生|健康|区划|地名|精神|医养|社工|志愿者|志愿|促进|发展|党群|综合|治理|基层|"
    "政权|建设|康复|托养|护理|第[一二三四五六七八九十]|市级|县级|区级|省级|信息|公益|创业|孵化|培育|关爱|困境|留守|城乡|社区|居家|市|县|区|省"
)
_AGENCY = re.compile(
    rf"街道办事处|办事处|(?:人民)?政府(?:办公[厅室]|(?:{_AGENCY_WORD})*?[局署厅处](?!长))?"
    r"|(?:省|市|县|区|州|盟|旗|镇|乡|街道)?(?:委|党委|党工委|管委会|管理委员会)(?=[\s,。、:“”]|$)"
    rf"|(?:{_AGENCY_WORD})*?(?:民政[局厅]|社会事务[局处科]|社会工作部|社会福利署|[局厅](?!长)|福利院|养老院|敬老院|福利中心|救助管理站|"
    r"救助站|服务站|服务中心|指导中心|核对中心|管理中心|保护中心|慈善总会|慈善会|慈善协会|基金会|联合会|促进会|殡仪馆|"
    r"殡葬管理所|登记处|老龄办|委员会|办公室)"
)


class PlacesError(CasextractError, ValueError):
    """The table of divisions cannot be used; the message names the file, the line and the remedy."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of the table: an administrative unit, current or former, or a functional area.

    ``level`` is one of ``province city county area``; ``status`` one of ``current former functional``. ``code`` of an
    area is that of the smallest official unit that contains it. ``ended`` is the year a former unit ceased, else 0.
    """

    code: str
    name: str
    level: str
    parent: str
    status: str
    successor: str
    ended: int
    kind: str


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place expression as a text prints it.

    ``text[start:end]`` is the expression with the place below county level; ``candidates`` are the units the last
    official name (or functional area) can mean, none ruled out by the names before it, at least one. ``area`` is a functional area as
    printed that the table does not hold, ``place`` the place below county level (旺庄街道). ``agency`` is the body
    that follows, ``""`` if none, and ends at ``agency_end`` (else equal to ``end``).
    """

    start: int
    end: int
    text: str
    names: tuple[str, ...]
    candidates: tuple[Unit, ...]
    area: str | None = None
    place: str | None = None
    agency: str | None = None
    agency_end: int = -1

    @property
    def short(self) -> bool:
        """Whether the last name is printed without the word for its kind (济南 and not 济南市)."""
        return self.area is None and self.place is None and self.names[-1][-1] not in "省市县区州盟旗"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a document says about place: how often each province and city code is meant, its year, and its home.

    ``home`` holds codes of provinces or cities named in the title or preamble; they decide before any count.
    """

    provinces: Mapping[str, int] = field(default_factory=dict)
    cities: Mapping[str, int] = field(default_factory=dict)
    home: tuple[str, ...] = ()
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A resolved place in the terms of the ``cases`` table.

    ``ambiguous`` is empty, or holds the full names and codes between which nothing decided (``江苏省南京市鼓楼区 320106``);
    then the fields hold what the candidates have in common, and ``adcode`` is None unless they share it.
    """

    province: str | None
    city: str | None
    county: str | None
    place: str | None
    adcode: str | None
    ambiguous: tuple[str, ...] = ()

    def contains(self, other: Place) -> bool:
        """Whether another place is this one or lies in it, by the names of both."""
        mine = (self.province, self.city, self.county, self.place)
        theirs = (other.province, other.city, other.county, other.place)
        return any(mine) and all(name is None or name == theirs[at] for at, name in enumerate(mine))


NOWHERE: Final = Surroundings()


class Gazetteer:
    """All units of the table, compiled for look-up. Immutable once made; make one a process and pass it on."""

    __slots__ = ("_begins", "_by_code", "_forms", "_lengths", "_lineages", "_parents", "_starts", "units")

    def __init__(self, rows: Iterable[Sequence[str]], source: str = "divisions.csv") -> None:
        """Compile the rows.

        Args:
            rows: the cells of each row in the order of ``COLUMNS``, without the header. A later row with the code,
                name and status of an earlier one replaces it.
            source: what to call the table in an error.

        Raises:
            PlacesError: a row is malformed or names a parent or successor that is not there.
        """
        units: dict[tuple[str, str, str], Unit] = {}
        shapes: dict[tuple[str, str, str], tuple[str, str, str, str]] = {}
        for number, cells in enumerate(rows, 2):
            try:
                code, name, level, parent, alone, short, word, guard, status, successor, ended, kind = cells
                unit = Unit(code, name, level, parent, status, successor, int(ended or 0), kind)
            except ValueError as error:
                raise PlacesError(f"{source}:{number}: {error}; a row holds {','.join(COLUMNS)}") from error
            if level not in _RANK or guard not in _PROOF or status not in STATUSES:
                raise PlacesError(f"{source}:{number}: unknown level {level!r}, guard {guard!r} or status {status!r}")
            key = (code, name, status)
            units[key] = unit
            shapes[key] = (alone, short, word, guard)
        self.units: tuple[Unit, ...] = tuple(units.values())
        by_code: dict[str, int] = {}
        for index, unit in enumerate(self.units):
            # Parts of Hong Kong, Macao and Taiwan share the code of the whole, which stands first; a code that passed
            # from a former unit to a current one belongs to the current one, which stands first too.
            if unit.code and unit.status != "functional":
                by_code.setdefault(unit.code, index)
        for unit in self.units:
            for code in (unit.parent, unit.successor):
                if code and code not in by_code:
                    raise PlacesError(f"{source}: {unit.name}: no row has the code {code} of its parent or successor")
            if unit.status == "former" and not unit.successor:
                raise PlacesError(f"{source}: {unit.name}: a former unit needs a successor")
        forms: dict[str, tuple[tuple[int, int], ...]] = {}
        for index, (unit, (alone, short, word, guard)) in enumerate(zip(self.units, shapes.values(), strict=True)):
            proof = _PROOF[guard]
            forms[unit.name] = (*forms.get(unit.name, ()), (index, proof))
            bare = proof if unit.level == "area" else _BOTH if unit.level == "county" else _ALONE
            for joined, given in ((alone, bare), (short, _BEHIND), (word, _WORD)):
                for form in joined.split("|") if joined else ():
                    # 景宁县, 恩施州 carry a suffix and are as good as the full name.
                    full = len(form) > 2 and form[-1] in "县州旗" and given in (_ALONE, _BOTH)
                    forms[form] = (*forms.get(form, ()), (index, _FULL if full else given))
        lengths: dict[str, set[int]] = {}
        starts: set[str] = set()
        for form, entries in forms.items():
            pair = form[:2]
            if len(pair) < 2:
                raise PlacesError(f"{source}: the form {form!r} is a single character; a form has two at least")
            lengths.setdefault(pair, set()).add(len(form))
            if min(entries, key=_proof)[1] <= _BOTH or any(self.units[index].level == "city" for index, _ in entries):
                starts.add(pair)
        self._by_code = by_code
        self._forms = forms
        self._lineages: dict[int, frozenset[int]] = {}
        self._parents = frozenset(unit.parent for unit in self.units if unit.level == "county")
        self._lengths = {pair: sorted(sizes, reverse=True) for pair, sizes in lengths.items()}
        self._starts = frozenset(starts)
        # Passes over most characters at once; which of the pairs it lets through begin a name is looked up.
        first, second = ("".join(sorted({pair[i] for pair in starts})) for i in (0, 1))
        self._begins = re.compile(f"[{re.escape(first)}](?=[{re.escape(second)}])" if starts else "(?!)")

    @classmethod
    def from_text(cls, text: str, source: str = "divisions.csv") -> Gazetteer:
        """Compile the table from its text, header line included.

        Raises:
            PlacesError: the text does not hold a usable table.
        """
        reader = csv.reader(StringIO(text))
        try:
            header = next(reader, [])
            if tuple(header) != COLUMNS:
                raise PlacesError(f"{source}:1: the header is {','.join(header)!r}; it must be {','.join(COLUMNS)!r}")
            return cls(reader, source)
        except csv.Error as error:
            raise PlacesError(f"{source}:{reader.line_num}: not a CSV table: {error}") from error

    @classmethod
    def from_csv(cls, path: Path) -> Gazetteer:
        """Read and compile the table (UTF-8, a header line).

        Raises:
            PlacesError: the file does not hold a usable table.
            OSError: the file cannot be read.
        """
        try:
            return cls.from_text(path.read_text("utf-8"), path.name)
        except UnicodeDecodeError as error:
            raise PlacesError(f"{path.name}: not UTF-8: {error}") from error

    def _lineage(self, index: int) -> frozenset[int]:
        """The indices of a unit and all above it; for a former unit also of its successor and all above that."""
        known = self._lineages.get(index)
        if known is not None:
            return known
        seen: set[int] = set()
        queue = [index]
        while queue:
            at = queue.pop()
            if at not in seen:
                seen.add(at)
                unit = self.units[at]
                queue.extend(self._by_code[code] for code in (unit.parent, unit.successor) if code)
        lineage = self._lineages[index] = frozenset(seen)
        return lineage

    # ---- reading -------------------------------------------------------------------------------------------------

    def match_at(
        self, text: str, start: int, end: int | None = None, *, within: tuple[str, ...] = ()
    ) -> PlaceMention | None:
        """The longest place expression that starts exactly at an offset.

        Args:
            text: normalised text.
            start: offset of the first character of the expression.
            end: offset to read up to; None for the end of the text.
            within: codes of provinces and cities the surroundings speak of. Names that otherwise need their parent
                before them (任城, 日照, 城区) count when they belong to one of these and end at a word's edge.

        Returns:
            The mention, or None where no place starts.
        """
        stop = len(text) if end is None else end
        best = self._chain(text, start, stop, frozenset(within), frozenset())
        return None if best is None else self._complete(text, start, stop, best)

    def find(self, text: str, start: int = 0, end: int | None = None) -> tuple[PlaceMention, ...]:
        """All place expressions between two offsets, from left to right, none overlapping another.

        In a list (济南、日照、德州) a name that needs its parent counts as well when it belongs to the same unit as the
        one before it.
        """
        return tuple(self.iter_mentions(text, start, len(text) if end is None else end))

    def iter_mentions(self, text: str, start: int, end: int) -> Iterator[PlaceMention]:
        """The mentions of ``find``, one at a time."""
        reached = start
        for m in self._begins.finditer(text, start, end):
            at = m.start()
            if at < reached or text[at : at + 2] not in self._starts:
                continue
            chain = self._chain(text, at, end, frozenset(), frozenset())
            while chain is not None:
                mention = self._complete(text, at, end, chain)
                yield mention
                reached = at = max(mention.agency_end, mention.end)
                chain = None
                if at + 2 < end and text[at] in "、和与及":
                    at += 1
                    chain = self._chain(text, at, end, frozenset(), self._siblings(mention))

    def _siblings(self, mention: PlaceMention) -> frozenset[str]:
        """The codes of the units directly above what was mentioned."""
        return frozenset(unit.parent for unit in mention.candidates if unit.parent)

    def _chain(
        self, text: str, start: int, stop: int, within: frozenset[str], siblings: frozenset[str]
    ) -> tuple[int, tuple[str, ...], tuple[int, ...]] | None:
        """End, names and candidate indices of the longest chain at an offset."""
        best: tuple[int, tuple[str, ...], tuple[int, ...]] | None = None
        for length in self._lengths.get(text[start : start + 2], ()):
            after = start + length
            if after > stop:
                continue
            form = text[start:after]
            entries = self._forms.get(form)
            if entries is None:
                continue
            first = self._first(text, start, after, stop, form, entries, within, siblings)
            proven = bool(first)
            if not proven:
                # The full name of a county behind it proves a city's short form as well (日照岚山区).
                first = tuple(index for index, _ in entries if self.units[index].level == "city")
                if not first or not _edge_before(text, start):
                    continue
            found = self._extend(text, after, stop, (form,), first)
            if found[0] == after and (not proven or _cut(text, form, after, stop)):
                continue
            if not proven and self.units[found[2][0]].name != found[1][-1]:
                continue
            if best is None or found[0] > best[0]:
                best = found
        return best

    def _first(
        self,
        text: str,
        start: int,
        after: int,
        stop: int,
        form: str,
        entries: tuple[tuple[int, int], ...],
        within: frozenset[str],
        siblings: frozenset[str],
    ) -> tuple[int, ...]:
        """The candidates a form may mean at the head of a chain."""
        kept: list[tuple[int, int]] = []
        for index, proof in entries:
            if proof == _FULL:
                good = True
            elif proof == _EDGE:
                good = _edge_before(text, start)
            elif proof == _ALONE:
                good = _bare(text, start, after, stop, form, self.units[index].level)
            elif proof == _BOTH:
                good = _edge_before(text, start) and _edge_after(text, after, stop)
            else:
                good = False
            if not good and proof >= _BOTH and _edge_before(text, start):
                parent = self.units[index].parent
                if parent in siblings:
                    good = _edge_after(text, after, stop)
                elif within and _edge_after(text, after, stop):
                    good = parent in within if proof == _DIRECT else not within.isdisjoint(self._codes(index))
            if good:
                kept.append((index, proof))
        return self._highest(kept)

    def _highest(self, kept: list[tuple[int, int]]) -> tuple[int, ...]:
        """Of short forms shared by levels (吉林, 恩施) the highest level; full names all."""
        full = [index for index, proof in kept if proof in (_FULL, _EDGE, _DIRECT)]
        if full or not kept:
            return tuple(full)
        rank = min(_RANK[self.units[index].level] for index, _ in kept)
        return tuple(index for index, _ in kept if _RANK[self.units[index].level] == rank)

    def _codes(self, index: int) -> frozenset[str]:
        return frozenset(self.units[at].code for at in self._lineage(index))

    def _extend(
        self, text: str, at: int, stop: int, names: tuple[str, ...], candidates: tuple[int, ...]
    ) -> tuple[int, tuple[str, ...], tuple[int, ...]]:
        """The longest continuation of a chain by names of units below its candidates."""
        best = (at, names, candidates)
        offsets = [at]
        if corps := _CORPS.match(text, at, stop):
            offsets.append(corps.end())
        if at < stop and text[at] in _BLANKS:
            offsets.append(at + 1)
        for begin in offsets:
            for length in self._lengths.get(text[begin : begin + 2], ()):
                after = begin + length
                if after > stop:
                    continue
                form = text[begin:after]
                entries = self._forms.get(form)
                if entries is None:
                    continue
                below = self._below(text, after, stop, entries, candidates)
                if below:
                    found = self._extend(text, after, stop, (*names, form), below)
                    if found[0] > best[0] and not (found[0] == after and _cut(text, form, after, stop)):
                        best = found
        return best

    def _below(
        self, text: str, after: int, stop: int, entries: tuple[tuple[int, int], ...], candidates: tuple[int, ...]
    ) -> tuple[int, ...]:
        """The candidates a form may mean behind names that mean ``candidates``."""
        kept: list[tuple[int, int]] = []
        for index, proof in entries:
            unit = self.units[index]
            above = self._lineage(index)
            for parent in candidates:
                head = self.units[parent]
                # An area may reach over the borders of the city it is named with (西安市西咸新区).
                if parent not in above and not (unit.level == "area" and head.code[:2] == unit.code[:2]):
                    continue
                if parent == index or _RANK[head.level] >= _RANK[unit.level]:
                    continue
                if proof == _DIRECT and head.code != unit.parent:
                    continue
                if proof == _WORD and not _edge_after(text, after, stop):
                    continue
                kept.append((index, proof))
                break
        return self._highest(kept)

    def _complete(
        self, text: str, start: int, stop: int, chain: tuple[int, tuple[str, ...], tuple[int, ...]]
    ) -> PlaceMention:
        """A chain with the functional area, the place below county level and the body behind it."""
        at, names, indices = chain
        candidates = tuple(self.units[index] for index in indices)
        level = candidates[0].level
        area: str | None = None
        place: str | None = None
        if level in ("city", "province") and (match := _AREA.match(text, at, stop)):
            printed = match.group()
            if printed not in _AREA_ALONE and (level == "city" or len(printed) > 3):
                area, at = printed, match.end()
        match = _DISTRICT.match(text, at, stop) if area is None and level == "city" else None
        if match is not None and _edge_after(text, match.end(), stop):
            area, at = match.group(), match.end()
        below = level in ("county", "area") or area is not None or (level == "city" and not self._has_counties(indices))
        if below:
            match = _TOWNSHIP.match(text, at, stop)
            if match is None and at < stop and text[at] in _BLANKS:
                # Behind a blank the title may begin: only a name that is set apart or acts itself is the place.
                apart = _TOWNSHIP.match(text, at + 1, stop)
                if apart is not None and (
                    _AGENCY.match(text, apart.end(), stop) or not _han_at(text, apart.end(), stop)
                ):
                    match, at = apart, at + 1
            village = _VILLAGE.match(text, match.end() if match else at, stop)
            if match is not None and village is not None and text[match.end() : match.end() + 3] == "办事处":
                village = None
            last = village or match
            if last is not None:
                place, at = text[at : last.end()], last.end()
        agency: str | None = None
        agency_end = at
        if body := _AGENCY.match(text, at, stop):
            agency, agency_end = body.group(), body.end()
            if (
                place is not None
                and place.endswith(("街道", "镇", "乡"))
                and agency.startswith(("办事处", "人民政府", "政府"))
            ):
                agency = place + agency
        return PlaceMention(start, at, text[start:at], names, candidates, area, place, agency, agency_end)

    def _has_counties(self, indices: tuple[int, ...]) -> bool:
        return any(self.units[index].code in self._parents for index in indices)

    # ---- deciding ------------------------------------------------------------------------------------------------

    def surroundings(
        self, mentions: Iterable[PlaceMention], *, home: Iterable[PlaceMention] = (), year: int | None = None
    ) -> Surroundings:
        """What a document's mentions say about place.

        Args:
            mentions: the document's mentions; ambiguous ones are left out of the counts.
            home: mentions in its title or preamble, which decide before the counts.
            year: the year of the document, so that a unit that existed then keeps its name.
        """
        provinces: Counter[str] = Counter()
        cities: Counter[str] = Counter()
        for mention in mentions:
            found = {self._above(unit) for unit in mention.candidates}
            if len({province for province, _ in found}) == 1:
                provinces[next(iter(found))[0]] += 1
                if len(found) == 1 and (city := next(iter(found))[1]):
                    cities[city] += 1
        named: dict[str, None] = {}
        for mention in home:
            if len(mention.candidates) == 1:
                province, city = self._above(mention.candidates[0])
                named.update(dict.fromkeys(code for code in (city, province) if code))
        return Surroundings(dict(provinces), dict(cities), tuple(named), year)

    def _above(self, unit: Unit) -> tuple[str, str]:
        """The codes of the province and the city of a unit, the city ``""`` where there is none."""
        chain = self._ancestors(unit)
        city = next((step.code for step in chain if step.level == "city"), "")
        return next((step.code for step in chain if step.level == "province"), ""), city

    def _ancestors(self, unit: Unit) -> tuple[Unit, ...]:
        """The unit and what is above it by today's or, for a former unit, by its own time's hierarchy."""
        chain = [unit]
        while chain[-1].parent and len(chain) < 5:
            chain.append(self.units[self._by_code[chain[-1].parent]])
        return tuple(chain)

    def resolve(self, mention: PlaceMention, context: Surroundings = NOWHERE) -> Place:
        """Which unit a mention means.

        Args:
            mention: what ``match_at`` or ``find`` returned.
            context: the document's surroundings, from ``surroundings``.

        Returns:
            The place. Its ``ambiguous`` names what is left when nothing decides.
        """
        pool = {
            unit.code + unit.name: unit for unit in (self._as_of(unit, context.year) for unit in mention.candidates)
        }
        candidates = list(pool.values())
        if len(candidates) > 1:
            candidates = self._decide(candidates, context)
        places = [self._place(unit, mention) for unit in candidates]
        if len(places) == 1:
            return places[0]
        common = [
            _same(values)
            for values in zip(*((p.province, p.city, p.county, p.place, p.adcode) for p in places), strict=True)
        ]
        rivals = sorted(
            (unit.code, "".join((p.province or "", p.city or "", p.county or "")))
            for unit, p in zip(candidates, places, strict=True)
        )
        ambiguous = tuple(f"{name} {code}" for code, name in rivals)
        return Place(common[0], common[1], common[2], common[3], common[4], ambiguous)

    def _decide(self, candidates: list[Unit], context: Surroundings) -> list[Unit]:
        """The candidates the surroundings speak for: home, then counts of the city, then of the province."""
        above = [self._above(unit) for unit in candidates]
        for code in context.home:
            near = [unit for unit, (province, city) in zip(candidates, above, strict=True) if code in (city, province)]
            if len(near) == 1:
                return near
        for position, counts in ((1, context.cities), (0, context.provinces)):
            scores = [counts.get(pair[position], 0) for pair in above]
            top = max(scores)
            if top and scores.count(top) == 1:
                return [candidates[scores.index(top)]]
        living = [unit for unit in candidates if unit.status != "former"]
        if living and all(unit.status != "former" or unit.ended < RECENT for unit in candidates):
            return living
        return candidates

    def _as_of(self, unit: Unit, year: int | None) -> Unit:
        """A unit that had ended by then as its successor; every other as it is."""
        if unit.status != "former" or unit.ended >= (RECENT if year is None else year):
            return unit
        return self.units[self._by_code[unit.successor]]

    def _place(self, unit: Unit, mention: PlaceMention) -> Place:
        """The fields of a place for the unit a mention means."""
        chain = self._ancestors(unit)
        names = {step.level: step for step in reversed(chain)}
        county: str | None = names["county"].name if "county" in names else None
        code = unit.code or self._ancestors(unit)[1].code
        if unit.level == "area":
            county = mention.names[-1]
            printed = [entry for name in mention.names[:-1] for entry in self._forms.get(name, ())]
            cities = [self.units[at] for at, _ in printed if self.units[at].level == "city"]
            if "city" not in names and cities:
                names["city"], code = cities[0], cities[0].code
        elif mention.area is not None:
            county = mention.area
        city = names["city"].name if "city" in names else None
        return Place(names["province"].name, city, county, mention.place, code)


def _same(values: tuple[str | None, ...]) -> str | None:
    return values[0] if all(value == values[0] for value in values) else None


def _han_at(text: str, at: int, stop: int) -> bool:
    return at < stop and _HAN.match(text, at) is not None


def _edge_before(text: str, at: int) -> bool:
    """Whether a word can start at an offset."""
    if at == 0 or not _HAN.match(text, at - 1) or text[at - 1] in _EDGE_BEFORE:
        return True
    return text[max(0, at - 2) : at] in _VERB_BEFORE


def _edge_after(text: str, at: int, stop: int) -> bool:
    """Whether a word ends at an offset: no further character of a word, or a body of civil affairs, or a conjunction."""
    return (
        at >= stop or not _HAN.match(text, at) or text[at] in "和与及等以" or _AGENCY.match(text, at, stop) is not None
    )


def _bare(text: str, start: int, after: int, stop: int, form: str, level: str) -> bool:
    """Whether the short form of a province or city stands as a place here."""
    follow = text[after] if after < stop else ""
    if follow and (follow in _NOT_PLACE_AFTER.get(form, "") or _NAMED_AFTER.match(text, after, stop)):
        return False
    if level == "province":
        before = text[start - 1] if start else ""
        return not (before in _NATURE_BEFORE and before) and (follow not in _NATURE_AFTER or not follow)
    return len(form) > 2 or _edge_before(text, start)


def _cut(text: str, form: str, after: int, stop: int) -> bool:
    """Whether the last character of a full name belongs to the next word instead."""
    if after >= stop:
        return False
    follow, last = text[after], form[-1]
    if last == "市" and follow == "民":
        return text[after : after + 2] != "民政"
    if follow in _AFTER_SUFFIX.get(last, ""):
        return True
    return len(form) == 2 and last == "县" and follow in _AFTER_TWO and text[after : after + 2] != "城关"
