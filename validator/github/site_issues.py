"""What the issues of a repository should be after a run: a plan, made without the network."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..finding import Finding, Severity, Status
from ..result import Report
from .issue_text import content_of, gone_text, issue_text, title_of

_MARKER = re.compile(r"<!-- spinegate: issue ([0-9a-f]{24}) ([0-9a-f]{24}) -->")
_NONE = "0" * 24  # the content of an issue whose findings are gone
CREATED = 60
"""Issues that one run may open at most: a wrong protocol finds something everywhere."""


class Act(Enum):
    """What is done with an issue."""

    OPEN = "open"
    UPDATE = "update"
    REOPEN = "reopen"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of ours, as it stands.

    Attributes
    ----------
    key, content
        Hashes of the site and of its findings, from the marker in its text.
    dropped
        Whether a person closed it as not planned.
    """

    number: int
    key: str
    content: str
    is_open: bool = True
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One change; number is None for an issue that is to be opened."""

    act: Act
    site: str
    number: int | None = None
    title: str = ""
    body: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in their order, and the sites whose issue has to wait for the next run."""

    steps: tuple[Step, ...]
    waiting: tuple[str, ...] = ()


def read_issue(item: Mapping[str, Any]) -> Issue | None:
    """Read what GitHub says of an issue; None where it isn't one that we keep."""
    match = _MARKER.match(str(item.get("body")))
    number = item.get("number")
    if match is None or type(number) is not int or "pull_request" in item:
        return None
    is_open = item.get("state") != "closed"
    return Issue(number, match[1], match[2], is_open, item.get("state_reason") == "not_planned")


def plan_issues(report: Report, issues: Iterable[Issue], limit: int = CREATED) -> Plan:
    """Plan one issue a site, and one for what belongs to no site.

    What says the same as before is left alone; so is an issue that a person closed, until its
    findings change, and for ever where it was closed as not planned.
    """
    known: dict[str, Issue] = {}
    for issue in sorted(issues, key=lambda issue: (not issue.is_open, issue.number)):
        known.setdefault(issue.key, issue)
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.severity is not Severity.IGNORE and finding.status is not Status.FIXED:
            found.setdefault(finding.site, []).append(finding)
    steps: list[Step] = []
    waiting: list[str] = []
    opened = 0
    for site in sorted(found):
        present = known.pop(_key(site), None)
        if present is None and opened >= limit:
            waiting.append(site)
        elif (step := _step(report, site, found[site], present)) is not None:
            steps.append(step)
            opened += step.act is Act.OPEN
    names = {_key(site): site for site in report.sites}
    for key, issue in sorted(known.items(), key=lambda item: item[1].number):
        if issue.is_open:
            steps.append(_close(report, names.get(key, ""), issue))
    return Plan(tuple(steps), tuple(waiting))


def _step(
    report: Report, site: str, findings: list[Finding], present: Issue | None
) -> Step | None:
    content = content_of(findings)
    if present is not None and (present.content == content or present.dropped):
        return None
    body = issue_text(report, site, findings, _marker(_key(site), content))
    title = title_of(site)
    if present is None:
        return Step(Act.OPEN, site, None, title, body)
    act = Act.UPDATE if present.is_open else Act.REOPEN
    return Step(act, site, present.number, title, body)


def _close(report: Report, site: str, issue: Issue) -> Step:
    """Close an issue; its text forgets the findings, so that they open it again if they return."""
    marker = _marker(issue.key, _NONE)
    text = gone_text(report, site)
    return Step(Act.CLOSE, site, issue.number, body=f"{marker}\n{text}\n", comment=text)


def _key(site: str) -> str:
    return hashlib.sha256(site.encode("utf-8", "backslashreplace")).hexdigest()[:24]


def _marker(key: str, content: str) -> str:
    return f"<!-- spinegate: issue {key} {content} -->"
