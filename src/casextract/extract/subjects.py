"""The subject of a number: the noun phrase it counts or measures, found by the grammar around it.

A count is followed by what it counts (1.2万名农村老人) or preceded by it (护理型床位1755张); shares, sums and lengths of time are
preceded by what they measure. Where the clause does not say it, the number shares the subject of its neighbour
(14.7万户29.9万人, 床位52万张,比上年增长17%): `share_subjects`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from casextract.extract.grammar import Grammar
from casextract.extract.model import Quantity
from casextract.extract.sentence import Slot
from casextract.records import Dimension
from casextract.rulebook.patterns import on_demand

SubjectFinder = Callable[[Slot], str | None]

_REACH = 30
_REMEMBERED = 1 << 14
"""Phrases whose analysis is kept: articles of a genre repeat them."""
_HAN = on_demand(r"\p{Han}")
_LEAD = on_demand(
    r"(?:/[\p{Han}·./、/]{1,6}(?=[^\p{Han}]|$)|每[年月日天次人户]{1,2}(?!\p{Han}))?(?:\(含\))?(?:[及或]以[上下]|以上|以下|以内|之内|左右|上下|不等|有余|多|余)?"
    r"(?:\([^()]{0,8}\))?(?P<de>[的之])?"
)
_WINDOW = on_demand(r"(?:[^.,，;:。!?、\n\d”》)(\s“|]|“[^“”,。]{1,14}”){1,30}")
_BRACKETED = on_demand(r"\([^()]*\)")
_TO_LAST_MARK = on_demand(r"[\s\S]*[.,，;:。!?、\n|]")
_RATE_TAIL = on_demand(
    r"(?:每(?:\p{Han}{0,3}[人户]|年|月|周|天|日|季度?|次|床|名|个|位|张|例|餐|期|学期|学年|村|半年|小时)+|[年月日]?[人户床]均)$"
)
_COMPARED_TAIL = on_demand(
    r"(?:(?<![占])比(?![例重率])|(?<!比)较|同比|(?:是|为|达到?|相当于|超过|不低于|不超过)(?=[^,。;]{1,12}的$))[^,，。;]{0,14}$"
)
_FROM_TAIL = on_demand(r"(?:将|会)?(?:为由|由|从)[\p{Han}\d\s()]{0,14}$")
_PREFIX = on_demand(
    r"^(?:各类|各种|各级|全[市县区省国镇乡州港澳台](?!域)|辖区内?|[我本该][市县区省州]|[市县区镇乡村州]里|目前|其中|当中|现有|近年来|每年|(?:\d{4}年|今年|去年|上年)(?:[底末初度]|上半年|下半年)?|全年|上半年|新增(?=..)|新建(?=..)|的)+"
)
_SUFFIX = on_demand(r"(?:的|了|等|(?<=津贴|金额|标准)会)+$")
_SUFFIX_ENDS = frozenset("的了等会")
_NO_NOUN = on_demand(
    r"^(?:全?[市县区省国]|\d+|.*(?:上年|去年|同期|上月|今年|以来|年底|年末|\d年)|[人员户名个]|其余|占|比|较|部分|年龄|升幅|增速|年均增速|受益|联系|抽查|情况|.*(?:符合|不符合|满足)条件|一般|平均|目前|同比|环比|增幅|降幅|幅度|服务对象人数|合计|未来|[市县省区]本级|市值|目标|总金额|总数|年人|月人|今后)$"
)
_HEADCOUNT = ("人数", "户数")
_SHORT = frozenset("村镇乡户床站课")
_TERRITORIES = frozenset("市县区省国")
_DESCRIBES = on_demand(r"(?:不便|不足|不高|不全|困难|贫困|严重|突出|条件|较[低高多大]|偏远|独立)$")
# Nouns that act: a verb behind them is the sentence's (学生走进乡村), not part of their name.
_BEINGS = on_demand(
    r"(?:人|者|员|老人|儿童|学生|群众|居民|住户|家庭|农户|村民|志愿者|社工|党员|单位|企业|孤儿|长者|妇女|职工|教师|医生|对象|代表|青年|商户|户)$"
)
_MONEY_NOUN = on_demand(r"(?:补助|补贴|奖励|资助|捐款|支出|投资|津贴|经费|资金|基金|贷款|救助|慰问|报销|费)$")
_SUM_NOUN = on_demand(r"(?:金|款|款项|待遇)”?$")
_DEED = on_demand(r"(?:以内|之内|内)(?:[,，])?(?P<deed>[\p{Han}“”]{2,12})")
_NAMES_SHARE = on_demand(r"(?:率|比例|占比|比重|度|费用|面|资金|标准|收入|总数|总量)$")
_ADVERB = on_demand(r"^(?:自动|就地|及时|立即|直接|一律|全部)(?=\p{Han}{2})")
_NAMES_TIME = on_demand(r"(?:时限|时间|期限|周期|时长|率)$")
_TARGET = on_demand(
    r"^(?:[,，])?(?:改扩建|新建|改造|建成|购买|修缮|用于|对|为|建设了?|支持|奖励|资助|补助|给)(?P<np>[^,，。;、\d]{2,24})"
)
_OBJECT = on_demand(r"^(?:已)?(?:享受|得到了?|领取了?|获得了?)(?P<np>[^,，。;、\d]{2,16})")
_CELL = on_demand(
    r"(?:^|[|\n])\s*(?P<name>\p{Han}[\p{Han}()]{1,14})\s*(?:\|\s*|\n\s*(?=\d))(?:[\d.,]+[\p{Han}/·]*\s*\|\s*)*$"
)
_WHOLE = on_demand(r"占(?!地|用|有)[^,，。;\d]{0,24}$")


def subject_of(slot: Slot) -> tuple[str | None, str]:
    """The subject in simplified characters, or None where the clause does not say it, and how it was found."""
    reading = slot.reading
    dimension = reading.unit.dimension
    if reading.unit.rule.noun:
        return reading.unit.canonical, "the unit"
    for find in _finders(slot, dimension):
        found = find(slot)
        if found is None or (reading.unit.canonical in _ALONE and not _is_people(found, slot.grammar)):
            continue
        if dimension == "count" and _verb_first(found, slot.grammar):
            continue
        if dimension == "money" and find is _in_front and found in _SPENDING:
            # 总投资5亿元的产业园, 投资36万元对食堂进行改造: what the sum pays for says more than that it was spent.
            better = next(((n, f) for f in _PAID_FOR if (n := f(slot))), None)
            if better is not None:
                return better[0], _HOW[better[1].__name__]
        if dimension == "money":
            found = _GIVING.sub("", found)
        return found, _HOW[find.__name__]
    return None, "unsaid"


def _verb_first(phrase: str, grammar: Grammar) -> bool:
    """Whether a phrase tells what somebody did, verb first (成立理事会)."""
    tokens = grammar.words.cut(phrase)
    return len(tokens) > 1 and grammar.words.is_verb(tokens[0])


_GIVING = on_demand(r"^(?:发放|给予|予以|拨付|支付|享受|领取|提供)(?=[\p{Han}“]{2})")
"""The verb of giving in front of the name of a benefit."""


def _finders(slot: Slot, dimension: Dimension) -> tuple[SubjectFinder, ...]:
    """Where to look for the subject, the surest place first."""
    if dimension != "percent":
        return _ORDER.get(dimension, (_in_front, _behind))
    front = _in_front(slot)
    if front and _NAMES_SHARE.search(front):
        return (_in_front,)
    if _BASE_OF.search(slot.text, slot.previous_end, slot.reading.start):
        # 按照本人工资的百分之一缴纳失业保险费: the whole is named in front, what is paid behind.
        return (_acted_on, _behind_of, _in_front, _behind)
    return (_behind_of, _in_front, _behind) if front else (_behind_of, _behind)


_SPENDING = frozenset(
    ["投资", "总投资", "投入", "总投入", "价值", "总价值", "出资", "支出", "计划投资", "预计投资", "项目总投资"]
)
"""Words that say no more of a sum than that it is spent."""


def share_subjects(text: str, quantities: Sequence[Quantity]) -> list[Quantity]:
    """Give the numbers that stand without a subject that of the neighbour they are said together with."""
    shared = list(quantities)
    for i in range(1, len(shared)):
        before, q = shared[i - 1], shared[i]
        if (
            q.subject is None
            and q.dimension == before.dimension == "money"
            and before.sentence[1] <= q.sentence[0] <= before.sentence[1] + 2
            and text.startswith("其中", q.sentence[0])
        ):
            # 筹集公益金600亿元。其中,上缴中央297亿元: the sentence tells of parts of the sum in front.
            shared[i] = q._replace(subject=before.subject)
            continue
        if q.subject is not None or before.subject is None or before.sentence != q.sentence:
            continue
        between = text[before.end : q.start]
        if before.unit == q.unit and len(between) <= 24 and "。" not in between:
            # A number of the same unit whose clause names nothing counts the same thing (受理线索326条,办结319条).
            shared[i] = q._replace(subject=before.subject)
            continue
        if _PEOPLE_PAIR.fullmatch(between) and {before.unit, q.unit} <= _BEINGS_UNITS:
            # 村民1372户,2900余人.
            shared[i] = q._replace(subject=before.subject)
            continue
        if "其中" in between and q.unit in _PERSONS and (whole := _whole_of(shared, i)) is not None:
            shared[i] = q._replace(subject=whole)
            continue
        if _JOINED.fullmatch(between) or (_COMPARES.fullmatch(between) and q.dimension != "age"):
            shared[i] = q._replace(subject=before.subject)
    for i in range(len(shared) - 2, -1, -1):
        q, behind = shared[i], shared[i + 1]
        if (
            q.subject is None
            and behind.subject is not None
            and _JOINED.fullmatch(text[q.end : behind.start])
            and q.sentence == behind.sentence
        ):
            shared[i] = q._replace(subject=behind.subject)
    return shared


def _whole_of(quantities: Sequence[Quantity], i: int) -> str | None:
    """What the people of whom 其中 names a part are: the subject of the nearest number of people in front in the sentence."""
    for q in reversed(quantities[:i]):
        if q.sentence != quantities[i].sentence:
            return None
        if q.unit in _PERSONS and q.subject is not None:
            return q.subject
    return None


_BEINGS_UNITS = frozenset(["人", "户", "名", "位"])
_PEOPLE_PAIR = on_demand(r"[,，、]?(?:共|约|近|计)?")
_JOINED = on_demand(
    r"(?:以上|以下|以内|左右)?(?:/[\p{Han}·./]{1,4})?\s?[、和与及(]?\s?(?:共|最高|最低|约|近|分别|不低于|不超过|最多|至少|增长|下降|增加|减少|提高|降低)?"
)
_COMPARES = on_demand(
    r"(?:以上|左右)?(?:/[\p{Han}·./]{1,4})?[,，](?:其中)?(?:分别)?(?:比|较|同比|环比|相比|增长|升幅|增幅|涨幅|降幅|增速|下降|提高|增加|减少|降低|上升|上涨|达到|占|压减|压缩|提升|缩短|累计|增|降|[^,，。;\d]{0,3}年均)[^,，。;\d]{0,22}(?:\d{4}年[^,，。;\d]{0,12})?"
)


_RESPECTIVE = on_demand(
    r"(?:^|(?<=[,，;。:!?\n”)\s]))(?:其中)?(?P<list>[^,，;。:!?\n\d]+?)(?:依次|分别)[^,，;。:!?\n\d、]{0,8}$"
)
_ITEM_SIGN = on_demand(r"[、和与及]")


def respective_subjects(text: str, quantities: Sequence[Quantity]) -> list[Quantity]:
    """Give the numbers of a respective list (甲、乙和丙分别为1项、2项和3项) the item that each belongs to."""
    shared = list(quantities)
    i = 0
    while i < len(shared):
        j = i
        while j + 1 < len(shared) and _LISTED.fullmatch(text, shared[j].end, shared[j + 1].start):
            j += 1
        if j > i:
            head = _RESPECTIVE.search(text, shared[i].sentence[0], shared[i].start)
            items = _ITEM_SIGN.split(head["list"]) if head else []
            benefit = shared[i].dimension == "money" and _MONEY_NOUN.search(shared[i].subject or "")
            if not benefit and len(items) == j - i + 1 and all(2 <= len(item) <= 20 for item in items[:-1]):
                for k, item in enumerate(items):
                    name = _trim(item)
                    if name is not None and text[shared[j].end : shared[j].end + 1] in ",，;。)!?、\n":
                        shared[i + k] = shared[i + k]._replace(subject=name)
        i = j + 1
    return shared


_LISTED = on_demand(r"(?:以上|以下|左右)?[、和与及]")


def _behind(slot: Slot) -> str | None:
    """The noun phrase that follows the number."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    lead = _LEAD.match(text, reading.end)
    start = lead.end() if lead else reading.end
    start += text[start : start + 1] == " "
    m = _WINDOW.match(text, start)
    if m is None:
        return None
    closing = text[m.end() : m.end() + 1]
    if closing == "、" and reading.unit.dimension == "count" and (named := _EXAMPLES.match(text, start)) is not None:
        # 低保对象、特困人员等困难群众: the items are examples of what stands behind 等.
        phrase = _opening(grammar.words.cut(named["np"]), grammar, closed=False)
        if phrase is not None:
            return phrase
    if closing == "(" and (bracket := _BRACKETED.match(text, m.end())) is not None:
        # 乡镇(街道)综合养老机构: the noun goes on behind the alternative in brackets.
        further = _WINDOW.match(text, bracket.end())
        cut = grammar.words.cut(further.group()) if further else ()
        phrase = _opening(cut, grammar, closed=False) if cut and not grammar.words.is_predicate(cut[0]) else None
        if phrase is not None and len(phrase) > 1:
            return phrase
    closed = closing in ",，;。!?、\n"
    whole = reading.unit.canonical in _NOUN_UNITS and not (lead and lead["de"])
    return _noun_behind(m.group(), closed, reading.unit.dimension == "count", whole, grammar)


