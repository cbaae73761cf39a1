"""From a converted image to the files that enter the dataset: named, enriched, de-identified."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .deidentify import Removed
from .packing import correct_axes, pack, take_volume
from .plan import Row

Enrich = Callable[[dict[str, Any], Sequence[Path]], dict[str, Any]]
Clean = Callable[[dict[str, Any], Path], Removed]

_MTS = {"MTon": True, "MToff": False, "GRE-T1w": False}


@dataclass(frozen=True, slots=True)
class Finished:
    """What was written for one row.

    Attributes
    ----------
    paths
        Relative to the folder: the image first, then its sidecar.
    removed
        What de-identification took out, and what it left.
    """

    row: Row
    paths: tuple[str, ...]
    removed: Removed

    @property
    def sidecar(self) -> str:
        """The sidecar among the paths."""
        return self.paths[1]


def finish(row: Row, folder: Path, enrich: Enrich, clean: Clean) -> Finished:
    """Write the image, the sidecar and the gradients of a row below a folder.

    Raises
    ------
    SpinegateError
        The image can't be split or cleaned.
    """
    output = row.image.output
    target = folder / row.path
    target.parent.mkdir(parents=True, exist_ok=True)
    stem = row.path.removesuffix(".nii.gz")
    plain = folder / f"{stem}.nii"
    if output.volume is None:
        shutil.copyfile(output.image, plain)
    else:
        take_volume(output.image, output.volume, plain)
    correct_axes(plain, output.sidecar.get("ImageOrientationPatientDICOM"))
    sidecar = enrich(_completed(output.sidecar, row.contrast), output.series.files)
    removed = clean(sidecar, plain)
    pack(plain, target)
    plain.unlink()
    text = json.dumps(removed.sidecar, indent="\t", ensure_ascii=False) + "\n"
    (folder / f"{stem}.json").write_text(text, encoding="utf-8")
    paths = [row.path, f"{stem}.json"]
    for source, ending in ((output.bval, ".bval"), (output.bvec, ".bvec")):
        if source is not None:
            shutil.copyfile(source, folder / (stem + ending))
            paths.append(stem + ending)
    return Finished(row, tuple(paths), removed)


def _completed(sidecar: dict[str, Any], contrast: str) -> dict[str, Any]:
    """Add what BIDS asks of the MT series, whose pulse is known once its contrast is."""
    if contrast not in _MTS:
        return dict(sidecar)
    added = {"MTState": _MTS[contrast]}
    repetition = sidecar.get("RepetitionTime")
    if repetition is not None:
        added["RepetitionTimeExcitation"] = repetition
    return {**added, **sidecar, "MTState": _MTS[contrast]}
