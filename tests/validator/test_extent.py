"""Images that were cut: by their key, by their header, compressed or not."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.validator.annex import object_paths
from spinegate.validator.context import Headers
from spinegate.validator.dataset import load_dataset
from spinegate.validator.extent import fault_of_size
from spinegate.validator.nifti import HeaderError
from spinegate.validator.tree import open_tree

SIZE = 352 + 4 * 5 * 6 * 2


def image() -> bytes:
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, 4, 5, 6, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 4, 16)
    struct.pack_into("<f", header, 108, 352)
    header[344:348] = b"n+1\0"
    return bytes(header) + bytes(range(240))


def judge(folder: Path, name: str, content: bytes) -> str | None:
    path = folder / f"sub-a01/anat/sub-a01_T1w{name}"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    dataset = load_dataset(open_tree(folder), load_spec("spine-generic"))
    (scan,) = dataset.scans
    header = Headers(dataset).read(scan)
    if isinstance(header, HeaderError):
        return str(header)
    assert header is not None
    return fault_of_size(dataset, scan, header)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (".nii", image(), ""),
        (".nii", image() + b"\0" * 9, ""),
        (".nii", image()[:-1], f"has {SIZE - 1} bytes; its header asks for {SIZE}"),
        (".nii.gz", gzip.compress(image()), ""),
        (".nii.gz", gzip.compress(image())[:-5], f"doesn't end as a compressed image of {SIZE}"),
        (".nii.gz", gzip.compress(image()[:-1]), f"doesn't end as a compressed image of {SIZE}"),
        (".nii.gz", image(), "it is named .nii.gz, but not compressed"),
        (".nii", gzip.compress(image()), "it is compressed, but named .nii"),
    ],
)
def test_sizes(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    found = judge(tmp_path, name, content)
    assert found is not None
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_content_that_is_shorter_than_its_key_says(tmp_path: Path) -> None:
    key = f"MD5E-s999--{'a' * 32}.nii.gz"
    store = object_paths(tmp_path / ".git", key)[0]
    store.parent.mkdir(parents=True)
    content = gzip.compress(image())
    store.write_bytes(content)
    found = judge(tmp_path, ".nii.gz", f"/annex/objects/{key}\n".encode())
    assert found == f"has {len(content)} bytes where its annex key asks for 999"
