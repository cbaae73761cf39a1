"""``spinegate curate deface``: faces out of images, and a person's look before they enter."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...system.errors import SpinegateError
from ...validator.options import split_list
from ..asked import afterwards, apply_option, from_plan_option, plan_option, progress, say
from ..place import Place, find_place, locked

if TYPE_CHECKING:
    from .images import Found
    from .plan import Task
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
    from ..ingest.enter import interrupted

    if told := interrupted(dataset):
        raise SpinegateError(told)
    place = find_place(dataset)
    if page is not None and place.dataset in page.resolve().parents:
        raise click.UsageError("--page: it shows faces, so it must not lie in the dataset")
    used = [pair.partition("=")[0] for pair in by_hand]
    found = _find(place, split_list(participants), split_list(contrasts), from_plan, used)
    if decisions is not None:
        return _accept(place, found, dataset, decisions, apply_=apply_)
    if purge:
        return _purge(place, found, apply_=apply_)
    if gone:
        return _let_go(place, gone, apply_=apply_)
    if by_hand:
        return _use(place, found, dataset, by_hand, page, apply_=apply_)
    tasks = _plan(place, found, method, cord_from, from_plan, redo)
    from .tell import tell_plan

    _say(tell_plan(tasks, found, dataset))
    if plan_file is not None:
        from .plan import write_plan

        write_plan(tasks, plan_file)
        progress(f"Wrote {plan_file}; say yes or no there, then --from-plan it with --apply.")
    chosen = [task for task in tasks if task.apply]
    if not apply_:
        progress("Nothing was done; --apply defaces copies and shows them: it commits nothing.")
        return 0
    return _run(place, found, dataset, chosen, jobs, page)


def _find(
    place: Place,
    participants: Sequence[str],
    contrasts: Sequence[str],
    from_plan: Path | None,
    used: Sequence[str],
) -> Found:
    """Look for the images, among them those that were asked for before."""
    from ..listing import read_listing
    from .images import find_images
    from .plan import COLUMNS
    from .work import all_made

    labels = [label.removeprefix("sub-") for label in participants]
    paths = {*used, *(one.sources.path for one in all_made(place))}
    if from_plan is not None:
        paths |= {str(row.get("path")) for _, row in read_listing(from_plan, COLUMNS)}
    return find_images(place, labels, contrasts, paths)


def _plan(
    place: Place,
    found: Found,
    method: Method,
    cord_from: str | None,
    from_plan: Path | None,
    redo: Path | None,
) -> list[Task]:
    from .decisions import REDO, read_file
    from .plan import make_plan, plan_again, read_plan

    if redo is not None:
        wanted = [one.path for one in read_file(redo).values() if one.decision == REDO]
        if not wanted:
            raise SpinegateError(f"{redo}: no image is to be done again (decision redo)")
        return plan_again(place, found, wanted)
    if from_plan is not None:
        return read_plan(from_plan, found)
    return make_plan(place, found, method, cord_from)


def _run(
    place: Place,
    found: Found,
    dataset: Path,
    tasks: Sequence[Task],
    jobs: int | None,
    page: Path | None,
) -> int:
    from .run import run
    from .work import sweep, work_place

    with locked(work_place(place)):
        sweep(place)
        try:
            failed = run(place, tasks, found, jobs or max(1, (os.cpu_count() or 1) // 2), progress)
        except KeyboardInterrupt:
            progress("Stopped. What is done is kept: the same command goes on from there.")
            raise
        return _show(place, found, dataset, failed, page)


def _show(
    place: Place, found: Found, dataset: Path, failed: dict[str, str], page: Path | None
) -> int:
    """Write the page of all that is to be looked at, and say where it is."""
    from .page import write_page
    from .tell import tell_run
    from .work import PAGE, current

    results = current(place, found)
    file = None
    if results:
        file = (page or place.folder / "deface" / PAGE).resolve()
        try:
            write_page([one.case() for one in results], file, dataset=place.dataset.name)
        except OSError as error:
            raise SpinegateError(f"{file} can't be written: {error.strerror}") from None
    _say(tell_run(results, failed, file, dataset))
    return 1 if failed else 0


def _accept(place: Place, found: Found, dataset: Path, file: Path, *, apply_: bool) -> int:
    from .accept import accept, judge
    from .decisions import read_file
    from .tell import tell_acceptance
    from .work import work_place

    decisions = read_file(file)
    acceptance = judge(place, found, decisions, file.stat().st_mtime)
    _say(tell_acceptance(acceptance, dataset, file))
    if not decisions:
        progress(f"{file}: nothing is decided yet.")
    if not apply_:
        progress("Nothing was changed; --apply takes in what has passed.")
    elif acceptance.accepted or acceptance.others:
        with locked(work_place(place)):
            commit = accept(place, acceptance)
        told = f"Committed {commit[:12]}" if commit else "Done"
        progress(
            f"{told}; --undo takes it back. The originals are kept until you delete them: "
            "--purge says how."
        )
    return 1 if acceptance.refused else 0


def _purge(place: Place, found: Found, *, apply_: bool) -> int:
    from .purge import carry_out, plan_purge
    from .tell import tell_purge
    from .work import work_place

    purge = plan_purge(place, found)
    _say(tell_purge(purge))
    if purge.empty:
        return 0
    if not apply_:
        progress("Nothing was deleted; --apply deletes it for good, and can't be undone.")
        return 0
    with locked(work_place(place)):
        failed = carry_out(place, purge)
    _say(failed)
    if purge.formers.keys:
        progress("Deleted. Let others know where contents are no more: git push REMOTE git-annex")
    else:
        progress("Deleted.")
    return 1 if failed else 0


def _let_go(place: Place, paths: Sequence[str], *, apply_: bool) -> int:
    from .held import held_images, let_go

    known = {held.path for held in held_images(place)}
    if missing := [path for path in paths if path not in known]:
        raise SpinegateError(f"no such image waits outside of git: {missing[0]!a}")
    _say(f"to be deleted for good: {path}" for path in paths)
    if apply_:
        let_go(place, paths)
        progress("Deleted.")
    else:
        progress("Nothing was deleted; --apply deletes it for good, and can't be undone.")
    return 0


def _use(
    place: Place,
    found: Found,
    dataset: Path,
    pairs: Sequence[str],
    page: Path | None,
    *,
    apply_: bool,
) -> int:
    from .hand import take_over
    from .work import work_place

    images = {image.path: image for image in found.images}
    wanted = []
    for pair in pairs:
        path, equals, file = pair.partition("=")
        if not equals or not file:
            raise click.UsageError("--use IMAGE=FILE: an image of the dataset, and your file")
        if path not in images:
            raise SpinegateError(f"{path!a} is no image of the dataset that may show a face")
        wanted.append((images[path], Path(file)))
    _say(f"{image.path}: as in {source}" for image, source in wanted)
    if not apply_:
        progress("Nothing was done; --apply takes the files, and shows them: it commits nothing.")
        return 0
    failed = {}
    with locked(work_place(place)):
        for image, source in wanted:
            try:
                take_over(place, image, source)
            except SpinegateError as error:
                failed[image.path] = str(error)
        return _show(place, found, dataset, failed, page)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)
