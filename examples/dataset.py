"""Writes the phantom as a BIDS dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import texts
from .exam import Series, plan_exam
from .grids import Grid, Size
from .images import image_directions, make_scheme, nifti_bytes, render
from .labels import LABELS, SIDECAR, make_label
from .participants import Participant, draw_participants
from .protocol import CONTRASTS
from .sidecars import bids_stem, make_sidecar, sidecar_text
from .tissues import Composition, compose
from .truth import make_truth


@dataclass(frozen=True, slots=True)
class Options:
    """What `spinegate example` was asked for."""

    sites: int = 2
    participants: int = 2
    vendors: Sequence[str] = ("siemens", "ge", "philips")
    seed: int = 0
    noise: float = 0.0
    size: Size = "small"
    multi_echo: bool = False


def write_dataset(folder: Path, options: Options) -> list[Participant]:
    """Write the whole dataset into an existing, empty folder.

    Returns
    -------
    list of Participant
        Who was written, in the order of participants.tsv.
    """
    people = draw_participants(options.sites, options.participants, options.vendors, options.seed)
    write_people(folder, people, options)
    return people


def write_people(folder: Path, people: Sequence[Participant], options: Options) -> None:
    """Write the dataset of these participants into an existing, empty folder."""
    labels = folder / "derivatives" / "labels"
    labels.mkdir(parents=True)
    files = {
        "dataset_description.json": texts.json_text(texts.description()),
        "participants.tsv": texts.participants_tsv(people),
        "participants.json": texts.json_text(texts.COLUMNS),
        "README.md": texts.README,
        "CHANGES": texts.CHANGES,
        "LICENSE": texts.LICENSE,
        "exclude.yml": texts.exclude_yml(people),
        ".bidsignore": texts.BIDSIGNORE,
        "truth.json": texts.json_text(make_truth(people, options.seed, options.noise)),
        "derivatives/labels/dataset_description.json": texts.json_text(texts.description(True)),
        "derivatives/labels/README.md": f"# {texts.NAME}: labels\n\n{texts.LABELS_README}",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    for one in people:
        write_participant(folder, one, options)


def write_participant(folder: Path, participant: Participant, options: Options) -> None:
    """Write one participant's images, sidecars and labels."""
    exam = plan_exam(participant, options.seed, options.size)
    last: tuple[Grid, Composition] | None = None
    for contrast, series in exam.items():
        grid = series.grid
        if last is None or last[0].shape != grid.shape or (last[0].affine != grid.affine).any():
            last = grid, compose(participant.anatomy, grid)
        parts = last[1]
        echoes: list[int | None] = [None]
        if contrast == "T2star" and options.multi_echo:
            echoes = list(range(1, len(participant.vendor.echoes) + 1))
        for echo in echoes:
            _write_image(folder, series, parts, options, echo)
        _write_labels(folder, series, parts, echoes[0])


def _write_image(
    folder: Path, series: Series, parts: Composition, options: Options, echo: int | None
) -> None:
    participant, contrast = series.participant, series.contrast
    target = folder / participant.name / CONTRASTS[contrast].datatype
    target.mkdir(parents=True, exist_ok=True)
    stem = bids_stem(participant.name, contrast, echo)
    te = None if echo is None else participant.vendor.echoes[echo - 1]
    image = render(participant, contrast, parts, options.noise, options.seed, te)
    (target / f"{stem}.nii.gz").write_bytes(nifti_bytes(image, series.grid, series.timing.tr))
    text = sidecar_text(make_sidecar(series, echo))
    (target / f"{stem}.json").write_text(text, encoding="utf-8")
    if contrast == "dwi":
        scheme = make_scheme(participant.vendor.scheme)
        bval = " ".join(f"{b:.0f}" for b in scheme.b) + "\n"
        rows = np.round(image_directions(scheme, series.grid), 6) + 0.0
        bvec = "".join(" ".join(f"{x:g}" for x in row) + "\n" for row in rows)
        (target / f"{stem}.bval").write_text(bval)
        (target / f"{stem}.bvec").write_text(bvec)


def _write_labels(folder: Path, series: Series, parts: Composition, echo: int | None) -> None:
    participant, contrast = series.participant, series.contrast
    datatype = CONTRASTS[contrast].datatype
    target = folder / "derivatives" / "labels" / participant.name / datatype
    target.mkdir(parents=True, exist_ok=True)
    stem = bids_stem(participant.name, contrast, echo)
    for label in LABELS[contrast]:
        image = make_label(label, participant.anatomy, series.grid, parts)
        name = f"{stem}_label-{label}"
        (target / f"{name}.nii.gz").write_bytes(nifti_bytes(image, series.grid, note=name))
        (target / f"{name}.json").write_text(texts.json_text(SIDECAR), encoding="utf-8")
