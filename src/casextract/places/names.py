"""How names of places stand in running text: what may be before and behind one, and what is named below the county."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_split = str.split

HAN = re.compile(r"[\u3400-\u9fff]")
BLANKS: Final = " \u3000\xa0·"
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
CORPS = re.compile(r"生产建设兵团(?:第[一二三四五六七八九十]+师)?")

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
TOWNSHIP = re.compile(
    rf"(?!城[和与内区里乡镇市中建管]|(?:中心|重点|建制|小)?[乡城街村集]?镇|镇?街道|乡[镇村])"
    rf"{_NO_STOP}{{1,9}}?(?:街道(?!经济|社区)|乡(?![镇村愁情贤音土亲])|镇(?![镇街区政])|镇(?=街道办)|苏木|嘎查)"
)
VILLAGE = re.compile(
    rf"(?!社区|农村|乡村|行政村|村){_NO_STOP}{{1,6}}?(?:社区(?!服务|工作|治理|居民|养老|社会|党)|村(?![级民居庄落务]))"
)
AREA = re.compile(
    rf"(?:{_NO_STOP}{{0,6}}?(?:高新技术产业开发区|高新技术开发区|经济技术开发区|经济开发区|高新区|经开区|开发区|新区(?![域块]))"
    rf"|{_NO_STOP}{{2,5}}?(?:示范区|管理区|度假区|保税区|工业园区|产业园区|试验区|实验区|合作区|风景名胜区|风景区))"
)
# A district no table holds (潍坊某某区): two or three characters, no common noun in …区, and a word's end behind it.
DISTRICT = re.compile(rf"{_NO_STOP}{{2,3}}?(?<![社地辖园小片山城校厂老灾疫景市牧林库港矿农新郊乡街])区(?![域块间划县])")
TAIWAN: Final = "710000"
# In Taiwan everything behind a city or a county is a district or township of it (新北市板桥区, 屏东县恒春镇).
TAIWAN_DISTRICT = re.compile(rf"{_NO_STOP}{{1,3}}?[区乡镇市](?![域间划])")
# A free-trade area is named behind its province or city, in brackets or without (中国(上海)自由贸易试验区).
FREE_TRADE = re.compile(r"\)?(自(?:由贸易|贸)(?:试验)?区)")
AREA_ALONE: Final = frozenset(
    _split("新区 示范区 管理区 度假区 保税区 工业园区 产业园区 试验区 实验区 合作区 风景名胜区 风景区")
)

_AGENCY_WORD = (
    "民政|社会|人民|儿童|未成年人|未保|老年人|老年|老龄|养老|敬老|残疾人|流浪|乞讨|人员|救助|救济|福利|保障|保护|事务|事业|管理|服务|工作|组织|慈善|殡葬|"
    "婚姻|登记|收养|低收入|家庭|经济|状况|核对|指导|人力资源|和|与|退役军人|卫生|健康|区划|地名|精神|医养|社工|志愿者|志愿|促进|发展|党群|综合|治理|基层|"
    "政权|建设|康复|托养|护理|第[一二三四五六七八九十]|市级|县级|区级|省级|信息|公益|创业|孵化|培育|关爱|困境|留守|城乡|社区|居家|市|县|区|省"
)
AGENCY = re.compile(
    rf"街道办事处|办事处|(?:人民)?政府(?:办公[厅室]|(?:{_AGENCY_WORD})*?[局署厅处](?!长))?"
    r"|(?:省|市|县|区|州|盟|旗|镇|乡|街道)?(?:委|党委|党工委|管委会|管理委员会)(?=[\s,。、:“”]|$)"
    rf"|(?:{_AGENCY_WORD})*?(?:民政[局厅]|社会事务[局处科]|社会工作部|社会福利署|[局厅](?!长)|福利院|养老院|敬老院|福利中心|救助管理站|"
    r"救助站|服务站|服务中心|指导中心|核对中心|管理中心|保护中心|慈善总会|慈善会|慈善协会|基金会|联合会|促进会|殡仪馆|"
    r"殡葬管理所|登记处|老龄办|委员会|办公室)"
)


def han_at(text: str, at: int, stop: int) -> bool:
    """Whether an ideograph stands at an offset."""
    return at < stop and HAN.match(text, at) is not None


def edge_before(text: str, at: int) -> bool:
    """Whether a word can start at an offset."""
    if at == 0 or not HAN.match(text, at - 1) or text[at - 1] in _EDGE_BEFORE:
        return True
    return text[max(0, at - 2) : at] in _VERB_BEFORE


def edge_after(text: str, at: int, stop: int) -> bool:
    """Whether a word ends at an offset: no further character of a word, or a body of civil affairs, or a
    conjunction."""
    return at >= stop or not HAN.match(text, at) or text[at] in "和与及等以" or AGENCY.match(text, at, stop) is not None


def stands_bare(text: str, start: int, after: int, stop: int, form: str, level: str) -> bool:
    """Whether the short form of a province or city stands as a place here."""
    follow = text[after] if after < stop else ""
    if follow and (follow in _NOT_PLACE_AFTER.get(form, "") or _NAMED_AFTER.match(text, after, stop)):
        return False
    if level == "province":
        before = text[start - 1] if start else ""
        return not (before in _NATURE_BEFORE and before) and (follow not in _NATURE_AFTER or not follow)
    return len(form) > 2 or edge_before(text, start)


def cuts_word(text: str, form: str, after: int, stop: int) -> bool:
    """Whether the last character of a full name belongs to the next word instead."""
    if after >= stop:
        return False
    follow, last = text[after], form[-1]
    if last == "市" and follow == "民":
        return text[after : after + 2] != "民政"
    if follow in _AFTER_SUFFIX.get(last, ""):
        return True
    return len(form) == 2 and last == "县" and follow in _AFTER_TWO and text[after : after + 2] != "城关"