_NOUN_UNITS = frozenset(["人", "人次", "户", "户次", "场次", "天", "年", "月", "小时", "分钟", "周"])
"""Units that are nouns by themselves: no noun need follow them."""
_PERSONS = frozenset(["人", "名", "位", "户", "口", "个人"])
_NUMERALS = frozenset("0123456789一二两三四五六七八九十百千万")
_ALONE = frozenset(["人", "口", "户"])
"""Units that say by themselves that people or households are counted: a subject of them is a noun of people."""
_BE = frozenset(["是", "为"])


_EXAMPLES = on_demand(
    r"[^,，。;:!?\d\n、的]{2,14}(?:、[^,，。;:!?\d\n、的]{2,14}){1,6}?等(?:\d+[类种项个]|各类|多种)?(?P<np>[^,，。;、\d\n]{2,20})"
)


def _deedless_behind(slot: Slot) -> str | None:
    """The phrase behind the number, if there is no verb in it."""
    phrase, words = _behind(slot), slot.grammar.words
    return (
        phrase if phrase and not any(words.is_predicate(t) or t in words.functions for t in words.cut(phrase)) else None
    )


def _names(token: str, grammar: Grammar) -> bool:
    """Whether a word is a noun that the lexicon knows, or one of those who act."""
    return grammar.lexicon.noun(token, grammar.words) is not None or _BEINGS.search(token) is not None


