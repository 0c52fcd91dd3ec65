"""Title, date, publisher and byline of a web page: from what its head states, and from what it prints around the article.

A page states them in `<meta>` (Open Graph, Dublin Core, the names that Chinese government sites use) and in JSON-LD; where it
does not, they stand in short lines under the title, over it or below the last paragraph, with or without a label, glued to
each other, to counters and to buttons. A date that a banner prints is today's; a platform that anybody writes on is no
publisher.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final, NamedTuple

import regex

from casextract.load.html_tree import elements
from casextract.load.metadata import clean, is_platform, parse_date, split_keywords
from casextract.load.source import Meta

ABOVE, BELOW, BEHIND = 6, 10, 12
"""Blocks over the title, under it and behind the last paragraph that may hold what is sought."""

RECORD: Final = 80
"""Blocks among which the record of an office is sought."""

FOOT: Final = 25
"""Blocks at the end of a page in which it says whose it is."""

SHORT: Final = 220
"""Characters that such a block has at most."""

LONGEST_TITLE: Final = 120
"""Characters that a title has at most."""

SURE: Final = 8
"""Letters from which a title that is stated and printed is no name of a column."""

LONGEST_NAME: Final = 30
"""Characters that the name of a publisher has at most."""

_TITLE = ("articletitle", "ld:headline", "citation_title", "dc.title", "dcterms.title", "twitter:title")
# The names of dates differ by site; what they are of is in their words: the surest first.
_DATE_NAMES = (
    re.compile(r"pub(?:lish|lished|lication)?[-_:. ]?(?:date|time|at)?$|firstpublish|article:published|ld:datepublished|publish_?(?:date|time)|pub_?(?:date|time)|citation_(?:publication_)?date|release|issued"),
    re.compile(r"created?$|create_?(?:at|date|time)|date\.created|dcterms\.date|dc\.date$|^date$|:create_at|^(?:article|og|apub)?:?time$"),
    re.compile(r"(?:date|time)_?(?:update|modif)|(?:update|modif|modified|lastmod)\w*_?(?:date|time)|article:modified|og:updated|ld:datemodified|^lastmod"),
)  # fmt: skip
_PUBLISHER = (
    "contentsource",
    "source",
    "article:source",
    "ld:publisher",
    "citation_journal_title",
    "mediaid",
    "dc.source",
)
_SITE = ("sitename", "og:site_name", "dc.publisher", "dcterms.publisher", "application-name")
_BYLINE = ("ld:author", "article:author", "citation_author", "dc.creator", "dcterms.creator")

_DAY = regex.compile(
    r"(?<![\d.])(?:(?P<y>(?:19|20)\d\d)|(?:民國|民国|中華民國|中华民国)\s?(?P<roc>\d{2,3}))"
    r"(?:\s?[-–/.年]\s{0,2}(?P<m>\d{1,2})\s?[-–/.月]\s{0,2}(?P<d>\d{1,2})(?!\d)(?:\s?[日号號])?"
    r"|\s{1,2}(?P<m2>\d{1,2})\s?/\s{0,2}(?P<d2>\d{1,2})(?=\s+\d{1,2}:\d\d)|(?P<m4>\d\d)\s?/\s?(?P<d4>\d\d)(?=\s*\d\d:\d\d)"
    r"|(?P<m3>(?:0[1-9]|1[0-2]))(?P<d3>(?:0[1-9]|[12]\d|3[01]))(?!\d))"
)
# Offices in Taiwan write the years of the Republic without its name, where a label says that it is a date.
_REPUBLIC_DAY = re.compile(r"\s*(?P<y>1[01]\d)\s?[-/.年]\s?(?P<m>\d{1,2})\s?[-/.月]\s?(?P<d>\d{1,2})(?!\d)")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ENGLISH_DAY = re.compile(
    rf"(?<!\w)(?:(?P<m>{'|'.join(_MONTHS)})[a-z]*\.?\s+(?P<d>\d{{1,2}}),?\s+|(?P<d2>\d{{1,2}})\s+(?P<m2>{'|'.join(_MONTHS)})[a-z]*\.?,?\s+)(?P<y>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_CHINESE_DAY = re.compile(
    "(?P<y>[一二][〇零○OＯo九一二三四五六七八]{3})年(?P<m>[一二三四五六七八九十元]{1,3})月(?P<d>[一二三四五六七八九十廿]{1,3})日"
)
_CLOCK = re.compile(
    r"\s*[TＴ]?\s*[(（]?\d{1,2}\s?[:：时時]\s?\d{2}(?:\s?[:：分]\s?\d{2})?秒?[)）]?(?:\s?[AaPp][Mm])?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"
)
_BANNER = re.compile("今天|今日|现在是|現在是|现在时间|農曆|农历|欢迎|歡迎|天气|天氣")
_WEEKDAY = re.compile("星期[一二三四五六日天]")
_DATE_LABEL = re.compile(
    r"(?:(?:首次)?(?:发布|發布|發佈|发表|發表|刊登|刊发|刊發|公开|公開|公布|公佈|发文|發文|成文|上传|上傳|录入|上网|上版|張貼|建檔|公告|编发|发稿|發稿|出版|创建|製作)\s?(?:的)?\s?(?:日\s*期|时\s*间|時\s*間)|发表于|發表於|发布于|發布於|發佈於|發佈日期"
    r"|(?<!\w)日\s*期|(?<!\w)时\s*间|(?<!\w)時\s*間|(?<!\w)Date|Published(?:\s+on)?|Time)\s*[:：]?\s*",
    re.IGNORECASE,
)
_NOT_PUBLISHED = re.compile(
    "(?:更新|修改|修訂|修订|截止|截至|有效|实施|施行|生效|废止|活动|会议|开始|结束|浏览|打印|检索|访问|最后)\\s?(?:日期|时间|時間|于|於)?\\s*[:：]?\\s*$"
)
_SOURCE_LABEL = re.compile(
    r"(?:(?:信\s?息|文\s?章|稿\s?件|新\s?闻|新\s?聞|消\s?息|资\s?料|資料|内\s?容|本\s?文)\s*)?(?:来\s*源|來\s*源|稿\s*源|出\s*处|出\s*處|来自)\s*(?:于|於)?\s*[:：|丨/]\s*"
    r"|(?:发\s*布|發\s*布|發\s*佈|发\s*文|發\s*文|公\s*布|制\s*发|信息提供|供\s*稿|主\s*办|提\s*供)\s*(?:机\s*构|機\s*構|机\s*关|機\s*關|单\s*位|單\s*位|部\s*门|部\s*門|者|方|处)\s*[:：]\s*"
    r"|(?<!\w)(?:转自|轉自|转载自|轉載自|摘自|来自|來自)\s*[:：]?\s*(?=[《“])"
)
_BYLINE_LABEL = re.compile(
    r"作\s*者\s*[:：]\s*|(?<![\w])(?:作\s*者|撰\s*文|撰\s*稿|采\s*写|採\s*寫|文字|(?:本报|本刊|本网|见习|特约|新华社|中新社|通讯社)?\s?(?:全媒体)?记\s*者|(?:本報|本刊)?記\s*者|通讯员|通訊員|文|编剧|策划|执笔)\s*[:：/／|丨]\s*"
)
_CUT = re.compile(
    r"\s{2,}|[|｜丨]|作\s*者|编\s*辑|編\s*輯|责\s*编|責\s*編|责任编辑|(?:发布|發布|發佈|更新|发表)?(?:时\s*间|時\s*間|日\s*期)|发布于|发表于|浏\s*览|瀏\s*覽|阅\s*读|閱\s*讀|点\s*击|點\s*擊|访\s*问|访问量|字\s*[号號体體]|字体|分\s*享|打\s*印|举\s*报|舉\s*報|关\s*注|關\s*注|收\s*藏|评\s*论|纠\s*错|来\s*源|來\s*源|索\s*引|文\s*号|人\s*气|我要|责任|订阅|扫一扫|语音|大\s+中\s+小|\[|【|（|\(|审核|审\s*稿|供\s*稿|撰\s*稿|记\s*者"
)
_CONTROL = re.compile(
    r"(?:浏览|瀏覽|阅读|閱讀|点击|點擊|访问|人气|评论|評論|分享|收藏|打印|列印|字号|字號|字体|字體|大小|关闭|举报|关注|纠错|点赞|喜欢|在看|转发|播报|朗读|听|繁体|简体|放大|缩小|默认|微信|微博|QQ空间|朋友圈|复制链接|手机看|扫一扫|编辑|责编|次数|量|次|[:：]|[\[【\]】|｜/()（）>»·,，、]|\d+|原创|转载|大|中|小|\s)+"
)
_NAME = regex.compile(r"[《“]?[\p{Han}A-Za-z][\p{Han}A-Za-z0-9·&\-—.“”\s]{1,29}?[》”]?$")
_BODY_NAME = regex.compile(
    r"(?:网|網|报|報|社|台|臺|刊|周刊|杂志|雜誌|在线|线上|发布|發佈|新闻|新聞|频道|頻道|客户端|政府|局|部|厅|廳|委|委员会|办|办公室|中心|协会|協會|学会|研究院|研究所|大学|學|院|馆|公司|集团|联合会|總會|总会|基金会|时报|时间|之声|日報|晚报|视点|观察|资讯|传媒|融媒|融媒体|政务|民政|Times|News|Daily)$",
    regex.IGNORECASE,
)
_HAN_NAME = r"\p{Han}{2,4}"
# A role says by itself that a name follows; in prose it must stand at a bracket's or a block's edge.
_REPORTER = regex.compile(
    rf"(?:^|[(（\s【])(?P<by>(?:[\p{{Han}}A-Za-z《》·]{{0,10}}?(?:见习|實習|实习|特约|首席|职工|全媒体)?(?:记者|記者|通讯员|通訊員)|《\p{{Han}}{{1,8}}》作者)"
    rf"\s*[:：]?\s*{_HAN_NAME}(?:[\s、,，]{{1,2}}{_HAN_NAME}){{0,5}}?)(?=\s*(?:[)）】/／|]|$|\s{{2}}|\p{{Han}}{{2,3}}\d{{1,2}}日[电電]))"
)
# Where somebody wrote from, as platforms print it beside the hour.
_PROVINCE = re.compile(
    "(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|台湾)(?:省|市|自治区)?"
)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
_PERSON = re.compile(rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}")
# An article may end with its author's name in brackets.
_SIGNED = re.compile(
    rf"[。！？”][(（]\s*(?P<by>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?:[\s、]+[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}){{0,3}})\s*[)）]$"
)
_COLUMN = re.compile(
    "更新|要闻|动态|资讯中心|栏目|频道首页|正文|详情|公告|通知|分类|媒体报道|图片|视频|专题|作者|编辑|来源|时间|日期|发布|阅读|评论|本页|登录|注册|更多|优质"
)
_NOBODY = re.compile(
    "admin.*|administrator|管理员|系统管理员|未知|佚名|匿名|本站|网站编辑|编辑|小编|null|undefined|\\d+", re.IGNORECASE
)
_PREFIX = re.compile(r"^(?:原标题|原標題|标题|標題|题目|名\s*称)\s*[:：]\s*")
_TAIL = re.compile(r"\s*(?:[|｜_]|\s[-–—]|[-–—]{1,2}\s|--|——|-(?=[^-]{2,20}$)|·\s|«|»|>|<|::|\s/\s)\s*")
_SENTENCE = re.compile("[。！？；]")
_CRUMBS = re.compile("[>»›]|位置|首页|首頁")
_CRUMB_HEAD = re.compile(r"(?:位置|路径)\s*[:：]?\s*(?P<name>[^>»›/\s:：]{3,20})\s*(?:[>»›]|-+>)")
_OWNER = re.compile(
    r"(?:版权所有|版權所有|主办单位|主办)\s*(?:[:：©]|\s)\s*(?P<name>[\u4e00-\u9fff]{3,20}?)(?=$|[\s,，。.©(（|｜]|版权|主办|承办|Copyright|All|未经)",
    re.IGNORECASE,
)
_SUBTITLE = re.compile("[—–-]{1,3}|[(（]")
_ADDRESS_DAY = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)[-/_]?(?P<m>0[1-9]|1[0-2])[-/_]?(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
)
_SCRIPTED = re.compile(
    r"""(?:publish_?time|pub_?date|pub_?time|create_?time|createTime|datePublished|publishDate|oriCreateTime)["']?\s*[:=]\s*["'](?P<day>(?:19|20)\d\d[-/年.]\d{1,2}[-/月.]\d{1,2})""",
    re.IGNORECASE,
)
_WECHAT_TIME = re.compile(r"""(?:var\s+ct|ori_create_time|create_timestamp)\s*[:=]\s*["']?(?P<s>1\d{9})\b""")
_WECHAT_NAME = re.compile(
    r"""(?:var\s+nickname|nick_name|var\s+nick_name)\s*[:=]\s*(?:htmlDecode\()?["'](?P<name>[^"']{2,40})["']"""
)
_NUMBER = re.compile("\ue0f0\\d+\ue0f1")
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page's text: its own pieces in order, a cell of a table each or a text between two tags."""

    text: str
    pieces: tuple[str, ...]
    level: int
    """Of a heading, 0 for others."""
    linked: bool
    """Whether it is nothing but links."""
    kept: bool
    """Whether it belongs to the article."""
    after: str = ""
    """The text of the next block."""


