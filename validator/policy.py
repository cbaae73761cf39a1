"""Changes of severity: the profile first, then the records of the dataset; by one function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from ..rules.profiles import Profile, load_profiles
from ..rules.records import Record
from ..rules.spelling import did_you_mean
from ..system.errors import ConfigError
from .accepted import Matcher
from .finding import Finding, Severity

UNWAIVABLE = ("WAIVER_UNUSED", "WAIVER_EXPIRED")
"""Codes that no record changes: a waiver must not waive its own end."""


class Unused(NamedTuple):
    """A record that matches no finding; `changed` if its fault is there with another value."""

    record: Record
    changed: bool


class Expired(NamedTuple):
    """A record whose last day has passed, and the findings that count again since."""

    record: Record
    findings: tuple[Finding, ...]


class Applied(NamedTuple):
    """Findings under a policy, in their order, and what became of its records (so many)."""

    findings: list[Finding]
    unused: tuple[Unused, ...] = ()
    expired: tuple[Expired, ...] = ()
    records: int = 0


def find_profile(name: str) -> Profile:
    """Return a profile by its name.

    Raises
    ------
    ConfigError
        There is none of that name.
    """
    profiles = load_profiles()
    if name not in profiles:
        known = ", ".join(profiles)
        hint = did_you_mean(name, profiles)
        raise ConfigError(f"no profile {name!r}; there are {known}{hint}")
    return profiles[name]


def apply_policy(
    findings: Iterable[Finding], profile: Profile, records: Sequence[Record], today: date
) -> Applied:
    """Give each finding the severity that the profile says, or the last record that matches it.

    Parameters
    ----------
    profile
        One column of the table of rules.
    records
        Those of the dataset: of its baseline, then of its settings.
    today
        Records that ended before it don't apply.
    """
    matcher = Matcher(records, today)
    judged = [_judge(finding, profile, matcher) for finding in findings]
    unused = tuple(Unused(*each) for each in matcher.unused() if each[0].severity != "error")
    expired = tuple(Expired(*each) for each in matcher.expired())
    return Applied(judged, unused, expired, len(records))


def _judge(finding: Finding, profile: Profile, matcher: Matcher) -> Finding:
    own = finding.severity
    level = profile.level(finding.code, finding.rule.partition(".")[0], own.value)
    record = None if finding.code in UNWAIVABLE else matcher.find(finding)
    if record is not None:
        level = record.severity
    if level == own.value:
        return finding
    if record is None:
        record = Record(level, profile.title, source=f"profile {profile.name}")
    policy = _about(record)
    return replace(finding, severity=Severity(level), policy={"severity": own.value, **policy})


def _about(record: Record) -> Mapping[str, str]:
    return {
        "reason": record.reason,
        "by": record.by,
        "issue": record.issue,
        "until": record.until.isoformat() if record.until else "",
        "source": record.source,
    }
