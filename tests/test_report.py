"""The report in a real browser: what it shows, that its filters act on table and charts together, and that it asks for nothing.

Chromium is Debian's; `.ci/run` installs it. Elsewhere these tests are skipped where there is none.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from typer.testing import CliRunner

from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.cli import app
from casextract.dataset.read import Dataset
from casextract.dataset.selection import Selection, select
from casextract.language import LANGUAGES, Language, label, labels
from casextract.reports import report as reporting
from casextract.reports.report import report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium; install Debian's package chromium")

FIRST = """2023年第2期

四川省泸州市泸县:把老年食堂办到家门口
泸县建成老年食堂35家,建有养老床位1200张。对八十岁以上老人每人每月补贴100元。办理时限由20个工作日压缩到5个工作日。投入资金860万元。

云南省大理市:殡葬改革见实效
大理市建成公益性墓地12处,投入资金2600万元,节地生态安葬覆盖率达到82%。
"""
SECOND = """2024年第2期

四川省泸州市泸县:老年食堂一年回访
泸县建有养老床位1500张。到2025年底,助餐服务覆盖率达到95%以上。<img src=x onerror=alert(1)>共建助餐点8个。
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("report")
    raw = folder / "raw"
    raw.mkdir()
    (raw / "a.txt").write_text(FIRST, encoding="utf-8")
    (raw / "b.txt").write_text(SECOND, encoding="utf-8")
    (raw / "c.txt").write_text(SECOND + "\n", encoding="utf-8")
    (raw / "empty.txt").write_text("", encoding="utf-8")
    build([raw], folder / "out", BuildOptions(jobs=1))
    return Dataset.open(folder / "out")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


def opened(browser: Browser, path: Path, width: int = 1280) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: faults.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
    page.on("dialog", lambda d: faults.append(d.message))
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-drawn]")
    yield page
    context.close()
    assert faults == []


def written(dataset: Dataset, folder: Path, language: Language = "zh", selection: Selection | None = None) -> Path:
    path = folder / "report.html"
    path.write_text(report(dataset, language, selection or Selection()).html, encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, dataset: Dataset, tmp_path: Path) -> Iterator[Page]:
    yield from opened(browser, written(dataset, tmp_path))


def drawn(page: Page) -> int:
    """How many numbers the page shows, once it has drawn them."""
    return int(page.evaluate("document.body.dataset.drawn"))


def narrow(page: Page, field: str, value: str) -> int:
    """Set a filter; how many numbers are left."""
    before = page.evaluate("delete document.body.dataset.drawn")
    assert before
    control = page.locator(f"#f-{field}")
    control.select_option(value) if control.evaluate("e => e.tagName") == "SELECT" else control.fill(value)
    page.wait_for_selector("body[data-drawn]")
    return drawn(page)


@needs_browser
def test_it_shows_what_came_in(page: Page, dataset: Dataset) -> None:
    chosen = select(dataset)
    assert drawn(page) == len(chosen.numbers) > 8
    facts = dict(
        zip(page.locator("#facts dt").all_inner_texts(), page.locator("#facts dd").all_inner_texts(), strict=True)
    )
    words = labels("report", "zh")
    assert facts[words["documents"]] == "2"
    assert facts[words["issues"]] == "2"
    assert facts[words["repeats"]] == str(chosen.repeated) != "0"
    assert facts[words["problems"]] == "1"
    expect(page.locator(".problems")).to_contain_text("文件为空")
    expect(page.locator("tr.repeat")).to_have_count(1)


@needs_browser
def test_filters_act_on_table_and_charts_together(page: Page) -> None:
    everything = drawn(page)
    topics = page.locator("#chart-topics svg")
    expect(topics).to_contain_text("殡葬")
    left = narrow(page, "topic", "funerals")
    assert 0 < left < everything
    expect(page.locator("#table")).to_contain_text("墓地")
    expect(page.locator("#table")).not_to_contain_text("养老床位")
    expect(page.locator("#chart-places svg")).to_contain_text("大理市")
    expect(page.locator("#chart-places svg")).not_to_contain_text("泸县")
    assert narrow(page, "topic", "") == everything
    assert 0 < narrow(page, "place", "泸县") < everything
    expect(page.locator("#chart-places svg")).not_to_contain_text("大理市")
    assert 0 < narrow(page, "words", "床位") < everything
    page.click("button[type=reset]")
    page.wait_for_function(f"document.body.dataset.drawn === '{everything}'")


