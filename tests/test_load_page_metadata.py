"""What a web page says of its article: title, day, publisher and byline in the layouts of news sites, offices and accounts."""

from __future__ import annotations

from datetime import date

import pytest

from casextract.load import Source, load_bytes
from casextract.load.source import Meta

DAY = date(2023, 11, 17)
TITLE = "南河县把村级食堂办到老人家门口"
PROSE = "".join(
    f"<p>{text}</p>"
    for text in (
        "南河县投入320万元，建成村级食堂12家，由村集体出房出灶，县里按实际就餐人数给补贴，老人天天来吃饭。",
        "食堂的账目每月贴在村口，谁家出了菜、谁家出了柴，一笔一笔写得清清楚楚，村民看得明白，都说办得好。",
    )
)


def load(page: str) -> Source:
    (source,) = load_bytes(page.encode(), "x.html").sources
    return source


def meta(head: str = "", above: str = "", below: str = "", behind: str = "", title: str = f"{TITLE}_某网") -> Meta:
    heading = f"<h1>{TITLE}</h1>"
    body = f"<div>{above}</div><div class=main>{heading}{below}<div class=text>{PROSE}</div>{behind}</div>"
    return load(f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>").meta


# ---- the day ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "below",
    [
        "<p>2023 11/ 17 20:52:15</p>",
        "<p><span>2023</span><span>11/17</span><span>20:52:15</span></p>",
        "<div>2023</div><div>11/17</div><div>20:52</div>",
        "<p>( 2023-11-17 09:20:26 )</p>",
        "<p>原创 南河日报 2023-11-17</p>",
        "<p>发表于 2023-11-17 09:20</p>",
        "<p>发布于：2023年11月17日</p>",
        "<p>时间：[2023-11-17]</p>",
        "<p>发布日期：2023.11.17 浏览次数：120</p>",
        "<p>來源：南河日報 2023/11/17 20:52</p>",
        "<p>來源:南河日報2023-11-17</p>",
        "<p>2023年11月17日08:20来源：南河日报</p>",
        "<p>發布日期：112-11-17</p>",
        "<p>中華民國112年11月17日</p>",
        "<p>Published on November 17, 2023</p>",
        "<p>发布日期：</p><p>2023-11-17</p>",
        "<table><tr><td>成文日期：</td><td>2023年11月01日</td></tr><tr><td>发布日期：</td><td>2023年11月17日</td></tr>"
        "<tr><td>发文字号：</td><td>南民发〔2023〕12号</td></tr></table>",
    ],
)  # fmt: skip
def test_the_day_that_a_page_prints(below: str) -> None:
    assert meta(below=below).published_on == DAY


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="PubDate" content="2023-11-17 08:00">',
        '<meta name="publishdate" content="20231117">',
        '<meta property="article:published_time" content="2023-11-17T08:00:00+08:00">',
        '<meta property="og:time" content="2023-11-17 08:00">',
        '<meta name="firstpublishedtime" content="2023-11-17-08:00:00">',
        '<meta name="dcterms.created" content="2023-11-17">',
        '<meta name="DC.date.issued" content="2023-11-17">',
        '<meta itemprop="datePublished" content="2023-11-17">',
        '<script type="application/ld+json">{"@graph":[{"@type":"NewsArticle","headline":"题","datePublished":"2023-11-17"}]}</script>',
        '<script>var info = {"publishTime": "2023-11-17 08:00:00"};</script>',
        '<link rel="canonical" href="http://a.cn/2023-11/17/c_1.html">',
        '<link rel="canonical" href="http://a.cn/yw/202311/t20231117_12.html">',
    ],
)
def test_the_day_that_the_head_states(head: str) -> None:
    assert meta(head).published_on == DAY


def test_a_day_at_the_end() -> None:
    assert meta(behind="<p>2023年11月17日</p>").published_on == DAY
    assert meta(behind="<p>二〇二三年十一月十七日</p>").published_on == DAY
    assert meta(behind="<p>发布时间：2023-11-17</p>").published_on == DAY


@pytest.mark.parametrize(
    "above",
    [
        "<p>今天是2024年5月1日 星期三</p>",
        "<p>欢迎您！2024年05月01日 农历三月廿三</p>",
        "<p>现在是 2024-05-01 10:20:30</p>",
    ],
)
def test_a_banner_tells_today(above: str) -> None:
    assert meta(above=above).published_on is None
    assert meta(above=above, below="<p>2023-11-17 08:00</p>").published_on == DAY


@pytest.mark.parametrize(
    "below", ["<p>更新时间：2024-05-01</p>", "<p>有效期至：2024-05-01</p>", "<p>活动时间：2024-05-01</p>"]
)
def test_other_days_are_none_of_publication(below: str) -> None:
    assert meta(below=below, behind="<p>发布日期：2023-11-17</p>").published_on == DAY


