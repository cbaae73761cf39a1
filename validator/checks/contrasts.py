"""Which contrasts each participant has, against those that the protocol asks for."""

from __future__ import annotations

from collections.abc import Iterator

from ...protocol_specs.contrast import Contrast
from ..bids.names import diagnose
from ..bids.schema import misfits
from ..dataset import Dataset, Scan, Stage
from ..entities import parse, split_subject
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met

MISSING, UNEXPECTED = "CONTRAST_MISSING", "CONTRAST_UNEXPECTED"


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield an outcome per participant and required contrast, and per site for the others."""
    dataset = inspection.dataset
    if dataset.bare:
        return
    present: dict[str, set[str]] = {}
    strange: list[Scan] = []
    for scan in dataset.scans:
        if scan.stage is Stage.DERIVATIVE:
            continue
        found = present.setdefault(scan.subject, set())
        if scan.contrast is not None:
            found.add(scan.contrast)
        elif scan.stage is Stage.RAW:
            strange.append(scan)
    for subject in _imageless(dataset, present):
        present[subject] = set()
    present.pop("", None)
    misnamed = {(scan.subject, _meant(inspection, scan)) for scan in strange}
    required = [contrast for contrast in inspection.spec.contrasts.values() if contrast.required]
    for subject, contrasts in present.items():
        site = dataset.sites.get(subject, "")
        for contrast in required:
            if contrast.name in contrasts:
                yield met(MISSING, site, contrast.name)
            elif (subject, contrast.name) in misnamed:
                reason = "an image looks like it whose name is wrong"
                yield blind(MISSING, reason, site, contrast.name)
            else:
                yield _missing(subject, site, contrast, contrasts)
    yield from _check_unexpected(inspection, strange)


def _missing(subject: str, site: str, contrast: Contrast, present: set[str]) -> Verdict:
    there = f"it has {', '.join(sorted(present))}" if present else "it has no image at all"
    return Verdict(
        MISSING,
        Outcome.NOT_MET,
        f"sub-{subject}",
        site,
        contrast.name,
        message=f"sub-{subject} has no {contrast.name} (sub-{subject}_{contrast.bids}); {there}.",
        sub_code=contrast.name,
        observed=sorted(present),
        expected=contrast.name,
        concerns=contrast.concerns,
    )


def _imageless(dataset: Dataset, present: dict[str, set[str]]) -> list[str]:
    """Participants with a folder outside of derivatives/ but without an image in it."""
    others = [subject for subject in dataset.subjects if subject not in present]
    if not others:
        return []
    folders = {
        name.subject
        for name in dataset.names.values()
        if name is not None and name.folder in ("", "sourcedata")
    }
    return [subject for subject in others if subject in folders]


def _meant(inspection: Inspection, scan: Scan) -> str | None:
    """Return the contrast of the name that a wrong name was meant to be."""
    shape, label = split_subject(scan.path)
    if not misfits(shape):
        return None
    better = parse(diagnose(scan.path, label).suggestion)
    return inspection.spec.contrast_of(better.entities, better.suffix) if better else None


def _check_unexpected(inspection: Inspection, strange: list[Scan]) -> Iterator[Verdict]:
    """One finding per site and suffix; what has no BIDS name is the business of names."""
    gathered: dict[tuple[str, str], list[Scan]] = {}
    for scan in strange:
        if scan.name is not None and not misfits(split_subject(scan.path)[0]):
            gathered.setdefault((scan.site, scan.name.suffix), []).append(scan)
    known = [contrast.bids for contrast in inspection.spec.contrasts.values()]
    for (site, suffix), scans in gathered.items():
        several = f"{len(scans)} images end" if len(scans) > 1 else "The image ends"
        yield Verdict(
            UNEXPECTED,
            Outcome.NOT_MET,
            scans[0].path,
            site,
            message=f"{several} in _{suffix}, in a form that the protocol has no contrast for.",
            sub_code=suffix,
            observed=[_end(scan) for scan in scans[:5]],
            expected=known,
            affects=tuple(scan.path for scan in scans[1:]),
            count=len(scans),
        )
    count = len(inspection.raw) - len(strange)
    yield met(UNEXPECTED, count=count)


def _end(scan: Scan) -> str:
    """Return a name without the parts that say whose it is."""
    parts = scan.path.rpartition("/")[2].partition(".")[0].split("_")
    return "_".join(part for part in parts if not part.startswith(("sub-", "ses-", "run-")))
