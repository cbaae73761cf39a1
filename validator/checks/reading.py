"""Whether a scan's sidecars could be read, and their values in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..dataset import Dataset, Scan
from .places import shortened


def is_read(dataset: Dataset, scan: Scan) -> bool:
    """Whether a scan has sidecars and each of them could be parsed."""
    return bool(scan.sidecars) and (
        bool(scan.sidecar) or not any(dataset.json[path].faults for path in scan.sidecars)
    )


def own_json(path: str) -> str:
    """Return the path of an image's own sidecar."""
    return path.removesuffix(".gz").removesuffix(".nii") + ".json"


def holder(dataset: Dataset, scan: Scan, key: str) -> str:
    """Return which of a scan's sidecars a key comes from: the nearest that has it."""
    for path in reversed(scan.sidecars):
        if key in dataset.json[path].value:
            return path
    return scan.sidecars[-1]


def shown(values: Mapping[str, Any], key: str, limit: int = 60) -> str:
    """Write a value as it stands in the file, cut to a length that a message can hold."""
    return written(values[key], limit) if key in values else "missing"


def written(value: Any, limit: int = 60) -> str:
    """Write a value as JSON, cut to a length that a message can hold."""
    return shortened(json.dumps(value, ensure_ascii=False), limit)


def kept(value: Any, limit: int = 1000) -> Any:
    """Return a value for a report; a text in its place where it is a stranger's novel."""
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= limit else shortened(text, limit)
