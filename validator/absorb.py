"""Findings that are a mere consequence of another one are left out of a change's report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..rules.rule import Rule
from .entities import subject_of
from .finding import Finding, Scope, Status

_TABLE = "participants.tsv"


def absorb(findings: Sequence[Finding], rules: Iterable[Rule]) -> list[Finding]:
    """Drop the new findings that a cause among them has said already.

    Parameters
    ----------
    findings
        Of one change, compared with the base.
    rules
        Say by ``absorbs`` which codes are consequences of theirs.

    Notes
    -----
    A consequence goes if all its paths are paths of the cause, or if it speaks of the
    participant of the cause as a whole, and of the same contrast.
    """
    absorbs = {rule.code: frozenset(rule.absorbs) for rule in rules if rule.absorbs}
    causes = [finding for finding in findings if finding.code in absorbs]
    if not causes:
        return list(findings)
    places: dict[str, list[tuple[Finding, frozenset[str]]]] = {}
    owners: dict[str, list[Finding]] = {}
    for cause in causes:
        paths = frozenset(cause.paths)
        for path in paths:
            places.setdefault(path, []).append((cause, paths))
        if cause.scope is not Scope.SITE and (who := _owner(cause.location)):
            owners.setdefault(who, []).append(cause)
    return [f for f in findings if not _is_absorbed(f, absorbs, places, owners)]


def _is_absorbed(
    finding: Finding,
    absorbs: Mapping[str, frozenset[str]],
    places: Mapping[str, list[tuple[Finding, frozenset[str]]]],
    owners: Mapping[str, list[Finding]],
) -> bool:
    if finding.status is not Status.NEW:
        return False
    for cause, paths in places.get(finding.location, ()):
        if finding.code in absorbs[cause.code] and paths.issuperset(finding.paths):
            return True
    who = _whole(finding)
    return bool(who) and any(
        finding.code in absorbs[cause.code]
        and (cause.contrast == finding.contrast or cause.scope is Scope.SUBJECT)
        for cause in owners.get(who, ())
    )


def _owner(path: str) -> str:
    """Return the folder of the participant whose file or folder this is."""
    label = subject_of(f"{path}/")
    return f"sub-{label}" if label else path.rpartition("/")[0]


def _whole(finding: Finding) -> str:
    """Return the participant of whom a finding speaks as a whole; "" where it does of files."""
    if finding.scope is not Scope.SUBJECT:
        return ""
    named = finding.sub_code if finding.location == _TABLE else finding.location
    return _owner(named) if named.startswith("sub-") else named
