"""Prints how well faces are removed from simulated heads: ``python -m tests.bench.deface``.

The heads are the template itself, changed, so the figures are better than those of real images.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path
from statistics import median

import numpy as np

from spinegate.curation.deface.check import Verdict
from spinegate.curation.deface.removal import deface
from spinegate.curation.deface.search import Placement, locate, measured
from spinegate.curation.deface.volume import Matrix, Volume, read_volume

from ..curation.deface.heads import Head, draw, draw_hard, make

FACE_LEFT = 0.15
BRAIN_CUT = 0.01
FEWEST = 500  # voxels of face: fewer are no face
HARD = "made to be missed"
PLANTED = ("one way displaced", "both ways displaced alike")


@dataclass(frozen=True, slots=True)
class Row:
    """One defacing and the truth about it."""

    view: str
    planted: str
    face: int
    face_left: float
    brain_cut: float
    cord_cut: int
    agreement: float
    mi: float
    verdict: str
    seconds: float

    @property
    def faceless(self) -> bool:
        return self.face < FEWEST

    @property
    def bad(self) -> bool:
        return self.face_left > FACE_LEFT or self.brain_cut > BRAIN_CUT or self.cord_cut > 0

    @property
    def passed(self) -> bool:
        return self.verdict == Verdict.FACE_GONE


def measure(count: int, seed: int, folder: Path) -> Iterator[Row]:
    """Deface heads, and each of them twice more from a placement that was spoilt."""
    rng = np.random.default_rng(seed)
    for pose, view in draw(count, seed):
        head = make(pose, view)
        image = head.save(folder / "head.nii")
        volume = read_volume(image)
        found = locate(volume)
        yield _row(view.name, "", head, folder, volume, found)
        for name, both in zip(PLANTED, (False, True), strict=True):
            moved = _displaced(rng, volume, head)
            one = found.forward @ moved
            other = found.backward @ (moved if both else np.eye(4))
            spoilt = measured(volume, one, other)
            yield _row(view.name, name, head, folder, volume, spoilt)


def measure_hard(count: int, seed: int, folder: Path) -> Iterator[Row]:
    """Deface heads that were made to be missed."""
    for pose, view in draw_hard(count, seed):
        head = make(pose, view)
        volume = read_volume(head.save(folder / "head.nii"))
        yield _row(view.name, HARD, head, folder, volume, locate(volume))


def _displaced(rng: np.random.Generator, volume: Volume, head: Head) -> Matrix:
    """A turn about the middle of the image by up to 20 degrees, and a shift by 8 to 30 mm."""
    angle = np.deg2rad(rng.uniform(-20, 20))
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    middle = head.affine[:3, :3] @ (np.array(volume.grid) / 2) + head.affine[:3, 3]
    turn[:3, 3] = middle - turn[:3, :3] @ middle
    aim = rng.normal(0, 1, 3)
    turn[:3, 3] += aim / np.linalg.norm(aim) * rng.uniform(8, 30)
    return turn


def _row(
    view: str, planted: str, head: Head, folder: Path, volume: Volume, found: Placement
) -> Row:
    output = folder / "defaced.nii"
    result = deface(folder / "head.nii", output, placement=found)
    gone = (read_volume(output).stored == 0) & (volume.stored != 0)
    return Row(
        view,
        planted,
        int(head.face.sum()),
        1 - int((gone & head.face).sum()) / max(1, int(head.face.sum())),
        int((gone & head.brain).sum()) / max(1, int(head.brain.sum())),
        int((gone & head.cord).sum()),
        result.agreement,
        result.mi,
        str(result.verdict),
        result.seconds,
    )


def report(rows: Sequence[Row]) -> Iterator[str]:
    """Tables in Markdown."""
    own = [row for row in rows if row.planted in ("", HARD)]
    yield (
        "| field of view | heads | agreement, median (min) | MI, median (min) "
        "| face left, median / max | brain removed, median / max | cord cut | passed |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for view in dict.fromkeys(row.view for row in own):
        some = [row for row in own if row.view == view]
        face = [100 * row.face_left for row in some if not row.faceless]
        brain = [100 * row.brain_cut for row in some]
        left = f"{median(face):.1f} / {max(face):.1f} %" if face else "no face"
        cords = sum(row.cord_cut > 0 for row in some)
        agreement, mi = [row.agreement for row in some], [row.mi for row in some]
        yield (
            f"| {view} | {len(some)} | {median(agreement):.2f} ({min(agreement):.2f}) "
            f"| {median(mi):.2f} ({min(mi):.2f}) | {left} "
            f"| {median(brain):.2f} / {max(brain):.2f} % | {cords} "
            f"| {sum(row.passed for row in some)} |"
        )
    yield ""
    yield "| | bad | of them caught (sensitivity) | good | of them passed (specificity) |"
    yield "|---|---|---|---|---|"
    for name in ("", HARD, *PLANTED):
        some = [row for row in rows if row.planted == name and not row.faceless]
        bad, good = [r for r in some if r.bad], [r for r in some if not r.bad]
        caught, passed = sum(not r.passed for r in bad), sum(r.passed for r in good)
        yield (
            f"| {name or 'as found'} | {len(bad)} | {_share(caught, len(bad))} "
            f"| {len(good)} | {_share(passed, len(good))} |"
        )
    none = [row for row in own if row.faceless]
    yield ""
    yield f"No face in view: {len(none)} heads, {sum(row.passed for row in none)} passed."


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heads", type=int, default=22)
    parser.add_argument("--hard", type=int, default=12, help="heads made to be missed")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rows", type=Path, help="a TSV for the single defacings")
    parser.add_argument("--load", type=Path, help="print the tables of such a TSV again")
    options = parser.parse_args()
    if options.load:
        rows = _load(options.load)
    else:
        rows = []
        with tempfile.TemporaryDirectory(prefix="spinegate-bench-") as name:
            for row in chain(
                measure(options.heads, options.seed, Path(name)),
                measure_hard(options.hard, options.seed, Path(name)),
            ):
                rows.append(row)
                print(row, file=sys.stderr, flush=True)
                if options.rows:
                    _save(rows, options.rows)
    print("\n".join(report(rows)))


def _save(rows: Sequence[Row], path: Path) -> None:
    names = [field.name for field in fields(Row)]
    lines = ["\t".join(str(getattr(row, name)) for name in names) for row in rows]
    path.write_text("\n".join(["\t".join(names), *lines]) + "\n")


def _load(path: Path) -> list[Row]:
    kinds = {"str": str, "int": int, "float": float}
    with path.open() as file:
        return [
            Row(**{f.name: kinds[str(f.type)](line[f.name]) for f in fields(Row)})
            for line in csv.DictReader(file, delimiter="\t")
        ]


if __name__ == "__main__":
    main()
