"""Prints what each command of the story takes: ``python -m tests.bench.story``.

The story is that of tests/story: one site from DICOM, one BIDS folder with bad names and faces,
taken in, accepted and released. ``--full-size`` makes phantoms with the protocol's matrices and
heads with voxels of 1 mm, as scanners do.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from ..story import test_story
from ..story.places import places

VOXELS = {False: 3.0, True: 1.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full-size", action="store_true", help="as large as real images")
    full_size = parser.parse_args().full_size
    steps = [step for name, step in vars(test_story).items() if name.startswith("test_")]
    print(f"{'wall s':>8}{'CPU s':>8}{'MiB':>7}  what is typed")
    with (
        tempfile.TemporaryDirectory(prefix="spinegate-bench-") as folder,
        places(Path(folder), VOXELS[full_size], full_size=full_size) as story,
    ):
        for step in steps:
            print(step.__name__.removeprefix("test_").replace("_", " "))
            before = len(story.typed)
            step(story)
            for typed, run in story.typed[before:]:
                print(f"{run.wall:8.2f}{run.cpu:8.2f}{run.memory:7.0f}  {typed}")


if __name__ == "__main__":
    main()
