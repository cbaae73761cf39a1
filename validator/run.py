"""One run of `spinegate validate`: load, inspect, report."""

from __future__ import annotations

import time
from collections import Counter

from .. import __version__
from ..protocol_specs.loader import load_spec
from ..rules.loader import load_rules
from ..system.errors import SpinegateError
from .contents import Presence
from .context import Source
from .dataset import Dataset, load_dataset
from .engine import run_rules
from .entities import subject_of
from .finding import Finding, Origin
from .inspection import Inspection
from .ledger import Ledger
from .options import Options
from .policy import apply_policy, find_profile
from .result import Header, Report, Value, VariantUse, make_report
from .selection import check_known, concerning, name_twins, relative, select
from .tree import Tree, open_tree


def validate(options: Options) -> Report:
    """Validate a dataset.

    Raises
    ------
    SpinegateError
        The dataset, the protocol or a rule can't be read, or there is nothing to validate.
    """
    start = time.perf_counter()
    profile = find_profile(options.profile)
    spec = load_spec(options.spec)
    tree = _tree(options)
    dataset = load_dataset(tree, spec)
    if not dataset.scans and not dataset.json and dataset.participants is None:
        raise SpinegateError(
            f"{tree.name} holds neither images (.nii, .nii.gz) nor sidecars (.json): "
            "name the top folder of a BIDS dataset or of converted images "
            "(DICOM files are converted first, by dcm2niix -b y -z y)"
        )
    only = relative(options.dataset, options.only)
    if only:
        check_known(tree, only)
    rules = load_rules()
    if options.bids == "off":
        rules = tuple(rule for rule in rules if rule.check != "names")
    origin = Origin("spinegate", __version__, spec.protocol, spec.version)
    ledger = Ledger([rule for rule in rules if rule.over != "parameter"], origin)
    inspection = Inspection(
        dataset,
        spec,
        headers=options.headers != "off",
        images=options.images != "off",
        source=_remote(options, dataset) if options.headers == "remote" else None,
    )
    values: list[Value] = run_rules(inspection, rules, ledger)
    findings = name_twins(ledger.findings, dataset.entries)
    if options.bids == "full":
        findings = _official(dataset, findings)
    if only:
        findings = concerning(findings, only)
    findings = apply_policy(findings, profile.records)
    return make_report(
        _header(options, dataset, origin),
        findings,
        ledger.counts(),
        values=values,
        variants=_variants(inspection),
        sites=Counter(dataset.sites.values()),
        files=len(dataset.entries),
        scans=len(inspection.raw),
        seconds=round(time.perf_counter() - start, 3),
    )


def _header(options: Options, dataset: Dataset, origin: Origin) -> Header:
    named = dataset.description().get("Name")
    shown = {"ref": options.ref, "participants": list(options.labels), "bids": options.bids}
    return Header(
        named if isinstance(named, str) and named.strip() else dataset.tree.name,
        origin,
        f"{origin.standard} {origin.standard_version}",
        options.profile,
        {"path": dataset.tree.name, **{key: value for key, value in shown.items() if value}},
    )


def _tree(options: Options) -> Tree:
    labels = set(options.labels)
    if options.only:
        labels |= {subject_of(path) for path in relative(options.dataset, options.only)}
        labels.discard("")
    if not labels:
        return open_tree(options.dataset, options.ref)
    wanted = {f"sub-{label}".encode() for label in labels}
    tree = open_tree(
        options.dataset,
        options.ref,
        skip=lambda folder: folder.startswith(b"sub-") and folder not in wanted,
    )
    return select(tree, labels)


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
