"""Several series of one contrast: the same data reconstructed twice, or measured again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...protocol_specs.contrast import Contrast
from ...protocol_specs.spec import Spec
from .recognition import Recognised

_CORRECTED = ("DIS3D", "DIS2D")
_SCANNER = ("Manufacturer", "ManufacturersModelName", "SoftwareVersions")


@dataclass(frozen=True, slots=True)
class Unit:
    """One series of a contrast (its echoes together), and whether it is the one.

    Attributes
    ----------
    entities
        What its name has beyond the contrast's, so that names differ where several are kept.
    """

    images: tuple[Recognised, ...]
    chosen: bool
    reasons: tuple[str, ...] = ()
    entities: dict[str, str] = field(default_factory=dict)


def rank(
    series: Sequence[tuple[Recognised, ...]], contrast: Contrast, spec: Spec, every_run: bool
) -> list[Unit]:
    """Choose among the series of one contrast.

    Of reconstructions of the same data the one that the protocol asks for; of repeated
    acquisitions the latest that is complete.
    """
    acquisitions: dict[Any, list[tuple[Recognised, ...]]] = defaultdict(list)
    for images in series:
        acquisitions[_acquisition(images)].append(images)
    units: list[Unit] = []
    heads: list[tuple[Recognised, ...]] = []
    for same in acquisitions.values():
        order = sorted(same, key=lambda images: _filters(images[0], contrast, spec), reverse=True)
        heads.append(order[0])
        units += [_sibling(images, order[0]) for images in order[1:]]
    heads.sort(key=lambda images: (_time(images), images[0].output.series.number))
    lacks = [_lack(images, heads) for images in heads]
    whole = [index for index, lack in enumerate(lacks) if not lack]
    last = whole[-1] if whole else -1
    for index, images in enumerate(heads):
        run = {"run": f"{index + 1:02}"} if len(heads) > 1 else {}
        if lacks[index]:
            units.append(Unit(images, False, (lacks[index],), run))
        elif index == last or every_run:
            again = len(heads) > 1
            told = f"measured {len(heads)} times; this is the last complete one"
            kept = (
                (told if index == last else f"run {index + 1} of {len(heads)}",) if again else ()
            )
            units.append(Unit(images, True, kept, run if every_run else {}))
        else:
            later = heads[last][0].output.series.number
            units.append(Unit(images, False, (f"measured again later, as series {later}",), run))
    return units


def _acquisition(images: tuple[Recognised, ...]) -> tuple[Any, ...]:
    """Return what two reconstructions of the same data share; a series without a time is alone."""
    first = images[0]
    series, sidecar = first.output.series, first.output.sidecar
    time = sidecar.get("AcquisitionDateTime") or sidecar.get("AcquisitionTime") or series.time
    return (str(time), series.part) if time else (series.key,)


def _time(images: tuple[Recognised, ...]) -> str:
    return images[0].output.series.time


def _words(image: Recognised) -> frozenset[str]:
    """The filters that a reconstruction went through, as ImageType names them."""
    types = image.output.sidecar.get("ImageType")
    return frozenset(str(word) for word in types) if isinstance(types, list) else frozenset()


def _filters(image: Recognised, contrast: Contrast, spec: Spec) -> tuple[Any, ...]:
    """Order reconstructions: what the protocol asks for, then corrected for distortion."""
    words = _words(image)
    wants_norm = True
    said = [image.output.sidecar.get(key) for key in _SCANNER]
    maker, model, software = (text if isinstance(text, str) else None for text in said)
    variant = spec.match(maker, model, software).variant
    if variant is not None:
        asked = variant.parameters(contrast.name).get("ImageType")
        wants_norm = asked is None or asked.lacks != "NORM"
    corrected = any(word in words for word in _CORRECTED)
    return (
        not image.output.series.fault,
        ("NORM" in words) == wants_norm,
        corrected == (contrast.datatype == "anat"),
        image.output.series.number,
    )


def _sibling(images: tuple[Recognised, ...], better: tuple[Recognised, ...]) -> Unit:
    own, other = _words(images[0]), _words(better[0])
    lacks, has = sorted(other - own), sorted(own - other)
    told = [f"without {', '.join(lacks)}"] if lacks else []
    told += [f"with {', '.join(has)}"] if has else []
    number = better[0].output.series.number
    reason = f"the data of series {number} again, {' and '.join(told) or 'reconstructed alike'}"
    label = "".join(char for char in "".join(has).lower() if char.isalnum()) or "plain"
    return Unit(images, False, (reason,), {"rec": label})


def _lack(images: tuple[Recognised, ...], others: Sequence[tuple[Recognised, ...]]) -> str:
    """Say what is missing of an acquisition, by its own files or beside the others'."""
    series = images[0].output.series
    if series.fault:
        return f"incomplete: {series.fault}"
    for axis, what in ((2, "slices"), (3, "volumes")):
        own = _length(images, axis)
        most, number = max((_length(o, axis), o[0].output.series.number) for o in others)
        if own < most and _grid(images) == _grid(next(o for o in others if _is(o, number))):
            return f"incomplete: {own} {what}, series {number} has {most}"
    return ""


def _is(images: tuple[Recognised, ...], number: int) -> bool:
    return images[0].output.series.number == number


def _grid(images: tuple[Recognised, ...]) -> tuple[int, int]:
    return images[0].output.series.size


def _length(images: tuple[Recognised, ...], axis: int) -> int:
    """Return how many slices (axis 2) or volumes an acquisition has.

    dcm2niix turns sagittal 3D images, so slices are counted from the files.
    """
    shape, series = images[0].shape, images[0].output.series
    if axis == 2:
        one_file = series.slices == 1 and len(shape) == 3
        return series.images if one_file else series.slices
    return shape[3] if len(shape) > 3 else 1
