"""Check the names of a dataset's files by the official schema, and propose better ones.

Raw files keep to the schema. A derivative under a subject's folder needs a readable name such as
``<source>_label-SC_seg``; what lies in sourcedata/ must only agree with its folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from ..entities import ENTITY_ORDER, HOLE, BidsPath, parse, split_subject
from ..finding import Severity
from .ignore import BidsIgnore
from .repair import FOLDER_MISMATCH, OLD_CONVENTION, OLD_NAMES, WRONG_FOLDER, repair
from .schema import misfits, naming

SEVERITIES: Mapping[str, Severity] = {
    "NAME_NOT_BIDS": Severity.ERROR,
    "NAME_FOLDER_MISMATCH": Severity.ERROR,
    "NAME_WRONG_FOLDER": Severity.ERROR,
    "NAME_OLD_CONVENTION": Severity.WARNING,
}
"""The codes, and how much each weighs."""

_CODES = {
    FOLDER_MISMATCH: "NAME_FOLDER_MISMATCH",
    WRONG_FOLDER: "NAME_WRONG_FOLDER",
    OLD_CONVENTION: "NAME_OLD_CONVENTION",
}
_STAND_IN = "qqQ7qq"
_CHECKED = (".nii.gz", ".nii", ".json", ".bval", ".bvec", ".tsv")
_SHAPES = 4096


@dataclass(frozen=True, slots=True)
class NameFault:
    """A name that breaks the standard or the protocol's convention.

    Attributes
    ----------
    path
        As it is, relative to the dataset.
    code
        A key of `SEVERITIES`.
    message
        One sentence.
    suggestion
        The corrected path; "" where there is none near, or where a file has it already.
    reason
        What is wrong, in words.
    """

    path: str
    code: str
    message: str
    suggestion: str
    reason: str


def check_names(paths: Iterable[str], ignore: BidsIgnore) -> Iterator[NameFault]:
    """Check the paths that .bidsignore does not hide, in their order.

    Parameters
    ----------
    paths
        All files of the dataset, POSIX and relative to it.
    ignore
        How many it hides says ``ignore.count(paths)``.
    """
    listed = list(paths)
    verdicts: dict[str, bool] = {}
    taken: set[str] | None = None
    for path in listed:
        shape, label = split_subject(path)
        known = verdicts.get(shape)
        if known is None:
            if len(verdicts) >= _SHAPES:
                verdicts.clear()
            known = verdicts[shape] = _is_fine(shape)
        if known or ignore.hides(path):
            continue
        fault = diagnose(path, label)
        taken = taken if taken is not None else set(listed)
        if fault.suggestion in taken:
            message = f"{fault.message} But {fault.suggestion} exists already."
            fault = replace(fault, suggestion="", message=message)
        yield fault


def diagnose(path: str, label: str = "") -> NameFault:
    """Say what is wrong with a path and what it should be; `label` is its subject's."""
    shape = _without_label(path, label)
    if _STAND_IN in path or HOLE in path:
        return _diagnose(path)
    found = _diagnose(shape)
    return NameFault(
        path,
        found.code,
        found.message.replace(_STAND_IN, label),
        found.suggestion.replace(_STAND_IN, label),
        found.reason.replace(_STAND_IN, label),
    )


def _is_fine(shape: str) -> bool:
    """Whether files of this shape need no word."""
    first, _, rest = shape.partition("/")
    if first in ("derivatives", "sourcedata") and rest:
        inner = shape.find("/sub-")
        if inner < 0 or (first == "derivatives" and not shape.endswith(_CHECKED)):
            return True
        name = parse(shape.replace(HOLE, _STAND_IN))
        return first == "sourcedata" if name is None else not _disagrees(name)
    return not misfits(shape) and not _old_convention(shape)


def _disagrees(name: BidsPath) -> bool:
    return name.entities.get("sub", "") != name.subject


def _old_convention(shape: str) -> bool:
    """Also a sidecar, which the inheritance principle would let pass."""
    return any(f"_acq-{label}_" in shape and "_MTS." in shape for label in OLD_NAMES)


def _without_label(path: str, label: str) -> str:
    """Put the stand-in for the label wherever it is a word: one answer serves all subjects."""
    rules = naming()
    words = label.lower()
    if not label or words in ENTITY_ORDER or words in rules.datatypes or label in rules.rules:
        return path
    word = re.compile(rf"(?<![0-9A-Za-z+]){re.escape(label)}(?![0-9A-Za-z+])")
    if not word.search(path.rpartition("/")[2]):
        return path
    return word.sub(_STAND_IN, path)


@lru_cache(maxsize=_SHAPES)
def _diagnose(path: str) -> NameFault:
    first = path.split("/", 1)[0]
    name = parse(path)
    if first in ("derivatives", "sourcedata"):
        return _diagnose_lenient(path, name)
    better = repair(path)
    if better is None:
        reason = "; ".join(misfits(path)) or "the name isn't the standard's"
        hint = " A file that belongs here all the same goes into .bidsignore." * ("/" not in path)
        return NameFault(path, "NAME_NOT_BIDS", f"Not a BIDS name: {reason}.{hint}", "", reason)
    reason = "; ".join(better.reasons) or "; ".join(misfits(path))
    code = _CODES.get(reason, "NAME_NOT_BIDS")
    if code == "NAME_OLD_CONVENTION":
        message = f"Old name of the MT series: today it is {better.path}."
    elif code == "NAME_FOLDER_MISMATCH":
        message = f"{FOLDER_MISMATCH}: rename it to {better.path}, or move it."
    elif code == "NAME_WRONG_FOLDER":
        message = f"{WRONG_FOLDER}: it belongs at {better.path}."
    else:
        message = f"Not a BIDS name: {reason}. Perhaps {better.path} is meant."
    return NameFault(path, code, message[0].upper() + message[1:], better.path, reason)


def _diagnose_lenient(path: str, name: BidsPath | None) -> NameFault:
    if name is None:
        reason = "the name can't be read as <source>_<entities>_<suffix>"
        message = f"Not a derivative's name: {reason}, such as sub-x_T1w_label-SC_seg.nii.gz."
        return NameFault(path, "NAME_NOT_BIDS", message, "", reason)
    own = name.entities.get("sub", "")
    folder, _, base = path.rpartition("/")
    better = f"{folder}/{base.replace(f'sub-{own}', f'sub-{name.subject}', 1)}"
    message = f"{FOLDER_MISMATCH}: rename it to {better}, or move it."
    message = message[0].upper() + message[1:]
    return NameFault(path, "NAME_FOLDER_MISMATCH", message, better, FOLDER_MISMATCH)
