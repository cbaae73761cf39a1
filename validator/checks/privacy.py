"""Keys of JSON files that tell who was measured, when, or on which machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..dataset import Dataset
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, met
from .places import by_site, shortened, site_of

PERSON, DEVICE, DATE = (
    "SIDECAR_IDENTIFIES_PERSON",
    "SIDECAR_IDENTIFIES_DEVICE",
    "SIDECAR_HOLDS_DATE",
)
_TOLD = {DEVICE: "which machine was used", DATE: "the date of the scan"}
# Of the attributes that DICOM PS3.15, table E.1-1 removes or replaces, those converters write.
PERSON_KEYS = frozenset(
    (
        "PatientName", "PatientsName", "PatientID", "PatientBirthDate", "PatientsBirthDate",
        "PatientBirthTime", "PatientAddress", "PatientComments", "OtherPatientIDs",
        "OtherPatientNames", "PatientTelephoneNumbers", "AccessionNumber",
        "PatientMotherBirthName", "PatientBirthName", "ReferringPhysicianName",
        "PerformingPhysicianName", "NameOfPhysiciansReadingStudy", "PhysiciansOfRecord",
        "OperatorsName", "RequestingPhysician", "StudyID", "StudyInstanceUID",
        "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID", "AdmissionID",
        "MedicalRecordLocator", "IssuerOfPatientID", "EthnicGroup", "Occupation",
    )
)  # fmt: skip
DEVICE_KEYS = frozenset(("DeviceSerialNumber", "DeviceUID", "StationName", "InstitutionAddress"))
DATE_KEYS = frozenset(
    (
        "AcquisitionDateTime", "AcquisitionDate", "StudyDate", "SeriesDate", "ContentDate",
        "PerformedProcedureStepStartDate", "InstanceCreationDate",
    )
)  # fmt: skip
_SHARED = {**dict.fromkeys(DEVICE_KEYS, DEVICE), **dict.fromkeys(DATE_KEYS, DATE)}
_ALL = PERSON_KEYS | _SHARED.keys()
_NOTHING = frozenset(
    ("", "anonymous", "anonymised", "anonymized", "anon", "n/a", "na", "none", "unknown", "xxx",
     "removed", "deidentified", "de-identified")
)  # fmt: skip
_HASH = re.compile(r"[0-9a-fA-F]{16,128}")
_SHIFTED = "1925"  # BIDS asks for a year up to this one where dates are shifted
_DEPTH = 4

_Places = dict[tuple[str, str], list[str]]


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield a finding per file and key that tells of a person; machine and date per site."""
    dataset = inspection.dataset
    shared: dict[str, _Places] = {DEVICE: {}, DATE: {}}
    told: dict[str, set[str]] = {code: set() for code in (PERSON, *_TOLD)}
    clean: set[int] = set()  # thousands of derivatives' sidecars are one and the same
    for path, sidecar in dataset.json.items():
        value = sidecar.value
        if id(value) in clean:
            continue
        found = [*_tellers(value)]
        if not found:
            clean.add(id(value))
            continue
        for key, own in found:
            code = _SHARED.get(key, PERSON)
            if code != PERSON and _telling(code, own):
                shared[code].setdefault((site_of(dataset, path), key), []).append(path)
                told[code].add(path)
        named = {key: own for key, own in found if key in PERSON_KEYS}
        for key in sorted(named):
            if not _is_label(dataset, path, named[key]):
                told[PERSON].add(path)
                yield _person(dataset, path, key, top=key in value)
    for code, paths in told.items():
        yield met(code, count=len(dataset.json) - len(paths))
    for code in _TOLD:
        yield from _per_site(dataset, code, shared[code], told[code])


def _tellers(value: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Find keys of interest that hold something, also in objects inside (dcmstack, heudiconv)."""
    if not value.keys().isdisjoint(_ALL):
        for key in value.keys() & _ALL:
            if _tells(value[key]):
                yield key, value[key]
    if depth < _DEPTH:
        for part in value.values():
            if type(part) is dict:
                yield from _tellers(part, depth + 1)


def _tells(value: object) -> bool:
    """Whether a value says anything; nothing, zero and the words of anonymisers don't."""
    if isinstance(value, str):
        return value.strip().casefold() not in _NOTHING and bool(value.strip("0 .:-"))
    return bool(value)


def _telling(code: str, value: object) -> bool:
    """Whether a date is a real one, and a machine's number is more than a hash."""
    text = str(value).strip()
    return text[:4] > _SHIFTED if code == DATE else not _HASH.fullmatch(text)


def _is_label(dataset: Dataset, path: str, value: object) -> bool:
    """Whether a value is the participant's own label, which everybody knows."""
    name = dataset.names.get(path)
    subject = name.subject if name is not None else ""
    return bool(subject) and str(value).strip().removeprefix("sub-") == subject


def _person(dataset: Dataset, path: str, key: str, *, top: bool) -> Verdict:
    return Verdict(
        PERSON,
        Outcome.NOT_MET,
        path,
        site_of(dataset, path),
        message=f"{key} can tell who was measured.",
        sub_code=key,
        observed=key,  # the value itself isn't repeated in reports
        fix={"op": "remove", "path": path, "key": key} if top else None,
    )


def _per_site(dataset: Dataset, code: str, places: _Places, paths: set[str]) -> Iterator[Verdict]:
    # The raw file first: a copy at the root follows it.
    ordered = sorted(paths, key=lambda path: (not path.startswith("sourcedata/"), path))
    for site, own in by_site(dataset, ordered).items():
        keys = sorted(key for at, key in places if at == site)
        yield Verdict(
            code,
            Outcome.NOT_MET,
            own[0],
            site,
            message=f"Sidecars tell {_TOLD[code]}: {shortened(', '.join(keys))}.",
            observed=f"in {len(own)} file{'s' * (len(own) > 1)}",
            affects=tuple(own[1:]),
            count=len(own),
        )
