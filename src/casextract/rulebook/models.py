"""What a rule is: its model for each concern, one TOML file of `[[rule]]` tables.

What all rules share is `Rule`, what a concern adds is the subclass named in `CONCERNS`. The files are read in
`loading`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator

from casextract.errors import CasextractError
from casextract.records import Bound, Currency, Dimension, Direction, Kind, Status

Per = Literal["any", "none", "some", "time", "timed", "once", "said", "recipient", "place"]
"""What a condition may ask of the bases of a rate."""
IntentName = Literal["plan", "notice", "regulation", "report", "bulletin", "news", "speech"]
"""What a document is written for."""
Tense = Literal["done", "to_come"]
"""Whether a section tells what was done or what is to be done."""
Scope = Literal["local", "national"]
"""Whether a document tells of one place or of the whole country."""
Modality = Literal["none", "done", "to_come", "demanded", "supposed"]
"""The states of modality that a number can stand in."""
ID = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$"
"""What the id of a rule looks like."""
OPEN, CLOSE = "⟦", "⟧"
"""The brackets that mark, in an example, what the rule must find."""


class RuleError(CasextractError, ValueError):
    """A rule file that cannot be used. The message names the file, the rule and the remedy."""


class Example(BaseModel):
    """A sentence (of what is built in, an article) that a rule is tried on, with ⟦…⟧ around what it must find.

    `kind`, `intent`, `published_on`, `province` and `marked_as` say what is read; every other key is a column of the
    record, or a group of the pattern, and the value it must have.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    text: str
    kind: Kind = "other"
    intent: IntentName | None = None
    """What the document is written for; where nothing says it, a plan is written as one and all else as news."""
    published_on: date | None = None
    province: str | None = None
    marked_as: Literal["heading", "caption"] | None = None
    """What the page states of the stretch in brackets."""

    @property
    def expected(self) -> dict[str, Any]:
        """What must come out, by name."""
        return dict(self.model_extra or {})

    @field_validator("published_on", mode="before")
    @classmethod
    def _is_a_date(cls, value: Any) -> Any:
        if not isinstance(value, date):
            raise ValueError("no date; write published_on = 2024-05-01, without quotation marks")
        return value


class Rule(BaseModel):
    """What every rule has."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    id: str = Field(pattern=ID)
    intent: str = Field(min_length=2)
    disabled: bool = False
    examples: tuple[Example, ...] = ()
    """Sentences in which the rule must speak."""
    counterexamples: tuple[str | Example, ...] = ()
    """Sentences in which the rule must not speak; a table where `kind` or `published_on` matters beside `text`."""
    _file: str = PrivateAttr("")
    _as_written: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def written(self) -> dict[str, Any]:
        """The fields that say more than the default, as their author wrote them."""
        return self.model_dump(mode="json", exclude_defaults=True) | self._as_written

    @property
    def trials(self) -> Iterator[tuple[Literal["example", "counterexample"], Example]]:
        """The examples and counterexamples, each as a table."""
        yield from (("example", e) for e in self.examples)
        yield from (("counterexample", c if isinstance(c, Example) else Example(text=c)) for c in self.counterexamples)

    @property
    def origin(self) -> str:
        """The rule's file and id, to begin a message with."""
        return f"{self._file}: rule {self.id}" if self._file else f"rule {self.id}"


class UnitRule(Rule):
    """Units of one dimension. `words` are written in simplified characters, the longest match wins."""

    dimension: Dimension
    words: tuple[str, ...] = Field(min_length=1)
    canonical: dict[str, str] = {}
    """Word to the unit written in the record, where they differ (个小时 → 小时)."""
    factor: dict[str, Annotated[float, Field(gt=0)]] = {}
    """Word to the factor that turns the number into base units, where it is not 1 (money in 角)."""
    currency: Currency | None = None
    not_before: str | None = None
    """Pattern that must not follow the unit (名 before 称 is no classifier)."""
    only_before: str | None = None
    """Pattern that must follow the unit (日 is a length of time before 内, else a date)."""
    only_after: str | None = None
    """Pattern that must stand in front of the number (日 behind 时限, 块 behind 票价); beside `only_before`, either
    will do."""
    implied: bool = False
    """The words are nouns counted without a classifier (3万群众): the unit stands in `canonical`, the span ends at the
    number."""
    noun: bool = False
    """The words are nouns that a number counts directly (8部门): the unit is also the subject."""
    chinese: bool = True
    """Whether a numeral in Chinese characters may stand before it (8部门, but no 一部门)."""
    small: Literal["count", "level", "keep"] = "count"
    """What a Chinese numeral under ten before it is: a marginal count, a level or class, or worth a record."""


