"""The names of a dataset, for finding all that is named after an image."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

_TOKEN = re.compile(r"[a-z]+-[0-9A-Za-z+]+")
_SUFFIX = re.compile(r"[A-Za-z][0-9A-Za-z]*")
_TOP = "\U0010ffff"


class Listing:
    """Names sorted, so that those that begin alike lie together."""

    def __init__(self, paths: Iterable[str]) -> None:
        pairs = ((path.rpartition("/")[2], path) for path in paths)
        self._sorted = sorted(pairs)

    def named_after(self, stem: str) -> Iterator[str]:
        """Yield the paths whose name is a stem and more, set apart by a dot or an underscore."""
        for mark in "._":
            start = bisect_left(self._sorted, (stem + mark, ""))
            end = bisect_left(self._sorted, (stem + mark + _TOP, ""))
            yield from (path for _, path in self._sorted[start:end])


def split_name(name: str) -> tuple[str, str]:
    """Split a file's name behind the image that it is named after; "" where it is none.

    >>> split_name("sub-x_T1w_label-SC_seg.nii.gz")
    ('sub-x_T1w', '_label-SC_seg.nii.gz')
    """
    if not name.startswith("sub-"):
        return "", name
    end = 0
    whole = name.partition(".")[0]
    for token in whole.split("_"):
        end += len(token) + 1
        if not _TOKEN.fullmatch(token):
            found = _SUFFIX.fullmatch(token)
            return (name[: end - 1], name[end - 1 :]) if found else ("", name)
    return "", name


def split_place(path: str) -> tuple[str, str]:
    """Split a path before the subject's folder: ("derivatives/labels/", "sub-x/anat/...")."""
    if path.startswith("sub-"):
        return "", path
    at = path.find("/sub-") + 1
    return (path[:at], path[at:]) if at else ("", path)


def is_derived(path: str) -> bool:
    """Whether a file lies in a derivatives folder."""
    return path.startswith("derivatives/") or "/derivatives/" in path
