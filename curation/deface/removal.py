"""One image defaced: found, removed, tested."""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ...system.errors import SpinegateError
from .align import alignment
from .apply import remove
from .check import Verdict, judge
from .cord import cord_points
from .fsl import fsl_face, fsl_is_here
from .mask import FaceMask, Mask, face_mask, lay
from .search import Placement, locate
from .volume import Volume, read_volume

Method = Literal["auto", "ants", "fsl"]
_TISSUE = 0.15  # of the 99th percentile


@dataclass(frozen=True, slots=True)
class Result:
    """What was done to one image, and what the automatic test says.

    Attributes
    ----------
    verdict
        `FACE_GONE` is no promise: a person must look at every image.
    method
        "ants" or "fsl".
    borrowed
        Whether the face was found on the reference.
    agreement
        Dice of the two findings of the face.
    mi
        Mutual information with the template, in nats; of the reference where it was borrowed.
    removed
        Voxels of the mask that showed tissue.
    mask
        All voxels of the mask.
    volume
        Of the mask, in ml.
    brain_cut
        Share of the brain that the mask takes, as the registrations have it.
    cord_cut
        Voxels of the cord that the mask would have taken; they were kept.
    missed
        Share of the face, as either registration has it, that was kept.
    seconds
        Time taken.
    note
        What a person should know; empty mostly.
    """

    verdict: Verdict
    method: str
    borrowed: bool
    agreement: float
    mi: float
    removed: int
    mask: int
    volume: float
    brain_cut: float
    cord_cut: int
    missed: float
    seconds: float
    note: str = ""


def deface(
    image: Path,
    output: Path,
    *,
    reference: Path | None = None,
    cord: Path | None = None,
    method: Method = "auto",
    placement: Placement | None = None,
) -> Result:
    """Write a copy of an image without its face.

    The copy is written whatever the test says, for a person to look at: it must not be committed
    unless the verdict is `FACE_GONE` and a person agreed.

    Parameters
    ----------
    image
        A NIfTI file, of any contrast and orientation.
    output
        Where to write; not the image itself.
    reference
        The T1w image of the same session: the face is found on it where the two align.
    cord
        A segmentation of the spinal cord, in the place of the image.
    method
        "fsl" is pydeface's own; "auto" takes it where FSL is installed.
    placement
        What `locate` said of the reference (or of the image, without one), to save the time.

    Raises
    ------
    SpinegateError
        Where a file can't be read or written, or a package is missing.
    """
    started = time.monotonic()
    volume = read_volume(image)
    if output.exists() and output.samefile(image):
        raise SpinegateError(f"{output}: the original would be overwritten; name another file")
    if volume.stored.dtype.fields is not None:
        raise SpinegateError(f"{image}: a colour image can't be defaced")
    notes = [] if volume.placed else ["its header doesn't say where it lies"]
    source = _borrowed_from(volume, reference, notes)
    if source is None:
        known = locate(volume) if reference is not None or placement is None else placement
    else:
        known = placement or locate(source)
    points = None if cord is None else cord_points(cord)
    if points is not None and len(points) == 0:
        notes.append("the cord's segmentation is empty")
    own = None
    if method == "fsl" or (method == "auto" and fsl_is_here()):
        own = fsl_face(source or volume)
        if source is not None:
            face = own.astype(np.uint8)
            own = lay(face, source.affine, np.eye(4), volume.affine, volume.grid)
    mask = face_mask(known, volume.affine, volume.grid, cord=points, own=own)
    remove(volume, mask.removed, output)
    return _result(
        volume,
        known,
        mask,
        method="ants" if own is None else "fsl",
        borrowed=source is not None,
        seconds=time.monotonic() - started,
        note="; ".join(notes),
    )


def _borrowed_from(volume: Volume, reference: Path | None, notes: list[str]) -> Volume | None:
    """Read the reference, if the two images align."""
    if reference is None:
        return None
    other = read_volume(reference)
    aligned = alignment(volume, other)
    if aligned.aligned:
        return other
    notes.append(f"the face was looked for anew, not taken from the other image: {aligned.reason}")
    return None


def tissue(volume: Volume) -> Mask:
    """Where an image shows more than background, roughly."""
    values = volume.values()
    shown: Mask = values > _TISSUE * np.percentile(values, 99)
    return shown


def _result(
    volume: Volume,
    known: Placement,
    mask: FaceMask,
    *,
    method: str,
    borrowed: bool,
    seconds: float,
    note: str,
) -> Result:
    removed = int((mask.removed & tissue(volume)).sum())
    voxels = int(mask.removed.sum())
    verdict = judge(
        removed=removed,
        agreement=mask.agreement,
        mi=known.mi,
        brain_cut=mask.brain_cut,
        cord_cut=mask.cord_cut,
        missed=mask.missed,
        placed=volume.placed,
    )
    size = abs(float(np.linalg.det(volume.affine[:3, :3]))) / 1000
    return Result(
        verdict,
        method,
        borrowed,
        mask.agreement,
        known.mi,
        removed,
        voxels,
        voxels * size,
        mask.brain_cut,
        mask.cord_cut,
        mask.missed,
        seconds,
        note,
    )


def record(result: Result) -> dict[str, Any]:
    """What the sidecar says of a defacing, under the key `Defaced`."""
    return {
        "Method": result.method,
        "Template": f"pydeface {_version('pydeface')}",
        "Software": f"spinegate {_version('spinegate')}, antspyx {_version('antspyx')}",
        "FromOtherContrast": result.borrowed,
        "Agreement": round(result.agreement, 3),
        "MutualInformation": round(result.mi, 3),
        "AutomaticTest": str(result.verdict),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
