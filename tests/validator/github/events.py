"""Events and reports as a workflow on GitHub finds them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from spinegate.validator.finding import Finding, Origin, Remedy, Scope, Severity
from spinegate.validator.report.stream import write_jsonl
from spinegate.validator.result import Header, Report, make_report

SHA = "0123456789abcdef" * 2 + "01234567"
ORIGIN = Origin("spinegate", "1.0", "spine-generic", "2025")


def write_event(folder: Path, **run: Any) -> Path:
    """Write the event of a finished run; by default of a fork's pull request."""
    told = {
        "id": 30433642,
        "event": "pull_request",
        "status": "completed",
        "conclusion": "failure",
        "head_sha": SHA,
        "head_branch": "fix",
        "head_repository": {"full_name": "someone/dataset", "fork": True},
        "pull_requests": [],
        "html_url": "https://github.com/lab/dataset/actions/runs/30433642",
        **run,
    }
    path = folder / "event.json"
    path.write_text(json.dumps({"action": "completed", "workflow_run": told}))
    return path


def finding(code: str = "A_RULE", site: str = "", **more: Any) -> Finding:
    """Make a finding; hostile text goes into `more`."""
    values: dict[str, Any] = {
        "severity": Severity.ERROR,
        "location": f"sub-{site or 'x'}01/anat/sub-{site or 'x'}01_T1w.json",
        "message": "something is wrong",
        "remedy": Remedy.EDIT,
        **more,
    }
    return Finding(code, origin=ORIGIN, scope=Scope.SCAN, site=site, **values)


def make(*findings: Finding, **more: Any) -> Report:
    """Make a report."""
    sites = {one.site: 2 for one in findings if one.site} | more.pop("sites", {})
    header = Header(more.pop("dataset", "spine-generic"), ORIGIN, options=more.pop("options", {}))
    return make_report(header, findings, sites=sites, files=10, scans=3, seconds=0.5, **more)


def save(report: Report, folder: Path) -> Path:
    """Save a report as the run's artifact."""
    path = folder / "report.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        write_jsonl(report, stream)
    return path