class _Found(NamedTuple):
    rank: int
    """The lower, the surer."""
    value: Any


def page_meta(tree: Any, blocks: Sequence[Block]) -> Meta:
    """What a page says of its article. `tree` is the parsed page, `blocks` all the text that it shows, in order."""
    said = _said(tree)
    record = _record(blocks)
    title, at = _title_of(tree, said, record, blocks)
    head, tail = _around(blocks, at)
    published = (
        _stated_day(said, 0)
        or _recorded_day(record)
        or _best(_dates(head, tail))
        or _stated_day(said, 1)
        or _stated_day(said, 2)
        or _time_element(tree)
        or _scripted(tree)
        or _address(tree, said)
    )
    site = _name_of(said, _SITE)
    publisher = _name_of(said, _PUBLISHER)
    printed = _best(_publishers(head, tail, blocks[at:]))
    byline = _best(_bylines(head, tail, blocks)) or _author(said, (publisher, printed, site), [*head, *tail])
    account = _account(tree)
    recorded = _publisher(record.get("publisher"))
    return Meta(
        title=title,
        publisher=recorded or printed or publisher or account or site or _tail_name(tree, title) or _owner(blocks),
        published_on=published,
        byline=byline,
        keywords=split_keywords(_first(said, ("keywords", "ld:keywords", "article:tag", "citation_keywords"))),
    )