@needs_browser
def test_standards_stay_apart_from_totals(page: Page) -> None:
    expect(page.locator("#chart-standards svg")).to_contain_text("100")
    expect(page.locator("#chart-kinds svg")).to_contain_text("3,460万元")
    expect(page.locator("#chart-faster svg")).to_contain_text("20个工作日 → 5个工作日")
    expect(page.locator("#chart-coverage svg")).to_contain_text(label("status", "target", "zh"))
    expect(page.locator("#chart-again svg")).to_contain_text("1200张 → 1500张")


@needs_browser
def test_a_click_on_a_province_shows_it_alone(page: Page) -> None:
    everything = drawn(page)
    page.locator("#chart-map svg text", has_text="云南").click(force=True)
    page.wait_for_function(f"document.body.dataset.drawn !== '{everything}'")
    assert page.input_value("#f-place") == "云南省"


@needs_browser
def test_the_table_sorts_and_quotes(page: Page) -> None:
    value = page.locator(".tabulator-col[tabulator-field=value]")
    cells = page.locator(".tabulator-cell[tabulator-field=value]")
    value.click()
    value.click()
    first = cells.first.inner_text()
    assert first == "26,000,000"
    opener = page.locator(".opener").first
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".quote mark")).to_have_text("2600万元")
    expect(page.locator(".opener").first).to_have_attribute("aria-expanded", "true")


