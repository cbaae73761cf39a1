"""Which contrasts each participant has, against those that the protocol asks for."""

from __future__ import annotations

from collections.abc import Iterator

from ..dataset import Scan, Stage
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, met

MISSING, UNEXPECTED = "CONTRAST_MISSING", "CONTRAST_UNEXPECTED"


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield an outcome per participant and required contrast, and per site for the others."""
    dataset = inspection.dataset
    if dataset.bare:
        return
    present: dict[str, set[str]] = {subject: set() for subject in dataset.subjects}
    unexpected: dict[tuple[str, str], list[Scan]] = {}
    for scan in dataset.scans:
        if scan.stage is Stage.DERIVATIVE or scan.name is None:
            continue
        if scan.contrast is not None:
            present[scan.subject].add(scan.contrast)
        elif scan.stage is Stage.RAW:
            unexpected.setdefault((scan.site, scan.name.suffix), []).append(scan)
    for subject, contrasts in present.items():
        site = dataset.sites[subject]
        for name, contrast in inspection.spec.contrasts.items():
            if not contrast.required:
                continue
            if name in contrasts:
                yield met(MISSING, site, name)
                continue
            yield Verdict(
                MISSING,
                Outcome.NOT_MET,
                f"sub-{subject}",
                site,
                name,
                message=f"sub-{subject} has no {name} ({contrast.bids}).",
                sub_code=name,
                observed=sorted(contrasts),
                expected=name,
                concerns=contrast.concerns,
            )
    for (site, suffix), scans in unexpected.items():
        yield Verdict(
            UNEXPECTED,
            Outcome.NOT_MET,
            scans[0].path,
            site,
            message=f"{len(scans)} image(s) with the suffix {suffix} are none of the protocol's.",
            sub_code=suffix,
            observed=suffix,
            expected=sorted(contrast.bids for contrast in inspection.spec.contrasts.values()),
            affects=tuple(scan.path for scan in scans[1:]),
        )
    raw = sum(scan.stage is Stage.RAW for scan in dataset.scans)
    yield met(UNEXPECTED, count=raw - sum(map(len, unexpected.values())))