# ---- what the head states ----------------------------------------------------------------------------------------------


def _said(tree: Any) -> dict[str, str]:
    said: dict[str, str] = {}
    for node in elements(tree.document, "meta"):
        name = node.get_attribute("name") or node.get_attribute("property") or node.get_attribute("itemprop") or ""
        value = (node.get_attribute("content") or "").strip()
        if value:
            said.setdefault(name.strip().lower(), value)
    for name, value in _linked_data(tree):
        said.setdefault(name, value)
    return said


def _linked_data(tree: Any) -> Iterator[tuple[str, str]]:
    """The JSON-LD statements about an article, as `ld:` and the property in lower case."""
    for node in elements(tree.document, "script"):
        if node.get_attribute("type") != "application/ld+json":
            continue
        try:
            found = json.loads(node.text or "", strict=False)
        except (ValueError, RecursionError):  # Many pages carry broken JSON here; the page itself is still good.
            continue
        items = found if isinstance(found, list) else [found]
        items = [g for item in items if isinstance(item, dict) for g in (item, *_listed(item.get("@graph")))]
        for item in items:
            if not isinstance(item, dict) or not ("headline" in item or "pubDate" in item or "datePublished" in item):
                continue
            for key, value in item.items():
                name = _named(value)
                if name:
                    yield ("ld:datepublished" if key == "pubDate" else f"ld:{key.lower()}"), name


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _named(value: Any, depth: int = 0) -> str | None:
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, list) and depth < 4:
        # Lists inside of lists without end name nobody.
        names = [n for v in value if (n := _named(v, depth + 1))]
        return ",".join(names) or None
    return value if isinstance(value, str) and value.strip() else None


