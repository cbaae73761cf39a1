"""Participants and contents that the dataset has already."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from shlex import quote

from ...validator.annex import Key, parse_key
from .contribution import Piece, Problem, subject_of

_NUMBER = re.compile(r"(.*?)(\d+)\Z")


def find_collisions(
    pieces: Iterable[Piece],
    known: Collection[str],
    others: Mapping[str, Collection[str]],
    folder: str = "",
) -> list[Problem]:
    """Find participants who are somebody else in the dataset or in an open contribution.

    Parameters
    ----------
    pieces
        The files that are new; of a fork's branch not those that it merely changes.
    known
        The files of the dataset.
    others
        Open contribution -> its new files.
    folder
        Where the contribution lies, if it does so as a folder of this machine.
    """
    mine = _units(piece.path for piece in pieces if piece.new)
    theirs = _units(known)
    folded = {subject.casefold(): subject for subject, _ in theirs}
    taken = {subject for subject, _ in theirs} | {subject for subject, _ in mine}
    problems = []
    for subject in sorted({subject for subject, _ in mine}):
        sessions = {session for name, session in mine if name == subject}
        same = folded.get(subject.casefold(), subject)
        had = {session for name, session in theirs if name == same}
        hint = _renaming(folder, subject, _free(subject, taken))
        if same != subject:
            problems.append(Problem(subject, f"differs in case alone from {same}", "subject"))
        elif had & sessions:
            problems.append(Problem(subject, f"is in the dataset already; {hint}", "subject"))
    for branch, paths in others.items():
        shared = mine & _units(paths)
        for subject in sorted({subject for subject, _ in shared}):
            hint = _renaming(folder, subject, _free(subject, taken))
            problems.append(Problem(subject, f"is in the open {branch} too; {hint}", "subject"))
    return problems


def find_present(
    pieces: Iterable[Piece], known: Collection[str], collided: Collection[str]
) -> list[Problem]:
    """Find files that the dataset has already: one problem for each participant.

    Parameters
    ----------
    collided
        Participants who are in the way as a whole.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(piece.path for piece in pieces if piece.path in known):
        found[subject_of(path)].append(path)
    return [
        Problem(
            subject,
            f"{_files(paths)} in the dataset already: leave them out (--plan FILE, write no "
            "there, then --from-plan FILE); new versions come on a branch of a clone (--from "
            "REMOTE/BRANCH)",
        )
        for subject, paths in found.items()
        if subject not in collided
    ]


def _files(paths: list[str]) -> str:
    if len(paths) == 1:
        return f"its file {paths[0]} is"
    return f"{len(paths):,} of its files, such as {paths[0]}, are"


def _renaming(folder: str, subject: str, free: str) -> str:
    where = quote(folder) if folder else "FOLDER"
    return (
        "if this is another person, rename it in the contribution, for example "
        f"spinegate curate rename {where} --subject {subject}={free} --apply"
    )


def _free(subject: str, taken: Collection[str]) -> str:
    """Return a name like this one that nobody has."""
    match = _NUMBER.match(subject)
    stem, digits = (match[1], match[2]) if match else (subject, "01")
    number = int(digits)
    while (name := f"{stem}{number:0{len(digits)}d}") in taken:
        number += 1
    return name


def _units(paths: Iterable[str]) -> set[tuple[str, str]]:
    """Return the participants and sessions that raw files belong to."""
    units = set()
    for path in paths:
        subject = "" if path.startswith("derivatives/") else subject_of(path)
        if subject:
            rest = path.partition(f"{subject}/")[2]
            session = rest.partition("/")[0] if rest.startswith("ses-") else ""
            units.add((subject, session))
    return units


def find_duplicates(pieces: Iterable[Piece], keys: Mapping[str, str]) -> list[Problem]:
    """Find images whose content stands under another name already.

    A raw image under sourcedata/ and its copy at the root are one scan and no duplicates.

    Parameters
    ----------
    keys
        Path -> key of the dataset's annexed files.
    """
    places: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for path, text in keys.items():
        key = parse_key(text)
        if key is not None:
            places[_same(key)].append(path)
    problems = []
    mine = {piece.path: key for piece in pieces if piece.key and (key := parse_key(piece.key))}
    for path, key in sorted(mine.items()):
        alike = [other for other in places[_same(key)] if not _twins(path, other)]
        if alike:
            problems.append(
                Problem(
                    path, f"has the same content as {alike[0]}: one of them is wrong", "double"
                )
            )
        places[_same(key)].append(path)
    return problems


def _same(key: Key) -> tuple[object, ...]:
    return key.backend.removesuffix("E"), key.size, key.digest or key.text


def _twins(one: str, other: str) -> bool:
    return one.removeprefix("sourcedata/") == other.removeprefix("sourcedata/")
