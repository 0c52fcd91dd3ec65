"""`rules`: list, show, test, check and write rules, and see which of them speak in a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casextract.cli import messages, render
from casextract.cli.options import Json, Quiet, Rules

if TYPE_CHECKING:
    from casextract.rulebook.loading import Rulebook
    from casextract.rulebook.models import Rule


def register(app: typer.Typer) -> None:
    """Add the command group `rules`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, test, check and write rules.")
    group.command("list")(list_rules)
    group.command("test")(run_tests)
    for command in (show, check, new, coverage):
        group.command()(command)
    app.add_typer(group, name="rules")


def list_rules(
    concern: Annotated[str | None, typer.Option("--concern", "-c", help="Only this file's rules.")] = None,
    rules: Rules = None,
    json: Json = False,
) -> None:
    """List the rules with what they are for.

    Example: casextract rules list --concern units
    """
    from casextract.rulebook.loading import load_rulebook

    rulebook = load_rulebook(rules)
    if concern is not None and concern not in rulebook.rules:
        messages.fail(f"unknown concern {concern!r}; take one of {', '.join(rulebook.rules)}")
    listed = [(c, rule) for c, found in rulebook.rules.items() if concern in (None, c) for rule in found]
    if json:
        render.print_json([{"concern": c, "id": rule.id, "intent": rule.intent} for c, rule in listed])
        return
    width = max((len(rule.id) for _, rule in listed), default=0)
    for c, rule in listed:
        messages.out(f"{c:<13} {rule.id:<{width}}  {messages.intended(rule.intent)}")


def show(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="The rule's id.")],
    rules: Rules = None,
    json: Json = False,
) -> None:
    """Print one rule as it is written, and how its examples fare.

    Example: casextract rules show unit.percent
    """
    from casextract.rulebook.loading import load_rulebook
    from casextract.ruletools.examples import run_examples
    from casextract.ruletools.new import to_toml

    rulebook = load_rulebook(rules)
    concern, rule = find(rulebook, rule_id)
    fields = rule.written
    outcomes = [o for o in run_examples(rulebook, {rule_id}) if o.script == "hans"]
    if json:
        examples = [{"role": o.role, "text": o.text, "failures": list(o.failures)} for o in outcomes]
        render.print_json({"concern": concern, "rule": fields, "examples": examples})
        return
    messages.out(f"# {concern}.toml\n{to_toml(fields)}")
    for outcome in outcomes:
        verdict = "passes" if not outcome.failures else "FAILS: " + "; ".join(outcome.failures)
        messages.out(f"{outcome.role:<14} {outcome.text}  {verdict}")


