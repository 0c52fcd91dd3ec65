"""The page for reviewing: the article's own characters between the tags, each mark with its record, nothing that runs."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from casextract import Records, extract_text
from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.cli import app
from casextract.dataset.read import Dataset
from casextract.load import discover, load_file
from casextract.pipeline import prepare, run
from casextract.records import TABLES
from casextract.review.page import review_page
from casextract.rulebook.loading import load_rulebook

HOSTILE = (
    "河湾县\"><img src=x onerror=alert(1)>养老</script><script>alert(2)</script>&amp;<!-- '\r\n"
    "新增床位360张,</div></article>投入1200万元。\r第三批名单。\n"
)


class Page(HTMLParser):
    """What a browser would make of the page: its elements, the text of each article, its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.marked: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self._marks: list[tuple[list[str], dict[str, str | None]]] = []
        self._text_from: int | None = None
        self.feed(html)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag in ("meta", "input"):
            return
        self._open.append(tag)
        if attributes.get("class") == "text":
            self.texts.append("")
            self._text_from = len(self._open)
        if tag == "mark" and self._text_from is not None:
            self._marks.append(([], attributes))

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1] == tag
        if tag == "mark" and self._text_from is not None:
            parts, attributes = self._marks.pop()
            self.marked.append(("".join(parts), attributes))
        if self._text_from == len(self._open):
            self._text_from = None
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            self.scripts.append(data)
        if self._text_from is not None:
            self.texts[-1] += data
            for parts, _ in self._marks:
                parts.append(data)

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.scripts[0])["rows"]
        return rows


@pytest.fixture(scope="module")
def samples(root: Path) -> list[Records]:
    pipeline = prepare(load_rulebook())
    loaded = [load_file(f) for f in discover([root / "data" / "raw"])]
    return [run(source, pipeline) for part in loaded for source in part.sources]


def test_the_text_between_the_tags_is_the_document(samples: list[Records]) -> None:
    page = Page(review_page(samples))
    assert page.texts == [r.documents[0].text for r in samples]
    assert len(page.texts) > 8


def test_every_record_is_marked_with_its_own_characters(samples: list[Records]) -> None:
    page = Page(review_page(samples))
    rows = page.rows
    shown = {
        attributes["id"]: (text, rows[int(attributes["data-row"] or "")])
        for text, attributes in page.marked
        if "id" in attributes
    }
    indicators = [i for r in samples for i in r.indicators]
    assert {i.indicator_id for i in indicators} == set(shown)
    for i in indicators:
        text, row = shown[i.indicator_id]
        assert text == i.text
        assert (row["metric"], row["value"], row["start"], row["rule_id"]) == (i.metric, i.value, i.start, i.rule_id)
    others = sum(n.disposition != "indicator" for r in samples for n in r.numerals)
    assert len(page.marked) == len(indicators) + others
    for table, kind in (("cases", "case"), ("measures", "measure")):
        assert sum(a.get("class") == kind for _, a in page.elements) == sum(len(r.table(table)) for r in samples)


def test_what_an_article_says_is_never_markup() -> None:
    records = extract_text(HOSTILE, source_path='"><script>alert(3)</script>.txt')
    page = Page(review_page([records]))
    assert page.texts == [HOSTILE]
    assert {i.text for i in records.indicators} >= {"360张", "1200万元"}
    assert [a for tag, a in page.elements if tag == "script"] == [{"type": "application/json", "id": "rows"}, {}]
    assert not any(name.startswith("on") for _, a in page.elements for name in a)
    assert "img" not in {tag for tag, _ in page.elements}
    assert "</script" not in page.scripts[0]


def test_the_page_asks_for_nothing_from_outside(samples: list[Records]) -> None:
    html = review_page(samples)
    page = Page(html)
    policy = next(a["content"] for tag, a in page.elements if tag == "meta" and "http-equiv" in a)
    assert (policy or "").startswith("default-src 'none';")
    assert "unsafe" not in (policy or "")
    assert not any({"src", "srcset", "action", "data"} & set(a) for _, a in page.elements)
    assert all((a.get("href") or "#").startswith("#") for _, a in page.elements)
    assert re.findall(r"url\(|@import|fetch\(|XMLHttpRequest", html) == []


def test_of_a_dataset_its_own_records_are_shown(root: Path, tmp_path: Path) -> None:
    # The page's layout, which is not in the tables, decides where cases begin: read again, it would be another article.
    build([root / "data" / "raw" / "formats" / "page.html"], tmp_path / "out", BuildOptions(jobs=1))
    dataset = Dataset.open(tmp_path / "out")
    (records,) = dataset.articles()
    assert [len(records.table(t)) for t in TABLES] == [len(dataset[t]) for t in TABLES]
    assert all(list(records.table(t)) == list(dataset[t].records()) for t in TABLES)
    out = tmp_path / "page.html"
    arguments = ["show", str(tmp_path / "out"), "--html", str(out), "--lang", "en"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    intents = {r.id: r.intent for own in load_rulebook().rules.values() for r in own}
    assert out.read_text(encoding="utf-8") == review_page([records], "en", intents)
    assert CliRunner().invoke(app, [*arguments, "--document", "nobody"]).exit_code == 1
    assert "── case 1: " in CliRunner().invoke(app, ["show", str(tmp_path / "out"), "-d", "page.html"]).stdout


def test_spans_that_cross_are_drawn_up_to_the_border() -> None:
    records = extract_text("河湾县新增床位360张。")
    case = records.cases[0].model_copy(update={"end": records.indicators[0].end - 1})
    crossed = Records(records.documents, (case,), records.measures, records.indicators, records.numerals)
    page = Page(review_page([crossed]))
    assert page.texts == [records.documents[0].text]
    ((text, attributes),) = page.marked
    assert text == "360"
    assert page.rows[int(attributes["data-row"] or "")]["end"] == records.indicators[0].end


def test_show_writes_the_page_and_the_exit_code_tells_of_what_failed(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("河湾县新增床位360张。", encoding="utf-8")
    out = tmp_path / "page.html"
    done = CliRunner().invoke(app, ["show", str(tmp_path / "raw"), "--html", str(out)])
    assert (done.exit_code, done.stdout) == (0, f"{out}\n")
    assert Page(out.read_text(encoding="utf-8")).texts == ["河湾县新增床位360张。"]
    (tmp_path / "raw" / "empty.txt").write_bytes(b"")
    partly = CliRunner().invoke(app, ["show", str(tmp_path / "raw"), "--html", str(out)])
    assert partly.exit_code == 1
    assert "empty.txt: the file is empty" in partly.stderr
    assert len(Page(out.read_text(encoding="utf-8")).texts) == 1
    refused = CliRunner().invoke(
        app, ["show", str(tmp_path / "raw" / "a.txt"), "--html", str(tmp_path / "raw" / "a.txt" / "p.html")]
    )
    assert refused.exit_code == 1
    assert "cannot be written (Not a directory)" in refused.stderr
