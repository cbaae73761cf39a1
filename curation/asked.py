"""What every command that changes a dataset can be asked, and how they speak."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..validator.report.visible import fit
from .apply import forget, resume, undo

_FILE = click.Path(path_type=Path, dir_okay=False)
_AFTER = ("resume", "undo", "forget")

plan_option = click.option(
    "--plan", "plan_file", type=_FILE, metavar="FILE",
    help="Write the plan there (.tsv, or .yaml), to be changed by hand.",
)  # fmt: skip
from_plan_option = click.option(
    "--from-plan", type=_FILE, metavar="FILE", help="Take the plan from such a file."
)
apply_option = click.option(
    "--apply", "apply_", is_flag=True, help="Carry the plan out: all of it or nothing."
)


def afterwards(run: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --resume, --undo and --forget, which go alone with the dataset's folder.

    The command itself has an argument or option `dataset`, and isn't called for them.
    """

    @click.option("--resume", is_flag=True, help="Finish a run that was stopped.")
    @click.option("--undo", is_flag=True, help="Take back the last run, stopped or not.")
    @click.option("--forget", is_flag=True, help="Delete the former files kept for --undo.")
    @click.pass_context
    @wraps(run)
    def asked(context: click.Context, /, **given: Any) -> Any:
        ways = [name for name in _AFTER if given.pop(name)]
        if not ways:
            return run(**given)
        others = [
            name
            for name in given
            if name != "dataset"
            and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        ]
        if others or len(ways) > 1:
            raise click.UsageError(
                f"--{ways[0]} goes alone, with the dataset's folder: it goes by what the last "
                "run noted"
            )
        settle(given["dataset"], ways[0])
        return 0

    return asked


def settle(dataset: Path, way: str) -> None:
    """Finish the run that was stopped, take back the last one, or forget it; and say so.

    Parameters
    ----------
    dataset
        The dataset's folder.
    way
        ``resume``, ``undo`` or ``forget``.

    Raises
    ------
    SpinegateError
        That can't be done.
    """
    if way == "forget":
        told = "Deleted: the last run can't be taken back by --undo any more."
        progress(told if forget(dataset) else "Nothing is kept.")
        return
    done = "Finished" if way == "resume" else "Took back"
    progress(f"{done}: {count_files((resume if way == 'resume' else undo)(dataset))}.")


def count_files(count: int) -> str:
    """Say how many files.

    Examples
    --------
    >>> count_files(1), count_files(1200)
    ('1 file', '1,200 files')
    """
    return f"{count:,} file{'s' * (count != 1)}"


def say(line: str) -> None:
    """Print a line of what was asked for."""
    click.echo(fit(line, sys.stdout.encoding))


def progress(line: str) -> None:
    """Print a line of what is going on, where it doesn't get into the answer."""
    click.echo(fit(line, sys.stderr.encoding), err=True)
