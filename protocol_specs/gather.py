"""The sidecars of a dataset, read plainly: no inheritance, no judgement."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..system.errors import ConfigError

_NAME = re.compile(r"(?P<pairs>(?:[a-zA-Z]+-[a-zA-Z0-9+]+_)+)(?P<suffix>[a-zA-Z0-9]+)\.json\Z")
# These tell which scan it is, not what kind of scan.
_IDENTITY = {"sub", "ses", "run"}
_COMPUTED = {"rec", "desc", "space", "label"}
_LIMIT = 5_000_000


@dataclass(frozen=True, slots=True)
class Observed:
    """One scan's sidecar with what its name and participants.tsv tell."""

    participant: str
    contrast: str
    suffix: str
    entities: tuple[tuple[str, str], ...]
    datatype: str
    manufacturer: str
    model: str
    sidecar: dict[str, Any] = field(repr=False)
    b_values: tuple[float, ...] = ()


def read_dataset(dataset: Path) -> tuple[list[Observed], int]:
    """Read every raw scan's sidecar.

    Returns
    -------
    tuple[list[Observed], int]
        The scans in the order of their paths, and how many sidecars could not be read.

    Raises
    ------
    ConfigError
        The dataset is not a folder that can be read.
    """
    if not dataset.is_dir():
        raise ConfigError("not a folder", str(dataset))
    table = _participants(dataset / "participants.tsv")
    scans, skipped = [], 0
    for folder in _folders(dataset):
        for path in sorted(folder.rglob("*.json")):
            named = _NAME.match(path.name)
            if not named:
                continue
            sidecar = _sidecar(path)
            if sidecar is None:
                skipped += 1
                continue
            scan = _observed(path, named, sidecar, table.get(folder.name, {}))
            if scan is not None:
                scans.append(scan)
    return scans, skipped


def _folders(dataset: Path) -> list[Path]:
    folders = {}
    for place in (dataset, dataset / "sourcedata"):  # the later wins: raw beats resampled
        try:
            found = sorted(place.glob("sub-*")) if place.is_dir() else []
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", str(place)) from None
        folders.update({folder.name: folder for folder in found if folder.is_dir()})
    return [folder for _, folder in sorted(folders.items())]


def _participants(path: Path) -> dict[str, dict[str, str]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {
        row["participant_id"]: {k: v for k, v in row.items() if isinstance(v, str) and k}
        for row in rows
        if row.get("participant_id")
    }


def _sidecar(path: Path) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > _LIMIT:
            return None
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _observed(
    path: Path, named: re.Match[str], sidecar: dict[str, Any], row: dict[str, str]
) -> Observed | None:
    pairs = [pair.split("-", 1) for pair in named["pairs"].rstrip("_").split("_")]
    kind = tuple((key, label) for key, label in pairs if key not in _IDENTITY)
    if any(key in _COMPUTED for key, _ in kind):
        return None
    suffix = named["suffix"]
    return Observed(
        participant=next((f"sub-{label}" for key, label in pairs if key == "sub"), ""),
        contrast="_".join([*(f"{key}-{label}" for key, label in kind), suffix]),
        suffix=suffix,
        entities=kind,
        datatype=path.parent.name,
        manufacturer=_known(sidecar.get("Manufacturer"), row.get("manufacturer")),
        model=_known(sidecar.get("ManufacturersModelName"), row.get("manufacturers_model_name")),
        sidecar=sidecar,
        b_values=_b_values(path.with_suffix(".bval")),
    )


def _known(*told: Any) -> str:
    for word in told:
        if isinstance(word, str) and word.strip() and word.strip() not in {"n/a", "-"}:
            return word.strip()
    return ""


def _b_values(path: Path) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in path.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return ()
