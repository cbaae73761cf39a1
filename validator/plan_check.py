"""Whether a plan can be carried out on a dataset: all of it is looked at before anything moves."""

from __future__ import annotations

import posixpath
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import NamedTuple

from ..rules.spelling import did_you_mean
from ..system.errors import ConfigError
from .annex import link_key, pointer_key
from .edit import EditError, edit_content
from .operation import (
    NOTHING,
    Delete,
    Edit,
    Operation,
    Remove,
    Rename,
    Set,
    Write,
    digest,
    spelling,
)
from .plan import Plan
from .table import LIMIT
from .tree import LINK, Entry, Tree, Unreadable

_SHOWN = 50
_COMPARED = 2000
_NAME = 255  # bytes; no common file system takes more


class Problem(NamedTuple):
    """Why a proposal can't be carried out: its place among the chosen ones, and a sentence."""

    at: int
    message: str


def require_sound(plan: Plan, tree: Tree) -> Mapping[str, bytes]:
    """Refuse a plan that can't be carried out whole; return what edited files will hold.

    Raises
    ------
    ConfigError
        With all problems and their lines; of very many the first.
    """
    edited: dict[str, bytes] = {}
    problems = check_plan(plan, tree, edited)
    if not problems:
        return edited
    if _is_of_another(plan, tree):
        raise ConfigError(
            "none of the files that it changes is in the dataset: perhaps this plan was carried "
            "out already, or is another dataset's",
            plan.name,
        )
    chosen = plan.chosen
    lines = [chosen[problem.at].line for problem in problems]
    told = [
        f"line {line}: {problem.message}" if line else problem.message
        for line, problem in zip(lines, problems[:_SHOWN], strict=False)
    ]
    if len(problems) > _SHOWN:
        told.append(f"and {len(problems) - _SHOWN:,} more problems")
    head = "the plan can't be carried out, nothing was changed:"
    raise ConfigError("\n  ".join([head, *told]), plan.name)


def check_plan(plan: Plan, tree: Tree, edited: dict[str, bytes] | None = None) -> list[Problem]:
    """List what stands in the way of a plan's chosen operations; empty where nothing does.

    What the edited files will hold is put into `edited`, by their paths.
    """
    operations = plan.operations
    entries: dict[str, Entry] = {}
    shared = {e.path for e in tree.entries if entries.setdefault(e.path, e) != e}
    names = _Names(entries)
    problems = [
        Problem(index, message)
        for index, operation in enumerate(operations)
        for message in _alone(operation, entries, shared, names)
    ]
    bad = {problem.at for problem in problems}
    sound = {index: op for index, op in enumerate(operations) if index not in bad}
    problems += _together(sound)
    problems += _targets(sound, entries)
    problems += _edits(sound, entries, tree, {} if edited is None else edited)
    return sorted(dict.fromkeys(problems))


def _is_of_another(plan: Plan, tree: Tree) -> bool:
    """Whether no file of a plan is there, of several."""
    needed = {operation.path for operation in plan.operations if not isinstance(operation, Write)}
    return len(needed) > 1 and needed.isdisjoint(entry.path for entry in tree.entries)


def edits_by_path(operations: Sequence[Operation]) -> dict[str, list[Edit]]:
    """Gather the edits of each file, each once."""
    edits: dict[str, dict[str, Edit]] = {}
    for operation in operations:
        if isinstance(operation, Set | Remove):
            edits.setdefault(operation.path, {}).setdefault(spelling(operation), operation)
    return {path: list(own.values()) for path, own in edits.items()}


def _alone(
    operation: Operation, entries: Mapping[str, Entry], shared: set[str], names: _Names
) -> Iterator[str]:
    """Look at one operation by itself."""
    path = operation.path
    entry = entries.get(path)
    if entry is None and isinstance(operation, Write):
        if fault := _bad_name(path):
            yield f"{path!r} {fault}"
        elif operation.former not in (None, NOTHING):
            yield f"{path!r} is gone since the plan was made: make the plan anew"
    elif entry is None:
        yield f"{path!r} {names.missing(path)}"
    elif path in shared:
        yield f"{path!r} is how two files are shown: their names aren't UTF-8"
    elif not entry.mode.startswith("1"):
        yield f"{path!r} is neither a file nor a link"
    if isinstance(operation, Rename):
        fault = "is the file's name already" if operation.to == path else _bad_name(operation.to)
        if entry is not None and "\\" in operation.to and entry.raw != path.encode():
            yield (
                f"{path!r} has bytes in its name that aren't UTF-8, shown here as \\x..; first: "
                f"spinegate curate rename --file {quote(path)} NEW"
            )
        elif fault:
            yield f"{operation.to!r} {fault}"


