"""``spinegate curate deidentify``: a dataset without what tells who was measured, and where."""

from __future__ import annotations

from pathlib import Path

import click

from ...protocol_specs.loader import load_spec
from ...validator.dataset import Dataset, load_dataset
from ...validator.options import split_list
from ...validator.plan import read_plan, write_plan
from ...validator.tree import open_tree
from ..asked import (
    afterwards,
    apply_option,
    count_files,
    from_plan_option,
    plan_option,
    progress,
    say,
)
from ..commit import commit_message
from ..top import require_top
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
@plan_option
@from_plan_option
@apply_option
@afterwards
def command(
    dataset: Path,
    keep: tuple[str, ...],
    keep_dates: bool,
    salt_file: Path | None,
    plan_file: Path | None,
    from_plan: Path | None,
    apply_: bool,
) -> int:
    """Take out of a dataset what tells who was measured, when, and on which device.

    Of a sidecar a key stays only if it is on the list of what rules and BIDS need; tables lose
    their dates; headers of images that are here their free texts. Without --apply it is only said
    what would go, by keys: no value is ever shown. What was committed before stays in git's
    history.
    """
    require_top(dataset)
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
        say(line)
    if plan_file is not None:
        write_plan(planned.plan, plan_file)
        progress(f"Wrote {plan_file}; change it, then --from-plan it with --apply.")
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
        progress("Nothing was changed; --apply carries it out.")
        return
    summary, *body = planned.tell()
    message = commit_message("deidentify", summary.rstrip("."), "\n".join(map(str.strip, body)))
    count, commit = carry_out(arranged, folder, message)
    said = f"Committed {commit[:12]}" if commit else f"Done: {count_files(count)}"
    progress(f"{said}; --undo takes it back.")
    for line in what_stays(arranged, in_git=bool(commit)):
        progress(line)
