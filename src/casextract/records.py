"""The records of the public contract: one Pydantic model per table, described in English and Chinese.

Everything that leaves the pipeline is an instance of one of these models. `schema` derives the Arrow schemas, the JSON
Schema and the data dictionary from them, so a column is defined here and nowhere else. Offsets are Python `str` offsets
into `documents.text`, the decoded text exactly as loaded.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from casextract.language import display

Script = Literal["hans", "hant", "mixed"]
Kind = Literal["case_collection", "single_case", "plan", "other"]
Dimension = Literal["count", "money", "percent", "duration", "age", "area", "length", "multiple", "ratio"]
Bound = Literal["exact", "about", "nearly", "over", "at_least", "at_most", "under"]
Direction = Literal["up", "down"]
Status = Literal["achieved", "target", "standard", "baseline"]
Currency = Literal[
    "CNY",
    "HKD",
    "MOP",
    "TWD",
    "USD",
    "EUR",
    "GBP",
    "JPY",
    "KRW",
    "SGD",
    "AUD",
    "CAD",
    "CHF",
    "RUB",
    "THB",
    "NZD",
    "MYR",
    "INR",
]
Disposition = Literal["indicator", "set_aside", "unresolved"]
Severity = Literal["info", "warning", "error"]
Stage = Literal["load", "normalise", "segment", "extract", "record", "correct", "write"]

Offset = Annotated[int, Field(ge=0)]


def described(en: str, zh: str, **notes: Any) -> Any:
    """A field of a table: its description in both languages and what else the data dictionary says of it.

    `notes` may hold `unit`, `primary_key` (bool), `references` ("table.column"), `default` (the model's default)
    and any constraint that Pydantic's `Field` takes (`ge`, `le`, `pattern`, `min_length`).
    """
    extra = {"zh": zh} | {k: notes.pop(k) for k in ("unit", "primary_key", "references") if k in notes}
    return Field(description=en, json_schema_extra=extra, **notes)


class Record(BaseModel):
    """What all rows share: strict types, no unknown columns, finite numbers, immutable."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    def _repr_html_(self) -> str:
        """The columns and values, for a notebook."""
        return display.table(("column", "value"), ((n, v) for n, v in self if v not in (None, [])), type(self).__name__)


class Document(Record):
    """One article as loaded."""

    doc_id: str = described(
        "identifier, from the SHA-256 of the content", "文档标识,取自内容的 SHA-256", primary_key=True
    )
    source_path: str = described(
        "POSIX path relative to the folder given; members of an archive follow '!/'",
        "相对于输入文件夹的路径;压缩包成员写在“!/”之后",
    )
    sha256: str = described(
        "SHA-256 of the file's bytes (of the member's in an archive)",
        "文件(或压缩包成员)字节的 SHA-256",
        pattern=r"^[0-9a-f]{64}$",
    )
    media_type: str = described("media type of the file (IANA)", "文件的媒体类型")
    encoding: str | None = described(
        "character encoding the text was decoded from; null for binary formats", "解码所用字符编码;二进制格式为空"
    )
    ocr: bool = described("the text, or some of its pages, was read from pictures", "正文(或部分页)由图片识别而来")
    ocr_confidence: float | None = described(
        "mean confidence of the characters read from pictures; null where none was",
        "识别字符的平均置信度;无识别内容为空",
        ge=0,
        le=1,
    )
    script: Script = described(
        "script: hans simplified, hant traditional, mixed", "字形:hans 简体,hant 繁体,mixed 混用"
    )
    kind: Kind = described(
        "collection of cases, single case, plan or speech, other", "文档类型:案例汇编、单一案例、规划或讲话、其他"
    )
    title: str | None = described("title", "标题")
    subtitle: str | None = described("subtitle", "副标题")
    publisher: str | None = described("publishing magazine, site or office", "刊物、网站或发布机构")
    issue: str | None = described("issue of the magazine as printed", "刊期")
    published_on: date | None = described("date of publication", "发布日期")
    byline: str | None = described("byline as printed", "署名")
    keywords: list[str] = described("keywords", "关键词")
    text: str = described(
        "decoded text exactly as loaded; all offsets point into it", "解码后的原文,所有偏移量以此为准"
    )
    char_count: int = described("length of text", "原文字符数", unit="characters", ge=0)
    case_count: int = described("rows in cases", "案例数", ge=0)
    measure_count: int = described("rows in measures", "举措数", ge=0)
    indicator_count: int = described("rows in indicators", "指标数", ge=0)
    unresolved_count: int = described("numerals nobody could account for", "未能归类的数字数", ge=0)
    duplicate_of: str | None = described(
        "doc_id of the earlier document this one repeats", "与之重复的较早文档的标识", references="documents.doc_id"
    )

    @model_validator(mode="after")
    def _length(self) -> Self:
        if self.char_count != len(self.text):
            raise ValueError(f"char_count {self.char_count} is not the length of text {len(self.text)}")
        return self


class Case(Record):
    """The practice of one place or body."""

    case_id: str = described("identifier", "案例标识", primary_key=True)
    doc_id: str = described("document", "所属文档", references="documents.doc_id")
    ordinal: int = described("position in the document, from 1", "文内序号,从 1 起", ge=1)
    implicit: bool = described("the document's body where it presents no case of its own", "正文无独立案例时的隐含案例")
    title: str | None = described("heading without the place, raw", "标题(不含地名,照录原文)")
    lead: str | None = described("opening paragraph, normalised", "导语(规范化文本)")
    province: str | None = described("province, full official name", "省级行政区全称")
    city: str | None = described("prefecture-level unit, full official name", "地级行政区全称")
    county: str | None = described("county-level unit or functional area", "县级行政区或功能区")
    place: str | None = described("place below county level", "县级以下地名")
    adcode: str | None = described(
        "GB/T 2260 code of the most exact official unit", "最确切行政区的 GB/T 2260 代码", pattern=r"^[0-9]{6}$"
    )
    agency: str | None = described("body that acts", "实施机构")
    brands: list[str] = described("quoted names of the practice", "加引号的品牌名称")
    topics: list[str] = described("topics by evidence in the text", "主题")
    start: Offset = described("first character", "起始偏移", unit="characters")
    end: Offset = described("one past the last character", "结束偏移", unit="characters")
    text: str = described("normalised text", "规范化文本")
    page: int | None = described("page in the file (PDF), from 1", "文件页码(PDF),从 1 起", ge=1)
    path: str | None = described("block path in the file (HTML)", "文件中的块路径(HTML)")
    rule_id: str = described("rule that opened the case", "划定案例的规则")
    corrected: list[str] = described(
        "fields that a reviewer corrected; the rule stays the one that made the row",
        "人工更正的字段;规则仍为原规则",
        default=[],
    )

    @model_validator(mode="after")
    def _span(self) -> Self:
        _check_span(self.start, self.end)
        return self


class Measure(Record):
    """A step of a case."""

    measure_id: str = described("identifier", "举措标识", primary_key=True)
    case_id: str = described("case", "所属案例", references="cases.case_id")
    doc_id: str = described("document", "所属文档", references="documents.doc_id")
    parent_id: str | None = described("section a step belongs to", "上级举措", references="measures.measure_id")
    level: int = described(
        "1 section, 2 enumerated step, 3 and more nested steps", "层级:1 为部分,2 为分项,3 及以上为再分项", ge=1, le=4
    )
    ordinal: int = described("position among its siblings, from 1", "同级序号,从 1 起", ge=1)
    marker: str | None = described("enumeration marker as printed", "序号标记(照录)")
    label: str | None = described(
        "topic sentence without marker and final punctuation, simplified", "主题句(简体,去序号与句末标点)"
    )
    start: Offset = described("first character (the marker's where there is one)", "起始偏移", unit="characters")
    end: Offset = described("one past the last character", "结束偏移", unit="characters")
    text: str = described("normalised text", "规范化文本")
    page: int | None = described("page in the file (PDF), from 1", "文件页码(PDF),从 1 起", ge=1)
    path: str | None = described("block path in the file (HTML)", "文件中的块路径(HTML)")
    rule_id: str = described("rule that found the measure", "识别举措的规则")
    corrected: list[str] = described(
        "fields that a reviewer corrected; the rule stays the one that made the row",
        "人工更正的字段;规则仍为原规则",
        default=[],
    )

    @model_validator(mode="after")
    def _span(self) -> Self:
        _check_span(self.start, self.end)
        return self


class Indicator(Record):
    """A number that measures something, with everything the words around it say."""

    indicator_id: str = described("identifier", "指标标识", primary_key=True)
    doc_id: str = described("document", "所属文档", references="documents.doc_id")
    case_id: str | None = described("case; null in a preamble", "所属案例;前言中为空", references="cases.case_id")
    measure_id: str | None = described("innermost measure", "最内层举措", references="measures.measure_id")
    metric: str = described("what it measures", "指标类别", pattern=r"^[a-z][a-z0-9_]*$")
    dimension: Dimension = described("kind of quantity", "量的种类")
    subject: str | None = described("what is counted or measured, simplified", "计量对象(简体)")
    value: float = described(
        "value in base units (yuan, ones, percent as printed, else the unit)", "数值(元、个数、百分数,其余按单位)"
    )
    value_high: float | None = described("upper end of a range", "区间上限")
    value_min: float | None = described("least value the words allow", "文意允许的最小值")
    value_max: float | None = described("greatest value the words allow", "文意允许的最大值")
    unit: str = described("unit, simplified", "单位(简体)")
    currency: Currency | None = described("currency, money only (ISO 4217)", "币种,仅用于金额")
    bound: Bound = described("what the words around the number make of it", "界限:确数、约、近、逾、至少、至多、不足")
    per: list[str] = described("bases of a rate, outermost first", "计量基准,由外到内")
    status: Status = described("achieved, target, standard or baseline", "状态:已实现、目标、标准、基期")
    direction: Direction | None = described(
        "of a number that is itself a difference: a rise or a fall; null for every level",
        "数字本身为增减量时的方向:上升或下降;水平值为空",
        default=None,
    )
    baseline_id: str | None = described(
        "indicator that holds the old value", "旧值所在指标", references="indicators.indicator_id"
    )
    time: str | None = described("date or period it belongs to, as printed", "所属时间(照录)")
    period_start: date | None = described("first day of that period", "时段起始日")
    period_end: date | None = described("last day of that period", "时段截止日")
    table: int | None = described(
        "of a table's cell, the table's number in the document, from 1", "表格单元所在表的序号,从 1 起", ge=1
    )
    row: str | None = described(
        "of a table's cell, the row's labels, simplified, the outermost first", "表格单元的行标签(简体,由外到内)"
    )
    column: str | None = described(
        "of a table's cell, the column's heads, simplified, the outermost first", "表格单元的列标题(简体,由外到内)"
    )
    part_of: list[str] = described(
        "indicators that sum it up (totals of its row and column); add no such sum to its parts",
        "包含本数的合计指标(同行或同列);不可与其组成部分相加",
        references="indicators.indicator_id",
    )
    text: str = described("number and unit as printed", "数字与单位(照录)", min_length=1)
    sentence: str = described(
        "sentence as printed; of a table's cell its caption, heads and row", "所在句(照录);表格单元为表题、表头与所在行"
    )
    start: Offset = described("first character", "起始偏移", unit="characters")
    end: Offset = described("one past the last character", "结束偏移", unit="characters")
    page: int | None = described("page in the file (PDF), from 1", "文件页码(PDF),从 1 起", ge=1)
    path: str | None = described("block path in the file (HTML)", "文件中的块路径(HTML)")
    rule_id: str = described("rule that decided the metric", "判定指标类别的规则")
    rules: list[str] = described("all rules that spoke, in the order they did", "参与判定的全部规则")
    corrected: list[str] = described(
        "fields that a reviewer corrected; the rule stays the one that made the row",
        "人工更正的字段;规则仍为原规则",
        default=[],
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.value_high is not None and self.value_high < self.value:
            raise ValueError(f"value_high {self.value_high} is below value {self.value}")
        if self.period_start is not None and self.period_end is not None and self.period_end < self.period_start:
            raise ValueError(f"the period ends on {self.period_end}, before it starts on {self.period_start}")
        if (self.currency is not None) != (self.dimension == "money"):
            raise ValueError(f"currency {self.currency} with dimension {self.dimension}")
        if self.metric == "coverage_rate" and not 0 <= self.value <= 100:
            raise ValueError(f"coverage rate {self.value} is outside 0 to 100")
        if len(self.text) != self.end - self.start:
            raise ValueError(f"text {self.text!r} does not fill [{self.start}, {self.end})")
        _check_span(self.start, self.end)
        return self


class Numeral(Record):
    """A numeral of a document and what became of it."""

    doc_id: str = described("document", "所属文档", references="documents.doc_id")
    start: Offset = described("first character", "起始偏移", unit="characters")
    end: Offset = described("one past the last character", "结束偏移", unit="characters")
    text: str = described("numeral as printed", "数字(照录)", min_length=1)
    value: float | None = described(
        "number that was read, before its unit; null where it holds several or cannot be read",
        "读出的数值(未乘单位);含多个数字或无法读出时为空",
    )
    context: str | None = described(
        "where an unresolved one stands: cell (of a table); null elsewhere",
        "未决数字的位置:cell 为表格单元;其余为空",
        default=None,
    )
    disposition: Disposition = described("indicator, set aside or unresolved", "处置:成为指标、搁置、未决")
    reason: str | None = described("why it was set aside", "搁置原因")
    rule_id: str | None = described("rule that set it aside or made the indicator", "作出处置的规则")
    indicator_id: str | None = described(
        "indicator it became part of", "所成指标", references="indicators.indicator_id"
    )

    @model_validator(mode="after")
    def _accounted(self) -> Self:
        if (self.disposition == "indicator") != (self.indicator_id is not None):
            raise ValueError(f"{self.text!r}: disposition {self.disposition} with indicator_id {self.indicator_id}")
        if (self.disposition == "set_aside") != (self.reason is not None):
            raise ValueError(f"{self.text!r}: disposition {self.disposition} with reason {self.reason}")
        _check_span(self.start, self.end)
        return self


class Problem(Record):
    """Something that went wrong, or that a reader should check."""

    source_path: str = described("file, relative to the folder given", "文件(相对路径)")
    doc_id: str | None = described("document, where one was loaded", "所属文档(若已载入)")
    stage: Stage = described("stage that noticed it", "发现问题的环节")
    severity: Severity = described(
        "info, warning or error; an error means data is missing", "严重程度:提示、警告、错误(错误表示数据缺失)"
    )
    code: str = described("kind of problem", "问题代码", pattern=r"^[a-z][a-z0-9_]*$")
    message: str = described("what happened and what to do", "说明与处理办法")
    start: int | None = described("first character concerned", "相关起始偏移", unit="characters", ge=0)
    end: int | None = described("one past the last character concerned", "相关结束偏移", unit="characters", ge=0)


def told(source_path: str, message: str) -> str:
    """The message of a problem as a line of its own: it begins with the file."""
    return message if message.startswith(source_path) else f"{source_path}: {message}"


TABLES: dict[str, type[Record]] = {
    "documents": Document,
    "cases": Case,
    "measures": Measure,
    "indicators": Indicator,
    "numerals": Numeral,
    "problems": Problem,
}
"""The tables of the contract, in the order they are written."""


def _check_span(start: int, end: int) -> None:
    if end <= start:
        raise ValueError(f"span [{start}, {end}) is empty")
