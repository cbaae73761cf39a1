"""``spinegate curate participants``: set, add, sort and check participants.tsv."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from ...rules.loader import load_rules
from ...validator.checks.participants import FILE
from ...validator.finding import Severity
from ...validator.operation import Write, digest
from ...validator.options import Options
from ...validator.plan import Plan, Proposal
from ...validator.report.visible import visible
from ..asked import apply_option, plan_option, progress, say, settle
from ..carry import carry
from ..commit import commit_message
from ..lines import read_lines, write_lines
from ..top import at, require_top
from .changes import Change, make_change
from .table import ID, change, in_order, load_participants, notes

_SHOWN = 100
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_DATASET = click.option(
    "--dataset", default=".", type=click.Path(path_type=Path), metavar="FOLDER",
    help="The dataset. [default: the folder that you are in]",
)  # fmt: skip


@click.group("participants")
def command() -> None:
    """Keep participants.tsv: the order of its columns, n/a and line ends stay.

    Without --apply a change is only shown.
    """


@command.command("set")
@click.argument("participant")
@click.argument("cells", nargs=-1, required=True, metavar="COLUMN=VALUE...")
@_DATASET
@plan_option
@apply_option
def set_(
    participant: str, cells: tuple[str, ...], dataset: Path, plan_file: Path | None, apply_: bool
) -> None:
    """Set cells of a participant's row."""
    _do(_cells(participant, cells), dataset, plan_file, apply_)


@command.command("add")
@click.argument("participant")
@click.argument("cells", nargs=-1, metavar="COLUMN=VALUE...")
@_DATASET
@plan_option
@apply_option
def add(
    participant: str, cells: tuple[str, ...], dataset: Path, plan_file: Path | None, apply_: bool
) -> None:
    """Add a participant; cells that aren't given become n/a.

    The row goes to its place where the others are in order, else to the end.
    """
    changes = [Change("add", participant), *_cells(participant, cells)]
    _do(changes, dataset, plan_file, apply_)


@command.command("sort")
@_DATASET
@plan_option
@apply_option
def sort(dataset: Path, plan_file: Path | None, apply_: bool) -> None:
    """Sort the rows by participant_id; sub-a2 comes before sub-a10."""
    _do([Change("sort")], dataset, plan_file, apply_)


@command.command("from-plan")
@click.argument("plan_file", type=click.Path(path_type=Path, dir_okay=False), metavar="PLAN")
@_DATASET
@apply_option
def from_plan(plan_file: Path, dataset: Path, apply_: bool) -> None:
    """Take the changes from a file that --plan wrote."""
    _do(read_lines(plan_file, Change, make_change), dataset, None, apply_)


@command.command("undo")
@_DATASET
def undo(dataset: Path) -> None:
    """Take back the last run, stopped or not."""
    settle(dataset, "undo")


@command.command("resume")
@_DATASET
def resume(dataset: Path) -> None:
    """Finish a run that was stopped."""
    settle(dataset, "resume")


@command.command("forget")
@_DATASET
def forget(dataset: Path) -> None:
    """Delete the former files kept for undo."""
    settle(dataset, "forget")


@command.command("check")
@_DATASET
def check(dataset: Path) -> int:
    """Say what is wrong with the table: rows, columns, values, and against folders and sidecars.

    Exit status: 0 no finding at error level, 1 at least one.
    """
    from ...validator.run import validate

    require_top(dataset)
    known = load_participants(dataset)
    codes = {rule.code for rule in load_rules() if rule.group == "participants"}
    findings = [f for f in validate(Options(dataset)).findings if f.code in codes]
    for finding in findings[:_SHOWN]:
        place = f"{finding.location}:{finding.line}" if finding.line else finding.location
        say(visible(f"{finding.severity.value}  {place}  {finding.message} [{finding.code}]"))
    if len(findings) > _SHOWN:
        say(f"and {len(findings) - _SHOWN:,} more")
    names = known.table.column(ID) or []
    if not in_order(names):
        say("The rows aren't in the order of participant_id: spinegate curate participants sort")
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    people = f"{len(names):,} participants, {len(known.table.columns)} columns"
    say(f"{people}: {errors:,} errors, {len(findings) - errors:,} others")
    return 1 if errors else 0


def _cells(participant: str, cells: Sequence[str]) -> list[Change]:
    changes = []
    for cell in cells:
        column, sign, value = cell.partition("=")
        if not sign or not column:
            raise click.UsageError(f"{cell!r}: write COLUMN=VALUE, such as age=31")
        changes.append(Change("set", participant, column, value))
    return changes


def _do(changes: Sequence[Change], dataset: Path, plan_file: Path | None, apply_: bool) -> None:
    require_top(dataset)
    known = load_participants(dataset)
    text = change(known, changes, date.today())
    for note in notes(known, changes):
        say(visible(f"note: {note}"))
    if plan_file is not None:
        write_lines(changes, Change, plan_file)
        progress(
            f"Wrote {plan_file}; change it, then: "
            f"spinegate curate participants from-plan {plan_file}{at(dataset)} --apply"
        )
    summary = _summary([each for each in changes if each.apply])
    same = text == known.text
    write = Write(FILE, text, digest(known.text.encode()))
    plan = Plan(() if same else (Proposal(write, summary),))
    carry(plan, dataset, commit_message("participants", summary), apply_=apply_)


def _summary(changes: Sequence[Change]) -> str:
    added = list(dict.fromkeys(each.participant for each in changes if each.op == "add"))
    cells: dict[str, list[str]] = {}
    for each in changes:
        if each.op == "set" and each.participant not in added:
            cells.setdefault(each.participant, []).append(each.column)
    said = [f"add {_few(added)}"] if added else []
    if len(cells) == 1:
        said += [f"{', '.join(columns)} of {name}" for name, columns in cells.items()]
    elif cells:
        said.append(f"cells of {_few(list(cells))}")
    said += ["sorted"] if any(each.op == "sort" for each in changes) else []
    return "; ".join(said) or "nothing"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} participants"
