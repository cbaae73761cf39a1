"""What ``curate deface`` does, one step after the other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...system.errors import SpinegateError
from ..asked import progress, say
from ..listing import read_listing
from ..place import Place, find_place, locked
from ..stopped import require_settled
from .accept import accept, judge
from .decisions import REDO, read_file
from .hand import take_over
from .held import held_images, let_go
from .images import Found, find_images
from .page import write_page
from .plan import COLUMNS, Task, make_plan, plan_again, read_plan, write_plan
from .purge import carry_out, plan_purge
from .removal import Method
from .run import run
from .tell import tell_acceptance, tell_plan, tell_purge, tell_run
from .work import PAGE, all_made, current, sweep, work_place


@dataclass(frozen=True, slots=True)
class Here:
    """A dataset, as it was named, and its images."""

    dataset: Path
    place: Place
    found: Found


def look(
    dataset: Path,
    participants: Sequence[str],
    contrasts: Sequence[str],
    from_plan: Path | None,
    used: Sequence[str],
) -> Here:
    """Look for the images, among them those that are named, or were before.

    Raises
    ------
    SpinegateError
        An earlier run was stopped half-way, or the dataset can't be read.
    """
    place = find_place(dataset)
    require_settled(place)
    labels = [label.removeprefix("sub-") for label in participants]
    paths = {*used, *(one.sources.path for one in all_made(place))}
    if from_plan is not None:
        paths |= {str(row.get("path")) for _, row in read_listing(from_plan, COLUMNS)}
    return Here(dataset, place, find_images(place, labels, contrasts, paths))


def planned(
    here: Here, method: Method, cord_from: str | None, from_plan: Path | None
) -> list[Task]:
    """Return the plan, or what a person made of it."""
    if from_plan is not None:
        return read_plan(from_plan, here.found)
    return make_plan(here.place, here.found, method, cord_from)


def again(here: Here, decisions: Path) -> list[Task]:
    """Plan another try for the images of which a file of decisions wants one."""
    wanted = [one.path for one in read_file(decisions).values() if one.decision == REDO]
    if not wanted:
        raise SpinegateError(f"{decisions}: no image is to be done again (decision redo)")
    return plan_again(here.place, here.found, wanted)


def deface(
    here: Here,
    tasks: Sequence[Task],
    plan_file: Path | None,
    jobs: int | None,
    page: Path | None,
    *,
    apply_: bool,
) -> int:
    """Show the plan; with `apply_` deface copies and write the page that shows them."""
    _say(tell_plan(tasks, here.found, here.dataset))
    if plan_file is not None:
        write_plan(tasks, plan_file)
        progress(f"Wrote {plan_file}; say yes or no there, then --from-plan it with --apply.")
    if not apply_:
        progress("Nothing was done; --apply defaces copies and shows them: it commits nothing.")
        return 0
    chosen = [task for task in tasks if task.apply]
    with locked(work_place(here.place)):
        sweep(here.place)
        count = jobs or max(1, (os.cpu_count() or 1) // 2)
        try:
            failed = run(here.place, chosen, here.found, count, progress)
        except KeyboardInterrupt:
            progress("Stopped. What is done is kept: the same command goes on from there.")
            raise
        return _show(here, failed, page)


def _show(here: Here, failed: dict[str, str], page: Path | None) -> int:
    """Write the page of all that is to be looked at, and say where it is."""
    results = current(here.place, here.found)
    file = None
    if results:
        file = (page or here.place.folder / "deface" / PAGE).resolve()
        try:
            write_page([one.case() for one in results], file, dataset=here.place.dataset.name)
        except OSError as error:
            raise SpinegateError(f"{file} can't be written: {error.strerror}") from None
    _say(tell_run(results, failed, file, here.dataset))
    return 1 if failed else 0


def take_in(here: Here, file: Path, *, apply_: bool) -> int:
    """Say what a file of decisions lets pass; with `apply_` it enters the dataset."""
    decisions = read_file(file)
    acceptance = judge(here.place, here.found, decisions, file.stat().st_mtime)
    _say(tell_acceptance(acceptance, here.dataset, file))
    if not decisions:
        progress(f"{file}: nothing is decided yet.")
    if not apply_:
        progress("Nothing was changed; --apply takes in what has passed.")
    elif acceptance.accepted or acceptance.others:
        with locked(work_place(here.place)):
            commit = accept(here.place, acceptance)
        told = f"Committed {commit[:12]}" if commit else "Done"
        progress(
            f"{told}; --undo takes it back. The originals are kept until you delete them: "
            "--purge says how."
        )
    return 1 if acceptance.refused else 0


def purge(here: Here, *, apply_: bool) -> int:
    """Say what images with a face have left; with `apply_` delete it for good."""
    plan = plan_purge(here.place, here.found)
    _say(tell_purge(plan))
    if plan.empty:
        return 0
    if not apply_:
        progress("Nothing was deleted; --apply deletes it for good, and can't be undone.")
        return 0
    with locked(work_place(here.place)):
        failed = carry_out(here.place, plan)
    _say(failed)
    pushed = "Let others know where contents are no more: git push REMOTE git-annex"
    progress(f"Deleted. {pushed}" if plan.formers.keys else "Deleted.")
    return 1 if failed else 0


def forget_held(here: Here, paths: Sequence[str], *, apply_: bool) -> int:
    """Delete images that wait outside of git."""
    known = {held.path for held in held_images(here.place)}
    if missing := [path for path in paths if path not in known]:
        raise SpinegateError(f"no such image waits outside of git: {missing[0]!a}")
    _say(f"to be deleted for good: {path}" for path in paths)
    if apply_:
        let_go(here.place, paths)
        progress("Deleted.")
    else:
        progress("Nothing was deleted; --apply deletes it for good, and can't be undone.")
    return 0


def use(here: Here, files: Mapping[str, Path], page: Path | None, *, apply_: bool) -> int:
    """Take files of another program for images."""
    images = {image.path: image for image in here.found.images}
    if missing := [path for path in files if path not in images]:
        raise SpinegateError(f"{missing[0]!a} is no image of the dataset that may show a face")
    _say(f"{path}: as in {file}" for path, file in files.items())
    if not apply_:
        progress("Nothing was done; --apply takes the files, and shows them: it commits nothing.")
        return 0
    failed = {}
    with locked(work_place(here.place)):
        for path, file in files.items():
            try:
                take_over(here.place, images[path], file)
            except SpinegateError as error:
                failed[path] = str(error)
        return _show(here, failed, page)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)