def test_a_day_in_prose_is_none_of_publication() -> None:
    assert meta(behind="<p>2024年5月1日，南河县又办了三家食堂，老人都说办得好。</p>").published_on is None


# ---- who published ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "below",
    [
        "<p>来源：南河日报</p>",
        "<p>2023-11-17 08:00　来源：<a>南河日报</a><a>举报</a></p>",
        "<p>来源：<a>南河日报</a> 浏览次数：<span>120</span> 字号：大 中 小</p>",
        "<p>来源：南河日报2023-11-17</p>",
        "<p>信息来源：《南河日报》 作者：王某</p>",
        "<p>原创 南河日报 2023-11-17</p>",
        "<p>南河日报 | 2023-11-17 08:00</p>",
        "<p>2023年11月17日 08:00 <a>南河日报</a></p>",
        "<p>发布机构：南河日报 发布日期：2023-11-17</p>",
        "<p>转自《南河日报》</p>",
        "<div>南河日报</div><div>发布时间：11-17 08:00</div>",
        "<p>來源：南河日报　參與互動(0)</p>",
    ],
)
def test_the_publisher_that_a_page_prints(below: str) -> None:
    assert meta(below=below).publisher == "南河日报"


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="ContentSource" content="南河日报">',
        '<meta name="source" content="来源：南河日报">'.replace("来源：", ""),
        '<script type="application/ld+json">{"headline":"题","publisher":{"name":"南河日报"}}</script>',
        '<meta property="og:site_name" content="南河日报">',
    ],
)
def test_the_publisher_that_the_head_states(head: str) -> None:
    assert meta(head).publisher == "南河日报"


@pytest.mark.parametrize("platform", ["微信公众平台", "百家号", "搜狐号", "网络", "本站原创", "澎湃新闻·澎湃号·政务"])
def test_a_platform_is_no_publisher(platform: str) -> None:
    page = {"head": f'<meta property="og:site_name" content="{platform}">', "title": TITLE}
    assert meta(below=f"<p>来源：{platform}</p>", **page).publisher is None
    assert meta(below="<p>来源：南河日报</p>", **page).publisher == "南河日报"
    assert load(f"<p>来源：{platform}</p><h1>{TITLE}</h1>{PROSE}").meta.publisher is None


@pytest.mark.parametrize("account", ["南河发布", "南河發佈", "39南河网", "在南河"])
@pytest.mark.parametrize(
    "buttons",
    ["", "<p>下载客户端</p><p>独家抢先看</p>", "<p>关注</p>", "<p>關注</p><p>+</p>"],
)
@pytest.mark.parametrize("place", ["", " 来自北京", " 來自香港"])
def test_an_account_over_the_date(account: str, buttons: str, place: str) -> None:
    below = f"<p><a href=/u/1>{account}</a></p>{buttons}<p>2023-11-17 20:52{place}</p>"
    assert meta(below=below).publisher == account


@pytest.mark.parametrize("nothing", ["转载文章", "轉載", "网络", "網路整理", "综合", "互联网", "综合南河发布、南河网"])
def test_what_names_no_source_is_none(nothing: str) -> None:
    page = meta(below=f"<p>2023-11-17 来源：{nothing}</p>", behind="<p>来源：南河晚报</p>")
    assert page.publisher == "南河晚报"


def test_the_writer_in_front_of_the_paper_is_not_the_paper() -> None:
    assert meta(below="<p>石南/南河青年报</p><p>2023-11-17 09:10</p>").publisher == "南河青年报"


@pytest.mark.parametrize("button", ["最新推荐文章于 2023-11-17 发布", "最新推薦文章於 2023-11-17"])
def test_a_button_beside_a_date_is_no_publisher(button: str) -> None:
    assert meta(below=f"<p>{button}</p>", title=TITLE).publisher is None


def test_the_name_of_the_site_behind_the_title_is_the_last_resort() -> None:
    assert meta(title=f"{TITLE} - 新闻中心 - 南河新闻网").publisher == "南河新闻网"
    assert meta(title=f"{TITLE} - 新闻中心 - 南河新闻网", below="<p>来源：南河日报</p>").publisher == "南河日报"


def test_an_account_of_wechat() -> None:
    page = (
        f'<html><head><meta property="og:title" content="{TITLE}"><meta property="og:site_name" content="微信公众平台"></head><body>'
        f'<h1 id="activity-name">{TITLE}</h1><div><a id="js_name">南河民政</a><em id="publish_time"></em></div>'
        f'<div id="js_content" style="visibility: hidden">{PROSE}</div>'
        '<script>var ct = "1700179200"; var nickname = htmlDecode("南河民政");</script></body></html>'
    )
    source = load(page)
    assert (source.meta.title, source.meta.publisher, source.meta.published_on) == (TITLE, "南河民政", DAY)
    assert "由村集体出房出灶" in source.text
    named = load(page.replace('<a id="js_name">南河民政</a>', ""))
    assert named.meta.publisher == "南河民政"