def _is_people(phrase: str, grammar: Grammar) -> bool:
    """Whether a phrase can name people: it does not end with a verb."""
    kind = grammar.lexicon.noun(phrase.replace("“", "").replace("”", ""), grammar.words)
    if kind is not None or _BEINGS.search(phrase) is not None or phrase.endswith("数"):
        return True
    return not grammar.words.is_predicate(grammar.words.cut(phrase)[-1])


def _thing_behind(slot: Slot) -> str | None:
    """What lasts so long, named right behind the time: 5年过渡期, 40多年党龄."""
    if slot.text[slot.reading.end : slot.reading.end + 1] in _MARKS:
        return None
    phrase = _behind(slot)
    return phrase if phrase and slot.grammar.lexicon.noun(phrase, slot.grammar.words) is not None else None


_CLAUSE_MARKS = frozenset(",，;。!?、\n")
_MODIFIES = frozenset("级类型性式")
_MARKS = frozenset(",，;。!?、\n()以之内后前")


@lru_cache(maxsize=_REMEMBERED)
def _noun_behind(window: str, closed: bool, counted: bool, whole: bool, grammar: Grammar) -> str | None:
    """The noun phrase at the head of what follows a number. `closed`: a mark of punctuation ends it; `counted`: the number counts;
    `whole`: its unit is a noun by itself, so that a verb behind it is the clause's (3000人参加, but 3000名参保人员)."""
    limit = grammar.bounds_before.search(window)
    if limit is not None and len(limit.group()) > 1:
        # The next number's bound is no part of the noun: 35岁以下青年不少于15%.
        window, closed = window[: limit.start()], True
    tokens = grammar.words.cut(window)
    if not tokens:
        return None
    if tokens[0] in _BE:
        # 162户是独居老人.
        tokens, whole = tokens[1:], False
        if not tokens or tokens[0][0] in _NUMERALS:
            return None
    acts = bool(tokens) and grammar.words.is_predicate(tokens[0])
    if tokens[-1] == "中":
        tokens, closed = tokens[:-1], True
        if acts and not whole and len(tokens) == 2 and _names(tokens[1], grammar):
            # 56个实施县中: behind a classifier a verb with one noun is a compound.
            return _trim("".join(tokens), behind=True)
    if whole and acts and "的" not in tokens:
        return None
    if acts and not whole and len(tokens) > 1 and _BEINGS.search(tokens[1]) is not None:
        # 三分之二的脱贫人口与企业…: a verb before a noun of people describes them.
        tokens = (tokens[0] + tokens[1], *tokens[2:])
        acts = False
    if counted and "的" in tokens[1:-1] and (acts or tokens[0] in grammar.words.functions):
        # A relative clause: 18种应用新药的疾病, 82个因灾断电的社区.
        at = len(tokens) - 1 - tokens[::-1].index("的")
        phrase = _opening(tokens[at + 1 :], grammar, closed=True)
        if phrase is not None:
            return phrase
    if "的" in tokens[1:-1] and counted:
        # 251个村的闲置农房: villages are counted; 2600名生活困难的老人: what stands before 的 only describes.
        head = tokens[: tokens.index("的")]
        verb = next((i for i, t in enumerate(head) if i and grammar.words.is_verb(t)), None)
        doer = [t for t in head[:verb] if t not in grammar.words.functions]
        if verb is not None and verb + 1 < len(head) and doer and not _names(doer[-1], grammar):
            # 4件县里自主确定标准的实事: a clause of its own stands in front of the noun.
            at = len(tokens) - 1 - tokens[::-1].index("的")
            return _opening(tokens[at + 1 :], grammar, closed=True)
        if (
            head
            and not grammar.words.is_nominal(head[-1])
            and not _DESCRIBES.search(head[-1])
            and not any(grammar.words.is_verb(t) or t in grammar.words.functions for t in head)
        ):
            return _trim("".join(head), behind=True)
    phrase = _opening(tokens, grammar, closed=closed)
    if phrase is None and "的" in tokens and (grammar.words.is_verb(tokens[0]) or grammar.words.is_nominal(tokens[0])):
        # A relative clause stands between: 270余人参加的培训班, 300名居住在辖区的老人.
        tail = tokens[len(tokens) - 1 - tokens[::-1].index("的") + 1 :]
        phrase = _opening(tail, grammar, closed=True)
    return phrase


