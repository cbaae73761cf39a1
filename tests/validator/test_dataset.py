"""A dataset as values: small ones made here, and the real one."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.spec import Spec
from spinegate.validator.contents import Presence
from spinegate.validator.dataset import Dataset, Stage, load_dataset
from spinegate.validator.tree import FolderTree, open_tree

Files = Callable[[Path, dict[str, str | bytes]], None]
Run = Callable[..., str]
POINTER = "/annex/objects/SHA256E-s9--" + "a" * 64 + ".nii.gz\n"


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec("spine-generic")


@pytest.fixture
def load(tmp_path: Path, files: Files, spec: Spec) -> Callable[..., Dataset]:
    def call(content: dict[str, str | bytes]) -> Dataset:
        files(tmp_path, content)
        return load_dataset(open_tree(tmp_path), spec)

    return call


def test_scans_with_all_that_belongs_to_them(load: Callable[..., Dataset]) -> None:
    dataset = load(
        {
            "dataset_description.json": '{"Name": "x"}',
            "participants.tsv": "participant_id\tinstitution_id\nsub-amu01\t marseille \n",
            "T2w.json": '{"EchoTime": 1, "FlipAngle": 2}',
            "sub-amu01/anat/sub-amu01_T2w.nii.gz": POINTER,
            "sub-amu01/anat/sub-amu01_T2w.json": '{"EchoTime": 3}',
            "sourcedata/sub-amu01/anat/sub-amu01_T2w.nii.gz": POINTER,
            "sub-amu01/dwi/sub-amu01_rec-average_dwi.nii.gz": POINTER,
            "derivatives/labels/sub-amu01/anat/sub-amu01_T2w_label-SC_seg.nii.gz": POINTER,
            "sub-mni02/ses-a/anat/sub-mni02_ses-a_T1w.nii": "x",
        }
    )
    shown = {
        scan.path.rpartition("/")[2] if not scan.path.startswith("source") else "source": (
            scan.subject,
            scan.session,
            scan.contrast,
            scan.site,
            scan.stage,
        )
        for scan in dataset.scans
    }
    pre, raw, derivative = Stage.PREPROCESSED, Stage.RAW, Stage.DERIVATIVE
    assert shown == {
        "sub-amu01_T2w_label-SC_seg.nii.gz": ("amu01", "", None, "marseille", derivative),
        "source": ("amu01", "", "T2w", "marseille", raw),
        "sub-amu01_T2w.nii.gz": ("amu01", "", "T2w", "marseille", pre),
        "sub-amu01_rec-average_dwi.nii.gz": ("amu01", "", None, "marseille", pre),
        "sub-mni02_ses-a_T1w.nii": ("mni02", "a", "T1w", "mni", raw),
    }
    scan = dataset.by_path["sub-amu01/anat/sub-amu01_T2w.nii.gz"]
    assert scan.sidecar == {"EchoTime": 3, "FlipAngle": 2}
    assert scan.sidecars == ("T2w.json", "sub-amu01/anat/sub-amu01_T2w.json")
    assert scan.twin == "sourcedata/sub-amu01/anat/sub-amu01_T2w.nii.gz"
    assert scan.content.presence is Presence.ABSENT
    assert scan.content.key is not None
    assert dataset.subjects == ("amu01", "mni02")
    assert dataset.sites == {"amu01": "marseille", "mni02": "mni"}
    assert dataset.description() == {"Name": "x"}
    assert (dataset.bare, dataset.unreadable) == (False, {})


def test_reading_small_files(load: Callable[..., Dataset]) -> None:
    dataset = load({"README": "text", "x.json": "[1]"})
    assert (dataset.read("README"), dataset.read("README", 1)) == (b"text", b"te")
    assert dataset.read("missing") is None
    assert dataset.description() == {}
    assert [fault.code for fault in dataset.json["x.json"].faults] == ["SIDECAR_NOT_OBJECT"]
    assert dataset.participants is None


def test_foreign_names_are_a_bare_folder(load: Callable[..., Dataset]) -> None:
    sidecar = json.dumps({"ProtocolName": "T2w", "EchoTime": 0.12, "RepetitionTime": 1.5})
    dataset = load({"7_t2_sag.nii.gz": POINTER, "7_t2_sag.json": sidecar})
    (scan,) = dataset.scans
    assert dataset.bare
    assert (scan.name, scan.sidecars) == (None, ("7_t2_sag.json",))
    assert scan.recognised is not None


def test_what_is_no_file_is_unreadable(tmp_path: Path, load: Callable[..., Dataset]) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    os.mkfifo(tmp_path / "pipe.nii.gz")
    dataset = load({"sub-1/anat/sub-1_T1w.nii.gz": POINTER})
    assert dataset.unreadable == dict.fromkeys(
        ["pipe.json", "pipe.nii.gz"], "neither a file nor a link"
    )
    assert len(dataset.scans) == 1


def test_empty_folder(load: Callable[..., Dataset]) -> None:
    dataset = load({})
    assert (dataset.scans, dataset.subjects, dataset.bare) == ((), (), True)


CONTENTS = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"{}", b"[", POINTER.encode(), b'{"EchoTime": "1"}', b"\x1f\x8b"]),
)
PLACES = st.sampled_from(
    [
        "participants.tsv", "dataset_description.json", "T1w.json", "x.nii", "x.json",
        "sub-1/anat/sub-1_T1w.nii.gz", "sub-1/anat/sub-1_T1w.json", "sub-1/dwi/sub-1_dwi.bval",
        "sub-1/dwi/sub-1_dwi.nii.gz", "sourcedata/sub-1/anat/sub-1_T1w.nii.gz",
        "derivatives/a/sub-1/anat/sub-1_T1w_seg.nii.gz", "sub-2/ses-1/anat/sub-2_ses-1_T2w.json",
    ]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.dictionaries(PLACES, CONTENTS))
def test_any_content_and_any_order(
    content: dict[str, bytes],
    tmp_path_factory: pytest.TempPathFactory,
    files: Files,
    spec: Spec,
) -> None:
    folder = tmp_path_factory.mktemp("dataset")
    files(folder, {**content})
    tree = open_tree(folder)
    dataset = load_dataset(tree, spec)
    images = [path for path in content if path.endswith((".nii", ".nii.gz"))]
    assert sorted(scan.path for scan in dataset.scans) == sorted(images)
    turned = FolderTree(tree.name, None, folder, tree.entries[::-1])
    other = load_dataset(turned, spec)
    assert sorted(other.scans, key=lambda scan: scan.path) == list(dataset.scans)
    assert (other.sites, other.json) == (dataset.sites, dataset.json)


@pytest.mark.real
def test_the_real_dataset(bundle: Path, spec: Spec) -> None:
    dataset = load_dataset(open_tree(bundle), spec)
    stages = Counter(scan.stage for scan in dataset.scans)
    assert len(dataset.entries) == 24_469
    assert stages[Stage.RAW] == 1_868
    assert sum(stages.values()) == len(dataset.by_path) == 11_682
    assert len(dataset.subjects) == 267
    assert dataset.participants is not None
    assert len(dataset.participants.rows) == 267
    assert len(set(dataset.sites.values())) == 43
    assert dataset.unreadable == {}
    assert {scan.content.presence for scan in dataset.scans} == {Presence.ABSENT}
    assert all(scan.sidecar for scan in dataset.scans if scan.stage is Stage.RAW)
    assert {scan.contrast for scan in dataset.scans if scan.stage is Stage.RAW} >= {
        "T1w", "T2w", "T2star", "MTon", "MToff", "dwi",
    }  # fmt: skip


@pytest.mark.real
def test_the_real_dataset_as_a_commit_and_in_any_order(bundle: Path, spec: Spec) -> None:
    tree = open_tree(bundle)
    assert isinstance(tree, FolderTree)
    folder, commit = load_dataset(tree, spec), load_dataset(open_tree(bundle, "HEAD"), spec)
    assert commit.scans == folder.scans
    assert (commit.json, commit.entries) == (folder.json, folder.entries)
    shuffled = random.Random(1).sample(tree.entries, len(tree.entries))
    mixed = load_dataset(FolderTree(tree.name, tree.annex, tree.folder, shuffled), spec)
    assert sorted(mixed.scans, key=lambda scan: scan.path) == list(folder.scans)
    assert mixed.sites == folder.sites
