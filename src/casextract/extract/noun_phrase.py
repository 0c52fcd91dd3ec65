"""Noun phrases beside a number: where one begins and ends in a row of words, what it names, and what is no noun at
all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from casextract.extract.grammar import Grammar
from casextract.records import Dimension
from casextract.rulebook.patterns import on_demand

_REMEMBERED = 1 << 14
"""Phrases whose analysis is kept: articles of a genre repeat them."""
_HAN = on_demand(r"\p{Han}")
BRACKETED = on_demand(r"\([^()]*\)")
TO_LAST_MARK = on_demand(r"[\s\S]*[.,，;:。!?、\n|]")
_FROM_TAIL = on_demand(r"(?:将|会)?(?:为由|由|从(?![业事军]))[\p{Han}\d\s()]{0,14}$")
_SUFFIX = on_demand(r"(?:的|了|等|(?<=津贴|金额|标准)会)+$")
_SUFFIX_ENDS = frozenset("的了等会")
_HEADCOUNT = ("人数", "户数")
_SHORT = frozenset("村镇乡户床站课")
_TERRITORIES = frozenset("市县区省国")
# Nouns that act: a verb behind them is the sentence's (学生走进乡村), not part of their name.
_SUM_NOUN = on_demand(r"(?:金|款|款项|待遇)”?$")


PEOPLE_CLASSES = frozenset(["person", "household"])
"""Classes of nouns that name people."""


def is_person(phrase: str, grammar: Grammar) -> bool:
    """Whether a phrase ends with a noun of people."""
    kind = grammar.lexicon.noun(phrase, grammar.words)
    return (kind is not None and kind.name in PEOPLE_CLASSES) or grammar.phrases.beings.search(phrase) is not None


AGENTS = PEOPLE_CLASSES | {"body", "institution", "territory"}
"""Classes of nouns that name who acts."""


def agent_and_verb(phrase: str, grammar: Grammar) -> bool:
    """Whether a phrase tells who did something (多家企业捐赠), so that it names no sum."""
    words, tokens = grammar.words, grammar.words.cut(phrase)
    last = len(tokens) - 1
    if (
        last < 1
        or not (words.is_nominal(tokens[last]) or words.is_predicate(tokens[last]))
        or is_money(phrase, grammar)
    ):
        return False
    while last > 1 and (words.is_nominal(tokens[last - 1]) or words.is_predicate(tokens[last - 1])):
        last -= 1
    kind = grammar.lexicon.noun("".join(tokens[:last]), words)
    return kind is not None and kind.name in AGENTS and "".join(tokens[:last]).endswith(kind.word)


def only_verbs(phrase: str, grammar: Grammar) -> bool:
    """Whether a phrase in front of a sum is nothing but the verb that governs it: 投资, 销售, 申请."""
    words, tokens = grammar.words, grammar.words.cut(phrase)
    if len(tokens) > 1 and (not words.is_predicate(tokens[0]) or grammar.lexicon.noun(phrase, words) is not None):
        return False
    return all((len(t) > 1 and words.is_predicate(t)) or words.is_nominal(t) for t in tokens) and not is_money(
        phrase, grammar
    )


def verb_first(phrase: str, grammar: Grammar) -> bool:
    """Whether a phrase tells what somebody did, verb first (成立理事会)."""
    tokens = grammar.words.cut(phrase)
    return len(tokens) > 1 and grammar.words.is_verb(tokens[0])


def names_nothing(window: str, grammar: Grammar) -> bool:
    """Whether nothing but a verb of reaching or giving stands in front of a number (累计建成, 每人每月可领)."""
    bare = bare_end(window, grammar).strip(" ,，;的")
    return not bare or grammar.phrases.bare_verb.fullmatch(bare) is not None or _GIVEN.fullmatch(bare) is not None


_GIVEN = on_demand(
    r"(?:其中|另|再|还|可|则|均|各|按|每\p{Han}{1,3})*(?:有|领取?|得|获|给予|发放|补助|补贴|奖励|增加|建|建成|提供|完成|享受|缴纳|自付)?"
)
PERSONS = frozenset(["人", "名", "位", "户", "口", "个人"])
NUMERALS = frozenset("0123456789一二两三四五六七八九十百千万")
_BE = frozenset(["是", "为"])
_WHERE = frozenset(["在", "对", "从", "向", "被", "已", "通过", "均", "都", "分别"])


def names(token: str, grammar: Grammar) -> bool:
    """Whether a word is a noun that the lexicon knows, or one of those who act."""
    return grammar.lexicon.noun(token, grammar.words) is not None or grammar.phrases.beings.search(token) is not None


def is_people(phrase: str, grammar: Grammar) -> bool:
    """Whether a phrase can name people: it does not end with a verb."""
    kind = grammar.lexicon.noun(phrase.replace("“", "").replace("”", ""), grammar.words)
    if kind is not None or grammar.phrases.beings.search(phrase) is not None or phrase.endswith("数"):
        return True
    return not grammar.words.is_predicate(grammar.words.cut(phrase)[-1])


CLAUSE_MARKS = frozenset(",，;。!?、\n")
_MODIFIES = frozenset("级类型性式")


@lru_cache(maxsize=_REMEMBERED)
def noun_behind(window: str, closed: bool, counted: bool, whole: bool, grammar: Grammar) -> str | None:
    """The noun phrase at the head of what follows a number. `closed`: a mark of punctuation ends it; `counted`: the
    number counts; `whole`: its unit is a noun by itself, so that a verb behind it is the clause's (3000人参加, but
    3000名参保人员)."""
    limit = grammar.bounds_before.search(window)
    if limit is not None and len(limit.group()) > 1:
        # The next number's bound is no part of the noun: 35岁以下青年不少于15%.
        window, closed = window[: limit.start()], True
    tokens = grammar.words.cut(window)
    if tokens and tokens[0] in _BE:
        # 162户是独居老人.
        tokens, whole = tokens[1:], False
        if tokens and tokens[0][0] in NUMERALS:
            return None
    if not tokens:
        return None
    acts = grammar.words.is_predicate(tokens[0])
    if tokens[-1] == "中":
        tokens, closed = tokens[:-1], True
        if acts and not whole and len(tokens) == 2 and names(tokens[1], grammar):
            # 56个实施县中: behind a classifier a verb with one noun is a compound.
            return trim("".join(tokens), grammar, behind=True)
    if whole and ((acts and "的" not in tokens) or (tokens and tokens[0] in _WHERE)):
        # 3000人参加, 87人在城区的小学读书: the verb of the clause follows.
        return None
    if acts and not whole and len(tokens) > 1 and grammar.phrases.beings.search(tokens[1]) is not None:
        # 三分之二的脱贫人口与企业…: a verb before a noun of people describes them.
        tokens, acts = (tokens[0] + tokens[1], *tokens[2:]), False
    if counted and "的" in tokens[1:-1]:
        described, phrase = _around_de(tokens, acts, closed, grammar)
        if described:
            return phrase
    phrase = opening(tokens, grammar, closed=closed)
    if phrase is None and "的" in tokens and (grammar.words.is_verb(tokens[0]) or grammar.words.is_nominal(tokens[0])):
        # A relative clause stands between: 270余人参加的培训班, 300名居住在辖区的老人.
        phrase = opening(_behind_last_de(tokens), grammar, closed=True)
    return phrase


def _behind_last_de(tokens: Sequence[str]) -> Sequence[str]:
    """The words behind the last 的."""
    return tokens[len(tokens) - tokens[::-1].index("的") :]


def _around_de(tokens: Sequence[str], acts: bool, closed: bool, grammar: Grammar) -> tuple[bool, str | None]:
    """Whether 的 in a phrase behind a count tells what is counted, and that: the noun in front of it or the one behind.

    `acts`: the phrase begins with a verb; `closed`: a mark of punctuation ends it.
    """
    words = grammar.words
    if acts or tokens[0] in words.functions or _described(tokens, grammar):
        # A relative clause: 18种应用新药的疾病, 82个因灾断电的社区.
        phrase = opening(_behind_last_de(tokens), grammar, closed=True)
        if phrase is not None:
            return True, phrase
    # 251个村的闲置农房: villages are counted; 2600名生活困难的老人: what stands before 的 only describes.
    at = tokens.index("的")
    head = tokens[:at]
    if grammar.phrases.aspect.fullmatch("".join(head)) is not None:
        # 5个方面的问题: an aspect is of the thing that is counted.
        return True, opening(tokens[at + 1 :], grammar, closed=closed)
    if _is_clause(head, grammar):
        return True, opening(_behind_last_de(tokens), grammar, closed=True)
    noun = head and not words.is_nominal(head[-1]) and not grammar.phrases.describes.search(head[-1])
    if noun and not any(words.is_verb(t) or t in words.functions for t in head):
        return True, trim("".join(head), grammar, behind=True)
    return False, None


def _is_clause(head: Sequence[str], grammar: Grammar) -> bool:
    """Whether the words in front of 的 are a clause of their own: 4件县里自主确定标准的实事."""
    words = grammar.words
    verb = next((i for i, t in enumerate(head) if i and words.is_verb(t)), None)
    doer = [t for t in head[:verb] if t not in words.functions]
    return verb is not None and verb + 1 < len(head) and bool(doer) and not names(doer[-1], grammar)


def _described(tokens: Sequence[str], grammar: Grammar) -> bool:
    """Whether what stands in front of 的 says of a noun how it is: 10位家庭困难成绩优异的学生."""
    at, words = tokens.index("的", 1), grammar.words
    if at < 2 or not words.is_adjective(tokens[at - 1]) or names(tokens[at - 1], grammar):
        return False
    return not any(words.is_predicate(t) or t in words.functions for t in tokens[: at - 1])


def opening(tokens: Sequence[str], grammar: Grammar, closed: bool) -> str | None:
    """The noun phrase at the head of a row of words. `closed`: a mark of punctuation ends the row."""
    kept: list[str] = []
    stopped = False
    for i, token in enumerate(tokens):
        if token == "的" and kept and i + 1 < len(tokens):
            kept.append(token)
            continue
        if token in JOINING and kept and kept[-1][-1] in _MODIFIES and i + 1 < len(tokens):
            # 央级和省级媒体: two modifiers of one noun.
            kept.append(token)
            continue
        if (
            token.startswith("每")
            or token in grammar.words.functions
            or grammar.words.is_verb(token)
            or (kept and grammar.phrases.beings.search(kept[-1]) and grammar.words.is_predicate(token))
        ):
            stopped = True
            break
        kept.append(token)
    while kept and (kept[-1] in grammar.words.functions or kept[-1] == "的"):
        kept.pop()
    kept = _core(kept, grammar)
    if not kept:
        return None
    if (
        all(grammar.words.is_nominal(t) for t in kept)
        and (stopped or not closed)
        and not grammar.phrases.money_noun.search(kept[-1])
        and (len(kept) == 1 or grammar.lexicon.noun("".join(kept), grammar.words) is None)
    ):
        return None
    if (
        stopped
        and len(kept) > 1
        and grammar.words.is_nominal(kept[-1])
        and not grammar.words.is_nominal(kept[-2])
        and len("".join(kept[:-1])) >= 2
    ):
        kept.pop()
    return trim("".join(kept), grammar, behind=True)


_MONEY_CLASSES = frozenset({"fund", "grant", "spending"})


def is_money(phrase: str, grammar: Grammar) -> bool:
    """Whether a phrase names a sum."""
    found = grammar.lexicon.noun(phrase, grammar.words)
    if grammar.phrases.money_noun.search(phrase) is not None or _SUM_NOUN.search(phrase) is not None:
        return True
    return found is not None and found.name in _MONEY_CLASSES


@lru_cache(maxsize=_REMEMBERED)
def noun_in_front(inner: str, dimension: Dimension, whole: bool, grammar: Grammar) -> str | None:
    """The noun phrase at the end of a stretch that a number of this dimension follows."""
    kept, verb_stop = _words_in_front(list(grammar.words.cut(inner)), dimension, grammar)
    kept = _core(kept, grammar)
    if not verb_stop:
        kept = _without_own_verb(kept, dimension, grammar)
    if len(kept) > 1 and len(kept[-1]) > 1 and grammar.words.is_predicate(kept[-1]) and dimension != "duration":
        kept = kept[:-1]
    kept = _core(kept, grammar)
    phrase = "".join(kept)
    if (whole or (dimension == "money" and not grammar.phrases.money_noun.search(phrase))) and _is_deed(kept, grammar):
        # 慰问35人, 销售60亿元: a verb says who or what was counted, but names nothing.
        return None
    if "的" in phrase:
        tail = phrase.rsplit("的", 1)[1]
        phrase = phrase if tail in grammar.generics or len(tail) < 2 else tail
    found = trim(phrase, grammar)
    return None if found is None or grammar.phrases.place_or_pointer.fullmatch(found) else found


def _is_deed(tokens: Sequence[str], grammar: Grammar) -> bool:
    """Whether a phrase is nothing but verbs, and no noun of the lexicon."""
    words = grammar.words
    if not tokens or not all(words.is_predicate(t) or words.is_nominal(t) for t in tokens):
        return False
    return grammar.lexicon.noun("".join(tokens), grammar.words) is None


def _words_in_front(tokens: list[str], dimension: Dimension, grammar: Grammar) -> tuple[list[str], bool]:
    """The words right in front of a number up to what ends the noun phrase, and whether that is a verb."""
    words = grammar.words
    kept: list[str] = []
    while tokens:
        token = tokens.pop()
        if token in ("的", "之") and kept:
            kept.insert(0, token)
        elif token.startswith("每") or (
            kept and dimension == "money" and grammar.phrases.money_noun.search(kept[-1]) and token in _RECIPIENTS
        ):
            if token == "每" and kept and kept[0] in _CLASSIFIERS:
                kept.pop(0)
            break
        elif words.is_verb(token):
            if (
                dimension == "duration"
                and token not in _LASTS
                and grammar.phrases.names_time.fullmatch("".join(kept)) is not None
            ):
                # 办理时间: the deed is part of the name.
                kept.insert(0, token)
                continue
            names = (dimension == "percent" and token in _PAYS) or (
                dimension == "duration" and bool(tokens) and token not in _LASTS
            )
            if kept or not names:
                return kept, True
            kept.insert(0, token)
        elif token in words.functions and token not in JOINING:
            is_deed = bool(kept) and dimension == "count" and all(words.is_nominal(t) for t in kept)
            if not (is_deed and token in TOTALS and tokens and not words.is_verb(tokens[-1])):
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
    if dimension == "duration" and len(kept) == 2 and grammar.phrases.names_time.search(kept[-1]):
        # 缴费时间, 办理时限: what takes the time is part of the name.
        return kept
    if len(kept) == 2 and kept[-1] in grammar.generics and grammar.phrases.money_noun.search(kept[-1]) is None:
        # 签约金额: the deed says what the sum is of.
        return kept
    if dimension in ("count", "money") and nominal[:1] == [True] and not all(nominal):
        kept = kept[1:]
    if len(kept) > 1 and kept[0] != "的" and words.is_predicate(kept[0]) and len(kept[0]) > 1 and "的" not in kept:
        return kept[1:]
    if (
        len(kept) > 2
        and len(kept[1]) > 1
        and words.is_predicate(kept[1])
        and grammar.phrases.place_like.search(kept[0])
    ):
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
TOTALS = frozenset(["累计", "共", "共计", "合计", "总计", "已", "实际", "全年"])
_RECIPIENTS = frozenset(["老人", "老年人", "儿童", "对象", "家庭", "户籍老人"])
JOINING = frozenset(["和", "与", "及", "或", "等", "、"])


def tells(phrase: str, grammar: Grammar) -> bool:
    """Whether there is a verb in the phrase, or a word that no noun has in it."""
    words = grammar.words
    return any(words.is_predicate(t) or t in words.functions for t in words.cut(phrase))


@lru_cache(maxsize=_REMEMBERED)
def bare_end(window: str, grammar: Grammar) -> str:
    """A window without what stands between a thing and its value at its end: 达到, 约, 每人每月, 由."""
    while True:
        window = window.rstrip(" “(、")
        m = grammar.phrases.rate_tail.search(window) if "每" in window or window.endswith("均") else None
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
            m = grammar.phrases.compared_tail.search(window)
        if m is not None and m.end() == len(window) and m.end() > m.start():
            window = window[: m.start()]
        elif window.endswith("的"):
            window = window[:-1]
        else:
            return window


def _core(tokens: Sequence[str], grammar: Grammar) -> list[str]:
    """The words of a phrase without adverbs, links and particles at its ends."""
    kept = list(tokens)
    while kept and (kept[0] in _LEADING or kept[0] in JOINING or grammar.phrases.phrase_prefix.fullmatch(kept[0])):
        kept.pop(0)
    while kept and (kept[-1] in _TRAILING or kept[-1] in JOINING):
        kept.pop()
    return kept


def trim(phrase: str, grammar: Grammar, behind: bool = False) -> str | None:
    """The phrase without words of time and scope, particles and halves of brackets; None if no noun is left.

    `behind`: it stands behind its number, where one character can be a noun (16市).
    """
    prefix = grammar.phrases.phrase_prefix.match(phrase)
    if prefix is not None:
        phrase = phrase[prefix.end() :]
    if phrase[-1:] in _SUFFIX_ENDS:
        phrase = _SUFFIX.sub("", phrase)
    if phrase.count("(") != phrase.count(")"):
        phrase = phrase.rsplit("(", 1)[-1].replace(")", "")
    if phrase.count("“") != phrase.count("”"):
        phrase = phrase.replace("“", "").replace("”", "")
    phrase = phrase.strip(" ,、的")
    if phrase.endswith(_HEADCOUNT) and grammar.phrases.beings.search(phrase[:-2]) is not None:
        # 党员人数 counts 党员; 参保人数 has no shorter name.
        phrase = phrase[:-2]
    if (
        not phrase
        or (len(phrase) == 1 and phrase not in _SHORT and not (behind and phrase in _TERRITORIES))
        or not _HAN.search(phrase)
        or (grammar.phrases.no_noun.match(phrase) and not (behind and phrase in _TERRITORIES))
    ):
        return None
    return phrase
