"""``spinegate rules``: what is checked, and the manual page of each rule."""

from __future__ import annotations

import json
import string
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from ..rules.language.table import FUNCTIONS
from ..rules.loader import load_rules
from ..rules.rule import Rule
from ..rules.spelling import did_you_mean
from ..rules.vocabulary import load_vocabulary
from ..system.errors import ConfigError
from .profile_table import profiles

_WIDTH = 88
_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
_EXTRA = click.option(
    "--rules",
    "extra",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A further rule file; may be repeated.",
)


@click.group()
def command() -> None:
    """List the rules, or explain one."""


command.add_command(profiles)


@command.command("list")
@click.option("--group", help="Only the rules of this group.")
@_EXTRA
@_FORMAT
def list_rules(group: str | None, extra: tuple[Path, ...], form: str) -> None:
    """List the rules by group: code, level, scope, what it says."""
    rules = load_rules(extra=extra)
    groups = sorted({rule.group for rule in rules})
    if group is not None and group not in groups:
        raise ConfigError(f"no group {group!r}{did_you_mean(group, groups)}")
    chosen = [rule for rule in rules if group in (None, rule.group)]
    if form == "json":
        click.echo(json.dumps([to_json(rule) for rule in chosen], indent=2))
        return
    for name in groups:
        members = [rule for rule in chosen if rule.group == name]
        if members:
            click.echo(_table(name, members))


@command.command()
@click.argument("code")
@_EXTRA
@_FORMAT
def explain(code: str, extra: tuple[Path, ...], form: str) -> None:
    """Explain the rule CODE: why it is there, what to do, what it rests on."""
    rules = {rule.code: rule for rule in load_rules(extra=extra)}
    asked = code.upper()
    rule = rules.get(asked)
    if rule is None and asked.endswith("_OUT_OF_TOLERANCE"):
        rule = rules.get("PARAMETER_OUT_OF_TOLERANCE")  # the template of all parameters
    if rule is None:
        raise ConfigError(f"no rule {code!r}{did_you_mean(code, rules)}")
    if form == "json":
        click.echo(json.dumps(to_json(rule), indent=2))
        return
    if rule.code != asked:
        click.echo(f"{asked} is this rule for one parameter of the protocol:\n")
    click.echo(manual(rule))


@command.command()
@click.argument("prefix", default="")
@_FORMAT
def names(prefix: str, form: str) -> None:
    """List what expressions may use, or names that start with PREFIX."""
    terms = [term for term in load_vocabulary() if term.path.startswith(prefix)]
    functions = [] if prefix else sorted(FUNCTIONS.items())
    summaries = {name: _summary(function.call.__doc__) for name, function in functions}
    if form == "json":
        described = {
            term.path: {
                "types": list(term.types),
                "unit": term.unit,
                "vendors": list(term.vendors),
                "source": term.source,
                "description": term.description,
            }
            for term in terms
        }
        click.echo(json.dumps({"functions": summaries, "names": described}, indent=2))
        return
    for name, summary in summaries.items():
        click.echo(f"{name}()  {summary}")
    for term in terms:
        unit = f" in {term.unit}" if term.unit not in ("", "1") else ""
        vendors = f" [{', '.join(term.vendors)}]" if term.vendors else ""
        click.echo(f"{term.path}  {' or '.join(term.types)}{unit}{vendors}  {term.description}")


def _summary(text: str | None) -> str:
    return " ".join((text or "").partition("\n\n")[0].split())


def to_json(rule: Rule) -> dict[str, Any]:
    """Return the JSON form of a rule."""
    return {
        "code": rule.code,
        "title": rule.title,
        "group": rule.group,
        "level": rule.level,
        "scope": rule.scope,
        "over": rule.over or rule.scope,
        "message": rule.message,
        "selectors": list(rule.selectors),
        "checks": [check.source for check in rule.checks],
        "check": rule.check or None,
        "reads": sorted({".".join(path) for check in rule.checks for path in check.reads}),
        "observed": rule.observed and rule.observed.source,
        "expected": rule.expected and rule.expected.source,
        "suggestion": rule.suggestion,
        "remedy": rule.remedy or None,
        "fix": rule.fix
        and {
            "op": rule.fix.op,
            "key": rule.fix.key,
            "value": rule.fix.value and rule.fix.value.source,
        },
        "concerns": list(rule.concerns),
        "why": rule.why,
        "source": rule.source,
        "examples": dict(rule.examples),
        "file": rule.file,
        "line": rule.line,
    }


def manual(rule: Rule) -> str:
    """Return the manual page of a rule as text."""
    over = f", over every {rule.over}" if rule.over else ""
    told = rule.title.upper().replace(" ", "_") == rule.code  # the code in small letters
    title = "" if told else f"{rule.title}\n"
    head = f"{rule.code}\n{title}{rule.level}, one finding per {rule.scope}{over}"
    parts = [
        ("Message", rule.message),
        ("Why", rule.why),
        ("What to do", _sentence(rule.suggestion, rule.remedy and f"Remedy: {rule.remedy}.")),
        ("In doubt", rule.concerns and f"metrics: {', '.join(rule.concerns)}"),
        ("Applies where all are true", _lines(rule.selectors)),
        ("Must hold", _lines(check.source for check in rule.checks)),
        ("Checked by", rule.check and f"validator/checks/{rule.check}.py"),
        ("Observed", rule.observed and rule.observed.source),
        ("Expected", rule.expected and rule.expected.source),
        ("Passes", _example(rule.examples.get("pass"))),
        ("Fails", _example(rule.examples.get("fail"))),
        ("Source", rule.source),
        ("Defined in", f"{rule.file}:{rule.line}"),
    ]
    return "\n\n".join([head, *(_part(title, text) for title, text in parts if text)])


def _part(title: str, text: str) -> str:
    indent = "  "
    if "\n" in text:
        body = "\n".join(indent + line for line in text.splitlines())
    else:
        body = textwrap.fill(
            text,
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
    return f"{title}\n{body}"


def _sentence(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _lines(texts: Iterable[str]) -> str:
    found = list(texts)
    return "\n".join(found) + "\n" if found else ""


def _example(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _says(rule: Rule) -> str:
    """Return the message, with dots for what only a finding can fill in."""
    if rule.message.startswith("{"):  # hardly a word without its values
        return rule.title
    pieces = string.Formatter().parse(rule.message)
    return "".join(text + ("" if name is None else "\u2026") for text, name, *_ in pieces)


def _table(name: str, rules: Iterable[Rule]) -> str:
    rows = [(rule.code, rule.level, rule.scope, _says(rule)) for rule in rules]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        + "  "
        + row[3]
        for row in rows
    ]
    return "\n".join([name, *lines, ""])