# ---- title --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        f"{TITLE}_某网",
        f"{TITLE} - 新闻中心 - 某网",
        f"{TITLE}--地方--某网",
        f"{TITLE}-某网",
        f"{TITLE} 东区办事处_某网",
        f"{TITLE}|某报",
        "新闻动态",
        "新闻详情页",
        "信息服务 &gt;&gt; 农业资讯",
        "",
    ],
)
def test_a_title_has_no_tail_of_the_site(title: str) -> None:
    assert meta(title=title, below="<p>来源：南河日报 2023-11-17</p>").title == TITLE


@pytest.mark.parametrize(
    "own", ["南河县2021-2025年养老规划", "办好村级食堂——南河县的经验", "“一碗饭”里的民生|南河观察"]
)
def test_signs_inside_a_title_stay(own: str) -> None:
    page = f"<html><head><title>{own}_某网</title></head><body><h1>{own}</h1>{PROSE}</body></html>"
    assert load(page).meta.title == own


def test_a_title_over_the_line_of_date_and_source() -> None:
    page = f"<h3>首页 - 新闻动态</h3><h5>{TITLE}</h5><p>发布时间：2023-11-17 来源：南河日报</p>{PROSE}"
    assert load(f"<html><head><title>新闻动态--南河官网</title></head><body>{page}</body></html>").meta.title == TITLE


def test_a_title_on_two_lines() -> None:
    page = f"<p>南河县民政局关于办好</p><p>村级食堂的通知</p><p>来源：南河县民政局</p>{PROSE}"
    title = "<title>南河县民政局关于办好村级食堂的通知-南河县政府</title>"
    assert (
        load(f"<html><head>{title}</head><body>{page}</body></html>").meta.title == "南河县民政局关于办好村级食堂的通知"
    )


def test_the_record_of_an_office() -> None:
    fields = {
        "索 引 号：": "000000001/2023-00012", "主题分类：": "民政、扶贫", "发文机关：": "南河县民政局", "成文日期：": "2023年11月01日",
        "标　　题：": "南河县民政局关于办好村级食堂的通知", "发布日期：": "2023年11月17日",
    }  # fmt: skip
    cells = "".join(f"<tr><td>{k}</td><td>{v}</td></tr>" for k, v in fields.items())
    blocks = "".join(f"<div>{k}</div><div>{v}</div>" for k, v in fields.items())
    for record in (f"<table>{cells}</table>", blocks):
        said = load(f"<html><body>{record}{PROSE}</body></html>").meta
        assert said.title == "南河县民政局关于办好村级食堂的通知"
        assert (said.published_on, said.publisher) == (DAY, "南河县民政局")


# ---- byline -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("below", "byline"),
    [
        ("<p>来源：南河日报 作者：王某</p>", "王某"),
        ("<p>来源：南河日报作者：王某 编辑：李某</p>", "王某"),
        ("<p>记者 王某 通讯员 李某</p>", "记者 王某 通讯员 李某"),
        ("<p>本报记者 王某 李某某</p>", "本报记者 王某 李某某"),
    ],
)
def test_who_wrote_it(below: str, byline: str) -> None:
    assert (meta(below=below).byline or "").startswith(byline.split(" 通讯员")[0])


def test_the_webmaster_is_nobody() -> None:
    for name in ("admin", "管理员", "南河新闻网", "name, email@example.cn"):
        assert meta(f'<meta name="author" content="{name}"><meta name="source" content="南河日报">').byline is None


# ---- what is beside the article -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "beside",
    [
        "<div class='comment-list'><p>办得好，给你们点9999个赞！我们村什么时候也能有。</p></div>",
        "<div id='share-bar'><span>分享到微博，已有9999人分享。</span></div>",
        "<ul class='related-news'><li>北山县又建成食堂9999家，老人都说好。</li></ul>",
        "<div class='gallery'><p>上一张 下一张</p><p>查看原图</p></div>",
        "<div class='bdsharebuttonbox'><a>微信</a>分享：</div>",
    ],
)
def test_shares_comments_and_galleries_are_not_the_article(beside: str) -> None:
    text = load(f"<html><body><div class=main><h1>{TITLE}</h1>{PROSE}{beside}</div></body></html>").text
    assert "9999" not in text
    assert "上一张" not in text
    assert "分享" not in text
    assert text.count("\n") == 3


def test_a_page_that_calls_all_of_itself_shared_keeps_its_article() -> None:
    assert (
        "由村集体出房出灶"
        in load(f"<html><body><div class='share-wrap'><h1>{TITLE}</h1>{PROSE}</div></body></html>").text
    )
