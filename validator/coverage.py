"""Whether a finding says something that was not known before.

A finding may speak of many files, and it changes its shape when one of them is mended: a fault of
a whole site becomes one of each scan that is left. So findings are compared file by file, never by
their messages; and the same fault with another value is another fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .finding import Finding, Scope

_Place = tuple[str, str, str]
_ONE = (Scope.SCAN, Scope.FILE)


class Known:
    """Findings that are known, by what they are about and file by file."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._found: dict[_Place, list[Finding]] = {}
        for finding in findings:
            for place in _places(finding):
                self._found.setdefault(place, []).append(finding)

    def unknown(self, finding: Finding) -> list[str]:
        """Return the files that a finding speaks of and that weren't known to have this fault."""
        agreed: dict[int, bool] = {}

        def holds(known: Finding) -> bool:
            if id(known) not in agreed:
                agreed[id(known)] = agree(known, finding)
            return agreed[id(known)]

        return [
            place[2]
            for place in _places(finding)
            if not any(map(holds, self._found.get(place, ())))
        ]

    def touches(self, finding: Finding) -> bool:
        """Whether any file that a finding speaks of has this fault, whatever its value."""
        return any(place in self._found for place in _places(finding))


def agree(known: Finding, finding: Finding) -> bool:
    """Whether two findings of one fault, which share a file, say the same of it.

    Where they speak of the same files, what was observed must be equal. Where they don't, some
    files were mended, added or taken away: counts and lists differ then, and only the value of
    one file can be compared.
    """
    if set(known.paths) == set(finding.paths):
        return same(known.observed, finding.observed)
    alone = known if len(_files(known)) == 1 else finding
    if len(_files(alone)) > 1 or alone.scope not in _ONE:
        return True
    return not (_is_value(known.observed) and _is_value(finding.observed)) or same(
        known.observed, finding.observed
    )


def same(one: Any, other: Any) -> bool:
    """Whether two observed values are equal as JSON: 1 is 1.0, NaN is itself, true is not 1."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other) or (one != one and other != other)  # noqa: PLR0124


def _files(finding: Finding) -> set[str]:
    """Return what a finding speaks of; an image and the raw one under sourcedata/ are one."""
    return {path.removeprefix("sourcedata/") for path in finding.paths}


def _is_value(observed: Any) -> bool:
    """Whether it is a value as a file holds it: texts also count files, and lists differ."""
    return isinstance(observed, int | float | list | tuple)


def _places(finding: Finding) -> list[_Place]:
    return [(finding.code, finding.sub_code, path) for path in finding.paths]
