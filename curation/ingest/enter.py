"""New files enter a dataset: all of them or none, committed where it is in git."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...system.errors import SpinegateError, ToolError
from ...system.files import write_atomic
from ...system.git import find_common, git
from ...validator.tree import FILE, LINK
from ..clean import require_clean, require_plain
from ..git_commit import build, find_head, read_lines
from ..git_index import Change, Line, plan_index, read_tracked, write_objects
from ..place import Place, find_place, locked
from ..transaction import BACKWARD, Moves, begin, clear, move_all, phase_of

TABLE = "participants.tsv"
_HINT = "spinegate curate ingest --resume DATASET finishes it, --undo DATASET takes it back"
_IMAGES = (".nii.gz", ".nii")


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is to enter.

    Attributes
    ----------
    folder
        Holds the files under the names that they will have.
    paths
        These names.
    table
        participants.tsv as it is to be; None where it stays as it is.
    message
        What the commit says.
    former
        participants.tsv as it was when `table` was made from it; None where there was none.
    """

    folder: Path
    paths: tuple[str, ...]
    table: bytes | None
    message: str
    former: bytes | None = None


@dataclass(slots=True)
class _Staged:
    """Names on the stage, and what git is to know of them."""

    out: list[tuple[str, str]] = field(default_factory=list)
    back: list[tuple[str, str]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def enter(arrival: Arrival, dataset: Path) -> str:
    """Put the files into the dataset; return the commit's id, "" where it isn't in git.

    Images go into the annex where the repository has one.

    Raises
    ------
    SpinegateError
        A name is taken, participants.tsv isn't as it was when the arrival was made or has changes
        that aren't committed, an earlier run was stopped half-way... The dataset is as it was
        then.
    """
    place = find_place(dataset)
    with locked(place):
        if phase_of(place) not in ("", "done"):
            raise SpinegateError(f"an earlier run was stopped half-way: {_HINT}")
        head = find_head(place) if place.in_git else None
        lines = read_lines(place.dataset, head.commit) if head is not None else {}
        if arrival.table is not None:
            _require_former(place, arrival.former, lines)
        clear(place)
        place.folder.mkdir(exist_ok=True)
        try:
            place.stage.mkdir(parents=True)
            staged = _stage(place, arrival)
            moves = Moves(tuple(staged.out), tuple(staged.back))
            if head is not None:
                tracked = read_tracked(place.dataset)
                require_clean(place.dataset, lines, tracked, (path for path, _ in staged.out))
                if arrival.former is not None and arrival.table is not None:
                    require_plain({TABLE: arrival.former}, {TABLE: lines[TABLE].oid})
                before, after = plan_index(tracked, staged.changes)
                commit = build(place, head, after, arrival.message)
                moves = Moves(moves.out, moves.back, before, after, commit)
            begin(place, moves)
        except OSError as error:
            clear(place)
            raise SpinegateError(f"{place.folder} can't be written: {error.strerror}") from None
        except BaseException:
            clear(place)
            raise
        move_all(place, moves, _HINT)
    return moves.commit.new if moves.commit is not None else ""


def interrupted(dataset: Path) -> str:
    """Say what an earlier run that was stopped asks for; "" where there is none."""
    phase = phase_of(find_place(dataset))
    if phase in ("", "done"):
        return ""
    if phase in BACKWARD:
        return "an earlier run was being undone when it was stopped: --undo DATASET goes on"
    return f"an earlier run was stopped half-way: {_HINT}"


def _require_former(place: Place, former: bytes | None, head: Mapping[str, Line]) -> None:
    """Refuse where the table isn't the one that the new one was made from: rows would be lost."""
    file = place.dataset / TABLE
    found = file.read_bytes() if os.path.lexists(file) else None
    if found != former:
        raise SpinegateError(f"{TABLE} was changed meanwhile; nothing was done: run it again")
    if found is None and TABLE in head:
        raise SpinegateError(
            f"{TABLE} is in the last commit, but not in the folder: git restore {TABLE} "
            "brings it back, then again"
        )


def _stage(place: Place, arrival: Arrival) -> _Staged:
    """Copy the files to the stage, in as few pieces as can be moved each by one rename."""
    staged = _Staged()
    pieces: dict[str, str] = {}
    objects: dict[str, Path] = {}
    links: dict[str, Path] = {}
    program = find_annex(place)
    for path in arrival.paths:
        top = _topmost_new(place.dataset, path)
        name = pieces.setdefault(top, f"add-{len(pieces)}")
        target = place.stage / name / path[len(top) + 1 :] if path != top else place.stage / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if program and path.endswith(_IMAGES):
            link = _into_annex(place, program, arrival.folder / path, path)
            target.symlink_to(link)
            links[path] = place.stage / f"link-{len(links)}"
            links[path].write_bytes(os.fsencode(link))
        else:
            write_atomic(target, (arrival.folder / path).read_bytes())
            objects[path] = target
    if arrival.table is not None:
        write_atomic(place.stage / "new-table", arrival.table)
        if os.path.lexists(place.dataset / TABLE):
            staged.out.append((TABLE, "out-table"))
        objects[TABLE] = place.stage / "new-table"
    staged.back += [(name, top) for top, name in pieces.items()]
    if arrival.table is not None:
        staged.back.append(("new-table", TABLE))
    if place.in_git:
        staged.changes += _changes(place, objects, FILE) + _changes(place, links, LINK)
    for text in links.values():
        text.unlink()
    return staged


def _changes(place: Place, files: dict[str, Path], mode: str) -> list[Change]:
    oids = write_objects(place.dataset, files.values())
    return [Change(b"", path.encode(), oid, mode) for path, oid in zip(files, oids, strict=True)]


def _topmost_new(dataset: Path, path: str) -> str:
    """Return the topmost folder of a path that the dataset doesn't have, else the path."""
    parts = path.split("/")
    for count in range(1, len(parts)):
        top = "/".join(parts[:count])
        if not os.path.lexists(dataset / top):
            return top
    if os.path.lexists(dataset / path):
        raise SpinegateError(f"{path} has appeared meanwhile; nothing was changed")
    return path


def find_annex(place: Place) -> str:
    """Return git-annex where the repository has an annex; "" where it has none.

    Raises
    ------
    SpinegateError
        It has one, but git-annex isn't installed, or this clone doesn't use it yet.
    """
    if not place.in_git:
        return ""
    if not (find_common(place.dataset) / "annex").is_dir():
        if git(place.dataset, "for-each-ref", "refs/**/git-annex"):
            raise SpinegateError(
                "the images of this dataset are in git-annex, which this clone doesn't use yet: "
                "git annex init, then again"
            )
        return ""
    places = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    found = shutil.which("git-annex", path=places)
    if found is None:
        raise SpinegateError("the dataset has an annex: pip install 'spinegate[curate]'")
    return found


def _into_annex(place: Place, program: str, image: Path, path: str) -> str:
    """Store an image in the annex; return the text of the link that leads there from its name."""
    key = _annex(place, program, "calckey", str(image))
    _annex(place, program, "setkey", key, str(image))
    content = place.dataset / _annex(place, program, "contentlocation", key)
    start = place.dataset / os.path.dirname(path)  # noqa: PTH120
    return os.path.relpath(content, start)


def _annex(place: Place, program: str, *arguments: str) -> str:
    argv: Sequence[str] = [program, *arguments]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    people = {key: value for key, value in os.environ.items() if key.startswith("GIT_AUTHOR_")}
    people |= {key: v for key, v in os.environ.items() if key.startswith("GIT_COMMITTER_")}
    folder = os.path.dirname(program)  # noqa: PTH120
    path = os.pathsep.join([folder, kept.get("PATH", "")])  # it calls itself by its name
    try:
        done = subprocess.run(
            argv,
            cwd=place.dataset,
            env={**kept, **people, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise ToolError(argv, None, str(error)) from None
    if done.returncode:
        raise ToolError(argv, done.returncode, done.stderr.decode(errors="replace"))
    return os.fsdecode(done.stdout).strip()
