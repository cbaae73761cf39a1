"""Which contrasts each participant has, against those that the protocol asks for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

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
    if not dataset.bare:
        present.pop("", None)
    misnamed = {(scan.subject, name) for scan in strange for name in _meant(inspection, scan)}
    places = _places(dataset) if dataset.bare else {}
    required = [contrast for contrast in inspection.spec.contrasts.values() if contrast.required]
    for subject, contrasts in present.items():
        site = dataset.sites.get(subject, "")
        for contrast in required:
            if contrast.name in contrasts:
                yield met(MISSING, site, contrast.name)
            elif (subject, contrast.name) in misnamed:
                reason = "an image may be it, but its name doesn't tell"
                yield blind(MISSING, reason, site, contrast.name)
            else:
                place = places.get(subject, f"sub-{subject}")
                yield _missing(place, site, contrast, contrasts)
    yield from _check_unexpected(inspection, strange)


def _places(dataset: Dataset) -> dict[str, str]:
    """Return the folder that holds a participant's images, in a folder that is no dataset yet."""
    shared: dict[str, list[str]] = {}
    for scan in dataset.scans:
        parts = scan.path.split("/")[:-1]
        same = zip(shared.setdefault(scan.subject, parts), parts, strict=False)
        shared[scan.subject] = [a for a, _ in takewhile(lambda pair: pair[0] == pair[1], same)]
    return {subject: "/".join(parts) or "." for subject, parts in shared.items()}


def _missing(place: str, site: str, contrast: Contrast, present: set[str]) -> Verdict:
    none = "" if present else "; there is no image of the protocol at all"
    who = "The folder" if place == "." else place
    return Verdict(
        MISSING,
        Outcome.NOT_MET,
        place,
        site,
        contrast.name,
        message=f"{who} has no {contrast.name} (its name ends in _{contrast.bids}){none}.",
        sub_code=contrast.name,
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


def _meant(inspection: Inspection, scan: Scan) -> tuple[str, ...]:
    """Return the contrasts that an image may be: by its sidecar, or by what its name was to be."""
    if scan.recognised is not None and scan.recognised.candidates:
        return scan.recognised.candidates
    if inspection.dataset.bare:
        return ()
    shape, label = split_subject(scan.path)
    if not misfits(shape):
        return ()
    better = parse(diagnose(scan.path, label).suggestion)
    told = inspection.spec.contrast_of(better.entities, better.suffix) if better else None
    return (told,) if told else ()


def _check_unexpected(inspection: Inspection, strange: list[Scan]) -> Iterator[Verdict]:
    """One finding per site and suffix; what has no BIDS name is the business of names."""
    gathered: dict[tuple[str, str], list[Scan]] = {}
    for scan in strange:
        if scan.name is not None and not misfits(split_subject(scan.path)[0]):
            gathered.setdefault((scan.site, scan.name.suffix), []).append(scan)
    known = [contrast.bids for contrast in inspection.spec.contrasts.values()]
    for (site, suffix), scans in gathered.items():
        end = suffix if len(scans) > 1 else _end(scans[0])
        several = f"{len(scans)} images end" if len(scans) > 1 else "The image ends"
        yield Verdict(
            UNEXPECTED,
            Outcome.NOT_MET,
            scans[0].path,
            site,
            message=f"{several} in _{end}, in a form that the protocol has no contrast for.",
            sub_code=suffix,
            observed=[_end(scan) for scan in scans[:5]],
            expected=known,
            affects=tuple(scan.path for scan in scans[1:]),
            count=len(scans),
        )
    yield met(UNEXPECTED, count=len(inspection.raw) - len(strange))


def _end(scan: Scan) -> str:
    """Return a name without the parts that say whose it is."""
    parts = scan.path.rpartition("/")[2].partition(".")[0].split("_")
    return "_".join(part for part in parts if not part.startswith(("sub-", "ses-", "run-")))
