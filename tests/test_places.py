"""Places: what is read from a text, which unit it means, and what is no place at all."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casextract.normalise import simplify
from casextract.places.divisions import COLUMNS
from casextract.places.gazetteer import Gazetteer
from casextract.places.model import Division, Place, PlaceMention, PlacesError, Surroundings


@pytest.fixture(scope="module")
def table(root: Path) -> Path:
    return root / "rules" / "divisions.csv"


@pytest.fixture(scope="module")
def gazetteer(table: Path) -> Gazetteer:
    return Gazetteer.from_text(table.read_text("utf-8"), table.name)


@pytest.fixture(scope="module")
def rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read(gazetteer: Gazetteer, text: str, within: tuple[str, ...] = ()) -> PlaceMention:
    """The mention at the head of a text, which must hold together."""
    mention = gazetteer.match_at(text, 0, within=within)
    assert mention is not None, text
    assert mention.text == text[mention.start : mention.end]
    assert mention.candidates
    if mention.agency is not None:
        assert text[: mention.agency_end].endswith(mention.agency)
    return mention


def cities(gazetteer: Gazetteer, unit: Division) -> list[str]:
    """The name of the city above a unit, in a list that is empty where there is none."""
    return [
        u.name
        for u in gazetteer.units
        if (u.level, u.status, u.code) == ("city", "current", unit.parent) and u.code != u.parent
    ]


# printed expression (the whole text), province, city, county, place below county level, code
EXPRESSIONS = [
    # each province, by full names and by short ones
    ("北京市石景山区", "北京市", None, "石景山区", None, "110107"),
    ("北京朝阳区", "北京市", None, "朝阳区", None, "110105"),
    ("天津市滨海新区", "天津市", None, "滨海新区", None, "120116"),
    ("天津市河北区", "天津市", None, "河北区", None, "120105"),
    ("河北省石家庄市正定县", "河北省", "石家庄市", "正定县", None, "130123"),
    ("河北廊坊", "河北省", "廊坊市", None, None, "131000"),
    ("河北雄安新区", "河北省", "保定市", "雄安新区", None, "130600"),
    ("山西省晋城市城区", "山西省", "晋城市", "城区", None, "140502"),
    ("山西大同", "山西省", "大同市", None, None, "140200"),
    ("山西平遥县", "山西省", "晋中市", "平遥县", None, "140728"),
    ("内蒙古自治区呼伦贝尔市鄂温克族自治旗", "内蒙古自治区", "呼伦贝尔市", "鄂温克族自治旗", None, "150724"),
    ("内蒙古赤峰", "内蒙古自治区", "赤峰市", None, None, "150400"),
    ("兴安盟", "内蒙古自治区", "兴安盟", None, None, "152200"),
    ("锡林郭勒盟二连浩特市", "内蒙古自治区", "锡林郭勒盟", "二连浩特市", None, "152501"),
    ("辽宁沈阳沈河区", "辽宁省", "沈阳市", "沈河区", None, "210103"),
    ("辽宁省朝阳市", "辽宁省", "朝阳市", None, None, "211300"),
    ("吉林省吉林市", "吉林省", "吉林市", None, None, "220200"),
    ("吉林", "吉林省", None, None, None, "220000"),
    ("延边州敦化市", "吉林省", "延边朝鲜族自治州", "敦化市", None, "222403"),
    ("延边朝鲜族自治州", "吉林省", "延边朝鲜族自治州", None, None, "222400"),
    ("黑龙江省哈尔滨市道里区", "黑龙江省", "哈尔滨市", "道里区", None, "230102"),
    ("大兴安岭地区漠河市", "黑龙江省", "大兴安岭地区", "漠河市", None, "232701"),
    ("上海市浦东新区", "上海市", None, "浦东新区", None, "310115"),
    ("上海静安", "上海市", None, "静安区", None, "310106"),
    ("江苏省徐州市鼓楼区", "江苏省", "徐州市", "鼓楼区", None, "320302"),
    ("江苏昆山", "江苏省", "苏州市", "昆山市", None, "320583"),
    ("南通", "江苏省", "南通市", None, None, "320600"),
    ("浙江省丽水市景宁畲族自治县", "浙江省", "丽水市", "景宁畲族自治县", None, "331127"),
    ("景宁县", "浙江省", "丽水市", "景宁畲族自治县", None, "331127"),
    ("浙江义乌市", "浙江省", "金华市", "义乌市", None, "330782"),
    ("安徽省合肥市庐阳区", "安徽省", "合肥市", "庐阳区", None, "340103"),
    ("安徽马鞍山市和县", "安徽省", "马鞍山市", "和县", None, "340523"),
    ("福建省厦门市思明区", "福建省", "厦门市", "思明区", None, "350203"),
    ("福建三明", "福建省", "三明市", None, None, "350400"),
    ("江西赣州章贡区", "江西省", "赣州市", "章贡区", None, "360702"),
    ("江西省井冈山市", "江西省", "吉安市", "井冈山市", None, "360881"),
    ("济南", "山东省", "济南市", None, None, "370100"),
    ("山东日照", "山东省", "日照市", None, None, "371100"),
    ("淄博市博山区", "山东省", "淄博市", "博山区", None, "370304"),
    ("济宁 任城区", "山东省", "济宁市", "任城区", None, "370811"),
    ("青岛市南区", "山东省", "青岛市", "市南区", None, "370202"),
    ("济南市中区", "山东省", "济南市", "市中区", None, "370103"),
    ("枣庄市市中区", "山东省", "枣庄市", "市中区", None, "370402"),
    ("河南省济源市", "河南省", None, "济源市", None, "419001"),
    ("河南兰考县", "河南省", "开封市", "兰考县", None, "410225"),
    ("湖北恩施州利川市", "湖北省", "恩施土家族苗族自治州", "利川市", None, "422802"),
    ("恩施", "湖北省", "恩施土家族苗族自治州", None, None, "422800"),
    ("恩施市", "湖北省", "恩施土家族苗族自治州", "恩施市", None, "422801"),
    ("湖北省仙桃市", "湖北省", None, "仙桃市", None, "429004"),
    ("神农架林区", "湖北省", None, "神农架林区", None, "429021"),
    ("荆州市公安县", "湖北省", "荆州市", "公安县", None, "421022"),
    ("湖南省怀化市通道侗族自治县", "湖南省", "怀化市", "通道侗族自治县", None, "431230"),
    ("湖南湘西州吉首市", "湖南省", "湘西土家族苗族自治州", "吉首市", None, "433101"),
    ("广东省东莞市", "广东省", "东莞市", None, None, "441900"),
    ("东莞市虎门镇", "广东省", "东莞市", None, "虎门镇", "441900"),
    ("中山市小榄镇", "广东省", "中山市", None, "小榄镇", "442000"),
    ("深圳市福田区", "广东省", "深圳市", "福田区", None, "440304"),
    ("广西壮族自治区柳州市融水苗族自治县", "广西壮族自治区", "柳州市", "融水苗族自治县", None, "450225"),
    ("广西桂林", "广西壮族自治区", "桂林市", None, None, "450300"),
    ("海南省儋州市", "海南省", "儋州市", None, None, "460400"),
    ("海南省东方市", "海南省", None, "东方市", None, "469007"),
    ("海南", "海南省", None, None, None, "460000"),
    ("海南州", "青海省", "海南藏族自治州", None, None, "632500"),
    ("重庆市万州区", "重庆市", None, "万州区", None, "500101"),
    ("重庆石柱县", "重庆市", None, "石柱土家族自治县", None, "500240"),
    ("四川省乐山市犍为县", "四川省", "乐山市", "犍为县", None, "511123"),
    ("峨眉山市", "四川省", "乐山市", "峨眉山市", None, "511181"),
    ("四川甘孜州康定市", "四川省", "甘孜藏族自治州", "康定市", None, "513301"),
    ("贵州省黔东南苗族侗族自治州凯里市", "贵州省", "黔东南苗族侗族自治州", "凯里市", None, "522601"),
    ("贵州毕节", "贵州省", "毕节市", None, None, "520500"),
    ("云南省西双版纳傣族自治州景洪市", "云南省", "西双版纳傣族自治州", "景洪市", None, "532801"),
    ("云南大理州大理市", "云南省", "大理白族自治州", "大理市", None, "532901"),
    ("富民县", "云南省", "昆明市", "富民县", None, "530124"),
    ("西藏自治区拉萨市城关区", "西藏自治区", "拉萨市", "城关区", None, "540102"),
    ("西藏阿里地区", "西藏自治区", "阿里地区", None, None, "542500"),
    ("陕西省榆林市榆阳区", "陕西省", "榆林市", "榆阳区", None, "610802"),
    ("陕西西安长安区", "陕西省", "西安市", "长安区", None, "610116"),
    ("甘肃省嘉峪关市", "甘肃省", "嘉峪关市", None, None, "620200"),
    ("甘南州合作市", "甘肃省", "甘南藏族自治州", "合作市", None, "623001"),
    ("甘肃兰州城关区", "甘肃省", "兰州市", "城关区", None, "620102"),
    ("青海省海东市平安区", "青海省", "海东市", "平安区", None, "630203"),
    ("青海民和回族土族自治县", "青海省", "海东市", "民和回族土族自治县", None, "630222"),
    ("宁夏回族自治区吴忠市同心县", "宁夏回族自治区", "吴忠市", "同心县", None, "640324"),
    ("宁夏银川", "宁夏回族自治区", "银川市", None, None, "640100"),
    ("新疆维吾尔自治区喀什地区莎车县", "新疆维吾尔自治区", "喀什地区", "莎车县", None, "653125"),
    ("新疆石河子市", "新疆维吾尔自治区", None, "石河子市", None, "659001"),
    ("新疆生产建设兵团第三师图木舒克市", "新疆维吾尔自治区", None, "图木舒克市", None, "659003"),
    ("新疆克州阿图什市", "新疆维吾尔自治区", "克孜勒苏柯尔克孜自治州", "阿图什市", None, "653001"),
    ("香港", "香港特别行政区", None, None, None, "810000"),
    ("香港特别行政区", "香港特别行政区", None, None, None, "810000"),
    ("深水埗区", "香港特别行政区", None, "深水埗区", None, "810000"),
    ("香港东区", "香港特别行政区", None, "东区", None, "810000"),
    ("澳门", "澳门特别行政区", None, None, None, "820000"),
    ("台北市", "台湾省", "台北市", None, None, "710000"),
    ("台湾花莲县", "台湾省", "花莲县", None, None, "710000"),
    ("台北市信义区", "台湾省", "台北市", "信义区", None, "710000"),
    ("日照岚山区", "山东省", "日照市", "岚山区", None, "371103"),
    ("开封·兰考县", "河南省", "开封市", "兰考县", None, "410225"),
    # below county level
    ("浙江省杭州市上城区小营街道", "浙江省", "杭州市", "上城区", "小营街道", "330102"),
    ("成武县孙寺镇", "山东省", "菏泽市", "成武县", "孙寺镇", "371723"),
    ("四川省凉山彝族自治州昭觉县三岔河镇", "四川省", "凉山彝族自治州", "昭觉县", "三岔河镇", "513431"),
    ("云南省怒江州贡山县独龙江乡", "云南省", "怒江傈僳族自治州", "贡山独龙族怒族自治县", "独龙江乡", "533324"),
    ("东乌珠穆沁旗满都胡宝拉格镇", "内蒙古自治区", "锡林郭勒盟", "东乌珠穆沁旗", "满都胡宝拉格镇", "152525"),
    ("科尔沁左翼后旗朝鲁吐镇", "内蒙古自治区", "通辽市", "科尔沁左翼后旗", "朝鲁吐镇", "150522"),
    ("北京市海淀区清河街道毛纺社区", "北京市", None, "海淀区", "清河街道毛纺社区", "110108"),
    ("内蒙古鄂尔多斯市伊金霍洛旗阿勒腾席热镇", "内蒙古自治区", "鄂尔多斯市", "伊金霍洛旗", "阿勒腾席热镇", "150627"),
    ("成都市武侯区玉林街道青春岛社区", "四川省", "成都市", "武侯区", "玉林街道青春岛社区", "510107"),
    # functional areas
    ("潍坊峡山区", "山东省", "潍坊市", "峡山区", None, "370700"),
    ("峡山区", "山东省", "潍坊市", "峡山区", None, "370700"),
    ("青岛西海岸新区", "山东省", "青岛市", "西海岸新区", None, "370211"),
    ("西海岸新区", "山东省", "青岛市", "西海岸新区", None, "370211"),
    ("潍坊高新区", "山东省", "潍坊市", "高新区", None, "370700"),
    ("长春市净月高新技术产业开发区", "吉林省", "长春市", "净月高新技术产业开发区", None, "220100"),
    ("陕西西咸新区", "陕西省", None, "西咸新区", None, "610000"),
    ("西安市西咸新区", "陕西省", "西安市", "西咸新区", None, "610100"),
    ("苏州工业园区", "江苏省", "苏州市", "苏州工业园区", None, "320500"),
    ("合肥经开区", "安徽省", "合肥市", "经开区", None, "340100"),
    ("兰州新区", "甘肃省", "兰州市", "兰州新区", None, "620100"),
    # names that are gone
    ("山东省莱芜市", "山东省", "济南市", "莱芜区", None, "370116"),
    ("莱芜市", "山东省", "济南市", "莱芜区", None, "370116"),
    ("湖北襄樊市", "湖北省", "襄阳市", None, None, "420600"),
    ("青岛即墨市", "山东省", "青岛市", "即墨区", None, "370215"),
    ("上海市闸北区", "上海市", None, "静安区", None, "310106"),
    ("云南省思茅市", "云南省", "普洱市", None, None, "530800"),
    ("重庆市渝北区", "重庆市", None, "渝北区", None, "500112"),
]


@pytest.mark.parametrize(("text", "province", "city", "county", "place", "code"), EXPRESSIONS)
def test_an_expression_is_read_whole_and_resolved(
    gazetteer: Gazetteer,
    text: str,
    province: str,
    city: str | None,
    county: str | None,
    place: str | None,
    code: str,
) -> None:
    for tail in ("", " “暖心”行动", ",", "\n下一行"):
        mention = read(gazetteer, text + tail)
        assert mention.text == text
        assert gazetteer.resolve(mention) == Place(province, city, county, place, code)


def test_there_are_enough_expressions_and_every_province_is_among_them(rows: list[dict[str, str]]) -> None:
    assert len(EXPRESSIONS) >= 120
    provinces = {row["name"] for row in rows if row["level"] == "province"}
    assert {expression[1] for expression in EXPRESSIONS} == provinces


@pytest.mark.parametrize(
    ("printed", "county", "code"),
    [
        ("深水埗區", "深水埗区", "810000"),
        ("觀塘區", "观塘区", "810000"),
        ("臺灣雲林縣", None, "710000"),
        ("臺北市", None, "710000"),
        ("廣東省廣州市荔灣區", "荔湾区", "440103"),
        ("陝西省榆林市榆陽區", "榆阳区", "610802"),
        ("吉林省乾安縣", "乾安县", "220723"),
        ("陝西省乾縣", "乾县", "610424"),
        ("內蒙古錫林郭勒盟蘇尼特右旗", "苏尼特右旗", "152524"),
        ("河北省灤州市", "滦州市", "130284"),
        ("四川省儀隴縣", "仪陇县", "511324"),
        ("山東省濰坊市濰城區", "潍城区", "370702"),
    ],
)
def test_traditional_pages_read_alike_once_normalised(
    gazetteer: Gazetteer, printed: str, county: str | None, code: str
) -> None:
    text = simplify(printed)[0]
    place = gazetteer.resolve(read(gazetteer, text))
    assert (place.county, place.adcode) == (county, code)


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("常州市民政局", "民政局"),
        ("江西省民政厅", "民政厅"),
        ("福州市鼓楼区社会福利中心", "社会福利中心"),
        ("枣庄市儿童福利院", "儿童福利院"),
        ("滨州市救助管理站", "救助管理站"),
        ("无锡市新吴区旺庄街道办事处", "旺庄街道办事处"),
        ("昆明市官渡区人民政府", "人民政府"),
        ("济宁市未成年人救助保护中心", "未成年人救助保护中心"),
        ("苏州市家庭经济状况核对中心", "家庭经济状况核对中心"),
        ("厦门市慈善总会", "慈善总会"),
        ("香港社会福利署", "社会福利署"),
        ("澳门特别行政区政府社会工作局", "政府社会工作局"),
        ("香港特区政府", "政府"),
        ("北京市 朝阳区 双井街道办事处", "双井街道办事处"),
        ("平阴县社会事务局", "社会事务局"),
    ],
)
def test_the_body_behind_a_place_is_told_apart(gazetteer: Gazetteer, text: str, agency: str) -> None:
    mention = read(gazetteer, text + "牵头")
    assert mention.agency == agency
    assert mention.agency_end == len(text)


NO_PLACES = [
    "县民政局随后派人上门核实",
    "市民政局会同财政部门研究方案",
    "区民政局、街道办事处各司其职",
    "城区与郊区的床位差距逐步缩小",
    "在新区选址时听取了各方意见",
    "和平年代更要守住底线",
    "确保社会长治久安、百姓乐业",
    "公安机关和民政部门信息互通",
    "两家单位签订战略合作协议",
    "打通救助绿色通道",
    "上下同心、共克时艰",
    "推出一批富民惠民、民乐民安的好项目",
    "老人出行平安、起居安康",
    "这是一项朝阳产业",
    "东方的天空已经泛白",
    "求大同、存小异",
    "来宾们参观了食堂",
    "做好日间照料,日照时间充足的房间优先安排",
    "信封由专人开封、登记",
    "白银首饰不计入家庭财产",
    "他居住在半山区的老屋里",
    "该县级财政按比例补助",
    "列出任务清单县里逐项督办",
    "申报示范县的地方不少",
    "老城区改造带来新机遇",
    "中心城区的老旧小区较多",
    "建设新城区的配套养老设施",
    "集中山区群众的意见",
    "西南山区的交通条件较差",
    "长江西岸的渔民已经上岸",
    "太湖南岸的村庄先行一步",
    "黄河北岸设了三个点",
    "早餐吃三明治",
    "大理石台面换成防滑材料",
    "少开文山会海式的会议",
    "护理员互助、志愿者友谊长存",
    "安居工程惠及困难家庭",
    "共和国勋章获得者来访",
    "凤凰涅槃、木兰从军的故事",
    "前进路上的新华书店",
    "走在向阳的一侧",
    "出海口处设有警示牌",
    "社区、街道、乡镇三级联动",
    "开发区、高新区的企业也参加",
    "度假区和示范区各有分工",
    "全市场次安排见附件",
    "人民群众的合作意愿强",
    "资源整合、兴业富民",
    "不断创新和完善机制",
    "居民和社工一起动手",
    "管理县域养老网络",
    "代理县长到任",
    "完成县级验收",
    "超市区域划分清楚",
    "城市区位优势明显",
    "贡献县里的力量",
    "孝义之风、文明之花",
    "平原地区与山阴地带",
    "浙江大学与上海银行共建",
    "三台、五台地逐步更换旧设备",
]


@pytest.mark.parametrize("sentence", NO_PLACES)
def test_ordinary_words_are_no_places(gazetteer: Gazetteer, sentence: str) -> None:
    assert [mention.text for mention in gazetteer.find(sentence)] == []


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("近年来,济南、日照、德州三市先行先试", ["济南", "日照", "德州"]),
        ("山东省济南市、青岛市以及潍坊峡山区", ["山东省济南市", "青岛市", "潍坊峡山区"]),
        ("经验从博山区走向淄博市各地", ["博山区", "淄博市"]),
        ("济南市场主体参与养老服务", ["济南"]),
        ("青岛市民满意度上升", ["青岛"]),
        ("在平阴县城和平阴县乡镇(街道)同步推进", ["平阴县", "平阴县"]),
        ("任城区打造社区食堂", ["任城区"]),
        ("临邑县聚焦街道短板", ["临邑县"]),
        ("任城区 镇街联动新路子", ["任城区"]),
        ("榆阳区全面推进乡镇社工站建设", ["榆阳区"]),
        ("沿着南京路步行,再到北京路", []),
        ("学习浙江先进做法,借鉴上海经验", ["浙江", "上海"]),
        ("江苏省各市、县(市、区)", ["江苏省"]),
        ("湖北公安机关协同核查", ["湖北"]),
        ("甘肃合作项目落地", ["甘肃"]),
        ("四川南部地区气候湿润", ["四川"]),
        ("长春市城区", ["长春市"]),
        ("来自四川、重庆和贵州的社工", ["四川", "重庆", "贵州"]),
        ("新疆生产建设兵团第八师石河子市", ["新疆生产建设兵团第八师石河子市"]),
        ("杭州市养老服务示范区名单", ["杭州市"]),
        ("黄石市民政局与德州市民政局结对", ["黄石市", "德州市"]),
    ],
)
def test_running_text(gazetteer: Gazetteer, sentence: str, found: list[str]) -> None:
    mentions = gazetteer.find(sentence)
    assert [mention.text for mention in mentions] == found
    assert all(sentence[m.start : m.end] == m.text for m in mentions)
    assert all(a.agency_end <= b.start for a, b in pairwise(mentions))


@pytest.mark.parametrize(
    ("name", "document", "city", "code"),
    [
        ("鼓楼区", "福建省福州市出台办法。", "福州市", "350102"),
        ("鼓楼区", "江苏省南京市先试。南京的做法是", "南京市", "320106"),
        ("鼓楼区", "徐州市、徐州市云龙区", "徐州市", "320302"),
        ("鼓楼区", "河南省开封市", "开封市", "410204"),
        ("和平区", "天津市南开区与河西区", None, "120101"),
        ("和平区", "辽宁省沈阳市", "沈阳市", "210102"),
        ("西湖区", "浙江省民政厅部署", "杭州市", "330106"),
        ("西湖区", "江西省南昌市", "南昌市", "360103"),
        ("城关区", "甘肃省兰州市七里河区", "兰州市", "620102"),
        ("城关区", "西藏自治区拉萨市", "拉萨市", "540102"),
        ("朝阳区", "北京市民政局", None, "110105"),
        ("朝阳区", "长春市", "长春市", "220104"),
        ("市中区", "四川省内江市", "内江市", "511002"),
        ("白云区", "贵州省贵阳市", "贵阳市", "520113"),
        ("通州区", "江苏省南通市", "南通市", "320612"),
        ("新华区", "河北省石家庄市长安区", "石家庄市", "130105"),
        ("宝山区", "上海市", None, "310113"),
        ("江北区", "浙江省宁波市", "宁波市", "330205"),
    ],
)
def test_a_shared_name_takes_the_city_of_its_surroundings(
    gazetteer: Gazetteer, name: str, document: str, city: str | None, code: str
) -> None:
    context = gazetteer.surroundings(gazetteer.find(document))
    place = gazetteer.resolve(read(gazetteer, name), context)
    assert (place.city, place.adcode, place.ambiguous) == (city, code, ())


def test_a_shared_name_without_surroundings_is_reported(gazetteer: Gazetteer) -> None:
    place = gazetteer.resolve(read(gazetteer, "鼓楼区"))
    assert place == Place(
        None,
        None,
        "鼓楼区",
        None,
        None,
        (
            "江苏省南京市鼓楼区 320106",
            "江苏省徐州市鼓楼区 320302",
            "福建省福州市鼓楼区 350102",
            "河南省开封市鼓楼区 410204",
        ),
    )


def test_what_the_candidates_share_is_kept_when_nothing_decides(gazetteer: Gazetteer) -> None:
    place = gazetteer.resolve(read(gazetteer, "江苏鼓楼区"))
    assert place == Place(
        "江苏省", None, "鼓楼区", None, None, ("江苏省南京市鼓楼区 320106", "江苏省徐州市鼓楼区 320302")
    )


def test_the_title_decides_before_counts(gazetteer: Gazetteer) -> None:
    mentions = gazetteer.find("福州市、福州市、福州市")
    context = gazetteer.surroundings(mentions, home=gazetteer.find("开封市优秀案例选登"))
    assert gazetteer.resolve(read(gazetteer, "鼓楼区"), context).adcode == "410204"


def test_a_name_without_rival_needs_no_surroundings(gazetteer: Gazetteer) -> None:
    for name, code in (("泰山区", "370902"), ("博山区", "370304"), ("犍为县", "511123")):
        assert gazetteer.resolve(read(gazetteer, name)).adcode == code


@pytest.mark.parametrize(
    ("text", "within", "printed"),
    [
        ("任城 “集中照护”", ("370000",), "任城"),
        ("日照 打造“阳光”品牌", ("370000",), "日照"),
        ("东区 长者服务", ("810000",), "东区"),
        ("城区民政局", ("140500",), "城区"),
    ],
)
def test_surroundings_let_a_bare_name_open_a_heading(
    gazetteer: Gazetteer, text: str, within: tuple[str, ...], printed: str
) -> None:
    assert gazetteer.match_at(text, 0) is None
    assert read(gazetteer, text, within=within).text == printed


def test_surroundings_do_not_turn_words_of_a_sentence_into_places(gazetteer: Gazetteer) -> None:
    for text in ("日照时间较长", "任城市民", "合作共建单位", "城区的老人"):
        assert gazetteer.match_at(text, 0, within=("370000", "140500", "623000")) is None


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("莱芜市", 2017, Place("山东省", "莱芜市", None, None, "371200")),
        ("莱芜市", 2022, Place("山东省", "济南市", "莱芜区", None, "370116")),
        ("重庆市江北区", 2020, Place("重庆市", None, "江北区", None, "500105")),
        ("重庆市江北区", 2026, Place("重庆市", None, "两江新区", None, "500157")),
        ("即墨市", 2012, Place("山东省", "青岛市", "即墨市", None, "370282")),
    ],
)
def test_a_unit_that_existed_then_keeps_its_name(gazetteer: Gazetteer, name: str, year: int, expected: Place) -> None:
    assert gazetteer.resolve(read(gazetteer, name), Surroundings(year=year)) == expected


@pytest.mark.parametrize(("text", "short"), [("济南", True), ("济南市", False), ("恩施州", False), ("江苏昆山", True)])
def test_a_mention_says_whether_its_name_is_short(gazetteer: Gazetteer, text: str, short: bool) -> None:
    assert read(gazetteer, text).short is short


def test_containment_goes_by_names(gazetteer: Gazetteer) -> None:
    city, county, other = (gazetteer.resolve(read(gazetteer, name)) for name in ("淄博市", "博山区", "济南市"))
    assert city.contains(county)
    assert city.contains(city)
    assert not county.contains(city)
    assert not other.contains(county)
    assert not Place(None, None, None, None, None).contains(county)


def test_reading_stops_at_the_end_given(gazetteer: Gazetteer) -> None:
    mention = gazetteer.match_at("淄博市博山区", 0, 3)
    assert mention is not None
    assert mention.text == "淄博市"
    assert gazetteer.match_at("淄博市", 1) is None


# ---- the table


def test_the_table_agrees_with_the_published_totals(rows: list[dict[str, str]]) -> None:
    current = [row for row in rows if row["status"] == "current"]
    levels = Counter(row["level"] for row in current)
    mainland = Counter(row["level"] for row in current if row["code"][:2] not in ("71", "81", "82"))
    assert levels["province"] == 34
    # The ministry's list counts 333 units; the source adds a nameless one wherever counties belong to the province.
    direct = {row["parent"] for row in current if row["level"] == "county" and row["parent"].endswith("0000")}
    assert mainland["city"] == 333
    assert mainland["city"] + len(direct - {"810000", "820000"}) == 341
    assert mainland["county"] == 2847
    assert Counter(row["level"] for row in current if row["code"] == "710000") == {"province": 1, "city": 22}
    assert sum(row["code"] == "810000" for row in current) == 19


def test_codes_are_unique_and_lie_below_their_parents(rows: list[dict[str, str]]) -> None:
    current = [row for row in rows if row["status"] == "current"]
    shared = [row for row in current if row["code"][:2] in ("71", "81", "82")]
    codes = Counter((row["code"], row["status"]) for row in rows if row not in shared and row["status"] != "functional")
    assert [key for key, times in codes.items() if times > 1 and key[0]] == []
    assert max(Counter((row["code"], row["name"], row["status"]) for row in rows).values()) == 1
    level_of = {row["code"]: row["level"] for row in reversed(current)}
    for row in current:
        assert row["code"].isdigit(), row
        assert len(row["code"]) == 6, row
        if row["level"] == "province":
            assert (row["parent"], row["code"][2:]) == ("", "0000"), row
        elif row["level"] == "city":
            assert row["parent"] == row["code"][:2] + "0000", row
        else:
            # Directly administered counties (…90xx) and the districts of municipalities lie below the province.
            assert row["parent"] in (row["code"][:4] + "00", row["code"][:2] + "0000"), row
            assert level_of[row["parent"]] in ("province", "city"), row
            assert (level_of[row["parent"]] == "province") == (
                row["code"][2:4] == "90" or row["code"][:2] in ("11", "12", "31", "50", "81", "82")
            ), row


def test_former_units_and_areas_lead_to_current_ones(rows: list[dict[str, str]]) -> None:
    current = {row["code"] for row in rows if row["status"] == "current"}
    for row in rows:
        if row["status"] == "former":
            assert row["successor"] in current, row
            assert 2000 <= int(row["ended"]) <= 2026, row
        if row["status"] == "functional":
            assert row["code"] in current, row
            assert row["parent"] == row["code"], row


def test_every_full_name_is_read_and_found_behind_its_province(gazetteer: Gazetteer) -> None:
    names = {unit.code: unit.name for unit in gazetteer.units if unit.level == "province"}
    missed = []
    for unit in gazetteer.units:
        if unit.status != "current" or unit.level not in ("city", "county"):
            continue
        mention = gazetteer.match_at("".join((names[unit.code[:2] + "0000"], *cities(gazetteer, unit), unit.name)), 0)
        if mention is None or gazetteer.resolve(mention).adcode != unit.code:
            missed.append(unit.name)
    assert missed == []


def test_names_survive_the_round_to_traditional_characters(gazetteer: Gazetteer) -> None:
    from opencc import OpenCC

    to_traditional = OpenCC("s2t")
    lost = []
    for unit in gazetteer.units:
        if unit.status == "current" and unit.level in ("city", "county"):
            province = next(other.name for other in gazetteer.units if other.code == unit.code[:2] + "0000")
            printed = "".join((province, *cities(gazetteer, unit), unit.name))
            mention = gazetteer.match_at(simplify(to_traditional.convert(printed))[0], 0)
            if mention is None or unit not in mention.candidates:
                lost.append(unit.name)
    assert lost == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("code,name\n", "header"),
        (",".join(COLUMNS) + "\n370000,山东省\n", ":2:"),
        (",".join(COLUMNS) + "\n370000,山东省,empire,,,,,,current,,,province\n", "level 'empire'"),
        (",".join(COLUMNS) + "\n370100,济南市,city,370000,,,,,current,,,city\n", "370000"),
        (",".join(COLUMNS) + "\n370000,鲁,province,,,,,,current,,,province\n", "single character"),
        (",".join(COLUMNS) + "\n370000,山东省,province,,,,,,former,,2019,province\n", "successor"),
    ],
)
def test_a_bad_table_is_refused_with_the_place(text: str, reason: str) -> None:
    with pytest.raises(PlacesError, match=reason):
        Gazetteer.from_text(text, "own.csv")


def test_a_later_row_replaces_an_earlier_one(table: Path) -> None:
    extra = "370700,峡山区,area,370700,峡山度假岛,,,,functional,,,functional_area\n"
    gazetteer = Gazetteer.from_text(table.read_text("utf-8") + extra)
    assert read(gazetteer, "峡山度假岛").candidates[0].code == "370700"
    assert gazetteer.match_at("峡山生态经济开发区", 0) is None


def test_load_and_reading_times_are_reported(table: Path, record_property: Callable[[str, object], None]) -> None:
    """Measured, not judged: the figures depend on the machine."""
    before = time.process_time()
    gazetteer = Gazetteer.from_text(table.read_text("utf-8"), table.name)
    loaded = time.process_time()
    text = "".join(NO_PLACES) * 10 + "".join(expression[0] for expression in EXPRESSIONS)
    mentions = gazetteer.find(text)
    read_out = time.process_time()
    record_property("load_ms", round((loaded - before) * 1e3, 1))
    record_property("us_per_char", round((read_out - loaded) / len(text) * 1e6, 3))
    assert mentions


@pytest.mark.needs_shared
def test_the_places_of_the_annotated_cases_are_read_at_their_starts(gazetteer: Gazetteer, shared: Path) -> None:
    checked = 0
    for path in sorted((shared / "gold").glob("*.json")):
        gold = json.loads(path.read_text("utf-8"))
        text = (shared / "corpus" / f"{path.stem}.txt").read_bytes().decode("utf-8")
        context = gazetteer.surroundings(gazetteer.find(simplify(text)[0]))
        for case in gold["cases"]:
            if case["implicit"]:
                continue
            head = simplify(text[case["start"] : case["start"] + 80])[0]
            mention = gazetteer.match_at(head, 0)
            assert mention is not None, head
            expected = tuple(case[key] for key in ("province", "city", "county", "place", "adcode"))
            assert gazetteer.resolve(mention, context) == Place(*expected)
            checked += 1
    assert checked


@given(st.lists(st.sampled_from([e[0] for e in EXPRESSIONS] + NO_PLACES + [" ", "、", "\n", "的", "和"]), max_size=12))
def test_mentions_are_ordered_apart_and_copied_from_the_text(gazetteer: Gazetteer, parts: list[str]) -> None:
    text = "".join(parts)
    reached = 0
    for mention in gazetteer.find(text):
        assert reached <= mention.start < mention.end <= mention.agency_end <= len(text)
        assert mention.text == text[mention.start : mention.end]
        assert gazetteer.resolve(mention).province or gazetteer.resolve(mention).ambiguous
        reached = mention.agency_end
