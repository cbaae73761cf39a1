"""A source read whole: its series, what dcm2niix makes of them, what each image is."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePath

from ...system.errors import SpinegateError, ToolError
from ...validator.report.visible import visible
from .archive import Found, Skipped, list_source
from .convert import Output, convert, find_dcm2niix
from .dicom_file import DicomFile, read_files
from .recognition import Recognised, recognise_all
from .series import Series, group_series

Progress = Callable[[str], None]
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """A series that couldn't be converted, and why."""

    series: Series
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source holds.

    Attributes
    ----------
    skipped
        Files that aren't used.
    failures
        Series of which dcm2niix makes no image.
    """

    series: tuple[Series, ...]
    images: tuple[Recognised, ...]
    skipped: tuple[Skipped, ...]
    failures: tuple[Failure, ...]

    @property
    def damaged(self) -> tuple[Skipped, ...]:
        """Files that should have been images."""
        return tuple(file for file in self.skipped if file.bad)


def read_source(source: Path, work: Path, progress: Progress) -> Reading:
    """Read, group, convert and recognise the images of one person.

    Parameters
    ----------
    source
        A folder or a zip.
    work
        A private folder for what is unpacked and converted.

    Raises
    ------
    SpinegateError
        No MR images, images of several people, or a program that is missing.
    """
    program = find_dcm2niix()
    found, skipped = list_source(source, work)
    progress(f"Reading {len(found):,} files")
    headers: list[DicomFile] = []
    passed: list[Skipped] = list(skipped)
    for one in read_files(found):
        if isinstance(one, Skipped):
            passed.append(one)
        else:
            headers.append(one)
    if not headers:
        raise SpinegateError(f"{source} holds no MR images{_first_reason(passed, found)}")
    _require_one_person(source, headers)
    series = group_series(headers, (file.series for file in passed if file.series))
    outputs, failures = _convert_all(series, work, program, progress)
    return Reading(tuple(series), tuple(recognise_all(outputs)), tuple(passed), tuple(failures))


def _first_reason(skipped: list[Skipped], found: tuple[Found, ...]) -> str:
    bad = [file for file in skipped if file.bad]
    if bad:
        return f" that can be read: {visible(bad[0].name)} is {bad[0].reason}"
    return f": {len(found):,} files, none of them DICOM with an image" if found else ": no files"


def _require_one_person(source: Path, headers: list[DicomFile]) -> None:
    people: dict[str, str] = {}
    for header in headers:
        people.setdefault(header.patient, PurePath(header.found.name).parent.as_posix())
    if len(people) > 1:
        places = ", ".join(visible(place) for place in list(people.values())[:_SHOWN])
        raise SpinegateError(
            f"{source} holds images of {len(people)} people (for instance in {places}): "
            "name the folder of one"
        )


def _convert_all(
    series: list[Series], work: Path, program: str, progress: Progress
) -> tuple[list[Output], list[Failure]]:
    outputs: list[Output] = []
    failures: list[Failure] = []
    progress(f"Converting {len(series):,} series")

    def attempt(one: Series) -> list[Output] | Failure:
        try:
            return convert(one, work, program)
        except ToolError as error:
            if error.code is None and not error.stderr.startswith("no end"):
                raise
            return Failure(one, f"dcm2niix: {error.stderr or f'status {error.code}'}")

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for result in pool.map(attempt, series):
            if isinstance(result, Failure):
                failures.append(result)
            else:
                outputs += result
    return outputs, failures