def _opening(tokens: Sequence[str], grammar: Grammar, closed: bool) -> str | None:
    """The noun phrase at the head of a row of words. `closed`: a mark of punctuation ends the row."""
    kept: list[str] = []
    stopped = False
    for i, token in enumerate(tokens):
        if token == "的" and kept and i + 1 < len(tokens):
            kept.append(token)
            continue
        if token in _JOINING and kept and kept[-1][-1] in _MODIFIES and i + 1 < len(tokens):
            # 央级和省级媒体: two modifiers of one noun.
            kept.append(token)
            continue
        if (
            token.startswith("每")
            or token in grammar.words.functions
            or grammar.words.is_verb(token)
            or (kept and _BEINGS.search(kept[-1]) and grammar.words.is_predicate(token))
        ):
            stopped = True
            break
        kept.append(token)
    while kept and (kept[-1] in grammar.words.functions or kept[-1] == "的"):
        kept.pop()
    kept = _core(kept)
    if not kept:
        return None
    if all(grammar.words.is_nominal(t) for t in kept) and (stopped or not closed) and not _MONEY_NOUN.search(kept[-1]):
        return None
    if (
        stopped
        and len(kept) > 1
        and grammar.words.is_nominal(kept[-1])
        and not grammar.words.is_nominal(kept[-2])
        and len("".join(kept[:-1])) >= 2
    ):
        kept.pop()
    return _trim("".join(kept), behind=True)


