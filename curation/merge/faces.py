"""Images of a contribution that may show a face, for a person to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...system.blobs import read_blobs
from ...system.git import find_common
from ...validator.annex import object_paths
from ...validator.entities import parse
from ...validator.nifti import LIMIT, HeaderError, parse_header
from ...validator.sidecar import parse_sidecar
from .contribution import Piece
from .folder import TEXT_LIMIT
from .fork import files_of
from .plan import MergePlan

_RECORD = "Defaced"
_MARKS = frozenset({"seg", "dseg", "label", "dlabel", "mask", "softseg", "probseg"})
_TINY = ((1, 1, 1), ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)))


@dataclass(frozen=True, slots=True)
class Faces:
    """What a person must look at.

    Attributes
    ----------
    looks
        (image, why it may show a face) without a record of its defacing.
    unread
        Images whose content isn't here, so that their field of view isn't known yet.
    """

    looks: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()


def find_faces(repository: Path, plan: MergePlan) -> Faces:
    """Look for images that may show a face and whose sidecar has no record of defacing."""
    looks, unread = [], []
    recorded = set(_recorded(repository, plan))
    for piece in plan.contribution.pieces:
        if not piece.key or _stem(piece.path) in recorded:
            continue
        reason = _reason(repository, piece)
        if reason is None:
            unread.append(piece.path)
        elif reason:
            looks.append((piece.path, reason))
    return Faces(tuple(looks), tuple(unread))


def _reason(repository: Path, piece: Piece) -> str | None:
    """Say why an image may show a face; "" where it can't, None where that can't be known."""
    import numpy as np

    from ..deface.candidates import may_show_face

    name = parse(piece.path)
    suffix = name.suffix if name else ""
    by_name = may_show_face(suffix, _TINY[0], np.array(_TINY[1]))
    if by_name or piece.path.startswith("derivatives/") or suffix in _MARKS:
        return by_name
    source = piece.source or next(
        (p for p in object_paths(find_common(repository), piece.key) if p.is_file()), None
    )
    if source is None:
        return None
    try:
        with source.open("rb") as content:
            header = parse_header(content.read(LIMIT))
    except (OSError, HeaderError):
        header = None
    if header is None or header.get("affine") is None:
        return "its header can't be read"
    return may_show_face(suffix, header["shape"], np.array(header["affine"], float))


def _recorded(repository: Path, plan: MergePlan) -> Iterator[str]:
    """Yield the names, without their endings, of images whose sidecars have a record."""
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
        if parse_sidecar(text).value.get(_RECORD):
            yield _stem(path)


def _stem(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0]}"
