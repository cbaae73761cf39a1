from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from spinegate.examples.mutations import MUTATIONS
from spinegate.system.errors import ConfigError

TABLE = "participant_id\tage\nsub-1\t30\nsub-2\t40\n"


def apply(root: Path, name: str, **arguments: Any) -> None:
    kind = MUTATIONS[name]
    assert kind.needed <= arguments.keys() <= kind.needed | kind.optional
    kind.apply(root, arguments)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "a.json").write_text('{"EchoTime": 1, "Deep": {"List": [1, 2]}}')
    (tmp_path / "a.tsv").write_text(TABLE)
    (tmp_path / "a.txt").write_text("one two one")
    return tmp_path


def test_json_keys(root: Path) -> None:
    apply(root, "set_key", file="a.json", key="EchoTime", value="3")
    apply(root, "set_key", file="a.json", key=["Deep", "List", 1], value=None)
    assert json.loads((root / "a.json").read_text()) == {
        "EchoTime": "3",
        "Deep": {"List": [1, None]},
    }
    apply(root, "remove_key", file="a.json", key=["Deep", "List"])
    apply(root, "remove_key", file="a.json", key="EchoTime")
    assert json.loads((root / "a.json").read_text()) == {"Deep": {}}


def test_texts_and_bytes(root: Path) -> None:
    apply(root, "replace_text", file="a.txt", old="one", new="1\r\n")
    assert (root / "a.txt").read_bytes() == b"1\r\n two 1\r\n"
    with pytest.raises(ConfigError, match="does not contain"):
        apply(root, "replace_text", file="a.txt", old="one", new="")
    apply(root, "write_text", file="new/b.txt", text="x\n")
    apply(root, "append_text", file="new/b.txt", text="y\r\n")
    assert (root / "new/b.txt").read_bytes() == b"x\ny\r\n"
    apply(root, "write_bytes", file="new/c", hex="ff 00")
    assert (root / "new/c").read_bytes() == b"\xff\0"
    apply(root, "write_repeated", file="deep", before="[", middle="1", after="]", times=3)
    assert (root / "deep").read_text() == "[[[1]]]"
    apply(root, "truncate", file="a.txt", size=3)
    assert (root / "a.txt").read_bytes() == b"1\r\n"


def test_files_and_folders(root: Path) -> None:
    apply(root, "copy", path="a.txt", to="folder/b.txt")
    apply(root, "copy", path="folder", to="twin")
    apply(root, "rename", path="twin/b.txt", to="twin/deep/c.txt")
    apply(root, "delete", path="folder")
    apply(root, "delete", path="a.txt")
    apply(root, "swap", path="a.json", to="a.tsv")
    apply(root, "symlink", path="link", to="nowhere")
    apply(root, "symlink", path="a.json", to="a.tsv")
    apply(root, "chmod", path="a.tsv", mode="755")
    apply(root, "rename_bytes", path="twin/deep/c.txt", hex="61ff")
    assert os.listdir(os.fsencode(root / "twin/deep")) == [b"a\xff"]
    apply(root, "rename_bytes", path="twin/deep/" + os.fsdecode(b"a\xff"), hex="632e747874")
    assert sorted(p.name for p in root.iterdir()) == ["a.json", "a.tsv", "link", "twin"]
    assert (root / "twin/deep/c.txt").read_text() == "one two one"
    assert os.readlink(root / "link") == "nowhere"
    assert json.loads((root / "a.json").read_text())["EchoTime"] == 1
    assert (root / "a.tsv").stat().st_mode & 0o777 == 0o755


def test_tables(root: Path) -> None:
    apply(root, "set_cell", file="a.tsv", row="sub-2", column="age", value="-")
    apply(root, "add_row", file="a.tsv", row="sub-1", to="sub-3")
    apply(root, "remove_row", file="a.tsv", row="sub-1")
    assert (root / "a.tsv").read_text() == "participant_id\tage\nsub-2\t-\nsub-3\t30\n"
    with pytest.raises(ConfigError, match="no row 'sub-1'"):
        apply(root, "remove_row", file="a.tsv", row="sub-1")


def test_headers(root: Path) -> None:
    make: Any = nib.Nifti1Image
    image = make(np.arange(8, dtype=np.int16).reshape(2, 2, 2), np.eye(4))
    (root / "a.nii.gz").write_bytes(gzip.compress(image.to_bytes()))
    apply(root, "set_header", file="a.nii.gz", field="qform_code", value=0)
    apply(root, "set_header", file="a.nii.gz", field="pixdim", value=3.5, index=3)
    read: Any = nib.load(root / "a.nii.gz")
    assert int(read.header["qform_code"]) == 0
    assert read.header["pixdim"][3] == 3.5
    assert np.array_equal(np.asarray(read.dataobj), np.asarray(image.dataobj))


def test_git_and_annex(root: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub/a.nii.gz").write_bytes(b"image")
    (root / "sub/b.nii.gz").write_bytes(b"other")
    apply(root, "git", args=["init", "-q"])
    apply(root, "annex", path="sub/a*.nii.gz")
    apply(root, "annex", path="sub/b*.nii.gz", content=False)
    key = f"SHA256E-s5--{hashlib.sha256(b'image').hexdigest()}.nii.gz"
    assert os.readlink(root / "sub/a.nii.gz").startswith("../.git/annex/objects/")
    assert os.readlink(root / "sub/a.nii.gz").endswith(f"/{key}/{key}")
    assert (root / "sub/a.nii.gz").read_bytes() == b"image"
    assert not (root / "sub/b.nii.gz").exists()
    apply(root, "git", args=["add", "-A"])
    apply(root, "git", args=["commit", "-q", "-m", "first"])
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-s", "sub/a.nii.gz"], capture_output=True, check=True
    )
    assert listed.stdout.startswith(b"120000")
    apply(root, "copy", path="sub/a.nii.gz", to="sub/c.nii.gz")
    assert os.readlink(root / "sub/c.nii.gz") == os.readlink(root / "sub/a.nii.gz")
    apply(root, "unannex", path="sub/a.nii.gz")
    assert not (root / "sub/a.nii.gz").is_symlink()
    assert (root / "sub/a.nii.gz").read_bytes() == b"image"


def test_a_branch_of_its_own(root: Path) -> None:
    apply(root, "git", args=["init", "-q"])
    files = {"uuid.log": "a b\n", "000/111/k.log": "1s 1 ü\n"}
    apply(root, "branch", ref="refs/remotes/origin/git-annex", files=files)

    def read(name: str) -> str:
        argv = ["git", "-C", str(root), "cat-file", "-p", f"origin/git-annex:{name}"]
        return subprocess.run(argv, check=True, capture_output=True).stdout.decode()

    assert {name: read(name) for name in files} == files
