"""A face that a person took out with another program, checked and taken over."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...system.errors import SpinegateError
from ..place import Place
from .apply import remove
from .check import Verdict
from .images import Image, digest
from .mask import Mask
from .removal import Result, tissue
from .views import make_views
from .volume import read_volume
from .work import BY_HAND, Sources, folder_of, keep, made, save_views

_SAME = 1e-3  # mm, or a share of the brightest voxel: other programs round otherwise


def take_over(place: Place, image: Image, file: Path) -> Result:
    """Take out of an image what a file shows to have been taken out, and nothing else.

    Header and all other voxels stay the dataset's own. No automatic test says anything of the
    result: a person must look at it, as at all others.

    Raises
    ------
    SpinegateError
        The file isn't this image with a part blanked.
    """
    if image.file is None or image.problem:
        raise SpinegateError(f"{image.path}: {image.problem or 'its content is not here'}")
    before, after = read_volume(image.file), read_volume(file)
    if before.stored.shape != after.stored.shape:
        raise SpinegateError(f"{file}: its grid is {after.grid}, that of the image {before.grid}")
    if np.abs(before.affine - after.affine).max() > _SAME:
        raise SpinegateError(f"{file}: its header lays it elsewhere than the image")
    changed = _changed(before.values(), after.values(), file)
    started = time.monotonic()

    def make(output: Path) -> Result:
        remove(before, changed, output)
        save_views(make_views(image.file or file, output), output.parent)
        size = abs(float(np.linalg.det(before.affine[:3, :3]))) / 1000
        return Result(
            verdict=Verdict.DOUBTFUL, method=BY_HAND, borrowed=False, agreement=0.0, mi=0.0,
            removed=int((changed & tissue(before)).sum()), mask=int(changed.sum()),
            volume=float(changed.sum()) * size, brain_cut=0.0, cord_cut=0, missed=0.0,
            seconds=time.monotonic() - started,
            note="it was defaced by hand, and not tested",
        )  # fmt: skip

    former = made(place, image.path)
    sources = Sources(image.path, digest(image), BY_HAND)
    keep(folder_of(place, image.path), sources, former.tries if former else (), make)
    found = made(place, image.path)
    assert found is not None
    return found.result


def _changed(one: NDArray[np.float32], other: NDArray[np.float32], file: Path) -> Mask:
    """Return what was blanked; where a program rounds, what changed by more than that."""
    least = _SAME * float(np.abs(one).max())
    for limit in (0.0, least):
        changed: Mask = np.abs(one - other) > limit
        if not changed.any():
            raise SpinegateError(
                f"{file}: it shows all that the image shows; nothing was taken out"
            )
        blank = np.median(other[changed])
        if (np.abs(other[changed] - blank) <= least).all():
            return changed
    raise SpinegateError(
        f"{file}: it differs from the image by more than a part that was blanked; it must not "
        "be resampled, smoothed or scaled"
    )
