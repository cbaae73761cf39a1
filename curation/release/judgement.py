"""The dataset judged as it will be released, and the report in two forms."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

from ...validator.finding import Severity
from ...validator.options import Options
from ...validator.plan import Plan, write_plan
from ...validator.report.phrases import number
from ...validator.result import Report
from .draft import Draft

PROFILE = "release"
_SHOWN = 20


def judge(folder: Path, commit: str, draft: Draft, plan: Plan, bids: str) -> Report:
    """Validate a commit with the release's own changes, under the profile for releases."""
    from ...validator.run import validate

    with tempfile.TemporaryDirectory(prefix="spinegate-") as place:
        file = Path(place) / "plan.yaml"
        write_plan(plan, file)
        options = Options(folder, ref=commit, profile=PROFILE, with_plan=file, bids=bids)
        report = validate(options)
    # The same release gives the same report, wherever and however fast it is made.
    header = replace(report.header, options={"release": draft.release, "bids": bids})
    return replace(report, header=header, summary=replace(report.summary, seconds=0.0))


def pages(report: Report) -> dict[str, bytes]:
    """Return the report as files of the archive."""
    from ...validator.report.formats import FORMATS

    found = {}
    for form in ("json", "html"):
        stream = StringIO()
        FORMATS[form](report, stream)
        found[f"reports/validation.{form}"] = stream.getvalue().encode()
    return found


def said(report: Report) -> Iterator[str]:
    """Yield the lines that say whether a release may be made."""
    total = report.summary
    yield (
        f"Validation with profile {PROFILE}: {number(total.errors, 'error')}, "
        f"{number(total.warnings, 'warning')}, {total.waived:,} waived in "
        f"{number(total.scans, 'scan')}"
    )
    if not report.failed:
        return
    counts = Counter(f.code for f in report.findings if f.severity is Severity.ERROR)
    for code, count in counts.most_common(_SHOWN):
        yield f"  {count:6,}  {code}"
    if len(counts) > _SHOWN:
        yield f"  and {len(counts) - _SHOWN} rules more"
    yield "Mend or waive them first: spinegate validate --profile release shows each"
