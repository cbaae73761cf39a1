"""Which images are to be defaced and how, as a table that a person may read and change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from ...rules.spelling import did_you_mean
from ...system.errors import ConfigError
from ...validator.report.visible import visible
from ..listing import read_listing, write_listing
from ..place import Place
from .decisions import FILE, REJECT, read_file
from .fsl import fsl_is_here
from .images import Found, Image, find_cord
from .removal import Method
from .work import BY_HAND, Made, made, way_of

COLUMNS = ("apply", "path", "where", "reference", "cord", "method", "reason", "note")
METHODS = ("auto", "ants", "fsl")
_NOTHING_ELSE = (
    "nothing else can be tried: reject it, or deface it by hand and hand the file in by --use"
)


@dataclass(frozen=True, slots=True)
class Task:
    """One image that is to be defaced.

    Attributes
    ----------
    image
        What is defaced.
    reference
        Path of the image of the same session on which the face is looked for, if the two align;
        "" where that is this image itself.
    cord
        Path of the segmentation of its cord; "" where there is none.
    method
        "auto" takes FSL where it is installed.
    apply
        Whether it is to be done at all.
    note
        What a person should know.
    """

    image: Image
    reference: str = ""
    cord: str = ""
    method: Method = "auto"
    apply: bool = True
    note: str = ""


def make_plan(
    place: Place, found: Found, method: Method = "auto", cord_from: str | None = None
) -> list[Task]:
    """Plan the defacing of all that was found.

    Parameters
    ----------
    place
        Where former results lie: an image that was tried in another way stays with it.
    found
        The images.
    method
        How to find faces.
    cord_from
        See `find_cord`.
    """
    tasks = []
    rejected = _rejected(place)
    for image in found.images:
        others = [other.path for other in _partners(image, found.images)]
        reference = others[0] if others and image.suffix != "T1w" else ""
        task = Task(image, reference, find_cord(found, image.path, cord_from), method)
        former = made(place, image.path)
        if former is not None and method == "auto" and former.sources.method in METHODS:
            kept = former.sources.reference
            reference = kept if kept in others or not kept else reference
            task = replace(task, method=_method(former), reference=reference)
        elif former is not None and former.sources.method == BY_HAND:
            task = replace(task, apply=False, note="it was defaced by hand")
        if image.path in rejected and task.apply:
            task = replace(task, apply=False, note=rejected[image.path])
        tasks.append(replace(task, apply=False, note=image.problem) if image.problem else task)
    return tasks


def _rejected(place: Place) -> dict[str, str]:
    """Return what people have rejected, and who."""
    file = place.dataset / FILE
    known = read_file(file) if file.is_file() else {}
    return {
        path: f"rejected by {one.by or 'somebody'}{one.date and f' on {one.date}'}"
        for path, one in known.items()
        if one.decision == REJECT
    }


def _method(former: Made) -> Method:
    return cast(Method, former.sources.method)


def _partners(image: Image, images: Iterable[Image]) -> list[Image]:
    """Return the T1w images of the same session, for one of them the T2w; the likest first."""
    wanted = "T2w" if image.suffix == "T1w" else "T1w"
    stem = image.path.rpartition("_")[0]
    found = [
        other
        for other in images
        if other.session == image.session and other.suffix == wanted
        and other.file is not None and not other.problem
    ]  # fmt: skip
    return sorted(found, key=lambda other: (other.path.rpartition("_")[0] != stem, other.path))


def plan_again(place: Place, found: Found, paths: Iterable[str]) -> list[Task]:
    """Plan another try for images, each in a way that wasn't tried yet."""
    known = {image.path: image for image in found.images}
    tasks = []
    for path in paths:
        former = made(place, path)
        if path not in known or former is None:
            continue
        image = known[path]
        references = ["", *(other.path for other in _partners(image, found.images))]
        methods: list[Method] = ["fsl", "ants"] if fsl_is_here() else ["ants"]
        ways = [
            (method, reference)
            for reference in references
            for method in methods
            if way_of(method, reference) not in former.tries
        ]
        task = Task(image, former.sources.reference, former.sources.cord)
        if ways:
            method, reference = ways[0]
            told = f"on {reference}, if the two align" if reference else "on this image alone"
            note = f"the face is looked for by {method}, {told}"
            tasks.append(replace(task, method=method, reference=reference, note=note))
        else:
            tasks.append(replace(task, apply=False, note=_NOTHING_ELSE))
    return tasks


def write_plan(tasks: Sequence[Task], path: Path) -> None:
    """Write a plan; see `write_listing`."""
    records = [
        {
            "apply": "yes" if task.apply else "no",
            "path": task.image.path,
            "where": "held" if task.image.held else "dataset",
            "reference": task.reference,
            "cord": task.cord,
            "method": task.method,
            "reason": task.image.reason,
            "note": task.note,
        }
        for task in tasks
    ]
    write_listing(records, COLUMNS, path)


def read_plan(path: Path, found: Found) -> list[Task]:
    """Read a plan that a person may have changed.

    Raises
    ------
    ConfigError
        It can't be read, or names what isn't there; names the file and the line.
    """
    known = {image.path: image for image in found.images}
    tasks: dict[str, Task] = {}
    for line, row in read_listing(path, COLUMNS):
        task = _task(row, line, str(path), known, found)
        if task.image.path in tasks:
            raise ConfigError("this image stands in the plan twice", str(path), line)
        tasks[task.image.path] = task
    return list(tasks.values())


def _task(
    row: dict[str, Any], line: int, file: str, known: dict[str, Image], found: Found
) -> Task:
    cells = {key: row.get(key, "") for key in ("path", "reference", "cord", "method", "note")}
    for key, cell in cells.items():
        if not isinstance(cell, str):
            raise ConfigError(f"{key} must be text", file, line)
    path, reference, cord = cells["path"], cells["reference"], cells["cord"]
    if path in found.done:
        raise ConfigError(
            f"the sidecar of {visible(path)} says that it is defaced already", file, line
        )
    if path not in known:
        hint = did_you_mean(path, known) or "; name its contrast by --contrast if it may show one"
        raise ConfigError(
            f"{visible(path) or '(no path)'} is no image that may show a face{hint}", file, line
        )
    if reference and (reference not in known or known[reference].session != known[path].session):
        raise ConfigError(
            f"{visible(reference)} is no undefaced image of the same session", file, line
        )
    if reference == path:
        raise ConfigError("the reference is the image itself; leave it empty", file, line)
    if cord and cord not in found.segmentations:
        raise ConfigError(f"{visible(cord)} is no segmentation whose content is here", file, line)
    method = cells["method"] or "auto"
    if method not in METHODS:
        raise ConfigError(f"method must be one of {', '.join(METHODS)}", file, line)
    return Task(
        known[path], reference, cord, cast(Method, method), bool(row["apply"]), cells["note"]
    )
