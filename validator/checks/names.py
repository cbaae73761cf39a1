"""Names by the official BIDS schema; and what .bidsignore keeps from being judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ..bids.ignore import BidsIgnore
from ..bids.names import SEVERITIES, NameFault, check_names
from ..bids.schema import misfits
from ..dataset import Dataset, Scan, Stage
from ..entities import split_subject
from ..finding import Outcome
from ..inspection import Inspection
from ..recognise import suggested_name
from ..verdict import Verdict, blind, met
from .places import listed, shortened

NOT_BIDS, HIDES = "NAME_NOT_BIDS", "BIDSIGNORE_HIDES_SCANS"
FILE = ".bidsignore"
_FOREIGN = ("localizer", "other")
_EXISTS = "exists already"


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield one finding per file whose name has to change, and one per hiding pattern."""
    dataset = inspection.dataset
    if dataset.bare:
        return
    text = (dataset.read(FILE) or b"").decode("utf-8", "replace")
    ignore = BidsIgnore.parse(text)
    broken = Counter[str]()
    for fault in check_names(dataset.entries, ignore):
        broken[fault.code] += 1
        yield _verdict(dataset, fault)
    hidden = _count_hidden(dataset, ignore) if text else 0
    if hidden:
        yield blind(NOT_BIDS, f"{FILE} hides the file", count=hidden)
    judged = len(dataset.entries) - hidden
    for code in SEVERITIES:
        yield met(code, count=judged - broken[code])
    yield from _check_ignored(dataset, ignore, text)


def _verdict(dataset: Dataset, fault: NameFault) -> Verdict:
    label = split_subject(fault.path)[1]
    scan = dataset.by_path.get(fault.path)
    message, better = fault.message, fault.suggestion
    if scan and scan.recognised and scan.contrast not in (None, *_FOREIGN):
        message += f" It looks like {scan.contrast}: {'; '.join(scan.recognised.reasons)}."
        if not better and label and _EXISTS not in message:
            extension = ".nii.gz" if scan.path.endswith(".gz") else ".nii"
            better = suggested_name(scan.recognised, label, extension=extension)
            better = "" if better in dataset.entries else better
    return Verdict(
        fault.code,
        Outcome.NOT_MET,
        fault.path,
        dataset.sites.get(label, ""),
        (scan.contrast or "") if scan else "",
        message=message,
        observed=fault.path,
        expected=better or None,
        suggestion=f"Rename it to {better}." if better else "",
        fix={"op": "rename", "path": fault.path, "to": better} if better else None,
    )


def _count_hidden(dataset: Dataset, ignore: BidsIgnore) -> int:
    """Count hidden files: one look serves all that share a shape, where labels don't matter."""
    if not ignore.by_shape:
        return ignore.count(dataset.entries)
    shapes: dict[int, list[str]] = {}
    hidden = 0
    for path, name in dataset.names.items():
        if name is None:
            hidden += ignore.hides(path)
        else:
            shapes.setdefault(id(name.shape), []).append(path)
    return hidden + sum(len(paths) for paths in shapes.values() if ignore.hides(paths[0]))


def _check_ignored(dataset: Dataset, ignore: BidsIgnore, text: str) -> Iterator[Verdict]:
    """Say which lines hide images of the protocol from every tool that reads BIDS."""
    own = [
        scan
        for scan in dataset.scans
        if scan.contrast is not None
        and scan.stage is not Stage.DERIVATIVE
        and not scan.path.startswith("sourcedata/")
    ]
    hidden = [scan for scan in own if ignore.hides(scan.path)]
    yield met(HIDES, count=len(own) - len(hidden))
    if not hidden:
        return
    told: set[str] = set()
    lines = [line.strip() for line in text.splitlines()]
    for number, line in enumerate(lines, start=1):
        if not line or line.startswith(("#", "!")) or line in lines[: number - 1]:
            continue
        pattern = BidsIgnore.parse(line)
        scans = [s for s in hidden if s.path not in told and pattern.hides(s.path)]
        if scans:
            told.update(scan.path for scan in scans)
            yield _hiding(dataset, line, number, scans, len(own))


def _hiding(
    dataset: Dataset, line: str, number: int, scans: Sequence[Scan], total: int
) -> Verdict:
    contrasts: Mapping[str, int] = Counter(scan.contrast or "" for scan in scans)
    shown = ", ".join(f"{name} ({count:,})" for name, count in sorted(contrasts.items()))
    return Verdict(
        HIDES,
        Outcome.NOT_MET,
        FILE,
        contrast=next(iter(contrasts)) if len(contrasts) == 1 else "",
        message=f"The line {shortened(line)!r} hides {len(scans):,} of the {total:,} images of "
        f"the protocol from tools that read BIDS: {shown}.",
        sub_code=shortened(line),
        observed=len(scans),
        expected=0,
        suggestion=_way_out(dataset, scans),
        affects=tuple(scan.path for scan in scans),
        line=number,
        count=len(scans),
    )


def _way_out(dataset: Dataset, scans: Sequence[Scan]) -> str:
    """Say what has to be done before the line can go, by one image of each contrast."""
    some = [scan.path for scan in {scan.contrast: scan for scan in scans}.values()]
    unfit = [path for path in some if misfits(path)]
    if unfit:
        return f"Give {listed(unfit)} and their like BIDS names, then take the line out."
    tables = [f"{path.partition('.')[0]}.bval" for path in some if "_dwi." in path]
    if not dataset.entries.keys() >= set(tables):
        return (
            "Put a .bval and a .bvec file of zeros beside the images, which BIDS asks for, then "
            "take the line out."
        )
    return "Take the line out: these names are valid BIDS today."
