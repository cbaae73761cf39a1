"""The images: tissue shares times signals, noise, and NIfTI bytes that do not vary."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from functools import cache
from math import pi, radians
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from .grids import Grid
from .participants import Participant
from .protocol import B_VALUE, CONTRASTS, INVERSION, SHOT_INTERVAL
from .signal import attenuation, gradient_echo, inversion_recovery, spin_echo
from .tissues import Composition, Tissue

SCALE = 60_000.0
"""Stored units per unit of signal, times the gain of the contrast; int16 keeps 4 digits."""
_GAIN = {"T1w": 0.6, "T2w": 0.6, "T2star": 1.5, "dwi": 0.7, "MTS": 4.0}


@dataclass(frozen=True, slots=True)
class Scheme:
    """dwi volumes: b-values (s/mm2) and unit directions (n, 3) in world axes, zero at b = 0."""

    b: NDArray[np.float64]
    directions: NDArray[np.float64]


@cache
def make_scheme(counts: tuple[int, int, int]) -> Scheme:
    """Spread directions over a half sphere (golden spiral) between the b0 first and last."""
    first, number, last = counts
    rank = np.arange(number) + 0.5
    height = 1 - rank / number
    turn = pi * (1 + 5**0.5) * rank
    across = np.sqrt(1 - height**2)
    sphere = np.stack([across * np.cos(turn), across * np.sin(turn), height], axis=1)
    directions = np.concatenate([np.zeros((first, 3)), sphere, np.zeros((last, 3))])
    return Scheme(np.where(directions.any(axis=1), B_VALUE, 0.0), directions)


def image_directions(scheme: Scheme, grid: Grid) -> NDArray[np.float64]:
    """Return the directions in image axes as bvec files hold them (FSL): (3, n)."""
    rotated = scheme.directions @ (grid.affine[:3, :3] / np.array(grid.spacing))
    if np.linalg.det(grid.affine[:3, :3]) > 0:
        rotated[:, 0] *= -1
    return np.asarray(rotated.T)


def render(
    participant: Participant,
    contrast: str,
    parts: Composition,
    noise: float = 0.0,
    seed: int = 0,
    echo: float | None = None,
) -> NDArray[np.int16]:
    """Make the image of one series, (x, y, z) or (x, y, z, volume).

    Parameters
    ----------
    participant, contrast, parts
        Who, which key of `protocol.CONTRASTS`, and the tissue shares on its grid.
    noise
        Standard deviation of the Gaussian noise in each channel of the complex signal, as a
        share of the white matter's signal (of the first volume); the magnitude is Rician.
    seed
        Of the noise.
    echo
        Echo time (s) of one echo of T2star, instead of the combined image.
    """
    family = CONTRASTS[contrast].family
    share = parts.share
    signals = {t: _signal(participant, contrast, t, echo) for t in Tissue}
    if family == "dwi":
        scheme = make_scheme(participant.vendor.scheme)
        axes = participant.anatomy.axes(parts.height.ravel())
        tangent = axes.tangent.T.reshape(3, *parts.height.shape)
        volumes = []
        for b, direction in zip(scheme.b, scheme.directions, strict=True):
            volume = np.zeros(share.shape[1:])
            for tissue in Tissue:
                properties = participant.tissues[tissue]
                fade = attenuation(properties, float(b), direction, tangent)
                volume += share[tissue] * signals[tissue] * fade
            volumes.append(volume)
        image = np.stack(volumes, axis=-1)
    else:
        image = sum((share[t] * signals[t] for t in Tissue), np.zeros(share.shape[1:]))
    image *= SCALE * _GAIN[family]
    if noise:
        key = [seed, zlib.crc32(f"{participant.name} {contrast} {echo}".encode())]
        rng = np.random.default_rng(key)
        spread = noise * signals[Tissue.WHITE] * SCALE * _GAIN[family]
        real, imaginary = rng.normal(0, spread, (2, *image.shape))
        image = np.hypot(image + real, imaginary)
    return np.clip(np.rint(image), 0, 32767).astype(np.int16)


def _signal(participant: Participant, contrast: str, tissue: Tissue, echo: float | None) -> float:
    timing = participant.vendor.timing[contrast]
    properties = participant.tissues[tissue]
    match CONTRASTS[contrast].family:
        case "T1w":
            return inversion_recovery(properties, SHOT_INTERVAL, timing.te, INVERSION)
        case "T2w" | "dwi":
            return spin_echo(properties, timing.tr, timing.te)
        case "T2star":
            te = timing.te if echo is None else echo
            return gradient_echo(properties, timing.tr, te, radians(timing.flip))
        case _:
            on = contrast == "MTon"
            return gradient_echo(properties, timing.tr, timing.te, radians(timing.flip), mt=on)


def nifti_bytes(data: NDArray[np.generic], grid: Grid, tr: float = 0.0, note: str = "") -> bytes:
    """Return a gzipped NIfTI-1 image; the same content gives the same bytes.

    `tr` (s) is the fourth axis's step; `note` (at most 79 ASCII characters) is the header's
    description, which tells images with the same voxels apart.
    """
    make: Any = nib.Nifti1Image  # nibabel has no types
    image = make(data, grid.affine)
    image.header.set_xyzt_units("mm", "sec")
    image.header["descrip"] = note.encode("ascii")
    if data.ndim == 4:
        image.header.set_zooms((*grid.spacing, tr))
    image.set_qform(grid.affine, code=1)
    image.set_sform(grid.affine, code=1)
    content: bytes = image.to_bytes()
    return compress(content)


def compress(content: bytes) -> bytes:
    """Compress without a time or a name, so that equal contents give equal bytes."""
    return gzip.compress(content, compresslevel=4, mtime=0)
