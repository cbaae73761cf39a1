"""What the validator says of the new files, before they are in the dataset."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ...system.errors import SpinegateError
from ...validator.options import Options
from ...validator.result import Report
from ...validator.run import validate
from ...validator.settings import read_settings
from ...validator.tree import open_tree

_SHARED = (
    *("dataset_description.json", "participants.json", "README", "README.md", "CHANGES"),
    *("LICENSE", ".bidsignore"),
)
_TABLE = "participants.tsv"
_LIMIT = 64 * 1024 * 1024


def validate_new(
    folder: Path, dataset: Path, subject: str, table: bytes | None, spec: str | None
) -> Report:
    """Validate a folder of new files as the dataset would hold them, with profile incoming.

    Parameters
    ----------
    folder
        The new files; what the whole dataset shares is copied beside them.
    table
        participants.tsv as it will be; None where there is none.

    Raises
    ------
    SpinegateError
        The dataset's own protocol or settings can't be read.
    """
    for name in (*_SHARED, *read_settings(open_tree(dataset)).files):
        source = dataset / name
        if source.is_file() and not source.is_symlink() and source.stat().st_size < _LIMIT:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)
    if table is not None:
        (folder / _TABLE).write_bytes(_only(table, subject))
    options = Options(folder, spec=spec, profile="incoming", labels=(subject,))
    return validate(options)


def _only(table: bytes, subject: str) -> bytes:
    """Keep the header and the subject's row: the others have no images here."""
    lines = table.split(b"\n")
    name = f"sub-{subject}".encode()
    rows = [line for line in lines[1:] if name in [cell.strip() for cell in line.split(b"\t")]]
    return b"\n".join([lines[0], *rows]) + b"\n"


def find_taken(dataset: Path, paths: list[str]) -> list[str]:
    """Return the names that the dataset has already; ``x.nii`` takes ``x.nii.gz`` too.

    Raises
    ------
    SpinegateError
        A folder on the way is a link or a file.
    """
    taken = []
    for path in paths:
        place = dataset
        for part in path.split("/")[:-1]:
            place = place / part
            if os.path.lexists(place) and (place.is_symlink() or not place.is_dir()):
                raise SpinegateError(f"{place} is not a folder: nothing can be put into it")
        names = (path, path.removesuffix(".gz")) if path.endswith(".nii.gz") else (path,)
        taken += [name for name in names if os.path.lexists(dataset / name)]
    return taken