@needs_browser
def test_what_an_article_says_is_never_markup(page: Page) -> None:
    page.locator("#f-words").fill("onerror")
    page.wait_for_function("document.querySelectorAll('.tabulator-row').length === 1")
    page.locator(".opener").first.click()
    expect(page.locator(".quote")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator(".quote img").count() == 0


@needs_browser
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_is_legible(
    browser: Browser, dataset: Dataset, tmp_path: Path, language: Language, width: int
) -> None:
    for page in opened(browser, written(dataset, tmp_path, language), width):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator(".opener").first.click()
        assert page.evaluate(_CONTRAST) == []
        assert page.locator("html").get_attribute("lang") == ("zh-Hans" if language == "zh" else "en")


_CONTRAST = """() => {
  const luminance = c => c.map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const parts = c => c.match(/[\\d.]+/g).map(Number);
  const ground = e => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0.9) return c.slice(0, 3); } return [255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll("main *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.closest("svg") || !e.offsetParent || e.disabled) continue;
    const [a, b] = [luminance(parts(getComputedStyle(e).color).slice(0, 3)), luminance(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(`${e.tagName}.${e.className} ${e.textContent.slice(0, 20)}`);
  }
  return poor;
}"""


@needs_browser
def test_on_paper_the_whole_table_is_printed(page: Page, tmp_path: Path) -> None:
    import pypdfium2

    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    document = pypdfium2.PdfDocument(tmp_path / "report.pdf")
    text = "".join(p.get_textpage().get_text_bounded() for p in document)
    sizes = {(round(w), round(h)) for w, h in (p.get_size() for p in document)}
    document.close()
    assert "1,500" in text
    assert "公益性墓地" in text
    assert labels("report", "zh")["reset"] not in text
    assert sizes == {(595, 842), (842, 595)}


def test_a_selection_narrows_the_page(dataset: Dataset) -> None:
    whole = report(dataset, "en")
    some = report(dataset, "en", Selection(place="泸县", since=date(2024, 1, 1)))
    assert len(some.html) < len(whole.html)
    assert "Place: 泸县" in some.html
    assert report(dataset, "en").html == whole.html


def test_a_page_of_a_thousand_documents_stays_small(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    (row, *_) = select(dataset).numbers
    chance = random.Random(7)
    han = [chr(c) for c in range(0x4E00, 0x5600)]

    def number(i: int) -> dict[str, Any]:
        # Characters by chance are what compresses worst.
        sentence = "".join(chance.choices(han, k=90))
        return row | {
            "doc_id": f"d{i // 60}",
            "sentence": sentence,
            "at": 40,
            "text": sentence[40:44],
            "value": float(chance.randrange(10**6)),
        }

    packed, reach = reporting._packed([number(i) for i in range(60_000)])
    frame = len(report(dataset, "zh").html.encode())
    assert len(packed) + frame < 5_000_000
    assert reach in reporting.REACHES
    sentence, at = reporting._quoted(number(0), 16)
    assert sentence.startswith("…")
    assert sentence.endswith("…")
    assert len(sentence) == 2 + 2 * 16 + 4
    assert at == 17


def test_every_province_has_its_square() -> None:
    import csv

    from casextract.rulebook.loading import shipped_folder

    with (shipped_folder() / "divisions.csv").open(encoding="utf-8") as file:
        provinces = {r["name"] for r in csv.DictReader(file) if r["level"] == "province" and r["status"] == "current"}
    assert set(reporting._TILES) == provinces
    assert len(set(reporting._TILES.values())) == len(provinces)


def test_the_libraries_are_those_that_are_noted(root: Path) -> None:
    vendor = root / "src" / "casextract" / "reports" / "static" / "vendor"
    page = (vendor / "README.md").read_text("utf-8")
    for name in reporting._VENDOR:
        assert f"`{name}`" in page
    for name, version in re.findall(r"\| ([a-z-]+) \| ([0-9.]+) \|", page):
        assert (vendor / f"{name}.LICENSE.txt").stat().st_size > 500
        (script,) = [n for n in reporting._VENDOR if n.startswith(name.removesuffix("-tables") + ".")]
        assert version in (vendor / script).read_text("utf-8")


def test_the_command(dataset: Dataset, tmp_path: Path) -> None:
    runner = CliRunner()
    done = runner.invoke(
        app, ["report", str(dataset.path), str(tmp_path / "r.html"), "--lang", "zh", "--place", "泸县"]
    )
    assert (done.exit_code, done.stdout.strip()) == (0, str(tmp_path / "r.html"))
    assert "未列入重复文档中的" in done.stderr
    assert 'lang="zh-Hans"' in (tmp_path / "r.html").read_text("utf-8")
    wrong = runner.invoke(app, ["report", str(dataset.path), str(tmp_path / "r.html"), "--since", "last year"])
    assert wrong.exit_code == 2
    assert "write a date as 2024" in wrong.stderr


def test_find(dataset: Dataset) -> None:
    runner = CliRunner()

    def found(*args: str) -> Any:
        import json

        result = runner.invoke(app, ["find", "-d", str(dataset.path), "--json", *args])
        return [(n["where"].split()[-1] if n["where"] else "", n["value"]) for n in json.loads(result.stdout)]

    assert found("泸县", "床位", "--metric", "beds") == [("泸县", 1200), ("泸县", 1500)]
    # A word may stand in the sentence alone.
    assert ("泸县", 35) in found("泸县", "床位")
    assert found("beds") == found("--metric", "床位", "泸县")
    assert found("殡葬", "investment") == found("funerals", "--metric", "投入") == [("大理市", 26_000_000)]
    assert found("beds", "--since", "2024") == []
    assert len(found("beds", "--with-repeats")) == 3
    told = runner.invoke(app, ["find", str(dataset.path), "泸县", "beds"])
    assert told.exit_code == 0
    assert "⟦1200张⟧" in told.stdout
    assert "numbers of repeated documents left out" in told.stderr
    nothing = runner.invoke(app, ["find", "-d", str(dataset.path), "月球"])
    assert (nothing.exit_code, "nothing found" in nothing.stderr) == (1, True)


def test_no_script_but_its_own_may_run(dataset: Dataset) -> None:
    html = report(dataset).html
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)
    (allowed,) = re.findall(r"script-src ([^;]+)", policy)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert allowed == f"'sha256-{digest}' 'unsafe-eval'"
