"""From a NIfTI block to the slices of a DICOM series: order, position, pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from .anatomy import Floats
from .grids import Grid


@dataclass(frozen=True, slots=True)
class Plane:
    """One stored picture: pixels (rows, columns), ImagePositionPatient (LPS, mm), its number."""

    pixels: NDArray[np.int16]
    position: Floats
    slice_number: int
    volume: int


def slice_count(grid: Grid) -> int:
    """Return how many slices a volume has."""
    return grid.shape[0 if grid.plane == "sagittal" else 2]


def pixel_spacing(grid: Grid) -> tuple[float, float, float]:
    """Return the distance between rows, between columns and between slices, mm."""
    x, y, z = grid.spacing
    return (z, y, x) if grid.plane == "sagittal" else (y, x, z)


def cut(grid: Grid, image: NDArray[np.int16]) -> Iterator[Plane]:
    """Cut an image (3 or 4 axes) into slices, volume by volume."""
    for volume in range(image.shape[3] if image.ndim == 4 else 1):
        block = image[..., volume] if image.ndim == 4 else image
        for number in range(slice_count(grid)):
            yield Plane(_pixels(grid, block, number), grid.position(number), number, volume)


def mosaic(grid: Grid, image: NDArray[np.int16]) -> Iterator[Plane]:
    """Tile each volume into one picture, as Siemens does; the position is the picture's."""
    count = slice_count(grid)
    tiles = ceil(sqrt(count))
    row, column, _ = grid.dicom_axes()
    between_rows, between_columns, _ = pixel_spacing(grid)
    rows, columns = _pixels(grid, image[..., 0], 0).shape
    shift = row * between_columns * (columns * (tiles - 1) / 2)
    shift = shift + column * between_rows * (rows * (tiles - 1) / 2)
    for volume in range(image.shape[3]):
        picture = np.zeros((rows * tiles, columns * tiles), dtype=np.int16)
        for number in range(count):
            down, across = number // tiles * rows, number % tiles * columns
            tile = _pixels(grid, image[..., volume], number)
            picture[down : down + rows, across : across + columns] = tile
        yield Plane(picture, grid.position(0) - shift, 0, volume)


def _pixels(grid: Grid, block: NDArray[np.int16], number: int) -> NDArray[np.int16]:
    if grid.plane == "sagittal":
        return np.ascontiguousarray(block[number, ::-1, ::-1].T)
    columns = -1 if grid.turned else 1
    return np.ascontiguousarray(block[::columns, ::-1, number].T)