def run_tests(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Rules, or the beginnings of their ids; none: all.")
    ] = None,
    rules: Rules = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Run the examples and counterexamples of the rules, in both scripts.

    The exit code is 1 if one fails.

    Example: casextract rules test unit. metric.beds
    """
    from casextract.rulebook.loading import load_rulebook
    from casextract.ruletools.examples import run_examples

    rulebook = load_rulebook(rules)
    only = selected(rulebook, ids or [])
    outcomes = list(run_examples(rulebook, only))
    failed = [o for o in outcomes if o.failures]
    if json:
        render.print_json(
            [
                {"rule": o.rule_id, "role": o.role, "script": o.script, "text": o.text, "failures": list(o.failures)}
                for o in outcomes
            ]
        )
    else:
        for o in failed:
            messages.out(f"{o.rule_id}: {o.role} in {o.script} fails: {o.text}")
            for failure in o.failures:
                messages.out(f"    {failure}")
        if failed or not quiet:
            count = len({o.rule_id for o in outcomes})
            messages.out(messages.said(f"{len(outcomes)} examples of {count} rules, {len(failed)} failed"))
    raise SystemExit(messages.WRONG if failed else messages.OK)


def check(rules: Rules = None, quiet: Quiet = False, json: Json = False) -> None:
    """Find rules that cannot work: shadowed, clashing, running away, without an example.

    The exit code is 1 if there is an error; warnings are worth a look.

    Example: casextract rules check --rules my-rules
    """
    from casextract.pipeline import prepare
    from casextract.rulebook.checks import Finding, findings
    from casextract.rulebook.loading import load_rulebook
    from casextract.rulebook.models import RuleError

    faults: list[RuleError] = []
    rulebook = load_rulebook(rules, faults=faults)
    try:
        prepare(rulebook)
        found = findings(rulebook)
    except RuleError as error:
        # A pattern that does not compile stops the others from being tried.
        faults.append(error)
        found = []
    found = [*(Finding("error", _rule_of(str(f)), "unreadable", str(f)) for f in faults), *found]
    errors = sum(f.severity == "error" for f in found)
    if json:
        render.print_json(
            [{"severity": f.severity, "rule": f.rule_id, "code": f.code, "message": f.message} for f in found]
        )
    else:
        for f in found:
            if not quiet or f.severity == "error":
                severity = messages.named("severity", f.severity)
                messages.out(f"{severity}: {f.rule_id}: {f.code}: {messages.said(f.message)}")
        if errors or not quiet:
            count = sum(map(len, rulebook.rules.values()))
            messages.out(messages.said(f"{count} rules, {errors} errors, {len(found) - errors} warnings"))
    raise SystemExit(messages.WRONG if errors else messages.OK)


def _rule_of(message: str) -> str:
    """The rule that a message of the rulebook names; else the file."""
    from re import search

    named = search(r": rule ([^:\s]+):", message)
    return named[1] if named else message.partition(":")[0]


def new(
    concern: Annotated[
        str | None,
        typer.Argument(help="The file it goes to, such as units or metrics; by the correction if not given."),
    ] = None,
    sentence: Annotated[str | None, typer.Argument(help="A sentence with ⟦…⟧ around the number.")] = None,
    *,
    rule_id: Annotated[str, typer.Option("--id", help="The id of the new rule, such as unit.count.aircraft.")],
    from_correction: Annotated[
        str | None, typer.Option("--from-correction", metavar="ID", help="Make it from this correction.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", metavar="LOG", help="The log the correction stands in, or its folder.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help="Append it to DIR/CONCERN.toml.")] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="State a field; VALUE as in TOML.")
    ] = None,
    rules: Rules = None,
) -> None:
    """Write a rule from a sentence with the number marked.

    What can be read off the sentence is filled in; what is left to say goes to stderr. A rule that would not load is
    not added but printed as a draft, and the exit code is 1.

    Example: casextract rules new units "全区配备⟦15架⟧无人机。" --id unit.count.aircraft --set dimension=count --to
    my-rules
    """
    from casextract.rulebook.loading import load_rulebook
    from casextract.rulebook.models import RuleError
    from casextract.ruletools.new import append, scaffold

    overlay = rules if rules is not None else to if to is not None and to.is_dir() else None
    given = dict(map(assignment, fields or []))
    if from_correction is not None:
        concern, sentence, given = _of_correction(from_correction, log, concern, given)
    if concern is None or sentence is None:
        messages.fail("give CONCERN and a SENTENCE with ⟦…⟧ around the number, or --from-correction ID --log LOG")
    faults: list[RuleError] = []
    rulebook = load_rulebook(overlay, faults=faults)
    for fault in faults:
        messages.note(f"casextract: left aside: {fault}")
    made = scaffold(concern, sentence, rule_id, given, rulebook)
    if to is None or not made.sound:
        messages.out(made.toml.rstrip())
    else:
        messages.note(f"casextract: added to {append(to, made)}")
    for point in made.open_points:
        messages.note(f"still to say: {point}")
    if to is not None and not made.sound:
        messages.fail(
            "not added, because it would not load; say what is missing with --set FIELD=VALUE", messages.WRONG
        )


def _of_correction(
    correction_id: str, log: Path | None, concern: str | None, given: dict[str, Any]
) -> tuple[str, str, dict[str, Any]]:
    """Concern, marked sentence and fields of a rule that would have made the correction needless."""
    from casextract.review.corrections import LOG_NAME, read_log
    from casextract.review.exchange import as_example

    if log is None:
        messages.fail("--from-correction needs --log LOG, the log the correction stands in")
    path = log / LOG_NAME if log.is_dir() else log
    found = next((c for c in read_log(path) if c.id == correction_id), None)
    if found is None:
        messages.fail(f"{path}: no correction {correction_id}; list them with: casextract corrections list {log}")
    proper, sentence, fields = as_example(found)
    return concern or proper, sentence, fields | given


def coverage(
    dataset: Annotated[Path, typer.Argument(help="Folder of a dataset.")],
    rules: Rules = None,
    unused: Annotated[
        bool, typer.Option("--unused", help="Only rules that spoke nowhere but in their own examples.")
    ] = False,
    json: Json = False,
) -> None:
    """Say how often each rule spoke in a dataset, and in which documents.

    Example: casextract rules coverage data/out --unused
    """
    from casextract.dataset.read import Dataset
    from casextract.rulebook.loading import load_rulebook
    from casextract.ruletools.coverage import coverage as cover

    rows = cover(Dataset.open(dataset), load_rulebook(rules))
    rows = [row for row in rows if not unused or row.fired == 0]
    if json:
        render.print_json(
            [{"rule": r.rule_id, "concern": r.concern, "fired": r.fired, "documents": list(r.documents)} for r in rows]
        )
        return
    width = max((len(row.rule_id) for row in rows), default=0)
    for row in rows:
        shown = ", ".join(row.documents[:3]) + (f" and {len(row.documents) - 3} more" if len(row.documents) > 3 else "")
        messages.out(f"{row.concern:<13} {row.rule_id:<{width}} {row.fired:>7,} {len(row.documents):>5,}  {shown}")
    silent = sum(row.fired == 0 for row in rows)
    messages.out(messages.said(f"{len(rows)} rules, {silent} of them speak in their own examples only"))


def find(rulebook: Rulebook, rule_id: str) -> tuple[str, Rule]:
    """The concern and the rule; an unknown id ends the command with 2 and names what is near."""
    found = rulebook.find(rule_id)
    if found is None:
        from difflib import get_close_matches

        near = get_close_matches(rule_id, [r.id for rules in rulebook.rules.values() for r in rules], n=3)
        messages.fail(
            f"no rule {rule_id}" + (f"; did you mean {', '.join(near)}?" if near else "; see casextract rules list")
        )
    return found


def selected(rulebook: Rulebook, starts: list[str]) -> set[str] | None:
    """The ids that begin with one of `starts`; None for all of them. A beginning without a rule ends the command with
    2."""
    if not starts:
        return None
    from casextract.rulebook.checks import lexicon_entries

    known = [r.id for rules in rulebook.rules.values() for r in rules]
    known += [f"lexicon.{entry.word}" for entry in lexicon_entries(rulebook)]
    chosen: set[str] = set()
    for start in starts:
        ids = {rule_id for rule_id in known if rule_id.startswith(start)}
        if not ids:
            find(rulebook, start)
        chosen |= ids
    return chosen


def assignment(text: str) -> tuple[str, Any]:
    """`field=value`, the value in TOML; what is no TOML value is taken as a string."""
    import tomllib

    name, equals, content = text.partition("=")
    if not equals:
        messages.fail(f"--set {text}: write FIELD=VALUE")
    try:
        return name, tomllib.loads(f"value = {content}")["value"]
    except tomllib.TOMLDecodeError:
        return name, content
