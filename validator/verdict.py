"""What a check says of one unit: the engine stamps severity, rule and origin on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .finding import Outcome, Remedy, Scope, Severity


class Verdict(NamedTuple):
    """The outcome of one check for one unit, or for `count` units that were all met.

    A tuple, not a dataclass: there are tens of thousands of them, and it is made 3 times faster.

    Attributes
    ----------
    code
        The rule's.
    location
        First path of the unit; the others are in `affects`.
    message
        A whole sentence; empty for the rule's own.
    reason
        Why it could not be determined.
    severity, remedy, suggestion, concerns, scope
        Only where they differ from the rule's.
    command
        What to type in the dataset's folder to mend it, where the check knows it best.
    """

    code: str
    outcome: Outcome
    location: str = "."
    site: str = ""
    contrast: str = ""
    message: str = ""
    sub_code: str = ""
    observed: Any = None
    expected: Any = None
    suggestion: str = ""
    fix: Mapping[str, Any] | None = None
    remedy: Remedy | None = None
    severity: Severity | None = None
    affects: tuple[str, ...] = ()
    line: int | None = None
    reason: str = ""
    concerns: tuple[str, ...] | None = None
    scope: Scope | None = None
    count: int = 1  # type: ignore[assignment]  # tuple.count isn't missed here
    command: str = ""


def met(code: str, site: str = "", contrast: str = "", count: int = 1) -> Verdict:
    """Say that a rule was met by so many units."""
    return Verdict(code, Outcome.MET, site=site, contrast=contrast, count=count)


def blind(code: str, reason: str, site: str = "", contrast: str = "", count: int = 1) -> Verdict:
    """Say that a rule could not be determined for so many units, and why."""
    return Verdict(
        code, Outcome.NOT_DETERMINABLE, site=site, contrast=contrast, reason=reason, count=count
    )
