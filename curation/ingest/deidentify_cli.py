"""``spinegate curate deidentify``: a dataset without what tells who was measured, and where."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ...protocol_specs.loader import load_spec
from ...validator.dataset import Dataset, load_dataset
from ...validator.options import split_list
from ...validator.plan import read_plan, write_plan
from ...validator.report.visible import fit
from ...validator.tree import open_tree
from ..carry import taken_back
from ..commit import commit_message
from .deidentify import Options
from .deidentify_apply import arrange, carry_out, what_stays
from .deidentify_plan import Deidentification, plan_deidentification, require_edits
from .deidentify_salt import find_salt, trial_salt

_ANY = "spine-generic"  # which files are sidecars doesn't depend on the protocol


@click.command("deidentify")
@click.argument("dataset", default=".", type=click.Path(path_type=Path))
@click.option(
    "--keep", multiple=True, metavar="KEY",
    help="Also keep this key, less names and dates in its text; repeatable.",
)  # fmt: skip
@click.option("--keep-dates", is_flag=True, help="Leave dates where they are.")
@click.option(
    "--salt-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="The secret for hashes, made there if need be. [default: in .git/spinegate]",
)  # fmt: skip
@click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write the plan there (.tsv, or .yaml), to be changed by hand.",
)  # fmt: skip
@click.option(
    "--from-plan", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Take the plan from such a file.",
)  # fmt: skip
@click.option("--apply", "apply_", is_flag=True, help="Do it, as one commit.")
@click.option("--resume", "resume_", is_flag=True, help="Finish a run that was stopped.")
@click.option("--undo", "undo_", is_flag=True, help="Take back the last run, stopped or not.")
def command(
    dataset: Path,
    keep: tuple[str, ...],
    keep_dates: bool,
    salt_file: Path | None,
    plan_file: Path | None,
    from_plan: Path | None,
    apply_: bool,
    resume_: bool,
    undo_: bool,
) -> int:
    """Take out of a dataset what tells who was measured, when, and on which device.

    Of a sidecar a key stays only if it is on the list of what rules and BIDS need; tables lose
    their dates; headers of images that are here their free texts. Without --apply it is only said
    what would go, by keys: no value is ever shown. What was committed before stays in git's
    history.
    """
    if sum([apply_, resume_, undo_]) > 1:
        raise click.UsageError("--apply, --resume and --undo go one at a time")
    if resume_ or undo_:
        taken_back(dataset, resume_=resume_)
        return 0
    tree = open_tree(dataset)
    loaded = load_dataset(tree, load_spec(_ANY))
    if from_plan is not None:
        if keep or keep_dates or salt_file is not None:
            raise click.UsageError("the plan says what is done: leave out the other choices")
        planned = Deidentification(require_edits(read_plan(from_plan)))
    else:
        making = apply_ or plan_file is not None
        salt = (find_salt if making else trial_salt)(dataset, salt_file)
        options = Options(salt, keep_dates=keep_dates, keep=frozenset(split_list(keep)))
        planned = plan_deidentification(loaded, options)
    for line in planned.tell():
        click.echo(fit(line, sys.stdout.encoding))
    if plan_file is not None:
        write_plan(planned.plan, plan_file)
        click.echo(f"Wrote {plan_file}; change it, then --from-plan it with --apply.", err=True)
    if planned.plan.chosen:
        _carry(planned, loaded, apply_=apply_)
    return 1 if planned.refused else 0


def _carry(planned: Deidentification, dataset: Dataset, *, apply_: bool) -> None:
    """Check the plan whole; carry it out where that is asked for.

    A diff, as other commands show it, would repeat what is to go.
    """
    folder = dataset.tree.folder or Path()
    arranged = arrange(planned.plan, dataset)
    if not apply_:
        click.echo("Nothing was changed; --apply carries it out.", err=True)
        return
    summary, *body = planned.tell()
    message = commit_message("deidentify", summary.rstrip("."), "\n".join(map(str.strip, body)))
    count, commit = carry_out(arranged, folder, message)
    said = f"Committed {commit[:12]}" if commit else f"Done: {count:,} file{'s' * (count != 1)}"
    click.echo(f"{said}; --undo takes it back.", err=True)
    for line in what_stays(arranged, in_git=bool(commit)):
        click.echo(line, err=True)