class CurrencyRule(Rule):
    """A currency: how it is named behind a number, in front of it and behind 元."""

    code: Currency
    words: tuple[str, ...] = ()
    """Unit words behind a number (港元, 美金)."""
    factor: dict[str, Annotated[float, Field(gt=0)]] = {}
    """Word to the factor that turns the number into the currency's unit, where it is not 1."""
    signs: tuple[str, ...] = ()
    """Signs in front of a number (HK$, €)."""
    names: tuple[str, ...] = ()
    """Names in front of a number and behind 元 (港币300元, 300元港币, 300元(港币))."""
    regions: tuple[str, ...] = ()
    """Provinces, by their full official names, whose money it is where a sum names none."""
    evidence: tuple[str, ...] = ()
    """Words that speak for it in a document in traditional characters without a place."""


class BoundRule(Rule):
    """Words before or after a number that set its bound."""

    bound: Bound
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    reach: int = Field(default=0, ge=0, le=16)
    """How many characters may stand between a word of `before` and the number."""
    dimensions: tuple[Dimension, ...] = ()
    """The dimensions it speaks of; none given means all."""
    not_after: str | None = None
    """Pattern that must not stand right before the word (近 in 附近)."""
    not_before: str | None = None
    """Pattern that must not follow the word (内 in 内设; 最低 in 最低生活保障)."""


class ExclusionRule(Rule):
    """Numerals that measure nothing.

    `pattern` is matched at the first character of the numeral and covers what is set aside; `before` must end right
    before it and begin at most 240 characters before. `{N}` stands for any numeral, `{D}` for Arabic digits, `{C}` for
    Chinese digits, `{U}` for any unit word that is no noun, `{L}` for units and multipliers in Latin letters. `words`
    is short for a pattern of fixed words.
    """

    reason: str = Field(pattern=r"^[a-z][a-z_]*$")
    spans: bool = False
    """Whether `pattern` is searched in the text by itself and sets every numeral inside its match aside (an address on
    the net)."""
    yields: bool = False
    """Whether a unit that stands only beside certain words comes first (15日 behind 时限 is no date)."""
    pattern: str | None = None
    before: str | None = None
    words: tuple[str, ...] = ()
    order: int = 50
    currency: Currency | None = None
    """Speaks only in documents whose money is of this currency (years of the Republic in Taiwan)."""


class StatusRule(Rule):
    """A sign of a number's status. All conditions given must hold; of the rules that hold, the lowest `order` wins."""

    status: Status
    order: int = 50
    before: str | None = None
    """Pattern searched in the sentence before the number."""
    clause: str | None = None
    """Pattern searched in the clause before the number."""
    after: str | None = None
    """Pattern searched in the clause behind the number."""
    follows: str | None = None
    """Pattern that must stand right behind the number and its unit."""
    without: str | None = None
    """Pattern that must not be found in the sentence before the number."""
    dimensions: tuple[Dimension, ...] = ()
    metrics: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = ()
    kinds: tuple[Kind, ...] = ()
    per: Per = "any"
    future: bool | None = None
    """Whether the number's time lies after the document's date."""
    past: bool | None = None
    """Whether the number's time is known to lie before the document's date."""
    states: tuple[Modality, ...] = ()
    """The states of modality that it speaks in; `none` is a number of which no cue says more."""
    intents: tuple[IntentName, ...] = ()
    """What the document must be written for."""
    ranged: bool | None = None
    """Whether the number must have two ends (60至69岁), or must not."""


class TimeRule(Rule):
    """A form of date or period that a number can belong to."""

    pattern: str
    order: int = 50
    governs: bool = True
    """False for dates that are named but govern nothing (比2019年)."""
    resets: bool = False
    """Whether it ends the reach of a date in front, and is none itself (目前)."""


class DirectionRule(Rule):
    """Words that make a number a rise or a fall; of the rules that hold, the lowest `order` counts."""

    direction: Direction
    order: int = 50
    before: str | None = None
    """Pattern searched in the clause between the number in front and this one."""
    without: str | None = None
    """Pattern that must not be found there."""
    follows: str | None = None
    """Pattern that must stand right behind the number and its unit."""
    dimensions: tuple[Dimension, ...] = ()


class PhraseRule(Rule):
    """A form of words that the code asks for by its name, the last part of the id.

    A number's neighbourhood is tried with it; what follows from a match stands in the code. An example marks in
    brackets what it must match; a counterexample must not match at all, both in normalised text. A phrase that an
    overlay disables matches nothing.
    """

    pattern: str


