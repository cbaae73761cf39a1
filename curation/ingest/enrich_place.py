"""Where the first slice of a series lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .headers import (
    HeaderError,
    items_of,
    number_of,
    numbers_of,
    plain,
    read_header,
    shared_value,
    value_of,
    words_of,
)
from .siemens import read_csa

_DIGITS = 5
_TAGS = ("ImagePositionPatient", "InstanceNumber")
_TILES = 400  # slices of a mosaic; no scanner tiles more


def first_position(dicoms: Sequence[Path], header: Any) -> list[int | float] | None:
    """Return where the first voxel of the first slice lies, mm in the patient's system (LPS).

    The first slice is that of the lowest InstanceNumber; of an enhanced file that of the lowest
    place in its stack.

    Parameters
    ----------
    dicoms
        All files of the series.
    header
        The whole header of one of them.
    """
    if value_of(header, "PerFrameFunctionalGroupsSequence") is not None:
        place = _first_frame(header)
    else:
        place = _first_file(dicoms)
        shift = _mosaic_shift(header) if place is not None else None
        if shift is not None and place is not None:
            place = [a + b for a, b in zip(place, shift, strict=True)]
    return None if place is None else [plain(round(x, _DIGITS) + 0.0) for x in place]


def _first_file(dicoms: Sequence[Path]) -> list[float] | None:
    found: list[tuple[float, list[float]]] = []
    for path in dicoms:
        try:
            header = read_header(path, _TAGS)
        except HeaderError:
            continue
        place = numbers_of(value_of(header, "ImagePositionPatient"), 3)
        number = number_of(value_of(header, "InstanceNumber"))
        if place is not None:
            found.append((math.inf if number is None else number, place))
    return min(found)[1] if found else None


def _first_frame(header: Any) -> list[float] | None:
    found: list[tuple[float, list[float]]] = []
    for frame in items_of(value_of(header, "PerFrameFunctionalGroupsSequence")):
        for item in items_of(value_of(frame, "PlanePositionSequence"))[:1]:
            place = numbers_of(value_of(item, "ImagePositionPatient"), 3)
            if place is None:
                continue
            numbers = [
                number_of(value_of(content, "InStackPositionNumber"))
                for content in items_of(value_of(frame, "FrameContentSequence"))[:1]
            ]
            number = numbers[0] if numbers else None
            found.append((math.inf if number is None else number, place))
    if found:
        return min(found, key=lambda item: item[0])[1]
    place = shared_value(header, "PlanePositionSequence", "ImagePositionPatient")
    return numbers_of(place, 3)


def _mosaic_shift(header: Any) -> list[float] | None:
    """Return the way from a mosaic's corner to that of the slice it means, mm.

    Siemens writes the position that one slice of the mosaic's size would have, with the centre
    where the slices have theirs.
    """
    if "MOSAIC" not in words_of(value_of(header, "ImageType")):
        return None
    tag = read_csa(header, "image").get("NumberOfImagesInMosaic")
    count = number_of(tag["items"][:1]) if tag else None
    if count is None:
        count = number_of(value_of(header, (0x0019, 0x100A)))
    axes = numbers_of(value_of(header, "ImageOrientationPatient"), 6)
    spacing = numbers_of(value_of(header, "PixelSpacing"), 2)
    rows, columns = (number_of(value_of(header, name)) for name in ("Rows", "Columns"))
    if count is None or not 0 < count <= _TILES or axes is None or spacing is None:
        return None
    if rows is None or columns is None:
        return None
    tiles = math.ceil(math.sqrt(count))
    across = spacing[1] * (columns - columns / tiles) / 2
    down = spacing[0] * (rows - rows / tiles) / 2
    return [axes[i] * across + axes[i + 3] * down for i in range(3)]
