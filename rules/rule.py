"""A rule: when it applies, what must hold, and everything a person needs to know about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .language import Check, Context, Expression
from .outcome import Outcome

SCOPES = ("dataset", "site", "subject", "session", "series", "scan", "file")
OVERS = ("", "subject", "session", "series", "scan", "file", "parameter")
LEVELS = ("error", "warning")
REMEDIES = ("rename", "edit", "reconvert", "reacquire", "waive")
METRICS = (
    "csa_t1",
    "csa_t2",
    "csa_gm",
    "csa_t2s",
    "mtr",
    "mtsat",
    "t1",
    "dti_fa",
    "dti_md",
    "dti_rd",
)
FIX_OPERATIONS = ("set", "remove", "rename")
PLACEHOLDERS = frozenset(
    (
        "affected",
        "contrast",
        "count",
        "expected",
        "manufacturer",
        "model",
        "observed",
        "parameter",
        "path",
        "protocol",
        "series",
        "session",
        "site",
        "subject",
        "suffix",
        "total",
        "unit",
        "variant",
    )
)


@dataclass(frozen=True, slots=True)
class Fix:
    """What curation can do itself: set, remove or rename a key (or the file, without a key)."""

    op: str
    key: str = ""
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes
    ----------
    scope
        The unit that gets one finding.
    over
        What is evaluated within that unit, where it is smaller: ``scope: site, over: scan``
        gives one finding per site for all scans that do not meet the rule.
    dispatch
        For suffix, contrast, datatype, stage, extension: the only values with which the rule
        can apply; a key that is absent may have any value.
    applies
        Whether all selectors are true in a context.
    check
        The module of validator/checks that holds the logic, where expressions can't say it.
    absorbs
        Codes whose new findings are dropped where they only say what this rule's finding says.
    """

    code: str
    group: str
    scope: str
    level: str
    message: str
    why: str
    source: str
    title: str = ""
    over: str = ""
    selectors: tuple[str, ...] = ()
    dispatch: Mapping[str, frozenset[str]] = field(default_factory=dict)
    applies: Callable[[Context], bool] = field(default=lambda _: True, repr=False, compare=False)
    checks: tuple[Check, ...] = ()
    observed: Expression | None = None
    expected: Expression | None = None
    suggestion: str = ""
    remedy: str = ""
    fix: Fix | None = None
    concerns: tuple[str, ...] = ()
    examples: Mapping[str, Any] = field(default_factory=dict)
    check: str = ""
    absorbs: tuple[str, ...] = ()
    file: str = ""
    line: int = 1

    @property
    def name(self) -> str:
        """The rule's place, as the BIDS schema names its own: ``rules.sidecars.CODE``."""
        return f"rules.{self.group}.{self.code}"

    def evaluate(self, context: Context) -> Outcome:
        """Return the outcome of all checks: not met if one is not, else what can't be told."""
        outcome = Outcome.MET
        for check in self.checks:
            found = check.evaluate(context)
            if found is Outcome.NOT_MET:
                return found
            if found is Outcome.NOT_DETERMINABLE:
                outcome = found
        return outcome


def render(template: str, values: Mapping[str, Any]) -> str:
    """Fill a message's placeholders; numbers are rounded to six digits, null is ``n/a``."""
    return template.format_map({name: _text(values.get(name)) for name in PLACEHOLDERS})


def _text(value: Any) -> str:
    if value is None:
        return "n/a"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return str(value)
