"""An article gives the same records in every format as its plain-text twin, offsets and places in the file aside."""

from __future__ import annotations

from typing import Any

import pytest

from casextract import pipeline
from casextract.load import Source, load_bytes
from casextract.rulebook.models import load_rulebook
from samples import ROOT, article_text, builders

ARTICLES = ("web-headings-hans.txt", "magazine-2023-05-hant.txt")
OFFSETS = {"start", "end", "page", "path"}


@pytest.fixture(scope="module")
def rules() -> pipeline.Pipeline:
    return pipeline.prepare(load_rulebook())


def records(source: Source, rules: pipeline.Pipeline) -> dict[str, list[dict[str, Any]]]:
    """The rows of cases, measures and indicators; ids hold the document's, which differs, so they become numbers."""
    rows = pipeline.run(source, rules)
    ids = {r.indicator_id: n for n, r in enumerate(rows.indicators)} | {
        r.measure_id: n for n, r in enumerate(rows.measures)
    }
    ids |= {r.case_id: n for n, r in enumerate(rows.cases)} | {source.doc_id: 0}
    tables = {name: rows.table(name) for name in ("cases", "measures", "indicators")}
    return {
        name: [
            {
                k: ids[v] if k.endswith("_id") and v in ids else v
                for k, v in row.model_dump().items()
                if k not in OFFSETS
            }
            for row in table
        ]
        for name, table in tables.items()
    }


@pytest.mark.parametrize("name", ARTICLES)
@pytest.mark.parametrize("sample", ["page.html", "article.docx", "two-columns.pdf", "issue.epub", "issue.zip"])
def test_the_same_records_as_the_plain_text(name: str, sample: str, rules: pipeline.Pipeline) -> None:
    make = builders()
    article = make.read_article(article_text(name))
    loaded = load_bytes(make.samples(article_text(name))[sample], sample)
    assert loaded.problems == ()
    assert len(loaded.sources) == (2 if sample == "issue.zip" else 1)
    for source in loaded.sources:
        assert source.text == article.text
        # What a page says outside its text (its date) is the twin's too, so that both know the same.
        (plain,) = load_bytes(article.text.encode(), "twin.txt").sources
        twin = Source(
            plain.doc_id, plain.path, plain.sha256, plain.media_type, plain.encoding, plain.text, meta=source.meta
        )
        expected = records(twin, rules)
        assert len(expected["indicators"]) > 50
        assert records(source, rules) == expected


def test_the_samples_in_the_repository_are_those_the_script_makes() -> None:
    make = builders()
    for name, data in make.samples(article_text(make.ARTICLE)).items():
        kept = (ROOT / "data" / "raw" / "formats" / name).read_bytes()
        # Bytes may differ between versions of the libraries that write them; what is read may not.
        expected = [s.text for s in load_bytes(data, name).sources]
        assert [s.text for s in load_bytes(kept, name).sources] == expected, "run scripts/make_samples.py"


def test_records_say_where_in_the_file_they_stand(rules: pipeline.Pipeline) -> None:
    make = builders()
    made = make.samples(article_text(make.ARTICLE))
    rows = pipeline.run(load_bytes(made["two-columns.pdf"], "x.pdf").sources[0], rules)
    assert [r.page for r in rows.indicators] == sorted(r.page or 0 for r in rows.indicators)
    assert {r.page for r in rows.indicators} == {1, 2}
    rows = pipeline.run(load_bytes(made["page.html"], "x.html").sources[0], rules)
    assert all((r.path or "").startswith("body/div[3]/div[1]/div[1]/") for r in rows.indicators)
    assert all(c.path for c in rows.cases)
