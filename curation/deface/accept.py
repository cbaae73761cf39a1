"""Images that a person let pass enter the dataset, in one commit with what was decided."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...system.errors import SpinegateError
from ...validator.contents import read_texts
from ...validator.edit import EditError, edit_json
from ...validator.operation import Set
from ...validator.report.visible import visible
from ...validator.sidecar import LIMIT
from ...validator.tree import Entry, Tree, Unreadable, open_tree
from ..commit import commit_message
from ..ingest.enter import Arrival, enter
from ..place import Place
from .case import needs_note
from .check import Verdict
from .decisions import FILE, PASS, REJECT, Decision, table_with
from .images import RECORD, Found, Image, digest
from .removal import record
from .words import NO_FACE
from .work import BY_HAND, Made, made, require_whole

_DONE = (
    "it is in the dataset without its face already; to do that again take it back first: --undo "
    "where that was the last run, else git revert"
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """One image that is to enter."""

    image: Image
    made: Made
    decision: Decision


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a file of decisions comes to.

    Attributes
    ----------
    accepted
        What enters the dataset.
    others
        Decisions that are noted and change nothing else: redo and reject.
    refused
        Path of an image to the reason why nothing is done about it.
    known
        Paths that were accepted before.
    """

    accepted: tuple[Accepted, ...]
    others: tuple[Decision, ...]
    refused: Mapping[str, str]
    known: tuple[str, ...]


def judge(
    place: Place, found: Found, decisions: Mapping[str, Decision], saved: float
) -> Acceptance:
    """Say what may enter.

    Parameters
    ----------
    place, found
        The dataset's.
    decisions
        By the images' paths.
    saved
        When they were saved, seconds since 1970.
    """
    images = {image.path: image for image in found.images}
    accepted, others, known = [], [], []
    refused: dict[str, str] = {}
    for path, decision in decisions.items():
        one = made(place, path)
        try:
            if path in found.done and decision.decision == PASS:
                known.append(path)
            elif path in found.done:
                raise SpinegateError(_DONE)
            elif not decision.by:
                raise SpinegateError("nobody says who decided: fill in the column by")
            elif path not in images:
                raise SpinegateError("no image that may show a face has this path")
            elif decision.decision != PASS:
                others.append(decision)
            elif one is None:
                raise SpinegateError("it has not been defaced here")
            else:
                _require_passed(one, images[path], decision, saved)
                accepted.append(Accepted(images[path], one, decision))
        except SpinegateError as error:
            refused[path] = str(error)
    return Acceptance(tuple(accepted), tuple(others), refused, tuple(known))


def _require_passed(one: Made, image: Image, decision: Decision, saved: float) -> None:
    if one.time > saved:
        raise SpinegateError("it was defaced anew after the decisions were saved: look again")
    if needs_note(one.result.verdict) and not decision.note:
        raise SpinegateError(
            f"the automatic test says {one.result.verdict}: it passes only with a note that says "
            "why"
        )
    if image.file is None:
        raise SpinegateError("its content isn't here")
    if digest(image) != one.sources.digest:
        raise SpinegateError("the image has changed since it was defaced: deface it again")
    require_whole(one)


def accept(place: Place, acceptance: Acceptance) -> str:
    """Put accepted images into the dataset, with their records and all decisions.

    Returns
    -------
    str
        The commit's id; "" where the dataset isn't in git.

    Raises
    ------
    SpinegateError
        Something stands in the way; the dataset is as it was then.
    """
    work = place.folder / "deface"
    with tempfile.TemporaryDirectory(prefix=".enter-", dir=work) as name:
        folder = Path(name)
        tree = open_tree(place.dataset)
        there = {entry.path: entry for entry in tree.entries}

        def read(path: str) -> bytes | None:
            return _read(tree, there[path]) if path in there else None

        paths = [path for one in acceptance.accepted for path in _write(read, one, folder)]
        decisions = [*(one.decision for one in acceptance.accepted), *acceptance.others]
        former = read(FILE)
        table = table_with(former, decisions)
        if table != former:
            _put(folder / FILE, table)
            paths.append(FILE)
        if not paths:
            return ""
        replaced = frozenset(path for path in paths if path in there)
        arrival = Arrival(folder, tuple(paths), None, _message(acceptance), replaced=replaced)
        return enter(arrival, place.dataset)


def _write(read: Callable[[str], bytes | None], one: Accepted, folder: Path) -> Iterator[str]:
    """Write the files of an image as they are to be; yield their paths."""
    image, held = one.image, one.image.held
    nothing = one.made.result.verdict is Verdict.NOTHING
    if held is not None or not nothing:
        source = held.image if held is not None and nothing else one.made.image
        target = folder / image.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        yield image.path
    sidecar = _sidecar_of(image.path)
    for path, file in (held.files if held is not None else {}).items():
        if path not in (image.path, sidecar):
            _put(folder / path, file.read_bytes())
            yield path
    if held is not None:
        text = held.sidecar.read_bytes() if held.sidecar is not None else None
    else:
        text = read(sidecar)
    try:
        edited = edit_json(text or b"{}\n", [Set(sidecar, RECORD, _record(one))])
    except EditError as error:
        raise SpinegateError(f"{visible(sidecar)} {error}; mend that first") from None
    _put(folder / sidecar, edited)
    yield sidecar


def _sidecar_of(path: str) -> str:
    return path.removesuffix(".gz").removesuffix(".nii") + ".json"


def _record(one: Accepted) -> dict[str, Any]:
    """What the sidecar says of the image."""
    result = one.made.result
    if result.verdict is Verdict.NOTHING:
        return {"Method": "none", "Reason": NO_FACE, "AutomaticTest": str(result.verdict)}
    if result.method == BY_HAND:
        return {"Method": BY_HAND, "AutomaticTest": "none"}
    return record(result)


def _read(tree: Tree, entry: Entry) -> bytes:
    content = next(iter(read_texts(tree, [entry], LIMIT)))
    if isinstance(content, Unreadable):
        raise SpinegateError(f"{visible(entry.path)} can't be read: {content.reason}")
    return content


def _put(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _message(acceptance: Acceptance) -> str:
    count = len(acceptance.accepted)
    summary = f"{count:,} image{'s' * (count != 1)} without face{'s' * (count != 1)}"
    if not count:
        summary = "decisions on images"
    people = sorted({one.decision.by for one in acceptance.accepted})
    told = [f"{visible(one.image.path)}: {one.made.result.verdict}" for one in acceptance.accepted]
    rejected = sum(other.decision == REJECT for other in acceptance.others)
    told += [f"rejected: {rejected:,}"] if rejected else []
    trailers = {"Spinegate-Decided-By": ", ".join(people)} if people else {}
    return commit_message("deface", summary, "\n".join(told), trailers)
