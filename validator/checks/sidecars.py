"""Sidecars: there, readable, complete, of the right types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...protocol_specs.parameter import is_number
from ..dataset import Scan, Stage
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, met

MISSING, REQUIRED, TYPE = "SIDECAR_MISSING", "SIDECAR_KEY_MISSING", "SIDECAR_TYPE_WRONG"
_NUMBERS = (
    "EchoTime",
    "RepetitionTime",
    "RepetitionTimeExcitation",
    "InversionTime",
    "FlipAngle",
    "MagneticFieldStrength",
    "SliceThickness",
    "PixelBandwidth",
    "SAR",
    "TxRefAmp",
    "SeriesNumber",
)
_LISTS = ("ShimSetting", "ImageOrientationPatientDICOM", "ImageType")
_TEXTS = ("Manufacturer", "ManufacturersModelName", "PatientPosition", "AcquisitionTime")
_MAY_BE_LISTS = frozenset({"EchoTime", "FlipAngle", "RepetitionTimePreparation"})


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield what is wrong with JSON files, with images that have none, and with their keys."""
    yield from _check_files(inspection)
    yield from _check_presence(inspection)
    yield from _check_required(inspection)
    yield from _check_types(inspection)


def _check_files(inspection: Inspection) -> Iterator[Verdict]:
    dataset = inspection.dataset
    sound = 0
    for path, sidecar in dataset.json.items():
        if not sidecar.faults:
            sound += 1
            continue
        name = dataset.names.get(path)
        site = dataset.sites.get(name.subject, "") if name else ""
        for number, fault in enumerate(sidecar.faults):
            yield Verdict(
                fault.code,
                Outcome.NOT_MET,
                path,
                site,
                message=f"{fault.message[:1].upper()}{fault.message[1:]}.",
                sub_code=str(number or ""),
                line=fault.line,
            )
    for code in ("SIDECAR_NOT_JSON", "SIDECAR_NOT_UTF8", "SIDECAR_NOT_OBJECT"):
        yield met(code, count=sound)


def _check_presence(inspection: Inspection) -> Iterator[Verdict]:
    found: dict[tuple[str, str], int] = {}
    for scan in inspection.dataset.scans:
        place = scan.site, scan.contrast or ""
        if scan.sidecars:
            found[place] = found.get(place, 0) + 1
            continue
        expected = scan.path.removesuffix(".gz").removesuffix(".nii") + ".json"
        yield Verdict(
            MISSING,
            Outcome.NOT_MET,
            scan.path,
            *place,
            message="The image has no sidecar: nothing is known of how it was made.",
            expected=expected,
        )
    for place, count in found.items():
        yield met(MISSING, *place, count=count)


def _check_required(inspection: Inspection) -> Iterator[Verdict]:
    """One finding per site and key: it is the conversion that forgot it, not a person."""
    lacking: dict[tuple[str, str], list[Scan]] = {}
    counts: dict[tuple[str, str], int] = {}
    for scan in inspection.raw:
        contrast = inspection.spec.contrasts.get(scan.contrast or "")
        if contrast is None or not scan.sidecars:
            continue
        for key in contrast.keys:
            if key in scan.sidecar:
                counts[scan.site, contrast.name] = counts.get((scan.site, contrast.name), 0) + 1
            else:
                lacking.setdefault((scan.site, key), []).append(scan)
    for (site, name), count in counts.items():
        yield met(REQUIRED, site, name, count)
    for (site, key), scans in lacking.items():
        contrasts = list(dict.fromkeys(scan.contrast or "" for scan in scans))
        yield Verdict(
            REQUIRED,
            Outcome.NOT_MET,
            scans[0].path,
            site,
            contrasts[0] if len(contrasts) == 1 else "",
            message=f"{key} is missing in the sidecars of {', '.join(contrasts)}.",
            sub_code=key,
            observed=f"missing in {len(scans)} sidecars",
            expected=key,
            suggestion=_how(key),
            affects=tuple(scan.path for scan in scans[1:]),
        )


def _how(key: str) -> str:
    if key == "MTState":
        return (
            "Write MTState: true into the sidecars of MTon, false into those of MToff and GRE-T1w."
        )
    if key == "RepetitionTimeExcitation":
        return "Write the repetition time as RepetitionTimeExcitation, in seconds, as well."
    return ""


def _check_types(inspection: Inspection) -> Iterator[Verdict]:
    right: dict[tuple[str, str], int] = {}
    for scan in inspection.dataset.scans:
        if scan.stage is Stage.DERIVATIVE or not scan.sidecars:
            continue
        wrong = list(_wrong_types(scan.sidecar))
        place = scan.site, scan.contrast or ""
        if not wrong:
            right[place] = right.get(place, 0) + 1
        elif scan.stage is Stage.RAW:
            for key, kind in wrong:
                yield _wrong_type(scan, key, kind)
    for place, count in right.items():
        yield met(TYPE, *place, count=count)


def _wrong_types(sidecar: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in _NUMBERS:
        value = sidecar.get(key)
        if value is None or is_number(value):
            continue
        if not (key in _MAY_BE_LISTS and isinstance(value, list) and all(map(is_number, value))):
            yield key, "a number"
    for key in _LISTS:
        value = sidecar.get(key)
        if value is not None and not isinstance(value, list):
            yield key, "a list"
    for key in _TEXTS:
        value = sidecar.get(key)
        if value is not None and not isinstance(value, str):
            yield key, "a text"


def _wrong_type(scan: Scan, key: str, kind: str) -> Verdict:
    value = scan.sidecar[key]
    shown = f"{value!r:.60}"
    fixed = _as_number(value) if kind == "a number" else None
    return Verdict(
        TYPE,
        Outcome.NOT_MET,
        scan.sidecars[-1],
        scan.site,
        scan.contrast or "",
        message=f"{key} is {shown} where {kind} belongs.",
        sub_code=key,
        observed=value,
        expected=kind,
        fix=(
            {"op": "set", "path": scan.sidecars[-1], "key": key, "value": fixed}
            if fixed is not None
            else None
        ),
        affects=(scan.path,),
    )


def _as_number(value: Any) -> float | list[float] | None:
    """Read a number, or numbers joined by commas, out of a text; None where it isn't that."""
    if not isinstance(value, str):
        return None
    try:
        numbers = [float(part) for part in value.split(",")]
    except ValueError:
        return None
    if not all(map(is_number, numbers)):
        return None
    return numbers if len(numbers) > 1 else numbers[0]
