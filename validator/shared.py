"""What several trees of nearly the same files have in common, read and parsed once."""

from __future__ import annotations

from dataclasses import dataclass, field

from .blobs import Blobs
from .entities import BidsPath, parse
from .sidecar import Sidecar
from .table import Table


class Names(dict[str, BidsPath | None]):
    """The parts of each path, read when it is first asked for."""

    __slots__ = ()

    def __missing__(self, path: str) -> BidsPath | None:
        """Read a path."""
        name = self[path] = parse(path)
        return name


@dataclass(frozen=True, slots=True)
class Shared:
    """Hand one to `open_tree` (its blobs) and to `load_dataset`, for all trees of a run.

    Attributes
    ----------
    blobs
        Object id to content.
    sidecars, tables
        Content to what it says: a second tree has other files, and mostly the same texts.
    names
        Path to its parts.
    """

    blobs: Blobs = field(default_factory=Blobs)
    sidecars: dict[bytes, Sidecar] = field(default_factory=dict)
    tables: dict[bytes, Table] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
