"""Cardiac gating of diffusion scans, where the scanner's options tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ...rules.language.extras import contains
from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met

CODE = "DWI_NOT_GATED"
WORDS = ("CT", "PPG", "CG", "PER")
_CONTRASTS = ("dwi", "b0")


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield one finding per site and contrast; Siemens and GE alone name their triggers."""
    seen: dict[tuple[str, str], list[Scan]] = {}
    for scan in inspection.raw:
        if scan.contrast in _CONTRASTS:
            seen.setdefault((scan.site, scan.contrast), []).append(scan)
    for (site, contrast), scans in seen.items():
        ungated = []
        unknown = Counter[str]()
        for scan in scans:
            options = scan.sidecar.get("ScanOptions")
            if not isinstance(options, str | list):
                unknown["no ScanOptions in the sidecar"] += 1
            elif not any(contains(options, word) for word in WORDS):
                vendor = inspection.fact(scan, "Manufacturer", "manufacturer") or ""
                if vendor.casefold().startswith(("siemens", "ge")):
                    ungated.append(scan)
                else:
                    unknown[f"{vendor or 'an unknown vendor'} doesn't export gating"] += 1
        yield met(CODE, site, contrast, len(scans) - len(ungated) - unknown.total())
        for reason, count in unknown.items():
            yield blind(CODE, reason, site, contrast, count)
        if ungated:
            yield _finding(ungated, len(scans))


def _finding(scans: list[Scan], total: int) -> Verdict:
    first = scans[0]
    options = [scan.sidecar["ScanOptions"] for scan in scans]
    what = "diffusion" if first.contrast == "dwi" else "the b = 0 images"
    return Verdict(
        CODE,
        Outcome.NOT_MET,
        first.path,
        first.site,
        first.contrast or "",
        message=f"The scanner names no cardiac gating for {what} ({len(scans)} of {total} scans).",
        sub_code=first.contrast or "",
        observed=options[0] if all(each == options[0] for each in options) else "several values",
        expected="CT (Siemens), PPG or CG (GE) in ScanOptions",
        affects=tuple(scan.path for scan in scans[1:]),
        count=len(scans),
    )
