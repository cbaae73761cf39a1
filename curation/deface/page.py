"""The page on which a person looks at defaced images and decides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .case import Case


def write_page(cases: Sequence[Case], file: Path, *, dataset: str) -> None:
    """Write the page: one file that works without network; it shows faces, so only to its owner.

    Parameters
    ----------
    cases
        In any order; the worst come first on the page.
    file
        Where to write.
    dataset
        Its name, as people know it.

    Raises
    ------
    OSError
        Where it can't be written.
    """
