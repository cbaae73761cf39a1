"""Keys of a sidecar that tell who was measured, when, or on which machine."""

from __future__ import annotations

from collections.abc import Iterator

from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, met

PERSON = "SIDECAR_IDENTIFIES_PERSON"
SHARED = {"SIDECAR_IDENTIFIES_DEVICE": "the machine", "SIDECAR_HOLDS_DATE": "the date of scan"}
# Of the attributes that DICOM PS3.15, table E.1-1 removes or replaces, those converters write.
PERSON_KEYS = frozenset(
    (
        "PatientName", "PatientID", "PatientBirthDate", "PatientAddress", "PatientComments",
        "OtherPatientIDs", "OtherPatientNames", "PatientTelephoneNumbers", "AccessionNumber",
        "PatientMotherBirthName", "ReferringPhysicianName", "PerformingPhysicianName",
        "NameOfPhysiciansReadingStudy", "OperatorsName", "RequestingPhysician", "StudyID",
        "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID",
        "AdmissionID", "MedicalRecordLocator", "IssuerOfPatientID", "EthnicGroup", "Occupation",
    )
)  # fmt: skip
SHARED_KEYS = {
    **dict.fromkeys(
        ("DeviceSerialNumber", "StationName", "InstitutionAddress"), "SIDECAR_IDENTIFIES_DEVICE"
    ),
    **dict.fromkeys(
        ("AcquisitionDateTime", "AcquisitionDate", "StudyDate", "SeriesDate", "ContentDate"),
        "SIDECAR_HOLDS_DATE",
    ),
}
_EMPTY = ("", "anonymous", "Anonymous", "anon", "n/a")


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield a finding per sidecar that names a person, and per site that tells machine or date."""
    shared: dict[tuple[str, str], dict[str, list[Scan]]] = {}
    sound: dict[tuple[str, str], int] = {}
    for scan in inspection.raw:  # of a preprocessed image the rule on twins sees to it
        keys = scan.sidecar.keys()
        named = [key for key in sorted(PERSON_KEYS & keys) if _tells(scan.sidecar[key])]
        for key in named:
            yield _person(scan, key)
        found = {SHARED_KEYS[key] for key in SHARED_KEYS.keys() & keys}
        for key in SHARED_KEYS.keys() & keys:
            places = shared.setdefault((SHARED_KEYS[key], scan.site), {})
            places.setdefault(key, []).append(scan)
        fine = SHARED.keys() - found
        for code in fine if named else (*fine, PERSON):
            sound[code, scan.site] = sound.get((code, scan.site), 0) + 1
    for (code, site), count in sound.items():
        yield met(code, site, count=count)
    for (code, site), places in shared.items():
        scans = list({scan.path: scan for found in places.values() for scan in found}.values())
        yield Verdict(
            code,
            Outcome.NOT_MET,
            scans[0].path,
            site,
            message=f"Sidecars tell {SHARED[code]}: {', '.join(sorted(places))}.",
            observed=f"in {len(scans)} sidecars",
            affects=tuple(scan.path for scan in scans[1:]),
        )


def _tells(value: object) -> bool:
    return value is not None and not (isinstance(value, str) and value.strip() in _EMPTY)


def _person(scan: Scan, key: str) -> Verdict:
    path = scan.sidecars[-1]
    return Verdict(
        PERSON,
        Outcome.NOT_MET,
        path,
        scan.site,
        scan.contrast or "",
        message=f"The sidecar holds {key}, which can tell who was measured.",
        sub_code=key,
        observed=key,  # the value itself isn't repeated in reports
        fix={"op": "remove", "path": path, "key": key},
        affects=(scan.path,),
    )