def _behind_of(slot: Slot) -> str | None:
    """The noun behind 的: 80%的服务费用, 4个小时的时间币, 8至20课时不等的手语课程."""
    text, reading = slot.text, slot.reading
    lead = _LEAD.match(text, reading.end)
    if lead is None or lead["de"] is None:
        return None
    phrase = _behind(slot)
    return None if phrase in slot.grammar.generics or phrase in _AIMS else phrase


_AIMS = frozenset(["范围", "基础", "时间", "任务", "目标", "目标任务", "比例", "标准", "水平", "规模", "速度", "价格"])
"""Behind 的 they say of the number what it is to be, not what it counts."""


def _money_behind(slot: Slot) -> str | None:
    """What a sum is: 10万元启动资金, 1万元运营补助."""
    text, reading = slot.text, slot.reading
    phrase = _behind(slot)
    if (
        phrase is None
        or text[reading.end : reading.end + 1] in _CLAUSE_MARKS
        or text[reading.end : reading.end + 1] == "的"
    ):
        return None
    if _is_money(phrase, slot.grammar):
        return phrase
    # 捐赠20万元善款。: the noun fills the clause up to its mark; a verb there would be the clause's.
    behind = text.find(phrase, reading.end) + len(phrase)
    closed = text[behind : behind + 1] in _CLAUSE_MARKS
    return phrase if closed and slot.grammar.lexicon.noun(phrase, slot.grammar.words) is not None else None


_MONEY_CLASSES = frozenset({"fund", "grant", "spending"})


def _is_money(phrase: str, grammar: Grammar) -> bool:
    """Whether a phrase names a sum."""
    found = grammar.lexicon.noun(phrase, grammar.words)
    if _MONEY_NOUN.search(phrase) is not None or _SUM_NOUN.search(phrase) is not None:
        return True
    return found is not None and found.name in _MONEY_CLASSES


def _granted(slot: Slot) -> str | None:
    """The benefit that is granted by the sum: 按每人每年1200元发放误工补助."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    m = _GRANTED.match(text, reading.end)
    phrase = _opening(grammar.words.cut(m["np"]), grammar, closed=True) if m else None
    return phrase if phrase and _MONEY_NOUN.search(phrase) else None


_GRANTED = on_demand(
    r"(?:以内|以下)?(?:的标准|标准)?[,，]?(?:给予|发放|予以|支付|发给|提供|计发|享受|拨付)(?P<np>(?>[^,，。;\d]{2,14}))(?!\d)"
)


def _in_front(slot: Slot) -> str | None:
    """The noun phrase that the number follows."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    low = max(slot.previous_end, reading.start - _REACH)
    window = text[low : reading.start]
    if "(" in window:
        # What stands behind a bracket names the thing (镇(街道)服务平台覆盖率), unless it is only a verb: 资金(含各类补贴)支出.
        tail = _BRACKETED.split(window)[-1]
        window = (
            tail
            if any(not grammar.words.is_nominal(t) for t in grammar.words.cut(bare_end(tail, grammar)))
            else _BRACKETED.sub("", window)
        )
    mark = _TO_LAST_MARK.match(window)
    inner = bare_end(window[mark.end() :] if mark else window, grammar)
    if not inner and not window.strip() and (cell := _CELL.search(text, max(0, low - 40), reading.start)) is not None:
        # A table: the name stands in the cell before.
        inner = cell["name"]
    if not inner and mark is not None and window[mark.end() - 1] in ":|":
        # 拨款总金额:106万元 and cells of a table: the name stands before the mark.
        rest = window[: mark.end() - 1]
        before = _TO_LAST_MARK.match(rest)
        inner = bare_end(rest[before.end() :] if before else rest, grammar)
    whole = _WHOLE.search(inner) if "占" in inner else None
    if whole is not None:
        # 60岁以上人口占常住人口的23.4%: the part is named before 占.
        inner = bare_end(inner[: whole.start()], grammar)
    if not inner:
        return None
    dimension = reading.unit.dimension
    if dimension == "count" and text[reading.end : reading.end + 1].isdigit() and ("、" in window or "等" in window):
        # 康复护理等5大类47项服务: the list exemplifies what the next number counts.
        return None
    return _noun_in_front(inner, dimension, reading.unit.canonical in _PERSONS, grammar)


