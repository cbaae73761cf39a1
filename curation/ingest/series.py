"""Files grouped into series, each one frozen value with what tells it from the others."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from .dicom_file import DicomFile

_GAP = 1.5


@dataclass(frozen=True, slots=True)
class Series:
    """Files that belong to one image, or to one set of images (echoes, phase).

    Attributes
    ----------
    key
        Series number and a hash of the SeriesInstanceUID: what a plan calls it.
    part
        "" for a whole series; ``on`` or ``off`` where one series holds both of an MT pair.
    pulse
        Whether the MT pulse was on; None where the headers don't say.
    time
        When the acquisition began, as text that sorts.
    fault
        Why it isn't whole; "" where it seems so.
    """

    key: str
    uid: str
    part: str
    number: int
    description: str
    protocol: str
    study: str
    patient: str
    frame: str
    time: str
    image_types: tuple[tuple[str, ...], ...]
    pulse: bool | None
    images: int
    slices: int
    echoes: int
    size: tuple[int, int]
    files: tuple[Path, ...]
    fault: str = ""


def group_series(headers: Iterable[DicomFile], damaged: Iterable[str] = ()) -> list[Series]:
    """Group files by SeriesInstanceUID; a series that holds an MT pair is split by the pulse.

    Parameters
    ----------
    damaged
        For each file that can't be used the UID of its series.
    """
    lacks = Counter(damaged)
    groups: dict[str, list[DicomFile]] = defaultdict(list)
    for header in headers:
        groups[header.series].append(header)
    found = []
    for files in groups.values():
        once = list({one.instance_uid or one.found.name: one for one in files}.values())
        pulses = {one.pulse for one in once}
        if True in pulses and len(pulses) > 1:
            parts = {
                "on": [one for one in once if one.pulse],
                "off": [one for one in once if not one.pulse],
            }
        else:
            parts = {"": once}
        paired = len(parts) > 1
        lack = lacks[once[0].series]
        found += [_series(part, files, paired, lack) for part, files in parts.items()]
    return sorted(found, key=lambda one: (one.time, one.number, one.key, one.part))


def _series(part: str, headers: list[DicomFile], paired: bool, lack: int) -> Series:
    headers = sorted(headers, key=lambda one: (one.instance, one.found.name))
    first = headers[0]
    pulse = first.pulse if not paired else part == "on"
    positions = {round(one.position, 2) for one in headers if one.position is not None}
    return Series(
        key=series_key(first.series, first.number),
        uid=first.series,
        part=part,
        number=first.number,
        description=first.description,
        protocol=first.protocol,
        study=first.study,
        patient=first.patient,
        frame=first.frame,
        time=min(one.time for one in headers),
        image_types=tuple(sorted({one.image_type for one in headers})),
        pulse=pulse,
        images=sum(one.frames for one in headers),
        slices=len(positions) or 1,
        echoes=len({one.echo for one in headers}),
        size=first.size,
        files=tuple(one.found.path for one in headers),
        fault=f"{lack} of its files can't be used" if lack else _fault(headers),
    )


def series_key(uid: str, number: int) -> str:
    """Name a series so that a plan finds it again: its number and a hash of its UID."""
    return f"{number}-{hashlib.sha256(uid.encode()).hexdigest()[:8]}"


def _fault(headers: list[DicomFile]) -> str:
    """Say what shows that slices are missing: gaps, or a position that has fewer than others."""
    placed = [one for one in headers if one.position is not None]
    if len(placed) < len(headers) or "MOSAIC" in headers[0].image_type:
        return ""
    counts = Counter(round(one.position or 0.0, 2) for one in placed)
    if len(set(counts.values())) > 1:
        most = max(counts.values())
        lack = sum(most - count for count in counts.values())
        return f"{lack:,} of {most * len(counts):,} slices are missing"
    places = sorted(counts)
    steps = [b - a for a, b in pairwise(places)]
    usual = sorted(steps)[len(steps) // 2] if steps else 0.0
    if len({one.image_type for one in headers}) == 1 and any(s > usual * _GAP for s in steps):
        return "there is a gap between its slices"
    return ""
