"""Keys of JSON files that tell who was measured, when, or on which machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ..dataset import Dataset
from ..entities import subject_of
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
IDENTIFYING = PERSON_KEYS | _SHARED.keys()
SAYS_NOTHING = frozenset(
    ("", "anonymous", "anonymised", "anonymized", "anon", "n/a", "na", "none", "unknown", "xxx",
     "removed", "deidentified", "de-identified")
)  # fmt: skip
_HASH = re.compile(r"[0-9a-fA-F]{16,128}")
_SHIFTED = "1925"  # BIDS asks for a year up to this one where dates are shifted
_DEPTH, _KEPT = 4, 200

_Places = dict[str, list[str]]


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield a finding per file and key that tells of a person; machine and date per site."""
    dataset = inspection.dataset
    told: dict[str, _Places] = {code: {} for code in (PERSON, *_TOLD)}
    clean: set[int] = set()  # thousands of derivatives' sidecars are one and the same value
    for path, sidecar in dataset.json.items():
        value = sidecar.value
        if id(value) in clean:
            continue
        tellers = _tellers(value)
        if not tellers:
            clean.add(id(value))
        for code, key, text in tellers:
            if code != PERSON or not _is_label(path, text):
                told[code].setdefault(path, []).append(key)
    for code, places in told.items():
        yield met(code, count=len(dataset.json) - len(places))
    for path, keys in told[PERSON].items():
        for key in sorted(set(keys)):
            yield _person(dataset, path, key)
    for code in _TOLD:
        yield from _per_site(dataset, code, told[code])


def _tellers(value: Mapping[str, Any], depth: int = 0) -> list[tuple[str, str, str]]:
    """Find (code, key, text), also in objects inside (dcmstack and heudiconv write such)."""
    found = []
    for key in () if value.keys().isdisjoint(IDENTIFYING) else value.keys() & IDENTIFYING:
        own = value[key]
        text = own[:_KEPT] if type(own) is str else str(own or "")[:_KEPT]
        if code := _told_by(key, text):
            found.append((code, key, text))
    if depth < _DEPTH and dict in map(type, value.values()):
        for part in value.values():
            if type(part) is dict:
                found += _tellers(part, depth + 1)
    return found


@lru_cache(maxsize=4096)
def _told_by(key: str, text: str) -> str:
    """Return the code that a value deserves; "" for what says nothing.

    These are zeros, the words of anonymisers, dates that were shifted and hashes of a machine's
    number.
    """
    text = text.strip()
    code = _SHARED.get(key, PERSON)
    if text.casefold() in SAYS_NOTHING or not text.strip("0 .:-"):
        return ""
    if code == DATE:
        return code if text[:4] > _SHIFTED else ""
    return "" if code == DEVICE and _HASH.fullmatch(text) else code


def _is_label(path: str, text: str) -> bool:
    """Whether a value is the participant's own label, which everybody knows."""
    subject = subject_of(path)
    return bool(subject) and text.strip().removeprefix("sub-") == subject


def _person(dataset: Dataset, path: str, key: str) -> Verdict:
    top = key in dataset.json[path].value
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


def _per_site(dataset: Dataset, code: str, places: _Places) -> Iterator[Verdict]:
    # The raw file first: a copy at the root follows it.
    ordered = sorted(places, key=lambda path: (not path.startswith("sourcedata/"), path))
    for site, paths in by_site(dataset, ordered).items():
        keys = sorted({key for path in paths for key in places[path]})
        yield Verdict(
            code,
            Outcome.NOT_MET,
            paths[0],
            site,
            message=f"Sidecars tell {_TOLD[code]}: {shortened(', '.join(keys))}.",
            observed=keys,
            affects=tuple(paths[1:]),
            count=len(paths),
        )
