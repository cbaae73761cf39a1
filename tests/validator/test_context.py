"""What expressions may read: nothing is made before it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.validator import context
from spinegate.validator.context import Contexts, Headers
from spinegate.validator.dataset import Dataset, Scan, load_dataset
from spinegate.validator.nifti import HeaderError, parse_header
from spinegate.validator.tree import open_tree

Files = Callable[[Path, dict[str, str | bytes]], None]
MTON = "sub-1/anat/sub-1_flip-1_mt-on_MTS.nii.gz"
MTOFF = "sub-1/anat/sub-1_flip-1_mt-off_MTS.nii.gz"
DWI = "sub-1/dwi/sub-1_dwi.nii.gz"


@pytest.fixture
def dataset(tmp_path: Path, files: Files, nifti: bytes) -> Dataset:
    files(
        tmp_path,
        {
            "dataset_description.json": '{"Name": "x"}',
            "participants.tsv": "participant_id\tsex\nsub-1\tF\n",
            MTON: nifti,
            MTON.replace("nii.gz", "json"): '{"FlipAngle": 9, "ShimSetting": [1, 2]}',
            MTOFF: nifti,
            MTOFF.replace("nii.gz", "json"): '{"FlipAngle": 9}',
            DWI: "no image",
            DWI.replace("nii.gz", "bval"): "0 800",
            "7_t1.nii": "/annex/objects/MD5E-s3--" + "a" * 32 + "\n",
        },
    )
    return load_dataset(open_tree(tmp_path), load_spec("spine-generic"))


def test_headers_are_read_once(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bytes] = []

    def count(content: bytes, complete: bool) -> Any:
        calls.append(content)
        return parse_header(content, complete)

    monkeypatch.setattr(context, "parse_header", count)
    headers = Headers(dataset)
    for _ in range(2):
        found = headers.of(dataset.by_path[MTON])
        assert found is not None
        assert found["shape"] == [1, 1, 1]
        assert isinstance(headers.read(dataset.by_path[DWI]), HeaderError)
        assert headers.of(dataset.by_path[DWI]) is None
        assert headers.read(dataset.by_path["7_t1.nii"]) is None
    assert len(calls) == 2


def test_headers_can_be_switched_off(dataset: Dataset) -> None:
    headers = Headers(dataset, enabled=False)
    assert headers.read(dataset.by_path[DWI]) is None


class Elsewhere:
    """A source that has what it was given."""

    def __init__(self, content: bytes | None, reason: str = "") -> None:
        self._content, self._reason = content, reason

    def __call__(self, scan: Scan) -> bytes | None:
        return self._content

    def reason(self, scan: Scan) -> str:
        return self._reason


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (None, "the image's content is not here"),
        (Elsewhere(None), "the image's content is not here"),
        (Elsewhere(None, "bucket: status 403"), "bucket: status 403"),
        (Elsewhere(b"\0" * 400), "what the remote sent is no image"),
    ],
)
def test_why_there_is_no_header(dataset: Dataset, source: Elsewhere | None, reason: str) -> None:
    headers = Headers(dataset, source=source)
    scan = dataset.by_path["7_t1.nii"]
    assert headers.of(scan) is None
    assert headers.reason(scan) == reason
    contexts = Contexts(dataset, headers)
    assert contexts.scan(scan, None).why_no_header() == reason
    assert contexts.series("mt", [(scan, None)]).why_no_header() == reason


def test_why_there_is_no_header_when_none_is_read(dataset: Dataset) -> None:
    headers = Headers(dataset, enabled=False, source=Elsewhere(None, "status 403"))
    assert headers.reason(dataset.by_path["7_t1.nii"]) == "headers are not read in this run"


def test_header_behind_many_compressed_bytes(tmp_path: Path, files: Files, nifti: bytes) -> None:
    comment = nifti[:3] + b"\x10" + nifti[4:10] + b"c" * 5000 + b"\0" + nifti[10:]
    files(tmp_path, {"x.nii.gz": comment})
    dataset = load_dataset(open_tree(tmp_path), load_spec("spine-generic"))
    found = Headers(dataset).of(dataset.by_path["x.nii.gz"])
    assert found is not None


def test_context_of_a_scan(dataset: Dataset) -> None:
    contexts = Contexts(dataset, Headers(dataset))
    made = contexts.scan(dataset.by_path[MTON], None)
    assert (made["suffix"], made["datatype"], made["extension"]) == ("MTS", "anat", ".nii.gz")
    assert made["entities"] == {"sub": "1", "flip": "1", "mt": "on"}
    assert (made["contrast"], made["stage"], made["presence"]) == ("MTon", "raw", "present")
    assert made["participant"] == {"participant_id": "sub-1", "sex": "F"}
    assert made["nifti_header"]["voxel_sizes"] == [1, 1, 1]
    assert (made["subject"], made["session"]) == ("1", None)
    assert made["dataset"]["dataset_description"] == {"Name": "x"}
    assert made["spec"] == {}
    dwi = contexts.scan(dataset.by_path[DWI], None)
    assert dwi["associations"]["bval"]["values"] == [0, 800]
    assert "bvec" not in dwi["associations"]
    foreign = contexts.scan(dataset.by_path["7_t1.nii"], None)
    assert (foreign["suffix"], foreign["entities"]) == (None, {})
    assert (foreign["extension"], foreign["presence"]) == (".nii", "absent")


def test_context_of_a_series(dataset: Dataset) -> None:
    contexts = Contexts(dataset, Headers(dataset))
    members = [(dataset.by_path[path], None) for path in (MTON, MTOFF)]
    made = contexts.series("mt", members)
    series = made["series"]
    assert series["contrasts"] == ["MTon", "MToff"]
    assert series["sidecar"].get("FlipAngle") == [9, 9]
    assert series["sidecar"].get("ShimSetting") is None  # MToff lacks it
    assert [header["dim"][0] for header in series.get("headers")] == [3, 3]
    absent = contexts.series("mt", [*members, (dataset.by_path["7_t1.nii"], None)])
    assert absent["series"].get("headers") is None
