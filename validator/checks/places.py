"""Which site a file belongs to, and files gathered by site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..dataset import Dataset


def site_of(dataset: Dataset, path: str) -> str:
    """Return the site of the participant whose file this is; "" where it is nobody's."""
    name = dataset.names.get(path)
    return dataset.sites.get(name.subject, "") if name is not None else ""


def by_site(dataset: Dataset, paths: Iterable[str]) -> Mapping[str, list[str]]:
    """Gather files by site, in their order."""
    gathered: dict[str, list[str]] = {}
    for path in paths:
        gathered.setdefault(site_of(dataset, path), []).append(path)
    return gathered


def listed(items: Sequence[str], limit: int = 3) -> str:
    """Name at most `limit` items, and say how many more there are.

    >>> listed(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    if len(items) <= limit:
        return ", ".join(items)
    return f"{', '.join(items[:limit])} and {len(items) - limit} more"


def shortened(text: str, limit: int = 80) -> str:
    """Cut a stranger's text to a length that a message can hold."""
    return text if len(text) <= limit else text[: limit - 3] + "..."
