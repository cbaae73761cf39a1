"""Names by the official BIDS schema; and what .bidsignore keeps from being judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

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
_LINES = 1000  # of .bidsignore: a stranger's may be endless


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield one finding per file whose name has to change, and one per hiding pattern."""
    dataset = inspection.dataset
    if dataset.bare:
        return
    text = inspection.ignore
    ignore = BidsIgnore.parse(text)
    shapes, others = _by_shape(dataset)
    hidden = _hidden(shapes, others, ignore)
    broken = Counter[str]()
    for fault in check_names(_suspects(shapes, others), ignore):
        broken[fault.code] += 1
        yield _verdict(dataset, fault)
    if hidden:
        yield blind(NOT_BIDS, f"{FILE} hides the file", count=len(hidden))
    judged = len(dataset.entries) - len(hidden)
    for code in SEVERITIES:
        yield met(code, count=judged - broken[code])
    yield from _check_ignored(dataset, hidden, text)


def _by_shape(dataset: Dataset) -> tuple[list[list[str]], list[str]]:
    """Gather paths that differ in the subject only, and those whose names can't be read."""
    shapes: dict[int, list[str]] = {}
    others: list[str] = []
    for path, name in dataset.names.items():
        if name is None:
            others.append(path)
        elif (paths := shapes.get(id(name.shape))) is not None:
            paths.append(path)
        else:
            shapes[id(name.shape)] = [path]
    return list(shapes.values()), others


def _suspects(shapes: list[list[str]], others: list[str]) -> list[str]:
    """Return the paths that may have a fault: one look serves all that share a shape."""
    first = {paths[0]: paths for paths in shapes}
    wrong = [first[fault.path] for fault in check_names(first, BidsIgnore.parse())]
    return [*others, *chain.from_iterable(wrong)]


def _hidden(shapes: list[list[str]], others: list[str], ignore: BidsIgnore) -> set[str]:
    hidden = set(filter(ignore.hides, others))
    for paths in shapes:
        if not ignore.by_shape:
            hidden.update(filter(ignore.hides, paths))
        elif ignore.hides(paths[0]):
            hidden.update(paths)
    return hidden


def _verdict(dataset: Dataset, fault: NameFault) -> Verdict:
    label = split_subject(fault.path)[1]
    scan = dataset.by_path.get(fault.path)
    message, better = fault.message, fault.suggestion
    if better in dataset.entries:
        message, better = f"{message} But {better} {_EXISTS}.", ""
    if scan and scan.recognised and scan.contrast not in (None, *_FOREIGN):
        message += f" It looks like {scan.contrast}: {'; '.join(scan.recognised.reasons)}."
        if not better and label and _EXISTS not in message:
            extension = ".nii.gz" if scan.path.endswith(".gz") else ".nii"
            better = suggested_name(scan.recognised, label, extension=extension)
            better = "" if better in dataset.entries else better
    sure = better and fault.code != "NAME_FOLDER_MISMATCH"  # whose it is, somebody has to know
    return Verdict(
        fault.code,
        Outcome.NOT_MET,
        fault.path,
        dataset.sites.get(label, ""),
        (scan.contrast or "") if scan else "",
        message=message,
        observed=fault.path,
        expected=better or None,
        suggestion=f"Rename it to {better}." if sure else "",
        fix={"op": "rename", "path": fault.path, "to": better} if sure else None,
    )


def _check_ignored(dataset: Dataset, hidden: set[str], text: str) -> Iterator[Verdict]:
    """Say which lines hide images of the protocol from every tool that reads BIDS."""
    own = [
        scan
        for scan in dataset.scans
        if scan.contrast is not None
        and scan.stage is not Stage.DERIVATIVE
        and not scan.path.startswith("sourcedata/")
    ]
    left = [scan for scan in own if scan.path in hidden]
    yield met(HIDES, count=len(own) - len(left))
    for number, line in enumerate(map(str.strip, text.splitlines()[:_LINES]), start=1):
        if not left or not line or line.startswith(("#", "!")):
            continue
        pattern = BidsIgnore.parse(line)
        scans = [scan for scan in left if pattern.hides(scan.path)]
        if scans:
            left = [scan for scan in left if not pattern.hides(scan.path)]
            yield _hiding(dataset, line, number, scans, len(own))


def _hiding(
    dataset: Dataset, line: str, number: int, scans: Sequence[Scan], total: int
) -> Verdict:
    """The fault is the line's: one more image behind it is no new one."""
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
        suggestion=_way_out(dataset, scans),
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
