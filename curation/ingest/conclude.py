"""The last step of ingest: images that may show a face wait, all else enters the dataset."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...system.errors import SpinegateError
from ...validator.entities import split_subject
from ..commit import commit_message
from ..deface.held import hold, let_go
from ..place import find_place
from ..stopped import interrupted
from .enter import TABLE, Arrival, enter
from .faces import note_held
from .finish import Finished
from .wording import no_face


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the new files lie, whose they are, and participants.tsv.

    Attributes
    ----------
    folder
        Holds the files under the names that they will have.
    subject
        The participant's folder.
    table, former
        participants.tsv as it is to be (None: it stays), and as it was when that was made.
    """

    folder: Path
    subject: str
    table: bytes | None
    former: bytes | None


def carry_out(
    entry: Entry,
    finished: Sequence[Finished],
    held: Collection[str],
    dataset: Path,
    again: Callable[[], Entry],
) -> list[str]:
    """Enter what may enter, hold the rest; say what was done.

    Parameters
    ----------
    held
        Names of images that wait.
    again
        Makes the entry anew where participants.tsv was changed meanwhile.

    Raises
    ------
    SpinegateError
        The dataset stands in the way; it is as it was then.
    """
    place = find_place(dataset)
    waiting = [one for one in finished if one.row.path in held]
    names = [one.row.path for one in waiting]
    for one in waiting:
        files = {path: entry.folder / path for path in one.paths}
        hold(place, files, _message(entry, f"{Path(one.row.path).name} without its face"))
    try:
        said = _enter(entry, [one for one in finished if one not in waiting], dataset, again)
    except SpinegateError:
        if not interrupted(place):
            let_go(place, names)
        raise
    note_held(place, names, entered=bool(said))
    if waiting:
        several = len(waiting) != 1
        said.append(
            f"{len(waiting)} image{'s' * several} may show a face. {'They' if several else 'It'} "
            f"wait{'s' * (not several)} outside of git until {'they are' if several else 'it is'} "
            f"defaced: spinegate curate deface {shlex.quote(str(dataset))} "
            f"--participant-label {split_subject(names[0])[1]}"
        )
    if option := no_face(names):
        said.append(f"Where no face is in view: --undo, then bring them in with {option}")
    return said


def _enter(
    entry: Entry, finished: Sequence[Finished], dataset: Path, again: Callable[[], Entry]
) -> list[str]:
    paths = tuple(path for one in finished for path in one.paths)
    what = f"{len(finished)} image{'s' * (len(finished) != 1)}" if finished else f"row in {TABLE}"
    summary = f"{what} of {entry.subject}"
    if not paths and entry.table is None:
        return []
    message = _message(entry, summary)
    arrival = Arrival(entry.folder, paths, entry.table, message, entry.former)
    try:
        commit = enter(arrival, dataset)
    except SpinegateError:
        file = dataset / TABLE
        now = file.read_bytes() if file.is_file() else None
        if entry.table is None or now == entry.former:
            raise
        entry = again()
        arrival = Arrival(entry.folder, paths, entry.table, message, entry.former)
        commit = enter(arrival, dataset)
    where = f", commit {commit[:10]}" if commit else ""
    return [f"Done: {summary} entered{where}; --undo takes it back."]


def _message(entry: Entry, summary: str) -> str:
    return commit_message("ingest", summary, trailers={"Spinegate-Participant": entry.subject})
