"""The diffusion tensor's metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...system.errors import SpinegateError

_LEAST_DIRECTIONS = 6
Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """Per voxel: fractional anisotropy; mean, radial and axial diffusivity in mm2/s."""

    fa: Map
    md: Map
    rd: Map
    ad: Map


def fit_tensor(
    data: NDArray[Any],
    values: NDArray[np.float64],
    directions: NDArray[np.float64],
    mask: NDArray[np.bool_] | None = None,
) -> Tensor:
    """Fit a tensor to each voxel by weighted least squares (dipy).

    Parameters
    ----------
    data
        x, y, z, volume.
    values
        b-values in s/mm2 (n).
    directions
        Unit vectors (n x 3).
    mask
        Where to fit; 0 elsewhere. None for everywhere.

    Raises
    ------
    SpinegateError
        The volumes can't say what a tensor is.
    """
    from dipy.core.gradients import gradient_table
    from dipy.reconst.dti import TensorModel

    if not data.shape[-1] == len(values) == len(directions):
        raise SpinegateError(
            f"{data.shape[-1]} volumes, {len(values)} b-values and {len(directions)} directions"
        )
    weighted = np.unique(np.round(directions[values > 0], 4), axis=0)
    if len(weighted) < _LEAST_DIRECTIONS:
        raise SpinegateError(
            f"a tensor needs {_LEAST_DIRECTIONS} directions, these are {len(weighted)}"
        )
    table = gradient_table(values, bvecs=directions)
    found = TensorModel(table).fit(data, mask=mask)
    return Tensor(*(np.asarray(x, np.float32) for x in (found.fa, found.md, found.rd, found.ad)))