def _first(said: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((said[n] for n in names if said.get(n, "").strip()), None)


def _stated_day(said: Mapping[str, str], kind: int) -> date | None:
    """The first day that the head states under a name of this kind."""
    names = (n for n in said if _DATE_NAMES[kind].search(n))
    return next((day for n in names if (day := parse_date(said[n]) or _seconds(said[n])) is not None), None)


def _seconds(value: str) -> date | None:
    """The day of a moment in seconds or milliseconds since 1970."""
    m = re.fullmatch(r"\s*(1\d{9})(?:\d{3})?\s*", value)
    return datetime.fromtimestamp(int(m[1]), _CHINA).date() if m else None


def _name_of(said: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((name for n in names if n in said and (name := _publisher(said[n])) is not None), None)


def _time_element(tree: Any) -> date | None:
    stamp = tree.document.query_selector("time[datetime]")
    return parse_date(stamp.get_attribute("datetime")) if stamp is not None else None


def _scripted(tree: Any) -> date | None:
    """The day that a script of the page prints: WeChat's pages state it nowhere else."""
    for node in elements(tree.document, "script"):
        text = node.text or ""
        if (m := _WECHAT_TIME.search(text)) is not None:
            return _seconds(m["s"])
        if (m := _SCRIPTED.search(text)) is not None:
            return parse_date(m["day"])
    return None


def _account(tree: Any) -> str | None:
    """The name of the WeChat account that published a page."""
    node = tree.document.query_selector("#js_name, .profile_nickname, .account_nickname_inner")
    # The loader has numbered the pieces of text by then.
    if node is not None and (name := clean(_NUMBER.sub("", node.text or ""))):
        return name
    for script in elements(tree.document, "script"):
        if (m := _WECHAT_NAME.search(script.text or "")) is not None:
            return clean(m["name"])
    return None


def _address(tree: Any, said: Mapping[str, str]) -> date | None:
    """The day in the page's own address."""
    link = tree.document.query_selector('link[rel="canonical"]')
    addresses = [link.get_attribute("href") if link is not None else None, said.get("og:url")]
    for m in (m for a in addresses if a for m in _ADDRESS_DAY.finditer(a)):
        if (day := _real(m["y"], m["m"], m["d"])) is not None:
            return day
    return None


# ---- the record table of an office -------------------------------------------------------------------------------------

_FIELDS: Final[Mapping[str, str]] = {
    "标题": "title", "标題": "title", "標題": "title", "名称": "title", "信息名称": "title", "文件名称": "title", "公文名称": "title",
    "发布日期": "published", "公开日期": "published", "公布日期": "published", "发布时间": "published", "公开时间": "published",
    "發布日期": "published", "成文日期": "written", "生成日期": "written", "发文日期": "written", "印发日期": "written",
    "发布机构": "publisher", "发文机关": "publisher", "发布单位": "publisher", "发文单位": "publisher", "制发机关": "publisher", "公开主体": "publisher",
    "索引号": "number", "发文字号": "number", "文号": "number", "主题分类": "class", "公文种类": "class", "有效性": "class", "主题词": "class",
}  # fmt: skip
_FIELD = re.compile(r"^\W{0,2}(?P<name>[^:：]{2,12}?)\W{0,2}[:：]\s*(?P<value>.*)$", re.DOTALL)


def _record(blocks: Sequence[Block]) -> dict[str, str]:
    """The fields of the record that an office puts over a document, where there are three of them: label and value in one block
    or in two, or in the cells of a table."""
    pieces = [p for b in blocks[:RECORD] for p in (b.pieces if len(b.pieces) > 3 else (b.text,)) if p.strip()]
    found: dict[str, str] = {}
    for n, piece in enumerate(pieces):
        m = _FIELD.match(piece.strip())
        name = re.sub(r"\s", "", m["name"] if m else piece.strip(" :：【】[]"))
        field = _FIELDS.get(name)
        if field is None:
            continue
        value = m["value"].strip() if m else ""
        if not value and n + 1 < len(pieces):
            following = pieces[n + 1].strip()
            value = "" if _FIELDS.get(re.sub(r"[\s:：]", "", following)) else following
        if value:
            found.setdefault(field, value)
    return found if len(found) > 2 else {}


def _recorded_day(record: Mapping[str, str]) -> date | None:
    return parse_date(record.get("published")) or parse_date(record.get("written"))


# ---- title -------------------------------------------------------------------------------------------------------------


def _title_of(
    tree: Any, said: Mapping[str, str], record: Mapping[str, str], blocks: Sequence[Block]
) -> tuple[str | None, int]:
    """The title, and the block that prints it (or would come first below it)."""
    stated = [t for t in map(clean, (_first(said, _TITLE), record.get("title"), said.get("og:title"), tree.title)) if t]
    stated = [t for s in stated if (t := _PREFIX.sub("", s).strip())]
    found = _stated_title(stated, blocks)
    if found is not None and len(_plain(found[0])) >= SURE:
        return found
    over = _over_masthead(blocks)
    if over is not None:
        title = clean(_PREFIX.sub("", blocks[over].text))
        return title, over
    if found is not None:
        return found
    first = next((i for i, b in enumerate(blocks) if b.kept), 0)
    headings = [i for i, b in enumerate(blocks) if b.level == 1 and 4 <= len(b.text) <= LONGEST_TITLE]
    if len(headings) == 1 and not (stated and record):
        return clean(_PREFIX.sub("", blocks[headings[0]].text)), headings[0]
    own = _TAIL.split(stated[0])[0].strip() or stated[0] if stated else ""
    # A page's `<title>` that is neither printed nor long names a column, or the site.
    sure = bool(said.keys() & {*_TITLE, "og:title"}) or len(_plain(own)) >= 5
    return (own if sure and own else None), first


def _stated_title(stated: Sequence[str], blocks: Sequence[Block]) -> tuple[str, int] | None:
    """The longest beginning of a stated title that the page prints by itself: what is behind that is the site's."""
    shown: dict[str, int] = {}
    for i, block in enumerate(blocks):
        shortest = 1 if block.level == 1 else 4
        if shortest <= len(block.text) <= LONGEST_TITLE and (not block.linked or block.level):
            shown.setdefault(_plain(block.text), i)
    for title in stated:
        for end in _ends(title):
            own = title[:end].strip()
            at = shown.get(_plain(own))
            # A short one is sure where it is all that is stated and the page's first heading as well.
            if at is not None and (len(_plain(own)) >= 4 or (blocks[at].level == 1 and end == len(title))):
                return _as_printed(blocks[at], own), at
    for title in stated:
        for end in _ends(title):
            # A long title may take two lines or three.
            plain = _plain(title[:end])
            for i in range(len(blocks) - 1) if len(plain) >= SURE else ():
                first = _plain(blocks[i].text)
                if not first or not plain.startswith(first) or first == plain:
                    continue
                for j in (i + 1, i + 2):
                    if "".join(_plain(b.text) for b in blocks[i : j + 1]) == plain:
                        return title[:end].strip(), j
    for title in stated:
        # A site may put its name behind the title with no more than a blank.
        for gap in reversed(list(re.finditer(r"\s+", title))):
            at = shown.get(_plain(title[: gap.start()]))
            if at is not None and gap.start() >= SURE:
                return _as_printed(blocks[at], title[: gap.start()]), at
    return None


def _over_masthead(blocks: Sequence[Block]) -> int | None:
    """The block over the line with date and source: where an article has such a line, its title stands there."""
    for n, block in enumerate(blocks):
        if block.kept and _SENTENCE.search(block.text) and len(block.text) > SHORT:
            return None
        if not _is_masthead(block):
            continue
        for k in range(n - 1, max(-1, n - 5), -1):
            text = blocks[k].text
            plain = _plain(text)
            if (
                len(plain) < (4 if blocks[k].level else 6)
                or len(text) > LONGEST_TITLE
                or _CONTROL.fullmatch(text)
                or _CRUMBS.search(text)
            ):
                continue
            if _SUBTITLE.match(text) and k > 0:
                continue
            return None if _SENTENCE.search(text[:-1]) or _is_masthead(blocks[k]) else k
    return None


def _is_masthead(block: Block) -> bool:
    """Whether a block names date or source of an article: with a label, or the day with its hour."""
    text = block.text
    if len(text) > SHORT or _BANNER.search(text):
        return False
    if _SOURCE_LABEL.match(text) or (_DATE_LABEL.match(text) and next(_days(text), None) is not None):
        return True
    return any(
        _CLOCK.match(text, m.end()) is not None
        or _SOURCE_LABEL.search(text)
        or _is_apart(text[: m.start()], text[m.end() :])
        for m in _days(text)
    ) and not _SENTENCE.search(text)


def _ends(title: str) -> Iterator[int]:
    """Where a title may end, the longest first."""
    yield len(title)
    yield from (m.start() for m in reversed(list(_TAIL.finditer(title))))


def _as_printed(block: Block, own: str) -> str:
    printed = clean(_PREFIX.sub("", block.text))
    return printed if printed and _plain(printed) == _plain(own) else own


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", _PREFIX.sub("", text)).lower()


def _tail_name(tree: Any, title: str | None) -> str | None:
    """The site's name behind the title of the page."""
    parts = _TAIL.split(clean(tree.title) or "")
    name = parts[-1].strip() if len(parts) > 1 else ""
    return (
        _publisher(name) if name and title and _plain(name) not in _plain(title) and _BODY_NAME.search(name) else None
    )


def _owner(blocks: Sequence[Block]) -> str | None:
    """The site by the beginning of its bread crumbs, or by what it says of itself at its foot."""
    for block in blocks:
        m = _CRUMB_HEAD.search(block.text) if len(block.text) <= SHORT else None
        if m is not None and _BODY_NAME.search(name := re.sub("首页$|首頁$", "", m["name"]).strip()):
            return _publisher(name)
    for block in reversed(blocks[-FOOT:]):
        m = _OWNER.search(block.text)
        if m is not None and (found := _publisher(m["name"])) is not None:
            return found
    return None


# ---- what stands around the article -------------------------------------------------------------------------------------


def _around(blocks: Sequence[Block], at: int) -> tuple[list[Block], list[Block]]:
    """The short blocks near the title, those below it first, and the last ones behind the text, the nearest first."""
    below: list[Block] = []
    for block in blocks[at + 1 : at + 1 + BELOW]:
        if len(block.text) > SHORT and _SENTENCE.search(block.text):
            break
        below.append(block)
    above = [b for b in reversed(blocks[max(0, at - ABOVE) : at]) if len(b.text) <= SHORT]
    prose = [i for i, b in enumerate(blocks) if b.kept and _SENTENCE.search(b.text)]
    last = prose[-1] if prose else at
    tail = [b for b in blocks[max(at + 1, last - 2) : last + BEHIND] if len(b.text) <= SHORT or b.kept]
    return [*below, *above], tail


def _best(found: Iterator[_Found]) -> Any:
    """The surest, and of equally sure ones the first."""
    return min(found, key=lambda f: f.rank, default=_Found(0, None)).value


def _dates(head: Sequence[Block], tail: Sequence[Block]) -> Iterator[_Found]:
    for n in range(len(head) - 1):
        # Year, day and hour may stand in blocks of their own.
        group = [b.text.strip() for b in head[n : n + 3] if len(b.text) <= 12]
        if len(group) > 1 and re.fullmatch(r"(?:19|20)\d\d", group[0]):
            m = next(_days(" ".join(group)), None)
            if m is not None and (day := _real(*_numbers(m))) is not None:
                yield _Found(1, day)
    for far, blocks in ((0, head), (10, tail)):
        for n, block in enumerate(blocks):
            text = block.text
            for m in _days(text):
                before, behind = text[: m.start()], text[m.end() :]
                day = _real(*_numbers(m))
                if day is None or _NOT_PUBLISHED.search(before):
                    continue
                labelled = any(label.end() >= len(before.rstrip()) - 1 for label in _DATE_LABEL.finditer(before))
                nearby = n and _DATE_LABEL.fullmatch(blocks[n - 1].text.strip())
                clock = _CLOCK.match(behind) is not None
                if labelled or nearby:
                    yield _Found(far, day)
                elif _BANNER.search(before[-12:]) or (_BANNER.search(text) and not clock):
                    continue
                elif far == 0 and clock and len(text) < 160:
                    yield _Found(1, day)
                elif far == 0 and _WEEKDAY.search(text):
                    # The day of a newspaper's issue, or of somebody's visit.
                    yield _Found(6, day)
                elif far == 0 and (_is_apart(before, behind) or _source_near(text)):
                    yield _Found(2, day)
                elif far and (_is_apart(before, behind) or (clock and len(text) < 100)):
                    yield _Found(11, day)
            for label in _DATE_LABEL.finditer(text):
                r = _REPUBLIC_DAY.match(text, label.end())
                if r is not None and (day := _real(str(int(r["y"]) + 1911), r["m"], r["d"])) is not None:
                    yield _Found(far, day)
            for e in _ENGLISH_DAY.finditer(text) if len(text) <= 80 else ():
                month = _MONTHS.index((e["m"] or e["m2"]).lower()[:3]) + 1
                if (day := _real(e["y"], str(month), e["d"] or e["d2"])) is not None:
                    yield _Found(far + 2, day)
            for c in _CHINESE_DAY.finditer(text):
                if len(text) < 40 and (day := _chinese_day(c)) is not None:
                    yield _Found(far + 3, day)


def _days(text: str) -> Iterator[Any]:
    yield from _DAY.finditer(text)


def _is_apart(before: str, behind: str) -> bool:
    """Whether a date has nothing but names, counters and signs beside it, and is in no sentence."""
    rest = before + " " + _CLOCK.sub("", behind, count=1)
    return len(rest.strip()) <= 40 and not _SENTENCE.search(rest) and not re.search("[，,]", rest)


def _source_near(text: str) -> bool:
    return len(text) <= 120 and _SOURCE_LABEL.search(text) is not None


def _numbers(m: Any) -> tuple[str, str, str]:
    year = m["y"] or str(int(m["roc"]) + 1911)
    return year, m["m"] or m["m2"] or m["m3"] or m["m4"], m["d"] or m["d2"] or m["d3"] or m["d4"]


def _real(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _chinese_day(m: re.Match[str]) -> date | None:
    digits = str.maketrans("〇零○OＯo一二三四五六七八九", "000000123456789")

    def number(text: str) -> str:
        if text == "元":
            return "1"
        text = text.replace("廿", "二十")
        tens, ten, ones = text.partition("十")
        return text.translate(digits) if not ten else f"{tens.translate(digits) or 1}{ones.translate(digits) or 0}"

    return _real(m["y"].translate(digits), number(m["m"]), number(m["d"]))


def _publishers(head: Sequence[Block], tail: Sequence[Block], article: Sequence[Block]) -> Iterator[_Found]:
    for block in article:
        label = _SOURCE_LABEL.match(block.text) if block.kept and len(block.text) <= 60 else None
        if label is not None and (value := _behind(block, label)) is not None:
            yield _Found(8, value)
    for far, blocks in ((0, head), (10, tail)):
        for n, block in enumerate(blocks):
            labels = list(_SOURCE_LABEL.finditer(block.text))
            for m in labels:
                if far and len(block.text) > SHORT and m.start() < len(block.text) - 60:
                    continue
                value = _behind(block, m) or (_publisher(block.after) if m.end() >= len(block.text) else None)
                if value is not None:
                    yield _Found(far + (0 if re.search("[来來稿出转轉摘]", m[0]) else 1), value)
            if not labels and far == 0 and len(block.text) <= 80 and (name := _beside_date(block)) is not None:
                yield _Found(3, name)
            elif far == 0 and n == 0 and (account := _account_line(block)) is not None:
                yield _Found(4, account)


def _account_line(block: Block) -> str | None:
    """The name of an account that stands alone between the title and the date."""
    dated = _DATE_LABEL.match(block.after) is not None or next(_days(block.after), None) is not None
    return _loose_name(block.text) if dated and not block.level and len(block.text) <= 16 else None


def _behind(block: Block, label: re.Match[str]) -> str | None:
    """The name behind a label: in the piece of text that the label ends, or in the next one."""
    end = 0
    shown = ""
    for n, piece in enumerate(block.pieces):
        shown += piece
        end = len(re.sub(r"\s+", "", shown))
        place = len(re.sub(r"\s+", "", block.text[: label.end()]))
        if end > place:
            rest = piece[len(piece) - _raw_length(piece, end - place) :]
            return _publisher(rest) or next(
                (p for q in block.pieces[n + 1 : n + 2] if (p := _publisher(q)) and not rest.strip(" :：")), None
            )
    return _publisher(block.text[label.end() :])


def _raw_length(piece: str, visible: int) -> int:
    """How long the end of a piece is that holds so many characters which are no blanks."""
    count = 0
    for n, c in enumerate(reversed(piece), 1):
        count += not c.isspace()
        if count == visible:
            return n
    return len(piece)


def _publisher(value: str | None) -> str | None:
    """A publisher's name out of what stands where one should; None where it is none, or a platform's."""
    name = (value or "").strip(" \t\r\n\u3000\xa0:：-—>·")
    day = next(_days(name), None)
    if day is not None:
        name = name[: day.start()] or _CLOCK.sub("", name[day.end() :], count=1)
    name = name.strip(" \t\u3000\xa0:：-—>·")
    cut = _CUT.search(name, 1) if len(name) > 1 else None
    if cut is not None:
        name = name[: cut.start()]
    # A name has no blank inside, unless it is of Latin letters.
    name = re.split(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", name.strip())[0]
    name = name.strip(" \t\r\n\u3000\xa0:：|-—>·,，。;；/")
    if re.fullmatch(r"[《“\"'【\[][^《》“”\[\]]*[》”\"'】\]]", name):
        name = name[1:-1]
    if (
        not 2 <= len(name) <= LONGEST_NAME
        or is_platform(name)
        or not regex.search(r"[\p{Han}A-Za-z]{2}", name)
        or _SENTENCE.search(name)
    ):
        return None
    return clean(name)


def _beside_date(block: Block) -> str | None:
    """The name that stands beside a date without a label: 原创 某报 2023-05-04, or 2023年05月04日 某网."""
    if _BANNER.search(block.text):
        return None
    pieces = [p for p in block.pieces if p.strip()]
    at = next((n for n, piece in enumerate(pieces) if next(_days(piece), None) is not None), None)
    if at is None:
        return None
    day = next(_days(pieces[at]))
    before, behind = pieces[at][: day.start()], _CLOCK.sub("", pieces[at][day.end() :], count=1)
    # In front of a date any name is one; behind it stand places, columns and counters as well.
    front = [w for w in re.split(r"[\s|｜丨·]+", before) if w] or ([pieces[at - 1].strip()] if at else [])
    for word in reversed(front):
        name = _loose_name(re.sub("^(?:原创|转载|首发)", "", word))
        if name is not None:
            return name
    for n, piece in enumerate((behind, *pieces[at + 1 : at + 3])):
        for word in re.split(r"[\s|｜丨·]+", piece):
            name = _loose_name(re.sub("^(?:原创|转载|首发)", "", word))
            # The piece that follows the date is a name of its own more often than not.
            alone = n == 1 and not behind.strip() and 2 < len(piece.strip()) <= 12
            if name is not None and (_BODY_NAME.search(name) or alone or piece.strip().startswith("·")):
                return name
    only = _is_apart(before, behind) and len(pieces) == at + 1
    after = _loose_name(block.after) if only and len(block.after) <= 16 else None
    return after if after is not None and _BODY_NAME.search(after) else None


def _loose_name(text: str) -> str | None:
    """A name that no label announces: of letters only, no control of the page, and not a person's."""
    name = _publisher(text)
    if name is None or not _NAME.fullmatch(name) or _CONTROL.fullmatch(name) or _COLUMN.search(name):
        return None
    if _PROVINCE.fullmatch(name) or (_PERSON.fullmatch(name) and not _BODY_NAME.search(name)):
        return None
    return name


def _bylines(head: Sequence[Block], tail: Sequence[Block], blocks: Sequence[Block]) -> Iterator[_Found]:
    prose = [b for b in blocks if b.kept and _SENTENCE.search(b.text)]
    ends = (*((2, b.text[:120]) for b in prose[:1]), *((12, b.text[-40:]) for b in prose[-1:]))
    for rank, text in (
        *((1, b.text) for b in head if len(b.text) <= 80),
        *ends,
        *((11, b.text) for b in tail if len(b.text) <= 80),
    ):
        m = _REPORTER.search(text)
        if m is not None:
            yield _Found(rank, clean(m["by"]))
    m = _SIGNED.search(prose[-1].text) if prose else None
    if m is not None:
        yield _Found(13, clean(m["by"]))
    for far, near in ((0, head), (10, tail)):
        for block in near:
            for m in _BYLINE_LABEL.finditer(block.text):
                if len(block.text) > SHORT and m.start() < len(block.text) - 60:
                    continue
                value = _people(block.text[m.end() :])
                if value is not None:
                    yield _Found(far, value)


def _people(value: str) -> str | None:
    cut = re.search(
        r"\s{2,}|[|｜丨。；;）)】\]]|来\s*源|來\s*源|(?:发布|發布|更新)?(?:时间|時間|日期)|编辑|責編|责编|责任编辑|浏览|阅读|点击|字号|字体|摄影|图/|分享|打印|(?:19|20)\d\d[-/.年]|审核|单位|发布",
        value,
    )
    name = (value[: cut.start()] if cut else value).strip(" \t\u3000\xa0:：/／,，、")
    return (
        clean(name) if 2 <= len(name) <= 40 and not _NOBODY.fullmatch(name) and regex.search(r"\p{L}", name) else None
    )


def _author(said: Mapping[str, str], others: Sequence[str | None], around: Sequence[Block]) -> str | None:
    """The author that the head states, unless it is the publisher or nobody. Under the plain name of author sites state their
    web editor as often: such a one counts where the head states title and source of the article too, as the standard of
    government sites has it, or where the page prints it."""
    sure = clean(
        _first(said, _BYLINE) or (said.get("author") if {"articletitle", "contentsource"} <= said.keys() else None)
    )
    name = sure or clean(said.get("author"))
    if name is None or not 2 <= len(name) <= 60 or "@" in name or _NOBODY.fullmatch(name) or is_platform(name):
        return None
    if any(o and (o in name or name in o) for o in others) or _BODY_NAME.search(name):
        return None
    return name if sure or any(name in b.text and not b.linked for b in around) else None
