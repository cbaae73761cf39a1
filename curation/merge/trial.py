"""A contribution validated in a repository that is thrown away, before anything is changed."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

from ...system.git import find_common
from ...validator.annex import object_paths
from ...validator.finding import Severity, Status
from ...validator.options import Options
from ...validator.result import Report
from .build import open_scratch
from .contribution import Piece
from .plan import MergePlan, build


def try_out(repository: Path, work: Path, plan: MergePlan, spec: str | None) -> Report:
    """Validate what would be offered, in a repository that is thrown away."""
    from ...validator.run import validate

    scratch = open_scratch(repository, work)
    commit = build(scratch, work, plan)
    for piece in plan.contribution.pieces:
        if piece.key:
            _lend(scratch, repository, piece)
    return validate(Options(scratch, ref=commit, base=plan.base, profile="incoming", spec=spec))


def _lend(scratch: Path, repository: Path, piece: Piece) -> None:
    """Let the scratch repository have an image's content, so that its header can be read."""
    source = piece.source
    if source is None:
        places = object_paths(find_common(repository), piece.key)
        source = next((place for place in places if place.is_file()), None)
    if source is None:
        return
    target = object_paths(scratch, piece.key)[0]
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        real = source.resolve()
        try:
            target.hardlink_to(real)
        except OSError:  # on another disk
            shutil.copyfile(real, target)


def tells_of_people(report: Report) -> str:
    """Return the first file that tells of a person: what was pushed can't be taken back."""
    found = (
        finding.location
        for finding in report.findings
        if finding.code == "SIDECAR_IDENTIFIES_PERSON" and finding.status is not Status.OLD
    )
    return next(found, "")


def new_errors(report: Report) -> Counter[str]:
    """Count the errors that a contribution brings, by what is to be done about them."""
    return Counter(
        finding.remedy.value if finding.remedy else "look"
        for finding in report.findings
        if finding.severity is Severity.ERROR and finding.status is not Status.OLD
    )
