"""One linear registration of two coarse copies by ANTs: one thread, fixed seed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .coarse import Coarse
from .extra import need
from .volume import Matrix

SEED = "20261120"
Kind = Literal["Rigid", "Similarity"]
_SIZES = (0.3, 3.0)  # volumes of heads, as ratios
_CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float)


def ants() -> Any:
    """Import antspyx with one thread and a fixed seed, so that runs repeat exactly.

    The seed is read from the environment alone: the argument for it does nothing.
    """
    os.environ["ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"] = "1"
    os.environ["ANTS_RANDOM_SEED"] = SEED
    return need("ants")


def register(
    fixed: Coarse, moving: Coarse, start: Matrix, kind: Kind, steps: Sequence[int]
) -> Matrix:
    """Find the way from the fixed image to the moving one.

    Parameters
    ----------
    fixed, moving
        Copies of two images.
    start
        From mm of the fixed image to mm of the moving one, 4 x 4.
    kind
        What may change.
    steps
        Iterations at half and at full resolution.

    Returns
    -------
    Matrix
        As `start`.
    """
    module = ants()
    there, back = np.eye(4), np.eye(4)
    there[:3, :3], back[:3, :3] = fixed.frame, moving.frame.T
    with tempfile.TemporaryDirectory(prefix="spinegate-") as folder:
        try:
            found = _run(module, (fixed, moving), back @ start @ there, kind, steps, Path(folder))
        except (RuntimeError, ValueError):  # too small or too empty an image
            return start
    way: Matrix = back.T @ found @ there.T
    if not np.isfinite(way).all() or not _SIZES[0] < np.linalg.det(way[:3, :3]) < _SIZES[1]:
        return start
    return way


def _run(
    module: Any,
    images: tuple[Coarse, Coarse],
    start: Matrix,
    kind: Kind,
    steps: Sequence[int],
    folder: Path,
) -> Matrix:
    """Run ANTs, whose way of handing over a transform is a file."""
    first = str(folder / "start.mat")
    transform = module.create_ants_transform(
        transform_type="AffineTransform",
        dimension=3,
        matrix=start[:3, :3],
        translation=start[:3, 3],
    )
    module.write_transform(transform, first)
    found = module.registration(
        _image(module, images[0]),
        _image(module, images[1]),
        type_of_transform=kind,
        initial_transform=[first],
        outprefix=str(folder / "found"),
        aff_metric="mattes",
        aff_sampling=32,
        aff_random_sampling_rate=0.5,
        aff_iterations=tuple(steps),
        aff_shrink_factors=(2, 1),
        aff_smoothing_sigmas=(1, 0),
    )
    way = module.read_transform(found["fwdtransforms"][0])
    ends = np.array([way.apply_to_point(tuple(point)) for point in _CORNERS])
    matrix = np.eye(4)
    matrix[:3, 3] = ends[0]
    matrix[:3, :3] = (ends[1:] - ends[0]).T
    return matrix


def _image(module: Any, copy: Coarse) -> Any:
    return module.from_numpy(
        np.ascontiguousarray(copy.values),
        origin=tuple(float(x) for x in copy.origin),
        spacing=(copy.spacing,) * 3,
    )
