"""The face as pydeface itself finds it, with FSL.

pydeface multiplies the image by a mask that is 0 outside the template as well, which in a long
view takes the spinal cord along. So it is handed the face mask the other way round, 1 in the face:
what it then leaves of the image is the face.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...system.errors import SpinegateError, ToolError
from .extra import need
from .mask import Mask
from .template import read_template
from .volume import Volume, read_volume

_SECONDS = 3600


def fsl_is_here() -> bool:
    """Whether pydeface would find FSL."""
    return shutil.which("fsl") is not None and "FSLDIR" in os.environ


def fsl_face(volume: Volume) -> Mask:
    """Find the face with pydeface and FSL's flirt.

    Raises
    ------
    SpinegateError
        Where FSL or pydeface is missing, or fails.
    """
    if not fsl_is_here():
        raise SpinegateError(
            "FSL was asked for but isn't here: install it, set FSLDIR and put its bin folder on"
            " PATH, or deface with --method ants"
        )
    nib = need("nibabel")

    known = read_template()
    with tempfile.TemporaryDirectory(prefix="spinegate-") as name:
        folder = Path(name)  # own names: file names of a dataset would reach a shell
        nib.save(nib.Nifti1Image(_lifted(volume), volume.affine), folder / "image.nii.gz")
        mask = nib.Nifti1Image(known.face.astype(np.float32), known.face_affine)
        nib.save(mask, folder / "face.nii.gz")
        nib.save(nib.Nifti1Image(_like_face(), known.face_affine), folder / "template.nii.gz")
        argv = [sys.executable, "-m", "pydeface", "image.nii.gz", "--outfile", "left.nii.gz"]
        argv += ["--facemask", str(folder / "face.nii.gz")]
        argv += ["--template", str(folder / "template.nii.gz")]
        try:
            done = subprocess.run(
                argv,
                cwd=folder,
                env={**os.environ, "TMPDIR": name},
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ToolError(argv, None, str(error)) from error
        left = folder / "left.nii.gz"
        if done.returncode or not left.exists():
            raise ToolError(argv, done.returncode, done.stderr.decode(errors="replace"))
        found: Mask = read_volume(left).values() != 0
    return found


def _lifted(volume: Volume) -> NDArray[np.float32]:
    """Values above 0 everywhere, so that what is left of them is the mask, air included."""
    values = volume.values()
    low, high = values.min(), np.percentile(values, 99)
    lifted: NDArray[np.float32] = values - low + np.float32(max(high - low, 1e-3) / 100)
    return lifted


def _like_face() -> NDArray[np.float32]:
    """Put the template on the grid of its face, which is larger: flirt's matrix needs one grid."""
    known = read_template()
    shift = np.round(np.linalg.inv(known.face_affine) @ known.affine)[:3, 3].astype(int)
    wide = np.zeros(known.face.shape, np.float32)
    place = tuple(slice(a, a + n) for a, n in zip(shift, known.values.shape, strict=True))
    wide[place] = known.values
    return wide
