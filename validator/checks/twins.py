"""A preprocessed image and the raw one under sourcedata/: their sidecars must agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met
from .places import shortened
from .reading import is_read, shown

CODE = "SIDECAR_TWIN_DIFFERS"
MAY_DIFFER = ("SpatialReference", "GeneratedBy", "Sources", "RawSources", "SkullStripped")
"""What preprocessing itself writes."""
_TOLD, _KEPT = 3, 20


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield an outcome per image that has a twin."""
    dataset = inspection.dataset
    alike: dict[tuple[str, str], int] = {}
    for scan in dataset.scans:
        twin = dataset.by_path.get(scan.twin) if scan.twin else None
        if twin is None:
            continue
        place = scan.site, scan.contrast or ""
        if not (is_read(dataset, scan) and is_read(dataset, twin)):
            yield blind(CODE, "one of the two sidecars is missing or can't be read", *place)
        elif _acquired(scan.sidecar) == _acquired(twin.sidecar):
            alike[place] = alike.get(place, 0) + 1
        else:
            yield _finding(scan, twin)
    for place, count in alike.items():
        yield met(CODE, *place, count=count)


def _acquired(sidecar: Mapping[str, Any]) -> dict[str, Any]:
    keys = dict(sidecar)
    for key in MAY_DIFFER:
        keys.pop(key, None)
    return keys


def _finding(scan: Scan, twin: Scan) -> Verdict:
    own, raw = _acquired(scan.sidecar), _acquired(twin.sidecar)
    keys = [k for k in (*raw, *(k for k in own if k not in raw)) if _differs(own, raw, k)]
    told = [
        f"{shortened(key)} is {shown(own, key)} here and {shown(raw, key)} in the raw image's"
        for key in keys[:_TOLD]
    ]
    more = f"; {len(keys) - _TOLD} more keys differ" if len(keys) > _TOLD else ""
    return Verdict(
        CODE,
        Outcome.NOT_MET,
        scan.sidecars[-1],
        scan.site,
        scan.contrast or "",
        message=f"{'; '.join(told)}{more}.",
        observed={key: own.get(key) for key in keys[:_KEPT]},
        expected={key: raw.get(key) for key in keys[:_KEPT]},
        affects=(twin.sidecars[-1], scan.path, twin.path),
    )


def _differs(own: Mapping[str, Any], raw: Mapping[str, Any], key: str) -> bool:
    return key not in own or key not in raw or own[key] != raw[key]
