"""What one run of the validator has found: the value that every report format renders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .finding import Finding, Origin, Outcome, Severity, Status


class Value(NamedTuple):
    """One parameter of one scan, judged.

    A tuple, not a dataclass: there are tens of thousands of them, and it is made 3 times faster.

    Attributes
    ----------
    path, parameter, observed, target
        Which file, which parameter, what is there and what the protocol says (JSON values).
    tolerance
        In words, with its unit, as people read it: ``± 5 %``.
    unit
        Of observed and target; empty where there is none.
    low, high
        From where to where a number is accepted; None where there is no end, or no number.
    excused
        Whether it agrees with the version of the protocol that was in force on its day, only.
    """

    path: str
    parameter: str
    observed: Any
    target: Any
    tolerance: str
    outcome: Outcome
    site: str = ""
    contrast: str = ""
    variant: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    excused: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {**self._asdict(), "outcome": self.outcome.value}


class Tally(NamedTuple):
    """How often a rule was met, not met, and not determinable."""

    met: int = 0
    not_met: int = 0
    not_determinable: int = 0

    @property
    def total(self) -> int:
        """All units to which the rule applied."""
        return self.met + self.not_met + self.not_determinable


@dataclass(frozen=True, slots=True)
class RuleCount:
    """The outcomes of one rule.

    Attributes
    ----------
    concerns
        The metrics that a failure puts in doubt.
    title, why
        What the rule asks and why it matters: a line each, for people.
    breakdown
        (site, contrast) -> outcomes; either may be empty.
    reasons
        Why it could not be determined -> how often: "no ShimSetting in the sidecar".
    source
        Where the rule comes from: a standard, a paper, a protocol.
    """

    code: str
    met: int = 0
    not_met: int = 0
    not_determinable: int = 0
    concerns: tuple[str, ...] = ()
    title: str = ""
    why: str = ""
    breakdown: Mapping[tuple[str, str], Tally] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the keys that the json report promises."""
        return {
            "code": self.code,
            "met": self.met,
            "not_met": self.not_met,
            "not_determinable": self.not_determinable,
            "concerns": list(self.concerns),
        }

    def to_record(self) -> dict[str, Any]:
        """Return all of it, for the stream."""
        rows = [
            {"site": site, "contrast": contrast, **Tally(*tally)._asdict()}
            for (site, contrast), tally in sorted(self.breakdown.items())
        ]
        more = {"title": self.title, "why": self.why, "source": self.source, "breakdown": rows}
        return {**self.to_json(), **more, "reasons": dict(self.reasons)}


@dataclass(frozen=True, slots=True)
class VariantUse:
    """The variant of the protocol by which a participant was judged ('' for none), and why."""

    participant: str
    site: str
    variant: str
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "participant": self.participant,
            "site": self.site,
            "variant": self.variant,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Header:
    """What was validated, by whom, against what, and how.

    Attributes
    ----------
    base
        The commit that the dataset was compared with, as the user named it; "" without one.
    """

    dataset: str
    origin: Origin
    protocol: str = ""
    profile: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    base: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "dataset": self.dataset,
            "origin": self.origin.to_json(),
            "protocol": self.protocol,
            "profile": self.profile,
            "options": dict(self.options),
            "base": self.base,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of the last line.

    Attributes
    ----------
    errors, warnings
        With a base only the new ones; they alone decide whether the command fails.
    waived
        Findings that a record of the policy set to `ignore`.
    old, fixed
        Errors and warnings that the base had already, and those that it had and that are gone.
    """

    errors: int = 0
    warnings: int = 0
    waived: int = 0
    files: int = 0
    scans: int = 0
    seconds: float = 0.0
    old: int = 0
    fixed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "errors": self.errors,
            "warnings": self.warnings,
            "waived": self.waived,
            "files": self.files,
            "scans": self.scans,
            "seconds": self.seconds,
            "old": self.old,
            "fixed": self.fixed,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """One run, whole; make it with `make_report`, which sorts and counts.

    Attributes
    ----------
    fixed
        Findings of the base that are gone.
    sites
        Site -> number of its participants.
    """

    header: Header
    findings: tuple[Finding, ...] = ()
    fixed: tuple[Finding, ...] = ()
    rules: tuple[RuleCount, ...] = ()
    values: tuple[Value, ...] = ()
    variants: tuple[VariantUse, ...] = ()
    sites: Mapping[str, int] = field(default_factory=dict)
    summary: Summary = field(default_factory=Summary)

    @property
    def failed(self) -> bool:
        """Whether the command must end with exit status 1."""
        return self.summary.errors > 0

    def to_json(self) -> dict[str, Any]:
        """Return the json report: one object."""
        return {
            "dataset": self.header.dataset,
            "origin": self.header.origin.to_json(),
            "base": self.header.base,
            "findings": [finding.to_json() for finding in self.findings],
            "fixed": [finding.to_json() for finding in self.fixed],
            "rules": [rule.to_json() for rule in self.rules],
            "summary": self.summary.to_json(),
        }


def make_report(
    header: Header,
    findings: Sequence[Finding],
    rules: Sequence[RuleCount] = (),
    *,
    fixed: Sequence[Finding] = (),
    values: Sequence[Value] = (),
    variants: Sequence[VariantUse] = (),
    sites: Mapping[str, int] | None = None,
    files: int = 0,
    scans: int = 0,
    seconds: float = 0.0,
) -> Report:
    """Put a report together: findings sorted by location, then code; rules by code; counted.

    A finding of severity `ignore` counts as waived.
    """
    old = [finding for finding in findings if finding.status is Status.OLD]
    levels = [finding.severity for finding in findings]
    before = [finding.severity for finding in old]
    summary = Summary(
        levels.count(Severity.ERROR) - before.count(Severity.ERROR),
        levels.count(Severity.WARNING) - before.count(Severity.WARNING),
        levels.count(Severity.IGNORE),
        files,
        scans,
        seconds,
        len(old) - before.count(Severity.IGNORE),
        len(fixed),
    )
    return Report(
        header,
        tuple(sorted(findings, key=lambda finding: finding.order)),
        tuple(sorted(fixed, key=lambda finding: finding.order)),
        tuple(sorted(rules, key=lambda rule: rule.code)),
        tuple(values),
        tuple(sorted(variants, key=lambda use: (use.participant, use.variant))),
        dict(sorted((sites or {}).items())),
        summary,
    )