class BasisRule(Rule):
    """Bases of a rate: how they are written behind 每 (or before 均), and the name they get."""

    words: tuple[str, ...] = Field(min_length=1)
    basis: str | None = None
    """The name in the record; None keeps the word."""
    group: Literal["time", "recipient", "place", "occasion", "rate", "other"] = "other"
    """What kind of base it is; `rate` is a round number of people (每千人)."""


class WordRule(Rule):
    """Words of one grammatical class, which end or begin the noun phrase that a number counts."""

    role: Literal["verb", "nominal", "function", "link", "generic"]
    words: tuple[str, ...] = Field(min_length=1)


class MetricRule(Rule):
    """One way to a metric: all conditions given must hold; of the rules that hold, the lowest `order` wins."""

    metric: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    dimension: Dimension
    order: int = 50
    units: tuple[str, ...] = ()
    subject: str | None = None
    """Pattern searched in the subject."""
    head: tuple[str, ...] = ()
    """Classes of the lexicon's nouns, one of which the thing counted or measured must belong to."""
    verb: tuple[str, ...] = ()
    """Classes of the lexicon's verbs, one of which the verb that governs the number must belong to."""
    before: str | None = None
    """Pattern searched in the clause before the number."""
    after: str | None = None
    """Pattern searched in the clause behind the number."""
    follows: str | None = None
    """Pattern that must stand right behind the number and its unit."""
    sentence: str | None = None
    """Pattern searched in the sentence before the number."""
    at_least: float | None = None
    """The least value it speaks of (a sum in millions is no standard for one person)."""
    at_most: float | None = None
    """The greatest value it speaks of."""
    per: Per = "any"
    bounds: tuple[Bound, ...] = ()
    last_resort: bool = False
    """Whether the number that this one goes on from is asked first, where its own words name nothing."""


class TopicRule(Rule):
    """Evidence for a topic: words, each occurrence of which adds one to its weight in a case.

    A case has the topic when the weight reaches `threshold`; a word in the case's title counts three times. Words are
    written in simplified characters. An example is a short text that the rule must find enough evidence in (`text`,
    no brackets needed); a counterexample is one with too little.
    """

    topic: str
    words: tuple[str, ...] = Field(min_length=1)
    threshold: int = 2


class IntentRule(Rule):
    """Evidence for what a document is written for and how far it looks, or a heading of what was, or is to be, done.

    `says` is an intent or a scope, to which each match adds `weight`, or a tense, which a heading gives to the section
    below it. `pattern` is searched where the rule says: in the `title`, in the `opening` (the first paragraphs), at the
    start of each `line`, in each `heading` that a section can have, or `anywhere`. An example marks in brackets what it
    must match; a counterexample must not match at all.
    """

    says: IntentName | Tense | Scope
    where: Literal["title", "opening", "line", "heading", "anywhere"]
    pattern: str
    weight: float = Field(default=1.0, gt=0)
    most: float = Field(default=1000.0, gt=0)
    """What the rule can add to a document at most, however often it matches."""


HeadRole = Literal[
    "unit",
    "unit_column",
    "counter",
    "code",
    "year",
    "total",
    "part",
    "change",
    "plain",
    "before",
    "current",
    "planned",
    "done",
    "qualifier",
    "either",
]
"""What a head or a label of a table can say of its cells."""


class TableRule(Rule):
    """What the head of a column, the label of a row or a cell of heads says by its words.

    `pattern` is searched in the normalised text without blanks and without the unit in brackets. An example is a small
    table with pipes, the brackets around the cell in whose record the rule has spoken.
    """

    says: HeadRole
    pattern: str
    unit: str | None = None
    """The unit of cells for which none is printed, of a rule that says `unit`."""
    reason: str | None = Field(default=None, pattern=r"^[a-z][a-z_]*$")
    """Why a numeral that counts nothing is set aside."""
    order: int = 50


SegmentationKind = Literal[
    "metadata",
    "outline",
    "trailer",
    "noise",
    "caption",
    "label",
    "lead_in",
    "heading",
    "opener",
    "marker",
    "continuation",
    "section",
    "rubric",
    "dateline",
    "title_label",
    "article_start",
    "overview",
    "deed",
    "aim_sentence",
    "front",
    "topic_frame",
    "agent",
    "aside",
    "state_body",
    "picture_credit",
    "region_actor",
    "result",
    "report_of_words",
    "plan",
    "report",
    "announcement",
    "actor",
    "collection",
    "region",
    "brand",
    "target",
    "aim",
    "done",
]


