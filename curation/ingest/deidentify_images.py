"""What the headers of a dataset's images tell in words, and images without it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...system.errors import SpinegateError
from ...validator.contents import Presence
from ...validator.dataset import Dataset, Scan
from ...validator.operation import Operation, Remove
from .nifti_clean import clean_image, find_texts

IMAGES = (".nii.gz", ".nii")
# What dcm2niix and FSL write: times of day without a date, versions, colours. It tells of nobody.
_HARMLESS = re.compile(
    r"(?:(?:TE|TR|TI|FA|Time|phase|mb|dwell|gamma)=[-+.\de]{1,20};?)+"
    r"|(?:FSL)?\d{1,2}\.\d{1,2}[\w.:+-]{0,40}"
    r"|dsr|none|greyscale|red|green|blue|yellow|pink|hot|cool|copper|red-yellow|blue-lightblue",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What looking into all images came to.

    Attributes
    ----------
    operations
        One for each text that is to go, named as `nifti_clean` names it.
    absent
        Images whose content isn't here: nobody looked into them.
    refused
        (path, why) of images that can't be read.
    """

    operations: tuple[Operation, ...]
    absent: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


def look_into_images(dataset: Dataset) -> Looked:
    """Look for texts in the headers of all images whose content is here."""
    operations: list[Operation] = []
    absent, refused = [], []
    for scan in dataset.scans:
        path = find_content(dataset, scan)
        if path is None:
            if scan.content.presence is Presence.ABSENT:
                absent.append(scan.path)
            continue
        try:
            texts = find_texts(path)
        except SpinegateError as error:
            refused.append((scan.path, str(error)))
            continue
        told = (name for name, text in texts.items() if not is_harmless(text, scan.path))
        operations += [Remove(scan.path, name) for name in told]
    return Looked(tuple(operations), tuple(absent), tuple(refused))


def find_content(dataset: Dataset, scan: Scan) -> Path | None:
    """Return the file that holds an image; None where it isn't here, or is a link elsewhere."""
    if scan.content.presence is not Presence.PRESENT or dataset.tree.folder is None:
        return None
    if scan.content.stored is not None:
        return scan.content.stored
    path = dataset.tree.folder / os.fsdecode(scan.entry.raw)
    return None if path.is_symlink() else path


def is_harmless(text: bytes, path: str) -> bool:
    """Whether a text of a header tells of nobody: programs write it, or it is the file's name."""
    told = text.rstrip(b"\0 ").decode("latin-1")
    return path.rpartition("/")[2].startswith(told) or _HARMLESS.fullmatch(told) is not None


def clean_copies(
    dataset: Dataset, fields: Mapping[str, Sequence[str]], folder: Path
) -> Iterator[str]:
    """Write images without some of their texts below a folder; yield the names.

    Parameters
    ----------
    fields
        Image -> names of what is to be emptied.

    Raises
    ------
    SpinegateError
        An image isn't here any more, or can't be read.
    """
    for path, names in fields.items():
        scan = dataset.by_path.get(path)
        content = None if scan is None else find_content(dataset, scan)
        if scan is None or content is None:
            raise SpinegateError(f"the content of {path} isn't here: git annex get, then again")
        name = os.fsdecode(scan.entry.raw)
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(content, copy)
        if clean_image(copy, names):
            yield name
