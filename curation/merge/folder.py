"""A contribution that comes as a folder or a zip."""

# ruff: noqa: PTH114, PTH118

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ...system.errors import SpinegateError
from ...validator.annex import POINTER_LIMIT, pointer_key
from ..ingest.archive import Found, list_source
from .contribution import PARTICIPANTS, Contribution, Piece, Problem, annexed, refusal
from .decisions import FILE as DECISIONS
from .decisions import LIMIT, about, new_rows

TEXT_LIMIT = 16 * 1024 * 1024


def read_folder(source: Path, work: Path) -> Contribution:
    """Read a contribution from a folder or a zip; a zip is unpacked into `work`.

    Raises
    ------
    SpinegateError
        Neither, or nothing in it that belongs in a dataset.
    """
    source = Path(os.path.abspath(source))  # noqa: PTH100
    found, skipped = list_source(source, work, "the top folder of BIDS data, or a zip of it")
    missing = _dangling(source) if source.is_dir() else []
    top = _top([*(file.name for file in found), *missing])
    pieces: list[Piece] = []
    problems: list[Problem] = []
    left = [(skip.name, skip.reason) for skip in skipped if not skip.bad]
    problems += [Problem(skip.name, skip.reason) for skip in skipped if skip.bad]
    people: bytes | None = None
    decisions: bytes | None = None
    seen: set[str] = set()
    for file in found:
        path = file.name.replace(os.sep, "/").removeprefix(top)
        if path == DECISIONS:
            with file.path.open("rb") as content:
                decisions = content.read(LIMIT + 1)
            continue
        reason = refusal(path)
        if reason:
            left.append((path, reason))
            continue
        if path.casefold() in seen:
            problems.append(Problem(path, "two files have this name, or differ in case alone"))
            continue
        seen.add(path.casefold())
        problem = _look(file, path)
        if problem:
            problems.append(Problem(path, problem))
        elif path == PARTICIPANTS:
            people = file.path.read_bytes()
        else:
            pieces.append(Piece(path, source=file.path))
    problems += [
        Problem(name.removeprefix(top), "its content isn't there: git annex get it first")
        for name in missing
        if not refusal(name.removeprefix(top))
    ]
    if not pieces and not problems:
        raise SpinegateError(
            f"{source} holds no sub-* folder with images: name the top folder of BIDS data "
            "(spinegate curate ingest makes it of DICOM files)"
        )
    rows = about(new_rows(decisions, None), {piece.path for piece in pieces})
    return Contribution(
        source.name, "folder" if source.is_dir() else "zip", tuple(pieces), people=people,
        left=tuple(left), problems=tuple(problems), decisions=rows,
        folder=str(source / top) if source.is_dir() else "",
    )  # fmt: skip


def _look(file: Found, path: str) -> str:
    """Say why a file can't be taken."""
    size = file.path.stat().st_size
    if annexed(path):
        if size <= POINTER_LIMIT and pointer_key(file.path.read_bytes()) is not None:
            return "its content isn't there: git annex get it first"
        return "" if size else "it is empty"
    return "" if size <= TEXT_LIMIT else "it is too large for text"


def _top(names: Sequence[str]) -> str:
    """Return the folder, with its slash, in which the participants' folders lie."""
    tops: Counter[str] = Counter()
    for name in names:
        parts = name.replace(os.sep, "/").split("/")
        at = next((i for i, part in enumerate(parts[:-1]) if part.startswith("sub-")), None)
        if at is None:
            continue
        while at and parts[at - 1] in ("sourcedata",):
            at -= 1
        if "derivatives" in parts[:at]:
            at = parts.index("derivatives")
        tops["".join(part + "/" for part in parts[:at])] += 1
    return min(tops, key=lambda top: (top.count("/"), -tops[top], top)) if tops else ""


def _dangling(source: Path) -> list[str]:
    """List the links that lead nowhere: contents of an annex that were not fetched."""
    found = []
    for top, folders, files in os.walk(source):
        folders[:] = [name for name in folders if name != ".git"]
        for name in files:
            path = os.path.join(top, name)
            if os.path.islink(path) and not os.path.exists(path):  # noqa: PTH110
                found.append(os.path.relpath(path, source))
    return sorted(found)