class SegmentationRule(Rule):
    """A form of heading, marker, caption, trailer, metadata line or outline, in simplified, ASCII-width text.

    `pattern` is a pattern of the `regex` module; `words`, where given, are alternatives to it. Where a rule is tried
    depends on its `kind`:

    - at the start of a line: `metadata` (a line of the head or the trailer; group `value` fills `field`), `outline`
      (opens a table of contents), `label` (announces a case by number), `lead_in` (the words between the start of a
      paragraph and the place that opens a case), `continuation` (a paragraph that carries on and opens no measure),
      `aim_sentence` (a sentence that says what is aimed at), `region_actor` (an office of a region that does
      something), `front` (what stands in front of a sentence and is not
      its own: who says it, who took the picture above), `topic_frame` (the frame that parallel sentences share),
      `picture_credit` (who took or gave a picture, behind the sentence below it), `title_label` (what a page prints
      in front of its title), `overview` (a paragraph before a case's measures);
    - on a whole line: `noise`, `section` (a section's heading without a number), `agent` (a noun that acts, by its
      end), `rubric` (what a page prints above an abstract or an editor's note, which is neither title nor heading of
      a section);
    - right behind a place: `heading` (what sets the place apart from the title), `opener` (what a place sets out to
      do), `aside` (what makes a place only that from which a report was sent, or `weak`, behind 在, that of a
      meeting);
    - at the start of a line, behind a blank or behind the end of a sentence: `trailer`, `marker` (group `n` holds the
      ordinal; `level` ranks the marker, the smaller the coarser; `stands = "line"` confines it to the start of a
      line, `stands = "glued"` lets it follow an ideograph directly; rules whose ids share their first two parts
      number one series);
    - anywhere in a line: `caption` (in a line that has a caption's shape), `dateline` (the agency, place, date or
      reporter a press report opens with), `article_start` (what an article opens with where its title runs into it),
      `plan` and `report` (in the title of a document without a case of its own), `announcement` (in its first
      paragraphs), `actor` (the body a page takes for granted), `collection` (in the preamble of a collection),
      `region` (words peculiar to the region whose code is `value`), `brand` (group `name`), `state_body` (a body of
      the whole country), `target` (in the title of a plan or speech), `aim` and `done` (words of intention and of
      report, weighed against each other), `deed` (a verb of what a body does), `result` (words that sum up what came
      of it), `report_of_words` (who says or sees something).

    An example is a table with `text`, in which the brackets hold what the rule must match; for `heading` and `opener`
    they hold the place behind which the rule must match. `value` (or `name`, `n`) may state what the group of that name
    must hold. A counterexample is a text in which the rule must not match where its kind says; with brackets, it must
    not match at them (behind them for the kinds that speak behind a place). `segment.check_example` executes both.
    """

    kind: SegmentationKind
    pattern: str | None = None
    words: tuple[str, ...] = ()
    order: int = 50
    level: int | None = None
    field: Literal["title", "subtitle", "publisher", "issue", "published_on", "byline", "keywords"] | None = None
    value: str | None = None
    stands: Literal["line", "sentence", "glued"] = "sentence"
    weak: bool = False
    """An opener that is believed only where something else speaks for it."""
    certain: bool = False
    """A caption that needs no place beside it, a trailer that needs no body before it."""
    series: bool = False
    """A marker that counts only where its series runs from one to two at least."""


class BuiltInRule(Rule):
    """A decision that the code takes by itself, so that every id in a record names a rule with an intent.

    An example is an article or a sentence with the brackets around what carries the id: the start of a case, measure or
    block, or a number. `marked_as` says what the page states of the stretch in brackets. What a reviewer decides has
    none.
    """

    decides: Literal[
        "case", "measure", "block", "numeral", "unit", "bound", "comparison", "metric", "status", "correction", "scope"
    ]
    unless: tuple[str, ...] = ()
    """The rules without which alone it speaks: an overlay has to take them away first."""


CONCERNS: Mapping[str, type[Rule]] = {
    "segmentation": SegmentationRule,
    "units": UnitRule,
    "currencies": CurrencyRule,
    "bounds": BoundRule,
    "exclusions": ExclusionRule,
    "status": StatusRule,
    "times": TimeRule,
    "directions": DirectionRule,
    "bases": BasisRule,
    "phrases": PhraseRule,
    "words": WordRule,
    "metrics": MetricRule,
    "topics": TopicRule,
    "built_in": BuiltInRule,
    "intents": IntentRule,
    "tables": TableRule,
}
"""File stem to the model its rules must satisfy."""

PATTERNS = (
    "pattern",
    "before",
    "after",
    "clause",
    "follows",
    "without",
    "sentence",
    "subject",
    "not_before",
    "not_after",
    "only_before",
    "only_after",
)
"""Fields that hold a pattern where they hold a string."""
