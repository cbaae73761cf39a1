"""What became of the findings of a base: new, old and fixed ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from .coverage import Known
from .finding import Finding, Scope, Status


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
        [told for finding in head for told in _tell(finding, known)],
        [
            replace(finding, status=Status.FIXED)
            for finding in before
            if not left.touches(finding) and any(map(remains, finding.paths))
        ],
    )


def _tell(finding: Finding, known: Known) -> Iterator[Finding]:
    """Yield a finding with its status; one of a site in two where some of its files are new."""
    fresh = known.unknown(finding)
    if not fresh:
        yield replace(finding, status=Status.OLD)
    elif finding.scope is not Scope.SITE or len(fresh) == len(finding.paths):
        yield replace(finding, status=Status.NEW)
    else:
        new = set(fresh)
        old = [path for path in finding.paths if path not in new]
        yield _about(replace(finding, status=Status.OLD), old)
        yield _about(replace(finding, status=Status.NEW), fresh)


def _about(finding: Finding, paths: Sequence[str]) -> Finding:
    return replace(finding, location=paths[0], affects=tuple(paths[1:]))


def _renamed(finding: Finding, rename: Callable[[str], str]) -> Finding:
    paths = tuple(map(rename, finding.paths))
    return finding if paths == finding.paths else _about(finding, paths)
