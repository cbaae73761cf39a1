"""What DICOM headers tell of the person and the scanner, as a table of participants has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from .enrich import vendor_of
from .headers import HeaderError, number_of, read_header, text_of, value_of

NOTHING = "n/a"
OLDEST = 89  # above, an age is said as a group: HIPAA, 45 CFR 164.514(b)(2)(i)(C)
_TAGS = (
    "SpecificCharacterSet", "PatientID", "PatientName", "PatientBirthDate", "PatientSex",
    "PatientAge", "PatientSize", "PatientWeight", "StudyDate", "SeriesDate", "AcquisitionDate",
    "Manufacturer", "ManufacturerModelName", "SoftwareVersions", "ReceiveCoilName",
    "InstitutionName",
)  # fmt: skip
_AGE = re.compile(r"(\d{1,3})([DWMY])", re.ASCII)
_YEARS = {"D": 365.25, "W": 365.25 / 7, "M": 12.0, "Y": 1.0}
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_SEX = {"M": "M", "F": "F", "O": "O"}
_HEIGHT, _WEIGHT = (0.3, 2.5), (1.0, 400.0)  # m, kg; 0 stands where nothing was entered
_SAME = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex")
_WORDS = {
    "PatientID": "number", "PatientName": "name", "PatientBirthDate": "date of birth",
    "PatientSex": "sex",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """What the headers tell; None or "" where they don't.

    Attributes
    ----------
    age
        Whole years at the scan.
    height, weight
        cm, kg.
    scanned
        The day of the scan.
    doubts
        Why the files may be of more than one person, or odd, in words and without values.
    """

    sex: str = ""
    age: int | None = None
    height: int | None = None
    weight: int | None = None
    scanned: date | None = field(default=None, repr=False)
    manufacturer: str = ""
    model: str = ""
    coil: str = ""
    software: str = ""
    institution: str = ""
    doubts: tuple[str, ...] = ()

    def values(self, keep_dates: bool = False) -> Mapping[str, str]:
        """Return what is known by the names that columns have, of a date only the year."""
        day = self.scanned
        told = "" if day is None else day.isoformat() if keep_dates else str(day.year)
        known = {
            "sex": self.sex,
            "age": "" if self.age is None else tell_age(self.age),
            "height": "" if self.height is None else str(self.height),
            "weight": "" if self.weight is None else str(self.weight),
            "date_of_scan": told,
            "institution": self.institution,
            "manufacturer": self.manufacturer,
            "manufacturers_model_name": self.model,
            "receive_coil_name": self.coil,
            "software_versions": self.software,
        }
        return {column: value for column, value in known.items() if value}


def tell_age(years: int) -> str:
    """Return an age as it may be published.

    Examples
    --------
    >>> tell_age(89), tell_age(93)
    ('89', '90+')
    """
    return str(years) if years <= OLDEST else f"{OLDEST + 1}+"


def read_person(dicoms: Sequence[Path], sidecars: Sequence[Mapping[str, Any]] = ()) -> Person:
    """Read who was measured on what.

    Parameters
    ----------
    dicoms
        One file of each series is enough; all are read.
    sidecars
        Those of the converted images, whose words for the scanner win: they go into the dataset.
    """
    headers = list(_headers(dicoms))
    scanned = next((day for h in headers for day in _days(h)), None)
    return Person(
        sex=_SEX.get(_first(headers, "PatientSex").upper()[:1], ""),
        age=next((age for h in headers if (age := _age(h, scanned)) is not None), None),
        height=_measure(headers, "PatientSize", _HEIGHT, 100),
        weight=_measure(headers, "PatientWeight", _WEIGHT, 1),
        scanned=scanned,
        manufacturer=_said(sidecars, "Manufacturer") or _maker(headers),
        model=_said(sidecars, "ManufacturersModelName")
        or _first(headers, "ManufacturerModelName"),
        coil=_said(sidecars, "ReceiveCoilName", "CoilString")
        or _first(headers, "ReceiveCoilName"),
        software=_said(sidecars, "SoftwareVersions") or _first(headers, "SoftwareVersions"),
        institution=_said(sidecars, "InstitutionName") or _first(headers, "InstitutionName"),
        doubts=tuple(_doubts(headers)),
    )


def _headers(dicoms: Sequence[Path]) -> Iterator[Any]:
    for path in dicoms:
        try:
            yield read_header(path, _TAGS)
        except HeaderError:
            continue


def _first(headers: Sequence[Any], key: str) -> str:
    found = (text_of(value_of(header, key)) for header in headers)
    return next((text for text in found if text), "")


def _said(sidecars: Sequence[Mapping[str, Any]], *keys: str) -> str:
    for key in keys:
        for sidecar in sidecars:
            value = sidecar.get(key)
            if isinstance(value, str) and value.strip():
                return value.strip()
    return ""


def _maker(headers: Sequence[Any]) -> str:
    told = _first(headers, "Manufacturer")
    return vendor_of(told) or told


def _days(header: Any) -> Iterator[date]:
    for key in ("AcquisitionDate", "SeriesDate", "StudyDate"):
        day = _day(text_of(value_of(header, key)))
        if day is not None and day.year > 1970:
            yield day


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _age(header: Any, scanned: date | None) -> int | None:
    """Return the age at the scan: from the date of birth, else as the scanner wrote it."""
    born = _day(text_of(value_of(header, "PatientBirthDate")))
    if born is not None and scanned is not None and born < scanned:
        years = scanned.year - born.year - ((scanned.month, scanned.day) < (born.month, born.day))
        if years <= 120:
            return years
    match = _AGE.fullmatch(text_of(value_of(header, "PatientAge")))
    if match is None or not int(match[1]):
        return None
    years = int(int(match[1]) / _YEARS[match[2]])
    return years if years <= 120 else None


def _measure(
    headers: Sequence[Any], key: str, bounds: tuple[float, float], scale: float
) -> int | None:
    for header in headers:
        number = number_of(value_of(header, key))
        if number is not None and bounds[0] <= number <= bounds[1]:
            return round(number * scale)
    return None


def _doubts(headers: Sequence[Any]) -> Iterator[str]:
    if not headers:
        yield "no DICOM header could be read"
    for key in _SAME:
        told = {text_of(value_of(header, key)).casefold() for header in headers} - {""}
        if len(told) > 1:
            yield f"the files tell {len(told)} different persons by their {_WORDS[key]}"
