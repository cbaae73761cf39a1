"""A contribution that comes as a branch of a fork, or any commit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...system.blobs import read_blobs
from ...system.errors import SpinegateError
from ...system.git import find_commit, find_merge_base, list_commit
from ...validator.annex import (
    LINK_LIMIT,
    POINTER_LIMIT,
    link_key,
    object_paths,
    parse_key,
    pointer_key,
)
from ...validator.tree import LINK
from .contribution import PARTICIPANTS, Contribution, Piece, Problem, annexed, refusal
from .decisions import FILE as DECISIONS
from .decisions import about, new_rows
from .folder import TEXT_LIMIT
from .talk import fetch, remotes_of

Files = Mapping[str, tuple[str, str]]


def is_branch(repository: Path, source: str) -> bool:
    """Whether a source is REMOTE/BRANCH rather than a folder."""
    return not Path(source).exists() and source.partition("/")[0] in remotes_of(repository)


def read_fork(repository: Path, source: str, base: str) -> Contribution:
    """Fetch a branch and read what it changes; nothing of it is checked out.

    Only that branch is fetched: what the fork's git-annex branch says is nobody's word here.

    Raises
    ------
    SpinegateError
        There is no such branch, or it has no history in common with the dataset.
    """
    remote, _, branch = source.partition("/")
    ref = f"refs/remotes/{remote}/{branch}"
    fetch(repository, remote, f"+refs/heads/{branch}:{ref}")
    tip = find_commit(repository, ref)
    start = find_merge_base(repository, base, tip)
    if start is None:
        raise SpinegateError(f"{source} has no history in common with the dataset")
    before, after, now = (files_of(repository, commit) for commit in (start, tip, base))
    changed = _changed(repository, before, after)
    gone = [path for path in before if path not in after]
    left = [
        (path, reason) for path in (*changed, *gone)
        if path != DECISIONS and (reason := refusal(path))
    ]  # fmt: skip
    problems: list[Problem] = []
    taken = [path for path in changed if not refusal(path) and path != PARTICIPANTS]
    removed = [path for path in gone if not refusal(path) and path != PARTICIPANTS]
    for path in (*taken, *removed):
        if now.get(path) != before.get(path) and now.get(path) != after.get(path):
            problems.append(Problem(path, "it was changed in the dataset meanwhile too"))
    folded = {path.casefold(): path for path in now}
    for path in taken:
        if folded.get(path.casefold(), path) != path and folded[path.casefold()] not in gone:
            problems.append(Problem(path, f"differs in case alone from {folded[path.casefold()]}"))
    pieces: list[Piece] = []
    for piece in _pieces(repository, {path: after[path] for path in taken}, before):
        (problems if isinstance(piece, Problem) else pieces).append(piece)  # type: ignore[arg-type]

    def both(path: str) -> tuple[bytes | None, bytes | None]:
        oids = [files[path][1] if path in files else "" for files in (after, before)]
        texts = dict(read_blobs(repository, {*oids} - {""}, TEXT_LIMIT))
        return texts.get(oids[0]), texts.get(oids[1])

    people, former = both(PARTICIPANTS)
    rows = about(new_rows(*both(DECISIONS)), {piece.path for piece in pieces})
    return Contribution(
        f"{source} at {tip[:12]}", f"branch at {tip[:12]}", tuple(pieces), tuple(removed),
        people if people != former else None, former, tuple(left), tuple(problems), rows,
        remote, start,
    )  # fmt: skip


def _changed(repository: Path, before: Files, after: Files) -> list[str]:
    """List files that are new or have another content, whether annexed ones are locked or not."""
    changed = {path: file for path, file in after.items() if file != before.get(path)}
    keys = keys_of(repository, changed)
    former = keys_of(repository, {path: before[path] for path in keys if path in before})
    return [path for path in changed if path not in former or keys[path] != former[path]]


def files_of(repository: Path, commit: str) -> dict[str, tuple[str, str]]:
    """Return the files of a commit: name -> mode and object id."""
    return {
        os.fsdecode(blob.name): (blob.mode, blob.oid) for blob in list_commit(repository, commit)
    }


def keys_of(repository: Path, files: Files) -> dict[str, str]:
    """Return the keys of annexed files by their paths."""
    oids = {oid for path, (mode, oid) in files.items() if mode == LINK or annexed(path)}
    contents = dict(read_blobs(repository, oids, POINTER_LIMIT))
    keys = {}
    for path, (mode, oid) in files.items():
        content = contents.get(oid)
        if content is None:
            continue
        key = link_key(content) if mode == LINK else pointer_key(content)
        if key:
            keys[path] = key
    return keys


def _pieces(repository: Path, files: Files, before: Files) -> Iterator[Piece | Problem]:
    oids = {oid for _, oid in files.values()}
    contents = dict(read_blobs(repository, oids, LINK_LIMIT))
    sizes = {oid for oid, content in contents.items() if len(content) > LINK_LIMIT}
    large = dict(read_blobs(repository, sizes, TEXT_LIMIT)) if sizes else {}
    for path, (mode, oid) in sorted(files.items()):
        content = contents.get(oid, b"")
        key = link_key(content) if mode == LINK else pointer_key(content)
        if mode == LINK and (key is None or not _canonical(path, content, key)):
            yield Problem(path, "a link that doesn't lead into the annex")
        elif annexed(path) and not key:
            yield Problem(path, "it is in git itself and not in git-annex: git annex add it")
        elif key and not annexed(path):
            yield Problem(
                path, "text belongs in git itself, not in git-annex: git annex unannex it"
            )
        elif key and not _secure(key):
            yield Problem(path, "its key isn't a hash of its content: git annex migrate it")
        elif key:
            yield Piece(path, key=key, new=path not in before)
        elif len(large.get(oid, b"")) > TEXT_LIMIT:
            yield Problem(path, "it is too large for text")
        else:
            yield Piece(path, oid=oid, new=path not in before)


def _canonical(path: str, target: bytes, key: str) -> bool:
    """Whether a link leads to the content of its key and nowhere else."""
    up = "../" * path.count("/")
    places = (f"{up}{place.as_posix()}" for place in object_paths(Path(".git"), key))
    return os.fsdecode(target) in places


def _secure(key: str) -> bool:
    parsed = parse_key(key)
    return parsed is not None and bool(parsed.digest) and parsed.size is not None
