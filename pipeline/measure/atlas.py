"""The atlas of the cord's tracts: which labels there are, and which belong together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...system.errors import ConfigError
from ..image import Image, read_image, same_grid, turn

WHITE_MATTER, GREY_MATTER, DORSAL_COLUMNS = 51, 52, 53
CORTICOSPINAL = (4, 5)
"""The lateral corticospinal tracts, left and right (PAM50)."""

LIST = "info_label.txt"
_KEYWORD = re.compile(r"#\s*Keyword=(\w+)")
_KINDS = ("IndivLabels", "CombinedLabels", "MAPLabels")


@dataclass(frozen=True, slots=True)
class LabelList:
    """What an atlas' list says.

    Attributes
    ----------
    names
        Of single labels and of groups, by number.
    files
        Of single labels.
    groups
        The single labels of each group.
    clusters
        Single labels that share one value beforehand (white matter, grey matter, fluid).
    """

    names: Mapping[int, str]
    files: Mapping[int, str]
    groups: Mapping[int, tuple[int, ...]]
    clusters: tuple[tuple[int, ...], ...]

    def members(self, label: int) -> tuple[int, ...]:
        """Return the single labels that a label stands for."""
        return (label,) if label in self.files else self.groups[label]


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """Maps of the shares that labels have in voxels.

    Attributes
    ----------
    list
        Which labels there are.
    maps
        x, y, z, label: in the order of `numbers`; in RPI.
    numbers
        The labels' numbers.
    """

    list: LabelList
    maps: NDArray[np.float64]
    numbers: tuple[int, ...]

    def weights(self, label: int) -> NDArray[np.float64]:
        """Return the map of a label, or the sum of a group's (x, y, z)."""
        at = [self.numbers.index(one) for one in self.list.members(label)]
        summed: NDArray[np.float64] = self.maps[..., at].sum(-1)
        return summed


def read_labels(path: Path) -> LabelList:
    """Read an atlas' ``info_label.txt``, as the Spinal Cord Toolbox writes it.

    Raises
    ------
    ConfigError
        It can't be read, or a line isn't what its part of the file wants.
    """
    names: dict[int, str] = {}
    files: dict[int, str] = {}
    groups: dict[int, tuple[int, ...]] = {}
    clusters: list[tuple[int, ...]] = []
    kind = ""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"can't be read: {error}", str(path)) from None
    for number, line in enumerate(lines, 1):
        if found := _KEYWORD.match(line):
            kind = found[1]
        if not line.strip() or line.startswith("#"):
            continue
        try:
            first, rest = (part.strip() for part in line.split(",", 1))
            if kind == "MAPLabels":
                clusters.append(_numbers(rest))
            elif kind in _KINDS:
                name, last = (part.strip() for part in rest.rsplit(",", 1))
                names[int(first)] = name
                if kind == "IndivLabels":
                    files[int(first)] = last
                else:
                    groups[int(first)] = _numbers(last)
        except ValueError:
            raise ConfigError(f"no line of {kind or 'an atlas'}", str(path), number) from None
    known = set(files)
    if not files or any(not known >= set(group) for group in (*groups.values(), *clusters)):
        raise ConfigError("names no labels, or groups of labels that it doesn't have", str(path))
    return LabelList(names, files, groups, tuple(clusters))


def _numbers(text: str) -> tuple[int, ...]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition(":")
        found += range(int(first), int(last or first) + 1)
    return tuple(found)


def read_atlas(folder: Path, reference: Image) -> Atlas:
    """Read the maps of an atlas that lie on the grid of an image.

    Raises
    ------
    SpinegateError
        A map is missing, or lies on another grid than the image.
    """
    labels = read_labels(folder / LIST)
    maps = []
    for file in labels.files.values():
        image = read_image(folder / file)
        if not same_grid(image, reference):
            raise ConfigError(
                "lies on another grid than the image: warp it first", str(folder / file)
            )
        maps.append(turn(image).data.astype(np.float64))
    return Atlas(labels, np.stack(maps, -1), tuple(labels.files))
