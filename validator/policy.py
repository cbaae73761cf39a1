"""Changes of severity: one kind of record, applied by one function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from ..rules.profiles import Profile, load_profiles
from ..rules.spelling import did_you_mean
from ..system.errors import ConfigError
from .finding import Finding, Severity


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
    findings: Iterable[Finding], records: Sequence[Mapping[str, str]]
) -> list[Finding]:
    """Give each finding the severity of the last record that matches it.

    Parameters
    ----------
    records
        What a finding must match (`code`, `group`, `location`, `site`, `parameter`: patterns
        with ``*``; all that are named), and the `severity` it gets.
    """
    return [_judge(finding, records) for finding in findings] if records else list(findings)


def _judge(finding: Finding, records: Sequence[Mapping[str, str]]) -> Finding:
    facts = {
        "code": finding.code,
        "group": finding.rule.partition(".")[0],
        "location": finding.location,
        "site": finding.site,
        "parameter": finding.sub_code,
    }
    for record in reversed(records):
        if all(fnmatchcase(facts[key], record[key]) for key in facts if key in record):
            return replace(finding, severity=Severity(record["severity"]))
    return finding
