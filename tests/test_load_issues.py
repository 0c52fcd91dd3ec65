"""Several articles in one file, and archives of several files."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest

from casextract.load import Loaded, load_bytes
from samples import article_text, builders

BODY = "本地建成养老床位120张，投入近1000万元，老人的满意率达到95%以上。" * 12
WEB = article_text("web-headings-hans.txt")
HANT = article_text("magazine-2023-05-hant.txt")


def load(text: str, name: str = "issue.txt") -> Loaded:
    loaded = load_bytes(text.encode(), name)
    assert loaded.problems == ()
    return loaded


@pytest.mark.parametrize(
    ("first", "second"), [(WEB, WEB.replace("小切口", "大视野")), (HANT, WEB)], ids=["hans", "both scripts"]
)
def test_repeated_mastheads_part_articles(first: str, second: str) -> None:
    text = first + "\n\n" + second
    sources = load(text).sources
    assert [s.text.strip() for s in sources] == [first.strip(), second.strip()]
    assert "".join(s.text for s in sources) == text
    assert [s.doc_id for s in sources] == [f"{sources[0].sha256[:16]}-{n}" for n in (1, 2)]
    assert [p.code for s in sources for p in s.problems] == ["split_file", "split_file"]
    assert (
        sources[1]
        .problems[0]
        .message.endswith(f"article 2 of 2 in the file: its characters {len(sources[0].text)} to {len(text)}")
    )


def test_titles_of_the_contents_page_need_only_a_byline() -> None:
    titles = ("大院里的养老新风", "救助怎样更快", "小城社工记")
    contents = "目录\n" + "".join(f"{t} ………… {n * 5}\n" for n, t in enumerate(titles, 1))
    sources = load(contents + "".join(f"\n{t}\n文/苏禾\n{BODY}\n" for t in titles)).sources
    assert [s.text.split("\n")[0] for s in sources] == ["目录", *titles]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "目录\n一、目标\n二、任务\n\n一、目标\n" + BODY + "\n二、任务\n" + BODY, id="a plan with contents"
        ),
        pytest.param(
            "案例汇编\n目录\n甲县 助餐到家\n乙县 救助提速\n\n甲县 助餐到家\n" + BODY + "\n乙县 救助提速\n" + BODY,
            id="a collection of cases",
        ),
        pytest.param(
            "题目\n2024-03-11 来源：某报\n" + BODY + "\n编辑：苏禾\n来源：某报 2024年3月11日\n",
            id="masthead and trailer",
        ),
        pytest.param(WEB, id="one article"),
        pytest.param("题目一\n2024-03-11 文/苏禾\n短。\n题目二\n2024-03-12 文/何山\n短。\n", id="a list of news"),
    ],
)
def test_a_file_without_repeated_mastheads_stays_whole(text: str) -> None:
    (source,) = load(text).sources
    assert source.text == text
    assert source.doc_id == source.sha256[:16]


def test_marks_move_with_their_article() -> None:
    page = "".join(
        f"<h1>{t}</h1><p>2024-03-11 10:46 文/苏禾</p><p>关键词：养老</p><p>{BODY}</p>" for t in ("题一", "题二")
    )
    first, second = load(page, "x.html").sources
    assert [second.text[m.start : m.end] for m in second.marks] == second.text.splitlines()
    assert [second.text[m.start : m.end] for m in second.marks if m.kind == "heading"] == ["题二"]
    assert len(first.marks) == len(second.marks) == 4


def test_members_of_an_archive_are_documents_of_their_own() -> None:
    make = builders()
    members = {
        "b.txt": BODY.encode("gb18030"), "a/第一.html": f"<p>{BODY}</p>".encode(), "a/第一_files/x.txt": b"side folder", ".DS_Store": b"x",
        "__MACOSX/b.txt": b"x", "c.css": b"p {}",
    }  # fmt: skip
    loaded = load_bytes(make.packed(members), "issue.zip")
    assert [(s.path, s.text.strip()) for s in loaded.sources] == [
        ("issue.zip!/a/第一.html", BODY),
        ("issue.zip!/b.txt", BODY),
    ]
    assert [(p.source_path, p.code, p.severity) for p in loaded.problems] == [
        ("issue.zip!/c.css", "not_an_article", "warning")
    ]


def test_names_of_members_that_are_not_marked_as_utf8() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("XX.txt", BODY.encode())
    data = buffer.getvalue().replace(b"XX.txt", "名".encode("gbk") + b".txt")
    assert [s.path for s in load_bytes(data, "z.zip").sources] == ["z.zip!/名.txt"]


def test_a_member_is_named_by_its_folders_however_it_was_packed() -> None:
    members = {"./a.txt": BODY, "../../etc/b.txt": BODY, "/abs/c.txt": BODY, "d\\e.txt": BODY, "./.hidden/f.txt": BODY}
    loaded = load_bytes(builders().packed({name: text.encode() for name, text in members.items()}), "z.zip")
    assert sorted(s.path for s in loaded.sources) == [
        "z.zip!/a.txt",
        "z.zip!/abs/c.txt",
        "z.zip!/d/e.txt",
        "z.zip!/etc/b.txt",
    ]
    assert loaded.problems == ()


def test_chapters_of_a_book_in_reading_order() -> None:
    make = builders()
    articles = [make.Article(f"题{n}", (("p", BODY),)) for n in range(12)]
    sources = load_bytes(make.epub_file(articles), "x.epub").sources
    assert [s.meta.title for s in sources] == [a.title for a in articles]
    assert {s.meta.publisher for s in sources} == {"社区与民政"}


def book(change: Callable[[dict[str, bytes]], None]) -> Loaded:
    """A book of two chapters, changed before it is packed."""
    make = builders()
    with zipfile.ZipFile(
        io.BytesIO(make.epub_file([make.Article(f"题{n}", (("p", BODY),)) for n in (1, 2)]))
    ) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    return load_bytes(make.packed(parts), "x.epub")


def package_of(parts: dict[str, bytes]) -> str:
    return next(name for name in parts if name.endswith(".opf"))


def test_a_cover_and_a_chapter_of_pictures_are_passed_over_and_said_so() -> None:
    def change(parts: dict[str, bytes]) -> None:
        parts["OEBPS/c1.xhtml"] = b"<html xmlns='http://www.w3.org/1999/xhtml'><body><img src='a.jpg'/></body></html>"

    loaded = book(change)
    assert [s.meta.title for s in loaded.sources] == ["题2"]
    assert [(p.source_path, p.code, p.severity) for p in loaded.problems] == [
        ("x.epub!/OEBPS/c1.xhtml", "chapter_without_text", "info")
    ]


def test_a_chapter_listed_many_times_is_read_once() -> None:
    def change(parts: dict[str, bytes]) -> None:
        name = package_of(parts)
        ref = re.search(rb"<itemref [^>]*/>", parts[name])
        assert ref is not None
        parts[name] = parts[name].replace(b"</spine>", ref[0] * 5 + b"</spine>")

    assert [s.meta.title for s in book(change).sources] == ["题1", "题2"]


def test_a_cover_named_by_the_navigation_is_no_chapter() -> None:
    def change(parts: dict[str, bytes]) -> None:
        name = package_of(parts)
        item = b'<item id="n" href="n.xhtml" media-type="application/xhtml+xml" properties="nav"/></manifest>'
        parts[name] = re.sub(rb"<item [^>]*nav[^>]*/>", b"", parts[name]).replace(b"</manifest>", item)
        parts["OEBPS/n.xhtml"] = (
            b"<html xmlns='http://www.w3.org/1999/xhtml' xmlns:epub='http://www.idpf.org/2007/ops'><body>"
            b"<nav epub:type='landmarks'><a epub:type='cover' href='c1.xhtml'>c</a></nav></body></html>"
        )

    loaded = book(change)
    assert [s.meta.title for s in loaded.sources] == ["题2"]
    assert loaded.problems == ()


def test_a_book_of_pictures_is_an_error() -> None:
    def change(parts: dict[str, bytes]) -> None:
        for n in (1, 2):
            parts[f"OEBPS/c{n}.xhtml"] = (
                b"<html xmlns='http://www.w3.org/1999/xhtml'><body><img src='a.jpg'/></body></html>"
            )

    assert [p.code for p in book(change).problems] == ["chapter_without_text", "chapter_without_text", "no_text"]


def test_a_book_in_an_archive_is_opened() -> None:
    make = builders()
    book = make.epub_file([make.Article("题", (("p", BODY),))])
    (source,) = load_bytes(make.packed({"a.epub": book}), "x.zip").sources
    assert source.path == "x.zip!/a.epub!/OEBPS/c1.xhtml"