class _Names:
    """The names of a dataset by their folders, to tell what a name that isn't there should be."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries
        self._folders: dict[str, list[str]] = {}
        self._hints = 0

    def missing(self, path: str) -> str:
        """Say what is wrong with a path that no file has."""
        if not self._folders:
            for known in self._entries:
                self._folders.setdefault(known.rpartition("/")[0], []).append(known)
                for parent in _parents(known):
                    self._folders.setdefault(parent, [])
        if path.rstrip("/") in self._folders:
            return "is a folder: a plan names its files"
        self._hints += 1
        beside = self._folders.get(path.rpartition("/")[0], ())
        hint = did_you_mean(path, beside[:_COMPARED]) if self._hints <= _SHOWN else ""
        return f"is not in the dataset{hint}"


def _bad_name(to: str) -> str:
    parts = to.split("/")
    if not to or to.startswith("/") or (len(to) > 1 and to[1] == ":"):
        return "is not a path in the dataset"
    if any(part in ("", ".", "..") for part in parts):
        return "leaves the dataset, or has an empty part"
    if any(part.casefold().rstrip(" .") == ".git" for part in parts):
        return "lies in git's own folder"
    if not to.isprintable():
        return "holds characters that can't be seen"
    if "\\" in to:
        return "holds a backslash, which Windows takes for a folder's end"
    if any(len(part.encode()) > _NAME for part in parts):
        return f"has a part that is longer than {_NAME} bytes"
    return ""


def _together(sound: Mapping[int, Operation]) -> Iterator[Problem]:
    """Find operations that speak of one file and can't both be done."""
    fates: dict[str, Operation] = {}
    gone = {op.path for op in sound.values() if isinstance(op, Delete)}
    keys: dict[tuple[str, str, str | None, str | None], Edit] = {}
    targets: dict[str, str] = {}
    written: dict[str, Write] = {}
    others = {op.path for op in sound.values() if not isinstance(op, Write)}
    for index, op in sound.items():
        if isinstance(op, Rename | Delete):
            if fates.setdefault(op.path, op) != op:
                yield Problem(index, f"{op.path!r} has two fates: to be renamed and deleted, "
                              "or renamed twice")  # fmt: skip
            elif isinstance(op, Rename) and targets.setdefault(op.to, op.path) != op.path:
                first = targets[op.to]
                yield Problem(index, f"{op.path!r} and {first!r} would both become {op.to!r}")
            continue
        if isinstance(op, Write):
            if op.path in others or written.setdefault(op.path, op) != op:
                yield Problem(index, f"{op.path!r} is to be written, and changed or written anew")
            continue
        if op.path in gone:
            yield Problem(index, f"{op.path!r} is to be edited and deleted")
        place = (op.path, op.key, *((op.former, op.row) if isinstance(op, Set) else (None, None)))
        if keys.setdefault(place, op) != op:
            yield Problem(index, f"{op.key!r} of {op.path!r} is to be changed in two ways")


def _targets(sound: Mapping[int, Operation], entries: Mapping[str, Entry]) -> Iterator[Problem]:
    """Find new names that are taken, by a file that stays or by a folder."""
    targets = {i: op.to for i, op in sound.items() if isinstance(op, Rename)}
    news = {
        i: op.path for i, op in sound.items() if isinstance(op, Write) and op.path not in entries
    }
    if not targets and not news:
        return
    leaving = {op.path for op in sound.values() if isinstance(op, Rename | Delete)}
    final = {path for path in entries if path not in leaving}
    taken = final | set(targets.values()) | set(news.values())
    both = set(targets.values()) & set(news.values())
    folders = {parent for path in taken for parent in _parents(path)}
    alike = Counter(map(_folded, taken))
    folded = {_folded(path): path for path in final}
    for index, to in (*targets.items(), *news.items()):
        if to in final:
            yield Problem(index, f"{to!r} is there already, and stays")
        elif to in both:
            yield Problem(index, f"{to!r} is both written and another file's new name")
        elif to in folders:
            yield Problem(index, f"{to!r} is a folder")
        elif blocked := next((parent for parent in _parents(to) if parent in taken), None):
            yield Problem(index, f"{to!r} can't lie in {blocked!r}, which is a file")
        elif alike[_folded(to)] > 1:
            other = folded.get(_folded(to), "another new name")
            yield Problem(index, f"{to!r} differs from {other!r} by upper and lower case alone")


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _edits(
    sound: Mapping[int, Operation],
    entries: Mapping[str, Entry],
    tree: Tree,
    edited: dict[str, bytes],
) -> Iterator[Problem]:
    """Make all edits."""
    first: dict[str, int] = {}
    for index, op in sound.items():
        if isinstance(op, Set | Remove):
            first.setdefault(op.path, index)
    edits = edits_by_path(list(sound.values()))
    anew: dict[str, Write] = {}
    for index, op in sound.items():
        if isinstance(op, Write) and op.path in entries:
            first[op.path], edits[op.path], anew[op.path] = index, [], op
    files = [entries[path] for path in edits]
    for entry, content in zip(files, tree.read(files, LIMIT), strict=True):
        fault = _cannot_edit(entry, content) or _was_changed(anew.get(entry.path), content)
        if not fault and edits[entry.path]:
            assert isinstance(content, bytes)
            try:
                edited[entry.path] = edit_content(entry.path, content, edits[entry.path])
            except EditError as error:
                fault = str(error)
        if fault:
            yield Problem(first[entry.path], f"{entry.path!r} {fault}")


def _cannot_edit(entry: Entry, content: bytes | Unreadable) -> str:
    if isinstance(content, Unreadable):
        return f"can't be read: {content.reason}"
    if entry.mode == LINK and link_key(content) is None:
        return "is a link: edit what it leads to"
    if entry.mode == LINK or pointer_key(content) is not None:
        return "is in the annex: take it out first (git annex unannex)"
    return "is too large to be edited" if len(content) > LIMIT else ""


def _was_changed(write: Write | None, content: bytes | Unreadable) -> str:
    """Say that a file isn't the one that it was to replace: what was added would be lost."""
    if write is None or write.former is None or content == write.content:
        return ""
    if isinstance(content, bytes) and digest(content) == write.former:
        return ""
    verb = "has appeared" if write.former == NOTHING else "was changed"
    return f"{verb} since the plan was made: make the plan anew"


def moved_link(target: bytes, path: bytes, to: bytes) -> bytes:
    """Return what a link must say when it moves, so that it leads to where it led."""
    here, there = posixpath.dirname(path), posixpath.dirname(to)
    if here == there or target.startswith(b"/"):
        return target
    top = b"/" + b"x/" * target.count(b"..")  # it may lead out of the dataset's folder
    return posixpath.relpath(posixpath.join(top, here, target), posixpath.join(top, there))
