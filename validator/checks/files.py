"""Files that can't be read, and names that another system can't hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from ..contents import ELSEWHERE, NOWHERE
from ..dataset import Dataset
from ..finding import Outcome
from ..inspection import Inspection
from ..tree import LINK, Entry, Unreadable
from ..verdict import Verdict, met

TABLE = "participants.tsv"
_PLAIN = bytes(range(32, 127))


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield FILE_UNREADABLE and the three codes of paths."""
    dataset = inspection.dataset
    yield from _unreadable(dataset)
    yield from _paths(dataset.entries)
    yield from _collisions(dataset)


def _unreadable(dataset: Dataset) -> Iterator[Verdict]:
    annexed = (ELSEWHERE.reason, NOWHERE.reason)  # METADATA_IN_ANNEX, LINK_NOT_ANNEXED
    reasons = {path: why for path, why in dataset.unreadable.items() if why not in annexed}
    table = dataset.entries.get(TABLE)
    if table is not None and table.mode != LINK and dataset.participants is None:
        content = next(iter(dataset.tree.read([table], 1)))
        if isinstance(content, Unreadable):
            reasons[TABLE] = content.reason
    for path, reason in reasons.items():
        yield Verdict(
            "FILE_UNREADABLE",
            Outcome.NOT_MET,
            path,
            message=f"{path} can't be read: {reason}.",
            observed=reason,
        )
    yield met("FILE_UNREADABLE", count=len(dataset.entries) - len(reasons))


def _paths(entries: Mapping[str, Entry]) -> Iterator[Verdict]:
    joined = b"".join([entry.raw for entry in entries.values()])
    plain = not joined.translate(None, _PLAIN)  # two calls for the whole dataset, nearly always so
    hidden = [] if plain else [path for path in entries if any(map(_invisible, path))]
    for path in hidden:
        names = sorted({unicodedata.name(c, f"U+{ord(c):04X}") for c in path if _invisible(c)})
        clean = "".join(c for c in path if not _invisible(c))
        free = clean and not clean.endswith("/") and clean not in entries
        yield Verdict(
            "PATH_HAS_CONTROL_CHARACTERS",
            Outcome.NOT_MET,
            path,
            message=f"The name holds characters that can't be seen: {', '.join(names)}.",
            observed=names,
            fix={"op": "rename", "path": path, "to": clean} if free else None,
        )
    yield met("PATH_HAS_CONTROL_CHARACTERS", count=len(entries) - len(hidden))
    strange = [] if plain else [e for e in entries.values() if not _is_utf8(e.raw)]
    for entry in strange:
        yield Verdict(
            "PATH_NOT_UTF8",
            Outcome.NOT_MET,
            entry.path,
            message="The name isn't UTF-8 text: bytes are shown here as backslash escapes.",
        )
    yield met("PATH_NOT_UTF8", count=len(entries) - len(strange))


def _invisible(character: str) -> bool:
    """Whether it is a control or format character, or a space or line end but the plain one."""
    return not character.isprintable()


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _collisions(dataset: Dataset) -> Iterator[Verdict]:
    """Find participants and paths that are one and the same to Windows and macOS."""
    entries = dataset.entries
    people = _alike([f"sub-{label}" for label in dataset.sites])
    same = [*people, *(group for group in _alike(entries) if _one_folder(group))]
    for group in same:
        others = " and ".join(group[1:])
        yield Verdict(
            "PATH_CASE_COLLISION",
            Outcome.NOT_MET,
            group[0],
            message=f"{group[0]} and {others} differ only in upper and lower case.",
            affects=tuple(group[1:]),
        )
    yield met("PATH_CASE_COLLISION", count=len(entries) - len(same))


def _alike(paths: Iterable[str]) -> list[list[str]]:
    listed = list(paths)
    joined = "\n".join(listed)
    if joined.isascii() and len(set(joined.lower().split("\n"))) == len(listed):
        return []  # in a few calls for the whole dataset
    groups: dict[str, list[str]] = {}
    for path in listed:
        groups.setdefault(_folded(path), []).append(path)
    return [sorted(group) for group in groups.values() if len(group) > 1]


def _folded(path: str) -> str:
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", path.casefold())


def _one_folder(group: list[str]) -> bool:
    return len({path.rpartition("/")[0] for path in group}) == 1
