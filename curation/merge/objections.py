"""What stands against the merge of a branch, and what it would lose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...system.blobs import read_blobs
from ...validator.table import LIMIT as TABLE_LIMIT
from .attest import FOLDER, Record
from .collisions import find_collisions, find_duplicates
from .contribution import PARTICIPANTS, Piece, Problem, subject_of
from .decisions import FILE as DECISIONS
from .decisions import LIMIT, new_rows
from .fork import Files, files_of
from .rows import read_people
from .three_ways import Joined


def find_problems(
    repository: Path, joined: Joined, files: Files, keys: Mapping[str, str],
    new_keys: Mapping[str, str], records: tuple[Record, ...],
) -> list[Problem]:  # fmt: skip
    """Look for what a merge file by file doesn't see.

    Parameters
    ----------
    files, keys
        Of the main branch: what it has, and the keys of its annexed files by path.
    new_keys
        Of what the merge brings.
    records
        Of contributions that are new with the branch.
    """
    before = files_of(repository, joined.start)
    had = {subject_of(path) for path in before}
    new = [path for path, change in joined.changes.items() if change and path not in before]
    attested = {subject for record in records for subject in record.participants}
    strangers = {subject_of(path) for path in new} - had
    known = set(keys.values())
    others = {subject_of(path) for path, key in new_keys.items() if key not in known} - strangers
    problems = [
        Problem(subject, f"{what} without the contributor's word: no new record in {FOLDER} "
                f"names it ({hint})", "word")
        for subjects, what, hint in (
            (strangers, "comes", "correct the list there if it was renamed on the branch"),
            (others, "gets new images", "curate merge --from with --attest makes one"),
        )
        for subject in sorted(subjects - attested - {""})
    ]  # fmt: skip
    pieces = [Piece(path, key=new_keys.get(path, "")) for path in new]
    newcomers = [piece for piece in pieces if subject_of(piece.path) not in had]
    problems += find_collisions(newcomers, [path for path in files if path not in before], {})
    kept = {path: key for path, key in keys.items() if path not in joined.changes}
    problems += find_duplicates(pieces, kept)
    return problems + _foreign_decisions(repository, joined, files)


def _foreign_decisions(repository: Path, joined: Joined, files: Files) -> list[Problem]:
    """Name decisions on participants with whom the branch has nothing to do."""
    now = joined.changes.get(DECISIONS)
    if now is None:
        return [Problem(DECISIONS, "is taken out")] if DECISIONS in joined.changes else []
    oids = [now[1], files[DECISIONS][1] if DECISIONS in files else ""]
    texts = dict(read_blobs(repository, {*oids} - {""}, LIMIT))
    own = {subject_of(path) for path in joined.changes} - {""}
    return [
        Problem(DECISIONS, f"decides on {row['path']}, of which the branch brings nothing")
        for row in new_rows(texts.get(oids[0]), texts.get(oids[1]))
        if subject_of(row["path"]) not in own
    ]


def rows_gone(repository: Path, joined: Joined, files: Files) -> tuple[str, ...]:
    """Return the participants whose rows a merge takes out."""
    change = joined.changes.get(PARTICIPANTS)
    if change is None or PARTICIPANTS not in files:
        return ()
    former, now = files[PARTICIPANTS][1], change[1]
    texts = dict(read_blobs(repository, {former, now}, TABLE_LIMIT))
    after = read_people(texts.get(now, b"")).rows
    return tuple(name for name in read_people(texts.get(former, b"")).rows if name not in after)
