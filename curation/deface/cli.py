"""``spinegate curate deface``: faces out of images, and a person's look before they enter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...validator.options import split_list
from ..asked import afterwards, apply_option, from_plan_option, plan_option
from ..place import find_place
from ..top import require_top

if TYPE_CHECKING:
    from .removal import Method

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("deface")
@click.argument("dataset", default=".", type=click.Path(path_type=Path))
@click.option(
    "--participant-label", "participants", multiple=True, metavar="LABEL",
    help="Only these participants; repeatable, or separated by commas.",
)  # fmt: skip
@click.option(
    "--contrast", "contrasts", multiple=True, metavar="SUFFIX",
    help="Only these, such as T1w, whatever their field of view.",
)  # fmt: skip
@click.option(
    "--method", type=click.Choice(["auto", "ants", "fsl"]), default="auto", show_default=True,
    help="How faces are found: with FSL where it is installed, else with ANTs.",
)  # fmt: skip
@click.option(
    "--cord-from", metavar="GLOB",
    help="Segmentations of the cord. [default: label-SC_seg in derivatives/labels]",
)  # fmt: skip
@plan_option
@from_plan_option
@click.option(
    "--jobs", type=click.IntRange(1), default=None, metavar="N",
    help="Images at a time, each of about 2 GB. [default: half of the processors]",
)  # fmt: skip
@click.option("--page", type=_FILE, metavar="FILE",
              help="Where the page is written; not in the dataset.")  # fmt: skip
@click.option("--accept", "decisions", type=_FILE, metavar="FILE",
              help="Take in the images that the page's decisions let pass.")  # fmt: skip
@click.option("--redo", type=_FILE, metavar="FILE",
              help="Do those again that the decisions want to be done otherwise.")  # fmt: skip
@click.option("--use", "by_hand", multiple=True, metavar="IMAGE=FILE",
              help="Take FILE for IMAGE, defaced with another program.")  # fmt: skip
@click.option("--let-go", "gone", multiple=True, metavar="IMAGE",
              help="Delete an image that waits outside of git, for good.")  # fmt: skip
@click.option("--purge", is_flag=True,
              help="Delete what images with a face have left, for good.")  # fmt: skip
@apply_option
@afterwards
def command(
    dataset: Path,
    participants: tuple[str, ...],
    contrasts: tuple[str, ...],
    method: Method,
    cord_from: str | None,
    plan_file: Path | None,
    from_plan: Path | None,
    jobs: int | None,
    page: Path | None,
    decisions: Path | None,
    redo: Path | None,
    by_hand: tuple[str, ...],
    gone: tuple[str, ...],
    purge: bool,
    apply_: bool,
) -> int:
    """Take faces out of images, and let a person look at each before it enters the dataset.

    First the plan is shown; with --apply the images are defaced outside of git, which goes on
    where it was stopped, and a page shows them. The decisions that are saved there come back by
    --accept: with --apply what has passed enters the dataset, as one commit.
    """
    ways = [decisions, redo, from_plan, by_hand, gone, purge]
    if sum(map(bool, ways)) > 1:
        raise click.UsageError(
            "only one of --from-plan, --accept, --redo, --use, --let-go, --purge"
        )
    if (participants or contrasts) and any(ways):
        raise click.UsageError("--participant-label and --contrast choose what is planned")
    if page is not None and find_place(dataset).dataset in page.resolve().parents:
        raise click.UsageError("--page: it shows faces, so it must not lie in the dataset")
    if any("=" not in pair.strip("=") for pair in by_hand):
        raise click.UsageError("--use IMAGE=FILE: an image of the dataset, and your file")
    require_top(dataset, new=True)
    from . import steps

    used = {path: Path(file) for path, _, file in (pair.partition("=") for pair in by_hand)}
    here = steps.look(
        dataset, split_list(participants), split_list(contrasts), from_plan, list(used)
    )
    if decisions is not None:
        return steps.take_in(here, decisions, apply_=apply_)
    if purge:
        return steps.purge(here, apply_=apply_)
    if gone:
        return steps.forget_held(here, gone, apply_=apply_)
    if used:
        return steps.use(here, used, page, apply_=apply_)
    if redo is not None:
        tasks = steps.again(here, redo)
    else:
        tasks = steps.planned(here, method, cord_from, from_plan)
    return steps.deface(here, tasks, plan_file, jobs, page, apply_=apply_)
