"""What became of the findings of a base: new, old and fixed ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from .coverage import Known
from .finding import Finding, Status


class Comparison(NamedTuple):
    """The findings of a change: those that it has, new and old, and those that it mended."""

    findings: list[Finding]
    fixed: list[Finding]


def compare(
    base: Iterable[Finding],
    head: Sequence[Finding],
    *,
    rename: Callable[[str], str] = str,
    remains: Callable[[str], bool] = bool,
) -> Comparison:
    """Say of each finding whether the base had it.

    Parameters
    ----------
    base, head
        The findings of both, as the rules gave them: before policy.
    rename
        Returns the new name of a file of the base.
    remains
        Whether the head still has a path: what went with its files was not mended.
    """
    before = [_renamed(finding, rename) for finding in base]
    known, left = Known(before), Known(head)
    return Comparison(
        [
            replace(finding, status=Status.OLD if known.covers(finding) else Status.NEW)
            for finding in head
        ],
        [
            replace(finding, status=Status.FIXED)
            for finding in before
            if not left.touches(finding) and any(map(remains, finding.paths))
        ],
    )


def _renamed(finding: Finding, rename: Callable[[str], str]) -> Finding:
    paths = tuple(map(rename, finding.paths))
    if paths == finding.paths:
        return finding
    return replace(finding, location=paths[0], affects=paths[1:])
