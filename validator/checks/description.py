"""dataset_description.json, the licence, and the texts that belong beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..dataset import Dataset, Stage
from ..finding import Outcome, Remedy
from ..inspection import Inspection
from ..verdict import Verdict, blind, met
from .licences import licence_of
from .places import listed, shortened

FILE = "dataset_description.json"
_MISSING, _INVALID = "DATASET_DESCRIPTION_MISSING", "DATASET_DESCRIPTION_INVALID"
_VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})(?:\.([0-9]{1,4}))?(?:[-+].*)?", re.ASCII)
_TEXT_LIMIT = 64 * 1024
_TYPES: Mapping[str, type] = {
    "Name": str,
    "BIDSVersion": str,
    "License": str,
    "Authors": list,
    "Acknowledgements": str,
    "HowToAcknowledge": str,
    "Funding": list,
    "EthicsApprovals": list,
    "ReferencesAndLinks": list,
    "DatasetDOI": str,
    "DatasetType": str,
    "GeneratedBy": list,
    "SourceDatasets": list,
}
_WORDS: Mapping[type, str] = {str: "a text", list: "a list"}

_ENTITY_SINCE = {"flip": (1, 5, 0), "inv": (1, 5, 0), "mt": (1, 5, 0), "part": (1, 5, 0)}
_SUFFIX_SINCE = dict.fromkeys(("MTS", "MPM", "VFA", "IRT1", "MESE", "MEGRE", "MP2RAGE"), (1, 5, 0))
_DATATYPE_SINCE = {
    ("dwi", "rec"): (1, 8, 0),
    ("dwi", "chunk"): (1, 9, 0),
    ("anat", "chunk"): (1, 9, 0),
}
"""First version of BIDS that has a name's part: changelog of the specification, pull requests
672, 681 and 690 (flip, inv, mt and the suffixes), 424 (part), 1090 (rec), 1586 (chunk)."""


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield the codes of the dataset's description and texts."""
    dataset = inspection.dataset
    if dataset.bare:
        return
    yield from _present(dataset)
    for path, sidecar in dataset.json.items():
        if (
            path.endswith(FILE)
            and path.rpartition("/")[2] == FILE
            and (sidecar.value or not sidecar.faults)
        ):
            yield from _valid(path, sidecar.value)
    yield from _version(dataset)
    yield from _licence(dataset)
    yield from _texts(dataset)


def _present(dataset: Dataset) -> Iterator[Verdict]:
    if FILE in dataset.entries:
        yield met(_MISSING)
        return
    message = "There is no dataset_description.json: the folder is no BIDS dataset without it."
    yield Verdict(_MISSING, Outcome.NOT_MET, FILE, message=message)


def _valid(path: str, value: Mapping[str, Any]) -> Iterator[Verdict]:
    required = ["Name", "BIDSVersion"]
    if path.startswith("derivatives/"):
        required.append("GeneratedBy")
    for key in dict.fromkeys((*required, *_TYPES)):
        found = value.get(key)
        if key not in value:
            if key not in required:
                continue
            wrong = f"{path} has no {key}"
        elif not isinstance(found, _TYPES[key]):
            wrong = f"{key} in {path} is not {_WORDS[_TYPES[key]]}"
        elif key in required and not found:
            wrong = f"{key} in {path} is empty"
        elif key == "BIDSVersion" and not _VERSION.fullmatch(str(found)):
            wrong = (
                f"BIDSVersion in {path} is {shortened(str(found))!r}, not a version such as 1.10.0"
            )
        else:
            yield met(_INVALID)
            continue
        yield Verdict(_INVALID, Outcome.NOT_MET, path, message=f"{wrong}.", sub_code=key)


def _version(dataset: Dataset) -> Iterator[Verdict]:
    code = "BIDS_VERSION_TOO_OLD"
    said = dataset.description().get("BIDSVersion")
    match = _VERSION.fullmatch(said) if isinstance(said, str) else None
    if match is None:
        yield blind(code, "dataset_description.json says no version")
        return
    version = tuple(int(part or 0) for part in match.groups())
    needs = _needs(dataset)
    later = {part: since for part, since in needs.items() if since > version}
    if not later:
        yield met(code)
        return
    wanted = _dotted(max(later.values()))
    reasons = [f"{part} ({_dotted(since)})" for part, since in sorted(later.items())]
    yield Verdict(
        code,
        Outcome.NOT_MET,
        FILE,
        message=f"BIDSVersion is {said}, but the names use what came later: {listed(reasons, 8)}.",
        observed=said,
        expected=f"{wanted} or later",
        fix={"op": "set", "path": FILE, "key": "BIDSVersion", "value": wanted},
    )


def _needs(dataset: Dataset) -> dict[str, tuple[int, ...]]:
    """Return what the images' names use -> the version of BIDS that brought it."""
    shapes = {
        id(scan.name.shape): scan.name.shape
        for scan in dataset.scans
        if scan.name is not None and scan.stage is not Stage.DERIVATIVE
    }
    needs: dict[str, tuple[int, ...]] = {}
    for shape in shapes.values():
        if shape.suffix in _SUFFIX_SINCE:
            needs[shape.suffix] = _SUFFIX_SINCE[shape.suffix]
        for entity in shape.entities:
            if entity in _ENTITY_SINCE:
                needs[f"{entity}-"] = _ENTITY_SINCE[entity]
            elif (shape.datatype, entity) in _DATATYPE_SINCE:
                needs[f"{entity}- in {shape.datatype}"] = _DATATYPE_SINCE[shape.datatype, entity]
    return needs


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _licence(dataset: Dataset) -> Iterator[Verdict]:
    code = "LICENSE_DISAGREES"
    said = dataset.description().get("License")
    path = _text_file(dataset, "LICENSE")
    text = dataset.read(path, _TEXT_LIMIT) if path else None
    if not isinstance(said, str) or not said.strip() or text is None:
        yield blind(code, "there is no LICENSE file" if path is None else "no License is named")
        return
    one, other = licence_of(said), licence_of(text[:4096].decode("utf-8", "replace"))
    if not one or not other:
        yield blind(code, f"a licence that isn't known: {'License' if not one else path}")
    elif one == other:
        yield met(code)
    else:
        yield Verdict(
            code,
            Outcome.NOT_MET,
            FILE,
            message=f"{FILE} says {shortened(said)}, but the file {path} is {other}.",
            observed=shortened(said),
            expected=other,
            affects=(path,) if path else (),
        )


def _texts(dataset: Dataset) -> Iterator[Verdict]:
    for stem in ("README", "CHANGES"):
        code = f"{stem}_MISSING"
        path = _text_file(dataset, stem)
        if path == stem or (stem == "README" and path is not None):
            yield met(code)
            continue
        fix, remedy = None, None
        message = f"There is no {stem}: nothing tells what {_TELLS[stem]}."
        if path is not None:
            message = f"The history stands in {path}; BIDS knows it by the name {stem} only."
            fix, remedy = {"op": "rename", "path": path, "to": stem}, Remedy.RENAME
        yield Verdict(code, Outcome.NOT_MET, path or stem, message=message, fix=fix, remedy=remedy)


_TELLS = {"README": "the dataset is and how it may be used", "CHANGES": "changed between releases"}


def _text_file(dataset: Dataset, stem: str) -> str | None:
    names = (stem, *(f"{stem}{end}" for end in (".md", ".rst", ".txt")))
    return next((name for name in names if name in dataset.entries), None)
