from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from spinegate.examples.dataset import Options, write_dataset
from spinegate.examples.texts import COLUMNS

GOLDEN = Path(__file__).parent / "golden"


def contents(folder: Path) -> dict[str, str]:
    """Return a digest of every file of a folder, by its relative path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write(folder: Path, options: Options) -> Path:
    folder.mkdir()
    write_dataset(folder, options)
    return folder


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    options = Options(sites=1, participants=1, noise=0.02, size="tiny", seed=7)
    first = contents(write(tmp_path / "a", options))
    assert first == contents(write(tmp_path / "b", options))
    other = contents(write(tmp_path / "c", Options(1, 1, seed=8, noise=0.02, size="tiny")))
    assert first.keys() == other.keys()
    assert [
        name for name in first if name.endswith("T2w.nii.gz") and first[name] == other[name]
    ] == []


def test_a_participant_does_not_depend_on_how_many_others_there_are(tmp_path: Path) -> None:
    few = contents(write(tmp_path / "a", Options(1, 1, ("ge",), size="tiny")))
    many = contents(write(tmp_path / "b", Options(2, 2, size="tiny")))
    mine = {name: digest for name, digest in few.items() if "sub-geA01" in name}
    assert len(mine) > 20
    assert mine.items() <= many.items()


def test_the_values_of_seed_0_have_not_moved(phantom: Path, truth: dict[str, Any]) -> None:
    """Regenerate golden/ on purpose only: other parts of the project rely on these values."""
    golden = json.loads((GOLDEN / "sub-siemensA01.json").read_text())
    stem = phantom / "sub-siemensA01" / "anat" / "sub-siemensA01_flip-1_mt-on_MTS"
    assert golden["sidecar"] == json.loads(stem.with_suffix(".json").read_text())
    found = json.dumps(truth["Participants"]["sub-siemensA01"], sort_keys=True)
    assert json.dumps(golden["truth"], sort_keys=True) == found
    image: Any = nib.load(stem.with_suffix(".nii.gz"))
    data = np.asarray(image.dataobj, dtype=float)
    assert np.isclose(data.mean(), golden["mean"], rtol=1e-6)
    assert list(data.shape) == golden["shape"]


def test_no_image_is_cut_off(phantom: Path) -> None:
    paths = list(phantom.glob("sub-*/*/*.nii.gz"))
    assert len(paths) == 21
    for path in paths:
        image: Any = nib.load(path)
        assert np.asarray(image.dataobj).max() < 32767, path.name


def test_no_two_files_of_images_are_the_same(phantom: Path) -> None:
    images = [path for path in contents(phantom).items() if path[0].endswith(".nii.gz")]
    assert len({digest for _, digest in images}) == len(images) == 51


def test_every_label_has_its_image_s_grid_and_a_sidecar(phantom: Path) -> None:
    labels = sorted((phantom / "derivatives" / "labels").rglob("*.nii.gz"))
    assert len(labels) == 3 * 10
    for path in labels:
        stem = path.name.split("_label-")[0]
        source: Any = nib.load(phantom / stem.split("_")[0] / path.parent.name / f"{stem}.nii.gz")
        label: Any = nib.load(path)
        assert label.shape == source.shape[:3]
        assert np.array_equal(label.affine, source.affine)
        sidecar = json.loads(path.with_name(path.name.replace(".nii.gz", ".json")).read_text())
        assert sidecar["SpatialReference"] == "orig"
        assert sidecar["GeneratedBy"]


def test_participants_tsv_is_full_and_agrees_with_the_sidecars(phantom: Path) -> None:
    header, *rows = (phantom / "participants.tsv").read_text().splitlines()
    described = json.loads((phantom / "participants.json").read_text())
    assert header.split("\t") == list(COLUMNS) == list(described)
    folders = sorted(path.name for path in phantom.glob("sub-*"))
    assert sorted(row.split("\t")[0] for row in rows) == folders
    for row in rows:
        cells = dict(zip(header.split("\t"), row.split("\t"), strict=True))
        assert all(cell and cell == cell.strip() for cell in cells.values())
        name = cells["participant_id"]
        meta = json.loads((phantom / name / "anat" / f"{name}_T1w.json").read_text())
        assert name.startswith(f"sub-{cells['institution_id']}")
        assert cells["manufacturer"] == meta["Manufacturer"]
        assert cells["manufacturers_model_name"] == meta["ManufacturersModelName"]
        assert cells["software_versions"] == meta["SoftwareVersions"]
        assert cells["institution"] == meta["InstitutionName"]
        assert cells["receive_coil_name"] in {meta.get("ReceiveCoilName"), meta["CoilString"]}


def test_multi_echo(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", Options(1, 1, ("ge",), size="tiny", multi_echo=True))
    anat = folder / "sub-geA01" / "anat"
    echoes = sorted(anat.glob("*T2star.json"))
    assert [path.name for path in echoes] == [f"sub-geA01_echo-{n}_T2star.json" for n in (1, 2, 3)]
    metas = [json.loads(path.read_text()) for path in echoes]
    assert [meta["EchoNumber"] for meta in metas] == [1, 2, 3]
    assert [meta["EchoTime"] for meta in metas] == [0.005, 0.0116, 0.0182]
    images: list[Any] = [nib.load(str(path).replace(".json", ".nii.gz")) for path in echoes]
    means = [np.asarray(image.dataobj).mean() for image in images]
    assert means == sorted(means, reverse=True)
    labels = folder / "derivatives" / "labels" / "sub-geA01" / "anat"
    assert (labels / "sub-geA01_echo-1_T2star_label-GM_seg.nii.gz").is_file()


@pytest.mark.parametrize("multi_echo", [False, True])
def test_the_official_validator_finds_no_fault(tmp_path: Path, multi_echo: bool) -> None:
    options = Options(1, 1, size="tiny", multi_echo=multi_echo)
    folder = write(tmp_path / "a", options)
    tool = Path(sysconfig.get_path("scripts")) / "bids-validator-deno"
    done = subprocess.run(
        [sys.executable, tool, folder, "--json"], capture_output=True, text=True, check=False
    )
    report = json.loads(done.stdout)
    assert len(report["summary"]["subjects"]) == 3
    issues = report["issues"]["issues"]
    # Recommended keys that dcm2niix does not write, or that would name a device, stay missing.
    serious = [i for i in issues if not i["code"].endswith("_KEY_RECOMMENDED")]
    assert serious == []