@lru_cache(maxsize=_REMEMBERED)
def _noun_in_front(inner: str, dimension: Dimension, whole: bool, grammar: Grammar) -> str | None:
    """The noun phrase at the end of a stretch that a number of this dimension follows."""
    kept, verb_stop = _words_in_front(list(grammar.words.cut(inner)), dimension, grammar)
    kept = _core(kept)
    if not verb_stop:
        kept = _without_own_verb(kept, dimension, grammar)
    if len(kept) > 1 and len(kept[-1]) > 1 and grammar.words.is_predicate(kept[-1]) and dimension != "duration":
        kept = kept[:-1]
    kept = _core(kept)
    phrase = "".join(kept)
    if (whole or (dimension == "money" and not _MONEY_NOUN.search(phrase))) and _is_deed(kept, grammar):
        # 慰问35人, 销售60亿元: a verb says who or what was counted, but names nothing.
        return None
    if "的" in phrase:
        tail = phrase.rsplit("的", 1)[1]
        phrase = phrase if tail in grammar.generics or len(tail) < 2 else tail
    found = _trim(phrase)
    return None if found is None or _PLACE.fullmatch(found) else found


def _is_deed(tokens: Sequence[str], grammar: Grammar) -> bool:
    """Whether a phrase is nothing but verbs, and no noun of the lexicon."""
    words = grammar.words
    if not tokens or not all(words.is_predicate(t) or words.is_nominal(t) for t in tokens):
        return False
    return grammar.lexicon.noun("".join(tokens), grammar.words) is None


_PLACE = on_demand(
    r"\p{Han}{1,8}(?:省|自治[区州县]|(?<![城超夜])市|(?<=\p{Han})县|(?<![社小片园景校辖山库地]|服务|行政|功能|开发)区|自治旗)|我国|全国|中央(?:财政)?|地方(?:财政)?|国家|[省市县区乡镇各本]级(?:财政)?|当年|基础|这边|那边|这里|这样|而且|年满|满"
)
"""A place, or a word that points: who did it or when, never what is counted."""


def _words_in_front(tokens: list[str], dimension: Dimension, grammar: Grammar) -> tuple[list[str], bool]:
    """The words right in front of a number up to what ends the noun phrase, and whether that is a verb."""
    words = grammar.words
    kept: list[str] = []
    while tokens:
        token = tokens.pop()
        if token in ("的", "之") and kept:
            kept.insert(0, token)
        elif token.startswith("每") or (
            kept and dimension == "money" and _MONEY_NOUN.search(kept[-1]) and token in _RECIPIENTS
        ):
            if token == "每" and kept and kept[0] in _CLASSIFIERS:
                kept.pop(0)
            break
        elif words.is_verb(token):
            names = (dimension == "percent" and token in _PAYS) or (
                dimension == "duration" and bool(tokens) and token not in _LASTS
            )
            if kept or not names:
                return kept, True
            kept.insert(0, token)
        elif token in words.functions and token not in _JOINING:
            is_deed = bool(kept) and dimension == "count" and all(words.is_nominal(t) for t in kept)
            if not (is_deed and token in _TOTALS and tokens and not words.is_verb(tokens[-1])):
                break
            # 城市低保累计保障11402人次: what is in front of the adverb is what the verb speaks of.
            kept = []
        elif token == " " and kept:
            break
        else:
            kept.insert(0, token)
    return kept, False


def _without_own_verb(kept: list[str], dimension: Dimension, grammar: Grammar) -> list[str]:
    """The phrase without the verb of its clause, where no word that is only a verb ended it (共调解合同纠纷25起)."""
    words = grammar.words
    nominal = [words.is_nominal(t) for t in kept]
    if dimension in ("count", "money") and nominal[:1] == [True] and not all(nominal):
        kept = kept[1:]
    if len(kept) > 1 and kept[0] != "的" and words.is_predicate(kept[0]) and len(kept[0]) > 1 and "的" not in kept:
        return kept[1:]
    if len(kept) > 2 and len(kept[1]) > 1 and words.is_predicate(kept[1]) and _PLACE_LIKE.search(kept[0]):
        return kept[2:]
    return kept


_LASTS = frozenset(
    [
        "历时",
        "用",
        "用时",
        "为期",
        "连续",
        "历经",
        "持续",
        "提前",
        "分",
        "享受",
        "可享受",
        "获得",
        "提供",
        "给予",
        "满",
        "超过",
        "达",
        "达到",
    ]
)
_PAYS = frozenset(["承担", "负担", "报销", "减免", "补助", "自付", "支付"])
_PLACE_LIKE = on_demand(r"(?:当地|[县市区镇村省乡]里?|街道|全域)$")
_LEADING = frozenset(
    [
        "有",
        "的",
        "等",
        "了",
        "着",
        "过",
        "各",
        "由",
        "该",
        "其",
        "共",
        "已",
        "并",
        "以及",
        "还",
        "对",
        "为",
        "在",
        "把",
        "将",
        "向",
        "会",
        "再",
        "约",
        "近",
        "超",
        "设有",
        "是",
        "至少",
        "最多",
        "现",
        "现有",
        "村里",
        "镇里",
        "当地",
        "按",
    ]
)
_TRAILING = frozenset(
    [
        "的",
        "了",
        "约",
        "近",
        "超",
        "共",
        "已",
        "为",
        "达",
        "是",
        "有",
        "至",
        "到",
        "共计",
        "合计",
        "总计",
        "累计",
        "分别",
        "均",
        "在",
        "由",
        "从",
        "总数",
        "总量",
        "并",
        "仅",
        "全年",
        "期间",
        "最多",
        "最高",
        "会",
        "却",
        "将",
        "亦",
        "也",
        "每年",
        "每",
        "年",
        "月",
        "时",
        "后",
        "按",
        "按月",
    ]
)
_CLASSIFIERS = frozenset("个名位户家所处张支间套座条件项只块片辆台对宗份")
_TOTALS = frozenset(["累计", "共", "共计", "合计", "总计", "已", "实际", "全年"])
_RECIPIENTS = frozenset(["老人", "老年人", "儿童", "对象", "家庭", "户籍老人"])
_JOINING = frozenset(["和", "与", "及", "或", "等", "、"])


