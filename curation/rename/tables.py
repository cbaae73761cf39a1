"""Tables that name participants, sites and images: *_scans.tsv, participants.tsv, decisions."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from ...validator.checks.decisions import FILES as DECISIONS
from ...validator.operation import Operation, Set
from ...validator.sidecar import parse_sidecar
from ...validator.table import LIMIT, parse_table
from ...validator.tree import Tree
from .moves import Moves

PARTICIPANTS = "participants.tsv"
SITE = "institution_id"
_NAMING = {"_scans.tsv": "filename", **dict.fromkeys(DECISIONS, "path")}
"""Tables that name images, by the end of their path, and the column that does."""


def table_edits(tree: Tree, moves: Moves, sites: Mapping[str, str]) -> Iterator[Operation]:
    """Yield the edits of all tables that name what is renamed."""
    tables = [
        entry for entry in tree.entries
        if entry.path.endswith(".tsv")
        and (_naming(entry.path) or moves.subjects or sites)
    ]  # fmt: skip
    for entry, content in zip(tables, tree.read(tables, LIMIT), strict=True):
        if not isinstance(content, bytes):
            continue
        path = entry.path
        table = parse_table(content)
        if naming := _naming(path):
            scans = naming == "filename"  # from the table's folder; else from the dataset's top
            folder = posixpath.dirname(path) if scans else ""
            after = posixpath.dirname(moves.target(path)) if scans else ""
            for cell in dict.fromkeys(table.column(naming) or ()):
                new = moves.target(posixpath.normpath(posixpath.join(folder, cell)))
                shown = posixpath.relpath(new, after or ".")
                if cell and shown != posixpath.normpath(cell):
                    yield Set(path, naming, shown, former=cell)
        for cell in dict.fromkeys(table.column("participant_id") or ()):
            if cell in moves.subjects:
                yield Set(path, "participant_id", moves.subjects[cell], former=cell)
        for cell in dict.fromkeys(table.column(SITE) or ()) if path == PARTICIPANTS else ():
            if cell in sites:
                yield Set(path, SITE, sites[cell], former=cell)


def _naming(path: str) -> str:
    return next((column for end, column in _NAMING.items() if path.endswith(end)), "")


def level_edits(tree: Tree, sites: Mapping[str, str]) -> Iterator[Operation]:
    """Yield the edit of participants.json where it lists the sites."""
    content = read_one(tree, "participants.json")
    column = parse_sidecar(content).value.get(SITE) if content and sites else None
    levels = column.get("Levels") if isinstance(column, dict) else None
    if isinstance(column, dict) and isinstance(levels, dict) and sites.keys() & levels.keys():
        named = {sites.get(name, name): told for name, told in levels.items()}
        yield Set("participants.json", SITE, {**column, "Levels": named})


def read_one(tree: Tree, path: str) -> bytes | None:
    """Return a small file's content, None where there is none."""
    found = [entry for entry in tree.entries if entry.path == path]
    content = next(iter(tree.read(found, LIMIT)), None)
    return content if isinstance(content, bytes) else None
