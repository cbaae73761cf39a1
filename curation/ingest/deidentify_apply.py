"""The plan of a de-identification carried out: texts and images in one commit."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...system.errors import SpinegateError
from ...validator.dataset import Dataset
from ...validator.operation import Remove
from ...validator.plan import Plan
from ...validator.planned import plan_tree
from ..place import find_place
from .deidentify_images import IMAGES, clean_copies, find_content
from .enter import Arrival, enter
from .workplace import workplace


@dataclass(frozen=True, slots=True)
class Arranged:
    """What files are to hold.

    Attributes
    ----------
    dataset
        As it is.
    texts
        Name on the disk -> content of edited sidecars and tables.
    images
        Image -> names of what is to be emptied in its header.
    """

    dataset: Dataset
    texts: Mapping[str, bytes]
    images: Mapping[str, tuple[str, ...]]


def arrange(plan: Plan, dataset: Dataset) -> Arranged:
    """Check a plan whole, and make all edits of texts; nothing changes.

    Raises
    ------
    SpinegateError
        The plan can't be carried out.
    """
    fields: dict[str, list[str]] = defaultdict(list)
    others = []
    for proposal in plan.chosen:
        operation = proposal.operation
        if isinstance(operation, Remove) and operation.path.endswith(IMAGES):
            fields[operation.path].append(operation.key)
        else:
            others.append(proposal)
    for path in fields:
        scan = dataset.by_path.get(path)
        if scan is None:
            raise SpinegateError(f"{plan.name}: there is no image {path}")
        if find_content(dataset, scan) is None:
            raise SpinegateError(f"the content of {path} isn't here: git annex get, then again")
    planned = plan_tree(dataset.tree, Plan(tuple(others), plan.name))
    texts = {os.fsdecode(entry.raw): content for entry, content in planned.contents.items()}
    return Arranged(dataset, texts, {path: tuple(names) for path, names in fields.items()})


def carry_out(arranged: Arranged, folder: Path, message: str) -> tuple[int, str]:
    """Write all of it; return how many files, and the commit's id ("" where it isn't in git).

    Raises
    ------
    SpinegateError
        The dataset stands in the way, or isn't as it was; nothing has changed then.
    """
    place = find_place(folder)
    place.folder.mkdir(mode=0o700, exist_ok=True)
    try:
        with workplace(place.folder) as work:
            for name, content in arranged.texts.items():
                (work / name).parent.mkdir(parents=True, exist_ok=True)
                (work / name).write_bytes(content)
            images = tuple(clean_copies(arranged.dataset, arranged.images, work))
            paths = (*arranged.texts, *images)
            arrival = Arrival(work, paths, None, message, replaced=frozenset(paths))
            return len(paths), enter(arrival, folder)
    finally:
        with suppress(OSError):  # notes are left in it
            place.folder.rmdir()


def what_stays(arranged: Arranged, *, in_git: bool) -> Iterator[str]:
    """Say where what was taken out can still be read, and how it goes from there."""
    yield "The former files are kept for --undo until the next run; --forget deletes them at once."
    if not in_git:
        return
    yield (
        "What was committed before stays in git's history. To be rid of the former texts there: "
        "publish the files as they are now in a new repository, and delete the old one wherever "
        "it was pushed."
    )
    if arranged.images:
        yield (
            "The former images stay in the annex, here and in every remote that has them. Once no "
            "branch or tag needs them: git annex unused, then git annex dropunused all --force; "
            "both with --from REMOTE for each remote."
        )
