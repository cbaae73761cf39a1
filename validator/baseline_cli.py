"""``spinegate baseline``: accept today's findings, with a reason, so that only new ones fail."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import click

from ..rules.records import Record
from ..system.errors import ConfigError, ToolError
from ..system.files import write_atomic
from ..system.git import git
from ..system.yaml import parse_yaml
from .baseline import Acceptance, Baseline, Choice, accept
from .baseline_yaml import About, read_text, write_text
from .options import Options, VariadicCommand, split_list
from .settings import BASELINE, BASELINE_LIMIT, SETTINGS, parse_baseline, read_settings, shown
from .tree import open_tree


@click.command(cls=VariadicCommand, name="baseline", variadic=("--participant-label",))
@click.argument("dataset", default=".", type=click.Path(path_type=Path))
@click.option("--reason", metavar="TEXT", help="Why these findings are accepted.")
@click.option("--by", metavar="NAME", help="Who accepts them. [default: git's user.name]")
@click.option(
    "--until", metavar="DATE",
    help="Last day on which they are accepted (2027-03-31), or never. [default: in a year]",
)  # fmt: skip
@click.option("--issue", default="", metavar="URL", help="Where that is discussed.")
@click.option(
    "--code", "codes", multiple=True, metavar="CODE",
    help="Only findings of this rule (* for any letters); repeatable.",
)  # fmt: skip
@click.option("--site", "sites", multiple=True, metavar="SITE", help="Only of this site.")
@click.option(
    "--participant-label", "labels", multiple=True, metavar="LABEL...",
    help="Only what concerns nobody but these participants, with or without sub-.",
)  # fmt: skip
@click.option(
    "--severity", type=click.Choice(["error", "all"]), default="all", show_default=True,
    help="Only errors, or warnings as well.",
)  # fmt: skip
@click.option("--prune", is_flag=True, help="Accept nothing new; drop what matches nothing.")
@click.option("--ref", metavar="REF", help="Read this commit, branch or tag, not the folder.")
@click.option("--spec", metavar="NAME|FILE", help="Protocol, as for validate.")
@click.option("--profile", metavar="NAME", help="Profile, as for validate.")
@click.option(
    "--headers", type=click.Choice(["off", "local", "remote"]), default="local",
    show_default=True, help="Which image headers are read, as for validate.",
)  # fmt: skip
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE",
    help=f"The baseline. [default: what the settings name, or {BASELINE} in the dataset]",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
def command(**given: Any) -> int:
    """Accept today's findings, so that only new ones fail.

    Each finding gets a record with its files and its value: another value, or another file with
    the same fault, is not accepted. Findings accepted before keep their reason, name and date;
    records that match nothing any more are dropped. Commit the file afterwards.
    """
    from .run import validate

    dataset: Path = given["dataset"]
    today = date.today()
    settings = read_settings(open_tree(dataset, given["ref"]))
    target = given["output"] or _inside(dataset, settings.baseline)
    old, defaults, head = _read(target)
    acceptance = Acceptance(
        _line(given["reason"]),
        _line(given["by"]) or _user(dataset),
        _until(given["until"], today),
        _line(given["issue"]),
    )
    asked = {key: given[key] for key in ("ref", "spec", "profile", "headers") if given[key]}
    report = validate(Options(dataset, **asked))
    others = [record for record in settings.records if not record.exact]
    choice = None if given["prune"] else _choice(given)
    planned = accept(report, old, others, acceptance, choice, today=today)
    _ask(planned)
    text = write_text(planned.records, defaults, head)
    parse_baseline(parse_yaml(text, str(target)))  # what can't be read again isn't written
    if not given["dry_run"]:
        _write(target, text)
    click.echo(describe(planned, str(target), dry=given["dry_run"]), nl=False)
    if not given["dry_run"] and target != dataset / settings.baseline:
        click.echo(f"It counts once {SETTINGS} names it: baseline: PATH")
    return 0


def describe(planned: Baseline, name: str, *, dry: bool) -> str:
    """Say what a baseline holds, by rule."""
    parts = {
        "new": planned.new,
        "renewed": planned.renewed,
        "kept": planned.kept,
        "dropped": planned.dropped,
    }
    shown = [word for word, records in parts.items() if records]
    counts = {word: Counter(record.code[0] for record in parts[word]) for word in shown}
    codes = sorted(set().union(*counts.values()))
    rows = [["rule", *shown]]
    rows += [[code, *(str(counts[word][code] or "") for word in shown)] for code in codes]
    rows.append(["all", *(str(counts[word].total()) for word in shown)])
    wide = max(map(len, codes), default=0)
    lines = [row[0].ljust(wide) + "".join(cell.rjust(9) for cell in row[1:]) for row in rows]
    verb = "would hold" if dry else "holds"
    total = len(planned.records)
    said = "1 accepted finding" if total == 1 else f"{total:,} accepted findings"
    end = [f"{name} {verb} {said}."]
    fresh = (*planned.new, *planned.renewed)
    if fresh:
        first = fresh[0]
        until = f"until {first.until.isoformat()}" if first.until else "without an end"
        end.append(f"The new ones by {first.by}, {until}: {first.reason}")
    if planned.nameless:
        end.append(f"{len(planned.nameless)} findings are left out: their names are too long.")
    return "\n".join([*(line.rstrip() for line in lines if codes), *end, ""])


def _ask(planned: Baseline) -> None:
    fresh = (*planned.new, *planned.renewed)
    if any(not record.reason for record in fresh):
        count = f"{len(fresh):,} findings" if len(fresh) > 1 else "a finding"
        raise click.UsageError(f"this would accept {count}: say why, by --reason TEXT")
    if any(not record.by for record in fresh):
        raise click.UsageError("git doesn't know your name: say who accepts this, by --by NAME")


def _choice(given: dict[str, Any]) -> Choice:
    labels = tuple(label.removeprefix("sub-") for label in split_list(given["labels"]))
    codes, sites = split_list(given["codes"]), split_list(given["sites"])
    return Choice(codes, sites, labels, errors_only=given["severity"] == "error")


def _until(text: str | None, today: date) -> date | None:
    if text is None:
        leap = (today.month, today.day) == (2, 29)
        return today.replace(year=today.year + 1, day=28 if leap else today.day)
    if text == "never":
        return None
    try:
        until = date.fromisoformat(text)
    except ValueError:
        message = f"--until: {text!r} is no date such as 2027-03-31, and not never"
        raise click.UsageError(message) from None
    if until < today:
        raise click.UsageError(f"--until: {until.isoformat()} has passed")
    return until


def _line(text: str | None) -> str:
    """Return a text of the command line in one line, as every file can hold it."""
    return " ".join((text or "").encode("utf-8", "replace").decode().split())


def _user(dataset: Path) -> str:
    try:
        return _line(git(dataset, "config", "user.name").decode("utf-8", "replace"))
    except ToolError:
        return ""


def _read(target: Path) -> tuple[tuple[Record, ...], About, str]:
    if not os.path.lexists(target):
        return (), {}, ""
    try:
        with target.open("rb") as file:
            content = file.read(BASELINE_LIMIT + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(target)) from None
    try:
        return read_text(content, str(target))
    except ConfigError as error:
        raise shown(error) from None


def _write(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(exist_ok=True)
        write_atomic(target, text)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(target)) from None


def _inside(dataset: Path, name: str) -> Path:
    """Return where a dataset's baseline lies; links could lead to anybody's files."""
    target = dataset / name
    folder = Path(os.path.realpath(target.parent))
    if target.is_symlink() or not folder.is_relative_to(os.path.realpath(dataset)):
        raise ConfigError("is behind a link, and the baseline must be a file", str(target))
    return target
