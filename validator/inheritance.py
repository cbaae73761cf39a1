"""Which sidecars apply to an image: the BIDS inheritance principle.

At each level from the dataset's root to the image's folder at most one file applies: the one of
the image's own name, else the one with most entities among those whose suffix is the image's and
whose entities the image all has. The nearer file wins (BIDS specification, Common principles).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .entities import BidsPath
from .sidecar import Sidecar


class Inheritance:
    """An index of the sidecars by folder, made once per dataset."""

    def __init__(
        self, names: Mapping[str, BidsPath | None], sidecars: Mapping[str, Sidecar]
    ) -> None:
        self._sidecars = sidecars
        self._folders: dict[str, list[BidsPath]] = {}
        for path in sidecars:
            name = names.get(path)
            if name is not None:
                self._folders.setdefault(name.parent, []).append(name)
        self._levels: dict[str, tuple[str, ...]] = {}

    def of(self, path: str, name: BidsPath | None) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """Return an image's metadata, and the sidecars they come from, nearest last.

        Parameters
        ----------
        path
            The image.
        name
            Its parts; an image with a foreign name has its own sidecar only.
        """
        own = path[: path.rfind(".nii")] + ".json"
        sources = [own] if own in self._sidecars else []
        if name is not None:
            parent = path.rpartition("/")[0]
            above = self._levels.get(parent)
            if above is None:
                above = self._levels[parent] = self._above(name.folder, parent)
            if not sources:
                sources = self._applicable(parent, name)
            for level in above:
                sources = self._applicable(level, name) + sources
        if len(sources) == 1:  # shared, not copied: memory stays as small as the files
            return self._sidecars[sources[0]].value, (sources[0],)
        merged: dict[str, Any] = {}
        for source in sources:
            merged.update(self._sidecars[source].value)
        return merged, tuple(sources)

    def _above(self, root: str, parent: str) -> tuple[str, ...]:
        """Folders over the image's own that hold sidecars, nearest first."""
        levels = []
        while parent != root and parent:
            parent = parent.rpartition("/")[0]
            if parent in self._folders:
                levels.append(parent)
        return tuple(levels)

    def _applicable(self, folder: str, name: BidsPath) -> list[str]:
        entities = name.entities.items()
        fitting = [
            other
            for other in self._folders.get(folder, ())
            if other.suffix == name.suffix
            and other.source in ("", name.source)
            and other.entities.items() <= entities
        ]
        if not fitting:
            return []
        return [max(fitting, key=lambda other: (len(other.shape.entities), other.path)).path]
