"""MTon and MToff mistaken for each other, told from the images where both are here.

The MT pulse lowers the signal. The median of MTon/MToff over the voxels above Otsu's threshold of
MToff is 0.59-0.70 in real pairs: below 0.95 the names are right, above 1.05 they are swapped.
Where it lies in between the threshold of MTon is asked: in a swapped pair the image called MToff
is the one with the pulse, and its brightest voxels are fluid, which the pulse leaves alone.
"""

from __future__ import annotations

import gzip
import math
import os
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ..contents import Presence
from ..dataset import Scan
from ..disk import read_disk
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SWAPPED, IDENTICAL = "MT_IMAGES_SWAPPED", "MT_IMAGES_IDENTICAL"
RIGHT, WRONG = 0.95, 1.05
_LIMIT = 512 * 2**20  # bytes of one image, packed or not
_VOXELS = 2**27
_NIFTI2 = 540
_NUMBERS = frozenset((2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280))  # NIfTI codes of real numbers


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield outcomes for every pair of MTon and MToff."""
    if "MT" not in inspection.spec.series:
        return
    for on, off in inspection.members("MT"):
        yield from _check(inspection, on, off)


def _check(inspection: Inspection, on: Scan, off: Scan) -> Iterator[Verdict]:
    present = all(scan.content.presence is Presence.PRESENT for scan in (on, off))
    if not present or not inspection.images:
        yield from _blind(
            on, "the image's content is not here" if not present else "images are not read"
        )
        return
    images = read_image(inspection, on), read_image(inspection, off)
    if images[0] is None or images[1] is None or images[0].shape != images[1].shape:
        yield from _blind(on, "the images can't be read, or differ in size")
        return
    yield from _compare(on, off, images[0], images[1])


def _blind(on: Scan, reason: str) -> Iterator[Verdict]:
    yield blind(SWAPPED, reason, on.site, "MT")
    yield blind(IDENTICAL, reason, on.site, "MT")


def _compare(on: Scan, off: Scan, dark: NDArray[Any], bright: NDArray[Any]) -> Iterator[Verdict]:
    import numpy as np

    if np.array_equal(dark, bright, equal_nan=True):
        yield blind(SWAPPED, "both files hold the same image", on.site, "MT")
        yield Verdict(
            IDENTICAL, Outcome.NOT_MET, on.path, on.site, "MT",
            message="MTon and MToff hold the same image, voxel by voxel.",
            affects=(off.path,),
        )  # fmt: skip
        return
    yield met(IDENTICAL, on.site, "MT")
    ratio = signal_ratio(dark, bright)
    if ratio is not None and RIGHT <= ratio <= WRONG:
        turned = signal_ratio(bright, dark)
        ratio = 1 / turned if turned is not None and 0 < turned < 1 / WRONG else ratio
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

    inside = (off >= otsu(off)) & np.isfinite(on) & np.isfinite(off) & (off > 0)
    if not inside.any():
        return None
    ratio = float(np.median(on[inside].astype(float) / off[inside].astype(float)))
    return ratio if math.isfinite(ratio) else None


def otsu(image: NDArray[Any], bins: int = 256) -> float:
    """Return the threshold that parts an image's histogram best (Otsu, IEEE Trans. SMC 1979).

    It is the lower edge of the brighter part.
    """
    import numpy as np

    values = image[np.isfinite(image)].astype(float)
    if not values.size:
        return 0.0
    low, high = float(values.min()), float(values.max())
    if low == high:
        return low
    counts, edges = np.histogram((values - low) / (high - low), bins=bins, range=(0, 1))
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1].astype(float)
    above = values.size - below
    sums = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        between = below * above * (sums[:-1] / below - (sums[-1] - sums[:-1]) / above) ** 2
    return low + float(edges[int(np.argmax(np.nan_to_num(between))) + 1]) * (high - low)


def read_image(inspection: Inspection, scan: Scan) -> NDArray[np.floating[Any]] | None:
    """Return an image's first volume with its scaling applied, None where it can't be read."""
    import nibabel as nib
    import numpy as np
    from nibabel.spatialimages import HeaderDataError
    from nibabel.wrapstruct import WrapStructError

    header = inspection.headers.of(scan)
    if header is None or header["datatype"] not in _NUMBERS:
        return None
    if math.prod(header["shape"][:3]) > _VOXELS:
        return None
    content = _content(inspection, scan)
    if content is None:
        return None
    try:
        if content[:2] == b"\x1f\x8b":
            with gzip.open(BytesIO(content)) as file:
                content = file.read(_LIMIT)
        size = int.from_bytes(content[:4], "little"), int.from_bytes(content[:4], "big")
        kind: Any = nib.Nifti2Image if _NIFTI2 in size else nib.Nifti1Image
        data = kind.from_bytes(content).dataobj
        volume = data[(..., *(0 for _ in data.shape[3:]))]
        return np.asarray(volume, dtype=np.float32)
    except (OSError, EOFError, ValueError, TypeError, OverflowError, zlib.error):
        return None
    except (nib.filebasedimages.ImageFileError, HeaderDataError, WrapStructError):
        return None


def _content(inspection: Inspection, scan: Scan) -> bytes | None:
    stored = scan.content.stored
    if stored is not None:
        found = read_disk(os.fsencode(stored), _LIMIT, link=False)
    else:
        found = next(
            iter(inspection.dataset.tree.read([scan.content.target or scan.entry], _LIMIT))
        )
    return found if isinstance(found, bytes) and len(found) <= _LIMIT else None
