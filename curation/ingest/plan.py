"""Which image becomes which file, and why: a value that a person may read and change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...protocol_specs.contrast import Contrast
from ...protocol_specs.spec import Spec
from ...validator.entities import format_path
from .choice import Unit, rank
from .recognition import Recognised

DOUBTFUL = 0.4
"""Below this confidence an image is left out until a person says yes."""

_PARTS = {"phase": "phase", "real": "real", "imaginary": "imag"}


@dataclass(frozen=True, slots=True)
class Target:
    """Whose images these are, and the folder that holds the subject's ("" for the root)."""

    subject: str
    session: str = ""
    folder: str = ""

    @property
    def labels(self) -> dict[str, str]:
        """As entities of a name."""
        return {"sub": self.subject} | ({"ses": self.session} if self.session else {})

    @property
    def place(self) -> str:
        """The folder of the subject, or of the session."""
        places = [f"{key}-{label}" for key, label in self.labels.items()]
        return "/".join(part for part in (self.folder, *places) if part)


@dataclass(frozen=True, slots=True)
class Row:
    """One image of the source and what becomes of it.

    Attributes
    ----------
    path
        The image's name in the dataset; "" where the protocol has no place for it.
    """

    image: Recognised
    apply: bool
    path: str
    contrast: str
    reasons: tuple[str, ...]
    line: int = 0

    @property
    def name(self) -> tuple[str, str]:
        """The series' key and the part of it."""
        return self.image.output.name


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """All images of a source, in the order in which they were measured."""

    target: Target
    rows: tuple[Row, ...]

    @property
    def chosen(self) -> tuple[Row, ...]:
        """What enters the dataset."""
        return tuple(row for row in self.rows if row.apply)

    @property
    def left(self) -> tuple[Row, ...]:
        """What is left out."""
        return tuple(row for row in self.rows if not row.apply)


def make_plan(
    images: Sequence[Recognised], spec: Spec, target: Target, every_run: bool = False
) -> IngestPlan:
    """Give every image of the protocol its name; of several choose one.

    Parameters
    ----------
    every_run
        Whether a contrast that was measured several times is kept each time, as ``run-01``...
    """
    groups: dict[tuple[str, str], dict[str, list[Recognised]]] = defaultdict(dict)
    for image in images:
        if image.contrast in spec.contrasts:
            units = groups[image.contrast, image.kind]
            key = image.output.series.key
            units.setdefault(key, []).append(image)
    rows = {image.output.name: _left(image, spec) for image in images}
    for (name, kind), units in groups.items():
        contrast = spec.contrasts[name]
        ranked = rank([tuple(unit) for unit in units.values()], contrast, spec, every_run)
        for unit in ranked:
            for row in _rows(unit, contrast, kind, target):
                rows[row.name] = row
    return IngestPlan(target, tuple(rows[image.output.name] for image in images))


def find_missing(plan: IngestPlan, spec: Spec, present: frozenset[str]) -> tuple[str, ...]:
    """Return the contrasts that the protocol wants and that neither plan nor dataset has."""
    have = present | {row.contrast for row in plan.chosen}
    return tuple(n for n, one in spec.contrasts.items() if one.required and n not in have)


def _left(image: Recognised, spec: Spec) -> Row:
    """Return the row of an image for which the protocol has no place, or which is undecided."""
    reasons = image.reasons
    if image.candidates:
        reasons = (f"it may be {' or '.join(image.candidates)}", *reasons)
    elif image.contrast and image.contrast not in spec.contrasts:
        reasons = (f"{image.contrast} is not part of the protocol", *reasons)
    return Row(image, False, "", "", reasons)


def _rows(unit: Unit, contrast: Contrast, kind: str, target: Target) -> Iterator[Row]:
    """Name the images of one series: one, or one per echo."""
    echoes = [_echo(image) for image in unit.images]
    several = len(set(echoes)) > 1
    taken: set[int] = set()
    order = sorted(zip(echoes, unit.images, strict=True), key=lambda x: (x[0], -_voxels(x[1])))
    for echo, image in order:
        entities, suffix = _words(contrast, several)
        entities |= unit.entities
        if several:
            entities["echo"] = str(echo)
        if kind:
            entities["part"] = _PARTS[kind]
        path = format_path(
            target.labels | entities,
            suffix,
            ".nii.gz",
            datatype=contrast.datatype,
            folder=target.folder,
        )
        apply, reasons = unit.chosen, (*unit.reasons, *image.reasons)
        if kind:
            apply, reasons = False, (f"the {kind} image; the protocol wants the magnitude",)
        elif image.confidence < DOUBTFUL:
            apply, reasons = False, ("too little speaks for it", *reasons)
        if echo in taken:
            apply, path = False, ""
            reasons = ("dcm2niix made more than one image of the series; another is larger",)
        taken.add(echo)
        yield Row(image, apply, path, contrast.name, reasons)


def _words(contrast: Contrast, several: bool) -> tuple[dict[str, str], str]:
    """Return the entities and the suffix that the protocol gives a contrast."""
    *pairs, suffix = contrast.bids.split("_")
    entities = dict(pair.split("-", 1) for pair in pairs)
    if several and any(form.suffix == "MEGRE" for form in contrast.forms):
        suffix = "MEGRE"
    return entities, suffix


def _echo(image: Recognised) -> int:
    number = image.output.sidecar.get("EchoNumber")
    return number if type(number) is int and 0 < number < 100 else 1


def _voxels(image: Recognised) -> int:
    count = 1
    for length in image.shape:
        count *= length
    return count


def change(row: Row, apply: bool, path: str, contrast: str, line: int) -> Row:
    """Return the row as a person wants it."""
    return replace(row, apply=apply, path=path, contrast=contrast, line=line)
