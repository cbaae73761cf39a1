"""What somebody contributes, as values: files, rows, and why others stay outside."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from .decisions import Row

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]*\Z")
_SUBJECT = re.compile(r"sub-[A-Za-z0-9]+\Z")
_ANNEXED = (".nii", ".nii.gz", ".tsv.gz")
_TEXT = (".json", ".tsv", ".bval", ".bvec")
_LONGEST = 250
PARTICIPANTS = "participants.tsv"


@dataclass(frozen=True, slots=True)
class Piece:
    """One file that a contribution brings.

    Attributes
    ----------
    path
        Its place in the dataset.
    source
        Where its bytes lie; None where git or the annex has them.
    oid
        Of text that git has.
    key
        Of an image.
    new
        False where the dataset had the file when the contribution went off from it.
    """

    path: str
    source: Path | None = None
    oid: str = ""
    key: str = ""
    new: bool = True


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a contribution can't be taken as it is, and what to do."""

    path: str
    message: str
    kind: str = "file"


@dataclass(frozen=True, slots=True)
class Contribution:
    """All that one source brings.

    Attributes
    ----------
    label
        The source as the manager knows it; may be a person's name, so it stays on this machine.
    kind
        What it is, for everybody: ``folder``, ``zip``, or a branch at a commit.
    pieces
        The files, by their paths.
    gone
        Files that it takes out.
    people, former
        Its participants.tsv, and the one that it started from; None where there is none.
    left
        (name, reason) of what isn't taken.
    decisions
        Rows on the defacing of its images.
    remote
        The git remote that may have the contents; "" for a folder.
    start
        The dataset's commit from which it went off.
    folder
        Where a dataset in a folder lies on this machine; else "".
    """

    label: str
    kind: str
    pieces: tuple[Piece, ...] = ()
    gone: tuple[str, ...] = ()
    people: bytes | None = None
    former: bytes | None = None
    left: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    decisions: tuple[Row, ...] = ()
    remote: str = ""
    start: str = ""
    folder: str = ""

    @property
    def subjects(self) -> tuple[str, ...]:
        """The participants whose files it brings or takes out."""
        found = map(subject_of, (*(piece.path for piece in self.pieces), *self.gone))
        return tuple(sorted({subject for subject in found if subject}))


def annexed(path: str) -> bool:
    """Whether a file belongs in the annex: images do, text doesn't."""
    return path.endswith(_ANNEXED)


def refusal(path: str) -> str:
    """Return why a name isn't taken into the dataset; "" where it is."""
    parts = path.split("/")
    if parts[0].startswith("."):
        return "it isn't data of a participant"
    if len(path) > _LONGEST or not all(_PART.match(part) for part in parts):
        return "its name has characters that no file of a dataset has"
    if any(part.lower().startswith(".git") for part in parts):
        return "it belongs to git"
    first = parts[0]
    at = {"sourcedata": 1, "derivatives": 2}.get(first, 0)
    if path == PARTICIPANTS:
        return ""
    if len(parts) <= at + 1 or not _SUBJECT.match(parts[at]):
        return "it isn't data of a participant"
    if not path.endswith(_ANNEXED + _TEXT):
        return "files of this kind aren't kept in the dataset"
    return ""


def subject_of(path: str) -> str:
    """Return the participant a file belongs to; "" for none."""
    return next((part for part in path.split("/")[:-1] if _SUBJECT.match(part)), "")


def digest_of(contribution: Contribution, marks: dict[str, str]) -> str:
    """Return a hash of all that is contributed: the same contribution has the same."""
    taken = hashlib.sha256()
    for piece in sorted(contribution.pieces, key=lambda piece: piece.path):
        taken.update(f"{piece.path}\0{marks[piece.path]}\n".encode())
    taken.update("\0".join(contribution.gone).encode())
    taken.update(contribution.people or b"")
    for row in contribution.decisions:
        taken.update("\0".join(row.values()).encode())
    return taken.hexdigest()[:10]
