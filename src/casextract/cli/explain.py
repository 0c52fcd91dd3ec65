"""`explain`, `show` and `numerals`: why a number became what it is, and which ones nobody could account for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from casextract.cli import messages, render
from casextract.cli.options import Document, Encoding, Json, Rules

if TYPE_CHECKING:
    from casextract.assemble import Records
    from casextract.dataset.read import Dataset
    from casextract.load import Source
    from casextract.reports.explain import Explanation

Where = Annotated[
    Path | None,
    typer.Argument(metavar="FILE|DATASET", help="An article (- is standard input), or the folder of a dataset."),
]


def register(app: typer.Typer) -> None:
    """Add the commands `explain`, `show` and `numerals`."""
    for command in (explain, show, numerals):
        app.command()(command)


def explain(
    where: Where = None,
    at: Annotated[
        int | None, typer.Option("--at", min=0, help="The number at this offset of the document's text.")
    ] = None,
    id: Annotated[str | None, typer.Option("--id", help="The number of this indicator.")] = None,
    text: Annotated[
        str | None, typer.Option("--text", help="The numbers in this text; without FILE, the text itself is read.")
    ] = None,
    document: Document = None,
    encoding: Encoding = None,
    rules: Rules = None,
    json: Json = False,
) -> None:
    """Say why a number became what it is.

    The numeral read, its unit, each word that changed it and the rule that used the word, the metric rules that
    competed, or the reason it was set aside. The exit code is 1 if there is no such number.

    Example: casextract explain --text "截至年底,全区建成助餐点近120家。"
    """
    from casextract.pipeline import prepare
    from casextract.reports.explain import explain as explain_source
    from casextract.rulebook.loading import load_rulebook

    if where is None and text is None:
        messages.fail("nothing to explain; give FILE or DATASET, or a sentence with --text")
    rulebook = load_rulebook(rules)
    pipeline = prepare(rulebook)
    chosen: list[Explanation] = []
    sound = True
    if where is None:
        from casextract.reports.explain import explain_segmentation
        from casextract.ruletools.examples import as_segmentation

        chosen = explain_segmentation(as_segmentation(text or ""), pipeline, rulebook)
    else:
        sources, sound = articles(where, document or (id.rpartition(".i")[0] if id else None), encoding)
        for source in sources:
            found = explain_source(source, pipeline, rulebook)
            chosen += select(found, source.text, at, id, text)
    if not chosen:
        messages.fail("no number there; look at the document with: casextract show FILE", messages.WRONG)
    if json:
        render.print_json([e.to_dict() for e in chosen])
    else:
        render.explanations(chosen)
    raise SystemExit(messages.OK if sound else messages.WRONG)


def select(
    found: Iterable[Explanation], text: str, at: int | None, id: str | None, wanted: str | None
) -> list[Explanation]:
    """The explanations that the options ask for; all of them where they ask for nothing."""
    chosen = list(found)
    if at is not None:
        chosen = [e for e in chosen if e.start <= at < e.end]
    if id is not None:
        chosen = [e for e in chosen if e.indicator is not None and e.indicator.indicator_id == id]
    if wanted is not None:
        spans = []
        start = text.find(wanted)
        while start >= 0:
            spans.append((start, start + len(wanted)))
            start = text.find(wanted, start + 1)
        chosen = [e for e in chosen if any(e.start < high and e.end > low for low, high in spans)]
    return chosen


def articles(where: Path, document: str | None, encoding: str | None) -> tuple[list[Source], bool]:
    """The articles of a file, a folder, an archive or a dataset, and whether all of them could be read.

    What is no input at all ends the command with 2, an input without an article with 1.
    """
    from casextract.build.guarded import distinct, load_file_guarded
    from casextract.build.remote import find
    from casextract.dataset.read import Dataset
    from casextract.reports.explain import sources_of

    sound = True
    if _is_dataset(where):
        sources = sources_of(Dataset.open(where))
    else:
        loaded = [load_file_guarded(found, encoding) for found in find([where])]
        for problem in (p for part in loaded for p in part.problems):
            messages.note(f"casextract: {problem.message}")
            sound = sound and problem.severity != "error"
        sources = list(distinct(source for part in loaded for source in part.sources))
    if document is not None:
        sources = [s for s in sources if document in (s.doc_id, s.path)]
    if not sources:
        _no_article(where, document)
    return sources, sound


def show(
    where: Annotated[
        Path,
        typer.Argument(metavar="FILE|DATASET", help="An article (- is standard input), or the folder of a dataset."),
    ],
    html: Annotated[
        Path | None, typer.Option("--html", metavar="OUT.html", help="Write a page for a browser instead.")
    ] = None,
    document: Document = None,
    encoding: Encoding = None,
    rules: Rules = None,
    tables: Annotated[
        bool, typer.Option("--tables", help="Print the tables that were read instead of the text.")
    ] = False,
) -> None:
    """Print an article with its cases, measures and numbers marked.

    Of a dataset its own records are shown, unless --rules asks what other rules would give. An indicator stands as
    ⟦120家 facilities⟧, a number nobody could account for as ⟦15 ?⟧. With --html a page is written that shows the record
    behind each mark; it is one file and needs no network. The exit code is 1 if an article failed.

    Example: casextract show data/raw/article.txt --html article.html
    """
    shown, sound = records_of(where, document, encoding, rules)
    if html is None:
        from casextract.reports import show as shows

        for records in shown:
            for part in shows.tables(records) if tables else [shows.marked(records, messages.language())]:
                render.show(part)
    else:
        from casextract.dataset.writing import write_text
        from casextract.review.page import review_page
        from casextract.rulebook.loading import load_rulebook

        intents = {r.id: messages.intended(r.intent) for own in load_rulebook(rules).rules.values() for r in own}
        page = review_page(shown, messages.language(), intents)
        write_text(html, page)
        messages.out(str(html))
    raise SystemExit(messages.OK if sound else messages.WRONG)


def records_of(
    where: Path, document: str | None, encoding: str | None, rules: Path | None
) -> tuple[list[Records], bool]:
    """What was, or with `rules` would be, extracted from each article, and whether every one came through."""
    from casextract.build.guarded import run_guarded
    from casextract.dataset.read import Dataset
    from casextract.pipeline import prepare
    from casextract.rulebook.loading import load_rulebook

    if _is_dataset(where) and rules is None:
        kept = [
            r
            for r in Dataset.open(where).articles()
            if document in (None, r.documents[0].doc_id, r.documents[0].source_path)
        ]
        return kept or _no_article(where, document), True
    pipeline = prepare(load_rulebook(rules))
    sources, sound = articles(where, document, encoding)
    made: list[Records] = []
    for source in sources:
        records, _ = run_guarded(source, pipeline)
        if records.documents:
            made.append(records)
            continue
        sound = False
        for problem in records.problems:
            messages.note(f"casextract: {problem.message}")
    return made, sound


def _is_dataset(where: Path) -> bool:
    return (where / "datapackage.json").is_file()


def _no_article(where: Path, document: str | None) -> NoReturn:
    messages.fail(f"{where}: no article" + (f" {document}" if document else "") + " in it", messages.WRONG)


def numerals(
    dataset: Annotated[Path, typer.Argument(help="Folder of a dataset.")],
    unresolved: Annotated[
        bool, typer.Option("--unresolved", help="List the numerals nobody could account for.")
    ] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="List the numerals set aside for this reason.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Sentences to print of each form.")] = 3,
    most: Annotated[
        float | None,
        typer.Option("--at-most", metavar="SHARE", help="Exit with 1 if more than this share is unresolved."),
    ] = None,
    json: Json = False,
) -> None:
    """Account for every numeral: what became of it, or the list of those that are unresolved.

    The list is by form, the most frequent first, each with sentences marked as 'casextract rules new' takes them.

    Example: casextract numerals data/out --unresolved
    """
    from casextract.dataset.read import Dataset
    from casextract.reports.numerals import unresolved_share

    if unresolved and reason is not None:
        messages.fail("--unresolved numerals have no --reason; ask for one of the two")
    opened = Dataset.open(dataset)
    if reason is not None:
        from casextract.language import LANGUAGES, label, labels
        from casextract.reports.numerals import balance

        known = {*labels("reason", "en"), *(r for _, r in balance(opened) if r)}
        named = next((c for c in known if reason in (c, *(label("reason", c, spoken) for spoken in LANGUAGES))), None)
        if named is None:
            messages.fail(f"no reason is called {reason}; take one of {', '.join(sorted(known))}")
        reason = named
    if unresolved or reason is not None:
        _list_forms(opened, "unresolved" if unresolved else "set_aside", reason, limit, json)
    else:
        _balance(opened, json)
    share = unresolved_share(opened)
    if most is not None and share > most:
        messages.fail(
            f"{dataset}: {share:.2%} of the numerals are unresolved, at most {most:.2%} may be", messages.WRONG
        )


def _balance(dataset: Dataset, json: bool) -> None:
    from casextract.reports.numerals import balance

    rows = balance(dataset).most_common()
    total = sum(count for _, count in rows)
    if json:
        render.print_json([{"disposition": d, "reason": r, "count": count} for (d, r), count in rows])
        return
    for (disposition, why), count in rows:
        names = (messages.named("disposition", disposition), messages.named("reason", why) if why else "")
        columns = render.padded(names[0], 12) + " " + render.padded(names[1], 16)
        messages.out(f"{columns} {count:>8,}  {count / total:6.1%}")
    messages.out(f"{render.padded(messages.named('table', 'numerals'), 29)} {total:>8,}")


def _form_said(form: str) -> str:
    """A form of numerals in the reader's language, where it is named by what is around them."""
    from casextract.reports.numerals import ALONE, BARE, CELL, NOTE

    named = {
        CELL: messages.said("table cell"),
        NOTE: messages.said("mark of a note"),
        ALONE: messages.said("number alone on a line"),
        BARE: messages.said("number without a unit"),
    }
    return named.get(form, form)


def _list_forms(dataset: Dataset, disposition: str, reason: str | None, limit: int, json: bool) -> None:
    from casextract.reports.numerals import forms

    listed = forms(dataset, disposition, reason)
    if json:
        render.print_json(
            [
                {
                    "form": f.form,
                    "count": len(f.places),
                    "places": [
                        {"source_path": p.source_path, "start": p.start, "end": p.end, "sentence": p.marked}
                        for p in f.places
                    ],
                }
                for f in listed
            ]
        )
        return
    for form in listed:
        messages.out(f"{len(form.places):>5,}  {_form_said(form.form)}")
        for place in form.places[:limit]:
            messages.out(f"       {place.source_path}:{place.start}  {place.marked}")
    total = sum(len(f.places) for f in listed)
    messages.out(f"{total:>5,}  " + messages.said(f"in {len(listed)} forms"))
