"""One run of `spinegate validate`: load, inspect, compare, apply the policy, report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .. import __version__
from ..protocol_specs.loader import load_spec
from ..protocol_specs.spec import Spec
from ..rules.loader import load_rules
from ..rules.rule import Rule
from ..system.errors import SpinegateError
from .changes import Changes, find_changes
from .compare import Comparison, compare
from .contents import Presence
from .context import Source
from .dataset import Dataset, load_dataset
from .engine import run_rules
from .finding import Finding, Origin
from .inspection import Inspection
from .ledger import Ledger
from .options import Options
from .policy import apply_policy, find_profile
from .result import Header, Report, Value, VariantUse, make_report
from .revisions import open_revisions
from .selection import check_known, concerning, name_twins, relative
from .shared import Shared


class Judge(NamedTuple):
    """What a dataset is judged by: the same for both trees of a comparison."""

    options: Options
    spec: Spec
    rules: Sequence[Rule]
    origin: Origin


class Judged(NamedTuple):
    """One dataset and what the rules say of it."""

    inspection: Inspection
    ledger: Ledger
    values: list[Value]
    findings: list[Finding]


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
    profile = find_profile(options.profile or "strict")
    judge = _judge(options)
    dataset = load_dataset(revisions.head, judge.spec, shared)
    _refuse_nothing(dataset)
    only = relative(options.dataset, options.only)
    if only:
        check_known(revisions.head, only)
    if revisions.base is None:
        judged = _inspect(judge, dataset)
        findings, fixed = Comparison(judged.findings, [])
    else:
        changes = find_changes(load_dataset(revisions.base, judge.spec, shared), dataset)
        judged = _inspect(judge, dataset, changes)
        findings, fixed = _compare(judge, judged, changes)
    findings = apply_policy(findings, profile.records)
    findings = name_twins(findings, dataset.entries)
    if only:
        findings, fixed = concerning(findings, only), concerning(fixed, only)
    return make_report(
        _header(judge, dataset, profile.name),
        findings,
        judged.ledger.counts(),
        fixed=fixed,
        values=judged.values,
        variants=_variants(judged.inspection),
        sites=Counter(dataset.sites.values()),
        files=len(dataset.entries),
        scans=len(judged.inspection.raw),
        seconds=round(time.perf_counter() - start, 3),
    )


def _judge(options: Options) -> Judge:
    spec = load_spec(options.spec or "spine-generic")
    rules = load_rules()
    if options.bids == "off":
        rules = tuple(rule for rule in rules if rule.check != "names")
    return Judge(
        options, spec, rules, Origin("spinegate", __version__, spec.protocol, spec.version)
    )


def _refuse_nothing(dataset: Dataset) -> None:
    if not dataset.scans and not dataset.json and dataset.participants is None:
        raise SpinegateError(
            f"{dataset.tree.name} holds neither images (.nii, .nii.gz) nor sidecars (.json): "
            "name the top folder of a BIDS dataset or of converted images "
            "(DICOM files are converted first, by dcm2niix -b y -z y)"
        )


def _inspect(judge: Judge, dataset: Dataset, changes: Changes | None = None) -> Judged:
    options = judge.options
    ledger = Ledger([rule for rule in judge.rules if rule.over != "parameter"], judge.origin)
    inspection = Inspection(
        dataset,
        judge.spec,
        headers=options.headers != "off",
        images=options.images != "off",
        source=_remote(options, dataset) if options.headers == "remote" else None,
        changes=changes,
    )
    values = run_rules(inspection, judge.rules, ledger)
    findings = ledger.findings
    if options.bids == "full":
        findings = _official(dataset, findings)
    return Judged(inspection, ledger, values, findings)


def _compare(judge: Judge, judged: Judged, changes: Changes) -> Comparison:
    """Tell new findings from old ones, and leave out what merely follows from a change."""
    before = _inspect(judge, changes.base)
    entries = changes.head.entries
    findings, fixed = compare(
        before.findings,
        judged.findings,
        rename=changes.translate,
        remains=lambda path: path in entries,
    )
    return Comparison(findings, fixed)


def _header(judge: Judge, dataset: Dataset, profile: str) -> Header:
    options = judge.options
    named = dataset.description().get("Name")
    shown: Mapping[str, Any] = {
        "ref": options.ref,
        "participants": list(options.labels),
        "bids": options.bids,
    }
    return Header(
        named if isinstance(named, str) and named.strip() else dataset.tree.name,
        judge.origin,
        f"{judge.origin.standard} {judge.origin.standard_version}",
        profile,
        {"path": dataset.tree.name, **{key: value for key, value in shown.items() if value}},
        options.base or "",
    )


def _remote(options: Options, dataset: Dataset) -> Source:
    """Read the headers that aren't here from the remotes that the git-annex branch names."""
    from .remote.cache import default_folder
    from .remote.headers import RemoteOptions, find_places, read_remote
    from .remote.progress import Progress

    private = options.private_remotes
    places = find_places(dataset.tree, dataset.scans, plain=private)
    settings = RemoteOptions(allow_private=private, cache=default_folder(), progress=Progress())
    return read_remote(dataset.scans, places, settings)


def _official(dataset: Dataset, findings: list[Finding]) -> list[Finding]:
    from .bids.merge import merge
    from .bids.official import run_official

    if dataset.tree.folder is None:
        raise SpinegateError("--bids full needs a folder")
    absent = {scan.path for scan in dataset.scans if scan.content.presence is not Presence.PRESENT}
    return merge(findings, run_official(dataset.tree.folder, absent))


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
