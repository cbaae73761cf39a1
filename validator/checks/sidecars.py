"""Sidecars: whether each image has one, and whether each JSON file can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..dataset import Dataset, Scan, Stage
from ..finding import Outcome, Remedy, Severity
from ..inspection import Inspection
from ..sidecar import TextFault
from ..verdict import Verdict, blind, met
from .places import site_of
from .reading import own_json

MISSING = "SIDECAR_MISSING"
STARTS = {
    "SIDECAR_NOT_JSON": "The text can't be read as JSON",
    "SIDECAR_NOT_UTF8": "The text isn't plain UTF-8",
    "SIDECAR_NOT_OBJECT": "The JSON isn't an object with keys",
    "SIDECAR_TOO_LARGE": "The file is too large to be metadata, and isn't read",
    "SIDECAR_TOO_DEEP": "The JSON is too deep to be metadata, and isn't read",
    "SIDECAR_DUPLICATE_KEY": "A key has two values",
    "SIDECAR_NOT_A_NUMBER": "A value is no number",
}
"""How the message of each code of a JSON file begins; the reader's own words follow."""


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield what is wrong with JSON files, and images that have none."""
    yield from _check_files(inspection.dataset)
    yield from _check_presence(inspection.dataset)


def _check_files(dataset: Dataset) -> Iterator[Verdict]:
    sound = unread = 0
    for path, sidecar in dataset.json.items():
        if not sidecar.faults:
            sound += 1
            continue
        broken = {fault.code for fault in sidecar.faults}
        if not sidecar.value:  # what stops the reader hides all that follows
            unread += 1
        else:
            for code in STARTS.keys() - broken:
                yield met(code)
        numbers = Counter[str]()
        for fault in sidecar.faults:
            yield _fault(dataset, path, fault, numbers[fault.code])
            numbers[fault.code] += 1
    closed = sum(path.endswith(".json") for path in dataset.unreadable)
    for code in STARTS:
        yield met(code, count=sound)
        if closed:
            yield blind(code, "the file can't be opened, or its content isn't here", count=closed)
    if unread:
        for code in ("SIDECAR_DUPLICATE_KEY", "SIDECAR_NOT_A_NUMBER"):
            yield blind(code, "the file can't be read as JSON", count=unread)


def _fault(dataset: Dataset, path: str, fault: TextFault, number: int) -> Verdict:
    start = STARTS.get(fault.code, "The file has a fault")
    message = fault.message.rstrip(".")
    if fault.line and "(column" in message:
        message = message.replace("(column", f"(line {fault.line}, column")
    elif fault.line:
        message = f"{message} (line {fault.line})"
    return Verdict(
        fault.code,
        Outcome.NOT_MET,
        path,
        site_of(dataset, path),
        message=f"{start}: {message}.",
        sub_code=str(number or ""),
        observed=fault.message,
        line=fault.line,
    )


def _check_presence(dataset: Dataset) -> Iterator[Verdict]:
    """Raw images one by one; derivatives per site and folder: one program wrote them all."""
    found: dict[tuple[str, str], int] = {}
    derived: dict[tuple[str, str], list[Scan]] = {}
    for scan in dataset.scans:
        place = scan.site, scan.contrast or ""
        if scan.sidecars:
            found[place] = found.get(place, 0) + 1
        elif own_json(scan.path) in dataset.unreadable:
            yield blind(MISSING, "the sidecar can't be opened, or its content isn't here", *place)
        elif scan.stage is Stage.DERIVATIVE:
            folder = "/".join(scan.path.split("/")[:2])
            derived.setdefault((scan.site, folder), []).append(scan)
        else:
            yield _missing(scan)
    for place, count in found.items():
        yield met(MISSING, *place, count=count)
    for (site, folder), scans in derived.items():
        yield _missing_derived(site, folder, scans)


def _missing(scan: Scan) -> Verdict:
    return Verdict(
        MISSING,
        Outcome.NOT_MET,
        scan.path,
        scan.site,
        scan.contrast or "",
        message="The image has no sidecar: nothing tells how it was measured.",
        expected=own_json(scan.path),
    )


def _missing_derived(site: str, folder: str, scans: list[Scan]) -> Verdict:
    what = f"{len(scans)} images of {folder} have" if len(scans) > 1 else "The image has"
    return Verdict(
        MISSING,
        Outcome.NOT_MET,
        scans[0].path,
        site,
        message=f"{what} no sidecar: nothing tells what was done, by whom, from which image.",
        expected=own_json(scans[0].path),
        suggestion="Write a sidecar that names the image it was made from, the author, the tool.",
        remedy=Remedy.EDIT,
        severity=Severity.WARNING,
        affects=tuple(scan.path for scan in scans[1:]),
        count=len(scans),
    )
