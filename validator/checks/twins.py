"""A preprocessed image and the raw one under sourcedata/: what stands beside them must agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..dataset import Dataset, Scan, Stage
from ..finding import Outcome
from ..gradients import Gradients
from ..inspection import Inspection
from ..verdict import Verdict, blind, met
from .places import shortened
from .privacy import IDENTIFYING
from .reading import is_read, shown

CODE = "SIDECAR_TWIN_DIFFERS"
GRADIENTS, ALONE = "GRADIENTS_TWIN_DIFFER", "SOURCEDATA_WITHOUT_ROOT"
_SOURCE = "sourcedata/"
MAY_DIFFER = frozenset(
    ("SpatialReference", "GeneratedBy", "Sources", "RawSources", "SkullStripped", "Defaced")
)
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
        elif scan.sidecar == twin.sidecar or not (keys := _differing(scan, twin)):
            alike[place] = alike.get(place, 0) + 1
        else:
            yield _finding(scan, twin, keys)
    for place, count in alike.items():
        yield met(CODE, *place, count=count)
    yield from _gradients(inspection)
    yield from _alone(dataset)


def _gradients(inspection: Inspection) -> Iterator[Verdict]:
    """Compare bval and bvec files; that both images lack them is `gradients`' to say."""
    dataset, files = inspection.dataset, inspection.gradients
    for path, raw in files.items():
        if not path.startswith(_SOURCE):
            continue
        place = path.removeprefix(_SOURCE)
        stem = place.rpartition(".")[0]
        images = (dataset.by_path.get(f"{stem}{end}") for end in (".nii.gz", ".nii"))
        scan = next((scan for scan in images if scan is not None and scan.twin), None)
        if scan is None:
            continue
        own = files.get(place)
        if own is not None and (own.rows, own.fault) == (raw.rows, raw.fault):
            yield met(GRADIENTS, scan.site, scan.contrast or "")
        elif own is None and place in dataset.entries:
            reason = "one of the two files can't be read"
            yield blind(GRADIENTS, reason, scan.site, scan.contrast or "")
        else:
            yield Verdict(
                GRADIENTS,
                Outcome.NOT_MET,
                place,
                scan.site,
                scan.contrast or "",
                message=f"{place} {_said(own)} the raw image's {path}.",
                affects=(path, scan.path),
            )


def _said(own: Gradients | None) -> str:
    return "is missing, and there is" if own is None else "doesn't hold the numbers of"


def _alone(dataset: Dataset) -> Iterator[Verdict]:
    """Find raw scans whose counterpart is absent, of participants that have others at the root."""
    raw = [s for s in dataset.scans if s.stage is Stage.RAW and s.path.startswith(_SOURCE)]
    if not raw:
        return
    present = {scan.twin for scan in dataset.scans if scan.twin}
    rooted = {s.subject for s in dataset.scans if s.path.startswith("sub-")}
    good: Counter[tuple[str, str]] = Counter()
    for scan in raw:
        place = scan.path.removeprefix(_SOURCE)
        if scan.path in present or place in dataset.entries:
            good[scan.site, scan.contrast or ""] += 1
        elif scan.name is not None and scan.contrast and scan.subject in rooted:
            yield Verdict(
                ALONE,
                Outcome.NOT_MET,
                scan.path,
                scan.site,
                scan.contrast,
                message=f"There is a raw {scan.contrast}, but no {place} that was made from it.",
            )
    for (site, contrast), count in good.items():
        yield met(ALONE, site, contrast, count)


def _finding(scan: Scan, twin: Scan, keys: Sequence[str]) -> Verdict:
    own, raw = scan.sidecar, twin.sidecar
    told = [
        f"{shortened(key)} is {shown(own, key)} here and "
        f"{shown(raw, key)} in the raw image's sidecar"
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


def _differing(scan: Scan, twin: Scan) -> list[str]:
    """Return the keys that tell otherwise of the acquisition; one may keep silent on persons."""
    own, raw = scan.sidecar, twin.sidecar
    keys = [*raw, *(key for key in own if key not in raw)]
    return [key for key in keys if key not in MAY_DIFFER and _differs(own, raw, key)]


def _differs(own: Mapping[str, Any], raw: Mapping[str, Any], key: str) -> bool:
    if key not in own or key not in raw:
        return key not in IDENTIFYING
    return bool(own[key] != raw[key])
