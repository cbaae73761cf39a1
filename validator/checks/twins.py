"""A preprocessed image and the raw one under sourcedata/: their sidecars must agree."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, met

CODE = "SIDECAR_TWIN_DIFFERS"
MAY_DIFFER = frozenset(("SpatialReference", "GeneratedBy", "Sources", "SkullStripped"))


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield an outcome per image that has a twin."""
    dataset = inspection.dataset
    for scan in dataset.scans:
        twin = dataset.by_path.get(scan.twin)
        if twin is None or not scan.sidecars or not twin.sidecars:
            continue
        own, raw = scan.sidecar, twin.sidecar
        differing = [
            key
            for key in (*own, *(key for key in raw if key not in own))
            if key not in MAY_DIFFER and own.get(key) != raw.get(key)
        ]
        if not differing:
            yield met(CODE, scan.site, scan.contrast or "")
            continue
        told = ", ".join(differing[:6]) + (" and more" if len(differing) > 6 else "")
        yield Verdict(
            CODE,
            Outcome.NOT_MET,
            scan.sidecars[-1],
            scan.site,
            scan.contrast or "",
            message=f"{told}: not the same as in the raw image's sidecar.",
            observed={key: own.get(key) for key in differing},
            expected={key: raw.get(key) for key in differing},
            affects=(twin.sidecars[-1],),
        )
