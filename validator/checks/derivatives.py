"""Results: the image that each was made from, and the description of their folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..dataset import Dataset, Scan, Stage
from ..entities import HOLE, BidsPath, Shape
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met

_SOURCE, _DESCRIPTION = "DERIVATIVE_WITHOUT_SOURCE", "DERIVATIVE_DESCRIPTION_MISSING"


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield DERIVATIVE_WITHOUT_SOURCE and DERIVATIVE_DESCRIPTION_MISSING."""
    dataset = inspection.dataset
    derivatives = [scan for scan in dataset.scans if scan.stage is Stage.DERIVATIVE]
    yield from _sources(dataset, derivatives)
    yield from _descriptions(dataset, derivatives)


def _sources(dataset: Dataset, derivatives: list[Scan]) -> Iterator[Verdict]:
    entries = dataset.entries
    places: dict[int, tuple[str, ...]] = {}
    good: list[str] = []
    unknown: list[str] = []
    for scan in derivatives:
        name = scan.name
        if name is None or not name.shape.source:
            unknown.append(scan.site)
            continue
        stems = places.get(id(name.shape))
        if stems is None:
            stems = places[id(name.shape)] = source_stems(name.shape)
        for stem in stems:
            if stem.replace(HOLE, name.label) in entries:
                good.append(scan.site)
                break
        else:
            yield _orphan(scan, name, stems[0])
    for site, count in Counter(good).items():
        yield met(_SOURCE, site, count=count)
    for site, count in Counter(unknown).items():
        yield blind(_SOURCE, "the name doesn't say which image it was made from", site, "", count)


def source_stems(shape: Shape) -> tuple[str, ...]:
    """Return where the image may lie that a derivative's name claims, the likeliest first.

    The paths hold a hole where the subject's label belongs. A derivative of a derivative has its
    source in its own folder.
    """
    places = ["sub-" + shape.subject]
    if shape.session:
        places.append("ses-" + shape.session)
    if shape.datatype:
        places.append(shape.datatype)
    inner = "/".join([*places, shape.source])
    folders = ("", f"{shape.folder}/", "sourcedata/")
    return tuple(f"{folder}{inner}{end}" for folder in folders for end in (".nii.gz", ".nii"))


def _orphan(scan: Scan, name: BidsPath, likely: str) -> Verdict:
    source = likely.replace(HOLE, name.label)
    return Verdict(
        _SOURCE,
        Outcome.NOT_MET,
        scan.path,
        scan.site,
        message=f"{name.stem} says that it was made from {source}, which doesn't exist.",
        expected=source,
    )


def _descriptions(dataset: Dataset, derivatives: list[Scan]) -> Iterator[Verdict]:
    """Judge each folder below derivatives/ that holds participants' results."""
    folders = Counter([scan.name.shape.folder for scan in derivatives if scan.name])
    folders.update(
        "/".join(scan.path.split("/", 2)[:2])
        for scan in derivatives
        if scan.name is None and scan.path.count("/") > 1
    )
    for folder, count in sorted(folders.items()):
        path = f"{folder}/dataset_description.json"
        if path in dataset.entries:
            yield met(_DESCRIPTION)
            continue
        yield Verdict(
            _DESCRIPTION,
            Outcome.NOT_MET,
            path,
            message=f"{folder} holds {count:,} images and no dataset_description.json: nothing "
            "says which software made them.",
            expected="Name, BIDSVersion, DatasetType: derivative, GeneratedBy",
        )
