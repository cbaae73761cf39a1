"""Sidecars that describe no image."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from ..dataset import Dataset
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, met
from .places import site_of

_CODE = "SIDECAR_WITHOUT_IMAGE"
_OF_TABLES = frozenset(("participants", "samples", "sessions", "scans", "descriptions"))
_TELLING = ("ConversionSoftware", "EchoTime", "Manufacturer", "RepetitionTime")
"""Keys by which a JSON file with a foreign name is known as an image's sidecar."""


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield SIDECAR_WITHOUT_IMAGE."""
    dataset = inspection.dataset
    used = set(chain.from_iterable([scan.sidecars for scan in dataset.scans]))
    alone = [path for path in dataset.json if path not in used and _is_sidecar(dataset, path)]
    yield met(_CODE, count=len(dataset.json) - len(alone))
    if not alone:
        return
    described = {_stem(path) for path in dataset.entries if not path.endswith(".json")}
    for path in alone:
        if path[:-5] in described:
            continue
        yield Verdict(
            _CODE,
            Outcome.NOT_MET,
            path,
            site_of(dataset, path),
            message=f"{path} describes no image: none has its name, and none inherits it.",
        )


def _stem(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return folder + slash + name.partition(".")[0]


def _is_sidecar(dataset: Dataset, path: str) -> bool:
    name = dataset.names[path]
    if name is None:
        value = dataset.json[path].value
        return any(key in value for key in _TELLING)
    return bool(name.datatype) and name.suffix not in _OF_TABLES
