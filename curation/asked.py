"""What every command that changes a dataset can be asked, and how they speak."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..validator.report.visible import fit, visible
from .apply import forget, resume, undo
from .place import find_place
from .transaction import phase_of, read_moves

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
    done, act = ("Finished", resume) if way == "resume" else ("Took back", undo)
    run = _last_run(dataset)
    progress(f"{done}{run}: {count_files(act(dataset))}.")


def _last_run(dataset: Path) -> str:
    """Name the last run, which may be another command's; "" where it isn't committed."""
    place = find_place(dataset)
    commit = read_moves(place).commit if phase_of(place) else None
    return "" if commit is None else f' "{visible(commit.message.splitlines()[0])}"'


def afterwards_at(
    name: str, act: Callable[[Path, str], None]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what gives a command --resume, --undo and --forget, which go alone with a folder.

    Parameters
    ----------
    name
        The command's argument or option that names the dataset; the command isn't called.
    act
        Does it instead, as `settle` does.
    """

    def give(run: Callable[..., Any]) -> Callable[..., Any]:
        @click.option("--resume", is_flag=True, help="Finish a run that was stopped.")
        @click.option("--undo", is_flag=True, help="Take back the last run, stopped or not.")
        @click.option("--forget", is_flag=True, help="Delete the former files kept for --undo.")
        @click.pass_context
        @wraps(run)
        def asked(context: click.Context, /, **given: Any) -> Any:
            ways = [way for way in _AFTER if given.pop(way)]
            if not ways:
                return run(**given)
            others = [
                other
                for other in given
                if other != name
                and context.get_parameter_source(other) is ParameterSource.COMMANDLINE
            ]
            if others or len(ways) > 1:
                raise click.UsageError(
                    f"--{ways[0]} goes alone, with the dataset's folder: it goes by what the last "
                    "run noted"
                )
            act(given[name] or Path(), ways[0])
            return 0

        return asked

    return give


afterwards = afterwards_at("dataset", settle)


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
