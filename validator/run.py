"""One run of `spinegate validate`: load, inspect, compare, apply the policy, report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..system.errors import SpinegateError
from .absorb import absorb
from .bids.merge import gather
from .changes import Changes, find_changes
from .commands import WITH_BASE, command_of
from .compare import Comparison, compare
from .dataset import Dataset, load_dataset
from .finding import Finding, Severity, Status
from .inspection import Inspection
from .judge import Judge, Judged, inspect, make_judge, mended, soften
from .options import Options
from .remote.reading import start_reading
from .result import Header, Report, VariantUse, make_report
from .revisions import open_revisions
from .selection import check_known, concerning, name_twins, relative
from .shared import Shared


def validate(options: Options) -> Report:
    """Validate a dataset.

    Raises
    ------
    SpinegateError
        The dataset, the protocol or a rule can't be read, or there is nothing to validate.
    """
    start = time.perf_counter()
    shared = Shared()
    revisions = open_revisions(options, shared.blobs)
    annex = revisions.head.annex
    knowledge = start_reading(annex, options.base) if annex is not None else None
    judge = make_judge(options, revisions, knowledge)
    dataset = load_dataset(revisions.head, judge.spec, shared)
    _refuse_nothing(dataset)
    only = relative(options.dataset, options.only)
    if only:
        check_known(revisions.head, only)
    changes = None
    if revisions.base is None:
        judged = inspect(judge, dataset)
        findings, fixed = Comparison(judged.findings, [])
    else:
        base = load_dataset(revisions.base, judge.spec, shared)
        changes = find_changes(base, dataset, judge.settings.files)
        judged = inspect(judge, dataset, changes)
        findings, fixed = _compare(judge, judged, changes)
    findings = soften(judge, findings, changes)
    if options.bids == "full":
        findings, fixed = gather(findings), gather(fixed)
    findings = name_twins(_with_commands(judge, findings, dataset), dataset.entries)
    if only:
        findings, fixed = concerning(findings, only), concerning(fixed, only)
    return make_report(
        _header(judge, dataset),
        findings,
        judged.counts,
        fixed=fixed,
        values=judged.values,
        variants=_variants(judged.inspection),
        sites=Counter(dataset.sites.values()),
        files=len(dataset.entries),
        scans=len(judged.inspection.raw),
        seconds=round(time.perf_counter() - start, 3),
    )


def _refuse_nothing(dataset: Dataset) -> None:
    if not dataset.scans and not dataset.json and dataset.participants is None:
        raise SpinegateError(
            f"{dataset.tree.name} holds neither images (.nii, .nii.gz) nor sidecars (.json): "
            "name the top folder of a BIDS dataset or of converted images "
            "(DICOM files are converted first, by dcm2niix -b y -z y)"
        )


def _compare(judge: Judge, judged: Judged, changes: Changes) -> Comparison:
    """Tell new findings from old ones, and leave out what merely follows from a change."""
    before = inspect(judge, changes.base)
    entries = changes.head.entries
    findings, fixed = compare(
        name_twins(before.findings, changes.base.entries),
        name_twins(judged.findings, entries),
        rename=changes.translate,
        remains=lambda path: path in entries,
    )
    return Comparison(absorb(findings, judge.rules), mended(judge, fixed))


def _with_commands(judge: Judge, findings: Sequence[Finding], dataset: Dataset) -> list[Finding]:
    """Give each finding that counts the command that mends it."""
    base, repository = judge.options.base or "", dataset.tree.annex is not None
    return [
        finding
        if finding.status is Status.OLD or finding.severity is Severity.IGNORE
        else replace(
            finding, command=command_of(_what_to_mend(finding, dataset), base, repository)
        )
        for finding in findings
    ]


def _what_to_mend(finding: Finding, dataset: Dataset) -> Finding:
    """Of what a change took away leave out what it left behind: that needs no bringing back."""
    if finding.code not in WITH_BASE:
        return finding
    gone = [path for path in finding.paths if path not in dataset.entries]
    return replace(finding, location=gone[0], affects=tuple(gone[1:])) if gone else finding


def _header(judge: Judge, dataset: Dataset) -> Header:
    options = judge.options
    named = dataset.description().get("Name")
    shown: Mapping[str, Any] = {
        "ref": options.ref,
        "participants": list(options.labels),
        "only": list(options.only),
        "bids": options.bids,
        "plan": options.with_plan and str(options.with_plan),
    }
    return Header(
        named if isinstance(named, str) and named.strip() else dataset.tree.name,
        judge.origin,
        f"{judge.origin.standard} {judge.origin.standard_version}",
        judge.profile.name,
        {"path": dataset.tree.name, **{key: value for key, value in shown.items() if value}},
        options.base or "",
    )


def _variants(inspection: Inspection) -> list[VariantUse]:
    """Say by which variant each participant was judged; several where the scanner changed."""
    uses: dict[tuple[str, str], VariantUse] = {}
    for scan in inspection.raw:
        if scan.contrast is not None:
            match = inspection.match(scan)
            name = match.variant.name if match.variant else ""
            who = f"sub-{scan.subject}" if scan.subject else ""
            uses.setdefault((who, name), VariantUse(who, scan.site, name, match.reason))
    return list(uses.values())
