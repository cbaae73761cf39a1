"""Images that may show a face: they wait outside of git, unless somebody answers for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...system.errors import SpinegateError
from ...system.files import write_atomic
from ...validator.entities import parse
from ...validator.nifti import LIMIT, HeaderError, parse_header
from ..asked import progress, settle
from ..deface.candidates import may_show_face
from ..deface.held import held_images, let_go
from ..place import Place, find_place
from ..transaction import phase_of, read_moves
from .finish import Finished
from .plan import IngestPlan

_NOTE = "ingest-held.json"


def find_faces(plan: IngestPlan, dataset: Path) -> dict[str, str]:
    """Return the images of a plan that may show a face, with the reason in words."""
    waiting = {held.path for held in held_images(find_place(dataset))}
    faces = {}
    for row in plan.chosen:
        reason = _tell_face(row.image.output.image, suffix_of(row.path))
        if reason and row.path in waiting:
            reason += "; one of this name waits already, and this takes its place"
        if reason:
            faces[row.path] = reason
    return faces


def _tell_face(image: Path, suffix: str) -> str:
    with image.open("rb") as file:
        content = file.read(LIMIT)
    try:
        header = parse_header(content)
    except HeaderError as error:
        return f"its header can't be read: {error}"
    return "" if header is None else may_show_face(suffix, header["shape"], header["affine"])


def find_answers(
    plan: IngestPlan, faces: Mapping[str, str], no_face: Mapping[str, str]
) -> dict[str, str]:
    """Return the images that somebody answers for, with the reason.

    Parameters
    ----------
    plan, faces
        The plan, and those of its images that may show a face.
    no_face
        Suffix or contrast to the reason why none is in view; "" stands for all others.
    """
    answers = {}
    for row in plan.chosen:
        if row.path in faces:
            keys = (row.contrast, suffix_of(row.path), "")
            if said := next((no_face[key] for key in keys if key in no_face), ""):
                answers[row.path] = said
    return answers


def find_unanswered(plan: IngestPlan, no_face: Mapping[str, str]) -> list[str]:
    """Return what an answer was given for and no image of the plan is."""
    known = {key for row in plan.rows for key in (row.contrast, suffix_of(row.path))}
    return [key for key in no_face if key and key not in known]


def suffix_of(path: str) -> str:
    """Return an image's suffix, such as ``T1w``; "" where its name is no BIDS name."""
    name = parse(path)
    return name.suffix if name else ""


def answer_for(folder: Path, answers: Mapping[str, str], finished: Iterable[Finished]) -> None:
    """Write into sidecars that no face was taken out, and why."""
    for one in finished:
        if one.row.path in answers:
            sidecar = folder / one.sidecar
            defaced = {"Method": "none", "Reason": answers[one.row.path]}
            value = json.loads(sidecar.read_bytes()) | {"Defaced": defaced}
            text = json.dumps(value, indent="\t", ensure_ascii=False) + "\n"
            sidecar.write_text(text, encoding="utf-8")


def note_held(place: Place, paths: Iterable[str], *, entered: bool) -> None:
    """Write down which images a run holds, and whether it entered others, so that undo knows."""
    note = {"paths": list(paths), "entered": entered, "last": _last(place)}
    if note["paths"]:
        place.folder.mkdir(mode=0o700, exist_ok=True)
        write_atomic(place.folder / _NOTE, json.dumps(note), 0o600)
    else:
        (place.folder / _NOTE).unlink(missing_ok=True)


def take_back(dataset: Path) -> None:
    """Undo the last run, and let the images go that it holds; say what was done.

    Raises
    ------
    SpinegateError
        There is nothing to take back, or files were changed since.
    """
    place = find_place(dataset)
    paths, entered, last = _noted(place)
    own = bool(paths) and last == _last(place)
    if entered or not own:
        settle(dataset, "undo")
    if own:
        let_go(place, paths)
        (place.folder / _NOTE).unlink(missing_ok=True)
        several = len(paths) != 1
        progress(
            f"Removed: {len(paths)} image{'s' * several} that {'were' if several else 'was'} "
            "waiting outside of git."
        )


def _last(place: Place) -> str:
    """Return what tells the run that undo would take back from others; "" where there is none."""
    if not phase_of(place):
        return ""
    moves = read_moves(place)
    commit = moves.commit.new if moves.commit is not None else ""
    return " ".join((commit, *(path for _, path in moves.back)))


def _noted(place: Place) -> tuple[tuple[str, ...], bool, str]:
    try:
        note = json.loads((place.folder / _NOTE).read_bytes())
        return tuple(map(str, note["paths"])), bool(note["entered"]), str(note["last"])
    except FileNotFoundError:
        return (), True, ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SpinegateError(f"{place.folder / _NOTE} can't be read: {error}") from None
