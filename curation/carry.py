"""The last step of a command: show the plan, then commit it where that is asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..system.git import find_root
from ..validator.plan import Plan
from ..validator.planned import plan_tree
from ..validator.report.visible import fit
from ..validator.tree import open_tree
from .apply import apply_plan, resume, undo
from .commit import apply_and_commit
from .preview import preview


def carry(plan: Plan, dataset: Path, message: str, *, apply_: bool) -> str:
    """Show a plan; with `apply_` carry it out too, as one commit where the dataset is in git.

    Returns
    -------
    str
        The commit's id; "" where there is none.

    Raises
    ------
    SpinegateError
        It can't be carried out; nothing has changed then.
    """
    planned = plan_tree(open_tree(dataset), plan)
    for line in preview(plan, planned):
        click.echo(fit(line, sys.stdout.encoding))
    if not plan.chosen:
        return ""
    if not apply_:
        click.echo("Nothing was changed; --apply carries it out.", err=True)
        return ""
    if find_root(dataset) is None:
        count = apply_plan(plan, dataset)
        said = f"{count:,} file{'s' * (count != 1)}" if count else "nothing to do"
        click.echo(f"Done: {said}; --undo takes it back.", err=True)
        return ""
    commit = apply_and_commit(plan, dataset, message)
    said = f"Committed {commit[:12]}; --undo takes it back." if commit else "Nothing to do."
    click.echo(said, err=True)
    return commit


def taken_back(dataset: Path, *, resume_: bool) -> None:
    """Finish the run that was stopped, or take back the last one."""
    count = resume(dataset) if resume_ else undo(dataset)
    verb = "Finished" if resume_ else "Took back"
    click.echo(f"{verb}: {count:,} file{'s' * (count != 1)}.", err=True)
