"""Tables and lists that name participants, sites and images: *_scans.tsv, participants.tsv,..."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from ...system.errors import ConfigError
from ...system.yaml import parse_yaml
from ...validator.operation import Operation, Set, Write
from ...validator.sidecar import parse_sidecar
from ...validator.table import LIMIT, parse_table
from ...validator.tree import Tree
from .moves import Moves

PARTICIPANTS = "participants.tsv"
EXCLUDE = "exclude.yml"
SITE = "institution_id"


def table_edits(tree: Tree, moves: Moves, sites: Mapping[str, str]) -> Iterator[Operation]:
    """Yield the edits of all tables that name what is renamed."""
    tables = [
        entry for entry in tree.entries
        if entry.path.endswith(".tsv")
        and (entry.path.endswith("_scans.tsv") or (moves.subjects or sites))
    ]  # fmt: skip
    for entry, content in zip(tables, tree.read(tables, LIMIT), strict=True):
        if not isinstance(content, bytes):
            continue
        path = entry.path
        table = parse_table(content)
        if path.endswith("_scans.tsv"):
            folder, after = posixpath.dirname(path), posixpath.dirname(moves.target(path))
            for cell in dict.fromkeys(table.column("filename") or ()):
                new = moves.target(posixpath.normpath(posixpath.join(folder, cell)))
                shown = posixpath.relpath(new, after or ".")
                if cell and shown != posixpath.normpath(cell):
                    yield Set(path, "filename", shown, former=cell)
        for cell in dict.fromkeys(table.column("participant_id") or ()):
            if cell in moves.subjects:
                yield Set(path, "participant_id", moves.subjects[cell], former=cell)
        for cell in dict.fromkeys(table.column(SITE) or ()) if path == PARTICIPANTS else ():
            if cell in sites:
                yield Set(path, SITE, sites[cell], former=cell)


def level_edits(tree: Tree, sites: Mapping[str, str]) -> Iterator[Operation]:
    """Yield the edit of participants.json where it lists the sites."""
    content = read_one(tree, "participants.json")
    column = parse_sidecar(content).value.get(SITE) if content and sites else None
    levels = column.get("Levels") if isinstance(column, dict) else None
    if isinstance(column, dict) and isinstance(levels, dict) and sites.keys() & levels.keys():
        named = {sites.get(name, name): told for name, told in levels.items()}
        yield Set("participants.json", SITE, {**column, "Levels": named})


def exclusion_edits(tree: Tree, names: Mapping[str, str]) -> Iterator[Operation]:
    """Yield exclude.yml with other names in it; its comments and its layout stay.

    Raises
    ------
    ConfigError
        It can't be rewritten so that it says the same.
    """
    content = read_one(tree, EXCLUDE)
    if content is None or not names:
        return
    text = content.decode("utf-8", "surrogateescape")
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    word = re.compile(rf"(?<![\w+-])(?:{words})(?![\w+-]|\s*:)")
    lines = []
    for line in text.split("\n"):
        told = re.match(r"(?:[^#]|(?<!\s)#)*", line)
        end = told.end() if told and not line.lstrip().startswith("#") else 0
        lines.append(word.sub(lambda match: names[match[0]], line[:end]) + line[end:])
    new = "\n".join(lines)
    if new == text:
        return
    wanted = _renamed(parse_yaml(content, EXCLUDE).value, names)
    if parse_yaml(new, EXCLUDE).value != wanted:
        raise ConfigError(
            "is written in a way that can't be edited; rename there by hand", EXCLUDE
        )
    yield Write(EXCLUDE, new)


def _renamed(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_renamed(part, names) for part in value]
    if isinstance(value, dict):
        return {key: _renamed(part, names) for key, part in value.items()}
    return value


def read_one(tree: Tree, path: str) -> bytes | None:
    """Return a small file's content, None where there is none."""
    found = [entry for entry in tree.entries if entry.path == path]
    content = next(iter(tree.read(found, LIMIT)), None)
    return content if isinstance(content, bytes) else None