def _object(slot: Slot) -> str | None:
    """What so many people receive: 25559人享受城乡低保."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    if reading.unit.canonical in _PERSONS:
        return None
    m = _OBJECT.match(text[reading.end : slot.clause[1]])
    return _opening(grammar.words.cut(m["np"]), grammar, closed=True) if m else None


def _topic(slot: Slot) -> str | None:
    """What the sentence opens with, where the number's own clause has a verb and nothing else (床位从无到有,已建成3100张)."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    if not _BARE_VERB.fullmatch(text, slot.clause[0], reading.start) or slot.previous_end != slot.clause[0]:
        return None
    before = max((text.rfind(c, slot.sentence.start, slot.clause[0] - 1) for c in ",，;"), default=-1)
    m = _WINDOW.match(text, max(before + 1, slot.sentence.start))
    return _opening(grammar.words.cut(m.group()), grammar, closed=False) if m and m.end() < reading.start else None


def _own_topic(slot: Slot) -> str | None:
    """What the clause is about, where its verb has no other object: 保障房已开工1.8万套. One who acts is not what is counted."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    behind = text[reading.end : reading.end + 2]
    if slot.previous_end != slot.clause[0] or behind[:1] not in _CLAUSE_MARKS or behind[1:] in _NUMERALS:
        # Another number right behind: the noun that both count may follow that one.
        return None
    m = _WINDOW.match(text, slot.clause[0])
    phrase = _opening(grammar.words.cut(m.group()), grammar, closed=False) if m else None
    kind = grammar.lexicon.noun(phrase, grammar.words) if phrase else None
    return None if kind is None or kind.name in _ACTS else phrase


_ACTS = frozenset(["person", "household", "body", "institution", "territory"])
"""Classes of nouns that name who acts."""
_BARE_VERB = on_demand(
    r"(?:目前|现|已|共|累计|总数)*(?:建成|达到|达|增加到|增至|发展到|新增|拥有|有|完成|超过|突破)(?:了|约|近)?"
)


def _target(slot: Slot) -> str | None:
    """What a sum is spent on: 投资36万元对老年食堂进行改造."""
    text, reading, grammar = slot.text, slot.reading, slot.grammar
    m = _TARGET.match(text[reading.end : slot.clause[1]])
    return _opening(grammar.words.cut(m["np"]), grammar, closed=False) if m else None


def _deed(slot: Slot) -> str | None:
    """What is done within a time: 24小时内先行救助. A time that is itself the topic (办理时限) goes before."""
    text, reading = slot.text, slot.reading
    m = _DEED.match(text, reading.end)
    if m is None:
        return None
    topic = _in_front(slot)
    if topic and _NAMES_TIME.search(topic):
        return topic
    deed = _ADVERB.sub("", m["deed"]) if topic else m["deed"]
    return f"{topic or ''}{deed}"


def _before_comma(slot: Slot) -> str | None:
    """The topic of the clause in front: 幸福院是民生项目之一,总投资20万元."""
    text, start = slot.text, slot.clause[0]
    if slot.previous_end != start or start == slot.sentence.start:
        return None
    before = max((text.rfind(c, slot.sentence.start, start - 1) for c in ",，;"), default=-1)
    m = _WINDOW.match(text, max(before + 1, slot.sentence.start))
    phrase = _opening(slot.grammar.words.cut(m.group()), slot.grammar, closed=False) if m else None
    kind = slot.grammar.lexicon.noun(phrase, slot.grammar.words) if phrase else None
    return (
        phrase if kind is not None and kind.name in ("facility", "project", "institution", "thing", "event") else None
    )


_BASE_OF = on_demand(r"(?:按照?|以)(?!年|月|期|时)[^,，。;:]{2,24}(?:的|总数|总额)$")


def _acted_on(slot: Slot) -> str | None:
    """The object of the verb right behind the number."""
    text, reading, words = slot.text, slot.reading, slot.grammar.words
    lead = _LEAD.match(text, reading.end)
    m = _WINDOW.match(text, lead.end() if lead else reading.end)
    tokens = list(words.cut(m.group())) if m else []
    at = next((i for i, t in enumerate(tokens) if t not in words.functions), len(tokens))
    if at >= len(tokens) - 1 or not words.is_predicate(tokens[at]):
        return None
    return _opening(tokens[at + 1 :], slot.grammar, closed=True)


def _before_change(slot: Slot) -> str | None:
    """What the clause in front ends with, where the number's own names nothing: 增加免税额,由现时3万元增至4万元.

    A verb said again names nothing either: 按比例提取互助金,累计提取687万元.
    """
    text, start = slot.text, slot.clause[0]
    if slot.previous_end != start or start == slot.sentence.start:
        return None
    before = max((text.rfind(c, slot.sentence.start, start - 1) for c in ",，;。"), default=-1)
    inner = text[max(before + 1, slot.sentence.start) : start - 1]
    said = bare_end(text[start : slot.reading.start], slot.grammar).strip()
    for adverb in _TOTALS:
        said = said.removeprefix(adverb)
    if not inner or (said and said not in inner):
        return None
    phrase = _noun_in_front(bare_end(inner, slot.grammar), slot.reading.unit.dimension, False, slot.grammar)
    return phrase if phrase and _is_money(phrase, slot.grammar) else None


def _measure_in_front(slot: Slot) -> str | None:
    """The extent that the number is of, named in front of it: 建筑面积, 海拔."""
    phrase = _in_front(slot)
    return phrase if phrase and _EXTENT.search(phrase) else None


_EXTENT = on_demand(r"(?:面积|海拔|里程|半径|高度|长度|宽度|距离|全长|总长)$")
_ORDER: Mapping[Dimension, tuple[SubjectFinder, ...]] = {
    "count": (_behind, _in_front, _object, _topic, _own_topic),
    "age": (_behind, _in_front, _object, _topic, _own_topic),
    "money": (_money_behind, _granted, _in_front, _behind_of, _target, _before_change, _own_topic),
    "duration": (_deed, _behind_of, _thing_behind, _in_front, _deedless_behind),
    "area": (_measure_in_front, _behind_of, _thing_behind, _in_front, _behind),
    "multiple": (_behind_of, _in_front, _behind),
    "length": (_measure_in_front, _behind_of, _thing_behind, _in_front, _behind),
}
_PAID_FOR: tuple[SubjectFinder, ...] = (_behind_of, _target, _before_comma)
_HOW = {
    "_behind": "the phrase behind the number",
    "_behind_of": "the phrase behind 的",
    "_money_behind": "what the sum is",
    "_granted": "the benefit granted",
    "_in_front": "the phrase before the number",
    "_object": "what is received",
    "_topic": "the topic of the sentence",
    "_target": "what the sum is for",
    "_before_comma": "the topic of the clause before",
    "_thing_behind": "the noun right behind the number",
    "_deedless_behind": "the phrase behind the number",
    "_measure_in_front": "the extent named before the number",
    "_acted_on": "the object of the verb behind",
    "_before_change": "what the clause before ends with",
    "_own_topic": "the topic of the clause",
    "_deed": "the deed within the time",
}


@lru_cache(maxsize=_REMEMBERED)
def bare_end(window: str, grammar: Grammar) -> str:
    """A window without what stands between a thing and its value at its end: 达到, 约, 每人每月, 由."""
    while True:
        window = window.rstrip(" “(、")
        m = _RATE_TAIL.search(window) if "每" in window or window.endswith("均") else None
        if m is None and (link := grammar.links.start(window)) is not None:
            window = window[:link]
            continue
        # Most windows end with none of these; what a pattern cannot do without is looked for before the pattern.
        if m is None and window[-1:] in grammar.bounds_ends:
            m = next(
                (b for b in grammar.bounds_before.finditer(window, max(0, len(window) - 4)) if b.end() == len(window)),
                None,
            )
        if m is None and ("由" in window or "从" in window):
            m = _FROM_TAIL.search(window)
        if m is None and ("比" in window or "较" in window or window[-1:] == "的"):
            m = _COMPARED_TAIL.search(window)
        if m is not None and m.end() == len(window) and m.end() > m.start():
            window = window[: m.start()]
        elif window.endswith("的"):
            window = window[:-1]
        else:
            return window


def _core(tokens: Sequence[str]) -> list[str]:
    """The words of a phrase without adverbs, links and particles at its ends."""
    kept = list(tokens)
    while kept and (kept[0] in _LEADING or kept[0] in _JOINING or _PREFIX.fullmatch(kept[0])):
        kept.pop(0)
    while kept and (kept[-1] in _TRAILING or kept[-1] in _JOINING):
        kept.pop()
    return kept


def _trim(phrase: str, behind: bool = False) -> str | None:
    prefix = _PREFIX.match(phrase)
    if prefix is not None:
        phrase = phrase[prefix.end() :]
    if phrase[-1:] in _SUFFIX_ENDS:
        phrase = _SUFFIX.sub("", phrase)
    if phrase.count("(") != phrase.count(")"):
        phrase = phrase.rsplit("(", 1)[-1].replace(")", "")
    if phrase.count("“") != phrase.count("”"):
        phrase = phrase.replace("“", "").replace("”", "")
    phrase = phrase.strip(" ,、的")
    if phrase.endswith(_HEADCOUNT) and _BEINGS.search(phrase[:-2]) is not None:
        # 党员人数 counts 党员; 参保人数 has no shorter name.
        phrase = phrase[:-2]
    if (
        not phrase
        or (len(phrase) == 1 and phrase not in _SHORT and not (behind and phrase in _TERRITORIES))
        or not _HAN.search(phrase)
        or (_NO_NOUN.match(phrase) and not (behind and phrase in _TERRITORIES))
    ):
        return None
    return phrase
