from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from spinegate.curation.deface.template import read_template

WITHOUT = """
import sys
sys.modules[{module!r}] = None
from spinegate.curation.deface.extra import need
from spinegate.curation.deface.template import read_template
from spinegate.system.errors import SpinegateError
try:
    need("ants")
    read_template()
except (SpinegateError, ValueError) as error:
    print(error)
"""


def test_face_and_brain_are_apart() -> None:
    known = read_template()
    brain = np.argwhere(known.brain) @ known.brain_affine[:3, :3].T + known.brain_affine[:3, 3]
    back = np.linalg.inv(known.face_affine)
    at = np.round(brain @ back[:3, :3].T + back[:3, 3]).astype(int)
    assert not known.removed[tuple(at.T)].any()
    assert 1000 < known.brain.sum() * 8 / 1000 < 1500  # ml
    assert (known.removed >= known.face).all()


def test_the_cord_is_behind_the_face() -> None:
    known = read_template()
    assert known.cord[:, 1].max() < 0 < known.cord[:, 2].max() - known.cord[:, 2].min()


@pytest.mark.parametrize("module", ["ants"])
def test_what_is_missing_is_named(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(module=module)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert module in done.stdout
    assert "spinegate[curate]" in done.stdout


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    code = (
        "import sys, spinegate.curation.deface.removal;"
        "print({'ants', 'pydeface', 'scipy', 'nibabel'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
