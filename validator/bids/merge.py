"""One report out of our findings and the official validator's: nothing is said twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..finding import Finding, Scope, Severity
from ..result import RuleCount, Tally
from .issues import TOOL, OfficialReport, is_about_name

_NOT_HERE = "the image's content is not here"

SAME: Mapping[str, tuple[str, ...]] = {
    "JSON_INVALID": ("SIDECAR_NOT_JSON", "SIDECAR_NOT_A_NUMBER", "SIDECAR_TOO_DEEP"),
    "JSON_NOT_AN_OBJECT": ("SIDECAR_NOT_OBJECT",),
    "INVALID_JSON_ENCODING": ("SIDECAR_NOT_UTF8", "SIDECAR_NOT_JSON"),
    "PARTICIPANT_ID_MISMATCH": ("PARTICIPANT_",),
    "MISSING_DATASET_DESCRIPTION": ("DATASET_DESCRIPTION_",),
    "JSON_SCHEMA_VALIDATION_ERROR": ("SIDECAR_TYPE_WRONG",),
    "SIDECAR_WITHOUT_DATAFILE": ("SIDECAR_WITHOUT_IMAGE", "NAME_"),
    "SIDECAR_KEY_REQUIRED": ("SIDECAR_KEY_MISSING", "SIDECAR_MISSING"),
    "SIDECAR_KEY_RECOMMENDED": ("SIDECAR_KEY_MISSING", "SIDECAR_MISSING"),
}
"""An official code, and how ours for the same fault begin; the same code is the same always."""

_SOURCE = "sourcedata/"  # the official validator sees only what was made from the images there


def merge(
    ours: Iterable[Finding],
    official: OfficialReport,
    same: Mapping[str, tuple[str, ...]] = SAME,
) -> list[Finding]:
    """Join both validators' findings, sorted by location and code.

    What `join` and `gather` do, one after the other.
    """
    return gather(join(ours, official, same))


def join(
    ours: Iterable[Finding],
    official: OfficialReport,
    same: Mapping[str, tuple[str, ...]] = SAME,
) -> list[Finding]:
    """Put the official findings, each at its place, beside ours; sorted by location and code.

    An official finding goes where ours says the same of the same place: the same code, one that
    `same` names, or any NAME_ code for what is wrong with a name.
    """
    own = list(ours)
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in _unsaid(own, official, same):
        groups.setdefault((finding.code, finding.sub_code, finding.location), []).append(finding)
    once = [group[0] if len(group) == 1 else _at_one_place(group) for group in groups.values()]
    return sorted([*own, *once], key=lambda finding: finding.order)


def gather(findings: Iterable[Finding]) -> list[Finding]:
    """Make one finding of the dataset of each official warning that stands at many places.

    A key that BIDS recommends is missing in thousands of files. Each of them is compared with the
    base and waived for itself; only then they are gathered, those alike in that together.
    """
    kept: list[Finding] = []
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for finding in findings:
        if finding.origin.validator != TOOL or finding.severity is Severity.ERROR:
            kept.append(finding)
            continue
        policy = tuple(sorted((finding.policy or {}).items()))
        key = (finding.code, finding.sub_code, finding.severity, finding.status, policy)
        groups.setdefault(key, []).append(finding)
    kept += [group[0] if len(group) == 1 else _at_many(group) for group in groups.values()]
    return sorted(kept, key=lambda finding: finding.order)


def count(
    ours: Iterable[Finding],
    official: OfficialReport,
    same: Mapping[str, tuple[str, ...]] = SAME,
) -> list[RuleCount]:
    """Count the outcomes of the official rules, those left out that count for ours as well.

    How often a rule was met the official validator doesn't tell: that number is 0.
    """
    own = list(ours)
    failed = Counter(finding.code for finding in _unsaid(own, official, same))
    blind = official.undetermined
    codes = {*failed, *blind} - {finding.code for finding in own}
    return [
        _rule_count(code, failed[code], blind.get(code, 0), official) for code in sorted(codes)
    ]


def _rule_count(code: str, failed: int, blind: int, official: OfficialReport) -> RuleCount:
    origin = official.origin
    return RuleCount(
        code,
        not_met=failed,
        not_determinable=blind,
        title=official.titles.get(code) or code.replace("_", " ").capitalize(),
        source=f"BIDS schema {origin.standard_version}, judged by {TOOL} {origin.version}",
        breakdown={("", ""): Tally(0, failed, blind)},
        reasons={_NOT_HERE: blind} if blind else {},
    )


def _unsaid(
    own: Iterable[Finding], official: OfficialReport, same: Mapping[str, tuple[str, ...]]
) -> list[Finding]:
    """Return the official findings that ours don't say already."""
    said: dict[str, set[tuple[str, str]]] = {}
    for finding in own:
        for place in finding.paths:
            what = (finding.code, finding.sub_code)
            said.setdefault(place.removeprefix(_SOURCE), set()).add(what)
    return [
        finding
        for finding in official.findings
        if not any(_is_same(finding, *what, same) for what in said.get(finding.location, ()))
    ]


def _is_same(
    official: Finding, code: str, sub_code: str, same: Mapping[str, tuple[str, ...]]
) -> bool:
    if code.startswith("NAME_") and is_about_name(official.code):
        return True
    if sub_code and official.sub_code and sub_code != official.sub_code:
        return False
    return code == official.code or code.startswith(same.get(official.code, ()))


def _at_one_place(group: list[Finding]) -> Finding:
    paths = dict.fromkeys(path for one in group for path in one.affects)
    return replace(group[0], affects=tuple(paths))


def _at_many(group: list[Finding]) -> Finding:
    paths = dict.fromkeys(path for one in group for path in one.paths)
    first = group[0]
    return replace(
        first,
        location=".",
        scope=Scope.DATASET,
        message=f"{first.message} ({len(group)} files)",
        affects=tuple(paths),
        line=None,
    )
