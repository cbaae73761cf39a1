"""MTon and MToff mistaken for each other, told from the images where both are here.

The MT pulse lowers the signal. The median of MTon/MToff over the voxels above Otsu's threshold of
MToff is 0.59-0.70 in real pairs: below 0.95 the names are right, above 1.05 they are swapped.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contents import Presence
from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SWAPPED, IDENTICAL = "MT_IMAGES_SWAPPED", "MT_IMAGES_IDENTICAL"
RIGHT, WRONG = 0.95, 1.05
_LIMIT = 512 * 2**20  # bytes of one inflated image


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield outcomes for every pair of MTon and MToff."""
    if "MT" not in inspection.spec.series:
        return
    for on, off in inspection.members("MT"):
        yield from _check(inspection, on, off)


def _check(inspection: Inspection, on: Scan, off: Scan) -> Iterator[Verdict]:
    present = all(scan.content.presence is Presence.PRESENT for scan in (on, off))
    if not present or not inspection.images:
        reason = "the image's content is not here" if not present else "images are not read"
        yield blind(SWAPPED, reason, on.site, "MT")
        yield blind(IDENTICAL, reason, on.site, "MT")
        return
    images = [read_image(inspection, scan) for scan in (on, off)]
    if images[0] is None or images[1] is None or images[0].shape != images[1].shape:
        reason = "the images can't be read, or differ in size"
        yield blind(SWAPPED, reason, on.site, "MT")
        yield blind(IDENTICAL, reason, on.site, "MT")
        return
    if (images[0] == images[1]).all():
        yield blind(SWAPPED, "both files hold the same image", on.site, "MT")
        yield Verdict(
            IDENTICAL, Outcome.NOT_MET, on.path, on.site, "MT",
            message="MTon and MToff hold the same image, voxel by voxel.",
            affects=(off.path,),
        )  # fmt: skip
        return
    yield met(IDENTICAL, on.site, "MT")
    ratio = signal_ratio(images[0], images[1])
    if ratio is None or RIGHT <= ratio <= WRONG:
        yield blind(SWAPPED, "the signals don't differ clearly", on.site, "MT")
    elif ratio < RIGHT:
        yield met(SWAPPED, on.site, "MT")
    else:
        yield Verdict(
            SWAPPED, Outcome.NOT_MET, on.path, on.site, "MT",
            message=f"MTon is brighter than MToff (median ratio {ratio:.2f}): "
            "the two seem to have each other's name.",
            observed=round(ratio, 4), expected=f"below {RIGHT}", affects=(off.path,),
        )  # fmt: skip


def signal_ratio(on: NDArray[Any], off: NDArray[Any]) -> float | None:
    """Return the median of MTon/MToff over the voxels above Otsu's threshold of MToff.

    Parameters
    ----------
    on, off
        Images of the same shape.
    """
    import numpy as np

    inside = (off > otsu(off)) & np.isfinite(on) & np.isfinite(off) & (off > 0)
    if not inside.any():
        return None
    return float(np.median(on[inside] / off[inside]))


def otsu(image: NDArray[Any], bins: int = 256) -> float:
    """Return the threshold that parts an image's histogram best (Otsu, IEEE Trans. SMC 1979)."""
    import numpy as np

    values = image[np.isfinite(image)]
    if not values.size:
        return 0.0
    counts, edges = np.histogram(values, bins=bins)
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1].astype(float)
    above = values.size - below
    sums = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums[:-1] / below - (sums[-1] - sums[:-1]) / above) ** 2
    return float(centres[int(np.nanargmax(np.nan_to_num(between)))])


def read_image(inspection: Inspection, scan: Scan) -> NDArray[np.floating[Any]] | None:
    """Return an image's first volume with its scaling applied, None where it can't be read."""
    import nibabel as nib
    import numpy as np

    tree = inspection.dataset.tree
    if scan.content.stored is not None:
        content = scan.content.stored.read_bytes()
    elif tree.folder is not None:
        content = (Path(tree.folder) / Path(scan.path)).read_bytes()
    else:
        found = next(iter(tree.read([scan.entry], _LIMIT)))
        if not isinstance(found, bytes):
            return None
        content = found
    try:
        if content[:2] == b"\x1f\x8b":
            with gzip.open(BytesIO(content)) as file:
                content = file.read(_LIMIT)
        kind = (
            nib.Nifti2Image
            if content[:4] in (b"\x1c\x02\0\0", b"\0\0\x02\x1c")
            else nib.Nifti1Image
        )
        image = np.asarray(kind.from_bytes(content).dataobj, dtype=np.float32)
    except (OSError, EOFError, ValueError, zlib.error, nib.filebasedimages.ImageFileError):
        return None
    return image[..., 0] if image.ndim == 4 else image
