"""Images of a contribution that may show a face, for a person to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...system.blobs import read_blobs
from ...system.git import find_common
from ...validator.annex import object_paths
from ...validator.entities import parse
from ...validator.nifti import LIMIT
from ...validator.sidecar import parse_sidecar
from .contribution import Piece
from .folder import TEXT_LIMIT
from .fork import files_of
from .plan import MergePlan

_RECORD = "Defaced"
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Faces:
    """What a person must look at.

    Attributes
    ----------
    looks
        (image, why it may show a face) without a record of its defacing, or recorded as left.
    unread
        Images whose content isn't here, so that their field of view isn't known yet.
    """

    looks: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()


def find_faces(repository: Path, plan: MergePlan) -> Faces:
    """Look for images that may show a face and whose sidecars don't say that it was taken out."""
    looks, unread = [], []
    records = dict(_records(repository, plan))
    for piece in plan.contribution.pieces:
        record = records.get(_stem(piece.path))
        left = record if isinstance(record, dict) and record.get("Method") == "none" else {}
        if not piece.key or (record and not left):
            continue
        reason = _reason(repository, piece)
        if reason is None:
            unread.append(piece.path)
        elif reason and left:
            why = str(left.get("Reason", "no reason given"))[:_LONGEST]
            looks.append((piece.path, f"{reason}; its sidecar says that it was left: {why}"))
        elif reason:
            looks.append((piece.path, reason))
    return Faces(tuple(looks), tuple(unread))


def _reason(repository: Path, piece: Piece) -> str | None:
    """Say why an image may show a face; "" where it can't, None where that can't be known."""
    import numpy as np

    from ..deface.candidates import ALWAYS, may_show_face
    from ..deface.images import field_of_view

    name = parse(piece.path)
    suffix = name.suffix if name else ""
    if suffix in ALWAYS:
        return may_show_face(suffix, (), np.eye(4))
    if piece.path.startswith("derivatives/"):
        return ""
    source = piece.source or next(
        (p for p in object_paths(find_common(repository), piece.key) if p.is_file()), None
    )
    if source is None:
        return None
    with source.open("rb") as content:
        return field_of_view(suffix, content.read(LIMIT))


def _records(repository: Path, plan: MergePlan) -> Iterator[tuple[str, Any]]:
    """Yield the records in sidecars, each with the image's name without its ending."""
    wanted = {_stem(path) for path in plan.keys}
    files = files_of(repository, plan.base)
    gone = {*plan.contribution.gone, *(piece.path for piece in plan.contribution.pieces)}
    oids = {path: oid for path, (_, oid) in files.items() if path not in gone}
    oids |= {piece.path: piece.oid for piece in plan.contribution.pieces if piece.oid}
    oids = {path: oid for path, oid in oids.items()
            if path.endswith(".json") and _stem(path) in wanted}  # fmt: skip
    contents = dict(read_blobs(repository, set(oids.values()), TEXT_LIMIT))
    texts = [(path, contents.get(oid, b"")) for path, oid in oids.items()]
    texts += [(piece.path, piece.source.read_bytes()) for piece in plan.contribution.pieces
              if piece.source and piece.path.endswith(".json")]  # fmt: skip
    for path, text in texts:
        yield _stem(path), parse_sidecar(text).value.get(_RECORD)


def _stem(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0]}"
