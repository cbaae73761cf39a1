"""Small datasets of heads, and defaced copies of them that no registration was needed for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from spinegate.curation.deface.check import Verdict
from spinegate.curation.deface.images import find_images
from spinegate.curation.deface.plan import Task
from spinegate.curation.deface.removal import Result, deface
from spinegate.curation.deface.run import sources_of
from spinegate.curation.deface.search import Placement
from spinegate.curation.deface.work import folder_of, keep, made, work_place
from spinegate.curation.place import Place

T1W = "sub-a01/anat/sub-a01_T1w.nii.gz"
T2W = "sub-a01/anat/sub-a01_T2w.nii.gz"
MTS = "sub-a01/anat/sub-a01_flip-1_mt-on_MTS.nii.gz"
SIDECAR = '{\n  "EchoTime": 0.003,\n  "Flip": 1.50\n}\n'


def sidecar_of(path: str) -> str:
    return path.removesuffix(".nii.gz") + ".json"


def write_dataset(folder: Path, images: Mapping[str, Path]) -> Path:
    """Write a dataset of images: path to a file that is copied."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"Name": "heads", "BIDSVersion": "1.9.0"})
    (folder / "dataset_description.json").write_text(text)
    people = sorted({path.split("/")[0] for path in images if path.startswith("sub-")})
    (folder / "participants.tsv").write_text("\n".join(["participant_id", *people]) + "\n")
    for path, source in images.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        (folder / sidecar_of(path)).write_text(SIDECAR)
    return folder


def deface_quickly(place: Place, path: str, verdict: Verdict | None = None) -> Result:
    """Deface an image whose head lies as the template's; no pictures are made."""
    found = find_images(place)
    image = next(image for image in found.images if image.path == path)
    assert image.file is not None
    file = image.file
    work_place(place)

    def make(output: Path) -> Result:
        away = Placement(np.eye(4), np.eye(4), 1.0, 1.0)
        if verdict is Verdict.NOTHING:
            far = np.eye(4)
            far[2, 3] = 1e4
            away = replace(away, forward=far, backward=far)
        result = deface(file, output, placement=away)
        return replace(result, verdict=verdict or result.verdict)

    keep(folder_of(place, path), sources_of(Task(image), found), (), make)
    one = made(place, path)
    assert one is not None
    return one.result


def write_decisions(file: Path, rows: Mapping[str, tuple[str, str, str]]) -> Path:
    """Write what the page saves: path to decision, by, note."""
    lines = ["path\tdecision\tby\tdate\tnote"]
    lines += [
        f"{path}\t{what}\t{by}\t2026-11-20\t{note}" for path, (what, by, note) in rows.items()
    ]
    file.write_text("\n".join(lines) + "\n")
    return file
