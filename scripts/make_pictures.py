#!/usr/bin/env python3
"""Draw the pictures of the README: the report and the page for review, from the sample articles, in both languages.

    python scripts/make_pictures.py            # writes docs/pictures/*.png
    python scripts/make_pictures.py --check    # says whether the pages look otherwise than when they were drawn

A picture holds, as its text `pages`, the digest of what makes the pages (templates, styles, scripts, names and articles); `--check`
and a test compare it with today's. Needs Chromium and a font with Chinese characters (Debian: chromium, fonts-noto-cjk).
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
RAW = ROOT / "data" / "raw"
SOURCE = ROOT / "src" / "casextract"
SIZE = {"width": 1120, "height": 760}
TALL = {"width": 1120, "height": 1240}
"""The report is read downwards."""
COLOURS = 96
"""A page has few; with so many a picture is a third as large."""


def digest() -> str:
    """SHA-256 of what makes the pages."""
    made = hashlib.sha256()
    folders = (SOURCE / "reports", SOURCE / "review")
    parts = [p for f in folders for kind in ("static", "templates") for p in (f / kind).rglob("*") if p.is_file()]
    for path in sorted([*parts, SOURCE / "language" / "labels.toml", *(p for p in RAW.rglob("*") if p.is_file())]):
        made.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return made.hexdigest()


def drawn_from(picture: Path) -> str:
    """The digest that a picture holds."""
    from PIL import Image

    with Image.open(picture) as image:
        return str(image.info.get("pages", ""))


def draw() -> None:
    """Write the pictures."""
    from playwright.sync_api import expect, sync_playwright

    from casextract.build.build import build
    from casextract.build.options import BuildOptions
    from casextract.dataset.read import Dataset
    from casextract.language import LANGUAGES, labels
    from casextract.reports.report import report

    PICTURES.mkdir(exist_ok=True)
    pages = digest()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        out = Path(folder) / "out"
        build([RAW], out, BuildOptions(jobs=1))
        dataset = Dataset.open(out)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language in LANGUAGES:
            page = browser.new_page(viewport=TALL)
            written = Path(folder) / "report.html"
            written.write_text(report(dataset, language).html, encoding="utf-8")
            page.goto(written.as_uri())
            page.wait_for_selector("body[data-drawn]")
            save(page.screenshot(), PICTURES / f"report.{language}.png", pages)
            with reviewed(dataset, Path(folder), language) as address:
                page.set_viewport_size(SIZE)
                page.goto(address)
                page.locator(".mark", has_text="317个").first.click()
                # The rules are compiled for the first number that is explained.
                expect(page.locator("body")).not_to_contain_text(labels("review", language)["loading"], timeout=60_000)
                save(page.screenshot(), PICTURES / f"review.{language}.png", pages)
            page.close()
        browser.close()


@contextmanager
def reviewed(dataset: Any, folder: Path, language: Any) -> Iterator[str]:
    """The page for review, served while it is drawn."""
    import uvicorn

    from casextract.pipeline import prepare
    from casextract.review.desk import Desk
    from casextract.review.server import HOST, app, listening, new_token
    from casextract.rulebook.loading import load_rulebook

    rulebook = load_rulebook()
    desk = Desk(dataset, folder / "corrections.jsonl", lambda: (prepare(rulebook, lazy=True), rulebook), "", lambda: "")
    socket, token = listening(), new_token()
    port = socket.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app(desk, port, token, language), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://{HOST}:{port}/?token={token}"
    server.should_exit = True
    thread.join(timeout=10)
    socket.close()


def save(screenshot: bytes, path: Path, pages: str) -> None:
    """Write a picture with few colours and the digest."""
    from PIL import Image, PngImagePlugin

    notes = PngImagePlugin.PngInfo()
    notes.add_text("pages", pages)
    with Image.open(io.BytesIO(screenshot)) as image:
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True, pnginfo=notes)


def check() -> int:
    """0 where the pictures show the pages as they are, else 1."""
    pages = digest()
    stale = [p.name for p in sorted(PICTURES.glob("*.png")) if drawn_from(p) != pages]
    for name in stale:
        print(f"docs/pictures/{name} is not current; draw it with: make pictures", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        raise SystemExit(check())
    draw()
